//! The sentences of the timeline.

mod adopted;
mod around;
mod drivers;
mod exercise;
mod interventions;
mod length;
mod people;
mod practice;
mod reminders;
mod tasks;

use crate::journal::Ending;
use crate::plan::Plan;
use crate::run::event::{
    Cause, CheckRef, ChoicesListed, Decider, DoubtChoice, End, Event, HoldChoice, InputGiven,
    InputSource, InvariantChoice, Mode, Outcome, ProcessGone, Purpose, Question, Sight, Skip,
    StepEnded, Then, Verdict, VerdictChoice,
};
use crate::run::{Names, RunState, check_title};
use crate::runbook::action::Action;
use crate::runbook::rendered::Quoting;

use super::Kind;

pub(super) use adopted::taken_over;
pub use drivers::durability;
pub use length::{duration, signed};
pub(super) use people::{HASTY, handed_in};
pub use practice::{Label, satisfied};
pub(super) use reminders::behind_reminder;

type Sentence = (Kind, Option<String>, String);

/// What an event says, if it is worth an entry; `state` is the state after it.
pub(super) fn sentence(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    let (kind, step, text) = said(event, plan, state)?;
    // Each line of a rehearsal has a word of its own.
    let is_stamped = is_stamped(event) && state.mode() != Mode::Rehearsal;
    let text = if is_stamped { state.mode().stamped(&text) } else { text };
    let sentence = exercise::labelled(event, state, (kind, step, text));
    Some(practice::labelled(event, plan, state, sentence))
}

/// Whether the entry alone must say that it is of a drill: where somebody comes to a run, is called
/// or asked, or sees how it was left.
fn is_stamped(event: &Event) -> bool {
    matches!(
        event,
        Event::RunStarted(_)
            | Event::Resumed(_)
            | Event::QuestionAsked { .. }
            | Event::Reminded { .. }
            | Event::Parked { .. }
            | Event::Paused { .. }
            | Event::RunEnded { .. }
    )
}

fn said(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    of_run(event)
        .or_else(|| drivers::sentence(event, state.mode()))
        .or_else(|| of_check(event, plan, state))
        .or_else(|| of_step(event, plan, state))
        .or_else(|| of_settlement(event, plan, state))
        .or_else(|| people::sentence(event, plan, state))
        .or_else(|| tasks::of_task(event, plan, state))
        .or_else(|| around::sentence(event))
        .or_else(|| interventions::sentence(event, state.last_at))
        .or_else(|| reminders::sentence(event, plan, state))
        .or_else(|| exercise::sentence(event, state))
}

/// What an event of the run or an input says.
fn of_run(event: &Event) -> Option<Sentence> {
    Some(match event {
        Event::RunStarted(start) => {
            let place = start.environment.as_ref().map(|name| format!(" in {name}"));
            let (place, title) = (place.unwrap_or_default(), &start.title);
            let text = format!("started{place} by {} on {}: {title}", start.operator, start.host);
            (Kind::Run, None, text)
        }
        Event::RunbookAdopted(adopted) => {
            let (by, reason) = (&adopted.by, &adopted.reason);
            (Kind::Decision, None, format!("the changed runbook taken over by {by}: {reason}"))
        }
        Event::InputGiven(given) => (Kind::Input, None, input(given)),
        Event::ChoicesListed(ChoicesListed { input, problem: Some(problem), .. }) => {
            (Kind::Input, None, format!("the choices of {input} could not be listed: {problem}"))
        }
        Event::QuestionAsked { question } => asked(question)?,
        Event::VerdictReached { verdict, detail } => {
            (Kind::Verdict, None, judged(*verdict, detail))
        }
        Event::RunEnded { outcome: ended, as_if, cause, .. } => {
            let as_if = as_if.map(|it| format!("; as assumed, it {}", would(it)));
            let cause = cause.as_ref().map(|cause| format!(": {}", why(cause))).unwrap_or_default();
            (Kind::Run, None, format!("{}{}{cause}", outcome(*ended), as_if.unwrap_or_default()))
        }
        _ => return None,
    })
}

