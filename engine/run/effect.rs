//! An effect: something the world is asked to do, or a decision to be put on record.
//!
//! Every effect has an intent, an event that is in the journal before the effect begins.
//! Applying it is what stops `decide` from asking again.

use std::time::Duration;

use crate::runbook::expect::Expectations;
use crate::runbook::library::Delivery;
use crate::runbook::output::Output;
use crate::runbook::probe::Observation;
use crate::runbook::rendered::Rendered;
use crate::runbook::request::{REQUEST_TIMEOUT, Request};
use crate::runbook::script::Command;
use crate::runbook::wait::{Waiting, Watching};

use super::event::{CheckRef, Event, Moment, Process, Question, Timer};
use super::offer::Offer;
use super::state::Watched;

/// How long after TERM a command is killed when nothing is said.
pub const GRACE: Duration = Duration::from_secs(10);

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Nothing beyond the event itself.
    Record(Event),
    /// List the choices of an input.
    SeekChoices {
        /// The input.
        input: String,
        /// The read-only command that prints them, one a line.
        command: Command,
        /// How long it may take.
        timeout: Duration,
    },
    /// Look.
    Observe {
        /// Which check it is.
        check: CheckRef,
        /// What to look at.
        observation: Observation,
    },
    /// Put a question to whoever is there.
    Ask {
        /// The question.
        question: Question,
        /// What helps to answer it, and is not part of it.
        offer: Offer,
    },
    /// Act.
    Execute(Box<Execution>),
    /// Find out whether the process of a step still runs, and wait until it does not.
    SeekProcess {
        /// The step.
        step: String,
        /// Which attempt, from 1.
        attempt: u32,
        /// Which driver began it.
        begun_by: u64,
        /// Its process, where that is on record.
        process: Option<Process>,
        /// What was begun, where a keeper may watch over it.
        execution: Option<Box<Execution>>,
    },
    /// Wait for a moment.
    Wake {
        /// What it is waited for.
        timer: Timer,
        /// The moment.
        due: Moment,
    },
}

/// An action, with all that the world needs to perform it.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The path of the step.
    pub step: String,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// What to do.
    pub task: Task,
    /// What it is, as a person reads it.
    pub shown: String,
    /// The SHA-256 of what is done.
    pub digest: String,
    /// How long it may take, where that is said.
    pub timeout: Option<Duration>,
    /// How long after TERM it is killed.
    pub grace: Duration,
    /// What counts as success.
    pub expect: Expectations<String>,
    /// What it hands to later steps.
    pub outputs: Vec<Output>,
    /// Whether it has the operator's terminal.
    pub is_on_terminal: bool,
    /// Whether a template asks for what it prints.
    pub keeps_stdout: bool,
}

/// What an action does.
#[derive(Clone, Debug)]
pub enum Task {
    /// Runs a command.
    Run(Command),
    /// Sends a request.
    Http(Box<Request<Rendered>>),
    /// Looks.
    Look(Box<Observation>),
    /// Waits.
    Wait {
        /// For what.
        waiting: Box<Waiting>,
        /// When it is over; none when there is no limit.
        until: Option<Moment>,
    },
    /// Looks again and again.
    Watch {
        /// At what, and what a break means.
        watching: Box<Watching>,
        /// When it is over.
        until: Moment,
        /// What was seen so far.
        before: Watched,
    },
    /// Shows a message to be passed on.
    Show(String),
    /// Hands a message to a channel.
    Send(Box<Delivery>),
}

impl Execution {
    /// How long it may take; none when there is no limit. A request and a message always have one.
    pub fn limit(&self) -> Option<Duration> {
        match &self.task {
            Task::Http(_) => Some(self.timeout.unwrap_or(REQUEST_TIMEOUT)),
            Task::Send(delivery) => Some(delivery.timeout),
            _ => self.timeout,
        }
    }

    /// Whether what it prints or is answered may be neither shown nor kept.
    pub fn is_private(&self) -> bool {
        self.outputs.iter().any(|output| output.is_secret)
    }
}

impl Effect {
    /// The event that must be on record before the effect begins.
    pub fn intent(&self) -> Event {
        match self {
            Effect::Record(event) => event.clone(),
            Effect::SeekChoices { input, command, .. } => {
                Event::ChoicesSought { input: input.clone(), command: command.shown() }
            }
            Effect::Observe { check, observation } => {
                Event::CheckStarted { check: check.clone(), look: observation.shown() }
            }
            Effect::Ask { question, .. } => Event::QuestionAsked { question: question.clone() },
            Effect::Execute(execution) => Event::StepStarted {
                step: execution.step.clone(),
                attempt: execution.attempt,
                command: execution.shown.clone(),
                digest: execution.digest.clone(),
            },
            Effect::SeekProcess { step, .. } => Event::ProcessSought { step: step.clone() },
            Effect::Wake { timer, due } => Event::TimerSet { timer: timer.clone(), due: *due },
        }
    }
}
