//! The loop that drives a run over its ports.
//!
//! ```text
//! decide → commit the intents → perform → told what happened → commit → decide …
//! ```
//!
//! An event takes effect only by being committed: checked by `apply`, written to the journal, then
//! shown. No effect begins before its intent is in the journal, and after a write that failed
//! nothing begins at all: see `pause`. This layer knows no process and no terminal.

mod decisions;
mod desk;
mod pause;
mod ports;
mod workers;

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::journal::{JournalError, Record};
use crate::plan::Plan;
use crate::report::Reporter;
use crate::run::event::{Absence, Event, Letter, Moment, Question, Reading, StopLevel, Wish};
use crate::run::{Effect, IllegalEvent, Plans, RunState, STEP_UNDO, decide, grow, receive};

pub use decisions::{Decisions, Resolution};
pub use desk::{Answers, Custody, Desk, UNFIT, Unfit, chosen};
use pause::Failed;
pub use ports::{Journal, Tell, World};
use workers::Workers;

/// How driving a run came to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Finish {
    /// The run has ended.
    Ended,
    /// The run waits for someone.
    Parked,
    /// The run was left because of a signal.
    Stopped,
    /// The run was left because its journal could not be written; that is on record.
    Paused,
}

/// Why driving a run broke off.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// Nothing can be put on record any more.
    #[error("the journal cannot be written: {source}")]
    Unrecorded {
        /// Why.
        source: JournalError,
        /// What was observed and is not on record, each in words and as the event that it is.
        observed: Vec<String>,
    },
    /// The engine contradicts itself; the run is left as its journal says.
    #[error("this is a defect of Holdpoint: {0}")]
    Illegal(#[from] IllegalEvent),
    /// The engine goes round in circles; the run is left as its journal says.
    #[error("this is a defect of Holdpoint: one event led to {0} others without an end")]
    Endless(usize),
}

impl DriveError {
    /// Whether somebody else writes into the journal.
    pub fn is_of_another_driver(&self) -> bool {
        matches!(self, DriveError::Unrecorded { source: JournalError::Foreign { .. }, .. })
    }
}

/// A request to stop, harder than the one before.
#[derive(Clone, Debug)]
pub struct StopRequest {
    /// How hard.
    pub level: StopLevel,
    /// Which signal asked for it.
    pub signal: String,
}

/// What a driver is told from outside.
#[derive(Clone, Debug)]
pub enum Order {
    /// To stop.
    Stop(StopRequest),
    /// That nobody can be asked any more.
    GoOnAlone(Absence),
    /// To take a letter from another terminal.
    Take(Box<Letter>),
}

/// Where orders come from.
type Orders = mpsc::UnboundedReceiver<Order>;
/// Where it arrives what happened.
type Told = mpsc::UnboundedReceiver<Event>;

/// Reads the plans of a run as they were before its first event; none when that is not possible.
pub type Origin = Arc<dyn Fn() -> Option<Plans> + Send + Sync>;

/// One driver of one run.
pub struct Driver<W, J> {
    /// What is run; it grows with the items of its fan-outs.
    pub plan: Plan,
    /// How far it has come.
    pub state: RunState,
    /// Performs the effects.
    pub world: Arc<W>,
    /// Keeps the events.
    pub journal: J,
    /// Shows the events.
    pub reporter: Reporter,
    /// Where a state begins that must be folded anew.
    pub origin: Origin,
    /// The step for whose undo alone the run is driven, until that is over.
    pub only_undo: Option<String>,
}

impl<W: World, J: Journal> Driver<W, J> {
    /// Drives the run from `first` until it ends, waits for someone, or is left.
    pub async fn drive(
        &mut self,
        first: Vec<Event>,
        mut orders: Orders,
    ) -> Result<Finish, DriveError> {
        let (tell, mut told) = mpsc::unbounded_channel();
        let mut workers = Workers::default();
        let driven = self.go_on(first, &tell, &mut told, &mut orders, &mut workers).await;
        match driven {
            Err(Failed::Journal { error, observed }) => {
                let observed = self.let_finish(&error, observed, told, orders, workers).await;
                self.pause(error, &observed)
            }
            Err(Failed::Defect(error)) => Err(error),
            Ok(finish) => Ok(finish),
        }
    }

