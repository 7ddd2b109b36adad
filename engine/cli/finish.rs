//! What is said and left when a driver is done with a run.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;

use crate::drive::Finish;
use crate::journal::{Folder, Lock};
use crate::plan::Plan;
use crate::report::visible_str;
use crate::run::event::{Cause, GateQuestion, Outcome, Question};
use crate::run::{HAND_OVER, RunState, STEP_UNDO};
use crate::timeline::{self, View, Zone};

use super::answers;
use super::args::RunFormat;
use super::failure::{Exit, Failure};
use super::find::Found;

mod by_hand;

/// Says how it went, keeps the timeline beside the journal, and gives the exit code.
pub fn conclude(
    folder: &Folder,
    plan: &Plan,
    state: &RunState,
    finish: Finish,
    format: RunFormat,
) -> Result<Exit, Failure> {
    let kept = keep_pages(folder, state);
    if format != RunFormat::Jsonl {
        let mut text = match finish {
            Finish::Ended => ended(state),
            Finish::Parked | Finish::Stopped => waiting(folder, plan, state, finish),
            Finish::Paused => String::new(),
        };
        match kept {
            Ok(pages) => {
                let _ = writeln!(text, "timeline: {}", pages.timeline);
                let _ = writeln!(text, "head of the chain: {}", short(&pages.head));
            }
            // The journal has it all; only the page beside it is missing.
            Err(failure) => {
                let _ = writeln!(text, "the timeline was not written: {failure}");
            }
        }
        // What cannot be shown changes nothing of how the run went.
        let _ = super::print(&visible_str(&text));
    }
    Ok(match finish {
        Finish::Ended => exit_of(state),
        Finish::Parked => Exit::Waiting,
        Finish::Paused => return Err(Failure::Paused { go_on: go_on(folder) }),
        Finish::Stopped => exit_left(finish, state.stopped_by.as_deref()),
    })
}

/// The exit code of a run that is left, and by what.
pub fn exit_left(finish: Finish, stopped_by: Option<&str>) -> Exit {
    match (finish, stopped_by) {
        (Finish::Stopped, Some("Ctrl-C")) => Exit::Interrupted,
        (Finish::Stopped, Some(HAND_OVER | STEP_UNDO)) => Exit::Waiting,
        (Finish::Stopped, _) => Exit::Terminated,
        _ => Exit::Waiting,
    }
}

/// What a run waits for, in a line.
pub fn waits_for(plan: &Plan, state: &RunState) -> String {
    let waiting = state.waiting_for(plan);
    let told: Vec<String> =
        waiting.iter().map(|question| described(plan, state, question).0).collect();
    format!("nobody was there to answer: {}", told.join("; "))
}

/// The exit code of a run that has ended.
pub fn exit_of(state: &RunState) -> Exit {
    match (state.outcome, &state.cause) {
        (Some(Outcome::Succeeded | Outcome::Rehearsed), _) => Exit::Done,
        (Some(Outcome::SucceededWithExceptions), _) => Exit::Exceptions,
        (Some(Outcome::Aborted), Some(Cause::NotStarted { .. })) => Exit::Invalid,
        (Some(Outcome::Aborted), _) => Exit::Stopped,
        (Some(Outcome::Failed) | None, _) => Exit::Failed,
    }
}

/// How a run ended, in a line.
pub fn ended(state: &RunState) -> String {
    let outcome = state.outcome.map(timeline::outcome).unwrap_or_default();
    let verdict = match state.verdict {
        Some(verdict) => format!("{}: ", verdict.word().replace('_', " ")),
        None => String::new(),
    };
    let took = state.last_at.map(|at| state.lasted(at).num_milliseconds()).unwrap_or_default();
    let took = u64::try_from(took).unwrap_or_default();
    let text = format!("{verdict}{outcome} after {}", timeline::duration(took));
    format!("\n{}\n", state.mode().stamped(&text))
}

fn waiting(folder: &Folder, plan: &Plan, state: &RunState, finish: Finish) -> String {
    let waiting = state.waiting_for(plan);
    let text = match finish {
        Finish::Stopped => "stopped: the run is open and can go on".to_owned(),
        _ => match &state.environment {
            Some(name) => format!("the run in {name} waits for a person"),
            None => "the run waits for a person".to_owned(),
        },
    };
    let mut text = format!("\n{}\n", state.mode().stamped(&text));
    let mut ways = Vec::new();
    for question in &waiting {
        let (line, way) = described(plan, state, question);
        let _ = writeln!(text, "  {line}");
        ways.push(way);
    }
    let _ = writeln!(text, "{}", go_on(folder));
    // Whoever is at a terminal is asked there.
    if !state.is_anybody_there() {
        for way in ways {
            let _ = writeln!(text, "  without a terminal, add {way}");
        }
    }
    text
}

/// The command that goes on with a run.
pub fn go_on(folder: &Folder) -> String {
    format!("go on with: holdpoint {}resume {}", folder.option(), folder.run)
}

/// How a run that nobody can do something else with goes on, whether somebody drives it or not.
pub fn way_on(folder: &Folder) -> String {
    match Lock::is_held(&folder.lock()) {
        true => format!("somebody drives it: `holdpoint {}status {}`", folder.option(), folder.run),
        false => go_on(folder),
    }
}

/// A step that needs a terminal, and that no file answers for it.
fn at_terminal(step: &str, command: &str) -> (String, String) {
    let needed = format!("{step} needs a terminal: {command}");
    (needed, "nothing more: resume it where a person is".to_owned())
}

