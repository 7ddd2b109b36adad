//! One driver's session on one run: lock, world, signals, the drive itself, and what is left.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

use crate::drive::{Decisions, DriveError, Driver, Finish, Order, StopRequest, World};
use crate::journal::{Folder, Holder, Inbox, Lock, LockError, Writer};
use crate::plan::Plan;
use crate::report::{Bell, Reporter, Terminal};
use crate::run::RunState;
use crate::run::event::{Absence, Cause, Event, Mode, Outcome, Predecessor, StopLevel, TakenOver};
use crate::runtime::signals::{self, Signal};
use crate::runtime::{Live, MachineClock, Place, Secrets, prompt, suspend, weak_secret};

use super::args::RunFormat;
use super::failure::{Driven, Exit, Failure};
use super::find::Found;
use super::{finish, letters};

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

/// The lock, the driver that had it, and how driving came to its end.
type Over = (Lock, Driver<Live, Writer>, Result<Finish, DriveError>);

/// Who drives, as far as is known: what was said, or the name of the user.
pub fn operator(named: Option<String>) -> String {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    named.or_else(|| variable("USER")).or_else(|| variable("LOGNAME")).unwrap_or_else(user)
}

/// The user of this process, as the machine knows it.
pub fn user() -> String {
    let uid = rustix::process::getuid().as_raw();
    user_name(uid).unwrap_or_else(|| format!("uid {uid}"))
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
    folder.check()?;
    let holder = Holder::this(host(), operator.to_owned(), Utc::now());
    Lock::take(&folder.lock(), &holder).map_err(|error| match error {
        LockError::Held(holder) => Failure::Driven(Driven::of(folder, holder)),
        LockError::Io(error) => {
            let reason = format!("its lock {}: {error}", folder.lock().display());
            Failure::Journal { run: folder.run.clone(), reason }
        }
    })
}

/// Takes the right to drive a run, from another driver of this machine too where a reason for that
/// is given. Then that driver is ended first, and the event says so.
pub fn lock_or_take_over(
    folder: &Folder,
    operator: &str,
    reason: Option<&str>,
) -> Result<(Lock, Option<Event>), Failure> {
    let (mut driven, reason) = match (lock(folder, operator), reason) {
        (Err(Failure::Driven(driven)), Some(reason)) => (driven, reason),
        (other, _) => return other.map(|lock| (lock, None)),
    };
    let Some(holder) = driven.holder.clone() else { return Err(Failure::Driven(driven)) };
    if let Err(error) = holder.end(&host()) {
        driven.not_ended = Some(error);
        return Err(Failure::Driven(driven));
    }
    let lock = lock(folder, operator)?;
    let Holder { operator: before, host, pid, since, .. } = holder;
    let from = Predecessor { operator: before, host, pid, since };
    let (by, reason) = (operator.to_owned(), reason.to_owned());
    Ok((lock, Some(Event::TakenOver(TakenOver { from, by, reason }))))
}

impl Session {
    /// Drives the run until it ends, waits for someone, or is left.
    pub fn drive(self) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::Setup)?;
        let folder = self.folder.clone();
        let format = self.format;
        // In this order, so that the lock is given back last: until then the folder is ours.
        let by = self.operator.clone();
        let (_lock, mut driver, mut finish) = runtime.block_on(self.run())?;
        // A thread that still waits at a question must not keep the process.
        runtime.shutdown_background();
        // What a lab run was about is gone with the lab: nobody can go on with it.
        let left = finish.as_ref().ok().copied();
        let left = left.filter(|it| matches!(it, Finish::Parked | Finish::Stopped));
        if let Some(left) = left.filter(|_| driver.state.mode() == Mode::Lab) {
            let waiting = finish::waits_for(&driver.plan, &driver.state);
            finish = break_off(&mut driver, by, &waiting);
            let stopped_by = driver.state.stopped_by.clone();
            let exit = finish::exit_left(left, stopped_by.as_deref());
            let finish =
                finish.map_err(|source| Failure::Drive { run: folder.run.clone(), source })?;
            finish::conclude(&folder, &driver.plan, &driver.state, finish, format)?;
            return Ok(exit);
        }
        finish.map_err(|source| Failure::Drive { run: folder.run.clone(), source }).and_then(
            |finish| finish::conclude(&folder, &driver.plan, &driver.state, finish, format),
        )
    }

    async fn run(self) -> Result<Over, Failure> {
        let terminal = (self.format != RunFormat::Jsonl)
            .then(|| Terminal::new(self.format == RunFormat::Plain));
        if let Some(terminal) = &terminal {
            self.secrets.weak().iter().for_each(|name| terminal.line(&weak_secret(name)));
        }
        // A run that begins has it in its first event, one that goes on in its state.
        let start = self.first.iter().find_map(|event| match event {
            Event::RunStarted(start) => Some(start),
            _ => None,
        });
        let start = start.or(self.state.start.as_ref());
        let place = Place {
            cwd: self.cwd,
            run: self.folder.path().to_owned(),
            output: self.folder.output(),
            inbox: Inbox::of(&self.folder),
            program: "/proc/self/exe".into(),
            epoch: self.journal.epoch(),
            mode: start.map_or(Mode::Live, |start| start.mode),
            environment: start.and_then(|start| start.environment.clone()),
            operator: self.operator,
            is_attended: self.is_attended,
            clock: Arc::new(MachineClock::of_this_boot()),
        };
        let runbook = Arc::clone(&self.plan.runbook);
        let world = Live::new(runbook, place, terminal.clone(), self.secrets, self.decisions);
        let world = world.map_err(Failure::Setup)?;
        let world = Arc::new(world);
        let (sender, orders) = mpsc::unbounded_channel();
        heed_signals(sender.clone(), Arc::clone(&world), terminal.clone())
            .map_err(Failure::Setup)?;
        letters::take(sender, Inbox::of(&self.folder), terminal.clone());
        let reporter = terminal.map(|terminal| Reporter::Text(terminal, Bell::new()));
        let reporter = reporter.unwrap_or(Reporter::Jsonl);
        let folder = self.folder;
        let mut driver = Driver {
            plan: self.plan,
            state: self.state,
            world,
            journal: self.journal,
            reporter,
            origin: Arc::new(move || Found::in_folder(folder.clone()).ok()?.plans().ok()),
            only_undo: None,
        };
        driver.world.show_mark();
        driver.world.attend().map_err(Failure::Setup)?;
        let finish = driver.drive(self.first, orders).await;
        driver.reporter.rest();
        driver.world.leave(finish.is_ok()).await;
        Ok((self.lock, driver, finish))
    }
}

