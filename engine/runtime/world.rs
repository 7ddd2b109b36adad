//! The world as a port: it performs the effects of a live run.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use crate::drive::{Tell, World};
use crate::report::Terminal;
use crate::run::Effect;
use crate::run::event::{Event, Process, Reading, StopLevel};
use crate::runbook::Runbook;

use super::clock::Clock;
use super::decisions::Decisions;
use super::handed;
use super::identity::{self, Identity};
use super::prompt::Interrupt;
use super::secrets::Secrets;

/// How often a process that is not our child is looked for.
const SEEK_EVERY: Duration = Duration::from_millis(200);

/// Where a run takes place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder in which `run` was typed.
    pub cwd: PathBuf,
    /// The folder for what steps print.
    pub output: PathBuf,
    /// The environment, where the library has some.
    pub environment: Option<String>,
    /// Who drives.
    pub operator: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// What time it is there.
    pub clock: Arc<dyn Clock>,
}

/// The real world.
pub struct Live {
    pub(super) runbook: Arc<Runbook>,
    pub(super) place: Place,
    pub(super) terminal: Option<Terminal>,
    pub(super) secrets: Arc<Secrets>,
    pub(super) decisions: Decisions,
    /// Variables that hold secrets, which no command inherits.
    pub(super) secret_variables: Vec<String>,
    pub(super) stop: watch::Sender<StopLevel>,
    /// One question at a time has the terminal.
    pub(super) asking: Mutex<()>,
    pub(super) interrupt: Arc<Interrupt>,
    /// The step whose gate has the terminal.
    pub(super) gate_at_terminal: std::sync::Mutex<Option<String>>,
    /// Which of the decisions about steps were used.
    pub(super) used: std::sync::Mutex<BTreeSet<usize>>,
    /// What was answered with a prepared answer.
    pub(super) answered: std::sync::Mutex<BTreeSet<String>>,
}

impl Live {
    /// The world of one driver.
    pub fn new(
        runbook: Arc<Runbook>,
        place: Place,
        terminal: Option<Terminal>,
        secrets: Arc<Secrets>,
        decisions: Decisions,
    ) -> std::io::Result<Live> {
        let inputs = runbook.inputs.iter().filter(|input| input.is_secret);
        let secret_variables = inputs.filter_map(|input| input.env.clone()).collect();
        Ok(Live {
            runbook,
            place,
            terminal,
            secrets,
            decisions,
            secret_variables,
            stop: watch::Sender::new(StopLevel::None),
            asking: Mutex::new(()),
            interrupt: Arc::new(Interrupt::new()?),
            gate_at_terminal: std::sync::Mutex::default(),
            used: std::sync::Mutex::default(),
            answered: std::sync::Mutex::default(),
        })
    }

    /// Shows a line, if there is somewhere to show it.
    pub(super) fn say(&self, line: &str) {
        if let Some(terminal) = &self.terminal {
            terminal.line(line);
        }
    }

    /// Waits until somebody asks to stop.
    pub(super) async fn stopped(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as we do, so this only ends when the level has risen.
        let _ = stop.wait_for(|level| *level > StopLevel::None).await;
    }

    async fn seek_process(&self, step: String, process: Option<Process>, tell: Tell) {
        let is_certain = process.is_some();
        if let Some(process) = process {
            let Process { pid, start_time, boot_id } = process;
            let identity = Identity { pid, start_time, boot_id };
            let mut has_said = false;
            while identity::is_alive(&identity) {
                if !std::mem::replace(&mut has_said, true) {
                    self.say(&format!(
                        "          {step}: its process {pid} still runs; waiting for it"
                    ));
                }
                tokio::select! {
                    () = tokio::time::sleep(SEEK_EVERY) => {}
                    () = self.stopped() => return,
                }
            }
        }
        if is_certain {
            handed::clear(&self.place.output, &step);
        }
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::ProcessGone { step, is_certain });
    }
}

impl World for Live {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        match effect {
            Effect::Record(_) => {}
            Effect::SeekChoices { input, command, timeout } => {
                self.list_choices(input, &command, timeout, &tell).await;
            }
            Effect::Observe { check, observation } => {
                self.observe(check, &observation, &tell).await;
            }
            Effect::Ask { question, offer } => self.ask(question, offer, &tell).await,
            Effect::Execute(execution) => self.execute(*execution, &tell).await,
            Effect::SeekProcess { step, process } => self.seek_process(step, process, tell).await,
            Effect::Wake { timer, due } => self.wake(timer, due, &tell).await,
        }
    }

    fn read_clock(&self) -> Reading {
        self.place.clock.read()
    }

    fn stop(&self, level: StopLevel) {
        self.stop.send_replace(level);
        self.interrupt.raise();
    }
}
