//! The outlook of a plan: what will become of each node, as far as that is known beforehand.
//!
//! A node happens, is skipped, or its fate is UNKNOWN, and UNKNOWN is carried: into a group, to a
//! rung that is tried only when another fails, and to whatever refers to something that may never
//! be there. That every check holds and every action succeeds is taken for granted; what an action
//! prints or yields is not known.

mod known;
mod links;

use crate::runbook::each::Empty;
use crate::runbook::expression::{Expression, Scope};
use crate::runbook::template::Template;
use crate::runbook::value::Value;

use super::{Form, Index, Node, Plan, Role};
use links::Links;

pub use known::{Facts, Known, Origin, Prospect, Reason};

/// What will become of a node.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Fate {
    /// It will be begun, unless something before it fails.
    #[default]
    Happens,
    /// That is decided during the run.
    Unknown,
    /// It will not be begun.
    Skipped,
}

/// A condition, or the value that chooses a case.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Settled<T> {
    /// Its value, when that is known.
    pub value: Option<T>,
    /// The names that its value waits for.
    pub waits_for: Vec<String>,
}

/// What will become of each node of a plan, by its index.
pub fn outlook(plan: &Plan, facts: &Facts<'_>) -> Vec<Prospect> {
    let links = Links::of(plan);
    let count = plan.nodes.len();
    let (prospects, is_entered) = (vec![None; count], vec![false; count]);
    let mut outlook = Outlook { plan, facts, links, prospects, is_entered };
    for index in 0..plan.nodes.len() {
        outlook.settle(index);
    }
    outlook.prospects.into_iter().map(Option::unwrap_or_default).collect()
}

struct Outlook<'p, 'f> {
    plan: &'p Plan,
    facts: &'p Facts<'f>,
    links: Links,
    prospects: Vec<Option<Prospect>>,
    /// The nodes that are being settled, or are.
    is_entered: Vec<bool>,
}

impl Outlook<'_, '_> {
    /// Settles a node after all that it depends on. What depends on itself, such as a group that
    /// looks at its own steps, finds those not settled yet, and so UNKNOWN.
    fn settle(&mut self, index: Index) {
        let mut open = vec![(index, false)];
        while let Some((at, is_entered)) = open.pop() {
            if self.prospects[at].is_some() {
                continue;
            }
            if is_entered {
                self.prospects[at] = Some(self.prospect(at));
            } else if !std::mem::replace(&mut self.is_entered[at], true) {
                open.push((at, true));
                let before = self.links.before(self.plan, at);
                let unsettled = before.into_iter().filter(|it| self.prospects[*it].is_none());
                open.extend(unsettled.map(|it| (it, false)));
            }
        }
    }

    fn prospect(&self, index: Index) -> Prospect {
        let node = &self.plan.nodes[index];
        let scope = Known {
            plan: self.plan,
            facts: self.facts,
            at: index,
            space: node.space,
            prospects: &self.prospects,
        };
        let mut prospect = Prospect::default();
        self.place(index, &mut prospect);
        self.condition(node, &scope, &mut prospect);
        self.cases(node, &scope, &mut prospect);
        self.list(index, &scope, &mut prospect);
        self.references(index, &scope, &mut prospect);
        if prospect.fate == Fate::Skipped {
            prospect.failure = None;
        }
        prospect
    }

    fn fate(&self, index: Index) -> Fate {
        self.prospects[index].as_ref().map_or(Fate::Unknown, |prospect| prospect.fate)
    }

