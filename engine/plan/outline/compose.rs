//! Composing the outline of a plan from what is known beforehand.

use std::collections::BTreeSet;

use crate::document::millis;
use crate::runbook::action::Action as Doing;
use crate::runbook::estimate::Estimate;
use crate::runbook::expression::Scope;
use crate::runbook::gate::Gate as Asking;
use crate::runbook::input::Input as Declared;
use crate::runbook::probe::Check as Checked;
use crate::runbook::rendered::Quoting;
use crate::runbook::script::Setting;
use crate::runbook::step::{OnFailure, Repeat};
use crate::runbook::template::Template;
use crate::runbook::undo::Undo as Written;
use crate::runbook::value::Value;

use super::super::critical;
use super::super::outlook::{Facts, Fate, Known, Origin, Prospect, outlook};
use super::super::{Around, Form, Index, Inside, Plan, ROOT, Role, WHOLE};
use super::action::{look, said};
use super::{
    Action, Check, Condition, Each, Gate, Input, Item, Kind, Label, Outline, Part, Range,
    Requirements, Switch, Undo, VERSION, Variable,
};

/// The outline of a plan with what is known now. It does nothing but read the plan.
pub fn outline(plan: &Plan, facts: &Facts<'_>) -> Outline {
    let runbook = &plan.runbook;
    let prospects = outlook(plan, facts);
    let critical_path = critical::path(plan, &prospects);
    let scope = (facts.scope_at)(WHOLE);
    let checks = |checks: &[Checked]| checks.iter().map(|it| check(it, &*scope)).collect();
    let inputs = runbook.inputs.iter().map(|it| input(it, &*scope, facts)).collect();
    let asked = plan.early_inputs.iter().map(|place| (*place, ROOT)).collect();
    let settled = prospects.into_iter().map(Some).collect();
    let mut composer = Composer { plan, facts, prospects: settled, asked, steps: Vec::new() };
    composer.list(ROOT, Part::Steps);
    if let Some(finally) = plan.finally {
        composer.list(finally, Part::Finally);
    }
    let names = |names: &[crate::source::Spanned<String>]| {
        names.iter().map(|name| name.value.clone()).collect()
    };
    Outline {
        version: VERSION,
        runbook: runbook.id.value.clone(),
        title: runbook.title.clone(),
        summary: runbook.knowledge.summary.clone(),
        assumptions: assumptions(plan),
        inputs,
        requires: Requirements {
            tools: runbook.requires.tools.iter().map(|tool| tool.value.to_string()).collect(),
            env: names(&runbook.requires.env),
            reachable: names(&runbook.requires.reachable),
        },
        confirm: checks(&runbook.confirm),
        preconditions: checks(&runbook.preconditions),
        invariants: checks(&runbook.invariants),
        steps: composer.steps,
        exit_criteria: checks(&runbook.exit_criteria),
        critical_path,
    }
}

/// What the plan takes for granted.
fn assumptions(plan: &Plan) -> Vec<String> {
    let forms = || plan.nodes.iter().flat_map(|node| &node.forms);
    let has_checks =
        |form: &Form| !(form.facets.require.is_empty() && form.facets.verify.is_empty());
    let runbook = &plan.runbook;
    let whole = runbook.confirm.iter().chain(&runbook.preconditions).chain(&runbook.invariants);
    let mut whole = whole.chain(&runbook.exit_criteria);
    let mut found = Vec::new();
    if whole.next().is_some() || forms().any(has_checks) {
        found.push("every check holds".to_owned());
    }
    found.push("every action succeeds at its first attempt".to_owned());
    if forms().any(|form| form.facets.gate.is_some()) {
        found.push("every gate is opened".to_owned());
    }
    if forms().any(|form| form.facets.done_when.is_some()) {
        found.push("nothing is done already".to_owned());
    }
    found
}

fn input(input: &Declared, scope: &dyn Scope, facts: &Facts<'_>) -> Input {
    let name = input.name.value.clone();
    let value = scope.value(&format!("inputs.{name}"));
    let label = match () {
        () if (facts.is_given)(&name) => Label::Given,
        () if value.is_some() || input.is_optional => Label::Assumed,
        () => Label::NeedsPerson,
    };
    Input {
        name,
        label,
        value: value.filter(|_| !input.is_secret).map(|value| value.shown()),
        secret: input.is_secret,
        late: input.is_late,
        optional: input.is_optional,
    }
}

