//! A run as a pure state machine.
//!
//! ```text
//! apply(state, event) → state'        decide(plan, state) → [effect]
//! ```
//!
//! An event is a fact and goes into the journal; the state is the fold of its events; `decide`
//! says what comes next and needs no memory, since applying an effect's intent stops it from
//! asking again. There is no clock, no environment, no randomness and no waiting in here.

mod advice;
mod apply;
mod approval;
mod clocks;
mod conclude;
pub mod cost;
mod decide;
pub mod effect;
pub mod event;
mod known;
mod letter;
mod message;
pub mod offer;
mod person;
mod plans;
pub mod practice;
mod scope;
pub mod state;
mod timers;
mod walk;

pub use crate::source::{digest, hex};
pub use advice::{Advice, advice};
pub use apply::{HAND_OVER, IllegalEvent, STEP_UNDO, exec_id, grow};
pub use approval::{fits, may_open};
pub use clocks::Clocks;
pub use conclude::{ended, exited, judged, looked, measured, outputs, sight, waited};
pub use cost::{Cost, failure_cost, skip_cost};
pub use decide::{at_stake, decide, foresee, gate_digests, has_open_failure, on_failure};
pub use effect::{Effect, Execution, Task};
pub use event::{Event, Moment};
pub use known::{Known, Seen, check_id, check_title, known};
pub use letter::{receive, refusal};
pub use offer::Offer;
pub use plans::{Plans, fold};
pub use scope::{Names, secret_name};
pub use state::RunState;
pub use timers::Timers;
pub use walk::Walk;
