//! The log of a keeper: what it started, and how that ended.
//!
//! One JSON object a line, in the folder of the run, written by the keeper before it acts. It
//! survives the keeper, not the loss of power. What it does not hold was never begun, provided that
//! the driver that would have begun it came after the log was opened, and that the machine has not
//! started anew since. A line that was cut short
//! counts as not written; one that cannot be read makes the log prove nothing.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use serde::{Deserialize, Serialize};

use super::protocol::{Over, Token};
use crate::run::event::Process;

/// The version of the format.
const VERSION: u32 = 1;

const NO_FOLLOW: i32 = OFlags::NOFOLLOW.bits() as i32;

/// One line.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    /// Whatever this driver and later ones start stands below, as long as the machine runs on.
    Opened { v: u32, boot_id: String, driver: u64 },
    /// An attempt is about to be started.
    Starting { token: Token },
    /// Its process runs.
    Started { token: Token, process: Process },
    /// It is over; what it printed is in its files.
    Ended { token: Token, over: Box<Over> },
    /// It is over, and how is a secret of its keeper.
    Hidden { token: Token },
}

/// A log that is open for writing.
#[derive(Debug)]
pub struct Log {
    file: File,
    /// Whether its last line was cut short, so that a new one would be glued to it.
    is_torn: bool,
    /// In which start of the machine it was last opened; empty before that.
    boot_id: String,
}

impl Log {
    /// Opens the log at `path`, which is made when it is not there, and gives what it holds. Of one
    /// that cannot be read nothing is known.
    pub fn at(path: &Path) -> io::Result<(Log, Known)> {
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).custom_flags(NO_FOLLOW);
        let file = options.open(path)?;
        let known = Known::read(path).unwrap_or(Known { is_torn: true, ..Known::default() });
        Ok((Log { file, is_torn: known.is_torn, boot_id: known.boot_id.clone() }, known))
    }

    /// Opens it for a driver in this start of the machine, unless an earlier one did.
    pub fn open_for(&mut self, driver: u64, boot_id: &str) -> io::Result<()> {
        if self.boot_id == boot_id {
            return Ok(());
        }
        self.write(&Entry::Opened { v: VERSION, boot_id: boot_id.to_owned(), driver })?;
        boot_id.clone_into(&mut self.boot_id);
        Ok(())
    }

    /// An attempt is about to be started.
    pub fn starting(&mut self, token: &Token) -> io::Result<()> {
        self.write(&Entry::Starting { token: token.clone() })
    }

    /// Its process runs.
    pub fn started(&mut self, token: &Token, process: &Process) -> io::Result<()> {
        self.write(&Entry::Started { token: token.clone(), process: process.clone() })
    }

    /// It is over. Of one that is private nothing else is written.
    pub fn ended(&mut self, token: &Token, over: &Over, is_private: bool) -> io::Result<()> {
        let token = token.clone();
        self.write(&match is_private {
            true => Entry::Hidden { token },
            false => Entry::Ended { token, over: Box::new(over.without_text()) },
        })
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = if self.is_torn { vec![b'\n'] } else { Vec::new() };
        serde_json::to_writer(&mut line, entry)?;
        line.push(b'\n');
        self.is_torn = true;
        self.file.write_all(&line)?;
        self.is_torn = false;
        Ok(())
    }
}

/// What a log says of one attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trace {
    /// It was never begun, which is certain.
    NeverBegun,
    /// Nothing can be said.
    Unknown,
    /// This process was begun for it.
    Started(Process),
    /// It is over, and this is how.
    Ended(Box<Over>),
}

/// What a log holds.
#[derive(Debug, Default)]
pub struct Known {
    boot_id: String,
    /// The first driver of which it holds all.
    since: u64,
    attempts: BTreeMap<Token, Trace>,
    /// Whether its last line was cut short.
    is_torn: bool,
}

impl Known {
    /// Reads a log.
    pub fn read(path: &Path) -> io::Result<Known> {
        let mut bytes = Vec::new();
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(NO_FOLLOW).open(path)?.read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
        let mut known = Known { is_torn: whole < bytes.len(), ..Known::default() };
        let lines = bytes.get(..whole).unwrap_or_default().split(|byte| *byte == b'\n');
        for line in lines.filter(|line| !line.is_empty()) {
            match serde_json::from_slice(line).map_err(io::Error::from) {
                Ok(entry) => known.take(entry)?,
                // It was cut short, and a keeper that came later began a line of its own.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                Err(error) => return Err(error),
            }
        }
        Ok(known)
    }

    fn take(&mut self, entry: Entry) -> io::Result<()> {
        match entry {
            Entry::Opened { v, .. } if v != VERSION => {
                return Err(io::Error::other(format!("a keeper's log of version {v}")));
            }
            Entry::Opened { boot_id, driver, .. } => {
                self.boot_id = boot_id;
                self.since = driver;
            }
            Entry::Starting { token } => drop(self.attempts.insert(token, Trace::Unknown)),
            Entry::Started { token, process } => {
                self.attempts.insert(token, Trace::Started(process));
            }
            Entry::Ended { token, over } => {
                self.attempts.insert(token, Trace::Ended(over));
            }
            // What it printed is lost with its keeper; its process stays on record.
            Entry::Hidden { .. } => {}
        }
        Ok(())
    }

