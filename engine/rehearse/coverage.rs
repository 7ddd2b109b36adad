//! Coverage: which ways through a runbook its tests have gone.
//!
//! An [`Edge`] is one way on from one place: a rung that fails, a gate that is refused, a case that is
//! chosen. Only what can happen in some run is listed, so that all of it can be walked; what was
//! walked is read from the events of a run, and from nothing else.

mod fixed;
mod map;
mod reach;
mod spans;
mod trail;
mod words;

use std::collections::BTreeSet;

use crate::plan::{Index, Plan};
use crate::run::event::{CheckRef, Event, Purpose};
use crate::source::Span;

pub use map::edges;
pub use trail::{patterned, walked};
pub use words::name;

/// One way on from one place of a runbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Its name, the same as long as the place keeps its own: `restart:fails`.
    pub id: String,
    /// Where it begins.
    pub from: Place,
    /// Which way it goes.
    pub way: Way,
    /// What sort of edge it is.
    pub group: Group,
    /// What happens, as a sentence without its end.
    pub sentence: String,
    /// Where its place stands in the file of the runbook; that of the include for what is included.
    pub span: Option<Span>,
}

/// Where an edge begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// At a step or a group; of a fan-out, at its pattern.
    Step(Index),
    /// At a check.
    Check {
        /// Which.
        check: CheckRef,
        /// The case of its step in which it stands.
        case: Option<String>,
    },
    /// At the verdict.
    Verdict,
}

/// Which way an edge goes.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Way {
    /// It succeeds.
    Succeeds,
    /// It fails, or does not hold.
    Fails,
    /// Its condition is false.
    Skipped,
    /// Its effect is there already.
    Satisfied,
    /// It is optional, and not needed.
    Declined,
    /// Its gate is opened.
    Approved,
    /// Its gate is refused.
    Rejected,
    /// Its gate is not answered in time.
    Expires,
    /// This case of it is chosen.
    Case(String),
    /// It is a ladder, and no rung is left.
    Exhausted,
    /// It is a group, and what must hold after it does not.
    Unverified,
    /// The verdict is that service is back.
    Recovered,
    /// The verdict is that it is not.
    NotRecovered,
}

/// The sorts of edges, in the order in which they are told.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Group {
    /// A rung succeeds or fails, or none is left.
    Rungs,
    /// A gate is opened, refused or left until it expires.
    Gates,
    /// A step fails.
    Failures,
    /// What a step did is taken back, or cannot be.
    Rollbacks,
    /// Something is passed over, or a case is chosen.
    Branches,
    /// A check does not hold; the verdict.
    Checks,
    /// A step succeeds.
    Steps,
}

impl Group {
    /// All of them, in order.
    pub const ALL: [Group; 7] = [
        Group::Rungs,
        Group::Gates,
        Group::Failures,
        Group::Rollbacks,
        Group::Branches,
        Group::Checks,
        Group::Steps,
    ];
}

/// The edges of a runbook, and which of them were walked.
#[derive(Clone, Debug)]
pub struct Coverage {
    edges: Vec<Edge>,
    ids: BTreeSet<String>,
    walked: BTreeSet<String>,
}

impl Coverage {
    /// The edges of a runbook, none of them walked yet.
    pub fn of(plan: &Plan) -> Coverage {
        let edges = edges(plan);
        let ids = edges.iter().map(|edge| edge.id.clone()).collect();
        Coverage { edges, ids, walked: BTreeSet::new() }
    }

    /// Adds what one run of it walked; says whether that was anything new.
    pub fn add<'e>(&mut self, plan: &Plan, events: impl IntoIterator<Item = &'e Event>) -> bool {
        self.join(&walked(plan, events))
    }

    /// Adds the names of edges that were walked; says whether that was anything new.
    pub fn join(&mut self, walked: &BTreeSet<String>) -> bool {
        let before = self.walked.len();
        self.walked.extend(walked.intersection(&self.ids).cloned());
        self.walked.len() > before
    }

    /// All edges, in the order of the file.
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// How many of them there are.
    pub fn total(&self) -> usize {
        self.edges.len()
    }

    /// How many were walked.
    pub fn count(&self) -> usize {
        self.walked.len()
    }

    /// Whether an edge was walked.
    pub fn has(&self, edge: &Edge) -> bool {
        self.walked.contains(&edge.id)
    }

    /// What was not walked, in the order of the file.
    pub fn missing(&self) -> impl Iterator<Item = &Edge> {
        self.edges.iter().filter(|edge| !self.has(edge))
    }

    /// What was not walked, sort by sort; sorts of which nothing is missing are left out.
    pub fn missing_by_group(&self) -> Vec<(Group, Vec<&Edge>)> {
        let of = |group: Group| self.missing().filter(|edge| edge.group == group).collect();
        let all = Group::ALL.into_iter().map(|group| (group, of(group)));
        all.filter(|(_, edges): &(Group, Vec<&Edge>)| !edges.is_empty()).collect()
    }

    /// How much was walked, in tenths of a per cent, rounded down: only all of it is 1000.
    pub fn permille(&self) -> usize {
        (self.count() * 1000).checked_div(self.total()).unwrap_or(1000)
    }

    /// Whether at least so many per cent were walked.
    pub fn reaches(&self, percent: f64) -> bool {
        // Counts of edges are far below what a float holds exactly.
        self.count() as f64 * 100.0 >= percent * self.total() as f64
    }
}

/// The name of a list of checks, as it is written in a runbook and in a test file.
fn list(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Confirm => "confirm",
        Purpose::Precondition => "preconditions",
        Purpose::Require => "require",
        Purpose::DoneWhen => "done_when",
        Purpose::Verify => "verify",
        Purpose::Invariant => "invariants",
        Purpose::ExitCriterion => "exit_criteria",
    }
}
