//! What is due, as lines for people.

use std::fmt::Write;

use crate::document::duration_text;
use crate::report::visible_str;
use crate::run::event::Verdict;
use crate::runbook::cadence::days_text;
use crate::timeline::{duration, outcome};

use super::{Due, Entry, Measured, Source, State, Trend, What};

/// What is overdue or due soon, a line each, and how much else there is.
pub fn due_text(due: &Due) -> String {
    let is_now = |entry: &&Entry| entry.state != State::Later;
    let now: Vec<&Entry> = due.due.iter().filter(is_now).collect();
    let widest = now.iter().map(|entry| shown(&entry.id).chars().count()).max().unwrap_or_default();
    let mut text: String = now.iter().map(|entry| line(entry, widest)).collect();
    if !now.is_empty() {
        text.push('\n');
    }
    text.push_str(&summary(due));
    text
}

fn line(entry: &Entry, widest: usize) -> String {
    let state = match entry.state {
        State::Overdue => "overdue",
        State::Soon => "soon",
        State::Later => "later",
    };
    let (id, when) = (shown(&entry.id), when(entry));
    let owner = entry.owner.as_ref().map(|owner| format!("  owner {}", shown(owner)));
    let owner = owner.unwrap_or_default();
    format!(
        "{state:<7}  {:<6}  {id:<widest$}  {when}{}{owner}\n",
        word(entry.what),
        practised(entry)
    )
}

fn word(what: What) -> &'static str {
    match what {
        What::Drill => "drill",
        What::Review => "review",
    }
}

/// By which day, and how far that is.
fn when(entry: &Entry) -> String {
    let Some((due, days)) = entry.due.zip(entry.days) else {
        return match entry.what {
            What::Drill => "due now: never drilled".to_owned(),
            What::Review => "due now: never reviewed".to_owned(),
        };
    };
    let length = days_text(days.unsigned_abs());
    match days {
        0 => format!("due {due}, today"),
        1.. => format!("due {due}, {length} ago"),
        _ => format!("due {due}, in {length}"),
    }
}

/// What is known of its practice so far, where that is not what the runbook itself says.
fn practised(entry: &Entry) -> String {
    let last = entry.last.filter(|_| entry.last_by == Some(Source::Record));
    let last = last.map(|day| format!("last drill {day}"));
    let rehearsed = entry.rehearsed.map(|day| format!("last rehearsal {day}"));
    let known: Vec<String> = last.into_iter().chain(rehearsed).collect();
    if known.is_empty() { String::new() } else { format!(" ({})", known.join(", ")) }
}

/// How much is due, and how much is not.
fn summary(due: &Due) -> String {
    let count = |state| due.due.iter().filter(|entry| entry.state == state).count();
    let (overdue, soon, later) = (count(State::Overdue), count(State::Soon), count(State::Later));
    let mut text = match overdue {
        0 => format!("nothing is overdue on {}", due.today),
        number => format!("{number} overdue on {}", due.today),
    };
    if soon > 0 {
        let _ = write!(text, ", {soon} due soon");
    }
    if later > 0 {
        let _ = write!(text, ", {later} later");
        let next = due.due.iter().find(|entry| entry.state == State::Later);
        text.extend(next.and_then(|next| next.due).map(|day| format!(" (the next on {day})")));
    }
    text.push('\n');
    let _ = match (due.silent, due.runbooks) {
        (0, _) => Ok(()),
        (silent, all) => writeln!(
            text,
            "{silent} of {} {} neither how often there is a review nor a drill",
            runbooks(all),
            if silent == 1 { "says" } else { "say" },
        ),
    };
    text
}

fn runbooks(number: usize) -> String {
    if number == 1 { "1 runbook".to_owned() } else { format!("{number} runbooks") }
}

/// How the drills of each runbook went, the newest first, against what is promised.
pub fn trend_text(due: &Due) -> String {
    if due.trends.is_empty() {
        return "no drill is on record\n".to_owned();
    }
    due.trends.iter().map(table).collect::<Vec<_>>().join("\n")
}

fn table(trend: &Trend) -> String {
    let rto = trend.rto_ms.map(std::time::Duration::from_millis);
    let rto = rto.map_or("no RTO".to_owned(), |rto| format!("RTO {}", duration_text(rto)));
    let mut text = format!("{}, {rto}\n", shown(&trend.id));
    let _ = writeln!(text, "  {:<10}  {:<10}  {:<13}  against the RTO", "drill", "took", "verdict");
    for measured in &trend.drills {
        let drill = &measured.drill;
        let verdict = drill.verdict.map(|verdict| verdict.word().replace('_', " "));
        let verdict = verdict.unwrap_or_else(|| outcome(drill.outcome).to_owned());
        let place = drill.environment.as_ref().map(|name| format!("  in {}", shown(name)));
        let _ = writeln!(
            text,
            "  {:<10}  {:<10}  {verdict:<13}  {}{}  {}",
            drill.ended_at.format("%Y-%m-%d").to_string(),
            duration(drill.took_ms),
            against(measured, trend.rto_ms),
            place.unwrap_or_default(),
            drill.run
        );
    }
    text
}

/// How a drill compares with the promise.
fn against(measured: &Measured, rto_ms: Option<u64>) -> String {
    let drill = &measured.drill;
    match (rto_ms, measured.is_within_rto) {
        (Some(_), Some(true)) => "within".to_owned(),
        (Some(rto), Some(false)) if drill.verdict == Some(Verdict::Recovered) => {
            format!("over by {}", duration(drill.took_ms.saturating_sub(rto)))
        }
        (Some(_), _) => "not met".to_owned(),
        (None, _) => "none".to_owned(),
    }
}

/// A text from a file as it can be shown in a line.
fn shown(text: &str) -> String {
    visible_str(text).replace(['\n', '\t'], " ")
}
