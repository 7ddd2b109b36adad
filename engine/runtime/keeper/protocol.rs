//! What a driver and a keeper say to each other: frames, each a length and a JSON text.
//!
//! A frame is a number of bytes (`u32`, little-endian) and as many bytes of JSON. Bytes that may be
//! no text travel as `Raw`. The first request on a connection is [`Request::Hello`]; a keeper that
//! speaks another version refuses it and says its own. Whatever arrives is decoded without a panic,
//! and without taking more memory than what has arrived.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::run::event::{Process, StopLevel};
use crate::runtime::capture::Captured;
use crate::runtime::process::{Ended, Spawn};
use crate::runtime::raw::Raw;

/// The version of this protocol.
pub const VERSION: u32 = 1;

/// The longest frame, in bytes: four times the largest runbook.
const LONGEST: usize = 256 * 1024 * 1024;

/// The bytes of a length.
const PREFIX: usize = size_of::<u32>();

/// One attempt of one step: what may be started once.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Token {
    /// The path of the step.
    pub step: String,
    /// Which attempt, from 1.
    pub attempt: u32,
}

/// What a driver says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// Who it is; from now on the requests of earlier drivers are ignored.
    Hello {
        /// The version that it speaks.
        version: u32,
        /// The run that it drives.
        run: String,
        /// Its number among the drivers of the run.
        epoch: u64,
        /// The variables that its commands inherit.
        env: Vec<(Raw, Raw)>,
    },
    /// Secrets by name, to be masked in what is started from now on.
    Mask {
        /// All that are known.
        secrets: BTreeMap<String, String>,
    },
    /// Start this, once.
    Start(Box<Start>),
    /// Say how it goes with an attempt, and tell its end.
    Attach {
        /// Which.
        token: Token,
    },
    /// All that it was told is on record, and it goes.
    Leave,
    /// Stop what runs, as hard as said.
    Stop {
        /// How hard.
        level: StopLevel,
    },
}

/// What is to be started.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    /// The attempt that it is.
    pub token: Token,
    /// The command.
    pub command: Command,
    /// The name of the files for what it prints, without their endings.
    pub name: String,
    /// Whether what it prints may be neither shown nor kept.
    pub is_private: bool,
    /// A file in which the client of a target writes what it says itself.
    pub log: Option<Raw>,
}

/// A command on its way to the keeper.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    program: Raw,
    args: Vec<Raw>,
    env: Vec<(String, Raw)>,
    cwd: Option<Raw>,
    stdin: Option<Raw>,
    timeout: Option<Duration>,
    grace: Duration,
}

impl From<Spawn> for Command {
    fn from(spawn: Spawn) -> Command {
        Command {
            program: spawn.program.into(),
            args: spawn.args.into_iter().map(Raw::from).collect(),
            env: spawn.env.into_iter().map(|(name, value)| (name, value.into())).collect(),
            cwd: spawn.cwd.map(|cwd| cwd.into_os_string().into()),
            stdin: spawn.stdin.map(Raw),
            timeout: spawn.timeout,
            grace: spawn.grace,
        }
    }
}

impl Command {
    /// What is started, in the environment of the keeper itself.
    pub fn spawn(self) -> Spawn {
        Spawn {
            args: self.args.into_iter().map(OsString::from).collect(),
            env: self.env.into_iter().map(|(name, value)| (name, value.into())).collect(),
            cwd: self.cwd.map(|cwd| OsString::from(cwd).into()),
            stdin: self.stdin.map(|Raw(bytes)| bytes),
            timeout: self.timeout,
            grace: self.grace,
            ..Spawn::new(self.program)
        }
    }
}

