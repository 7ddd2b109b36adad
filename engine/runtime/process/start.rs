//! The start of a command.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::fs::{Access, access};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};

use super::{Inherits, Leads, Spawn};
use crate::runtime::session;

/// Starts a command that leads a session or a group of its own, or says why it could not be started.
pub(super) fn start(spawn: &Spawn) -> Result<Child, String> {
    begin(spawn, |command| {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.stdin(if spawn.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        match spawn.leads {
            Leads::Session => session::lead_new(command),
            Leads::Group => drop(command.process_group(0)),
        }
    })
}

/// Starts a command on our own terminal; where our standard output is for programs, it gets our
/// standard error for both.
pub fn start_on_terminal(spawn: &Spawn, shows_records: bool) -> Result<Child, String> {
    begin(spawn, |command| {
        if shows_records {
            command.stdout(io::stderr());
        }
    })
}

fn begin(spawn: &Spawn, settle: impl FnOnce(&mut Command)) -> Result<Child, String> {
    if let Some(folder) = spawn.cwd.as_deref().filter(|folder| !folder.is_dir()) {
        return Err(format!("no such folder: {}", folder.display()));
    }
    // Where a parent ignores SIGCHLD, so do we, and the kernel would throw exit codes away.
    let _heard = signal(SignalKind::child())
        .map_err(|error| format!("the end of a command could not be heard: {error}"))?;
    let mut command = Command::new(found(spawn).unwrap_or_else(|| spawn.program.clone().into()));
    command.arg0(&spawn.program).args(&spawn.args);
    match &spawn.inherits {
        Inherits::Ours => kept_out(&spawn.env_remove).iter().for_each(|name| {
            command.env_remove(name);
        }),
        Inherits::AllOfOurs => {}
        Inherits::Given(variables) => drop(command.env_clear().envs(variables.iter())),
    }
    command.envs(spawn.env.iter().map(|(name, value)| (name, value)));
    if let Some(folder) = &spawn.cwd {
        command.current_dir(folder);
    }
    settle(&mut command);
    command.spawn().map_err(|error| why_not_started(spawn, &error))
}

/// The program on the PATH that the command gets: to look is cheaper than to try each folder.
fn found(spawn: &Spawn) -> Option<PathBuf> {
    if spawn.program.as_bytes().contains(&b'/') {
        return None;
    }
    let own = spawn.env.iter().rev().find(|(name, _)| name == "PATH").map(|(_, path)| path.clone());
    let path = own.or_else(|| match &spawn.inherits {
        Inherits::Given(variables) => variables.get(OsStr::new("PATH")).cloned(),
        Inherits::Ours | Inherits::AllOfOurs => std::env::var_os("PATH"),
    });
    let here = spawn.cwd.as_deref().unwrap_or(Path::new(""));
    let folders = std::env::split_paths(&path?).map(|folder| here.join(folder)).collect::<Vec<_>>();
    let programs = folders.into_iter().map(|folder| folder.join(&spawn.program));
    let mut programs = programs.filter(|it| it.is_file() && access(it, Access::EXEC_OK).is_ok());
    programs.next().filter(|it| it.is_absolute())
}

/// Our variables that commands may see, without the hidden ones.
pub fn inherited(hidden: &[String]) -> Vec<(OsString, OsString)> {
    let kept_out = kept_out(hidden);
    std::env::vars_os().filter(|(name, _)| !kept_out.contains(name)).collect()
}

/// The inherited variables that a command must not see.
fn kept_out(hidden: &[String]) -> BTreeSet<OsString> {
    let ours = std::env::vars_os().map(|(name, _)| name);
    let ours = ours.filter(|name| name.as_bytes().starts_with(b"HOLDPOINT_"));
    let named = hidden.iter().map(OsString::from);
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
