//! The stage of one rehearsal: its world, its signals, the drive itself, and how it is left.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::Utc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::cli::args::RunFormat;
use crate::cli::failure::{Exit, Failure};
use crate::cli::find::Found;
use crate::cli::session;
use crate::drive::{Decisions, DriveError, Driver, Finish, Order};
use crate::journal::{Folder, Inbox, Lock, Writer};
use crate::plan::Plan;
use crate::rehearse::{Assumed, Assumptions, Rehearsal, VirtualClock, virtual_time};
use crate::report::{Bell, Reporter, Terminal};
use crate::run::RunState;
use crate::run::event::{Event, Mode, RunStarted};
use crate::runtime::{Live, MachineClock, Place, Secrets, weak_secret};
use crate::timeline::rehearsed::Facts;

use super::real_time::RealTime;
use super::report;
use super::world::Practice;

/// Everything that a rehearsal needs.
pub struct Stage {
    /// Its folder.
    pub folder: Folder,
    /// What is rehearsed.
    pub plan: Plan,
    /// Its journal.
    pub journal: Writer,
    /// Nobody else writes there while this is held.
    pub lock: Lock,
    /// What happens first.
    pub first: Vec<Event>,
    /// The secrets that were given.
    pub secrets: Arc<Secrets>,
    /// What was decided beforehand.
    pub decisions: Decisions,
    /// What is assumed.
    pub assumptions: Assumptions,
    /// Who rehearses.
    pub operator: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// The folder in which `rehearse` was typed.
    pub cwd: PathBuf,
    /// How it is shown.
    pub format: RunFormat,
    /// What of the report stands in no record.
    pub facts: Facts,
}

/// Why a rehearsal ends in which a question has no answer.
const LEFT: &str = "a question was left";

/// A rehearsal that is over.
type Over = (Driver<Practice, Writer>, Result<Finish, DriveError>);

impl Stage {
    /// Plays the rehearsal to its end, and says what it showed.
    pub fn play(self) -> Result<Exit, Failure> {
        let real = RealTime::begin().map_err(Failure::Setup)?;
        let imagined = virtual_time().map_err(Failure::Setup)?;
        let terminal = (self.format != RunFormat::Jsonl)
            .then(|| Terminal::new(self.format == RunFormat::Plain));
        if let Some(terminal) = &terminal {
            self.secrets.weak().iter().for_each(|name| terminal.line(&weak_secret(name)));
        }
        let live = Arc::new(self.live(terminal.clone())?);
        let (sender, orders) = mpsc::unbounded_channel();
        {
            let _inside = real.handle().enter();
            session::heed_signals(sender, Arc::clone(&live), terminal.clone())
                .map_err(Failure::Setup)?;
        }
        let (folder, format) = (self.folder.clone(), self.format);
        let facts = self.facts.clone();
        let (handle, shown) = (real.handle().clone(), terminal);
        let (driver, finish) = imagined.block_on(self.run(live, handle, shown, orders));
        // A thread that still waits at a question must not keep the process.
        imagined.shutdown_background();
        if driver.world.is_observing {
            real.handle().block_on(driver.world.live.leave(finish.is_ok()));
        }
        real.end();
        let finish = finish.map_err(|error| Failure::Journal {
            run: folder.run.clone(),
            reason: format!("{error}; rehearse once more"),
        })?;
        let contradictions = &driver.world.contradictions;
        let contradictions = contradictions.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut not_shown = driver.world.assumed.cast().stood_in();
        not_shown.extend(driver.world.live.unfit());
        not_shown.extend(driver.world.assumed.cast().unused());
        not_shown.extend(facts.not_shown);
        let facts = Facts { not_shown, contradictions, ..facts };
        report::conclude(&folder, &driver.state, finish, facts, format)
    }

    fn live(&self, terminal: Option<Terminal>) -> Result<Live, Failure> {
        let environment = self.first.iter().find_map(|event| match event {
            Event::RunStarted(RunStarted { environment, .. }) => environment.clone(),
            _ => None,
        });
        let place = Place {
            cwd: self.cwd.clone(),
            run: self.folder.path().to_owned(),
            output: self.folder.output(),
            inbox: Inbox::of(&self.folder),
            program: "/proc/self/exe".into(),
            epoch: self.journal.epoch(),
            mode: Mode::Rehearsal,
            environment,
            operator: self.operator.clone(),
            is_attended: self.is_attended,
            clock: Arc::new(MachineClock::of_this_boot()),
        };
        let (runbook, secrets) = (Arc::clone(&self.plan.runbook), Arc::clone(&self.secrets));
        Live::new(runbook, place, terminal, secrets, self.decisions.clone()).map_err(Failure::Setup)
    }

    async fn run(
        self,
        live: Arc<Live>,
        real: Handle,
        terminal: Option<Terminal>,
        orders: mpsc::UnboundedReceiver<Order>,
    ) -> Over {
        let _lock = self.lock;
        let cast = Rehearsal::new(self.plan.clone(), self.assumptions);
        let is_observing = self
            .first
            .iter()
            .any(|event| matches!(event, Event::RunStarted(start) if start.observes.is_some()));
        let world = Practice {
            assumed: Arc::new(Assumed::new(cast, VirtualClock::from(Utc::now()))),
            live,
            real,
            terminal: terminal.clone(),
            is_attended: self.is_attended,
            is_observing,
            contradictions: Mutex::default(),
            is_stopped: AtomicBool::new(false),
        };
        let reporter = terminal.map(|terminal| Reporter::Text(terminal, Bell::new()));
        let folder = self.folder;
        let mut driver = Driver {
            state: RunState::new(&self.plan),
            plan: self.plan,
            world: Arc::new(world),
            journal: self.journal,
            reporter: reporter.unwrap_or(Reporter::Jsonl),
            origin: Arc::new(move || Found::in_folder(folder.clone()).ok()?.plans().ok()),
            only_undo: None,
        };
        driver.world.live.show_mark();
        let mut finish = driver.drive(self.first, orders).await;
        if matches!(finish, Ok(Finish::Parked | Finish::Stopped)) {
            finish = session::break_off(&mut driver, self.operator, LEFT).and(finish);
        }
        driver.reporter.rest();
        (driver, finish)
    }
}