    /// What is known in this start of the machine of an attempt that a driver would have begun.
    pub fn trace(&self, token: &Token, begun_by: u64, boot_id: &str) -> Trace {
        let is_whole = self.boot_id == boot_id && !boot_id.is_empty();
        match self.attempts.get(token) {
            Some(trace) => trace.clone(),
            None if is_whole && (1..=begun_by).contains(&self.since) => Trace::NeverBegun,
            None => Trace::Unknown,
        }
    }

    /// Every attempt that was begun.
    pub fn tokens(self) -> impl Iterator<Item = Token> {
        self.attempts.into_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::capture::Captured;
    use crate::runtime::process::{End, Ended};
    use crate::runtime::raw::Raw;

    fn token(attempt: u32) -> Token {
        Token { step: "a/b".into(), attempt }
    }

    fn process() -> Process {
        Process { pid: 7, start_time: 8, boot_id: "boot".into() }
    }

    fn over() -> Over {
        let ended = Ended { end: End::Exit(3), took: Default::default(), streams_left_open: false };
        let (out, err) = (Captured::default(), Captured::default());
        Over { ended, out, err, said: Raw::default() }
    }

    fn path() -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("keeper.jsonl");
        (folder, path)
    }

    /// A log that the first driver opened.
    fn opened(path: &Path) -> Log {
        let (mut log, _) = Log::at(path).expect("it can be made");
        log.open_for(1, "boot").expect("there is room");
        log
    }

    #[test]
    fn what_was_written_is_known_and_the_rest_never_began() {
        let (_folder, path) = path();
        let mut log = opened(&path);
        log.starting(&token(1)).expect("there is room");
        log.starting(&token(2)).expect("there is room");
        log.started(&token(2), &process()).expect("there is room");
        log.starting(&token(3)).expect("there is room");
        log.ended(&token(3), &over(), false).expect("there is room");
        let known = Known::read(&path).expect("it is there");
        assert_eq!(known.trace(&token(1), 1, "boot"), Trace::Unknown);
        assert_eq!(known.trace(&token(2), 1, "boot"), Trace::Started(process()));
        assert_eq!(known.trace(&token(3), 1, "boot"), Trace::Ended(Box::new(over())));
        assert_eq!(known.trace(&token(4), 1, "boot"), Trace::NeverBegun);
    }

    #[test]
    fn what_began_before_the_log_or_before_this_start_of_the_machine_may_have_begun() {
        let (_folder, path) = path();
        assert!(Known::read(&path).is_err(), "a run from before there were keepers");
        let (mut log, _) = Log::at(&path).expect("it can be made");
        log.open_for(3, "boot").expect("there is room");
        let trace = |driver, boot: &str| {
            Known::read(&path).expect("it is there").trace(&token(4), driver, boot)
        };
        assert_eq!(trace(2, "boot"), Trace::Unknown);
        assert_eq!(trace(3, "boot"), Trace::NeverBegun);
        assert_eq!(trace(3, "later"), Trace::Unknown);
        log.open_for(4, "later").expect("there is room");
        assert_eq!(trace(3, "later"), Trace::Unknown);
        assert_eq!(trace(4, "later"), Trace::NeverBegun);
    }

    #[test]
    fn the_end_of_a_private_attempt_is_not_written() {
        let (_folder, path) = path();
        let mut log = opened(&path);
        log.started(&token(1), &process()).expect("there is room");
        log.ended(&token(1), &over(), true).expect("there is room");
        let known = Known::read(&path).expect("it is there");
        assert_eq!(known.trace(&token(1), 1, "boot"), Trace::Started(process()));
    }

    #[test]
    fn a_line_that_was_cut_short_counts_as_not_written_for_every_cut() {
        let (_folder, path) = path();
        let mut log = opened(&path);
        log.starting(&token(1)).expect("there is room");
        let before = std::fs::read(&path).expect("it is there").len();
        log.starting(&token(2)).expect("there is room");
        let whole = std::fs::read(&path).expect("it is there");
        // Without its newline alone it says all that it should.
        for cut in before..whole.len() - 1 {
            std::fs::write(&path, whole.get(..cut).expect("it is that long")).expect("it is ours");
            // The next keeper writes behind it.
            let (mut log, _) = Log::at(&path).expect("it can be opened");
            log.starting(&token(3)).expect("there is room");
            let known = Known::read(&path).expect("it can be read");
            assert_eq!(known.trace(&token(1), 1, "boot"), Trace::Unknown);
            assert_eq!(known.trace(&token(2), 1, "boot"), Trace::NeverBegun, "cut at {cut}");
            assert_eq!(known.trace(&token(3), 1, "boot"), Trace::Unknown);
        }
    }

    #[test]
    fn a_line_that_means_nothing_makes_the_log_prove_nothing() {
        let (_folder, path) = path();
        opened(&path);
        let mut text = std::fs::read_to_string(&path).expect("it is there");
        text.push_str("{\"type\":\"starting\",\"token\":7}\n");
        std::fs::write(&path, text).expect("it is ours");
        assert!(Known::read(&path).is_err());
    }

    #[test]
    fn a_log_is_opened_once_in_each_start_of_the_machine() {
        let (_folder, path) = path();
        for (driver, boot) in [(1, "one"), (2, "one"), (3, "two"), (4, "two")] {
            let (mut log, _) = Log::at(&path).expect("it can be made");
            log.open_for(driver, boot).expect("there is room");
        }
        let text = std::fs::read_to_string(&path).expect("it is there");
        assert_eq!(text.matches("opened").count(), 2);
    }
}