/// What an event of a check says, and what a person decided about the run itself.
fn of_check(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    Some(match event {
        // That all is as it should be is no news.
        Event::CheckObserved { check, sight: Sight::Holds, .. }
            if check.purpose == Purpose::Invariant =>
        {
            return None;
        }
        Event::CheckObserved { check, sight, detail, .. } => {
            (Kind::Check, check.step.clone(), observation(plan, state, check, *sight, detail))
        }
        Event::CheckWaived { check, by, reason } => {
            let title = check_title(plan, state, check);
            (Kind::Decision, check.step.clone(), format!("{title} waived by {by}: {reason}"))
        }
        Event::CheckRefused { check, by, .. } => {
            let title = check_title(plan, state, check);
            let text = match by {
                Some(by) => format!("{title} not waived by {by}"),
                None => format!("nobody was there to waive the {title}"),
            };
            (Kind::Decision, check.step.clone(), text)
        }
        Event::UndoRequested { by, reason } => {
            (Kind::Decision, None, format!("{by} wants it taken back: {reason}"))
        }
        Event::InvariantResolved { check, choice, by, reason } => {
            let choice = match choice {
                InvariantChoice::Retry => "is looked at again",
                InvariantChoice::Waive => "is let pass from here on",
                InvariantChoice::Abort => "ends the run",
                InvariantChoice::Undo => "has the run taken back",
            };
            let title = check_title(plan, state, check);
            (Kind::Decision, None, format!("{title} {choice}, decided by {by}: {reason}"))
        }
        Event::VerdictResolved { choice, by, reason } => {
            let choice = match choice {
                VerdictChoice::Retry => "the exit criteria are looked at again",
                VerdictChoice::End => "the run ends with this verdict",
                VerdictChoice::Undo => "the run is taken back",
            };
            (Kind::Decision, None, format!("{choice}, decided by {by}: {reason}"))
        }
        _ => return None,
    })
}

/// What an event of a step on its way says.
fn of_step(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    let of = |step: &String| Some(step.clone());
    Some(match event {
        Event::CaseChosen { step, case } => {
            (Kind::Decision, of(step), format!("takes the case {case}"))
        }
        Event::ItemsListed { step, items } => (Kind::Decision, of(step), listed(items)),
        // What it shows follows at once.
        Event::StepStarted { step, .. } if is_message(plan, state, step) => return None,
        Event::StepStarted { step, attempt, .. } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            (Kind::Started, of(step), format!("started{again}{}", step_title(plan, state, step)))
        }
        Event::StepEnded(ended) => ending(ended)?,
        _ => return None,
    })
}

