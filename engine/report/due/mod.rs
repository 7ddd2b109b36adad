//! What of a library is due: reviews and drills by what each runbook says, and how its drills went.
//!
//! It is worked out from facts: what runbooks say, what is on record, and the day. The names and the
//! order of the fields are a promise.

mod text;

use std::cmp::Reverse;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use schemars::JsonSchema;
use serde::Serialize;

use crate::document::millis;
use crate::run::event::Verdict;
use crate::runbook::cadence::{self, Drill, Review, USUAL_REVIEW};
use crate::timeline::Drilled;

pub use text::{due_text, trend_text};

/// The version of the form.
const VERSION: u32 = 1;

/// The last day that is told; whatever falls due later falls due then.
const LAST_DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(9999, 12, 31);

/// A runbook, and what is on record of its practice.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// Its path, as it is typed.
    pub path: String,
    /// Its id.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// Who keeps it.
    pub owner: Option<String>,
    /// What was promised.
    pub rto: Option<Duration>,
    /// What it says of its reviews.
    pub review: Option<Review>,
    /// How old its library lets a review be.
    pub max_review_age: Option<Duration>,
    /// What it says of its drills.
    pub drill: Option<Drill>,
    /// Its drills on record.
    pub drills: Vec<Drilled>,
    /// The day of its last rehearsal on record.
    pub rehearsed: Option<NaiveDate>,
}

/// What `holdpoint due --format json` prints.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
pub struct Due {
    /// The version of this form.
    version: u32,
    /// The day for which it was worked out.
    today: NaiveDate,
    /// How many runbooks were looked at.
    runbooks: usize,
    /// How many of them say neither how often they are reviewed nor how often they are practised.
    silent: usize,
    /// What is due, or will be: the most overdue first, what was never done before that.
    due: Vec<Entry>,
    /// How the drills of each runbook went, where there are some on record.
    trends: Vec<Trend>,
}

/// Something that falls due.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Entry {
    /// What is to be done.
    what: What,
    /// Whether it is time.
    state: State,
    /// The runbook, by its path as it is typed.
    path: String,
    /// The id of the runbook.
    id: String,
    /// What a person calls it.
    title: String,
    /// Who keeps it.
    owner: Option<String>,
    /// The day by which it must be done; none where it was never done.
    due: Option<NaiveDate>,
    /// How many days that is ago; below zero, how many are left.
    days: Option<i64>,
    /// The day on which it was last done.
    last: Option<NaiveDate>,
    /// Who says so.
    last_by: Option<Source>,
    /// Of a drill: the day of the last rehearsal on record, which does not replace a drill.
    rehearsed: Option<NaiveDate>,
}

/// What falls due.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
enum What {
    /// It must be practised for real.
    Drill,
    /// It must be read through.
    Review,
}

/// Whether it is time.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Its day is over, or it was never done.
    Overdue,
    /// Its day is today, or the time has come to tell those who take part.
    Soon,
    /// There is time.
    Later,
}

/// Who says when something was last done.
#[derive(Clone, Copy, Debug, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Source {
    /// The runbook says so.
    Runbook,
    /// A run in the store.
    Record,
}

/// How the drills of a runbook went.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Trend {
    /// The runbook, by its path as it is typed.
    path: String,
    /// The id of the runbook.
    id: String,
    /// The most time until service is restored, in milliseconds, as it is promised now.
    rto_ms: Option<u64>,
    /// The drills, the newest first.
    drills: Vec<Measured>,
}

/// A drill, against what was promised.
#[derive(Clone, Debug, JsonSchema, PartialEq, Serialize)]
struct Measured {
    /// What it has shown.
    drill: Drilled,
    /// Whether the service was back within the promised time; none where nothing was promised.
    is_within_rto: Option<bool>,
}

impl Due {
    /// What is due of some runbooks on a day.
    pub fn of(subjects: &[Subject], today: NaiveDate) -> Due {
        let entries = |subject| [review(subject, today), drill(subject, today)];
        let mut due: Vec<Entry> = subjects.iter().flat_map(entries).flatten().collect();
        due.sort_by(|one, other| {
            let key = |entry: &Entry| (entry.days.is_some(), entry.days.map(Reverse), entry.what);
            (key(one), &one.id, &one.path).cmp(&(key(other), &other.id, &other.path))
        });
        let is_silent =
            |subject: &&Subject| review(subject, today).or(drill(subject, today)).is_none();
        Due {
            version: VERSION,
            today,
            runbooks: subjects.len(),
            silent: subjects.iter().filter(is_silent).count(),
            due,
            trends: subjects.iter().filter_map(trend).collect(),
        }
    }

