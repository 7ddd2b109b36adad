//! What a drill has shown: when it was, how long it took until the service was back, what the exit
//! criteria said. It is told from the records of the run alone, so its frozen runbook is not needed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::journal::Record;
use crate::run::event::{Event, Moment, Outcome, Question, RunStarted, Verdict};

/// A drill that was gone through.
#[derive(Clone, Debug, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Drilled {
    /// The id of the run.
    pub run: String,
    /// Where it was, of the environments of its library.
    pub environment: Option<String>,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub ended_at: Moment,
    /// How long it took in milliseconds: from the detection, else from the start, to the verdict
    /// `recovered`, else to the end.
    pub took_ms: u64,
    /// What the exit criteria said.
    pub verdict: Option<Verdict>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Drilled {
    /// The drill that a whole journal tells of. None where it has not ended, or ended before
    /// anything had begun: nothing was practised then. What was taken back later, when it was over,
    /// makes it no longer.
    pub fn of(records: &[Record]) -> Option<Drilled> {
        let first = records.first()?;
        let Event::RunStarted(start) = &first.event else { return None };
        let ends = |record: &Record| matches!(record.event, Event::RunEnded { .. });
        let (until, last) = records.split_at(records.iter().position(ends)?);
        let last = last.first()?;
        let Event::RunEnded { outcome, verdict, .. } = &last.event else { return None };
        if !until.iter().any(begins) {
            return None;
        }
        let back = recovered(until).filter(|_| *verdict == Some(Verdict::Recovered));
        Some(Drilled {
            run: start.run.clone(),
            environment: start.environment.clone(),
            started_at: first.at,
            ended_at: last.at,
            took_ms: took(start, first.at, back.unwrap_or(last.at)),
            verdict: *verdict,
            outcome: *outcome,
        })
    }
}

/// Whether something is done with it: an action began, or somebody was asked to act.
fn begins(record: &Record) -> bool {
    match &record.event {
        Event::StepStarted { .. } => true,
        Event::QuestionAsked { question } => {
            matches!(
                question,
                Question::Manual { .. } | Question::Item(_) | Question::Choose { .. }
            )
        }
        _ => false,
    }
}

/// When the service was seen to be back; the last time, where it was looked again.
fn recovered(records: &[Record]) -> Option<Moment> {
    let is_back = |record: &&Record| {
        matches!(record.event, Event::VerdictReached { verdict: Verdict::Recovered, .. })
    };
    records.iter().rev().find(is_back).map(|record| record.at)
}

/// How long it took; a clock that was set back makes that nothing.
fn took(start: &RunStarted, started_at: Moment, until: Moment) -> u64 {
    let since = start.detected_at.unwrap_or(started_at);
    u64::try_from((until - since).num_milliseconds()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::TimeDelta;

    use super::*;
    use crate::run::event::{Cause, Mode, Stage};

    fn at(seconds: i64) -> Moment {
        Moment::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn started(detected_at: Option<Moment>) -> Event {
        Event::RunStarted(RunStarted {
            run: "19700101-book-abc".into(),
            version: String::new(),
            runbook: "book".into(),
            title: String::new(),
            file: String::new(),
            digest: String::new(),
            beside: BTreeMap::new(),
            mode: Mode::Drill,
            operator: String::new(),
            host: String::new(),
            cwd: String::new(),
            is_attended: false,
            on_failure: None,
            parallel: 1,
            detected_at,
            incident: None,
            observes: None,
            waived: BTreeMap::new(),
            environment: Some("staging".into()),
            boot: None,
            durability: None,
        })
    }

    fn records(events: Vec<(i64, Event)>) -> Vec<Record> {
        let numbered = (1..).zip(events);
        let record = |(seq, (seconds, event))| Record::write(seq, 1, at(seconds), "", event).0;
        numbered.map(record).collect()
    }

    fn judged(verdict: Verdict) -> Event {
        Event::VerdictReached { verdict, detail: String::new() }
    }

    fn ended(outcome: Outcome, verdict: Option<Verdict>, cause: Option<Cause>) -> Event {
        Event::RunEnded { outcome, as_if: None, verdict, cause }
    }

    fn acts() -> Event {
        let question = Question::Choose {
            step: "one".into(),
            ask: String::new(),
            options: Vec::new(),
            has_none: false,
        };
        Event::QuestionAsked { question }
    }

    #[test]
    fn it_took_from_the_detection_to_the_last_time_that_the_service_was_seen_to_be_back() {
        let back = Some(Verdict::Recovered);
        let events = |detected| {
            records(vec![
                (100, started(detected)),
                (110, acts()),
                (120, judged(Verdict::NotRecovered)),
                (160, judged(Verdict::Recovered)),
                (200, ended(Outcome::Succeeded, back, None)),
                (900, Event::UndoRequested { by: "ann".into(), reason: "tidy".into() }),
                (990, ended(Outcome::Aborted, None, None)),
            ])
        };
        let drilled = |detected| Drilled::of(&events(detected)).unwrap();
        assert_eq!((drilled(None).took_ms, drilled(Some(at(40))).took_ms), (60_000, 120_000));
        assert_eq!(drilled(Some(at(500))).took_ms, 0, "a detection after the end");
        let found = drilled(None);
        assert_eq!(
            (found.ended_at, found.verdict, found.outcome),
            (at(200), back, Outcome::Succeeded)
        );
    }

    #[test]
    fn without_a_recovery_it_took_until_its_end() {
        let verdict = Some(Verdict::NotRecovered);
        let events = vec![
            (100, started(None)),
            (110, acts()),
            (120, judged(Verdict::Recovered)),
            (130, judged(Verdict::NotRecovered)),
            (200, ended(Outcome::Failed, verdict, None)),
        ];
        let found = Drilled::of(&records(events)).unwrap();
        assert_eq!((found.took_ms, found.verdict), (100_000, verdict));
    }

    #[test]
    fn what_has_not_ended_or_ended_before_anything_began_is_no_drill() {
        let cause = Some(Cause::NotStarted { detail: "no symptom".into() });
        let stage = Event::StageEntered { stage: Stage::Steps };
        let aborted = || (200, ended(Outcome::Aborted, None, cause.clone()));
        assert_eq!(Drilled::of(&records(vec![(100, started(None)), (110, acts())])), None);
        assert_eq!(Drilled::of(&records(vec![(100, started(None)), aborted()])), None);
        let entered = vec![(100, started(None)), (110, stage), aborted()];
        assert_eq!(Drilled::of(&records(entered)), None);
        assert_eq!(Drilled::of(&[]), None);
    }
}
