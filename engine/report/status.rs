//! Where a run stands, as JSON for programs and as text for people.

use chrono::SecondsFormat;
use schemars::JsonSchema;
use serde::Serialize;

use crate::plan::{Index, Node, Plan, Role};
use crate::run::RunState;
use crate::run::event::{self as run, Mode, Question, RunStarted, Skip, Verdict};
use crate::run::state::StepState;

use super::visible_str;

/// Where a run stands. The names and the order of the fields are a promise.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Status {
    /// The id of the run.
    run: String,
    /// The id of the runbook.
    runbook: String,
    /// The word for where the run stands.
    state: &'static str,
    /// What brings an open run to its end before its time, where something does.
    #[serde(skip_serializing_if = "Option::is_none")]
    ending: Option<Ending>,
    /// The paths of the steps that are still to be taken back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    to_take_back: Vec<String>,
    /// What the exit criteria said, once they were judged.
    verdict: Option<Verdict>,
    /// How the run goes through the runbook.
    mode: Mode,
    /// The environment that the run is in, where one was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<String>,
    /// All steps in the order of the file, those of `finally` too; undos that are not paired once they
    /// have begun, unless their step is undone.
    steps: Vec<Step>,
    /// What somebody must answer before the run goes on.
    waiting_for: Vec<Waiting>,
    /// What waits in the inbox for whoever drives the run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inbox: Vec<Letter>,
    /// The files, in the folder of the run, of messages that are not known to have arrived.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undelivered: Vec<String>,
}

impl Status {
    /// With what waits in the inbox.
    #[must_use]
    pub fn with_inbox(self, letters: &[run::Letter]) -> Status {
        Status { inbox: letters.iter().map(Letter::of).collect(), ..self }
    }

    /// With the files of messages that are not known to have arrived.
    #[must_use]
    pub fn with_undelivered(self, undelivered: Vec<String>) -> Status {
        Status { undelivered, ..self }
    }
}

/// What brings a run to its end before its time.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Ending {
    /// Nothing new begins.
    Abort,
    /// What was done is taken back.
    Undo,
}

/// Where one step stands.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Step {
    /// The id of the step; an undo has `~undo` behind it.
    id: String,
    /// Its place: phases, rungs, items and includes joined by `/`.
    path: String,
    /// The word for where the step stands.
    state: &'static str,
    /// Why it stands there, where that is worth a word.
    reason: Option<String>,
    /// How often its action was begun.
    attempts: u32,
    /// When its action began.
    started_at: Option<String>,
    /// When it was settled.
    ended_at: Option<String>,
}

/// A question that somebody must answer.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub(super) struct Waiting {
    /// The path of the step that it is about; none for the run.
    pub(super) step: Option<String>,
    /// What sort of question it is.
    pub(super) kind: &'static str,
    /// The question in words.
    pub(super) question: String,
    /// The digest that an answer binds to, where one does.
    digest: Option<String>,
}

/// A letter from another terminal that nobody has taken yet.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Letter {
    /// Who wrote it.
    by: String,
    /// The path of the step that it is about; none for the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// What is wanted, in words.
    wish: String,
    /// When it was written.
    sent_at: String,
}

impl Letter {
    fn of(letter: &run::Letter) -> Letter {
        Letter {
            by: letter.by.clone(),
            step: letter.wish.step().map(str::to_owned),
            wish: letter.wish.said(),
            sent_at: letter.sent_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        }
    }
}

/// What waits in the inbox, a line for each letter.
pub fn inbox_text(letters: &[run::Letter]) -> String {
    let line = |letter: &run::Letter| {
        let about = letter.wish.step().unwrap_or("the run");
        let since = letter.sent_at.format("%H:%M:%S");
        let wish = letter.wish.said();
        let line = format!("waits in the inbox: {about}: {wish} (by {}, {since} UTC)", letter.by);
        visible_str(&line).into_owned() + "\n"
    };
    letters.iter().map(line).collect()
}

/// Where a run stands.
pub fn status(plan: &Plan, state: &RunState) -> Status {
    let start = state.start.as_ref();
    let steps = plan.in_order().filter(|(index, node)| is_shown(node, *index, state));
    let steps = steps.map(|(index, node)| {
        let status = &state.steps[index];
        let id = match node.role {
            Role::Undo { .. } => format!("{}~undo", node.id),
            _ => node.id.clone(),
        };
        let time = |at: Option<crate::run::Moment>| {
            at.map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
        };
        Step {
            id,
            path: node.path.clone(),
            state: match status.state {
                StepState::Pending if state.ready.contains(&index) => "ready",
                _ => status.state.word(),
            },
            reason: match status.state {
                StepState::Rejected if status.is_expired => Some("expired".into()),
                StepState::Rejected => Some("refused".into()),
                _ => reason(&status.state),
            },
            attempts: status.attempts,
            started_at: time(status.started_at.filter(|_| status.attempts > 0)),
            ended_at: time(status.ended_at),
        }
    });
    let ending = ending(state);
    let is_undone = ending == Some(Ending::Undo);
    Status {
        run: start.map(|start| start.run.clone()).unwrap_or_default(),
        runbook: plan.runbook.id.value.clone(),
        state: run_word(plan, state),
        ending,
        to_take_back: if is_undone { state.to_take_back(plan) } else { Vec::new() },
        verdict: state.verdict,
        mode: state.mode(),
        environment: state.environment.clone(),
        steps: steps.collect(),
        waiting_for: state.waiting_for(plan).iter().map(waiting).collect(),
        inbox: Vec::new(),
        undelivered: Vec::new(),
    }
}