    async fn go_on(
        &mut self,
        first: Vec<Event>,
        tell: &Tell,
        told: &mut Told,
        orders: &mut Orders,
        workers: &mut Workers,
    ) -> Result<Finish, Failed> {
        self.only_undo = first.iter().find_map(|event| match event {
            Event::StepUndoRequested { step, .. } => Some(step.clone()),
            _ => None,
        });
        self.advance(first, tell, workers)?;
        let mut letters: Vec<Letter> = Vec::new();
        let mut next = None;
        loop {
            if let Some(order) = next.take() {
                let events = self.heed(order);
                self.advance(events, tell, workers)?;
                continue;
            }
            let events = self.take_letters(&mut letters);
            if !events.is_empty() {
                self.advance(events, tell, workers)?;
                continue;
            }
            if self.state.has_ended() {
                return Ok(Finish::Ended);
            }
            if told.is_empty() && orders.is_empty() && workers.are_idle(&self.plan, &self.state) {
                return self.park();
            }
            tokio::select! {
                biased;
                Some(event) = told.recv() => {
                    // What happened meanwhile shares its write, and its sync, with what waits.
                    let more = std::iter::from_fn(|| told.try_recv().ok());
                    let events = std::iter::once(event).chain(more).collect();
                    self.advance(events, tell, workers)?;
                }
                Some(order) = orders.recv() => match order {
                    // All that wait are judged before anything begins because of one.
                    Order::Take(letter) => {
                        letters.push(*letter);
                        next = self.more(orders, &mut letters);
                    }
                    order => next = Some(order),
                },
                // Whatever it had to tell was told before it ended. A worker that panicked told
                // nothing: its step stays under way in the journal, and is in doubt on resume.
                Some(()) = workers.next_end() => {}
            }
        }
    }

    /// Does at once what an order asks for; what is to be put on record of it.
    fn heed(&self, order: Order) -> Vec<Event> {
        match order {
            Order::Stop(StopRequest { level, signal }) => {
                self.world.stop(level);
                vec![Event::StopRequested { level, signal }]
            }
            Order::GoOnAlone(cause) if self.state.is_anybody_there() => {
                vec![Event::AttendanceLost { cause }]
            }
            Order::GoOnAlone(_) => Vec::new(),
            // It stays in the inbox.
            Order::Take(_) => Vec::new(),
        }
    }

    /// What the letters lead to whose time has come; the others wait on.
    fn take_letters(&self, letters: &mut Vec<Letter>) -> Vec<Event> {
        if letters.is_empty() {
            return Vec::new();
        }
        let now = self.world.read_clock().wall;
        let mut events = Vec::new();
        // Where somebody says no, nobody's yes opens the gate.
        letters.sort_by_key(|letter| !matches!(letter.wish, Wish::Reject { .. }));
        // Each is judged by the state that the one before it left.
        let mut state = self.state.clone();
        loop {
            let judged = letters.iter().enumerate().find_map(|(place, letter)| {
                Some((place, receive(&self.plan, &state, now, letter)?))
            });
            let Some((place, led_to)) = judged else { break };
            let letter = letters.remove(place);
            // Of the same letter twice in a row the first is not on record yet.
            if self.state.letters.contains(&letter.id) {
                self.world.discard(&letter.id);
            }
            let is_applied = led_to.iter().all(|event| state.apply(&self.plan, now, event).is_ok());
            events.extend(led_to);
            if !is_applied {
                break;
            }
        }
        events
    }

    /// Takes the letters that wait behind one; gives the order that comes after them, if there is one.
    fn more(&self, orders: &mut Orders, letters: &mut Vec<Letter>) -> Option<Order> {
        loop {
            match orders.try_recv().ok()? {
                Order::Take(letter) => letters.push(*letter),
                other => return Some(other),
            }
        }
    }

    /// Commits events and all that they lead to, in one write; then lets it begin.
    fn advance(
        &mut self,
        events: Vec<Event>,
        tell: &Tell,
        workers: &mut Workers,
    ) -> Result<(), Failed> {
        let now = self.world.read_clock();
        let at = now.wall;
        let is_settled_elsewhere = events.iter().any(Event::may_settle_others);
        let asked = if is_settled_elsewhere { self.state.asked.clone() } else { Vec::new() };
        let mut batch = self.take_in(&now, events)?;
        let mut begin: Vec<Effect> = Vec::new();
        // Only this is true if the batch cannot be kept: what is decided now will not begin.
        let observed = batch.clone();
        let limit = 1_000 + 20 * self.plan.nodes.len();
        loop {
            self.leave_once_put_back(at, &mut batch)?;
            let mut effects = decide(&self.plan, &self.state);
            if let Some(step) = &self.only_undo {
                effects.retain(|effect| !asks_beside_undo(effect, step));
            }
            if effects.is_empty() {
                break;
            }
            if batch.len() > limit {
                return Err(DriveError::Endless(batch.len()).into());
            }
            for effect in effects {
                let intent = effect.intent();
                self.apply(at, &intent)?;
                batch.push(intent);
                begin.push(effect);
            }
        }
        if batch.is_empty() {
            return Ok(());
        }
        let kept = self.journal.append(at, batch);
        let records = kept.map_err(|error| Failed::Journal { error, observed })?;
        tracing::debug!(records = records.len(), effects = begin.len(), "committed");
        // What was settled elsewhere is off the screen before it is shown how.
        self.withdraw(asked, &records);
        self.show(&records);
        let is_left = |event: &Event| match event {
            Event::HandedOver(_) => true,
            Event::StopRequested { signal, .. } => signal == STEP_UNDO,
            _ => false,
        };
        if records.iter().any(|record| is_left(&record.event)) {
            self.world.stop(StopLevel::Drain);
        }
        for effect in begin.into_iter().filter(|effect| !matches!(effect, Effect::Record(_))) {
            workers.start(&self.world, effect, tell);
        }
        Ok(())
    }