fn listed(items: &[serde_json::Value]) -> String {
    let shown = |item: &serde_json::Value| match item {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let first: Vec<String> = items.iter().take(8).map(shown).collect();
    let more = if items.len() > 8 { ", …" } else { "" };
    format!("is done for each of {}: {}{more}", items.len(), first.join(", "))
}

/// What an event that settles a step says.
fn of_settlement(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    let of = |step: &String| Some(step.clone());
    Some(match event {
        Event::StepSucceeded { step } => {
            (Kind::Succeeded, of(step), format!("succeeded{}", took(plan, state, step)))
        }
        Event::StepSatisfied { step } => {
            (Kind::Succeeded, of(step), "satisfied: its effect was there already".into())
        }
        Event::StepSkipped { step, why } => (Kind::Skipped, of(step), skipped(*why).into()),
        Event::StepFailed { step, failure, then } => {
            let text = format!("failed: {}{}", failure.detail, consequence(*then));
            (Kind::Failed, of(step), text)
        }
        Event::StepHeld { step, failure } => {
            (Kind::Failed, of(step), format!("failed and is held: {}", failure.detail))
        }
        Event::HoldResolved { step, choice, by, reason } => {
            (Kind::Decision, of(step), format!("{} by {by}: {reason}", hold_choice(*choice)))
        }
        Event::StepNotReached { step } => {
            (Kind::Skipped, of(step), "not reached: what it needs did not succeed".into())
        }
        Event::ProcessGone(ProcessGone { step, is_certain, has_begun }) => {
            let text = match (is_certain, has_begun) {
                (_, false) => "its command had not been started",
                (true, true) => "its process runs no more; how it ended is not known",
                (false, true) => "whether its process still runs is not known",
            };
            (Kind::Check, of(step), text.into())
        }
        Event::StepLost { step, reason, .. } => {
            (Kind::Failed, of(step), format!("its end was not seen: {reason}"))
        }
        Event::StepFound { step, .. } => {
            (Kind::Check, of(step), "found again under its keeper".into())
        }
        Event::DoubtSettled { step, choice, by, reason } => {
            let choice = match choice {
                DoubtChoice::Done => "counted as done",
                DoubtChoice::Rerun => "done again",
                DoubtChoice::Failed => "counted as failed",
            };
            (Kind::Decision, of(step), format!("in doubt, {choice}{}: {reason}", decider(by)))
        }
        _ => return None,
    })
}

fn input(given: &InputGiven) -> String {
    let from = match given.from {
        InputSource::Flag => "given on the command line",
        InputSource::Lab => "given by the lab",
        InputSource::File => "from the inputs file",
        InputSource::Environment => "from the environment",
        InputSource::Library => "from the library",
        InputSource::Default => "by default",
        InputSource::Prompt => "typed by the operator",
        InputSource::Assumed => "which stands in for what nobody gave",
    };
    match &given.value {
        _ if given.is_secret && given.from == InputSource::Assumed => {
            format!("{} is a secret, which nobody gave", given.name)
        }
        _ if given.is_secret => format!("{} is a secret, {from}", given.name),
        Some(serde_json::Value::String(text)) => format!("{} is {text}, {from}", given.name),
        Some(value) => format!("{} is {value}, {from}", given.name),
        None => format!("{} is left out", given.name),
    }
}

fn observation(
    plan: &Plan,
    state: &RunState,
    check: &CheckRef,
    sight: Sight,
    detail: &str,
) -> String {
    let title = check_title(plan, state, check);
    let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    match sight {
        Sight::Holds => format!("{title} holds"),
        Sight::Warns => format!("{title} holds, with a warning{detail}"),
        Sight::Fails => format!("{title} does not hold{detail}"),
        Sight::Unseen => format!("{title} could not be seen{detail}"),
    }
}

/// How long a settled step took, its verification included and the wait at its gate not.
fn took(plan: &Plan, state: &RunState, path: &str) -> String {
    let status = plan.at_path(path).map(|index| &state.steps[index]);
    let from = status.and_then(|status| status.acted_at.or(status.started_at));
    match status.map(|status| (from, status.ended_at)) {
        Some((Some(from), Some(to))) => {
            let ms = u64::try_from((to - from).num_milliseconds()).unwrap_or_default();
            format!(" after {}", duration(ms))
        }
        _ => String::new(),
    }
}

fn is_message(plan: &Plan, state: &RunState, path: &str) -> bool {
    let form = plan.at_path(path).and_then(|index| state.form(plan, index));
    form.is_some_and(|form| matches!(form.facets.action, Action::Notify(_)))
}

/// What a person calls a step, to follow a word about it.
fn step_title(plan: &Plan, state: &RunState, path: &str) -> String {
    let Some(index) = plan.at_path(path) else { return String::new() };
    let names = Names::at(plan, state, index);
    let shown =
        plan.nodes[index].title.as_ref().map(|title| match title.render(&names, Quoting::Text) {
            Ok(text) => text.shown(),
            Err(_) => title.to_string(),
        });
    shown.map(|title| format!(": {title}")).unwrap_or_default()
}

fn asked(question: &Question) -> Option<Sentence> {
    Some(match question {
        Question::Gate(gate) => {
            let word = gate.word.as_ref().map(|word| format!(" (type {word})")).unwrap_or_default();
            (Kind::Gate, Some(gate.step.clone()), format!("asks: {}{word}", gate.ask.trim_end()))
        }
        Question::Manual { .. }
        | Question::Item(_)
        | Question::Choose { .. }
        | Question::Terminal { .. }
        | Question::Needed { .. } => {
            return people::asked(question);
        }
        Question::Hold { .. } | Question::Input { .. } | Question::Proceed { .. } => return None,
        Question::InDoubt { step, .. } => {
            let text = "is in doubt: its start is on record and its end is not";
            (Kind::Waiting, Some(step.clone()), text.into())
        }
        Question::Check { check, detail } => {
            (Kind::Waiting, check.step.clone(), format!("asks whether to go on: {detail}"))
        }
        Question::Invariant { detail, .. } => {
            (Kind::Waiting, None, format!("holds the run: {detail}"))
        }
        Question::Verdict { detail, .. } => {
            (Kind::Waiting, None, format!("asks what to do: {detail}"))
        }
    })
}

/// What stands behind a question, line by line.
pub(super) fn behind(question: &Question) -> Vec<String> {
    match question {
        Question::Gate(gate) => {
            gate.commands.iter().flat_map(|command| command.lines()).map(str::to_owned).collect()
        }
        Question::Manual { text, .. } => text.lines().map(str::to_owned).collect(),
        Question::Choose { options, .. } => people::options(options),
        Question::InDoubt { command, .. } => command.lines().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// An ending is worth an entry of its own when the end of the step does not follow at once.
fn ending(ended: &StepEnded) -> Option<Sentence> {
    let step = Some(ended.step.clone());
    let text = match (&ended.end, &ended.failure) {
        (End::Shown { .. }, _) | (End::Sent { .. }, None) => {
            return Some((Kind::Message, step, how_ended(&ended.end)));
        }
        (End::Sent { to, .. }, Some(failure)) => {
            let detail = &failure.detail;
            let text = format!("could not hand this message to {to}, so pass it on: {detail}");
            return Some((Kind::Message, step, text));
        }
        (End::Looked { .. }, None) => "looked".to_owned(),
        (end, _) => how_ended(end),
    };
    let doubt = if ended.is_unseen { "; whether it ended there was not seen" } else { "" };
    Some((Kind::Check, step, format!("{text} after {}{doubt}", duration(ended.took_ms))))
}

/// How an action ended, as it goes on after its name.
pub fn how_ended(end: &End) -> String {
    match end {
        End::Shown { .. } => "shows a message to be passed on".to_owned(),
        End::Sent { to, .. } => format!("handed a message to {to}"),
        End::Looked { detail } => format!("looked: {detail}"),
        End::Waited => "waited".to_owned(),
        End::Watched { breaks } => tasks::watched(*breaks),
        End::Exited { code } => format!("exited with {code}"),
        End::Answered { status } => format!("answered {status}"),
        End::Signalled { signal } => format!("was ended by signal {signal}"),
        End::TimedOut => "ran out of time and was stopped".to_owned(),
        End::Stopped => "was stopped by the operator".to_owned(),
        End::Lost { reason } => format!("ran, and how it ended could not be seen: {reason}"),
        End::NotSpawned { reason } => format!("could not be started: {reason}"),
    }
}

fn skipped(why: Skip) -> &'static str {
    match why {
        Skip::When => "skipped: its condition is false",
        Skip::Operator => "skipped by the operator",
        Skip::Declined => "passed over: it is optional",
        Skip::NotNeeded => "not needed",
    }
}

fn consequence(then: Then) -> &'static str {
    match then {
        Then::Fail => "",
        Then::Continue => "; the run goes on",
        Then::Abort => "; the run ends",
    }
}

fn hold_choice(choice: HoldChoice) -> &'static str {
    match choice {
        HoldChoice::Retry => "to be tried again, decided",
        HoldChoice::Done => "marked as done",
        HoldChoice::Failed => "counted as failed",
        HoldChoice::Skip => "skipped",
        HoldChoice::Abort => "the run is aborted",
        HoldChoice::Undo => "the run is taken back",
    }
}