    /// Whether something is overdue; with `soon`, whether something is due within its notice too.
    pub fn is_any(&self, soon: bool) -> bool {
        let counts = |entry: &Entry| match entry.state {
            State::Overdue => true,
            State::Soon => soon,
            State::Later => false,
        };
        self.due.iter().any(counts)
    }
}

/// The review of a runbook, where it or its library says how often there must be one.
fn review(subject: &Subject, today: NaiveDate) -> Option<Entry> {
    let is_asked_for = subject.review.is_some() || subject.max_review_age.is_some();
    let said = subject.review.clone().unwrap_or_default();
    let every = said.every.or(subject.max_review_age).unwrap_or(USUAL_REVIEW);
    let due = said.next.or_else(|| said.last.map(|last| after(last, every)));
    let last_by = said.last.map(|_| Source::Runbook);
    let what = (What::Review, subject);
    is_asked_for.then(|| entry(what, due, (said.last, last_by), Duration::ZERO, today))
}

/// The drill of a runbook, where it says how often there must be one. What is on record counts, and
/// what the runbook says, whichever is later.
fn drill(subject: &Subject, today: NaiveDate) -> Option<Entry> {
    let said = subject.drill.as_ref()?;
    let every = said.every?;
    let on_record = subject.drills.iter().map(|drill| drill.ended_at.date_naive()).max();
    let record = on_record.map(|day| (day, Source::Record));
    let runbook = said.last.map(|day| (day, Source::Runbook));
    let last = record.filter(|(day, _)| said.last.is_none_or(|said| said <= *day)).or(runbook);
    let due = last.map(|(last, _)| after(last, every));
    let notice = said.notice.unwrap_or_default();
    let last = (last.map(|(day, _)| day), last.map(|(_, by)| by));
    let entry = entry((What::Drill, subject), due, last, notice, today);
    Some(Entry { rehearsed: subject.rehearsed, ..entry })
}

fn entry(
    (what, subject): (What, &Subject),
    due: Option<NaiveDate>,
    (last, last_by): (Option<NaiveDate>, Option<Source>),
    notice: Duration,
    today: NaiveDate,
) -> Entry {
    let days = due.map(|due| (today - due).num_days());
    let notice = i64::try_from(cadence::days(notice)).unwrap_or(i64::MAX);
    let state = match days {
        None => State::Overdue,
        Some(days) if days > 0 => State::Overdue,
        Some(days) if -days <= notice => State::Soon,
        Some(_) => State::Later,
    };
    Entry {
        what,
        state,
        path: subject.path.clone(),
        id: subject.id.clone(),
        title: subject.title.clone(),
        owner: subject.owner.clone(),
        due,
        days,
        last,
        last_by,
        rehearsed: None,
    }
}

/// The day that is so long after another.
fn after(day: NaiveDate, length: Duration) -> NaiveDate {
    let last = LAST_DAY.unwrap_or(NaiveDate::MAX);
    day.checked_add_days(Days::new(cadence::days(length))).map_or(last, |day| day.min(last))
}

/// How the drills of a runbook went; none where none is on record.
fn trend(subject: &Subject) -> Option<Trend> {
    let mut drills: Vec<Measured> =
        subject.drills.iter().map(|drill| measured(drill, subject.rto)).collect();
    drills.sort_by_key(|measured| Reverse(measured.drill.ended_at));
    let (path, id) = (subject.path.clone(), subject.id.clone());
    let rto_ms = subject.rto.map(millis);
    (!drills.is_empty()).then_some(Trend { path, id, rto_ms, drills })
}

fn measured(drill: &Drilled, rto: Option<Duration>) -> Measured {
    let is_back = drill.verdict == Some(Verdict::Recovered);
    let is_within_rto = rto.map(|rto| is_back && drill.took_ms <= millis(rto));
    Measured { drill: drill.clone(), is_within_rto }
}

#[cfg(test)]
mod tests;
