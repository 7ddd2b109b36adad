//! Decisions: what a person said before the run, or before it was resumed.

use crate::run::event::{InvariantChoice, VerdictChoice};
use crate::runbook::answers::Prepared;

/// What was decided before the run, or before it was resumed.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Answers to gates and other questions, by the path of their step.
    pub answers: Vec<(String, Prepared)>,
    /// What becomes of steps that are held or in doubt, by their path.
    pub steps: Vec<(String, Resolution)>,
    /// What becomes of invariants that broke, by their id.
    pub invariants: Vec<(String, InvariantChoice)>,
    /// What becomes of a verdict that is not `recovered`.
    pub verdict: Option<VerdictChoice>,
    /// Whether gates that let themselves be bypassed are passed by.
    pub yes: bool,
    /// The reason for all of these.
    pub reason: String,
}

/// What becomes of a step that is held or in doubt.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Resolution {
    /// It is done again.
    Again,
    /// It counts as done.
    Done,
    /// It counts as failed.
    Failed,
    /// It is passed over.
    Skip,
    /// The run is taken back.
    Undo,
    /// The run is ended.
    Abort,
}
