//! `holdpoint tabletop`: an exercise at a table, with the players at one terminal and whoever leads it at
//! another, or all of them at one.
//!
//! It has a store of its own, so that no command on live runs ever sees it, and it cannot be gone on
//! with: it ends, or it is broken off.

mod ask;
mod book;
mod conclude;
mod epilogue;
mod facilitator;
mod orders;
mod outlook;
mod players;
mod view;
mod world;

use crate::journal::Store;

use super::args;
use super::failure::{Exit, Failure};

/// Runs an exercise, or leads one that is under way.
pub fn tabletop(store: &Store, args: args::Tabletop) -> Result<Exit, Failure> {
    match args.facilitator {
        true => facilitator::facilitate(store, &args),
        false => players::play(store, args),
    }
}