/// What a keeper says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reply {
    /// It takes requests from now on.
    Welcome,
    /// It takes none on this connection.
    Refused {
        /// The version that it speaks.
        version: u32,
        /// Why.
        reason: String,
    },
    /// The process of an attempt runs.
    Started {
        /// Which.
        token: Token,
        /// Its process.
        process: Process,
    },
    /// Lines that an attempt printed, safe for a terminal.
    Lines {
        /// Which.
        token: Token,
        /// The lines.
        lines: Vec<String>,
        /// How many before them were left out: nobody could have read them.
        left_out: u64,
    },
    /// An attempt is over.
    Ended {
        /// Which.
        token: Token,
        /// How, and what it printed.
        over: Box<Over>,
    },
    /// An attempt that was asked for runs.
    Found {
        /// Which.
        token: Token,
        /// Its process, where that could be seen.
        process: Option<Process>,
    },
    /// An attempt that was asked for neither runs nor waits to be taken: the log has all about it.
    Absent {
        /// Which.
        token: Token,
    },
    /// An attempt was not started now, since it was before.
    Known {
        /// Which.
        token: Token,
    },
}

/// An attempt that is over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Over {
    /// How it ended.
    pub ended: Ended,
    /// What is kept of its standard output.
    pub out: Captured,
    /// What is kept of its standard error.
    pub err: Captured,
    /// What the client of its target said itself.
    pub said: Raw,
}

/// Why what arrived means nothing.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// A frame says that it is longer than any may be.
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
    /// A frame is not what it should be.
    #[error("a frame cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
}

/// A message as a frame.
pub fn frame<T: Serialize>(message: &T) -> Result<Vec<u8>, ProtocolError> {
    let mut frame = vec![0; PREFIX];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - PREFIX;
    let prefix = u32::try_from(length).ok().filter(|_| length <= LONGEST);
    let prefix = prefix.ok_or(ProtocolError::TooLong(length))?;
    frame[..PREFIX].copy_from_slice(&prefix.to_le_bytes());
    Ok(frame)
}

/// Finds the frames in what arrives.
#[derive(Debug, Default)]
pub struct Frames {
    arrived: Vec<u8>,
    /// How much of that was read as frames.
    read: usize,
}

impl Frames {
    /// Takes what arrived next.
    pub fn push(&mut self, bytes: &[u8]) {
        self.arrived.drain(..self.read);
        self.read = 0;
        self.arrived.extend_from_slice(bytes);
    }

    /// The next message; none when its frame is not there as a whole.
    pub fn read<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ProtocolError> {
        let open = self.arrived.get(self.read..).unwrap_or_default();
        let Some((prefix, rest)) = open.split_first_chunk::<PREFIX>() else { return Ok(None) };
        let length = usize::try_from(u32::from_le_bytes(*prefix)).unwrap_or(usize::MAX);
        if length > LONGEST {
            return Err(ProtocolError::TooLong(length));
        }
        let Some(text) = rest.get(..length) else { return Ok(None) };
        let message = serde_json::from_slice(text)?;
        self.read += PREFIX + length;
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> Token {
        Token { step: "a/b".into(), attempt: 1 }
    }

    #[test]
    fn frames_come_out_as_they_went_in_however_they_are_cut() {
        let messages = [
            frame(&Request::Attach { token: token() }).expect("it is short"),
            frame(&Request::Stop { level: StopLevel::Kill }).expect("it is short"),
        ];
        let bytes = messages.concat();
        for size in 1..bytes.len() {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for chunk in bytes.chunks(size) {
                frames.push(chunk);
                while let Some(request) = frames.read::<Request>().expect("it is whole") {
                    found.push(frame(&request).expect("it is short"));
                }
            }
            assert_eq!(found, messages);
        }
    }

    #[test]
    fn a_frame_that_says_it_is_too_long_is_refused_before_it_is_there() {
        let mut frames = Frames::default();
        frames.push(&u32::MAX.to_le_bytes());
        let refused = frames.read::<Request>().expect_err("nobody says that much");
        assert_eq!(refused.to_string(), "a frame of 4294967295 bytes is too long");
    }

    proptest! {
        #[test]
        fn whatever_arrives_is_a_message_or_an_error(bytes: Vec<u8>) {
            let mut frames = Frames::default();
            frames.push(&bytes);
            while let Ok(Some(_)) = frames.read::<Request>() {}
        }
    }
}