    /// What the place of a node decides: the group around it, the rungs above it, what it undoes.
    fn place(&self, index: Index, prospect: &mut Prospect) {
        let node = &self.plan.nodes[index];
        let around = match node.role {
            Role::Undo { of, .. } => Some(of),
            _ => node.parent,
        };
        let Some(around) = around else { return };
        let path = &self.plan.nodes[around].path;
        let form = self.links.form(index);
        match self.fate(around) {
            Fate::Skipped => prospect.skip(Reason::around(format!("`{path}` is skipped"))),
            Fate::Unknown => prospect.doubt(Reason::around(format!("`{path}` is UNKNOWN"))),
            Fate::Happens => {}
        }
        let forms = self.prospects[around].as_ref().map(|it| it.forms.as_slice());
        let case = |form: usize| self.plan.nodes[around].forms[form].case.as_deref();
        match (form, forms) {
            (Some(form), Some(forms)) if !forms.contains(&form) => {
                let case = case(form).unwrap_or_default();
                prospect.skip(Reason::evident(format!("the case `{case}` is not chosen")));
            }
            (Some(form), Some([_, _, ..])) => {
                let case = case(form).unwrap_or_default();
                prospect.doubt(Reason::evident(format!("only in the case `{case}`")));
            }
            _ => {}
        }
        if let Role::Undo { is_paired: false, .. } = node.role {
            let why = format!("only when a person takes `{path}` back");
            prospect.doubt(Reason::evident(why));
        }
        self.rung_above(index, prospect);
    }

    /// A rung is tried when those above it have failed or were passed over.
    fn rung_above(&self, index: Index, prospect: &mut Prospect) {
        let Some(above) = self.links.rung_above(index) else { return };
        let before = self.prospects[above].as_ref();
        let tried = match self.fate(above) {
            Fate::Skipped => before.and_then(|before| before.tried_before),
            _ => Some(above),
        };
        prospect.tried_before = tried;
        if let Some(tried) = tried {
            let why = format!("only when the rung `{}` fails", self.plan.nodes[tried].id);
            prospect.doubt(Reason::told(why));
        }
    }

    fn condition(&self, node: &Node, scope: &Known<'_, '_>, prospect: &mut Prospect) {
        let Some(when) = node.forms.first().and_then(|form| form.facets.when.as_ref()) else {
            return;
        };
        let waits_for = scope.open_names(when);
        let value = match when.holds(scope) {
            Ok(value) => Some(value),
            Err(error) => {
                if waits_for.is_empty() {
                    prospect.fail(format!("its condition cannot be told: {error}"));
                }
                None
            }
        };
        match value {
            Some(true) => {}
            Some(false) => prospect.skip(Reason::evident("its condition is false".into())),
            None => prospect.doubt(Reason::evident("its condition is UNKNOWN".into())),
        }
        prospect.when = Some(Settled { value, waits_for });
    }

    /// The forms that a node can still take.
    fn cases(&self, node: &Node, scope: &Known<'_, '_>, prospect: &mut Prospect) {
        prospect.forms = (0..node.forms.len()).collect();
        let Some(on) = &node.switch else { return };
        let waits_for = scope.open_names(on);
        let value = match on.evaluate(scope) {
            Ok(value) => Some(value.text().unwrap_or_default()),
            Err(error) => {
                if waits_for.is_empty() {
                    prospect.fail(format!("its case cannot be told: {error}"));
                }
                None
            }
        };
        if let Some(value) = &value {
            prospect.forms.retain(|form| node.forms[*form].case.as_ref() == Some(value));
            if prospect.forms.is_empty() {
                prospect.fail(format!("there is no case `{value}`"));
            }
        }
        prospect.case = Some(Settled { value, waits_for });
        self.case_when(node, scope, prospect);
    }

    /// What the condition of the one case that is left means for its node, or of those that are.
    fn case_when(&self, node: &Node, scope: &Known<'_, '_>, prospect: &mut Prospect) {
        let when = |form: &usize| node.forms[*form].facets.case_when.as_ref();
        let [only] = prospect.forms.as_slice() else {
            if prospect.forms.iter().any(|form| when(form).is_some()) {
                prospect.doubt(Reason::evident("the condition of its case is UNKNOWN".into()));
            }
            return;
        };
        match when(only).map(|when| (when.holds(scope), scope.open_names(when).is_empty())) {
            None | Some((Ok(true), _)) => {}
            Some((Ok(false), _)) => {
                prospect.skip(Reason::evident("the condition of its case is false".into()));
            }
            Some((Err(error), true)) => {
                prospect.fail(format!("the condition of its case cannot be told: {error}"));
            }
            Some((Err(_), false)) => {
                prospect.doubt(Reason::evident("the condition of its case is UNKNOWN".into()));
            }
        }
    }