fn check(check: &Checked, scope: &dyn Scope) -> Check {
    Check {
        id: check.id.as_ref().map(|id| id.value.clone()),
        title: check.title.clone(),
        label: Label::Observed,
        look: look(&check.probe, scope),
    }
}

struct Composer<'p, 'f> {
    plan: &'p Plan,
    facts: &'p Facts<'f>,
    prospects: Vec<Option<Prospect>>,
    /// The late inputs that have been asked for, each with a group in which that is so.
    asked: BTreeSet<(usize, Index)>,
    steps: Vec<Item>,
}

impl<'f> Composer<'_, 'f> {
    /// Adds all that is inside a whole: each group before what is inside it, then its undos.
    fn list(&mut self, whole: Index, part: Part) {
        let mut open: Vec<(Index, usize)> = self.inside(whole, 0);
        open.reverse();
        while let Some((index, depth)) = open.pop() {
            let item = self.item(index, depth, part);
            self.steps.push(item);
            open.extend(self.inside(index, depth + 1).into_iter().rev());
        }
    }

    /// What is inside a node, and what takes the node back.
    fn inside(&self, index: Index, depth: usize) -> Vec<(Index, usize)> {
        let node = &self.plan.nodes[index];
        let mut undos: Vec<Index> = node.forms.iter().filter_map(|form| form.undo).collect();
        undos.dedup();
        // Of a fan-out its items, or its pattern when they are not known.
        let open = self.plan.items(index).filter(|items| items.copies.is_empty());
        let pattern = open.map(|items| items.pattern.start);
        let inside = pattern.into_iter().chain(node.within()).chain(undos);
        inside.map(|child| (child, depth)).collect()
    }

    fn known(&self, index: Index) -> Known<'_, 'f> {
        let (plan, facts) = (self.plan, self.facts);
        Known { plan, facts, at: index, space: plan.nodes[index].space, prospects: &self.prospects }
    }

    fn prospect(&self, index: Index) -> Prospect {
        self.prospects[index].clone().unwrap_or_default()
    }

    fn item(&mut self, index: Index, depth: usize, part: Part) -> Item {
        let (plan, node) = (self.plan, &self.plan.nodes[index]);
        let prospect = self.prospect(index);
        let asks = self.asks(index, &prospect);
        let scope = self.known(index);
        let forms: Vec<&Form> =
            prospect.forms.iter().filter_map(|it| node.forms.get(*it)).collect();
        let around = match node.role {
            Role::Undo { of, .. } => Some(of),
            _ => node.parent,
        };
        let around = around.filter(|around| plan.nodes[*around].role != Role::Whole);
        let text = |template: &Template| template.partly(&scope, Quoting::Text);
        Item {
            path: node.path.clone(),
            id: node.id.clone(),
            kind: kind(node.role),
            part,
            parent: around.map(|around| plan.nodes[around].path.clone()),
            is_closing: node.is_closing,
            depth,
            label: label(node, &forms, &asks, &scope),
            happens: happens(prospect.fate),
            because: prospect.because.iter().map(|it| it.text.clone()).collect(),
            told: {
                let told = prospect.because.iter().filter(|reason| reason.origin == Origin::Told);
                told.map(|reason| reason.text.clone()).collect()
            },
            assumes: prospect.assumes.clone(),
            failure: prospect.failure.clone(),
            title: node.title.as_ref().map(text),
            why: node.why.clone(),
            needs: node.needs.iter().map(|need| plan.nodes[*need].path.clone()).collect(),
            has_own_needs: has_own_needs(plan, index),
            condition: condition(node, &prospect),
            switch: switch(node, &prospect),
            each: each(plan, index, &scope),
            asks,
            estimate: node.estimate.as_ref().map(range),
            actions: forms.iter().map(|form| self.action(index, form, &scope)).collect(),
        }
    }

    /// The late inputs that may be asked for when a node is ready.
    fn asks(&mut self, index: Index, prospect: &Prospect) -> Vec<String> {
        if prospect.fate == Fate::Skipped {
            return Vec::new();
        }
        let node = &self.plan.nodes[index];
        let scope = (self.facts.scope_at)(WHOLE);
        let forms = prospect.forms.iter().filter_map(|form| node.forms.get(*form));
        let used: BTreeSet<usize> = forms.flat_map(|form| &form.inputs).copied().collect();
        let mut found = Vec::new();
        for place in used {
            let Some(input) = self.plan.runbook.inputs.get(place) else { continue };
            let is_known = scope.value(&format!("inputs.{}", input.name)).is_some()
                || (self.facts.is_given)(&input.name);
            let is_wanted = input.is_late && input.default.is_none() && !input.is_optional;
            if is_wanted && !is_known && !self.is_asked(place, index) {
                found.push(input.name.value.clone());
                self.remember(place, index);
            }
        }
        found
    }

    /// Whether an input has been asked for by the time that a node is ready.
    fn is_asked(&self, place: usize, index: Index) -> bool {
        let mut around = std::iter::successors(Some(index), |at| self.plan.nodes[*at].parent);
        around.any(|at| self.asked.contains(&(place, at))) || self.asked.contains(&(place, ROOT))
    }

    /// Remembers that an input is asked for by a node, in the groups that do not end without that.
    fn remember(&mut self, place: usize, index: Index) {
        let mut at = index;
        while let Some(parent) = self.plan.nodes[at].parent {
            let is_chosen = self.prospect(parent).forms.len() == 1;
            if self.prospect(at).has_own_doubt() || self.prospect(at).forms.len() != 1 || !is_chosen
            {
                break;
            }
            self.asked.insert((place, parent));
            at = parent;
        }
    }

    fn action(&self, index: Index, form: &Form, scope: &Known<'_, '_>) -> Action {
        let (node, facets) = (&self.plan.nodes[index], &form.facets);
        let setting = match facets.action.probe() {
            Some(probe) => probe.setting.over(&facets.setting),
            None => facets.setting.clone(),
        };
        let said = said(&facets.action, &facets.setting, scope);
        let is_leaf = matches!(form.inside, Inside::Leaf);
        let is_each = matches!(form.inside, Inside::Each(_));
        let around =
            |it: Around<'_>| check(it.check, &scope.there(it.space.unwrap_or(scope.space)));
        let private = |template: &Template| template.partly(scope, Quoting::Private);
        let placed = Some(&setting).filter(|_| said.is_placed);
        Action {
            case: form.case.clone(),
            condition: facets.case_when.as_ref().map(|when| Condition {
                expression: when.code().trim().to_owned(),
                value: when.holds(scope).ok(),
                depends_on: scope.open_names(when),
            }),
            action: if is_each { "each" } else { said.word },
            known: is_known(facets.action.clone(), placed, scope),
            target: placed.map(|setting| setting.place(scope).shown()),
            cwd: placed.and_then(|it| it.cwd.as_ref()).map(private),
            env: {
                let env = placed.into_iter().flat_map(|setting| &setting.env);
                env.map(|(name, value)| Variable { name: name.clone(), value: private(value) })
                    .collect()
            },
            stdin: placed.and_then(|it| it.stdin.as_ref()).map(private),
            effect: said.command.as_ref().filter(|_| is_leaf).map(|_| effect(facets.repeat())),
            command: said.command,
            destructive: facets.is_destructive,
            retry: facets.retry.as_ref().filter(|retry| retry.times > 0).map(ToString::to_string),
            timeout_ms: facets.timeout().filter(|_| said.is_placed).map(millis),
            on_failure: on_failure(self.plan, index, form),
            gate: facets.gate.as_ref().map(|gate| {
                let digest = (self.facts.digest)(&node.path);
                gate_of(gate, node, scope, digest)
            }),
            require: form.required().map(around).collect(),
            done_when: facets.done_when.as_ref().map(|probe| look(probe, scope)),
            verify: form.verified().map(around).collect(),
            outputs: form.output_names().map(str::to_owned).collect(),
            undo: undo(self.plan, form),
        }
    }
}

