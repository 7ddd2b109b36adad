//! What a run came to, held against what was promised: how long service was away (RTO), and how much
//! was lost (RPO).

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::document::{millis, parse_duration};
use crate::journal::Record;
use crate::run::event::{Event, Milestone};
use crate::runbook;
use crate::runbook::output::Objective as Measures;

use super::Milestones;

/// Both objectives.
#[derive(Clone, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Objectives {
    /// The time until service was restored.
    pub rto: Objective,
    /// What was lost, as a length of time.
    pub rpo: Objective,
}

/// An objective, and what came of it.
#[derive(Clone, Copy, Debug, Default, Eq, JsonSchema, PartialEq, Serialize)]
pub struct Objective {
    /// What was promised, in milliseconds; none where nothing was.
    pub promised_ms: Option<u64>,
    /// What came of it, in milliseconds; none where that is not known.
    pub measured_ms: Option<u64>,
    /// Whether the promise was kept; none where that is not known, or nothing was promised.
    pub is_met: Option<bool>,
}

impl Objectives {
    /// What the records came to; `promised` is what the runbook says, where it is at hand.
    pub fn of(
        milestones: &Milestones,
        records: &[Record],
        promised: Option<&runbook::Objectives>,
    ) -> Objectives {
        let rto = promised.and_then(|promised| promised.rto);
        let rpo = promised.and_then(|promised| promised.rpo);
        let restored = milestones.reached(Milestone::Restored);
        // Detected after it was restored: one of the two is not as it was said.
        let away = restored.and_then(|reached| u64::try_from(reached.after_ms).ok());
        let mut rto = Objective::of(rto, away);
        // What is not restored by then breaks the promise, whenever it will be.
        let lasted = u64::try_from(milestones.lasted_ms).unwrap_or_default();
        if restored.is_none() && rto.promised_ms.is_some_and(|promised| lasted > promised) {
            rto.is_met = Some(false);
        }
        Objectives { rto, rpo: Objective::of(rpo, lost(records)) }
    }
}

impl Objective {
    fn of(promised: Option<Duration>, measured_ms: Option<u64>) -> Objective {
        let promised_ms = promised.map(millis);
        let is_met = measured_ms.zip(promised_ms).map(|(measured, promised)| measured <= promised);
        Objective { promised_ms, measured_ms, is_met }
    }
}

/// The most that any step measured as lost, each by its last word.
fn lost(records: &[Record]) -> Option<u64> {
    let mut by_step = BTreeMap::new();
    for record in records {
        let Event::StepEnded(ended) = &record.event else { continue };
        let measured = ended.measured.get(Measures::Rpo.word()).filter(|_| !ended.is_assumed);
        let text = measured.and_then(|value| value.as_str());
        if let Some(length) = text.and_then(|text| parse_duration(text).ok()) {
            by_step.insert(&ended.step, millis(length));
        }
    }
    by_step.into_values().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::event::{End, RunStarted, StepEnded, Verdict};
    use crate::timeline::sample::{at, records, start};

    fn promised(rto: u64, rpo: u64) -> runbook::Objectives {
        let (rto, rpo) = (Duration::from_secs(rto), Duration::from_secs(rpo));
        runbook::Objectives { rto: Some(rto), rpo: Some(rpo), estimate: None }
    }

    fn began() -> Event {
        Event::RunStarted(RunStarted { detected_at: Some(at(40)), ..start() })
    }

    fn lost(step: &str, text: &str) -> Event {
        let ended = StepEnded::new(step, 1, End::Exited { code: 0 });
        let measured = [("rpo".to_owned(), text.into())].into();
        Event::StepEnded(Box::new(StepEnded { measured, ..ended }))
    }

    fn back() -> Event {
        Event::VerdictReached { verdict: Verdict::Recovered, detail: String::new() }
    }

    fn of(events: Vec<(i64, Event)>, promised: Option<&runbook::Objectives>) -> Objectives {
        let records = records(events);
        Objectives::of(&Milestones::of(&records), &records, promised)
    }

    fn objective(
        promised_ms: Option<u64>,
        measured_ms: Option<u64>,
        is_met: Option<bool>,
    ) -> Objective {
        Objective { promised_ms, measured_ms, is_met }
    }

    #[test]
    fn what_came_of_it_is_held_against_what_was_promised() {
        let events = || vec![(100, began()), (150, lost("load", "90s")), (160, back())];
        let kept = of(events(), Some(&promised(120, 90)));
        let both = [kept.rto, kept.rpo];
        let expected = [
            objective(Some(120_000), Some(120_000), Some(true)),
            objective(Some(90_000), Some(90_000), Some(true)),
        ];
        assert_eq!(both, expected);
        let broken = of(events(), Some(&promised(119, 89)));
        assert_eq!((broken.rto.is_met, broken.rpo.is_met), (Some(false), Some(false)));
        let unheard = of(events(), None);
        assert_eq!(unheard.rto, objective(None, Some(120_000), None));
        assert_eq!(unheard.rpo, objective(None, Some(90_000), None));
    }

    #[test]
    fn what_is_not_restored_in_time_breaks_the_promise_and_before_that_nothing_is_known() {
        let rto =
            |last| of(vec![(100, began()), (last, lost("a", "1s"))], Some(&promised(120, 1))).rto;
        assert_eq!(rto(160), objective(Some(120_000), None, None));
        assert_eq!(rto(161), objective(Some(120_000), None, Some(false)));
    }

    #[test]
    fn the_most_that_was_lost_counts_and_of_each_step_its_last_word() {
        let events = vec![
            (100, began()),
            (110, lost("orders", "5h")),
            (120, lost("orders", "2m")),
            (130, lost("users", "3m")),
            (140, lost("odd", "soon")),
        ];
        assert_eq!(of(events, None).rpo.measured_ms, Some(180_000));
        assert_eq!(of(vec![(100, began())], None).rpo, Objective::default());
    }
}
