//! The real world: processes, probes, people, the clock and signals.
//!
//! Everything that a step prints is masked before anybody or anything sees it. A driver that is
//! killed kills no step; but what a step prints then goes nowhere, and may end it.

mod action;
mod alone;
mod aside;
pub mod ask;
mod attend;
pub mod capture;
mod clock;
mod command;
mod gate;
mod dns;
mod exec;
pub mod handed;
mod http;
pub mod keeper;
pub mod lab;
mod lend;
mod look;
mod mark;
mod outputs;
mod people;
mod practise;
mod proceed;
mod process;
pub mod prompt;
mod questions;
mod raw;
mod reach;
pub mod redact;
mod request;
mod require;
mod secrets;
mod send;
mod session;
pub mod signals;
mod suspend;
mod target;
mod timer;
mod tty;
mod wait;
mod world;

use crate::journal::identity;
pub use alone::{ask_alone, pick};
pub use clock::{Clock, MachineClock};
pub use exec::{Errand, perform};
pub use people::{read_input, weak_secret};
pub use practise::Practised;
pub use reach::is_reachable;
pub use require::{missing, not_there};
pub use secrets::Secrets;
pub use suspend::suspend;
pub use world::{Live, Place};
