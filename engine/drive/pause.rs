//! Leaving a run whose journal cannot be written.
//!
//! Nothing begins any more; what runs is let finish, since nobody could tell afterwards how it
//! ended. Then the journal is opened once more, and what was observed goes on record together with
//! the pause. What cannot go on record is handed to whoever called, to be told in another way.

use crate::journal::{JournalError, Record};
use crate::report::lines;
use crate::run::event::{Event, Moment, StopLevel};
use crate::run::{IllegalEvent, RunState};
use crate::timeline::entry;

use super::{DriveError, Driver, Finish, Journal, Orders, Told, Workers, World};

/// Why driving does not go on.
pub(super) enum Failed {
    /// A batch could not be kept.
    Journal {
        /// Why.
        error: JournalError,
        /// What the world had told in it.
        observed: Vec<Event>,
    },
    /// The engine contradicts itself.
    Defect(DriveError),
}

impl Failed {
    /// A batch that told nothing of the world could not be kept.
    pub(super) fn unseen(error: JournalError) -> Failed {
        Failed::Journal { error, observed: Vec::new() }
    }
}

impl From<DriveError> for Failed {
    fn from(error: DriveError) -> Failed {
        Failed::Defect(error)
    }
}

impl From<IllegalEvent> for Failed {
    fn from(illegal: IllegalEvent) -> Failed {
        Failed::Defect(illegal.into())
    }
}

impl<W: World, J: Journal> Driver<W, J> {
    /// Lets what runs finish, and gives all that was observed since the last write that was kept.
    pub(super) async fn let_finish(
        &mut self,
        error: &JournalError,
        mut observed: Vec<Event>,
        mut told: Told,
        mut orders: Orders,
        mut workers: Workers,
    ) -> Vec<Event> {
        self.reporter.warn(&format!(
            "the journal cannot be written: {error}; nothing new begins, what runs is let finish"
        ));
        self.world.stop(StopLevel::Drain);
        while !(workers.have_ended() && told.is_empty()) {
            tokio::select! {
                biased;
                Some(event) = told.recv() => observed.push(event),
                Some(order) = orders.recv() => observed.extend(self.heed(order)),
                Some(()) = workers.next_end() => {}
                else => break,
            }
        }
        observed
    }

    /// Puts on record what was observed, and that the run is paused; or tells all of it.
    pub(super) fn pause(
        &mut self,
        error: JournalError,
        observed: &[Event],
    ) -> Result<Finish, DriveError> {
        let reason = match &error {
            JournalError::Io(error) => error.to_string(),
            // It is not ours any more, so nothing more is written into it.
            JournalError::Foreign { .. } => return Err(self.unrecorded(error, observed)),
        };
        let kept = match self.journal.recover() {
            Ok(records) => records,
            Err(error) => return Err(self.unrecorded(error, observed)),
        };
        let Some(mut plans) = (self.origin)() else {
            return Err(self.unrecorded(error, observed));
        };
        let records = kept.iter().map(|record| (record.at, &record.event));
        self.state = RunState::replay(&mut plans, records)?;
        self.plan = plans.current;
        let at = self.world.read_clock().wall;
        let paused = Event::Paused { reason };
        let mut batch = Vec::new();
        for event in observed.iter().chain([&paused]) {
            match self.apply(at, event) {
                Ok(()) => batch.push(event.clone()),
                Err(late) => tracing::warn!(%late, "this came too late"),
            }
        }
        match self.journal.append(at, batch) {
            Ok(records) => self.show(&records),
            Err(error) => return Err(self.unrecorded(error, observed)),
        }
        Ok(Finish::Paused)
    }

    fn unrecorded(&self, source: JournalError, observed: &[Event]) -> DriveError {
        let at = self.world.read_clock().wall;
        let observed = observed.iter().flat_map(|event| self.told(at, event)).collect();
        DriveError::Unrecorded { source, observed }
    }

    /// An event that is not on record, in words and as it is.
    fn told(&self, at: Moment, event: &Event) -> Vec<String> {
        let (prev, hash) = (String::new(), String::new());
        let record = Record { seq: 0, epoch: 0, at, prev, event: event.clone(), hash };
        let mut told = entry(&record, &self.plan, &self.state).map(|entry| lines(&entry));
        let told = told.get_or_insert_default();
        told.push(format!("          {}", serde_json::to_string(event).unwrap_or_default()));
        std::mem::take(told)
    }
}