    /// A fan-out over an empty list is passed over, or fails.
    fn list(&self, index: Index, scope: &Known<'_, '_>, prospect: &mut Prospect) {
        let Some(items) = self.plan.items(index) else { return };
        let list = &items.each.list;
        let code = list.code().trim();
        match list.evaluate(scope) {
            Ok(Value::List(found)) if !found.is_empty() => {}
            Ok(Value::List(_)) if items.each.empty == Empty::Skip => {
                prospect.skip(Reason::told(format!("`{code}` is an empty list")));
            }
            Ok(Value::List(_)) => prospect.fail(format!("`{code}` is an empty list")),
            Ok(other) => prospect.fail(format!("`{code}` is {}, not a list", other.noun())),
            Err(error) if scope.open_names(list).is_empty() => prospect.fail(error.message),
            Err(_) if items.each.empty == Empty::Skip => {
                prospect.doubt(Reason::told(format!("`{code}` may be an empty list")));
            }
            Err(_) => {}
        }
    }

    /// What a node refers to may never be there, or is known not to be.
    fn references(&self, index: Index, scope: &Known<'_, '_>, prospect: &mut Prospect) {
        let node = &self.plan.nodes[index];
        let title = node.title.iter().flat_map(Template::expressions);
        let forms: Vec<&Form> = prospect.forms.iter().map(|form| &node.forms[*form]).collect();
        let inner = forms.iter().flat_map(|form| form.facets.expressions());
        let lists = forms.iter().filter_map(|form| form.inside.list());
        for expression in title.chain(inner).chain(lists) {
            for name in expression.names() {
                self.assumed(scope, name, prospect);
                if !expression.heeds_absence() && scope.value(name).is_none() {
                    self.absent(scope, expression, name, prospect);
                }
            }
        }
    }

    /// An output of a skipped step may stand for its default.
    fn assumed(&self, scope: &Known<'_, '_>, name: &str, prospect: &mut Prospect) {
        let Some((step, field)) = scope.step(name) else { return };
        let default = known::default_of(self.plan, step, field);
        if let Some(default) = default.filter(|_| self.fate(step) == Fate::Skipped) {
            prospect.assume(format!("`{name}` is its default, {}", default.shown()));
        }
    }

    /// What it means for a node that a name in one of its expressions has no value now.
    fn absent(
        &self,
        scope: &Known<'_, '_>,
        expression: &Expression,
        name: &str,
        prospect: &mut Prospect,
    ) {
        let step = scope.step(name);
        let step = step.filter(|(step, _)| !self.plan.is_inside(*step, scope.at));
        if scope.is_open(name) {
            let may_never_be = |(step, field): &(Index, &str)| {
                !known::is_always_there(field)
                    && known::default_of(self.plan, *step, field).is_none()
                    && self.is_doubtful(*step, scope.at)
            };
            if let Some((step, _)) = step.filter(may_never_be) {
                let path = &self.plan.nodes[step].path;
                let why = format!("it refers to `{path}`, which is UNKNOWN");
                prospect.doubt(Reason::told(why));
            }
        } else if prospect.forms.len() == 1
            && scope.secret(name).is_none()
            && expression.evaluate(scope).is_err()
        {
            let why = match step {
                Some((step, _)) => format!("`{}` is skipped", self.plan.nodes[step].path),
                None => "it is left out".to_owned(),
            };
            prospect.fail(format!("`{name}` has no value: {why}"));
        }
    }

    /// Whether a step may be skipped though `from` happens.
    fn is_doubtful(&self, step: Index, from: Index) -> bool {
        let around = std::iter::successors(Some(step), |at| self.plan.nodes[*at].parent);
        let mut own = around.take_while(|at| !self.plan.is_inside(from, *at));
        own.any(|at| self.prospects[at].as_ref().is_none_or(Prospect::has_own_doubt))
    }
}