fn kind(role: Role) -> Kind {
    match role {
        Role::Step | Role::Whole => Kind::Step,
        Role::Rung => Kind::Rung,
        Role::Item => Kind::Item,
        Role::Closing => Kind::Closing,
        Role::Undo { is_paired: true, .. } => Kind::PairedUndo,
        Role::Undo { is_paired: false, .. } => Kind::Undo,
    }
}

fn happens(fate: Fate) -> Option<bool> {
    match fate {
        Fate::Happens => Some(true),
        Fate::Unknown => None,
        Fate::Skipped => Some(false),
    }
}

fn label(
    node: &super::super::Node,
    forms: &[&Form],
    asks: &[String],
    scope: &Known<'_, '_>,
) -> Label {
    let (role, is_optional) = (node.role, node.is_optional);
    let has_gate = forms.iter().any(|form| form.facets.gate.is_some());
    let is_offered = matches!(role, Role::Undo { is_paired: false, .. });
    if has_gate || is_optional || is_offered || !asks.is_empty() {
        return Label::NeedsPerson;
    }
    let mut labels =
        forms.iter().map(|form| said(&form.facets.action, &form.facets.setting, scope).label);
    let first = labels.next().unwrap_or(Label::WouldRun);
    // Cases that differ: the one that asks the most of everybody.
    labels.fold(first, |most, label| match (most, label) {
        (Label::NeedsPerson, _) | (_, Label::NeedsPerson) => Label::NeedsPerson,
        (Label::Observed, Label::Observed) => Label::Observed,
        _ => Label::WouldRun,
    })
}

