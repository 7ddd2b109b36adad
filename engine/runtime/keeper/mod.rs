//! The keeper of a run: the parent of every command that a step starts.
//!
//! It is this same program once more, in a session of its own, started by the first driver that has
//! a command to run. It owns the pipes of what it started, masks and keeps what is printed, and
//! writes down every start and end in a log before it tells anybody. So a driver that dies,
//! or a line that drops, stops nothing: the next driver finds the keeper at its socket, goes on
//! watching, or takes the true end. An attempt is started at most once, by whatever number of
//! drivers and keepers. Two keepers of one run never live at the same time: each holds a lock for
//! as long as it lives, from before its start.
//!
//! ```text
//! driver ── client ──(inherited socket, or keeper.sock)── serve ── attempt ── the command
//! ```
//!
//! It ends when no driver is there, nothing runs, and no secret output waits to be taken.

mod attempt;
mod client;
mod connection;
mod launch;
pub(super) mod log;
mod outlet;
pub mod protocol;
mod serve;
mod socket;

use std::path::{Path, PathBuf};

pub(super) use client::{Client, Found, Home, Watched};
pub use launch::{asked, is_alive, main};

/// The socket on which a keeper can be reached, in the folder of its run.
const SOCKET: &str = "keeper.sock";

/// Begins the log of the keepers of a new run, so that what it does not hold was never begun.
pub fn open_log(folder: &Path) -> std::io::Result<()> {
    log::Log::at(&log_in(folder))?.0.open_for(1, &super::identity::boot_id())
}

/// The log of the keepers of a run.
fn log_in(folder: &Path) -> PathBuf {
    folder.join("keeper.jsonl")
}

/// What the living keeper of a run has locked.
fn lock_in(folder: &Path) -> PathBuf {
    folder.join("keeper.lock")
}
