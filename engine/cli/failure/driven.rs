//! A run that another process drives: who that is, and what can be done.

use std::fmt;
use std::path::PathBuf;

use crate::journal::{Folder, Holder, NotEnded};

use super::super::session;

/// A run that another process drives.
#[derive(Debug)]
pub struct Driven {
    /// The run.
    pub run: String,
    /// Who drives it; none where that cannot be read.
    pub holder: Option<Holder>,
    /// Why its driver was not ended, if that was asked for.
    pub not_ended: Option<NotEnded>,
    /// What names the store on a command line.
    option: String,
    lock: PathBuf,
}

impl Driven {
    /// Says of a run that it is driven by somebody.
    pub fn of(folder: &Folder, holder: Option<Holder>) -> Box<Driven> {
        let (run, option) = (folder.run.clone(), folder.option().to_owned());
        Box::new(Driven { run, holder, not_ended: None, option, lock: folder.lock() })
    }

    /// What can be done.
    pub fn way_out(&self) -> String {
        let Driven { run, option, lock, .. } = self;
        let again = format!("then: holdpoint {option}resume {run}");
        match &self.holder {
            None => format!("find that process with `fuser {}`, end it, {again}", lock.display()),
            Some(Holder { host, pid, .. }) if *host != session::host() => {
                format!("it can only be ended there: on {host}, `kill {pid}`; {again}")
            }
            Some(Holder { pid, .. }) if self.not_ended.is_some() => {
                format!("end process {pid} yourself, {again}")
            }
            Some(_) => format!(
                "talk to them; or end their driver and go on with: holdpoint {option}resume {run} --take-over --reason TEXT"
            ),
        }
    }
}

impl fmt::Display for Driven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Driven { run, lock, .. } = self;
        let Some(Holder { pid, host, operator, since, .. }) = &self.holder else {
            let lock = lock.display();
            return write!(
                f,
                "{run} is driven by another process; its lock {lock} does not say whose"
            );
        };
        let since = since.format("%H:%M:%S UTC");
        write!(f, "{run} is driven by {operator} on {host} (process {pid}) since {since}")?;
        match &self.not_ended {
            Some(reason) => write!(f, "; it was not ended: {reason}"),
            None => Ok(()),
        }
    }
}
