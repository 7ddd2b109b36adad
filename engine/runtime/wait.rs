//! Letting time pass, and looking for a while. A stop breaks both off without a word, so that the
//! next driver goes on with the time that is left.

use std::time::{Duration, Instant};

use crate::document::millis;
use crate::drive::Tell;
use crate::run::event::{End, Event, Failure, FailureKind, Moment, Sight, StepEnded, WatchSeen};
use crate::run::state::Watched;
use crate::run::{Execution, ended, sight, waited};
use crate::runbook::probe::{Observation, Patience};
use crate::runbook::wait::{OnBreak, Waiting, Watching};

use super::world::Live;

impl Live {
    /// Waits; none when that was broken off.
    pub(super) async fn wait(
        &self,
        execution: &Execution,
        waiting: &Waiting,
        until: Option<Moment>,
    ) -> Option<StepEnded> {
        let began = Instant::now();
        let ended = match waiting {
            Waiting::For(_) => {
                tokio::select! {
                    () = self.sleep_until(self.deadline(until.unwrap_or_default())) => {}
                    () = self.stopped() => return None,
                }
                ended(execution, End::Waited)
            }
            Waiting::Until(look) => self.wait_until(execution, look, until).await?,
        };
        let took_ms = millis(began.elapsed());
        Some(StepEnded { took_ms, ..ended })
    }

    async fn wait_until(
        &self,
        execution: &Execution,
        look: &Observation,
        until: Option<Moment>,
    ) -> Option<StepEnded> {
        let left = until.map_or(Duration::MAX, |until| {
            Duration::from_millis(self.deadline(until).saturating_sub(self.up_ms()))
        });
        let patience = Patience { within: Some(left), ..look.patience };
        let judgement = self.look(&Observation { patience, ..look.clone() }, false).await?;
        Some(waited(execution, look.patience.within, judgement))
    }

    /// Looks again and again, and tells what changes; none when that was broken off.
    pub(super) async fn watch(
        &self,
        execution: &Execution,
        watching: &Watching,
        until: Moment,
        mut seen: Watched,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let began = Instant::now();
        let end = self.deadline(until);
        let every = millis(watching.every);
        let failure = loop {
            let (sight, detail) = sight(self.look(&watching.look, false).await?);
            if seen.sight.unwrap_or(Sight::Holds) != sight {
                seen = seen.then(sight);
                let (step, attempt) = (execution.step.clone(), execution.attempt);
                let _ = tell.send(Event::WatchSeen(WatchSeen {
                    step,
                    attempt,
                    sight,
                    detail: detail.clone(),
                }));
            }
            match sight {
                Sight::Fails | Sight::Unseen if watching.on_break == OnBreak::Record => {}
                Sight::Fails => break Some(Failure::new(FailureKind::Expect, detail)),
                Sight::Unseen => break Some(Failure::new(FailureKind::Unseen, detail)),
                Sight::Holds | Sight::Warns => {}
            }
            let now = self.up_ms();
            if now >= end {
                break None;
            }
            tokio::select! {
                () = self.sleep_until(now.saturating_add(every).min(end)) => {}
                () = self.stopped() => return None,
            }
        };
        let took_ms = millis(began.elapsed());
        let end = End::Watched { breaks: seen.breaks };
        Some(StepEnded { failure, took_ms, ..ended(execution, end) })
    }
}
