//! Where a run stands at one moment, as the facts that a person sees at a glance.
//!
//! A [`Standing`] is worked out from the plan and the state alone, and holds moments, not lengths of
//! time: it is worked out once an event, and told for any moment after it. The screen and the plain
//! lines tell the same facts.

mod clocks;

use std::time::Duration;

use crate::plan::{Index, Plan, ROOT};
use crate::run::event::{Mode, Moment, Stage, StopLevel, Timer, TimerKind};
use crate::run::state::{Doubt, StepState};
use crate::run::{Names, RunState, Walk};
use crate::runbook::estimate::Estimate;
use crate::runbook::rendered::Quoting;

use super::visible_str;

pub(super) use clocks::{Urgency, long_clock};

/// Where a run stands.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Standing {
    /// The id of the runbook.
    pub(super) runbook: String,
    /// What stands on it, where it is no incident.
    pub(super) stamp: Option<&'static str>,
    /// The environment that it runs in, where one was chosen.
    pub(super) environment: Option<String>,
    /// How many steps are settled; a group of steps is none itself.
    pub(super) settled: usize,
    /// How many of the steps that are not settled are under way.
    pub(super) begun: usize,
    /// How many steps there are, as far as that is known.
    pub(super) total: usize,
    /// The phase that the run is in, or what it does instead of steps.
    pub(super) part: Option<String>,
    /// How it is being stopped.
    pub(super) stopping: Option<&'static str>,
    /// What was promised, and since when it counts.
    pub(super) rto: Option<Rto>,
    /// When the incident was noticed, and what it is called.
    pub(super) incident: Option<Incident>,
    /// When the run began.
    pub(super) since: Option<Moment>,
    /// Who drives.
    pub(super) operator: String,
    /// What is under way, in file order.
    pub(super) running: Vec<Running>,
    /// The step that will probably begin next.
    pub(super) next: Option<String>,
}

/// The most time until service is restored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Rto {
    /// From when it counts.
    pub(super) since: Moment,
    /// How long it is.
    pub(super) promise: Duration,
}

/// The incident that a run belongs to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Incident {
    /// Its number elsewhere.
    pub(super) id: Option<String>,
    /// When it was noticed, or when the run began.
    pub(super) since: Moment,
}

/// Something that is under way.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Running {
    /// The path of the step; none for the checks of the run.
    pub(super) step: Option<String>,
    /// What a person calls it.
    pub(super) title: String,
    /// What it does at the moment.
    pub(super) doing: Doing,
    /// Which attempt it is.
    pub(super) attempt: u32,
    /// How long it usually takes.
    pub(super) estimate: Option<Estimate>,
    /// How long its action may take.
    pub(super) timeout: Option<Duration>,
}

/// What a step does at the moment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Doing {
    /// Its action is under way.
    Acts {
        /// Since when.
        since: Moment,
    },
    /// It is looked at: before its action, after it, or whether it is done at all.
    Looks(&'static str),
    /// It is tried again at a moment.
    Retries {
        /// When.
        due: Option<Moment>,
    },
    /// It waits for a person.
    Asks,
}

impl Standing {
    /// Where a run stands by its state.
    pub(super) fn of(plan: &Plan, state: &RunState) -> Standing {
        let start = state.start.as_ref();
        let detected = start.and_then(|start| start.detected_at);
        let since = detected.or(state.started_at);
        let id = start.and_then(|start| start.incident.clone());
        let has_incident = id.is_some() || detected.is_some();
        let walk = Walk::of(plan, state);
        let mut running: Vec<Running> = looking(state).into_iter().collect();
        running.extend(state.active.iter().filter_map(|index| under_way(plan, state, *index)));
        let promise = plan.runbook.knowledge.objectives.rto;
        Standing {
            runbook: stamped(state, shown(&plan.runbook.id.value)),
            // Each line of a rehearsal has a word of its own.
            stamp: state.mode().stamp().filter(|_| state.mode() != Mode::Rehearsal),
            environment: state.environment.as_deref().map(shown),
            settled: walk.settled,
            begun: walk.begun,
            total: walk.total,
            part: part(plan, state, walk.here),
            stopping: stopping(state),
            rto: since.zip(promise).map(|(since, promise)| Rto { since, promise }),
            incident: since.filter(|_| has_incident).map(|since| Incident { id, since }),
            since: state.started_at,
            operator: shown(&state.operator),
            running,
            next: walk
                .next
                .filter(|_| state.stop == StopLevel::None)
                .map(|index| title(plan, state, index)),
        }
    }
}

