//! What the clocks of a machine show beside the time of day.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Moment;

/// The clock that nobody sets: it counts from the boot of the machine.
#[derive(Clone, Debug, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// Which boot it counts from.
    pub id: String,
    /// How long ago that was, in milliseconds, sleep included.
    pub up_ms: u64,
    /// How long the machine has slept since then, in milliseconds.
    pub asleep_ms: u64,
}

/// What all the clocks of a machine show at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reading {
    /// The clock on the wall, which anybody may set.
    pub wall: Moment,
    /// The one that nobody sets.
    pub boot: Boot,
}
