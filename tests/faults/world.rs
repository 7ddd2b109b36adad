//! A world for the real driver that does nothing but count, and answers as a script says.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use holdpoint::drive::{Tell, World};
use holdpoint::journal::{Durability, read_from};
use holdpoint::plan::Plan;
use holdpoint::run::event::{Boot, Decider, DoubtChoice, Event, Question, Reading, StopLevel};
use holdpoint::run::{Effect, RunState};

use super::storage::Faults;
use crate::harness::machine::{Script, Tally};

/// What happened in it: it lives longer than its drivers, as the real world does.
#[derive(Default)]
pub(super) struct Happened {
    /// The steps whose action began, in order.
    pub(super) acts: Vec<String>,
    tally: Tally,
}

/// The world of one driver. It looks into the journal as a crash would leave it.
pub(super) struct Counting {
    script: Script,
    happened: Arc<Mutex<Happened>>,
    /// A state in which somebody is there to answer.
    attended: RunState,
    journal: PathBuf,
    faults: Faults,
    durability: Durability,
    /// What began and should not have.
    pub(super) complaints: Mutex<Vec<String>>,
}

impl Counting {
    pub(super) fn new(
        script: Script,
        plan: &Plan,
        happened: &Arc<Mutex<Happened>>,
        (journal, durability): (&Path, Durability),
        faults: &Faults,
    ) -> Counting {
        let attended = RunState { is_attended: true, ..RunState::new(plan) };
        let (happened, journal) = (Arc::clone(happened), journal.to_owned());
        let (faults, complaints) = (faults.clone(), Mutex::default());
        Counting { script, happened, attended, journal, faults, durability, complaints }
    }

    /// How many attempts of a step are announced, where the worst happens that the journal was made
    /// for.
    fn announced(&self, step: &str) -> usize {
        let mut left = fs::read(&self.journal).expect("it can be read");
        if self.durability == Durability::Power {
            left.truncate(usize::try_from(self.faults.synced()).expect("it is a small journal"));
        }
        let records = read_from(&mut &left[..]).expect("it is in memory").records;
        let is_it =
            |event: &Event| matches!(event, Event::StepStarted { step: it, .. } if it == step);
        records.iter().filter(|record| is_it(&record.event)).count()
    }

    /// What begins, and whether it may.
    fn begin(&self, step: &str, acts: &mut Vec<String>) {
        if self.faults.has_failed() && !self.faults.is_harmless() {
            locked(&self.complaints).push(format!("{step} began after the journal had failed"));
        }
        acts.push(step.to_owned());
        if self.announced(step) < acts.iter().filter(|act| *act == step).count() {
            locked(&self.complaints).push(format!("{step} began before that was on record"));
        }
    }

    /// Whoever is asked about a step in doubt looks, and finds what really happened.
    fn look_into(&self, step: &str, acts: &[String]) -> Event {
        let has_begun = acts.iter().filter(|act| *act == step).count() == self.announced(step);
        let choice = match has_begun {
            true if self.script.is_failing(step) => DoubtChoice::Failed,
            true => DoubtChoice::Done,
            false => DoubtChoice::Rerun,
        };
        let (step, by) = (step.to_owned(), Decider::Person { name: "ada".into() });
        Event::DoubtSettled { step, choice, by, reason: "it was looked at".into() }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World for Counting {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        let told = {
            let mut happened = locked(&self.happened);
            if let Effect::Execute(execution) = &effect {
                self.begin(&execution.step, &mut happened.acts);
            }
            let told = match &effect {
                Effect::Ask { question: Question::InDoubt { step, .. }, .. } => {
                    Some(vec![self.look_into(step, &happened.acts)])
                }
                _ => self.script.answer(&effect, &self.attended, &happened.tally),
            };
            told.iter().flatten().for_each(|event| happened.tally.count(event));
            told
        };
        for event in told.into_iter().flatten() {
            tokio::task::yield_now().await;
            // Nobody listens any more only when the run is being left.
            let _left = tell.send(event);
        }
    }

    fn read_clock(&self) -> Reading {
        let wall = "2026-01-31T03:00:00Z".parse().expect("this is a time");
        Reading { wall, boot: Boot { id: "first".into(), up_ms: 0, asleep_ms: 0 } }
    }

    fn stop(&self, _level: StopLevel) {}
}
