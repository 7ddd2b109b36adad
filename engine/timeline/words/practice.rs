//! What stands before the sentences of a rehearsal: `observed`, `assumed`, `would run` or
//! `needs a person`. A line of a rehearsal is never taken for one of a live run.

use serde::Serialize;

use crate::plan::{Index, Plan};
use crate::run::RunState;
use crate::run::event::{CheckRef, Decider, Event, InputSource, Mode, Purpose};
use crate::run::practice::NOBODY;
use crate::runbook::action::Action;

use super::{Kind, Sentence};

/// The word that a rehearsal begins and ends with.
const REHEARSAL: &str = "REHEARSAL";

/// How what a line says is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// It was looked at.
    Observed,
    /// Nobody looked and nothing was done.
    Assumed,
    /// It would be carried out.
    WouldRun,
    /// A person has to answer, to decide or to act.
    NeedsPerson,
}

impl Label {
    /// The words for it.
    pub fn words(self) -> &'static str {
        match self {
            Label::Observed => "observed",
            Label::Assumed => "assumed",
            Label::WouldRun => "would run",
            Label::NeedsPerson => "needs a person",
        }
    }
}

/// A sentence as a rehearsal says it.
pub fn labelled(event: &Event, plan: &Plan, state: &RunState, sentence: Sentence) -> Sentence {
    let is_rehearsal = state.start.as_ref().is_some_and(|start| start.mode == Mode::Rehearsal);
    if !is_rehearsal {
        return sentence;
    }
    let (kind, step, text) = sentence;
    let text = match event {
        Event::RunStarted(_) => format!("{REHEARSAL} {text}; nothing is changed"),
        Event::RunEnded { .. } => format!("{REHEARSAL} {text}"),
        Event::StepStarted { step, .. } if label_of(plan, state, step) != Label::Observed => {
            let rest = text.strip_prefix("started").unwrap_or(&text);
            format!("{}{rest}", Label::WouldRun.words())
        }
        event => match label(event, plan, state, kind) {
            // What nothing is known of has no time.
            Some(label @ (Label::Assumed | Label::NeedsPerson)) => {
                let text = text.strip_suffix(" after 0.0 s").unwrap_or(&text);
                let is_nobody = label == Label::Assumed;
                let text =
                    text.strip_suffix(" (name as given)").filter(|_| is_nobody).unwrap_or(text);
                format!("{}: {text}", label.words())
            }
            Some(label) => format!("{}: {text}", label.words()),
            None => text,
        },
    };
    (kind, step, text)
}

/// How what an event says is known, where that is to be told.
fn label(event: &Event, plan: &Plan, state: &RunState, kind: Kind) -> Option<Label> {
    let by = |by: &str| match by.starts_with(NOBODY) {
        true => Label::Assumed,
        false => Label::NeedsPerson,
    };
    Some(match event {
        Event::QuestionAsked { .. } | Event::Parked { .. } => Label::NeedsPerson,
        Event::GateApproved { by: name, .. }
        | Event::GateRejected { by: name, .. }
        | Event::NeedDecided { by: name, .. }
        | Event::StepGivenUp { by: name, .. }
        | Event::CheckWaived { by: name, .. }
        | Event::HoldResolved { by: name, .. }
        | Event::InvariantResolved { by: name, .. }
        | Event::VerdictResolved { by: name, .. } => by(name),
        Event::DoubtSettled { by: Decider::Person { name }, .. } => by(name),
        Event::StepAnswered(answered) => by(&answered.by),
        Event::ItemTicked(ticked) => by(&ticked.by),
        Event::InputGiven(given) if given.from == InputSource::Assumed => Label::Assumed,
        Event::InputGiven(_) => return None,
        Event::CheckObserved { is_assumed, .. } => seen(!is_assumed),
        Event::CheckRefused { by: Some(name), .. } => by(name),
        Event::CheckRefused { .. } => Label::NeedsPerson,
        Event::StepEnded(ended) => seen(!ended.is_assumed),
        Event::StepSatisfied { step } => satisfied(plan, state, step),
        Event::StepSucceeded { step }
        | Event::StepFailed { step, .. }
        | Event::StepHeld { step, .. } => settled(plan, state, step),
        Event::StepStarted { .. } | Event::StepSpawned { .. } => Label::Observed,
        Event::VerdictReached { .. } => seen(!is_anything_assumed(plan, state)),
        Event::CaseChosen { .. }
        | Event::ItemsListed { .. }
        | Event::StepSkipped { .. }
        | Event::StepNotReached { .. }
        | Event::ProcessGone(_)
        | Event::DoubtSettled { .. } => Label::Assumed,
        _ if kind == Kind::Message => Label::Assumed,
        _ => return None,
    })
}

fn seen(is_observed: bool) -> Label {
    if is_observed { Label::Observed } else { Label::Assumed }
}

/// How it is known that the effect of a step was there.
pub fn satisfied(plan: &Plan, state: &RunState, step: &str) -> Label {
    let (step, purpose) = (Some(step.to_owned()), Purpose::DoneWhen);
    let check = CheckRef { step, purpose, index: 0 };
    seen(state.is_looked_at(plan, &check))
}

/// How it is known what comes of an action that begins.
fn label_of(plan: &Plan, state: &RunState, step: &str) -> Label {
    seen(plan.at_path(step).is_some_and(|at| state.is_begun(plan, at)))
}

/// How it is known how a step came to its end.
fn settled(plan: &Plan, state: &RunState, step: &str) -> Label {
    let Some(index) = plan.at_path(step) else { return Label::Assumed };
    match state.is_leaf(plan, index) {
        true if is_by_hand(plan, state, index) => Label::NeedsPerson,
        true => seen(state.steps[index].is_observed()),
        false => Label::Assumed,
    }
}

fn is_by_hand(plan: &Plan, state: &RunState, index: Index) -> bool {
    let action = state.form(plan, index).map(|form| &form.facets.action);
    matches!(action, Some(Action::Manual(_) | Action::Checklist(_) | Action::Choose(_)))
}

/// Whether the verdict rests on what was only assumed: on an action, or on an exit criterion.
fn is_anything_assumed(plan: &Plan, state: &RunState) -> bool {
    let criterion = CheckRef { step: None, purpose: Purpose::ExitCriterion, index: 0 };
    state.steps.iter().any(|status| status.is_assumed)
        || state.has_assumed_change(plan)
        || !state.is_looked_at(plan, &criterion)
}
