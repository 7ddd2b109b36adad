//! The sentences about what people do of their own accord.

use crate::run::event::{Event, Exec, ExecEnded, HandedOver, LetterTaken, Moment, Note, NoteKind};
use crate::timeline::Kind;

use super::{Sentence, duration, how_ended};

/// What an intervention or a remark says.
pub(super) fn sentence(event: &Event, now: Option<Moment>) -> Option<Sentence> {
    let of = |step: &String| Some(step.clone());
    Some(match event {
        // What it led to says the same.
        Event::LetterTaken(taken) if taken.is_remark && taken.refused.is_none() => return None,
        Event::LetterTaken(taken) => letter(taken),
        Event::NoteAdded(note) => (Kind::Note, None, remark(note, now)),
        Event::PaceSet { is_stepwise: true, by } => (
            Kind::Decision,
            None,
            format!("{by} wants each step that changes something asked about"),
        ),
        Event::PaceSet { is_stepwise: false, by } => (
            Kind::Decision,
            None,
            format!("{by} wants steps asked about no more, save at their gates"),
        ),
        Event::StepReleased { step, by } => (Kind::Decision, of(step), format!("{by} says go")),
        Event::StepPassedOver { step, by, reason } => {
            (Kind::Skipped, of(step), format!("skipped by {by}: {reason}"))
        }
        Event::JumpRequested { to, by, reason } => {
            let text = format!("{by} goes on at {to}, and skips what stands above it: {reason}");
            (Kind::Decision, None, text)
        }
        Event::BackRequested { to, by, reason } => {
            let text = format!(
                "{by} goes back to {to}; it and what stands below are open again: {reason}"
            );
            (Kind::Decision, None, text)
        }
        Event::StepUndoRequested { step, by, reason } => {
            (Kind::Decision, of(step), format!("{by} wants it taken back: {reason}"))
        }
        Event::AbortRequested { by, reason } => {
            (Kind::Decision, None, format!("{by} ends the run: {reason}"))
        }
        Event::HandedOver(HandedOver { by, to, reason }) => {
            let to = to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            (Kind::Decision, None, format!("{by} hands over{to}: {reason}"))
        }
        Event::ExecStarted(exec) => (Kind::Started, None, begun(exec)),
        Event::ExecEnded(ended) => (Kind::Note, None, over(ended)),
        _ => return None,
    })
}

fn letter(taken: &LetterTaken) -> Sentence {
    let LetterTaken { by, sender, wish, step, refused, .. } = taken;
    let from = format!("{by} (user {} on {})", sender.user, sender.host);
    let text = match refused {
        None => format!("from another terminal, {from}: {wish}"),
        Some(reason) => format!("from another terminal, {from}: {wish}; not done: {reason}"),
    };
    let kind = if refused.is_some() { Kind::Failed } else { Kind::Decision };
    (kind, step.clone(), text)
}

fn remark(note: &Note, now: Option<Moment>) -> String {
    let kind = match note.kind {
        NoteKind::Note => "notes",
        NoteKind::Finding => "finds",
        NoteKind::Decision => "decides",
        NoteKind::Todo => "leaves to be done",
    };
    let milestone = note.milestone.map(|milestone| milestone.label().to_lowercase());
    let about =
        note.about.map(|at| match now.is_some_and(|now| now.date_naive() != at.date_naive()) {
            true => format!("at {}", at.format("%Y-%m-%d %H:%M:%S UTC")),
            false => format!("at {}", at.format("%H:%M:%S UTC")),
        });
    let corrects = note.corrects.map(|seq| format!("in place of entry {seq}"));
    let more: Vec<String> = [milestone, about, corrects].into_iter().flatten().collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    format!("{} {kind}{more}: {}", note.by, note.text)
}

fn begun(exec: &Exec) -> String {
    let place = if exec.is_on_terminal { " at a terminal, not captured" } else { "" };
    format!("{} runs{place}, as {}: {}", exec.by, exec.id, exec.command)
}

fn over(ended: &ExecEnded) -> String {
    format!("{} {} after {}", ended.id, how_ended(&ended.end), duration(ended.took_ms))
}
