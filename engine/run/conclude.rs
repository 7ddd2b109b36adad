//! What the end of an action means: whether it is a success, and what it hands on.
//!
//! The same is said of an action that was performed and of one that is assumed.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use crate::document::duration_text;
use crate::runbook::expect::{Judgement, Sight as Seen, Text};
use crate::runbook::output::{From, Output};
use crate::runbook::value::Value;

use super::effect::Execution;
use super::event::{End, Failure, FailureKind, Sight, StepEnded};

/// An end with nothing known beyond it.
pub fn ended(execution: &Execution, end: End) -> StepEnded {
    StepEnded::new(&execution.step, execution.attempt, end)
}

/// Why a command that exited is no success, if it is none.
pub fn exited(execution: &Execution, code: i32, stdout: &Text, stderr: &Text) -> Option<Failure> {
    let (stdout, stderr) = (stdout.clone(), stderr.clone());
    let seen = Seen { exit: Some(i64::from(code)), stdout, stderr, ..Seen::default() };
    let good = execution.expect.exit.as_deref().unwrap_or(&[0]);
    let is_exit = !good.contains(&i64::from(code));
    let kind = if is_exit { FailureKind::Exit } else { FailureKind::Expect };
    judged(execution, &seen, kind)
}

/// Why what was seen of an action is no success, if it is none.
pub fn judged(execution: &Execution, seen: &Seen, kind: FailureKind) -> Option<Failure> {
    match execution.expect.judge(seen) {
        Judgement::Holds | Judgement::Warns(_) => None,
        Judgement::Fails(reason) | Judgement::Error(reason) => Some(Failure::new(kind, reason)),
    }
}

/// The end of a look that is the action of a step.
pub fn looked(execution: &Execution, judgement: Judgement) -> StepEnded {
    let (sight, detail) = sight(judgement);
    let failure = match sight {
        Sight::Holds | Sight::Warns => None,
        Sight::Fails => Some(Failure::new(FailureKind::Expect, detail.clone())),
        Sight::Unseen => Some(Failure::new(FailureKind::Unseen, detail.clone())),
    };
    StepEnded { failure, ..ended(execution, End::Looked { detail }) }
}

/// The end of a wait for something to hold, by what the last look showed; `within` is how long it
/// was to be waited for.
pub fn waited(execution: &Execution, within: Option<Duration>, judgement: Judgement) -> StepEnded {
    match (judgement, within) {
        (Judgement::Fails(detail), Some(within)) => {
            let limit = duration_text(within);
            let detail = format!("it did not come to hold within {limit}: {detail}");
            let failure = Some(Failure::new(FailureKind::Timeout, detail.clone()));
            StepEnded { failure, ..ended(execution, End::Looked { detail }) }
        }
        (judgement, _) => looked(execution, judgement),
    }
}

/// What was seen, and what is to be said of it.
pub fn sight(judgement: Judgement) -> (Sight, String) {
    match judgement {
        Judgement::Holds => (Sight::Holds, String::new()),
        Judgement::Warns(detail) => (Sight::Warns, detail),
        Judgement::Fails(detail) => (Sight::Fails, detail),
        Judgement::Error(detail) => (Sight::Unseen, detail),
    }
}

/// What was found that is held against an objective.
pub fn measured(execution: &Execution, found: &BTreeMap<String, Json>) -> BTreeMap<String, Json> {
    let measure = |output: &Output| {
        let value = found.get(&output.name.value)?;
        Some((output.measures?.word().to_owned(), value.clone()))
    };
    execution.outputs.iter().filter_map(measure).collect()
}

/// The outputs of an attempt, from what was seen and what was handed over by name; or why they are
/// not there.
pub fn outputs(
    execution: &Execution,
    seen: &Seen,
    handed: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Json>, Failure> {
    let mut found = BTreeMap::new();
    for output in &execution.outputs {
        let name = "what it printed";
        let value = match (seen.stdout.raw(name), seen.stderr.raw(name)) {
            _ if handed.contains_key(&output.name.value) => {
                output.parse(&handed[&output.name.value])
            }
            _ if matches!(output.from, From::Status) => {
                seen.status.map(Value::Int).ok_or_else(|| "it has none".into())
            }
            (Ok(stdout), Ok(stderr)) => output.extract(stdout, stderr),
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
        match value {
            Ok(value) => {
                found.insert(output.name.value.clone(), value.to_json());
            }
            Err(_) if output.default.is_some() => {}
            Err(_) if execution.is_private() => {
                let detail = format!("its output `{}` is not there, or does not fit", output.name);
                return Err(Failure::new(FailureKind::Expect, detail));
            }
            Err(reason) => {
                let detail = format!("its output `{}`: {reason}", output.name);
                return Err(Failure::new(FailureKind::Expect, detail));
            }
        }
    }
    Ok(found)
}
