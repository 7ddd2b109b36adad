//! A run as a pure state machine.
//!
//! ```text
//! apply(state, event) → state'        decide(plan, state) → [effect]
//! ```
//!
//! An event is a fact and goes into the journal; the state is the fold of its events; `decide`
//! says what comes next and needs no memory, since applying an effect's intent stops it from
//! asking again. There is no clock, no environment, no randomness and no waiting in here.

mod apply;
mod approval;
mod clocks;
mod decide;
mod digest;
pub mod effect;
pub mod event;
mod letter;
mod message;
mod person;
mod plans;
mod scope;
pub mod state;
mod timers;

pub use apply::{HAND_OVER, IllegalEvent, exec_id, grow};
pub use approval::{fits, may_open};
pub use clocks::Clocks;
pub use decide::{decide, foresee, gate_digests};
pub use digest::{digest, hex};
pub use effect::{Effect, Execution, Offer, Task};
pub use event::{Event, Moment};
pub use letter::{answer, receive};
pub use plans::{Plans, fold};
pub use scope::{Names, secret_name};
pub use state::RunState;
pub use timers::Timers;
