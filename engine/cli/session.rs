//! One driver's session on one run: lock, world, signals, the drive itself, and what is left.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

use crate::drive::{DriveError, Driver, Finish, StopRequest};
use crate::journal::{Folder, Holder, Lock, LockError, Writer};
use crate::plan::Plan;
use crate::report::{Reporter, Terminal};
use crate::run::RunState;
use crate::run::event::{Event, StopLevel};
use crate::runtime::{Decisions, Live, Place, Secrets, prompt, signals, weak_secret};

use super::args::RunFormat;
use super::failure::{Exit, Failure};
use super::finish;

/// Everything that a session needs.
pub struct Session {
    /// The run's folder.
    pub folder: Folder,
    /// Its plan.
    pub plan: Plan,
    /// How far it has come.
    pub state: RunState,
    /// Its journal.
    pub journal: Writer,
    /// Nobody else drives it while this is held.
    pub lock: Lock,
    /// What happens first.
    pub first: Vec<Event>,
    /// The secrets that were given.
    pub secrets: Arc<Secrets>,
    /// What was decided beforehand.
    pub decisions: Decisions,
    /// Who drives.
    pub operator: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// The folder in which `run` was typed.
    pub cwd: PathBuf,
    /// How the run is shown.
    pub format: RunFormat,
}

/// Who drives, as far as is known: what was said, or the name of the user.
pub fn operator(named: Option<String>) -> String {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let uid = rustix::process::getuid().as_raw();
    named
        .or_else(|| variable("USER"))
        .or_else(|| variable("LOGNAME"))
        .or_else(|| user_name(uid))
        .unwrap_or_else(|| format!("uid {uid}"))
}

/// The name of a user of this machine.
fn user_name(uid: u32) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut entries = users.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let entry = entries.find(|entry| entry.get(2) == Some(&uid.to_string().as_str()))?;
    entry.first().map(|name| (*name).to_owned())
}

/// The name of this machine.
pub fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    match name.trim() {
        "" => "this machine".into(),
        name => name.into(),
    }
}

/// Whether somebody is there to be asked.
pub fn is_attended(non_interactive: bool) -> bool {
    !non_interactive && std::env::var_os("CI").is_none() && prompt::is_attended()
}

/// Takes the right to drive a run.
pub fn lock(folder: &Folder, operator: &str) -> Result<Lock, Failure> {
    let holder = Holder {
        pid: std::process::id(),
        host: host(),
        operator: operator.to_owned(),
        since: Utc::now(),
    };
    Lock::take(&folder.lock(), &holder).map_err(|error| match error {
        LockError::Held(holder) => Failure::Driven { run: folder.run.clone(), holder },
        LockError::Io(error) => {
            Failure::Journal { run: folder.run.clone(), reason: error.to_string() }
        }
    })
}

impl Session {
    /// Drives the run until it ends, waits for someone, or is left.
    pub fn drive(self) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::Setup)?;
        let folder = self.folder.clone();
        let format = self.format;
        let (driver, finish) = runtime.block_on(self.run())?;
        // A thread that still waits at a question must not keep the process.
        runtime.shutdown_background();
        finish.map_err(|source| Failure::Drive { run: folder.run.clone(), source }).and_then(
            |finish| finish::conclude(&folder, &driver.plan, &driver.state, finish, format),
        )
    }

    async fn run(self) -> Result<(Driver<Live, Writer>, Result<Finish, DriveError>), Failure> {
        let terminal = (self.format == RunFormat::Text).then(Terminal::new);
        if let Some(terminal) = &terminal {
            self.secrets.weak().iter().for_each(|name| terminal.line(&weak_secret(name)));
        }
        // A run that begins has it in its first event, one that goes on in its state.
        let environment = self.first.iter().find_map(|event| match event {
            Event::RunStarted(start) => start.environment.clone(),
            _ => None,
        });
        let place = Place {
            cwd: self.cwd,
            output: self.folder.output(),
            environment: environment.or_else(|| self.state.environment.clone()),
            operator: self.operator,
            is_attended: self.is_attended,
        };
        let runbook = Arc::clone(&self.plan.runbook);
        let world = Live::new(runbook, place, terminal.clone(), self.secrets, self.decisions);
        let world = world.map_err(Failure::Setup)?;
        let reporter = terminal.map_or(Reporter::Jsonl, Reporter::Text);
        let stops = stops().map_err(Failure::Setup)?;
        let mut driver = Driver {
            plan: self.plan,
            state: self.state,
            world: Arc::new(world),
            journal: self.journal,
            reporter,
        };
        let finish = driver.drive(self.first, stops).await;
        drop(self.lock);
        Ok((driver, finish))
    }
}

/// Signals as requests to stop, each harder than the one before; the fourth quits at once.
fn stops() -> std::io::Result<mpsc::UnboundedReceiver<StopRequest>> {
    let mut signals = signals::listen()?;
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut level = StopLevel::None;
        let mut count = 0;
        while let Some(signal) = signals.recv().await {
            let (name, exit) = match signal {
                signals::Signal::Interrupt => ("Ctrl-C", Exit::Interrupted),
                signals::Signal::Terminate => ("SIGTERM", Exit::Terminated),
                // A terminal that is gone asks once; more of it means nothing.
                signals::Signal::HangUp if level > StopLevel::None => continue,
                signals::Signal::HangUp => ("the terminal is gone", Exit::Terminated),
            };
            count += 1;
            if count > 3 {
                quit(exit);
            }
            level = level.raised();
            if sender.send(StopRequest { level, signal: name.to_owned() }).is_err() {
                return;
            }
        }
    });
    Ok(receiver)
}

/// Leaves at once. The journal is as safe as after a crash, and what runs goes on.
#[expect(clippy::disallowed_methods, reason = "the operator insisted three times")]
fn quit(exit: Exit) -> ! {
    prompt::restore();
    std::process::exit(i32::from(exit as u8))
}
