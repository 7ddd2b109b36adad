//! A lab that runs: real components in a folder of their own, for as long as their driver lives.
//!
//! The components are the children of a *guard*, a process of its own session that is this program
//! once more. When the driver asks, or is gone in whatever way, the guard ends all that belongs to
//! the folder and removes it. What a guard that was killed itself has left is cleared away by the
//! next lab.

mod clickhouse;
mod containers;
mod docker;
mod aws;
mod dns;
mod ground;
mod guard;
mod host;
mod lock;
mod nginx;
mod postgres;
mod redis;
mod redis_cluster;
mod rehearse;
mod server;
mod ssh;
mod supervisor;
mod sweep;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use serde::{Deserialize, Serialize};

use crate::journal::identity::{Identity, identify, is_alive};
use crate::runbook::lab::{Facts, Lab, Program};

pub use guard::{asked, main};
pub use rehearse::Done;

/// The variable that tells a driver that begins once more which lab is its own.
const OURS: &str = "HOLDPOINT_LAB";

/// The file in the folder of a lab that says what runs in it.
const KNOWN: &str = "lab.json";

/// What a guard is asked for.
#[derive(Debug, Deserialize, Serialize)]
struct Request {
    driver: Who,
    components: Vec<Wanted>,
}

/// A component to be started.
#[derive(Debug, Deserialize, Serialize)]
struct Wanted {
    name: String,
    kind: String,
    settings: BTreeMap<String, String>,
}

/// A process.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Who {
    pid: u32,
    start_time: u64,
    boot_id: String,
}

/// What a guard answers, once.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Runs,
    Failed(String),
}

/// Variables with their values.
pub type Variables = Vec<(String, String)>;

/// What is written down in the folder of a lab.
#[derive(Debug, Deserialize, Serialize)]
struct Known {
    driver: Who,
    guard: Who,
    facts: Facts,
}

/// A lab that runs, and is ended with this at the latest.
#[derive(Debug)]
pub struct Running {
    /// What is known of it.
    pub facts: Facts,
    folder: PathBuf,
    guard: Option<Who>,
}

/// The programs of some that this machine lacks, each once.
pub fn lacking<'p>(programs: impl Iterator<Item = &'p Program>) -> Vec<&'p Program> {
    let mut lacking: Vec<&Program> = Vec::new();
    for program in programs {
        if ground::find(program).is_none() && !lacking.contains(&program) {
            lacking.push(program);
        }
    }
    lacking
}

/// Starts the components of a lab, and begins this process once more in their environment: it
/// comes back only with an error, or where [`rejoin`] is asked for after that.
pub fn enter(lab: &Lab, more: &dyn Fn(&Facts) -> Result<Variables, String>) -> String {
    let running = match begin(lab) {
        Ok(running) => running,
        Err(reason) => return reason,
    };
    let more = match more(&running.facts) {
        Ok(more) => more,
        Err(reason) => return reason,
    };
    let mut command = Command::new("/proc/self/exe");
    let mut words = std::env::args_os();
    command.arg0(words.next().unwrap_or_else(|| "holdpoint".into())).args(words);
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| is_kept(name)));
    command.env("HOME", &running.facts.work).env("TMPDIR", running.folder.join("tmp"));
    let mut variables = nowhere(&running.folder);
    variables.extend(running.facts.variables(lab));
    variables.extend(more);
    if let Err(error) = ssh::tell(&running.folder, variables.iter()) {
        return format!("hosts cannot be told what leads to the components: {error}");
    }
    command.envs(variables);
    command.env("PATH", path(&running.folder)).env(OURS, &running.folder);
    // On success nothing of this process is left to end the lab, and the next begins with it.
    let error = command.exec();
    format!("this program cannot begin once more: {error}")
}

