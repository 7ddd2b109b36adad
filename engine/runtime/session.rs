//! A session of its own for a command: the only unsafe code of the engine.
//!
//! A command that leads a session has no controlling terminal. It cannot take what a person types
//! for us, a Ctrl-C meant for us does not reach it, and everything it starts is in its process
//! group, whose number is its own.

use rustix::process::setsid;
use tokio::process::Command;

/// Lets the command begin as the leader of a new session.
#[expect(unsafe_code, reason = "only code between fork and exec can start a session")]
pub(super) fn lead_new(command: &mut Command) {
    // SAFETY: the closure runs in the child between fork and exec, where only what is safe in a
    // signal handler may be called. It makes one system call, and neither that nor turning its
    // error number into an `io::Error` allocates, takes a lock or touches shared memory.
    unsafe { command.pre_exec(|| Ok(setsid().map(drop)?)) };
}
