//! The sentences about what the operator is reminded of.

use chrono::TimeDelta;

use crate::document::duration_text;
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Reminder};
use crate::runbook::escalation::Call;
use crate::timeline::Kind;

use super::{Sentence, duration};

/// What is said with one glance; a moment that is missed by less is not missed.
const AT_ONCE: TimeDelta = TimeDelta::seconds(60);

/// What a reminder says.
pub(super) fn sentence(event: &Event, plan: &Plan, state: &RunState) -> Option<Sentence> {
    let Event::Reminded { reminder } = event else { return None };
    Some((Kind::Waiting, None, said(reminder, plan, state)))
}

fn said(reminder: &Reminder, plan: &Plan, state: &RunState) -> String {
    match reminder {
        Reminder::Rto { spent } => rto(*spent, plan, state),
        Reminder::Update { number, .. } => format!("update {number} is due, ready to be sent"),
        Reminder::Escalation { place, to } => {
            let after = call(*place, plan).map(|call| duration_text(call.after));
            let after = after.map(|after| format!(", after {after} without a recovery"));
            format!("it is time to tell {to}{}", after.unwrap_or_default())
        }
    }
}

fn rto(spent: u8, plan: &Plan, state: &RunState) -> String {
    let rto = plan.runbook.knowledge.objectives.rto;
    let part = if spent < 100 { format!("{spent} % of the RTO") } else { "the RTO".to_owned() };
    let (Some(rto), Some(from), Some(now)) = (rto, state.noticed_at(), state.last_at) else {
        return format!("{part} is spent");
    };
    let of = format!("{part} of {} is spent", duration_text(rto));
    let rto = TimeDelta::from_std(rto).unwrap_or_default();
    let Some(end) = from.checked_add_signed(rto) else { return of };
    let (left, clock) = (end - now, end.format("%H:%M UTC"));
    match length(left.abs()) {
        length if left > TimeDelta::zero() => format!("{of}: {length} left, until {clock}"),
        length if left < -AT_ONCE => format!("{of}, since {clock}, {length} ago"),
        _ => format!("{of}, since {clock}"),
    }
}

/// A length of time in whole seconds: a driver wakes up a little late.
fn length(length: TimeDelta) -> String {
    let ms = u64::try_from(length.num_milliseconds()).unwrap_or_default();
    duration(ms.saturating_add(500) / 1_000 * 1_000)
}

/// What belongs to a reminder: the update, or who is to be told.
pub(in crate::timeline) fn behind_reminder(
    reminder: &Reminder,
    plan: &Plan,
    state: &RunState,
) -> Vec<String> {
    match reminder {
        Reminder::Rto { .. } => Vec::new(),
        Reminder::Update { text, .. } => text.trim_end().lines().map(str::to_owned).collect(),
        Reminder::Escalation { place, .. } => {
            let Some(due) = call(*place, plan) else { return Vec::new() };
            let mut lines = contacts(due, plan);
            lines.extend(missed(due, plan, state).into_iter().flat_map(|call| {
                let line = format!(
                    "not told yet, though due after {}: {}",
                    duration_text(call.after),
                    call.shown()
                );
                std::iter::once(line).chain(contacts(call, plan))
            }));
            lines
        }
    }
}

/// A call by its place in the list of the runbook.
fn call(place: usize, plan: &Plan) -> Option<&Call> {
    plan.runbook.knowledge.calls.iter().find(|call| call.place == place)
}

/// The calls that were due before and of which nobody was reminded.
fn missed<'p>(due: &Call, plan: &'p Plan, state: &RunState) -> Vec<&'p Call> {
    let is_given = |call: &Call| {
        let (place, to) = (call.place, call.shown());
        state.reminded.contains_key(&Reminder::Escalation { place, to })
    };
    let is_before = |call: &Call| (call.after, call.place) < (due.after, due.place);
    let calls = plan.runbook.knowledge.calls.iter();
    calls.filter(|call| is_before(call) && !is_given(call)).collect()
}

/// In which case somebody is to be told, and how each of them is reached.
fn contacts(call: &Call, plan: &Plan) -> Vec<String> {
    let when = call.when.iter().map(|when| format!("in this case: {when}"));
    let known = call.to.iter().flat_map(|to| {
        let is_meant = move |role: &str, name: Option<&str>| role == to || name == Some(to);
        let contacts = plan.runbook.library.contacts.iter();
        contacts.filter_map(move |contact| {
            let (role, name) = (contact.role.value.as_str(), contact.name.as_deref());
            let reached = [name, contact.channel.as_deref()].into_iter().flatten();
            let reached: Vec<&str> = reached.collect();
            let is_known = is_meant(role, name) && !reached.is_empty();
            is_known.then(|| format!("{role}: {}", reached.join(", ")))
        })
    });
    when.chain(known).collect()
}