/// Where clients of components look that a lab does not have: nowhere, and not in their place of
/// production.
fn nowhere(folder: &Path) -> Variables {
    let none = ground::text(&folder.join("none"));
    let variables = [
        ("AWS_CONFIG_FILE", none.clone()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("AWS_SHARED_CREDENTIALS_FILE", none.clone()),
        ("DOCKER_HOST", format!("unix://{none}")),
        ("KUBECONFIG", none.clone()),
        ("PGHOST", none),
    ];
    variables.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Whether a lab takes a variable over. Any other could name a place of production, as PGSERVICE,
/// KUBECONFIG or DOCKER_HOST do.
fn is_kept(name: &OsStr) -> bool {
    const NAMES: &[&str] = &[
        "CI",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "COLORTERM",
        "COLUMNS",
        "LANG",
        "LANGUAGE",
        "LINES",
        "LOGNAME",
        "NO_COLOR",
        "PATH",
        "RUST_BACKTRACE",
        "SHELL",
        "TERM",
        "TMPDIR",
        "TZ",
        "USER",
    ];
    name.to_str().is_some_and(|name| {
        NAMES.contains(&name) || name.starts_with("LC_") || name.starts_with("HOLDPOINT_")
    })
}

/// The PATH with the folder of what the lab puts in the place of programs before it.
fn path(folder: &Path) -> OsString {
    let mut path = folder.join("bin").into_os_string();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    path
}

/// The lab that this process has entered.
pub fn rejoin() -> Option<Running> {
    let folder = PathBuf::from(std::env::var_os(OURS)?);
    let known: Known = serde_json::from_slice(&std::fs::read(folder.join(KNOWN)).ok()?).ok()?;
    let is_ours = known.driver.is(std::process::id());
    is_ours.then_some(Running { facts: known.facts, folder, guard: Some(known.guard) })
}

/// Starts the components of a lab.
pub fn begin(lab: &Lab) -> Result<Running, String> {
    sweep::clear_what_is_left();
    let no_folder =
        |error| format!("a lab has no folder in {}: {error}", std::env::temp_dir().display());
    let folder = ground::make().map_err(no_folder)?;
    let components = lab.components.iter().map(|component| Wanted {
        name: component.name.value.clone(),
        kind: component.kind.word.to_owned(),
        settings: component
            .settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone()))
            .collect(),
    });
    let driver = Who::with(std::process::id()).ok_or("this process cannot be seen in /proc")?;
    let request = Request { driver, components: components.collect() };
    let reply = guarded(&folder, &request).map_err(|error| format!("no guard of the lab: {error}"));
    let known = reply.and_then(|reply| match reply {
        Reply::Failed(reason) => Err(reason),
        Reply::Runs => {
            let read = std::fs::read(folder.join(KNOWN)).map_err(|error| error.to_string())?;
            serde_json::from_slice::<Known>(&read).map_err(|error| error.to_string())
        }
    });
    match known {
        Ok(known) => Ok(Running { facts: known.facts, folder, guard: Some(known.guard) }),
        Err(reason) => {
            sweep::sweep(&folder, &[]);
            Err(reason)
        }
    }
}

/// Starts a guard, and waits until it has started everything.
fn guarded(folder: &Path, request: &Request) -> io::Result<Reply> {
    let mut command = Command::new("/proc/self/exe");
    command.arg0("holdpoint").arg(guard::ARGUMENT).arg(folder).current_dir("/");
    command.env_clear().env("LC_ALL", "C").env("LAB", folder);
    for name in ["PATH", "HOME", "TMPDIR"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let asked = serde_json::to_vec(request)?;
    // The guard reads to the end, which is where this is dropped.
    child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?.write_all(&asked)?;
    let mut answer = String::new();
    let out = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    io::BufReader::new(out).read_line(&mut answer)?;
    if let Ok(Reply::Runs) = serde_json::from_str(&answer) {
        return Ok(Reply::Runs);
    }
    // A guard that has nothing to guard is about to end.
    child.wait()?;
    serde_json::from_str(&answer).map_err(|_| io::Error::other("it ended before it answered"))
}

impl Running {
    /// The folder in which commands of the lab run.
    pub fn work(&self) -> PathBuf {
        self.folder.join("work")
    }

    /// Ends all that belongs to the lab, and waits until it is gone.
    pub fn end(mut self) -> Result<(), String> {
        self.close()
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(guard) = self.guard.take() else { return Ok(()) };
        if let Some(pid) = guard.lives().then(|| Pid::from_raw(guard.pid.cast_signed())).flatten() {
            // It may end by itself in this moment.
            let _ = kill_process(pid, Signal::TERM);
            while matches!(waitpid(Some(pid), WaitOptions::empty()), Err(rustix::io::Errno::INTR)) {
            }
        }
        if self.folder.exists() {
            sweep::sweep(&self.folder, &[std::process::id()]);
        }
        match self.folder.exists() {
            true => Err(format!("{} could not be cleared away", self.folder.display())),
            false => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What goes wrong here is put right by the next lab.
        let _ = self.close();
    }
}

impl Who {
    fn with(pid: u32) -> Option<Who> {
        let Identity { pid, start_time, boot_id } = identify(pid)?;
        Some(Who { pid, start_time, boot_id })
    }

    fn is(&self, pid: u32) -> bool {
        self.pid == pid && self.lives()
    }

    fn lives(&self) -> bool {
        let Who { pid, start_time, boot_id } = self.clone();
        is_alive(&Identity { pid, start_time, boot_id })
    }
}