/// The name of what is rehearsed is never taken for that of a live run.
fn stamped(state: &RunState, name: String) -> String {
    let is_rehearsal = state.start.as_ref().is_some_and(|start| start.mode == Mode::Rehearsal);
    if is_rehearsal { format!("REHEARSAL {name}") } else { name }
}

fn shown(text: &str) -> String {
    let mut line = visible_str(text).replace(['\n', '\t'], " ");
    line.truncate(line.trim_end().len());
    line
}

/// What a person calls a step.
fn title(plan: &Plan, state: &RunState, index: Index) -> String {
    let node = &plan.nodes[index];
    match &node.title {
        Some(title) => shown(&title.partly(&Names::at(plan, state, index), Quoting::Text)),
        None => shown(&node.path),
    }
}

fn stopping(state: &RunState) -> Option<&'static str> {
    match state.stop {
        StopLevel::None if state.is_ending() && state.is_taken_back() => {
            Some("being taken back: what runs is let finish first")
        }
        StopLevel::None if state.is_ending() => Some("being ended: what runs is let finish"),
        StopLevel::None => None,
        StopLevel::Drain => Some("stopping: nothing new begins"),
        StopLevel::Interrupt => Some("stopping: what runs was asked to end"),
        StopLevel::Kill => Some("stopping: what runs is killed"),
    }
}

/// Where in the runbook the run is.
fn part(plan: &Plan, state: &RunState, here: Option<Index>) -> Option<String> {
    let word = match state.stage {
        Stage::Inputs => "inputs",
        Stage::Confirm => "symptom",
        Stage::Preconditions => "preconditions",
        Stage::ExitCriteria => "exit criteria",
        Stage::Undo if state.is_ending() => "ending",
        Stage::Undo => "taking back",
        Stage::Finally => "closing steps",
        Stage::Steps => {
            let around = std::iter::successors(here, |at| plan.nodes[*at].parent);
            let phase = around.take_while(|at| *at != ROOT).last()?;
            return (Some(phase) != here).then(|| title(plan, state, phase));
        }
    };
    Some(word.to_owned())
}

/// What is looked at of the run itself.
fn looking(state: &RunState) -> Option<Running> {
    let is_looking = state.checks.is_looking || state.invariants.checks.is_looking;
    let title = match state.stage {
        _ if state.invariants.checks.is_looking => "the invariants",
        Stage::Confirm => "the symptom",
        Stage::Preconditions => "the preconditions",
        Stage::ExitCriteria => "the exit criteria",
        Stage::Inputs | Stage::Steps | Stage::Undo | Stage::Finally => "the run",
    };
    is_looking.then(|| Running {
        step: None,
        title: title.to_owned(),
        doing: Doing::Looks("being looked at"),
        attempt: 1,
        estimate: None,
        timeout: None,
    })
}

/// A step that is under way; a group is not.
fn under_way(plan: &Plan, state: &RunState, index: Index) -> Option<Running> {
    let (node, status) = (&plan.nodes[index], &state.steps[index]);
    if index == ROOT || !state.is_leaf(plan, index) && status.state == StepState::Running {
        return None;
    }
    let form = state.form(plan, index);
    Some(Running {
        step: Some(node.path.clone()),
        title: title(plan, state, index),
        doing: doing(plan, state, index)?,
        attempt: status.attempts.max(1),
        estimate: node.estimate.clone(),
        timeout: form.and_then(|form| form.facets.timeout()),
    })
}

fn doing(plan: &Plan, state: &RunState, index: Index) -> Option<Doing> {
    let (node, status) = (&plan.nodes[index], &state.steps[index]);
    Some(match &status.state {
        StepState::Running => {
            let since = status.acted_at.or(status.started_at).or(state.last_at)?;
            Doing::Acts { since }
        }
        StepState::Ready(_) if status.checks.is_looking => Doing::Looks("being looked at"),
        StepState::Verifying => Doing::Looks("being verified"),
        StepState::InDoubt(Doubt::Decide { .. }) => Doing::Asks,
        StepState::InDoubt(_) => Doing::Looks("being looked for"),
        StepState::RetryWait(_) => {
            let timer = Timer { step: node.path.clone(), kind: TimerKind::Retry };
            Doing::Retries { due: state.timers.due(&timer) }
        }
        // Nobody is asked any more where the run ends.
        _ if state.gives_up(plan, index) => return None,
        StepState::AtGate(_) | StepState::AtPerson(_) | StepState::Held(_) => Doing::Asks,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
