//! Playing a case: its run is driven in virtual time to its end, or until it waits, through every
//! crash on the way.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::drive::{DriveError, Driver, Finish, Unfit};
use crate::journal::Record;
use crate::plan::Plan;
use crate::report::Reporter;
use crate::run::event::{Event, Mode, Resumed, RunStarted};
use crate::run::{IllegalEvent, Plans, RunState};

use super::clock::VirtualClock;
use super::memory::Memory;
use super::player::{Deaths, OPERATOR, Player};
use super::script::{Piece, Script};
use super::world::{Assumed, virtual_time};

/// The machine that the runs of tests are driven on.
const HOST: &str = "test";

/// A case that was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// The records of its run.
    pub records: Vec<Record>,
    /// The plan of its run, grown with the items of its fan-outs.
    pub plan: Plan,
    /// How its run stands.
    pub state: RunState,
    /// How driving came to its end.
    pub finish: Finish,
    /// The answers that passed nothing, with the reasons.
    pub unfit: Vec<Unfit>,
    /// The crashes that came, by their place in the script.
    pub crashes: Vec<usize>,
}

/// Why a case could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The system refused what every case needs.
    #[error("cannot set up: {0}")]
    Setup(#[from] io::Error),
    /// Driving broke off.
    #[error(transparent)]
    Drive(#[from] DriveError),
    /// The records contradict each other.
    #[error("the records contradict themselves: {0}")]
    Illegal(#[from] IllegalEvent),
}

/// Plays a case.
pub fn play(piece: &Piece, script: &Arc<Script>) -> Result<Played, PlayError> {
    virtual_time()?.block_on(drive(piece, script))
}

async fn drive(piece: &Piece, script: &Arc<Script>) -> Result<Played, PlayError> {
    let clock = VirtualClock::from(script.starts);
    let mut plan = (*piece.plan).clone();
    let mut state = RunState::new(&plan);
    let mut journal = Memory::default();
    let mut first = opening(piece, script);
    let mut deaths = Deaths::default();
    let mut unfit = Vec::new();
    loop {
        let cast =
            Player::new(Arc::clone(script), Arc::clone(&piece.plan), journal.records(), deaths);
        let world = Arc::new(Assumed::new(cast, clock.clone()));
        let origin = Arc::clone(&piece.plan);
        let mut driver = Driver {
            plan,
            state,
            world: Arc::clone(&world),
            journal,
            reporter: Reporter::Silent,
            origin: Arc::new(move || Some(Plans::from((*origin).clone()))),
            only_undo: None,
        };
        let (_orders, ordered) = mpsc::unbounded_channel();
        let finish = tokio::select! {
            biased;
            () = world.cast().death() => None,
            finish = driver.drive(first, ordered) => Some(finish?),
        };
        unfit.extend(world.cast().unfit());
        deaths = world.cast().deaths();
        match (deaths.at, finish) {
            (None, Some(finish)) => {
                let records = driver.journal.records().to_vec();
                let (plan, state) = (driver.plan, driver.state);
                let crashes = deaths.come;
                return Ok(Played { records, plan, state, finish, unfit, crashes });
            }
            (at, _) => {
                let last = at.unwrap_or(u64::MAX);
                journal = driver.journal.torn(last).taken_over();
                (plan, state) = replayed(piece, journal.records())?;
                first = resumption(script);
            }
        }
    }
}

/// The plan and the state of a run, as its records say.
fn replayed(piece: &Piece, records: &[Record]) -> Result<(Plan, RunState), IllegalEvent> {
    let mut plans = Plans::from((*piece.plan).clone());
    let records = records.iter().map(|record| (record.at, &record.event));
    let state = RunState::replay(&mut plans, records)?;
    Ok((plans.current, state))
}

/// What happens first: the same as in a run for real.
fn opening(piece: &Piece, script: &Script) -> Vec<Event> {
    let runbook = &piece.plan.runbook;
    let started = Event::RunStarted(RunStarted {
        run: format!("test-{}", runbook.id),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runbook: runbook.id.value.clone(),
        title: runbook.title.clone(),
        file: piece.file.clone(),
        digest: piece.digest.clone(),
        beside: BTreeMap::new(),
        mode: Mode::Live,
        operator: OPERATOR.to_owned(),
        host: HOST.to_owned(),
        cwd: "/".to_owned(),
        is_attended: script.is_attended,
        on_failure: None,
        parallel: script.parallel,
        detected_at: None,
        incident: None,
        observes: None,
        waived: waived(script),
        environment: runbook.library.chosen.clone(),
        boot: None,
        durability: None,
    });
    std::iter::once(started).chain(script.inputs.iter().cloned()).collect()
}

/// What happens first when the next driver goes on: secrets were lost with the one before.
fn resumption(script: &Script) -> Vec<Event> {
    let resumed = Event::Resumed(Resumed {
        operator: OPERATOR.to_owned(),
        host: HOST.to_owned(),
        is_attended: script.is_attended,
        waived: waived(script),
        boot: None,
        durability: None,
    });
    let is_secret = |event: &&Event| matches!(event, Event::InputGiven(given) if given.is_secret);
    let secrets = script.inputs.iter().filter(is_secret).cloned();
    std::iter::once(resumed).chain(secrets).collect()
}

fn waived(script: &Script) -> BTreeMap<String, String> {
    let waived = script.waived.iter();
    waived.map(|waived| (waived.id.value.clone(), waived.reason.clone())).collect()
}
