//! A driver of a simulated run: what it knows, what it has begun, and what it was told.
//!
//! It does what the real one does: an event takes effect only by being committed, nothing begins
//! before its intent is kept, and after a write that failed nothing begins at all.

use std::collections::VecDeque;
use std::sync::Arc;

use holdpoint::plan::Plan;
use holdpoint::run::event::{CheckRef, Event, Moment, Question, Timer};
use holdpoint::run::{Effect, Execution, IllegalEvent, RunState, decide, grow};

use super::disk::Kept;
use super::keeper::{Found, Token};
use super::laws::Broken;

/// Something that has begun and has not ended.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Look(CheckRef),
    Ask(Question),
    Wake(Timer, Moment),
    /// What the driver does itself.
    Act(Box<Execution>),
    /// What the keeper was told to start.
    Command(Box<Execution>, Token),
    /// An attempt in doubt is looked into.
    Seek(Sought, Option<Found>),
}

/// An attempt in doubt.
#[derive(Clone, Debug)]
pub(crate) struct Sought {
    pub(crate) step: String,
    pub(crate) token: Token,
    /// Which driver began it.
    pub(crate) begun_by: u64,
    /// Its process and in which start of the machine, where that is on record.
    pub(crate) process: Option<(usize, u32)>,
    /// What was begun, where a keeper may watch over it.
    pub(crate) execution: Option<Box<Execution>>,
}

/// One driver.
#[derive(Clone, Debug)]
pub(crate) struct Driver {
    pub(crate) id: u32,
    pub(crate) epoch: u64,
    /// The last record that it knows.
    pub(crate) seq: u64,
    pub(crate) plan: Arc<Plan>,
    pub(crate) state: RunState,
    pub(crate) is_attended: bool,
    pub(crate) work: Vec<Work>,
    pub(crate) told: VecDeque<Event>,
    /// The keeper that it made itself known to.
    pub(crate) keeper: Option<u32>,
    /// What it has said is kept and has not written.
    pub(crate) unwritten: Vec<Kept>,
}

/// What a driver commits at once: its events, and what may begin when they are kept.
pub(crate) struct Commit {
    pub(crate) batch: Vec<Event>,
    pub(crate) begin: Vec<Effect>,
}

impl Driver {
    /// A driver that knows these records.
    pub(crate) fn of(
        id: u32,
        plan: &Arc<Plan>,
        records: &[Kept],
        is_attended: bool,
    ) -> Result<Driver, Broken> {
        let mut plan = Arc::clone(plan);
        let mut state = RunState::new(&plan);
        for kept in records {
            if matches!(*kept.event, Event::ItemsListed { .. }) {
                grow(Arc::make_mut(&mut plan), &kept.event);
            }
            state.apply(&plan, kept.at, &kept.event).map_err(|illegal| defect(&illegal))?;
        }
        let (seq, epoch) = records.last().map_or((0, 0), |last| (last.seq, last.epoch));
        Ok(Driver {
            id,
            epoch: epoch + 1,
            seq,
            plan,
            state,
            is_attended,
            work: Vec::new(),
            told: VecDeque::new(),
            keeper: None,
            unwritten: Vec::new(),
        })
    }

    fn apply(&mut self, at: Moment, event: &Event) -> Result<(), IllegalEvent> {
        if matches!(event, Event::ItemsListed { .. }) {
            grow(Arc::make_mut(&mut self.plan), event);
        }
        self.state.apply(&self.plan, at, event)
    }

    /// Applies events and all that they lead to.
    pub(crate) fn commit(&mut self, at: Moment, events: Vec<Event>) -> Result<Commit, Broken> {
        let mut commit = Commit { batch: Vec::new(), begin: Vec::new() };
        for event in events {
            match self.apply(at, &event) {
                Ok(()) => commit.batch.push(event),
                Err(_) if event.may_be_late() => {}
                Err(illegal) => return Err(defect(&illegal)),
            }
        }
        let limit = 1_000 + 20 * self.plan.nodes.len();
        loop {
            let effects = decide(&self.plan, &self.state);
            if effects.is_empty() {
                return Ok(commit);
            }
            if commit.batch.len() > limit {
                return Err("one event leads to others without an end".into());
            }
            for effect in effects {
                let intent = effect.intent();
                self.apply(at, &intent).map_err(|illegal| defect(&illegal))?;
                commit.batch.push(intent);
                if !matches!(effect, Effect::Record(_)) {
                    commit.begin.push(effect);
                }
            }
        }
    }

    /// The event with which it leaves a run that is open.
    pub(crate) fn park(&mut self, at: Moment) -> Result<Event, Broken> {
        let parked = Event::Parked { waiting_for: self.state.waiting_for(&self.plan) };
        self.apply(at, &parked).map_err(|illegal| defect(&illegal))?;
        Ok(parked)
    }

    /// Whether nothing is under way that it waits for.
    pub(crate) fn is_idle(&self) -> bool {
        let has_timers = self.work.iter().any(|work| matches!(work, Work::Wake(..)));
        let is_busy = self.work.iter().any(|work| !matches!(work, Work::Wake(..)));
        self.told.is_empty() && !is_busy && (!has_timers || !self.state.awaits_retry(&self.plan))
    }

    /// Whether it waits for a keeper.
    pub(crate) fn needs_keeper(&self) -> bool {
        self.work.iter().any(|work| matches!(work, Work::Command(..)))
    }
}

fn defect(illegal: &IllegalEvent) -> Broken {
    format!("the engine contradicts itself: {illegal}")
}
