//! Suspending ourselves, as Ctrl-Z asks for.
//!
//! The commands of the steps lead sessions of their own and run on. Where no shell could let us go
//! on again, we are not suspended: the system does the same for a program that does not ask.

use rustix::process::{Signal, getpid, kill_process};

use super::identity::Stat;

/// Suspends this process, which hears SIGCONT when somebody lets it go on; where nobody could it is
/// not suspended, and that is false.
pub fn suspend() -> bool {
    // We may signal ourselves.
    !is_orphaned() && kill_process(getpid(), Signal::STOP).is_ok()
}

/// Whether our process group has no parent in our session that could wait for it.
fn is_orphaned() -> bool {
    let Some(us) = Stat::of(std::process::id()) else { return true };
    let mut parent = us.parent;
    while let Some(found) = Stat::of(parent).filter(|found| found.session == us.session) {
        if found.group != us.group {
            return false;
        }
        parent = found.parent;
    }
    true
}
