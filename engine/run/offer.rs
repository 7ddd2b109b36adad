//! What helps a person to answer a question, and is not part of it.
//!
//! It travels from `decide` to whoever asks, and is in no record: it follows from the plan and the
//! state.

use crate::runbook::input::Input;
use crate::runbook::step::{OnFailure, Repeat};

use super::advice::Advice;
use super::cost::Cost;
use super::event::{End, Moment};
use super::known::Known;

/// What helps a person to answer a question.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// What is offered to choose from.
    pub choices: Vec<String>,
    /// What a person calls the step.
    pub title: Option<String>,
    /// Why the step is there.
    pub why: Option<String>,
    /// What would be taken back, in order.
    pub undos: Vec<String>,
    /// Who has approved a gate already.
    pub approved: Vec<String>,
    /// What the answers must be like.
    pub answers: Vec<Input>,
    /// What a held step was, and what each choice means for it.
    pub held: Option<Box<Held>>,
    /// What is at stake behind a gate.
    pub stakes: Option<Box<Stakes>>,
    /// Where the run can go from a step that is about to begin.
    pub course: Option<Box<Course>>,
    /// What is known of the system, the newest first.
    pub known: Vec<Known>,
    /// Whether the run ends, so that nothing is done again.
    pub is_ending: bool,
}

/// A held step.
#[derive(Clone, Debug)]
pub struct Held {
    /// What ran last, as a person reads it; empty where nothing has.
    pub command: String,
    /// How that ended, where it did.
    pub end: Option<End>,
    /// The last lines that it printed.
    pub printed: Vec<String>,
    /// How many attempts were begun.
    pub attempts: u32,
    /// Whether it may be repeated.
    pub repeat: Repeat,
    /// Whether its gate is asked again before it is.
    pub is_gated: bool,
    /// What it costs to count it as failed.
    pub failing: Cost,
    /// What it costs to pass it over.
    pub skipping: Cost,
    /// What the runbook advises.
    pub advice: Option<Advice>,
}

/// What is at stake behind a gate.
#[derive(Clone, Debug)]
pub struct Stakes {
    /// Where it runs, unless that is here.
    pub target: Option<String>,
    /// Whether it may be repeated.
    pub repeat: Repeat,
    /// Whether what it does cannot be taken back.
    pub is_destructive: bool,
    /// What a failure leads to.
    pub on_failure: OnFailure,
    /// Whether it stands in a rung of a ladder.
    pub is_in_rung: bool,
    /// How it is taken back.
    pub back: Back,
    /// Until when the gate may be answered.
    pub until: Option<Moment>,
}

/// Where a run can go from a step that is about to begin.
#[derive(Clone, Debug)]
pub struct Course {
    /// What it costs to pass the step over.
    pub skipping: Cost,
    /// The paths of the steps above it that have begun and are done, in file order.
    pub behind: Vec<String>,
    /// The paths of the steps that a person passed over, in file order, and how many of those that
    /// are done stand above each.
    pub passed_over: Vec<(String, usize)>,
    /// The paths of the steps below it that have not begun, in file order.
    pub ahead: Vec<String>,
    /// The path of the last step that printed something.
    pub printed: Option<String>,
    /// Whether it may be passed over.
    pub may_skip: bool,
    /// Whether the run may be ended.
    pub may_end: bool,
}

/// How something is taken back.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Back {
    /// It changes nothing.
    Needless,
    /// By these commands, as a person reads them.
    By(Vec<String>),
    /// There is none, and the runbook says why.
    Never(String),
    /// The runbook names none.
    Unknown,
}
