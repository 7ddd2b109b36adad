//! What is known of the system: the last look of every check.

use std::cmp::Reverse;

use crate::plan::{Index, Plan, ROOT};
use crate::runbook::probe::Check;

use super::event::{CheckRef, Moment, Purpose, Sight};
use super::state::RunState;

/// What a check showed when it was last looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// What was looked at, as a person reads it.
    pub look: String,
    /// What it showed; none while it is looked at for the first time.
    pub sight: Option<Sight>,
    /// That in words.
    pub detail: String,
    /// When.
    pub at: Moment,
}

/// The last sight of one check, as a person knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// When it was seen.
    pub at: Moment,
    /// Whether it holds.
    pub sight: Sight,
    /// The name of the check; what it looks at where it has none.
    pub title: String,
    /// What was seen, in words.
    pub detail: String,
}

/// The last sight of each check that was looked at, the newest first. Whether an effect was there
/// before its action says nothing afterwards, so it is left out.
pub fn known(plan: &Plan, state: &RunState) -> Vec<Known> {
    let told = state.seen.iter().filter(|(check, _)| check.purpose != Purpose::DoneWhen);
    let mut known: Vec<Known> = told
        .filter_map(|(check, seen)| {
            let name = named(plan, state, check).and_then(name);
            let title = name.unwrap_or_else(|| first_line(&seen.look));
            Some(Known { at: seen.at, sight: seen.sight?, title, detail: seen.detail.clone() })
        })
        .collect();
    known.sort_by_key(|known| Reverse(known.at));
    known
}

/// What a person calls a check, with what it is for.
pub fn check_title(plan: &Plan, state: &RunState, check: &CheckRef) -> String {
    let purpose = check.purpose.noun();
    match named(plan, state, check).and_then(name) {
        Some(name) => format!("{purpose} \"{name}\""),
        None if list(plan, state, check).len() > 1 => format!("{purpose} {}", check.index + 1),
        None => purpose.to_owned(),
    }
}

/// The id of a check, where it has one.
pub fn check_id(plan: &Plan, state: &RunState, check: &CheckRef) -> Option<String> {
    let check = named(plan, state, check)?;
    check.id.as_ref().map(|id| id.value.clone())
}

fn name(check: &Check) -> Option<String> {
    check.title.clone().or_else(|| check.id.as_ref().map(|id| id.value.clone()))
}

fn named<'p>(plan: &'p Plan, state: &RunState, check: &CheckRef) -> Option<&'p Check> {
    list(plan, state, check).get(check.index).copied()
}

/// The list that a check stands in.
fn list<'p>(plan: &'p Plan, state: &RunState, check: &CheckRef) -> Vec<&'p Check> {
    let runbook = &plan.runbook;
    let index: Index = check.step.as_ref().and_then(|path| plan.at_path(path)).unwrap_or(ROOT);
    let form = state.form(plan, index);
    match check.purpose {
        Purpose::Confirm => runbook.confirm.iter().collect(),
        Purpose::Precondition => runbook.preconditions.iter().collect(),
        Purpose::Invariant => runbook.invariants.iter().collect(),
        Purpose::ExitCriterion => runbook.exit_criteria.iter().collect(),
        Purpose::Require => form.iter().flat_map(|it| it.required()).map(|it| it.check).collect(),
        Purpose::Verify => form.iter().flat_map(|it| it.verified()).map(|it| it.check).collect(),
        Purpose::DoneWhen => Vec::new(),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
