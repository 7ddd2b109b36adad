//! One command, from its start to the end of all it had to say.
//!
//! It runs in a session of its own and reads `/dev/null` unless it is given something. What it
//! prints goes to two [`Sink`]s in chunks, so memory does not grow with it. A timeout or a person
//! ends the whole process group. What a command that ended by itself leaves behind, such as a
//! service it started, lives on; we wait for what it prints only for a moment, and never leave a
//! zombie. Dropping the future leaves the command running.

mod group;
mod pipes;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use self::group::Group;
use self::pipes::Pipes;
use super::identity::{self, Identity};
use super::session;
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
    /// Variables on top of the inherited ones, of which `HOLDPOINT_*`, `BASH_ENV` and `ENV` stay out.
    pub env: Vec<(String, OsString)>,
    /// Inherited variables that stay out too.
    pub env_remove: Vec<String>,
    /// The folder it runs in; ours if none.
    pub cwd: Option<PathBuf>,
    /// What it reads; `/dev/null` if none.
    pub stdin: Option<Vec<u8>>,
    /// How long it may take.
    pub timeout: Option<Duration>,
    /// How long its group may take to end after TERM when the time is over, before KILL.
    pub grace: Duration,
}

impl Spawn {
    /// A program without arguments, without a timeout, with ten seconds of grace.
    pub fn new(program: impl Into<OsString>) -> Spawn {
        Spawn {
            program: program.into(),
            args: Vec::new(),
            env: Vec::new(),
            env_remove: Vec::new(),
            cwd: None,
            stdin: None,
            timeout: None,
            grace: Duration::from_secs(10),
        }
    }
}

/// How a command ended.
#[derive(Clone, Debug, Eq, PartialEq)]
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
#[derive(Clone, Debug, Eq, PartialEq)]
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

/// Runs a command to its end. `started` is called once it runs, before anything it prints is read.
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

fn start(spawn: &Spawn) -> Result<Child, String> {
    if let Some(folder) = spawn.cwd.as_deref().filter(|folder| !folder.is_dir()) {
        return Err(format!("no such folder: {}", folder.display()));
    }
    // Where a parent ignores SIGCHLD, so do we, and the kernel would throw exit codes away.
    let _heard = signal(SignalKind::child())
        .map_err(|error| format!("the end of a command could not be heard: {error}"))?;
    let mut command = Command::new(&spawn.program);
    command.args(&spawn.args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if spawn.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    for name in kept_out(spawn) {
        command.env_remove(name);
    }
    command.envs(spawn.env.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = &spawn.cwd {
        command.current_dir(folder);
    }
    session::lead_new(&mut command);
    command.spawn().map_err(|error| why_not_started(spawn, &error))
}

/// The inherited variables that the command must not see.
fn kept_out(spawn: &Spawn) -> BTreeSet<OsString> {
    let ours = std::env::vars_os().map(|(name, _)| name);
    let ours = ours.filter(|name| name.as_bytes().starts_with(b"HOLDPOINT_"));
    let named = spawn.env_remove.iter().map(OsString::from);
    ours.chain(named).chain(["BASH_ENV".into(), "ENV".into()]).collect()
}

fn why_not_started(spawn: &Spawn, error: &io::Error) -> String {
    let program = spawn.program.to_string_lossy();
    let path = spawn.cwd.as_deref().unwrap_or(Path::new("")).join(&spawn.program);
    match error.kind() {
        ErrorKind::NotFound if !program.contains('/') => {
            format!("`{program}` was not found on PATH")
        }
        ErrorKind::NotFound if path.exists() => {
            format!("the interpreter that `{program}` names was not found")
        }
        ErrorKind::NotFound => format!("no such program: {program}"),
        ErrorKind::PermissionDenied => format!("`{program}` may not be executed"),
        ErrorKind::ArgumentListTooLong => {
            format!("the arguments and variables of `{program}` are too long")
        }
        ErrorKind::InvalidInput => {
            format!("an argument or a variable of `{program}` holds a NUL byte")
        }
        _ => format!("`{program}` could not be started: {error}"),
    }
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
    group.send(Signal::TERM);
    // A command that was suspended gets to see the TERM.
    group.send(Signal::CONT);
    tokio::select! {
        () = group.empty() => return Signal::TERM,
        () = asked(stop, StopLevel::Kill) => {}
        () = at(kill_at) => {}
    }
    group.send(Signal::KILL);
    // Nobody can refuse, but one that runs as somebody else does not get it.
    let _ = timeout(REAPING, group.empty()).await;
    Signal::KILL
}

fn seen(status: io::Result<ExitStatus>) -> End {
    match status.map(|status| (status.code(), status.signal())) {
        Ok((Some(code), _)) => End::Exit(code),
        Ok((None, Some(signal))) => End::Signal(signal),
        Ok((None, None)) => End::Lost("it neither exited nor got a signal".to_owned()),
        Err(error) => End::Lost(error.to_string()),
    }
}

/// Returns when the level is reached.
async fn asked(stop: &mut watch::Receiver<StopLevel>, level: StopLevel) {
    let is_gone = stop.wait_for(|found| *found >= level).await.is_err();
    if is_gone {
        std::future::pending().await
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
