//! The players' screen: an exercise from its start to what is said of it at the end.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;

use crate::cli::args::{TableFormat, Tabletop};
use crate::cli::failure::{Exit, Failure};
use crate::cli::find::Found;
use crate::cli::run;
use crate::cli::session::{self, record};
use crate::drive::{Decisions, DriveError, Driver, Finish, Order};
use crate::journal::{Durability, Folder, Inbox, Lock, Store, Writer};
use crate::report::{Bell, Reporter, Terminal, visible_str};
use crate::run::event::exercise::Script;
use crate::run::event::{Cause, Event, Mode, Outcome, RunStarted};
use crate::run::{RunState, digest};
use crate::runtime::prompt::{self, Answer};
use crate::runtime::{Clock as _, Live, MachineClock, Place, Secrets, ask_alone};

use super::book::Book;
use super::conclude;
use super::epilogue::Epilogue;
use super::orders::{Orders, listen};
use super::outlook::open_injects;
use super::world::Table;

/// What is asked before an exercise begins.
const READY: &str = "Press Enter when all are at the table";

/// Drives one exercise.
pub type Players = Driver<Table, Writer>;

/// Everything that an exercise needs.
struct Stage {
    folder: Folder,
    book: Book,
    journal: Writer,
    /// Nobody else drives it while this is held.
    _lock: Lock,
    secrets: Arc<Secrets>,
    operator: String,
    cwd: PathBuf,
    terminal: Terminal,
    hides: bool,
}

/// Runs an exercise at this terminal.
pub fn play(store: &Store, args: Tabletop) -> Result<Exit, Failure> {
    if !session::is_attended(false) {
        let help = "rehearse goes through a runbook where nobody is: holdpoint rehearse FILE";
        return Err(Failure::usage("an exercise needs people at a terminal", help));
    }
    let secrets = Arc::new(Secrets::default());
    let book = Book::open(store, &args, &secrets)?;
    let operator = session::operator(args.operator);
    let cwd = std::env::current_dir().map_err(Failure::Setup)?;
    let folder = store.practice().create(&book.plan.runbook.id.value, Utc::now())?;
    let lock = session::lock(&folder, &operator)?;
    let journal = run::begin(&folder, &book.source, &book.beside, Durability::Process)?;
    let terminal = Terminal::new(args.format == TableFormat::Plain);
    let hides = args.hide_injects;
    let stage =
        Stage { folder, book, journal, _lock: lock, secrets, operator, cwd, terminal, hides };
    stage.play()
}

impl Stage {
    fn play(self) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::Setup)?;
        let (folder, operator) = (self.folder.clone(), self.operator.clone());
        let (script, hides) = (self.book.script.clone(), self.hides);
        let mut first = vec![Event::ExerciseBegun(Box::new(script.clone()))];
        first.extend(self.book.inputs.iter().cloned());
        let (mut players, _lock) = self.driver()?;
        let exit = match begin(&mut players, &folder, &script, hides)? {
            true => runtime.block_on(drive(&mut players, first, &folder, &operator)),
            false => break_off(&mut players, operator, "it was left before it began")
                .map(|()| Exit::Stopped),
        };
        // A thread that still waits at a question must not keep the process.
        runtime.shutdown_background();
        players.reporter.rest();
        let exit = exit.map_err(|error| Failure::Journal {
            run: folder.run.clone(),
            reason: format!("{error}; begin the exercise once more"),
        })?;
        conclude::conclude(&folder, &players.state)?;
        Ok(exit)
    }

    /// The driver, with the start of the exercise on record.
    fn driver(self) -> Result<(Players, Lock), Failure> {
        let clock = MachineClock::of_this_boot();
        let started = self.started(&clock);
        let Stage { folder, book, journal, _lock, secrets, operator, cwd, terminal, .. } = self;
        let place = Place {
            cwd,
            run: folder.path().to_owned(),
            output: folder.output(),
            inbox: Inbox::of(&folder),
            program: "/proc/self/exe".into(),
            epoch: journal.epoch(),
            mode: Mode::Tabletop,
            environment: book.environment,
            operator: operator.clone(),
            is_attended: true,
            clock: Arc::new(clock),
        };
        let runbook = Arc::clone(&book.plan.runbook);
        let decisions = Decisions::default();
        let live = Live::new(runbook, place, Some(terminal.clone()), secrets, decisions);
        let live = Arc::new(live.map_err(Failure::Setup)?);
        let table = Table::new(live, terminal.clone(), folder.clone(), operator, book.plan.clone());
        let mut players = Driver {
            state: RunState::new(&book.plan),
            plan: book.plan,
            world: Arc::new(table),
            journal,
            reporter: Reporter::Text(terminal, Bell::new()),
            origin: Arc::new(move || Found::in_folder(folder.clone()).ok()?.plans().ok()),
            only_undo: None,
        };
        record(&mut players, vec![started]).map_err(|error| broken(&error))?;
        Ok((players, _lock))
    }

    fn started(&self, clock: &MachineClock) -> Event {
        let Book { source, beside, plan, environment, .. } = &self.book;
        let digests = beside.iter().map(|(name, text)| (name.clone(), digest(text.as_bytes())));
        Event::RunStarted(RunStarted {
            run: self.folder.run.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            runbook: plan.runbook.id.value.clone(),
            title: plan.runbook.title.clone(),
            file: source.name().to_owned(),
            digest: digest(source.text().as_bytes()),
            beside: digests.collect(),
            mode: Mode::Tabletop,
            operator: self.operator.clone(),
            host: session::host(),
            cwd: self.cwd.to_string_lossy().into_owned(),
            is_attended: true,
            on_failure: None,
            parallel: 1,
            detected_at: None,
            incident: None,
            waived: std::collections::BTreeMap::new(),
            environment: environment.clone(),
            boot: Some(clock.read().boot),
            durability: Some(Durability::Process),
            observes: None,
        })
    }
}

