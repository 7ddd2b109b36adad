//! Limits that the system sets on us, met as errors.

use rustix::process::Signal;
use tokio::signal::unix::{SignalKind, signal};

use super::args::Command;
use super::failure::Failure;

/// Makes a file that may grow no more an error where it is written to. Untouched, the signal that
/// goes with it would end us in the middle of a record. What we start is not affected.
pub fn outlive_file_sizes(command: &Command) -> Result<(), Failure> {
    let is_writing = match command {
        Command::Run(_) | Command::Resume(_) | Command::Undo(_) => true,
        Command::Timeline(args) => args.bundle.is_some(),
        _ => false,
    };
    if !is_writing {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let runtime = runtime.map_err(Failure::Setup)?;
    let _within = runtime.enter();
    // Once taken, a signal never has its old meaning again, whether or not anybody listens.
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop).map_err(Failure::Setup)
}
