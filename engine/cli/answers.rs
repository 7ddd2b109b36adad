//! What was decided beforehand: answers to questions, decisions about steps, waived checks.

use std::collections::BTreeMap;
use std::path::Path;

use crate::document::nearest;
use crate::drive::{Decisions, Resolution};
use crate::plan::{self, Index, Plan};
use crate::run::RunState;
use crate::run::event::{InvariantChoice, VerdictChoice};
use crate::run::state::StepState;
use crate::runbook::answers::{self, Prepared};
use crate::source::Problems;

use super::failure::Failure;
use super::load;

/// The answers of a file, each for a step that asks for it.
pub fn prepared(plan: &Plan, file: Option<&Path>) -> Result<Vec<(String, Prepared)>, Failure> {
    let Some(path) = file else { return Ok(Vec::new()) };
    let source = load::given(path)?;
    let mut problems = Problems::default();
    let answers = answers::read(&source, &mut problems);
    let found = plan::fitted(plan, answers, &mut problems);
    match problems.has_errors() {
        false => Ok(found),
        true => Err(Failure::Answers(load::drawn(&source, problems))),
    }
}

/// The decisions of `--resolve`, each for something that waits for it.
pub fn decisions(
    plan: &Plan,
    state: &RunState,
    resolve: &[String],
    reason: Option<String>,
) -> Result<Decisions, Failure> {
    let mut decisions = Decisions { reason: reason.unwrap_or_default(), ..Decisions::default() };
    if !resolve.is_empty() && decisions.reason.trim().is_empty() {
        let help = "say it with --reason; it goes into the timeline";
        return Err(Failure::usage("a decision needs a reason", help));
    }
    for text in resolve {
        let (step, choice) = text.split_once('=').ok_or_else(|| {
            let help = "write --resolve step=retry, or what else it is to be";
            Failure::usage(format!("`{text}` decides nothing"), help)
        })?;
        if step == "verdict" {
            let choice = verdict(choice)?;
            if state.verdict_held.is_none() {
                let help = "a verdict is decided when it is not `recovered` and the run waits";
                return Err(Failure::usage("there is no verdict to decide", help));
            }
            decisions.verdict = Some(choice);
            continue;
        }
        if let Some(id) = step.strip_prefix("invariant/") {
            decisions.invariants.push((id.to_owned(), invariant(plan, id, choice)?));
            continue;
        }
        let index = plan.find(step).ok_or_else(|| {
            let help = match nearest(step, plan.names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a step by its id or path".to_owned(),
            };
            Failure::usage(format!("the run has no step `{step}`"), help)
        })?;
        let resolution = resolution(state, index, step, choice)?;
        let path = plan.nodes[index].path.clone();
        if decisions.steps.iter().any(|(decided, _)| *decided == path) {
            let message = format!("`{step}` is decided twice");
            return Err(Failure::usage(message, "say --resolve once for each step"));
        }
        decisions.steps.push((path, resolution));
    }
    Ok(decisions)
}

/// What can be decided about a held step, in the words of `--resolve`.
pub fn hold_choices(state: &RunState) -> Vec<&'static str> {
    let undo = state.no_way_back().is_none().then_some("undo");
    ["retry", "done", "failed", "skip"].into_iter().chain(undo).collect()
}

/// What can be decided about a step in doubt.
pub fn doubt_choices(state: &RunState) -> Vec<&'static str> {
    match state.is_ending() {
        true => vec!["done", "failed"],
        false => vec!["done", "rerun", "failed"],
    }
}

fn resolution(
    state: &RunState,
    index: Index,
    step: &str,
    choice: &str,
) -> Result<Resolution, Failure> {
    let choices = match &state.steps[index].state {
        StepState::Held(_) => hold_choices(state),
        StepState::Running | StepState::InDoubt(_) => doubt_choices(state),
        other => {
            let word = other.word().replace('_', " ");
            let message = format!("`{step}` is {word}: there is nothing to decide");
            let help =
                "steps that are held or in doubt are decided; gates are answered by --answers";
            return Err(Failure::usage(message, help));
        }
    };
    if !choices.contains(&choice) {
        let message = format!("`{choice}` is no decision for `{step}`");
        return Err(Failure::usage(message, format!("use one of {}", choices.join(", "))));
    }
    Ok(match choice {
        "done" => Resolution::Done,
        "failed" => Resolution::Failed,
        "skip" => Resolution::Skip,
        "undo" => Resolution::Undo,
        _ => Resolution::Again,
    })
}

fn invariant(plan: &Plan, id: &str, choice: &str) -> Result<InvariantChoice, Failure> {
    let known = plan.runbook.invariants.iter().filter_map(|check| check.id.as_ref());
    let known: Vec<&str> = known.map(|id| id.value.as_str()).collect();
    if !known.contains(&id) {
        let help = match nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean `invariant/{near}`?"),
            None => "the invariants of a runbook have ids".to_owned(),
        };
        return Err(Failure::usage(format!("there is no invariant `{id}`"), help));
    }
    match choice {
        "retry" => Ok(InvariantChoice::Retry),
        "waive" => Ok(InvariantChoice::Waive),
        "undo" => Ok(InvariantChoice::Undo),
        _ => Err(Failure::usage(
            format!("`{choice}` is no decision for an invariant"),
            "use retry, waive or undo",
        )),
    }
}

fn verdict(choice: &str) -> Result<VerdictChoice, Failure> {
    match choice {
        "retry" => Ok(VerdictChoice::Retry),
        "end" => Ok(VerdictChoice::End),
        "undo" => Ok(VerdictChoice::Undo),
        _ => Err(Failure::usage(
            format!("`{choice}` is no decision for the verdict"),
            "use retry, end or undo",
        )),
    }
}

/// The checks of `--waive` with their reasons, each of which exists.
pub fn waived(plan: &Plan, waive: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    let ids = check_ids(plan);
    let mut waived = BTreeMap::new();
    for text in waive {
        let (id, reason) = text.split_once('=').unwrap_or((text, ""));
        if reason.trim().is_empty() {
            let message = format!("`{text}` gives no reason");
            return Err(Failure::usage(message, "write --waive id=reason"));
        }
        if !ids.contains(&id) {
            let help = match nearest(id, ids.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None if ids.is_empty() => "this runbook has no check with an id".to_owned(),
                None => format!("the checks are {}", ids.join(", ")),
            };
            return Err(Failure::usage(format!("there is no check `{id}`"), help));
        }
        waived.insert(id.to_owned(), reason.to_owned());
    }
    Ok(waived)
}

fn check_ids(plan: &Plan) -> Vec<&str> {
    let runbook = &plan.runbook;
    let required = plan.nodes.iter().flat_map(|node| &node.forms);
    let required = required.flat_map(|form| form.required()).map(|around| around.check);
    let checks = runbook.confirm.iter().chain(&runbook.preconditions).chain(&runbook.invariants);
    let checks = checks.chain(required);
    checks.filter_map(|check| check.id.as_ref()).map(|id| id.value.as_str()).collect()
}
