//! Why a command did not do what was asked, and the exit code that says so.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::drive::DriveError;
use crate::journal::StoreError;
use crate::report::visible_str;
use crate::run::IllegalEvent;
use crate::runbook::library::FILE;

pub use driven::Driven;

mod driven;

/// Documented in docs/exit-codes.md; a number, once given, keeps its meaning.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub enum Exit {
    /// Done: succeeded, or nothing to report.
    Done = 0,
    /// The run failed or did not recover.
    Failed = 1,
    /// An unknown flag, an unknown or ill-typed input.
    Usage = 2,
    /// The runbook is invalid, or something it requires does not hold; nothing was started.
    Invalid = 3,
    /// Stopped or aborted by a person.
    Stopped = 4,
    /// It waits for a person.
    Waiting = 5,
    /// The journal or the store cannot be used.
    Journal = 6,
    /// Another process drives this run, or another run of this runbook is open here.
    Driven = 7,
    /// Recovered, with exceptions.
    Exceptions = 8,
    /// Ended by Ctrl-C.
    Interrupted = 130,
    /// Left at once by SIGQUIT.
    Quit = 131,
    /// Ended by SIGTERM.
    Terminated = 143,
}

impl Exit {
    /// The code for the system.
    pub fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Diagnostics of a file, drawn already.
    #[error("{0}")]
    Invalid(String),
    /// Diagnostics of a file of answers, drawn already.
    #[error("{0}")]
    Answers(String),
    /// The file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The library could have been written by somebody who must not say what runs here.
    #[error("refusing the library {path}: {reason}")]
    Untrusted {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// A library has a name under which none is looked for.
    #[error("{0} is not read: a library is called {FILE}; rename it")]
    Misnamed(PathBuf),
    /// What was typed does not fit; with a way out.
    #[error("{message}")]
    Usage {
        /// In what way.
        message: String,
        /// What to do.
        help: String,
    },
    /// Something that the runbook requires is not there.
    #[error("{0}; nothing was started")]
    Missing(String),
    /// A question before the start was broken off.
    #[error("nothing was started")]
    BrokenOff,
    /// There is no such run.
    #[error("{0}")]
    NoRun(String),
    /// The store cannot be used.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// The journal of a run cannot be used.
    #[error("the journal of {run} cannot be used: {reason}")]
    Journal {
        /// The run.
        run: String,
        /// In what way.
        reason: String,
    },
    /// A bundle cannot be used.
    #[error("the bundle {path} cannot be used: {reason}")]
    Bundle {
        /// Which.
        path: PathBuf,
        /// In what way.
        reason: String,
    },
    /// Another process drives the run.
    #[error("{0}")]
    Driven(Box<Driven>),
    /// Another run of the runbook is open here; with a way out.
    #[error("{message}")]
    Open {
        /// Which, and how it stands.
        message: String,
        /// What to do.
        help: String,
    },
    /// The journal could not be written; that is on record, and nothing is lost.
    #[error("the run is paused: its journal could not be written, and nothing began after that")]
    Paused {
        /// The command that goes on.
        go_on: String,
    },
    /// Driving broke off.
    #[error("the run {run} broke off: {}", with_source(.source))]
    Drive {
        /// The run.
        run: String,
        /// Why.
        source: DriveError,
    },
    /// A journal holds an event that cannot have happened.
    #[error("the journal contradicts itself: {0}")]
    Illegal(#[from] IllegalEvent),
    /// The system refused something that every run needs.
    #[error("cannot set up: {0}")]
    Setup(io::Error),
    /// The answer cannot be printed.
    #[error("cannot print: {0}")]
    Output(io::Error),
}

impl Failure {
    /// A usage failure with a way out.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Failure {
        Failure::Usage { message: message.into(), help: help.into() }
    }

    /// The journal of a run that cannot be used.
    pub fn journal(run: &str, error: &io::Error) -> Failure {
        Failure::Journal { run: run.to_owned(), reason: error.to_string() }
    }

    /// The exit code that says this.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage { .. } | Failure::NoRun(_) | Failure::Answers(_) => Exit::Usage,
            Failure::Invalid(_)
            | Failure::Unreadable { .. }
            | Failure::Untrusted { .. }
            | Failure::Misnamed(_)
            | Failure::Missing(_) => Exit::Invalid,
            Failure::Store(_)
            | Failure::Journal { .. }
            | Failure::Bundle { .. }
            | Failure::Illegal(_)
            | Failure::Setup(_)
            | Failure::Output(_)
            | Failure::Paused { .. } => Exit::Journal,
            Failure::Drive { source, .. } if source.is_of_another_driver() => Exit::Driven,
            Failure::Drive { .. } => Exit::Journal,
            Failure::Driven(_) | Failure::Open { .. } => Exit::Driven,
            Failure::BrokenOff => Exit::Interrupted,
        }
    }

    /// What is shown of it, with its causes and the way out.
    pub fn shown(&self) -> String {
        match self {
            Failure::Invalid(drawn) | Failure::Answers(drawn) => drawn.clone(),
            Failure::Usage { message, help } | Failure::Open { message, help } => {
                format!("error: {}\n  help: {}\n", visible_str(message), visible_str(help))
            }
            Failure::Store(error @ StoreError::Suspect { .. }) => format!(
                "error: {}\n  help: nothing was changed; find out who made it so before you go on\n",
                visible_str(&with_source(error))
            ),
            Failure::Store(error) => format!(
                "error: {}\n  help: name another folder with --state\n",
                visible_str(&with_source(error))
            ),
            Failure::Driven(driven) => {
                let help = visible_str(&driven.way_out()).into_owned();
                format!("error: {}\n  help: {help}\n", visible_str(&driven.to_string()))
            }
            Failure::Paused { go_on } => {
                format!("error: {self}\n  help: mend the cause, then {}\n", visible_str(go_on))
            }
            Failure::Drive { run, source } => format!(
                "error: {}\n{}  help: what is on record is safe; mend the cause, then: holdpoint resume {run}\n",
                visible_str(&self.to_string()),
                unrecorded(source)
            ),
            other => format!("error: {}\n", visible_str(&other.to_string())),
        }
    }
}

/// What was observed and is on no record, line by line.
fn unrecorded(source: &DriveError) -> String {
    let mut text = String::new();
    if let DriveError::Unrecorded { observed, .. } = source
        && !observed.is_empty()
    {
        text.push_str("observed, and not on record:\n");
        let lines = observed.iter().flat_map(|told| told.lines());
        lines.for_each(|line| text.push_str(&format!("  {}\n", visible_str(line))));
    }
    text
}

/// An error and what it came from, in one line.
fn with_source(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text.push_str(&format!(": {inner_text}"));
        }
        source = inner.source();
    }
    text
}
