//! Who holds the lock of a run, so exactly that it can be ended and nobody else is.

use std::io;
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use serde::{Deserialize, Serialize};

use super::identity;
use crate::run::Moment;

/// Who drives a run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Holder {
    /// The number of the process.
    pub pid: u32,
    /// The machine it runs on.
    pub host: String,
    /// The person who started it, as far as is known.
    pub operator: String,
    /// Since when.
    pub since: Moment,
    /// When the process started, in clock ticks since the boot: numbers are used again.
    #[serde(default)]
    pub start_time: Option<u64>,
    /// The boot that the ticks count from.
    #[serde(default)]
    pub boot_id: Option<String>,
}

/// Why a holder was not ended.
#[derive(Debug, thiserror::Error)]
pub enum NotEnded {
    /// It drives on another machine, where nothing can be done from here.
    #[error("it drives on another machine")]
    Elsewhere,
    /// It may not be ended by us, or the system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How long a driver that was asked to leave is waited for before it is killed.
const PATIENCE: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(10);

impl Holder {
    /// This process.
    pub fn this(host: String, operator: String, since: Moment) -> Holder {
        let pid = std::process::id();
        let this = identity::identify(pid);
        let start_time = this.as_ref().map(|this| this.start_time);
        Holder { pid, host, operator, since, start_time, boot_id: this.map(|this| this.boot_id) }
    }

    /// Whether it was on this machine and its process is no more.
    pub(super) fn is_gone_from(&self, host: &str) -> bool {
        self.host == host && !self.is_alive()
    }

    /// Whether exactly this process runs here. One that is known by its number alone is taken for
    /// the one that has that number now.
    fn is_alive(&self) -> bool {
        let Some(found) = identity::identify(self.pid).filter(identity::is_alive) else {
            return false;
        };
        self.start_time.is_none_or(|known| known == found.start_time)
            && self.boot_id.as_ref().is_none_or(|known| *known == found.boot_id)
    }

    /// Ends it: it is asked to leave in order, and killed when it does not. A process that has its
    /// number by chance is never touched.
    pub fn end(&self, host: &str) -> Result<(), NotEnded> {
        if self.host != host {
            return Err(NotEnded::Elsewhere);
        }
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        let (Some(pid), Some(_)) = (pid, self.start_time) else { return Err(unknown().into()) };
        // Opened first and looked at then: from here on it means one process and no other.
        let process = match pidfd_open(pid, PidfdFlags::empty()) {
            Err(rustix::io::Errno::SRCH) => return Ok(()),
            other => other.map_err(io::Error::from)?,
        };
        let began = Instant::now();
        let mut signal = Signal::TERM;
        let mut has_asked = false;
        while self.is_alive() {
            if began.elapsed() > PATIENCE && signal == Signal::TERM {
                (signal, has_asked) = (Signal::KILL, false);
            }
            if !std::mem::replace(&mut has_asked, true) {
                match pidfd_send_signal(&process, signal) {
                    Err(rustix::io::Errno::SRCH) => return Ok(()),
                    other => other.map_err(io::Error::from)?,
                }
            }
            if began.elapsed() > 2 * PATIENCE {
                return Err(io::Error::other("it does not end, though it was killed").into());
            }
            std::thread::sleep(AGAIN);
        }
        Ok(())
    }
}

fn unknown() -> io::Error {
    io::Error::other("which process it is stands nowhere for certain")
}
