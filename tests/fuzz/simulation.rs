//! The simulation in the build of the fuzz targets, which is optimised: one more build of that kind
//! would take longer than all that is played.

// Nothing else brings the counters that this build calls.
extern crate libfuzzer_sys as _;

#[path = "../simulation.rs"]
mod simulation;

pub(crate) use simulation::{harness, sample};
