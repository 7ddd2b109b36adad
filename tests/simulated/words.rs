//! The events that the simulated world tells, and how the engine is told what was found out about
//! an attempt in doubt.

use holdpoint::run::Execution;
use holdpoint::run::event::{
    End, Event, Failure, FailureKind, Moment, Process, ProcessGone, Resumed, RunStarted, StepEnded,
};
use serde_json::json;

use super::driver::Sought;
use super::keeper::{Finish, Found, Token};

/// When every schedule begins.
pub(crate) fn beginning() -> Moment {
    Moment::from_timestamp(1_700_000_000, 0).expect("within the range of time")
}

pub(crate) fn run_started(parallel: usize, is_attended: bool) -> Event {
    let start: RunStarted = serde_json::from_value(json!({
        "run": "20261120-sample-k7f", "version": "0", "runbook": "sample", "title": "Sample",
        "file": "sample.yaml", "digest": "", "mode": "live", "operator": "ada", "host": "here",
        "cwd": "/", "is_attended": is_attended, "on_failure": null, "parallel": parallel,
        "detected_at": null, "incident": null, "waived": {},
    }))
    .expect("this is how a run begins");
    Event::RunStarted(start)
}

pub(crate) fn resumed(is_attended: bool) -> Event {
    let resumed: Resumed = serde_json::from_value(json!({
        "operator": "grace", "host": "here", "is_attended": is_attended, "waived": {},
    }))
    .expect("this is how a driver takes over");
    Event::Resumed(resumed)
}

pub(crate) fn spawned(step: &str, token: Token, pid: usize, boot: u32) -> Event {
    let process = process(pid, boot);
    Event::StepSpawned { step: step.to_owned(), attempt: token.attempt, process }
}

/// A process as the engine is told of it.
pub(crate) fn process(pid: usize, boot: u32) -> Process {
    Process { pid: pid as u32 + 2, start_time: pid as u64, boot_id: boot.to_string() }
}

/// Which process that is, and in which start of the machine.
pub(crate) fn place(process: &Process) -> Option<(usize, u32)> {
    Some((process.start_time as usize, process.boot_id.parse().ok()?))
}

/// The end of an action, with what it hands on.
pub(crate) fn ended(step: &str, attempt: u32, end: End, failure: Option<FailureKind>) -> StepEnded {
    let failure = failure.map(|kind| Failure::new(kind, "as it happens"));
    StepEnded { failure, took_ms: 1, ..StepEnded::new(step, attempt, end) }
}

/// The end of a command.
pub(crate) fn finished(execution: &Execution, finish: Finish) -> Event {
    let (end, failure) = match finish {
        Finish::Exited(0) => (End::Exited { code: 0 }, None),
        Finish::Exited(code) => (End::Exited { code }, Some(FailureKind::Exit)),
        Finish::Killed => (End::Signalled { signal: 9 }, Some(FailureKind::Signal)),
        Finish::NotSpawned => {
            (End::NotSpawned { reason: "no more processes".into() }, Some(FailureKind::Spawn))
        }
    };
    let mut ended = ended(&execution.step, execution.attempt, end, failure);
    if failure.is_none() {
        let value = json!(format!("{}", execution.attempt));
        let names = execution.outputs.iter().map(|output| output.name.value.clone());
        ended.outputs = names.map(|name| (name, value.clone())).collect();
        ended.stdout = execution.keeps_stdout.then(|| "printed".into());
    }
    Event::StepEnded(Box::new(ended))
}

/// The end of an attempt was not seen, since its keeper was killed or had begun it before.
pub(crate) fn lost(execution: &Execution) -> Event {
    let (step, attempt) = (execution.step.clone(), execution.attempt);
    Event::StepLost { step, attempt, reason: "its keeper was killed".into() }
}

/// An attempt in doubt was found.
pub(crate) fn found(sought: &Sought, process: Option<Process>) -> Event {
    Event::StepFound { step: sought.step.clone(), attempt: sought.token.attempt, process }
}

/// What the engine is told of an attempt in doubt whose end nobody knows; nothing as long as that
/// must be waited for.
pub(crate) fn gone(sought: &Sought, found: Found) -> Option<Event> {
    let (is_certain, has_begun) = match found {
        Found::Gone => (true, true),
        Found::NeverStarted => (true, false),
        Found::Unknown => (false, true),
        _ => return None,
    };
    Some(Event::ProcessGone(ProcessGone { step: sought.step.clone(), is_certain, has_begun }))
}