/// Says what this is, and waits until all are there; whether they are.
fn begin(
    players: &mut Players,
    folder: &Folder,
    script: &Script,
    hides: bool,
) -> Result<bool, Failure> {
    let Reporter::Text(terminal, _) = &players.reporter else { return Ok(true) };
    let command = format!("holdpoint {}tabletop --facilitator {}", folder.option(), folder.run);
    terminal.lines(&[
        "EXERCISE: nothing is run and nothing is sent. It ends with this terminal, and".to_owned(),
        "cannot be gone on with. This is the players' screen. Whoever leads the exercise"
            .to_owned(),
        "types, at another terminal:".to_owned(),
        format!("  {}", visible_str(&command)),
        "Without that, this screen asks how things go.".to_owned(),
    ]);
    let put = |interrupt: &prompt::Interrupt| prompt::line(READY, |_| Ok(()), None, interrupt);
    let answer = terminal.give_to(|| ask_alone(put)).map_err(Failure::Setup)?;
    if !matches!(answer, Answer::Given(_)) {
        return Ok(false);
    }
    let injects = if hides || players.world.is_led() { Vec::new() } else { open_injects(script) };
    if !injects.is_empty() {
        let heading = "EXERCISE: what is to come, as far as all may know it".to_owned();
        let injects = injects.iter().map(|line| visible_str(line).into_owned());
        terminal.lines(&std::iter::once(heading).chain(injects).collect::<Vec<_>>());
    }
    Ok(true)
}

/// Drives an exercise to its end, and lets the team say what it has shown.
async fn drive(
    players: &mut Players,
    first: Vec<Event>,
    folder: &Folder,
    operator: &str,
) -> Result<Exit, DriveError> {
    let live = Arc::clone(&players.world.live);
    let Orders { run, mut late } = listen(&players.world, Inbox::of(folder), terminal(players));
    let finish = players.drive(first, run).await?;
    let exit = match finish {
        Finish::Ended if players.state.outcome == Some(Outcome::Rehearsed) => {
            Epilogue::of(players, folder, operator).play().await?;
            match late.try_recv() {
                Ok(Order::Stop(stop)) => broken_off(Some(&stop.signal)),
                Ok(_) => broken_off(None),
                Err(_) => Exit::Done,
            }
        }
        Finish::Ended => Exit::Stopped,
        Finish::Parked | Finish::Stopped | Finish::Paused => {
            let by = players.state.stopped_by.clone();
            let reason = by.clone().unwrap_or_else(|| "a question was left".to_owned());
            break_off(players, operator.to_owned(), &reason)?;
            broken_off(by.as_deref())
        }
    };
    live.leave(true).await;
    Ok(exit)
}

/// How an exercise exits that was broken off, by a signal where there was one.
fn broken_off(by: Option<&str>) -> Exit {
    match by {
        Some("Ctrl-C") => Exit::Interrupted,
        Some(_) => Exit::Terminated,
        None => Exit::Stopped,
    }
}

fn terminal(players: &Players) -> Option<Terminal> {
    match &players.reporter {
        Reporter::Text(terminal, _) => Some(terminal.clone()),
        _ => None,
    }
}

/// Ends an exercise that was left: nobody can go on with it.
fn break_off(players: &mut Players, by: String, reason: &str) -> Result<(), DriveError> {
    let cause = Some(Cause::Person { by, reason: reason.to_owned() });
    let (as_if, verdict) = (None, None);
    record(players, vec![Event::RunEnded { outcome: Outcome::Aborted, as_if, verdict, cause }])
}

fn broken(error: &DriveError) -> Failure {
    Failure::Setup(std::io::Error::other(error.to_string()))
}
