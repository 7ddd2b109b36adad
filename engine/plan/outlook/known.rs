//! What names stand for before a run: what is given or assumed, and what skipped steps are.

use crate::runbook::expression::{Expression, Scope};
use crate::runbook::target::Target;
use crate::runbook::value::Value;

use super::super::{Index, Plan, SpaceIndex};
use super::{Fate, Settled};

/// What is known when a plan is made.
pub struct Facts<'a> {
    /// The values that names have at a place before anything ran. What steps are is not asked.
    pub scope_at: &'a dyn Fn(SpaceIndex) -> Box<dyn Scope + 'a>,
    /// Whether the input of this name was given, and not taken from its default.
    pub is_given: &'a dyn Fn(&str) -> bool,
    /// The digest of the gate at a path, when all that it covers is known.
    pub digest: &'a dyn Fn(&str) -> Option<String>,
}

/// What will become of one node.
#[derive(Clone, Debug, Default)]
pub struct Prospect {
    /// What will become of it.
    pub fate: Fate,
    /// Why it is skipped or UNKNOWN.
    pub because: Vec<Reason>,
    /// What is taken for granted of what it refers to.
    pub assumes: Vec<String>,
    /// Why it cannot succeed, where that is known already.
    pub failure: Option<String>,
    /// Its own condition.
    pub when: Option<Settled<bool>>,
    /// The value that chooses its case.
    pub case: Option<Settled<String>>,
    /// The forms that it can still take, by their place.
    pub forms: Vec<usize>,
    /// For a rung, the nearest one above that may be tried before it.
    pub tried_before: Option<Index>,
}

/// A reason why a node is skipped or UNKNOWN.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    /// A sentence without an end.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a reason comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Origin {
    /// The group around, or the step that is undone.
    Around,
    /// The node itself, in a way that a reader sees: its condition, its case.
    Evident,
    /// The node itself, in a way that a reader must be told.
    Told,
}

impl Reason {
    pub(super) fn around(text: String) -> Reason {
        Reason { text, origin: Origin::Around }
    }

    pub(super) fn evident(text: String) -> Reason {
        Reason { text, origin: Origin::Evident }
    }

    pub(super) fn told(text: String) -> Reason {
        Reason { text, origin: Origin::Told }
    }
}

impl Prospect {
    /// It will not be begun.
    pub(super) fn skip(&mut self, why: Reason) {
        if self.fate != Fate::Skipped {
            self.because.clear();
        }
        self.fate = Fate::Skipped;
        self.because.push(why);
    }

    /// It may not be begun.
    pub(super) fn doubt(&mut self, why: Reason) {
        if self.fate != Fate::Skipped && !self.because.contains(&why) {
            self.fate = Fate::Unknown;
            self.because.push(why);
        }
    }

    /// Something that it refers to is taken for granted.
    pub(super) fn assume(&mut self, what: String) {
        if !self.assumes.contains(&what) {
            self.assumes.push(what);
        }
    }

    /// Whether it may be skipped though all that is around it happens.
    pub fn has_own_doubt(&self) -> bool {
        let mut reasons = self.because.iter();
        self.fate == Fate::Unknown && reasons.any(|reason| reason.origin != Origin::Around)
    }

    /// It cannot succeed.
    pub(super) fn fail(&mut self, why: String) {
        self.failure.get_or_insert(why);
    }
}

/// The names at a node, with what the outlook adds.
pub struct Known<'a, 'f> {
    /// The plan.
    pub plan: &'a Plan,
    /// What is known besides.
    pub facts: &'a Facts<'f>,
    /// The node.
    pub at: Index,
    /// The place where the names stand: that of the node, or of what is around it or inside it.
    pub space: SpaceIndex,
    /// What has been settled so far.
    pub prospects: &'a [Option<Prospect>],
}

