//! The process group of a running command.
//!
//! A signal to a group goes by number, and a number whose group is gone may belong to strangers. As
//! long as the leader has not been reaped, even if it has ended, the kernel gives its number to
//! nobody else; so a [`Group`] borrows the leader, and the borrow forbids reaping it.

use std::fs;
use std::marker::PhantomData;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::process::Child;

use crate::runtime::identity::Stat;

/// How long to wait between two looks.
const LOOK: Duration = Duration::from_millis(20);

/// The processes that a leader started and that did not go into a session of their own.
pub(super) struct Group<'child> {
    leader: Pid,
    unreaped: PhantomData<&'child Child>,
}

impl Group<'_> {
    /// The group of a child that leads one and has not been reaped.
    pub(super) fn led_by(child: &Child) -> Option<Group<'_>> {
        let leader = Pid::from_raw(i32::try_from(child.id()?).ok()?)?;
        Some(Group { leader, unreaped: PhantomData })
    }

    /// Sends a signal to all of it.
    pub(super) fn send(&self, signal: Signal) {
        // It fails when the last of them is gone, which is no failure, or when they run as somebody
        // else, which shows: they go on running.
        let _ = kill_process_group(self.leader, signal);
    }

    /// Returns when the leader has ended and nobody else in the group runs.
    pub(super) async fn empty(&self) {
        while !self.is_leader_over() || self.has_members() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_leader_over(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        // An error means that it is no child of ours any more.
        !matches!(waitid(WaitId::Pid(self.leader), look), Ok(None))
    }

    fn has_members(&self) -> bool {
        let Ok(processes) = fs::read_dir("/proc") else {
            // What cannot be seen may be there.
            return true;
        };
        let leader = self.leader.as_raw_nonzero().get().unsigned_abs();
        let numbers =
            processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let mut others = numbers.filter(|number: &u32| *number != leader);
        others
            .any(|number| Stat::of(number).is_some_and(|of| of.group == leader && of.is_running()))
    }
}
