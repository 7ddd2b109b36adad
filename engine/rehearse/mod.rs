//! The assumed world: a run in which nothing is started and nothing is asked of the network.
//!
//! It stands behind the same port as the real world, so plan, decisions and journal are those of a
//! live run. What an action does, what a look shows and what people say comes from a [`Cast`]. Time
//! is virtual: what takes an hour is over at once, and the clocks say that an hour has passed.

mod assumption;
mod cast;
mod clock;
mod compare;
mod course;
pub mod coverage;
pub mod draft;
mod memory;
mod placeholder;
mod play;
mod player;
mod rehearsal;
pub mod results;
pub mod script;
mod simulate;
mod stand_in;
pub mod tabletop;
mod tally;
mod trial;
mod unused;
mod world;

pub use assumption::{Assumption, Assumptions, Refused};
pub use cast::{Act, Cast, Fate, Glance, Goes};
pub use clock::VirtualClock;
pub use compare::{Miss, compare, lasted, outcome_of};
pub use course::{Course, course, timeline};
pub use memory::Memory;
pub use play::{PlayError, Played, play};
pub use player::{OPERATOR, UNOPENED};
pub use rehearsal::{Rehearsal, Source, come_to};
pub use script::{Piece, Script};
pub use simulate::simulated;
pub use stand_in::input as stand_in_for;
pub use tally::{About, Tally};
pub use trial::{Seen, Trial, seconds};
pub use unused::unused;
pub use world::{Assumed, virtual_time};