    /// Lets nothing else begin once the step is put back for which alone the run is driven.
    fn leave_once_put_back(&mut self, at: Moment, batch: &mut Vec<Event>) -> Result<(), Failed> {
        let is_over = |step: &String| self.state.is_put_back(&self.plan, step);
        if !self.only_undo.as_ref().is_some_and(is_over) || self.state.has_ended() {
            return Ok(());
        }
        self.only_undo = None;
        let (level, signal) = (StopLevel::Drain, STEP_UNDO.to_owned());
        let stop = Event::StopRequested { level, signal };
        self.apply(at, &stop)?;
        batch.push(stop);
        Ok(())
    }

    /// Applies events, and before them what the clocks have done meanwhile. A driver that begins
    /// first says which clock it has.
    fn take_in(&mut self, now: &Reading, events: Vec<Event>) -> Result<Vec<Event>, IllegalEvent> {
        let mut batch = Vec::new();
        let (opening, events) = opening_of(events, now);
        for event in opening {
            self.apply(now.wall, &event)?;
            batch.push(event);
        }
        let parted = self.state.clocks.parted(now);
        for event in parted.into_iter().chain(in_order(events)) {
            match self.apply(now.wall, &event) {
                Ok(()) => batch.push(event),
                // The question was overtaken while the person answered, or what a moment was waited
                // for; that changes nothing.
                Err(late) if event.may_be_late() => tracing::warn!(%late, "this came too late"),
                Err(illegal) => return Err(illegal),
            }
        }
        Ok(batch)
    }

    fn apply(&mut self, at: Moment, event: &Event) -> Result<(), IllegalEvent> {
        grow(&mut self.plan, event);
        self.state.apply(&self.plan, at, event)
    }

    /// Takes back the questions that were open and are no more, though nobody answered them here.
    fn withdraw(&self, asked: Vec<Question>, records: &[Record]) {
        let is_put_anew = |it: &Question| {
            let is_it = |event: &Event| matches!(event, Event::QuestionAsked { question } if question == it);
            records.iter().any(|record| is_it(&record.event))
        };
        let is_closed = |it: &Question| !self.state.is_asked(it) || is_put_anew(it);
        let closed: Vec<Question> = asked.into_iter().filter(is_closed).collect();
        let is_letter = |record: &Record| matches!(record.event, Event::LetterTaken(_));
        if !closed.is_empty() {
            self.world.withdraw(closed, records.iter().any(is_letter));
        }
    }

    fn show(&mut self, records: &[Record]) {
        for record in records {
            self.reporter.show(record, &self.plan, &self.state);
            // What is shown above an open question stands there before that is put anew.
            self.world.kept(record);
        }
    }

    /// Leaves a run in which nothing is under way and nothing can begin.
    fn park(&mut self) -> Result<Finish, Failed> {
        let now = self.world.read_clock();
        let parked = Event::Parked { waiting_for: self.state.waiting_for(&self.plan) };
        let batch = self.take_in(&now, vec![parked])?;
        let records = self.journal.append(now.wall, batch).map_err(Failed::unseen)?;
        self.show(&records);
        Ok(match self.state.stop {
            StopLevel::None => Finish::Parked,
            _ => Finish::Stopped,
        })
    }
}

/// Whether an effect asks about another step than the undo for which alone the run is driven.
fn asks_beside_undo(effect: &Effect, step: &str) -> bool {
    let Effect::Ask { question, .. } = effect else { return false };
    let undo = format!("{step}~undo");
    question.step().is_some_and(|asked| {
        asked.strip_prefix(&undo).is_none_or(|rest| !rest.is_empty() && !rest.starts_with('/'))
    })
}

/// The events up to the one with which a driver begins, which says what its clock shows.
fn opening_of(mut events: Vec<Event>, now: &Reading) -> (Vec<Event>, Vec<Event>) {
    let begins = |event: &Event| matches!(event, Event::RunStarted(_) | Event::Resumed(_));
    let rest = events.split_off(events.iter().position(begins).map_or(0, |place| place + 1));
    match events.last_mut() {
        Some(Event::RunStarted(start)) => start.boot = Some(now.boot.clone()),
        Some(Event::Resumed(resumed)) => resumed.boot = Some(now.boot.clone()),
        _ => {}
    }
    (events, rest)
}

/// The events, of which those that were due are told in the order of their moments: after a long
/// time in which we did not run they all come at once.
fn in_order(mut events: Vec<Event>) -> Vec<Event> {
    let due = |event: &Event| match event {
        Event::TimerDue { due, .. } => Some(*due),
        _ => None,
    };
    let places: Vec<usize> = (0..events.len()).filter(|at| due(&events[*at]).is_some()).collect();
    let mut timers: Vec<Event> = places.iter().map(|at| events[*at].clone()).collect();
    timers.sort_by_key(due);
    places.into_iter().zip(timers).for_each(|(at, timer)| events[at] = timer);
    events
}
