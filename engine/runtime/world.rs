//! The world as a port: it performs the effects of a live run.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, watch};

use crate::drive::{Decisions, Desk, Tell, World};
use crate::journal::{Inbox, Record};
use crate::report::Terminal;
use crate::run::Effect;
use crate::run::event::{Event, Mode, Question, Reading, StopLevel};
use crate::runbook::Runbook;

use super::clock::Clock;
use super::command::Sought;
use super::handed;
use super::keeper::protocol::Token;
use super::keeper::{Client, Home};
use super::mark::Mark;
use super::prompt::{self, Interrupt, Keyboard};
use super::questions::Questions;
use super::secrets::Secrets;

/// How often a process that is not our child is looked for.
pub(super) const SEEK_EVERY: Duration = Duration::from_millis(200);

/// Where a run takes place.
#[derive(Clone, Debug)]
pub struct Place {
    /// The folder in which `run` was typed.
    pub cwd: PathBuf,
    /// The folder of the run.
    pub run: PathBuf,
    /// The folder for what steps print.
    pub output: PathBuf,
    /// Where letters from other terminals arrive.
    pub inbox: Inbox,
    /// This program, which its keeper executes once more.
    pub program: PathBuf,
    /// The number of this driver among those of the run.
    pub epoch: u64,
    /// How the run goes through its runbook.
    pub mode: Mode,
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
    pub(super) desk: Desk,
    /// Variables that hold secrets, which no command inherits.
    pub(super) secret_variables: Vec<String>,
    pub(super) stop: watch::Sender<StopLevel>,
    pub(super) keeper: Client,
    /// One question at a time has the terminal.
    pub(super) asking: Mutex<()>,
    pub(super) interrupt: Arc<Interrupt>,
    /// The questions that wait for the person at the terminal.
    pub(super) questions: std::sync::Mutex<Questions>,
    /// What stands above the question that has the terminal.
    pub(super) panel: std::sync::Mutex<String>,
    /// Reads single keys while nothing is asked.
    pub(super) keyboard: std::sync::Mutex<Option<Keyboard>>,
    /// The prepared answers that passed nothing, a sentence each.
    pub(super) unfit: std::sync::Mutex<Vec<String>>,
    /// The step that began last.
    pub(super) last_step: std::sync::Mutex<Option<String>>,
    /// Whether something else has the terminal, in the middle of a question.
    pub(super) is_lent: AtomicBool,
    /// Where it is told what happens.
    pub(super) told: OnceLock<Tell>,
    /// By which its questions are known.
    pub(super) mark: Mark,
    /// The hash of the last record.
    pub(super) head: std::sync::Mutex<String>,
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
        let secret_variables: Vec<String> = inputs.filter_map(|input| input.env.clone()).collect();
        let hidden = secret_variables.clone();
        let (folder, program) = (place.run.clone(), place.program.clone());
        let desk = Desk::new(decisions, place.operator.clone(), Arc::clone(&runbook));
        let home = Home { folder, program, epoch: place.epoch, hidden };
        Ok(Live {
            runbook,
            place,
            terminal,
            secrets,
            desk,
            secret_variables,
            stop: watch::Sender::new(StopLevel::None),
            keeper: Client::of(home),
            asking: Mutex::new(()),
            interrupt: Arc::new(Interrupt::new()?),
            questions: std::sync::Mutex::default(),
            panel: std::sync::Mutex::default(),
            keyboard: std::sync::Mutex::default(),
            unfit: std::sync::Mutex::default(),
            last_step: std::sync::Mutex::default(),
            is_lent: AtomicBool::new(false),
            told: OnceLock::new(),
            mark: Mark::new(),
            head: std::sync::Mutex::default(),
        })
    }

    /// Leaves the run: what it is still doing goes on under its keeper. Unless all that was told is
    /// on record, the keeper stays with what nobody else knows.
    pub async fn leave(&self, is_on_record: bool) {
        self.attend_no_more();
        self.keeper.leave(is_on_record).await;
    }

    /// The questions that wait for the person at the terminal.
    pub(super) fn questions(&self) -> MutexGuard<'_, Questions> {
        self.questions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing is asked any more for now.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_for_good()
            || *self.stop.borrow() > StopLevel::None
            || self.questions().is_at_terminal_withdrawn()
    }

    /// Lets questions be put again after one was ended from outside, unless the run is being stopped.
    pub(super) fn let_ask_again(&self) {
        if *self.stop.borrow() == StopLevel::None {
            self.interrupt.lower();
        }
    }

    /// Gives the terminal to something that has it to itself, where there is one.
    pub(super) fn give_terminal<T>(&self, to: impl FnOnce() -> T) -> T {
        match &self.terminal {
            Some(terminal) => terminal.give_to(to),
            None => to(),
        }
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
}

impl World for Live {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        self.remember(&tell);
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
            Effect::SeekProcess { step, attempt, begun_by, process, execution } => {
                let sought = Sought { token: Token { step, attempt }, begun_by, process };
                self.seek(sought, execution, &tell).await;
            }
            Effect::Wake { timer, due } => self.wake(timer, due, &tell).await,
        }
    }

    fn read_clock(&self) -> Reading {
        self.place.clock.read()
    }

    fn kept(&self, record: &Record) {
        self.notice(record);
        self.head.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&record.hash);
        if record.event.speaks_up() && self.terminal.is_some() {
            prompt::ask_again();
        }
        match &record.event {
            Event::StepEnded(ended) => {
                handed::remove(&self.place.output, &ended.step, ended.attempt);
            }
            Event::LetterTaken(taken) => self.place.inbox.remove(&taken.letter),
            Event::QuestionAsked { question } => self.questions().put(question),
            Event::RunEnded { .. } => handed::clear_all(&self.place.output),
            _ => {}
        }
    }

    fn discard(&self, letter: &str) {
        self.place.inbox.remove(letter);
    }

    fn withdraw(&self, questions: Vec<Question>, is_from_elsewhere: bool) {
        let is_at_terminal = {
            // Raised while none can take its turn, so that it ends no other question.
            let mut waiting = self.questions();
            let is_at_terminal = waiting.withdraw(&questions);
            if is_at_terminal {
                self.interrupt.raise();
            }
            is_at_terminal
        };
        if is_at_terminal && is_from_elsewhere {
            // Said here and not by whoever asks, whom the end of the run may overtake.
            self.say("          settled from another terminal");
        }
    }

    fn stop(&self, level: StopLevel) {
        self.stop.send_replace(level);
        self.keeper.stop(level);
        self.interrupt.raise();
    }
}