/// Ends a run that was left and that nobody can go on with.
pub fn break_off<W: World>(
    driver: &mut Driver<W, Writer>,
    by: String,
    why: &str,
) -> Result<Finish, DriveError> {
    let how = driver.state.stopped_by.clone();
    let reason = how.unwrap_or_else(|| why.to_owned());
    let ended = Event::RunEnded {
        outcome: Outcome::Aborted,
        as_if: None,
        verdict: None,
        cause: Some(Cause::Person { by, reason }),
    };
    record(driver, vec![ended])?;
    Ok(Finish::Ended)
}

/// Puts events on record that come from no loop: before the first step, and after the last.
pub fn record<W: World>(
    driver: &mut Driver<W, Writer>,
    events: Vec<Event>,
) -> Result<(), DriveError> {
    let at = driver.world.read_clock().wall;
    for event in &events {
        driver.state.apply(&driver.plan, at, event)?;
    }
    let kept = driver.journal.append(at, events);
    let kept = kept.map_err(|source| DriveError::Unrecorded { source, observed: Vec::new() })?;
    for record in &kept {
        driver.reporter.show(record, &driver.plan, &driver.state);
        driver.world.kept(record);
    }
    Ok(())
}

/// Signals as orders. Those that ask to stop do so harder each time; the fourth quits at once.
pub fn heed_signals(
    sender: mpsc::UnboundedSender<Order>,
    world: Arc<Live>,
    terminal: Option<Terminal>,
) -> std::io::Result<()> {
    let mut signals = signals::listen()?;
    tokio::spawn(async move {
        let mut level = StopLevel::None;
        let screen = terminal.as_ref();
        while let Some(signal) = signals.recv().await {
            let order = match signal {
                Signal::Interrupt if world.has_lent_terminal() => continue,
                Signal::Interrupt => stop(&mut level, "Ctrl-C", Exit::Interrupted, screen),
                Signal::Terminate => stop(&mut level, "SIGTERM", Exit::Terminated, screen),
                Signal::Quit => quit(Exit::Quit, screen),
                // Nobody can go on with a rehearsal, so nothing of it is left to run.
                Signal::HangUp if world.is_rehearsal() => {
                    level = StopLevel::Drain;
                    stop(&mut level, "SIGHUP", Exit::Terminated, screen)
                }
                Signal::HangUp => {
                    world.leave_alone();
                    Order::GoOnAlone(Absence::HangUp)
                }
                Signal::Suspend => {
                    step_aside(screen);
                    continue;
                }
                Signal::Continue => {
                    world.put_again();
                    continue;
                }
            };
            if sender.send(order).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// The next harder stop; after the hardest, leaves at once.
fn stop(level: &mut StopLevel, signal: &str, exit: Exit, screen: Option<&Terminal>) -> Order {
    if *level == StopLevel::Kill {
        quit(exit, screen);
    }
    *level = level.raised();
    Order::Stop(StopRequest { level: *level, signal: signal.to_owned() })
}

/// Gives the terminal back as it was, until somebody lets us go on, which is a signal too.
fn step_aside(terminal: Option<&Terminal>) {
    prompt::give_back();
    let was_suspended = match terminal {
        Some(terminal) => terminal.step_aside(suspend),
        None => suspend(),
    };
    if !was_suspended {
        prompt::ask_again();
    }
}

/// Leaves at once. The journal is as safe as after a crash, and what runs goes on.
#[expect(clippy::disallowed_methods, reason = "the operator insists on it")]
fn quit(exit: Exit, screen: Option<&Terminal>) -> ! {
    prompt::restore();
    if let Some(screen) = screen {
        screen.rest();
    }
    std::process::exit(i32::from(exit as u8))
}