impl<'f> Known<'_, 'f> {
    /// The names in an expression whose values are known only during the run.
    pub fn open_names(&self, expression: &Expression) -> Vec<String> {
        let is_open = |name: &&String| {
            self.secret(name).is_none() && self.value(name).is_none() && self.is_open(name)
        };
        expression.names().iter().filter(is_open).cloned().collect()
    }

    /// The same names, at another place.
    pub fn there(&self, space: SpaceIndex) -> Known<'_, 'f> {
        Known { space, ..*self }
    }

    /// The step that a dotted name speaks of, and what of it: `outputs.rows`.
    pub fn step<'n>(&self, name: &'n str) -> Option<(Index, &'n str)> {
        step_of(self.plan, name, self.space)
    }

    fn base(&self) -> Box<dyn Scope + '_> {
        (self.facts.scope_at)(self.space)
    }

    /// What an input of an included runbook is told.
    fn told(&self, name: &str) -> Option<Value> {
        let around = self.plan.runbook_at(self.space);
        let input = around.input(name)?;
        let Some((outer, binding)) = around.binding(name) else { return input.default.clone() };
        let value = binding.value(&self.there(outer)).ok()?;
        Value::typed(&value.to_json(), input.kind).ok()
    }

    fn is_skipped(&self, step: Index) -> bool {
        self.prospects[step].as_ref().is_some_and(|it| it.fate == Fate::Skipped)
    }
}

impl Scope for Known<'_, '_> {
    fn value(&self, name: &str) -> Option<Value> {
        let is_told = self.plan.runbook_at(self.space).told.is_some();
        match name.split_once('.') {
            Some(("inputs", input)) if is_told => self.told(input),
            Some(("steps", _)) => {
                let (step, field) = self.step(name).filter(|(step, _)| self.is_skipped(*step))?;
                match field {
                    "state" => Some(Value::Text("skipped".into())),
                    "skipped" => Some(Value::Bool(true)),
                    "succeeded" | "failed" => Some(Value::Bool(false)),
                    _ => default_of(self.plan, step, field),
                }
            }
            _ => self.base().value(name),
        }
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.base().secret(name)
    }

    fn is_multiline(&self, name: &str) -> bool {
        self.base().is_multiline(name)
    }

    fn target(&self, name: &str) -> Option<Target> {
        self.base().target(name)
    }

    fn outer(&self) -> Option<Box<dyn Scope + '_>> {
        let (outer, _) = self.plan.runbook_at(self.space).told?;
        Some(Box::new(self.there(outer)))
    }

    fn is_open(&self, name: &str) -> bool {
        match name.split_once('.') {
            Some(("inputs", name)) => {
                let around = self.plan.runbook_at(self.space);
                let is_left_out = around.input(name).is_some_and(|input| input.is_optional);
                around.binding(name).is_some() || !is_left_out
            }
            Some(("objectives", _)) => false,
            // What a runbook that is skipped hands on depends on what is inside it.
            Some(("steps", _)) => self.step(name).is_none_or(|(step, _)| {
                let mut forms = self.plan.nodes[step].forms.iter();
                !self.is_skipped(step) || forms.any(|form| form.included.is_some())
            }),
            _ => true,
        }
    }
}

/// The step that a dotted name speaks of at a place, and what of it: `outputs.rows`.
pub fn step_of<'n>(plan: &Plan, name: &'n str, space: SpaceIndex) -> Option<(Index, &'n str)> {
    let (step, field) = name.strip_prefix("steps.")?.split_once('.')?;
    Some((plan.named(step, space)?, field))
}

/// Whether every settled step has this, skipped or not.
pub fn is_always_there(field: &str) -> bool {
    ["state", "succeeded", "failed", "skipped"].contains(&field)
}

/// The value of an output when its step yields none.
pub fn default_of(plan: &Plan, step: Index, field: &str) -> Option<Value> {
    let name = field.strip_prefix("outputs.")?;
    // A fan-out hands on what its items do.
    if plan.items(step).is_some() {
        return Some(Value::List(Vec::new()));
    }
    let outputs = &plan.nodes[step].forms.first()?.facets.outputs;
    outputs.iter().find(|output| output.name.value == name)?.default.clone()
}
