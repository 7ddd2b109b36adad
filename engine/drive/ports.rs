//! The ports of a driver: what performs effects, and what keeps events.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::journal::{JournalError, Record, Writer};
use crate::run::Effect;
use crate::run::event::{Event, Moment, Question, Reading, StopLevel};

/// Where the world tells what happened.
pub type Tell = mpsc::UnboundedSender<Event>;

/// Performs effects: the real world, or one that is assumed.
pub trait World: Send + Sync + 'static {
    /// Performs an effect and tells what happens on the way. It ends when there is nothing more
    /// to tell, which may be at once: a question that nobody answers stays open.
    fn perform(self: Arc<Self>, effect: Effect, tell: Tell) -> impl Future<Output = ()> + Send;

    /// What the clocks show now.
    fn read_clock(&self) -> Reading;

    /// Is told of a record that is kept now.
    fn kept(&self, _record: &Record) {}

    /// Is told of a letter that was put on record before and is still there.
    fn discard(&self, _letter: &str) {}

    /// Takes questions back that were put and are settled, from another terminal or by themselves:
    /// nobody is asked them any more.
    fn withdraw(&self, _questions: Vec<Question>, _is_from_elsewhere: bool) {}

    /// Stops what is under way, as hard as said.
    fn stop(&self, level: StopLevel);
}

/// Keeps events, in order, for good.
pub trait Journal {
    /// Appends events; they are kept when this returns.
    fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError>;

    /// After an error: makes sure of what was kept before it, and gives it; then, if all of that is
    /// there, a few more events can be appended.
    fn recover(&mut self) -> Result<Vec<Record>, JournalError>;
}

impl Journal for Writer {
    fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        Writer::append(self, at, events)
    }

    fn recover(&mut self) -> Result<Vec<Record>, JournalError> {
        Writer::recover(self)
    }
}