fn condition(node: &super::super::Node, prospect: &Prospect) -> Option<Condition> {
    let when = node.forms.first()?.facets.when.as_ref()?;
    let settled = prospect.when.as_ref()?;
    Some(Condition {
        expression: when.code().trim().to_owned(),
        value: settled.value,
        depends_on: settled.waits_for.clone(),
    })
}

/// How a node is repeated, if it is.
fn each(plan: &Plan, index: Index, scope: &Known<'_, '_>) -> Option<Each> {
    let each = &plan.items(index)?.each;
    let items = match each.list.evaluate(scope) {
        Ok(Value::List(items)) => Some(items.iter().map(Value::shown).collect()),
        _ => None,
    };
    Some(Each {
        expression: each.list.code().trim().to_owned(),
        name: each.name.clone(),
        items,
        depends_on: scope.open_names(&each.list),
        parallel: each.parallel,
    })
}

fn switch(node: &super::super::Node, prospect: &Prospect) -> Option<Switch> {
    let (on, settled) = (node.switch.as_ref()?, prospect.case.as_ref()?);
    Some(Switch {
        expression: on.code().trim().to_owned(),
        value: settled.value.clone(),
        depends_on: settled.waits_for.clone(),
    })
}

/// Whether a reader would not expect what a node needs: that is the step above it alone.
fn has_own_needs(plan: &Plan, index: Index) -> bool {
    match plan.nodes[index].needs.as_slice() {
        [] => false,
        [need] => plan.nodes[*need].dependents.len() > 1 || *need > index,
        _ => true,
    }
}

/// Whether every expression of an action and of where it runs has a value.
fn is_known(action: Doing, setting: Option<&Setting>, scope: &Known<'_, '_>) -> bool {
    let facets = crate::runbook::step::Facets::of(action);
    let templates = setting.into_iter().flat_map(Setting::templates);
    let placed = templates.flat_map(Template::expressions);
    let mut expressions = facets.expressions().into_iter().chain(placed);
    expressions.all(|expression| scope.open_names(expression).is_empty())
}

fn gate_of(
    gate: &Asking,
    node: &super::super::Node,
    scope: &Known<'_, '_>,
    digest: Option<String>,
) -> Gate {
    let text = |template: &Template| template.partly(scope, Quoting::Text);
    let ask = match (&gate.ask, &node.title) {
        (Some(ask), _) => text(ask),
        (None, Some(title)) => format!("{}?", text(title)),
        (None, None) => format!("Go on with {}?", node.id),
    };
    Gate {
        ask,
        word: gate.word.as_ref().map(text),
        approvers: gate.approvers.iter().map(|name| name.value.clone()).collect(),
        digest,
    }
}

fn undo(plan: &Plan, form: &Form) -> Option<Undo> {
    match (form.undo, &form.facets.undo) {
        (Some(undo), _) => Some(Undo { path: Some(plan.nodes[undo].path.clone()), none: None }),
        (None, Some(Written::None(why))) => Some(Undo { path: None, none: Some(why.clone()) }),
        _ => None,
    }
}

fn effect(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Read => "read",
        Repeat::Idempotent => "idempotent",
        Repeat::Once => "once",
    }
}

fn on_failure(plan: &Plan, index: Index, form: &Form) -> &'static str {
    let own = form.facets.on_failure.or(plan.nodes[index].on_failure);
    match own.or(plan.runbook.defaults.on_failure).unwrap_or(OnFailure::Hold) {
        OnFailure::Hold => "hold",
        OnFailure::Fail => "fail",
        OnFailure::Continue => "continue",
        OnFailure::Abort => "abort",
    }
}

fn range(estimate: &Estimate) -> Range {
    Range { low_ms: millis(estimate.low), high_ms: millis(estimate.high) }
}
