//! One command, from its start to the end of all it had to say.
//!
//! It leads a session or a process group of its own and reads `/dev/null` unless it is given something. What it
//! prints goes to two [`Sink`]s in chunks, so memory does not grow with it. A timeout or a person
//! ends the whole process group. What a command that ended by itself leaves behind, such as a
//! service it started, lives on; we wait for what it prints only for a moment, and never leave a
//! zombie. Dropping the future leaves the command running.

mod group;
mod pipes;
mod start;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use self::group::Group;
use self::pipes::Pipes;
use self::start::start;
pub(super) use self::start::{inherited, start_on_terminal};
use super::identity::{self, Identity};
use crate::run::event::StopLevel;

/// How long the members of a group may take to be gone after KILL.
const REAPING: Duration = Duration::from_secs(1);

/// What to start, where, with what, and for how long.
#[derive(Clone)]
pub struct Spawn {
    /// A name that is looked up on PATH, or a path.
    pub program: OsString,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables on top of the inherited ones.
    pub env: Vec<(String, OsString)>,
    /// What it inherits.
    pub inherits: Inherits,
    /// Inherited variables that stay out too.
    pub env_remove: Vec<String>,
    /// What it leads.
    pub leads: Leads,
    /// The folder it runs in; ours if none.
    pub cwd: Option<PathBuf>,
    /// What it reads; `/dev/null` if none.
    pub stdin: Option<Vec<u8>>,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How long its group may take to end after TERM when the time is over, before KILL.
    pub grace: Duration,
}

/// Which variables a command inherits.
#[derive(Clone, Debug)]
pub enum Inherits {
    /// Ours, of which `HOLDPOINT_*`, `BASH_ENV` and `ENV` stay out.
    Ours,
    /// Ours; what must stay out is not among them.
    AllOfOurs,
    /// These and no others.
    Given(Arc<BTreeMap<OsString, OsString>>),
}

/// What a command leads, so that a signal reaches all that it started.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Leads {
    /// A session, which has no terminal.
    Session,
    /// A process group: we are in a session without a terminal ourselves.
    Group,
}

impl Spawn {
    /// A program without arguments, without a timeout, with ten seconds of grace.
    pub fn new(program: impl Into<OsString>) -> Spawn {
        Spawn {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            inherits: Inherits::Ours,
            env_remove: Vec::new(),
            leads: Leads::Session,
            cwd: None,
            stdin: None,
            timeout: None,
            grace: Duration::from_secs(10),
        }
    }
}

/// How a command ended.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// By itself, with an exit code.
    Exit(i32),
    /// By a signal that was not ours.
    Signal(i32),
    /// Its time was over and we ended it.
    TimedOut,
    /// We were asked to stop and ended it with this signal.
    Stopped(i32),
    /// It was not started, for this reason.
    Spawn(String),
    /// It ran, and how it ended could not be seen, for this reason.
    Lost(String),
}

/// A command that is over.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// How.
    pub end: End,
    /// How long it ran; the wait for what it left behind does not count.
    pub took: Duration,
    /// Whether something it left behind still holds its output, so that more may be printed there
    /// than was captured.
    pub streams_left_open: bool,
}

/// Takes what a command prints.
pub trait Sink: Send {
    /// Takes the next bytes, at most 64 KiB.
    fn take(&mut self, chunk: &[u8]);
}

/// Runs a command to its end. `started` is called once it runs, before anything it prints is read;
/// not where the system does not tell who it is.
pub async fn run(
    mut spawn: Spawn,
    out: &mut dyn Sink,
    err: &mut dyn Sink,
    started: impl FnOnce(Identity),
    mut stop: watch::Receiver<StopLevel>,
) -> Ended {
    let began = Instant::now();
    let ended = |end| Ended { end, took: began.elapsed(), streams_left_open: false };
    let mut child = match start(&spawn) {
        Ok(child) => child,
        Err(reason) => return ended(End::Spawn(reason)),
    };
    if let Some(identity) = child.id().and_then(identity::identify) {
        started(identity);
    }
    let mut pipes = Pipes::of(&mut child, spawn.stdin.take(), out, err);
    let end = tokio::select! {
        end = supervise(&mut child, &spawn, &mut stop) => end,
        never = pipes.pump() => match never {},
    };
    let ended = ended(end);
    Ended { streams_left_open: pipes.drain().await, ..ended }
}

/// Waits until the command ends, and ends it when its time is over or we are asked to.
async fn supervise(child: &mut Child, spawn: &Spawn, stop: &mut watch::Receiver<StopLevel>) -> End {
    let deadline = spawn.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let is_timeout = tokio::select! {
        biased;
        status = child.wait() => return seen(status),
        () = asked(stop, StopLevel::Interrupt) => false,
        () = at(deadline) => true,
    };
    let begun = if is_timeout { Some(Instant::now()) } else { deadline };
    let kill_at = begun.and_then(|begun| begun.checked_add(spawn.grace));
    let sent = put_down(child, kill_at, stop).await;
    match child.wait().await {
        Ok(_) if is_timeout => End::TimedOut,
        Ok(_) => End::Stopped(sent.as_raw()),
        Err(error) => End::Lost(error.to_string()),
    }
}

/// Ends the whole group and says which signal it took. The leader is left to be reaped.
async fn put_down(
    child: &Child,
    kill_at: Option<Instant>,
    stop: &mut watch::Receiver<StopLevel>,
) -> Signal {
    let Some(group) = Group::led_by(child) else {
        return Signal::TERM;
    };
    if *stop.borrow() < StopLevel::Kill {
        group.send(Signal::TERM);
        // A command that was suspended gets to see the TERM.
        group.send(Signal::CONT);
        tokio::select! {
            () = group.empty() => return Signal::TERM,
            () = asked(stop, StopLevel::Kill) => {}
            () = at(kill_at) => {}
        }
    }
    group.send(Signal::KILL);
    // Nobody can refuse, but one that runs as somebody else does not get it.
    let _ = timeout(REAPING, group.empty()).await;
    Signal::KILL
}

pub(super) fn seen(status: io::Result<ExitStatus>) -> End {
    match status.map(|status| (status.code(), status.signal())) {
        Ok((Some(code), _)) => End::Exit(code),
        Ok((None, Some(signal))) => End::Signal(signal),
        Ok((None, None)) => End::Lost("it neither exited nor got a signal".to_owned()),
        Err(error) => End::Lost(error.to_string()),
    }
}

/// Returns when the level is reached.
pub(super) async fn asked(stop: &mut watch::Receiver<StopLevel>, level: StopLevel) {
    let is_gone = stop.wait_for(|found| *found >= level).await.is_err();
    if is_gone {
        std::future::pending().await
    }
}

pub(super) async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