fn decider(by: &Decider) -> String {
    match by {
        Decider::DoneWhen => " on the word of `done_when`".into(),
        Decider::Effect => String::new(),
        Decider::Keeper => " on record of its keeper".into(),
        Decider::Person { name } => format!(" by {name}"),
    }
}

fn judged(verdict: Verdict, detail: &str) -> String {
    let word = verdict.word().replace('_', " ");
    match (verdict, detail) {
        (Verdict::Unverified, "") => "unverified: no exit criteria are declared".into(),
        (_, "") => word,
        (_, detail) => format!("{word}: {detail}"),
    }
}

fn why(cause: &Cause) -> String {
    match cause {
        Cause::NotStarted { detail } => format!("nothing was started: {detail}"),
        Cause::Person { by, reason } => format!("by {by}: {reason}"),
        Cause::Undone { by, reason } => format!("its undo was asked for by {by}: {reason}"),
        Cause::Rejected { step } => format!("the gate of {step} was refused"),
        Cause::Step { step } => format!("{step} failed, and ends the run"),
    }
}

/// The words for an outcome.
pub fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded => "succeeded",
        Outcome::SucceededWithExceptions => "succeeded with exceptions",
        Outcome::Failed => "failed",
        Outcome::Aborted => "aborted",
        Outcome::Rehearsed => "rehearsed",
    }
}

/// How a run would have ended, in words.
pub fn would(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Succeeded | Outcome::Rehearsed => "would have succeeded",
        Outcome::SucceededWithExceptions => "would have succeeded with exceptions",
        Outcome::Failed => "would have failed",
        Outcome::Aborted => "would have been aborted",
    }
}

/// What is wrong with a journal, in a sentence.
pub(super) fn damage(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Whole => None,
        Ending::Torn { bytes } => {
            Some(format!("the last write was cut short: {bytes} bytes that never took effect"))
        }
        Ending::Damaged { line, reason } => {
            Some(format!("the journal is damaged from line {line} on: {reason}"))
        }
        Ending::Newer { version } => {
            Some(format!("from here on it is in format {version}, of a later Holdpoint"))
        }
    }
}
