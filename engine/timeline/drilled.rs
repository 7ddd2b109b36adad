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
        let (until, last) = to_first_end(records);
        let last = last?;
        let Event::RunEnded { outcome, verdict, .. } = &last.event else { return None };
        if !until.iter().any(begins) {
            return None;
        }
        let back = recovered(records).map(|record| record.at);
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

/// The record that says that the service is back, where the verdict stayed so until the run ended:
/// the last one, where it was looked again. What came after the first end of a run is left out.
pub(super) fn recovered(records: &[Record]) -> Option<&Record> {
    let (until, end) = to_first_end(records);
    let verdicts = until.iter().filter_map(|record| match &record.event {
        Event::VerdictReached { verdict, .. } => Some((record, *verdict)),
        _ => None,
    });
    let is_back = |(_, verdict): &(&Record, Verdict)| *verdict == Verdict::Recovered;
    let last_word = match end.map(|end| &end.event) {
        Some(Event::RunEnded { verdict, .. }) => *verdict,
        _ => verdicts.clone().next_back().map(|(_, verdict)| verdict),
    };
    let back = verdicts.rev().find(is_back).map(|(record, _)| record);
    back.filter(|_| last_word == Some(Verdict::Recovered))
}

/// The records up to the first end of a run, and that end.
fn to_first_end(records: &[Record]) -> (&[Record], Option<&Record>) {
    let ends = |record: &Record| matches!(record.event, Event::RunEnded { .. });
    let at = records.iter().position(ends).unwrap_or(records.len());
    (&records[..at], records.get(at))
}

/// How long it took; a clock that was set back makes that nothing.
fn took(start: &RunStarted, started_at: Moment, until: Moment) -> u64 {
    let since = start.detected_at.unwrap_or(started_at);
    u64::try_from((until - since).num_milliseconds()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{Cause, Mode, Stage};
    use crate::timeline::sample::{at, records};

    fn started(detected_at: Option<Moment>) -> Event {
        let start = crate::timeline::sample::start();
        let environment = Some("staging".into());
        Event::RunStarted(RunStarted { mode: Mode::Drill, detected_at, environment, ..start })
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