/// A step that a person wanted to be asked about before it begins.
fn before(step: &str) -> (String, String) {
    let waits = format!("{step} has not begun: it was to be asked about first");
    (waits, "nothing more: without a terminal nothing is asked before a step".to_owned())
}

/// A question that is open, and what `resume` needs to answer it without a terminal.
pub fn described(plan: &Plan, state: &RunState, question: &Question) -> (String, String) {
    match question {
        Question::Gate(gate) => {
            let word =
                gate.word.as_ref().map(|word| format!(" (word: {word})")).unwrap_or_default();
            (
                format!("{} waits at its gate: {}{word}", gate.step, gate.ask.trim_end()),
                format!("--answers FILE, which holds {}: {}", gate.step, prepared(gate)),
            )
        }
        Question::Manual { step, answers, evidence, .. } => {
            let told = question.told().lines().next().unwrap_or_default();
            (
                format!("{step} is to be done by hand: {told}"),
                format!("--answers FILE, which holds {step}: {}", by_hand::done(answers, evidence)),
            )
        }
        Question::Choose { step, ask, .. } => (
            format!("{step} asks: {ask}"),
            format!("--answers FILE, which holds {step}: {{choice: VALUE}}"),
        ),
        Question::Terminal { step, command } => at_terminal(step, command),
        Question::Proceed { step, .. } => before(step),
        Question::Item(asked) => (
            format!(
                "{} waits for item {} of {}: {}",
                asked.step,
                asked.number,
                asked.of,
                asked.shown()
            ),
            format!("--answers FILE, which holds {}: {}", asked.step, by_hand::ticked(asked)),
        ),
        Question::Needed { step, title } => (
            format!("{step} is optional: is it needed? {title}"),
            format!("--answers FILE, which holds {step}: {{needed: true, reason: TEXT}}"),
        ),
        Question::Input { name } => (format!("the input {name} has no value"), supply(plan, name)),
        Question::Check { detail, .. } => {
            (format!("a check does not hold: {detail}"), "--waive ID=REASON".into())
        }
        Question::Hold { step, failure } => (
            format!("{step} is held: {}", failure.detail),
            resolve(step, &answers::hold_choices(state).join(", ")),
        ),
        Question::InDoubt { step, .. } => (
            format!("{step} is in doubt: it was started, and how it ended is not known"),
            resolve(step, &answers::doubt_choices(state).join(", ")),
        ),
        Question::Invariant { id, detail, .. } => (
            format!("nothing new begins: {detail}"),
            resolve(&format!("invariant/{id}"), "retry, waive, undo"),
        ),
        Question::Verdict { detail, .. } => (
            format!("the verdict needs a decision: {detail}"),
            resolve("verdict", "retry, end, undo"),
        ),
    }
}

/// How a decision is handed in.
fn resolve(what: &str, choices: &str) -> String {
    format!("--resolve {what}=CHOICE --reason TEXT; the choices are {choices}")
}

/// The answer that would open a gate, as it stands in a file of answers.
fn prepared(gate: &GateQuestion) -> String {
    let quoted = |text: &String| serde_json::to_string(text).unwrap_or_default();
    let word = match &gate.word {
        Some(word) => format!("word: {}", quoted(word)),
        None => "approve: true".into(),
    };
    let is_strict = gate.quorum > 1 || gate.barred.is_some();
    let by = gate.approvers.first().map(|name| format!(", by: {}", quoted(name)));
    let by = by.or_else(|| is_strict.then(|| ", by: NAME".to_owned()));
    let value = gate.value.as_ref().map(|_| ", value: NUMBER".to_owned());
    let digest = is_strict.then(|| format!(", digest: {}", gate.digest));
    let more: String = [by, value, digest].into_iter().flatten().collect();
    format!("{{{word}{more}}}")
}

/// How an input gets its value without a terminal. A secret stays out of the command line.
fn supply(plan: &Plan, name: &str) -> String {
    let input = plan.runbook.inputs.iter().find(|input| input.name.value == name);
    match input.map(|input| (input.is_secret, &input.env)) {
        Some((true, Some(variable))) => format!("the secret, in the variable {variable}"),
        Some((true, None)) => format!("--inputs FILE, which holds {name}"),
        None => "a person at a terminal, who types this secret again".into(),
        Some((false, _)) => format!("--input {name}=VALUE"),
    }
}

/// The beginning of a hash: enough to be noted down elsewhere and compared.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// What was made from the journal, and the hash of its last record.
pub struct Pages {
    /// Where the timeline is.
    pub timeline: String,
    /// The head of the chain.
    pub head: String,
}

/// Writes the pages that are made from the journal.
pub fn keep_pages(folder: &Folder, state: &RunState) -> Result<Pages, Failure> {
    let found = Found::in_folder(folder.clone())?;
    let (mut plans, reading) = (found.plans()?, &found.reading);
    let (page, _) = timeline::fold(&mut plans, &reading.records, &reading.ending, View::Curated)?;
    folder.write("timeline.md", timeline::markdown(&page, Zone::Utc).as_bytes())?;
    let inputs: BTreeMap<&String, Json> = state
        .inputs
        .iter()
        .filter(|(_, given)| !given.is_secret)
        .map(|(name, given)| (name, given.value.clone().unwrap_or_default()))
        .collect();
    let inputs = serde_json::to_string_pretty(&inputs).unwrap_or_default();
    folder.write("inputs.json", inputs.as_bytes())?;
    let timeline = folder.path().join("timeline.md").display().to_string();
    Ok(Pages { timeline, head: page.head.unwrap_or_default() })
}
