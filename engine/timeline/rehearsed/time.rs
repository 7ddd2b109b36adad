//! How long a rehearsed run would take, against what was promised.

use serde::Serialize;

use crate::document::millis;
use crate::plan::{CriticalPath, Plan};
use crate::run::RunState;
use crate::runbook::action::Action;

use super::acts;

/// How long it would take.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Time {
    /// From beginning to end, as far as is known, in milliseconds.
    pub all_ms: u64,
    /// Until service is back by the exit criteria, in milliseconds; none where it is not.
    pub restored_ms: Option<u64>,
    /// The steps of this way that say nothing of how long they take.
    pub untimed: Vec<String>,
    /// The most time until service is restored, in milliseconds.
    pub rto_ms: Option<u64>,
    /// Whether that is kept: `kept`, `kept_as_far_as_known` or `broken`.
    pub rto: Option<Promise>,
    /// The shortest and the longest that the runbook's estimates allow, in milliseconds.
    pub estimate_ms: (u64, u64),
    /// What the runbook says of itself, in milliseconds.
    pub own_estimate_ms: Option<(u64, u64)>,
    /// The steps that decide the longest.
    pub critical: Vec<String>,
}

/// What becomes of a promise.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Promise {
    /// It is kept.
    Kept,
    /// It is kept if what says nothing of its time takes little.
    KeptAsFarAsKnown,
    /// It is broken.
    Broken,
    /// Service was not restored.
    NotRestored,
}

pub(super) fn time(
    plan: &Plan,
    state: &RunState,
    restored_ms: Option<u64>,
    critical: &CriticalPath,
) -> Time {
    let all = state.last_at.map(|at| state.lasted(at).num_milliseconds()).unwrap_or_default();
    let rto = plan.runbook.knowledge.objectives.rto;
    let rto_ms = rto.map(millis);
    let untimed = untimed(plan, state);
    let promise = |rto_ms| match restored_ms {
        None => Promise::NotRestored,
        Some(ms) if ms > rto_ms => Promise::Broken,
        Some(_) if untimed.is_empty() => Promise::Kept,
        Some(_) => Promise::KeptAsFarAsKnown,
    };
    Time {
        all_ms: u64::try_from(all).unwrap_or_default(),
        restored_ms,
        rto_ms,
        rto: rto_ms.map(promise),
        estimate_ms: (critical.low_ms, critical.high_ms),
        own_estimate_ms: critical.own_estimate.as_ref().map(|own| (own.low_ms, own.high_ms)),
        critical: critical.path.iter().map(|leg| leg.path.clone()).collect(),
        untimed,
    }
}

/// The steps that were assumed to be done, and that say nothing of their time.
fn untimed(plan: &Plan, state: &RunState) -> Vec<String> {
    let is_untimed = |index: usize| {
        let (node, status) = (&plan.nodes[index], &state.steps[index]);
        let action = state.form(plan, index).map(|form| &form.facets.action);
        let takes_none =
            matches!(action, Some(Action::Notify(_) | Action::Wait(_) | Action::Watch(_)) | None);
        let is_told =
            node.estimate.is_some() || node.simulate.as_ref().is_some_and(|it| it.takes.is_some());
        acts(plan, state, index)
            && status.attempts > 0
            && !status.is_observed()
            && !takes_none
            && !is_told
    };
    let steps = plan.listed().filter(|(index, _)| is_untimed(*index));
    steps.map(|(_, node)| node.path.clone()).collect()
}
