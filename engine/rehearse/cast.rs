//! The cast of an assumed world: who says what its actions do, what its looks show and what its
//! people answer.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use crate::journal::Record;
use crate::run::event::{CheckRef, Event, Failure, Question};
use crate::run::{Execution, Offer};
use crate::runbook::expect::{Judgement, Sight};
use crate::runbook::probe::Observation;

/// Plays everything that a run meets.
pub trait Cast: Send + Sync + 'static {
    /// How an action goes.
    fn act(&self, execution: &Execution) -> impl Future<Output = Act> + Send;

    /// What a look shows; a look that polls shows what it shows in the end.
    fn look(&self, check: &CheckRef, look: &Observation) -> impl Future<Output = Glance> + Send;

    /// What a person answers; a question that nobody answers stays open.
    fn answer(
        &self,
        question: &Question,
        offer: &Offer,
    ) -> impl Future<Output = Option<Event>> + Send;

    /// The choices of an input, or why there are none.
    fn choices(&self, input: &str) -> Result<Vec<String>, String>;

    /// What became of a step whose driver died.
    fn fate(&self, execution: Option<&Execution>, step: &str, attempt: u32) -> Fate;

    /// Is told of a record that is kept now.
    fn kept(&self, _record: &Record) {}
}

/// How an action goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// What comes of it.
    pub goes: Goes,
    /// How long it takes; longer than its timeout is a timeout.
    pub takes: Duration,
    /// What it hands over by name, as a command does in its file of outputs.
    pub hands_over: BTreeMap<String, String>,
}

/// What comes of an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Goes {
    /// It succeeds, whatever is expected of it.
    Well,
    /// Its command exits, or its request is answered: the exit code or status, and what is printed
    /// or answered, stand in here and are held against what is expected.
    Seen(Sight),
    /// It looks, waits or watches, and this is what that amounts to.
    Judged(Judgement),
    /// It fails without an answer.
    Badly(Failure),
    /// Whether it happened cannot be seen: it is in doubt.
    Unseen(String),
}

/// What a look shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Glance {
    /// What it amounts to.
    pub judgement: Judgement,
    /// How long it is looked.
    pub takes: Duration,
}

/// What became of a step whose driver died.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Its keeper knows the end, which is this.
    Known(Box<Act>),
    /// It was never begun.
    NeverBegun,
    /// Its process is gone, and nobody saw how it ended.
    Lost,
    /// Nobody can tell whether it still runs.
    Unknown,
}
