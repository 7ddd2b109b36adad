//! A space: what names mean at a place of a plan.
//!
//! The steps of a runbook share one, and so do those of one item of a fan-out. What an item does not
//! know is looked for around it; what a runbook does not know it must be told.

use std::collections::HashMap;
use std::sync::Arc;

use crate::runbook::Runbook;
use crate::runbook::include::Include;

use super::{Index, Plan};

/// The place of a space in a plan.
pub type SpaceIndex = usize;

/// The space of the runbook itself.
pub const WHOLE: SpaceIndex = 0;

/// What names mean at a place.
#[derive(Clone, Debug)]
pub struct Space {
    /// The space around it, where what is not found here is looked for; none for a runbook.
    pub around: Option<SpaceIndex>,
    /// What made it.
    pub kind: SpaceKind,
    /// Its steps by their ids.
    pub steps: HashMap<String, Index>,
}

/// What made a space.
#[derive(Clone, Debug)]
pub enum SpaceKind {
    /// The runbook of the run.
    Whole,
    /// A runbook that is included.
    Included {
        /// The runbook.
        runbook: Arc<Runbook>,
        /// Where it is included.
        outer: SpaceIndex,
        /// What it is told there.
        include: Arc<Include>,
    },
    /// One item of a fan-out.
    Item {
        /// The fan-out.
        of: Index,
        /// What the item is called.
        name: String,
        /// Which item it is, from 1; 0 in the pattern.
        number: usize,
    },
}

/// A runbook, and where it is included with what it is told; the latter not for that of the run.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'p> {
    /// The runbook.
    pub runbook: &'p Runbook,
    /// Where it is included, and what it is told there.
    pub told: Option<(SpaceIndex, &'p Include)>,
}

impl Space {
    /// A space without steps.
    pub fn new(around: Option<SpaceIndex>, kind: SpaceKind) -> Space {
        Space { around, kind, steps: HashMap::new() }
    }
}

impl Plan {
    /// A space and those around it, as far as names reach.
    pub fn spaces_around(&self, space: SpaceIndex) -> impl Iterator<Item = SpaceIndex> + '_ {
        std::iter::successors(Some(space), |at| self.spaces[*at].around)
    }

    /// The runbook whose names are meant at a place, and what it is told.
    pub fn runbook_at(&self, space: SpaceIndex) -> Surroundings<'_> {
        let included = self.spaces_around(space).find_map(|space| match &self.spaces[space].kind {
            SpaceKind::Included { runbook, outer, include } => {
                Some(Surroundings { runbook, told: Some((*outer, include)) })
            }
            SpaceKind::Whole | SpaceKind::Item { .. } => None,
        });
        included.unwrap_or(Surroundings { runbook: &self.runbook, told: None })
    }

    /// The fan-out whose item a name means at a place, and which item it is.
    pub fn item(&self, name: &str, space: SpaceIndex) -> Option<(Index, usize)> {
        self.spaces_around(space).find_map(|space| match &self.spaces[space].kind {
            SpaceKind::Item { of, name: known, number } if known == name => Some((*of, *number)),
            _ => None,
        })
    }
}