/// Whether a node is a step to a person. That the run was taken back is said of what was.
fn is_shown(node: &Node, index: Index, state: &RunState) -> bool {
    let status = &state.steps[index];
    match node.role {
        _ if node.patterns > 0 => false,
        Role::Whole => false,
        Role::Undo { of, is_paired: false } => {
            let has_begun = !matches!(
                status.state,
                StepState::Pending | StepState::NotReached | StepState::Skipped(Skip::NotNeeded)
            );
            has_begun && state.steps[of].state != StepState::Undone
        }
        _ => true,
    }
}

/// The word for where a run stands.
pub(super) fn run_word(plan: &Plan, state: &RunState) -> &'static str {
    use crate::run::event::Outcome;
    match state.outcome {
        Some(Outcome::Succeeded) => "succeeded",
        Some(Outcome::SucceededWithExceptions) => "succeeded_with_exceptions",
        Some(Outcome::Failed) => "failed",
        Some(Outcome::Aborted) => "aborted",
        Some(Outcome::Rehearsed) => "rehearsed",
        None if state.is_paused => "paused",
        None if !state.waiting_for(plan).is_empty() => "waiting",
        None if state.is_parked => "stopped",
        None => "running",
    }
}

fn reason(state: &StepState) -> Option<String> {
    match state {
        StepState::Held(failure)
        | StepState::Failing(failure)
        | StepState::RetryWait(failure)
        | StepState::Failed(failure, _) => {
            let kind = serde_json::to_value(failure.kind).unwrap_or_default();
            Some(format!("{}: {}", kind.as_str().unwrap_or_default(), failure.detail))
        }
        StepState::Skipped(Skip::When) => Some("when".into()),
        StepState::Skipped(Skip::Operator | Skip::Declined) => Some("operator".into()),
        StepState::Skipped(Skip::NotNeeded) => Some("not_needed".into()),
        _ => None,
    }
}

pub(super) fn waiting(question: &Question) -> Waiting {
    let (step, kind, text, digest) = match question {
        Question::Gate(gate) => {
            (Some(gate.step.clone()), "gate", gate.ask.clone(), Some(gate.digest.clone()))
        }
        Question::Item(asked) => (Some(asked.step.clone()), "person", asked.shown(), None),
        Question::Needed { step, title } => {
            (Some(step.clone()), "person", format!("is this needed? {title}"), None)
        }
        Question::Choose { step, ask, .. } => (Some(step.clone()), "person", ask.clone(), None),
        Question::Manual { step, text, .. } => (Some(step.clone()), "person", text.clone(), None),
        Question::Proceed { step, command } => {
            (Some(step.clone()), "person", format!("go on with this? {command}"), None)
        }
        Question::Terminal { step, command } => {
            (Some(step.clone()), "person", format!("needs a terminal: {command}"), None)
        }
        Question::Hold { step, failure } => {
            (Some(step.clone()), "hold", failure.detail.clone(), None)
        }
        Question::InDoubt { step, command } => {
            (Some(step.clone()), "in_doubt", format!("did this happen? {command}"), None)
        }
        Question::Input { name } => (None, "input", format!("the value of {name}"), None),
        Question::Check { check, detail } => (check.step.clone(), "person", detail.clone(), None),
        Question::Invariant { detail, .. } => (None, "invariant", detail.clone(), None),
        Question::Verdict { detail, .. } => (None, "verdict", detail.clone(), None),
    };
    Waiting { step, kind, question: text, digest }
}

/// What brings an open run to its end before its time.
fn ending(state: &RunState) -> Option<Ending> {
    match state.has_ended() {
        true => None,
        false if state.is_taken_back() => Some(Ending::Undo),
        false => state.is_ending().then_some(Ending::Abort),
    }
}

/// Where an open run goes, where that is not the end of its steps.
fn course(status: &Status) -> Option<String> {
    Some(match status.ending? {
        Ending::Abort => "it is being ended: nothing new begins".to_owned(),
        Ending::Undo if status.to_take_back.is_empty() => {
            "it is being taken back; still to be taken back: nothing".to_owned()
        }
        Ending::Undo => {
            let left = status.to_take_back.join(", ");
            format!("it is being taken back; still to be taken back: {left}")
        }
    })
}

/// Where a run stands, line by line.
pub fn status_text(plan: &Plan, state: &RunState) -> String {
    let status = status(plan, state);
    let verdict = match state.verdict {
        Some(verdict) => format!(", {}", verdict.word().replace('_', " ")),
        None => String::new(),
    };
    let place = state.start.as_ref().and_then(RunStarted::place);
    let place = place.map(|place| format!(", {place}")).unwrap_or_default();
    let mut lines = vec![
        format!("{}  {}{verdict}{place}", status.run, status.state.replace('_', " ")),
        format!("{}: {}", status.runbook, plan.runbook.title),
    ];
    lines.extend(course(&status));
    lines.push(String::new());
    for step in &status.steps {
        let depth = step.path.matches('/').count();
        let reason = step.reason.as_ref().map(|reason| format!("  ({reason})")).unwrap_or_default();
        let word = step.state.replace('_', " ");
        lines.push(format!("  {word:<12} {:indent$}{}{reason}", "", step.id, indent = depth * 2));
    }
    for question in &status.waiting_for {
        let step = question.step.as_deref().unwrap_or("the run");
        let kind = question.kind.replace('_', " ");
        lines.push(String::new());
        lines.push(format!("waits: {step} ({kind}): {}", question.question));
    }
    lines.iter().map(|line| visible_str(line).into_owned() + "\n").collect()
}
