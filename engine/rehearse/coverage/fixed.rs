//! What is the same in every run: values that an include writes down, and the few values that a
//! choice can have. By them is known which conditions never vary and which cases are never chosen.

use std::iter::successors;

use crate::plan::{Index, Node, Plan, ROOT, SpaceIndex};
use crate::runbook::action::Action;
use crate::runbook::expression::{Expression, Scope};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::target::Target;
use crate::runbook::value::Value;

/// The names at a place of a plan, of which only those have a value that never vary.
pub struct Fixed<'p> {
    plan: &'p Plan,
    space: SpaceIndex,
    has_verdict: bool,
}

impl<'p> Fixed<'p> {
    /// The names at a node.
    pub fn at(plan: &'p Plan, node: &Node) -> Fixed<'p> {
        let top = successors(node.parent, |at| plan.nodes[*at].parent).last();
        Fixed { plan, space: node.space, has_verdict: top.is_none_or(|top| top != ROOT) }
    }

    /// What a condition is in every run; none where it varies.
    pub fn condition(&self, when: &Expression) -> Option<bool> {
        when.holds(self).ok()
    }

    /// Whether a switch can have this value.
    pub fn may_be(&self, on: &Expression, case: &str) -> bool {
        if let Ok(value) = on.evaluate(self) {
            return value.text().is_some_and(|text| text == case);
        }
        let choices = on.bare_name().and_then(|name| self.choices(name));
        choices.is_none_or(|choices| choices.iter().any(|choice| choice == case))
    }

    /// Whether a list is empty in every run.
    pub fn is_empty(&self, list: &Expression) -> bool {
        matches!(list.evaluate(self), Ok(Value::List(items)) if items.is_empty())
    }

    fn there(&self, space: SpaceIndex) -> Fixed<'p> {
        Fixed { space, ..*self }
    }

    /// The only values that a name can have, where they are few and known.
    fn choices(&self, name: &str) -> Option<Vec<String>> {
        if let Some(name) = name.strip_prefix("inputs.") {
            return self.choices_of_input(name);
        }
        let step = name.strip_prefix("steps.")?.strip_suffix(".outputs.choice")?;
        self.choices_of_step(self.plan.named(step, self.space)?)
    }

    fn choices_of_input(&self, name: &str) -> Option<Vec<String>> {
        let around = self.plan.runbook_at(self.space);
        let own = choices_of(around.input(name)?);
        let Some((outer, binding)) = around.binding(name) else { return own };
        let told = binding.expression().and_then(Expression::bare_name);
        match (own, told.and_then(|name| self.there(outer).choices(name))) {
            (Some(own), Some(told)) => {
                Some(own.into_iter().filter(|choice| told.contains(choice)).collect())
            }
            (own, told) => own.or(told),
        }
    }

    fn choices_of_step(&self, index: Index) -> Option<Vec<String>> {
        let text = |json: serde_json::Value| Value::from_json(&json).text();
        match self.plan.nodes[index].forms.as_slice() {
            [form] => match &form.facets.action {
                Action::Choose(choose) if !choose.has_none => {
                    Some(choose.known()?.into_iter().filter_map(text).collect())
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn told(&self, name: &str) -> Option<Value> {
        let around = self.plan.runbook_at(self.space);
        let input = around.input(name)?;
        let (outer, binding) = match (around.told, around.binding(name)) {
            (None, _) => return None,
            (Some(_), None) => return input.default.clone(),
            (Some(_), Some(told)) => told,
        };
        let value = binding.value(&self.there(outer)).ok()?;
        Value::typed(&value.to_json(), input.kind).ok()
    }
}

fn choices_of(input: &Input) -> Option<Vec<String>> {
    if input.kind == Kind::Bool {
        return Some(vec!["true".into(), "false".into()]);
    }
    let choices: Vec<String> = input.choices.iter().filter_map(Value::text).collect();
    (!choices.is_empty()).then_some(choices)
}

impl Scope for Fixed<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        match name.split('.').collect::<Vec<_>>().as_slice() {
            ["inputs", name] => self.told(name),
            // An included runbook comes to its end before the run does.
            ["run", "verdict"] if !self.has_verdict => Some(Value::Null),
            ["run", "verdict"] if self.plan.runbook.exit_criteria.is_empty() => {
                Some(Value::Text("unverified".into()))
            }
            _ => None,
        }
    }

    fn secret(&self, _: &str) -> Option<String> {
        None
    }

    fn is_multiline(&self, _: &str) -> bool {
        true
    }

    fn is_open(&self, _: &str) -> bool {
        true
    }

    fn target(&self, _: &str) -> Option<Target> {
        None
    }

    fn outer(&self) -> Option<Box<dyn Scope + '_>> {
        let (outer, _) = self.plan.runbook_at(self.space).told?;
        Some(Box::new(self.there(outer)))
    }
}
