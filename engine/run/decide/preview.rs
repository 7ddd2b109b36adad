//! What is known of a run before it begins: the items of fan-outs, and the digests of gates.

use std::collections::BTreeMap;

use crate::plan::{Form, Index, Inside, Plan, SpaceIndex};
use crate::run::scope::Names;
use crate::run::state::{RunState, StepStatus};
use crate::runbook::action::Action;
use crate::runbook::expression::Expression;
use crate::runbook::gate::Gate;
use crate::runbook::step::Facets;
use crate::runbook::template::Template;
use crate::runbook::value::Value;

use super::Run;
use super::items::MOST;

/// Lets a plan and a state grow by the items of every fan-out whose list the inputs give, and
/// chooses the cases that they choose.
pub fn foresee(plan: &mut Plan, state: &mut RunState) {
    let mut index = 0;
    // A copy stands after its pattern, so that what is inside it has its turn too.
    while index < plan.nodes.len() {
        if let Some(items) = (Preview { plan, state }).items(index) {
            plan.grow(index, items.len());
            let grown = plan.nodes.get(state.steps.len()..).unwrap_or_default();
            state.steps.extend(grown.iter().map(StepStatus::new));
            state.steps[index].items = Some(items.iter().map(Value::to_json).collect());
        }
        state.steps[index].form = (Preview { plan, state }).chosen(index);
        index += 1;
    }
}

/// The digest of each gate by the path of its step; none where its question, or something behind
/// it, is not known before the run. A digest that is given here is the one that the run will ask
/// with, as long as the inputs stay what they are in `state`, which must have been foreseen.
pub fn gate_digests(plan: &Plan, state: &RunState) -> BTreeMap<String, Option<String>> {
    let preview = Preview { plan, state };
    let has_gate = |form: &Form| form.facets.gate.is_some();
    let gated = plan.nodes.iter().enumerate().filter(|(_, node)| node.forms.iter().any(has_gate));
    gated.map(|(index, node)| (node.path.clone(), preview.digest(index))).collect()
}

struct Preview<'a> {
    plan: &'a Plan,
    state: &'a RunState,
}

impl Preview<'_> {
    fn names(&self, index: Index) -> Names<'_> {
        Names::at(self.plan, self.state, index)
    }

    /// The items of a fan-out.
    fn items(&self, index: Index) -> Option<Vec<Value>> {
        let node = &self.plan.nodes[index];
        let list = &self.plan.items(index).filter(|_| node.patterns == 0)?.each.list;
        let is_known = self.is_known(list, node.space);
        match is_known.then(|| list.evaluate(&self.names(index)))?.ok()? {
            Value::List(items) if items.len() <= MOST => Some(items),
            _ => None,
        }
    }

    /// The case that a switch will choose.
    fn chosen(&self, index: Index) -> Option<usize> {
        let node = &self.plan.nodes[index];
        let on = node.switch.as_ref().filter(|on| self.is_known(on, node.space))?;
        let value = on.evaluate(&self.names(index)).ok()?.text();
        node.forms.iter().position(|form| form.case == value)
    }

    fn digest(&self, index: Index) -> Option<String> {
        let (node, form) = (&self.plan.nodes[index], self.state.form(self.plan, index)?);
        let gate = form.facets.gate.as_ref()?;
        let title = node.title.iter().filter(|_| gate.ask.is_none());
        let mut asked = Gate::templates(gate).chain(title).flat_map(Template::expressions);
        let is_known = asked.all(|it| self.is_known(it, node.space)) && self.is_inside_known(index);
        let run = Run { plan: self.plan, state: self.state };
        let question = is_known.then(|| run.gate_question(index, gate))?;
        Some(question.ok()?.digest)
    }

    /// Whether a node's action, or every action inside it, can be rendered now.
    fn is_inside_known(&self, index: Index) -> bool {
        let run = Run { plan: self.plan, state: self.state };
        let mut open = vec![index];
        while let Some(at) = open.pop() {
            let Some(form) = self.state.form(self.plan, at) else { return false };
            // When a gate asks, the items of its own fan-out are known, those further inside not.
            let is_each = matches!(form.inside, Inside::Each(_));
            if is_each && (at != index || self.state.steps[at].items.is_none()) {
                return false;
            }
            if !self.is_action_known(at, form)
                || run.task(at, form).is_some_and(|task| task.is_err())
            {
                return false;
            }
            open.extend(run.known_inside(at, &form.inside));
        }
        true
    }

    fn is_action_known(&self, index: Index, form: &Form) -> bool {
        let (action, setting) = (&form.facets.action, &form.facets.setting);
        // A message tells of the run itself.
        if matches!(action, Action::Notify(_)) {
            return false;
        }
        let facets = Facets::of(action.clone());
        let placed = setting.templates().flat_map(Template::expressions);
        let mut expressions = facets.expressions().into_iter().chain(placed);
        expressions.all(|it| self.is_known(it, self.plan.nodes[index].space))
    }

    /// Whether every name in an expression already is what it will be during the run.
    fn is_known(&self, expression: &Expression, space: SpaceIndex) -> bool {
        expression.names().iter().all(|name| match name.split_once('.') {
            Some(("inputs", name)) => self.is_input_known(name, space),
            Some(("objectives", _)) => true,
            Some(_) => false,
            None => self
                .plan
                .item(name, space)
                .is_some_and(|(of, number)| number > 0 && self.state.steps[of].items.is_some()),
        })
    }

    fn is_input_known(&self, name: &str, space: SpaceIndex) -> bool {
        let around = self.plan.runbook_at(space);
        if let Some((outer, binding)) = around.binding(name) {
            return binding.expressions().all(|it| self.is_known(it, outer));
        }
        let is_sure = around.input(name).is_some_and(|input| input.is_secret || input.is_optional);
        is_sure || around.told.is_some() || self.state.inputs.contains_key(name)
    }
}
