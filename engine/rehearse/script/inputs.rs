//! What a run is told in a test: its environment, its inputs, the choices of inputs, its waivers.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::document::nearest;
use crate::plan::Plan;
use crate::run::event::{Event, InputGiven, InputSource};
use crate::runbook::Runbook;
use crate::runbook::input::Input;
use crate::runbook::library::Misgiven;
use crate::runbook::value::Value;
use crate::source::{Diagnostic, Problems, Span, Spanned};

use super::place::CheckPlace;

/// A check that is let pass.
#[derive(Clone, Debug)]
pub struct Waived {
    /// Its id, as it is written.
    pub id: Spanned<String>,
    /// The checks of that id.
    pub places: Vec<CheckPlace>,
    /// Why it may pass.
    pub reason: String,
}

/// The inputs of a case, with those that the chosen environment gives. What a secret is, is in none
/// of them.
pub fn given(
    plan: &Plan,
    inputs: &[(Spanned<String>, Spanned<Json>)],
    at: Span,
    problems: &mut Problems,
) -> Vec<Event> {
    let runbook = &plan.runbook;
    let mut found: BTreeMap<String, (Value, InputSource)> = BTreeMap::new();
    match runbook.library.inputs_of(runbook, runbook.library.chosen.as_deref()) {
        Ok(values) => found
            .extend(values.into_iter().map(|(name, value)| (name, (value, InputSource::Library)))),
        Err(Misgiven::Secret(name)) => {
            problems.error(at, format!("the library gives the secret `{name}`"));
        }
        Err(Misgiven::Value(input, reason)) => {
            problems.error(at, format!("the value of `{}` is refused: {reason}", input.name));
        }
    }
    for (name, json) in inputs {
        let Some(input) = declared(runbook, name, problems) else { continue };
        match input.taken(json) {
            Ok(value) => drop(found.insert(name.value.clone(), (value, InputSource::File))),
            Err(reason) => problems.push(refused(input, json.span, &reason)),
        }
    }
    found.into_iter().map(|(name, (value, from))| event(runbook, name, &value, from)).collect()
}

fn declared<'r>(
    runbook: &'r Runbook,
    name: &Spanned<String>,
    problems: &mut Problems,
) -> Option<&'r Input> {
    let found = runbook.inputs.iter().find(|input| input.name == *name);
    if found.is_none() {
        let problem = Diagnostic::error(name.span, format!("the runbook has no input `{name}`"));
        let known = runbook.inputs.iter().map(|input| input.name.as_str());
        problems.push(match nearest(name, known.clone()) {
            Some(near) => problem.did_you_mean(name, near),
            None if runbook.inputs.is_empty() => problem.help("this runbook has no inputs"),
            None => {
                problem.help(format!("the inputs are {}", known.collect::<Vec<_>>().join(", ")))
            }
        });
    }
    found
}

fn refused(input: &Input, at: Span, reason: &str) -> Diagnostic {
    // A secret that does not fit is not shown either.
    let reason = if input.is_secret { "it does not fit" } else { reason };
    let problem =
        Diagnostic::error(at, format!("the value of `{}` is refused: {reason}", input.name));
    if input.is_secret { problem.private() } else { problem }
}

fn event(runbook: &Runbook, name: String, value: &Value, from: InputSource) -> Event {
    let is_secret = runbook.inputs.iter().any(|input| input.name.value == name && input.is_secret);
    let value = (!is_secret).then(|| value.to_json());
    Event::InputGiven(InputGiven { name, value, is_secret, from })
}

/// What is listed for inputs that have a command for that.
pub fn choices(
    plan: &Plan,
    choices: &[(Spanned<String>, Vec<String>)],
    problems: &mut Problems,
) -> BTreeMap<String, Spanned<Vec<String>>> {
    let mut found = BTreeMap::new();
    for (name, lines) in choices {
        match declared(&plan.runbook, name, problems) {
            Some(input) if input.choices_from.is_some() => {
                found.insert(name.value.clone(), Spanned::new(lines.clone(), name.span));
            }
            Some(_) => {
                problems.error(name.span, format!("the input `{name}` has no `choices_from`"));
            }
            None => {}
        }
    }
    found
}

/// The checks that a case lets pass, each of which is there.
pub fn waived(
    plan: &Plan,
    waive: &[(Spanned<String>, String)],
    problems: &mut Problems,
) -> Vec<Waived> {
    let mut found = Vec::new();
    for (id, reason) in waive {
        match CheckPlace::of_id(plan, id) {
            Ok(places) => found.push(Waived { id: id.clone(), places, reason: reason.clone() }),
            Err(problem) => problems.push(*problem),
        }
    }
    found
}
