//! `holdpoint approve` and `reject`: answering a gate from another terminal.

use crate::journal::Store;
use crate::report::visible_str;
use crate::run::event::{GateQuestion, Wish};
use crate::run::state::StepState;
use crate::runtime::prompt;

use super::args;
use super::consent::{is_agreed, typed};
use super::deliver::{letter, send};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::session;

/// Opens a gate.
pub fn approve(store: &Store, args: args::Approve) -> Result<Exit, Failure> {
    let Open { found, gate, asked, approved } = at_gate(store, &args.words)?;
    show(&found, &gate, &approved)?;
    let is_attended = session::is_attended(false);
    let word = match (&gate.word, args.word) {
        (Some(word), None) if is_attended => {
            let question = format!("Type {word} to approve");
            Some(answered(&question, |_| Ok(()))?)
        }
        (None, None) if is_attended && args.value.is_none() => {
            if is_agreed("Approve it?")? != Some(true) {
                return Ok(Exit::Stopped);
            }
            None
        }
        (_, word) => word,
    };
    let value = match (&gate.value, args.value) {
        (Some(wanted), None) if is_attended => {
            let question = wanted.question();
            let wanted = wanted.clone();
            Some(answered(&question, move |text| wanted.admits(text))?)
        }
        (_, value) => value,
    };
    let count = match gate.quorum {
        1 => String::new(),
        quorum => format!(", {} of {quorum}", approved.len() + 1),
    };
    let GateQuestion { step, digest, .. } = gate;
    let done = format!("{step}: approved{count}");
    let wish = Wish::Approve { step, digest, asked, note: args.note, word, value };
    send(&found, &letter(args.by, wish), &done)
}

/// Refuses a gate.
pub fn reject(store: &Store, args: args::Reject) -> Result<Exit, Failure> {
    let Open { found, gate, asked, approved } = at_gate(store, &args.words)?;
    show(&found, &gate, &approved)?;
    let is_attended = session::is_attended(false);
    let reason = match args.reason.filter(|reason| !reason.trim().is_empty()) {
        None if is_attended => answered("Reason for the refusal", prompt::is_reason)?,
        reason => reason.ok_or_else(|| {
            let help = "say it with --reason; it goes into the timeline";
            Failure::usage("a refusal needs a reason", help)
        })?,
    };
    let GateQuestion { step, digest, .. } = gate;
    let done = format!("{step}: refused");
    send(&found, &letter(args.by, Wish::Reject { step, digest, asked, reason }), &done)
}

/// A gate that waits for an answer.
struct Open {
    found: Found,
    gate: GateQuestion,
    /// How often it has been asked.
    asked: u32,
    /// Who has approved so far.
    approved: Vec<String>,
}

/// The gate that is meant.
fn at_gate(store: &Store, words: &[String]) -> Result<Open, Failure> {
    let (found, name) = find::with_word(words, |run| find::chosen(store, run))?;
    let (plan, state) = found.state()?;
    let index = find::step(&plan, &name)?;
    match &state.steps[index].state {
        StepState::AtGate(gate) => {
            let gate = (**gate).clone();
            let status = &state.steps[index];
            Ok(Open { found, gate, asked: status.gate_asked, approved: status.approved.clone() })
        }
        other => Err(Failure::usage(
            format!(
                "no gate of `{name}` waits for an answer: it is {}",
                other.word().replace('_', " ")
            ),
            "`holdpoint status` shows what the run waits for",
        )),
    }
}

/// Shows the question and all that would run behind it.
fn show(found: &Found, gate: &GateQuestion, approved: &[String]) -> Result<(), Failure> {
    let start = found.start();
    let place = start.and_then(|start| start.environment.as_ref());
    let place = place.map(|name| format!(" in {name}")).unwrap_or_default();
    let mut text = format!("{}{place}, {}: {}\n", found.folder.run, gate.step, gate.ask.trim_end());
    for line in gate.commands.iter().flat_map(|command| command.lines()) {
        text.push_str(&format!("    {line}\n"));
    }
    text.push_str(&gate.approvals(approved));
    super::print(&visible_str(&found.stamped(&text)))
}

/// What is typed; a question that is broken off leaves the gate as it is.
fn answered(
    question: &str,
    check: impl Fn(&str) -> Result<(), String> + Send + 'static,
) -> Result<String, Failure> {
    let missing = || Failure::usage("nothing was answered", "the gate waits on");
    typed(question, check)?.ok_or_else(missing)
}
