//! A space: what names mean at a place of a plan.
//!
//! The steps of a runbook share one. Inside it, what is not found is looked for in the space around.

use std::collections::HashMap;

use super::{Index, Plan};

/// The place of a space in a plan.
pub type SpaceIndex = usize;

/// The space of the runbook itself.
pub const WHOLE: SpaceIndex = 0;

/// What names mean at a place.
#[derive(Clone, Debug)]
pub struct Space {
    /// The space around it; none for the runbook itself.
    pub around: Option<SpaceIndex>,
    /// What made it.
    pub kind: SpaceKind,
    /// Its steps by their ids.
    pub steps: HashMap<String, Index>,
}

/// What made a space.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SpaceKind {
    /// A runbook.
    Runbook,
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

    /// The fan-out whose item a name means at a place, and which item it is.
    pub fn item(&self, name: &str, space: SpaceIndex) -> Option<(Index, usize)> {
        self.spaces_around(space).find_map(|space| match &self.spaces[space].kind {
            SpaceKind::Item { of, name: known, number } if known == name => Some((*of, *number)),
            _ => None,
        })
    }
}
