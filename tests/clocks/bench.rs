//! A driver in the real world with clocks that a test sets.
//!
//! Nothing but the clocks is assumed: what waits asks them and waits for them. A test lets time pass
//! by hand, so an hour takes no time, and what must not happen is known not to have happened once
//! nothing moves any more.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use holdpoint::drive::{Decisions, Driver, Finish, Journal, Origin};
use holdpoint::journal::{Ending, Inbox, JournalError, Record};
use holdpoint::plan::Plan;
use holdpoint::report::Reporter;
use holdpoint::run::event::{Boot, Event, Mode, Moment, Reading, RunStarted};
use holdpoint::run::{Plans, RunState};
use holdpoint::runtime::{Clock, Live, Place, Secrets};
use holdpoint::timeline::{self, Timeline};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

use crate::harness::machine::{planned, sample_resumed, sample_start};

/// How long a command of a step may take to begin or to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often everything that can move has moved.
const ROUNDS: usize = 200;

/// Clocks that are set by hand.
#[derive(Clone, Debug)]
pub(super) struct HandClock(watch::Sender<Reading>);

impl HandClock {
    fn new() -> HandClock {
        let wall = Moment::from_timestamp(1_700_000_000, 0).expect("within the range of time");
        let boot = Boot { id: "first".into(), up_ms: 50_000_000, asleep_ms: 1_000 };
        HandClock(watch::Sender::new(Reading { wall, boot }))
    }

    /// Time passes.
    pub(super) fn passes(&self, seconds: i64) {
        self.0.send_modify(|now| {
            now.wall += TimeDelta::seconds(seconds);
            now.boot.up_ms += seconds.unsigned_abs() * 1_000;
        });
    }

    /// The clock on the wall is set.
    pub(super) fn is_set_by(&self, seconds: i64) {
        self.0.send_modify(|now| now.wall += TimeDelta::seconds(seconds));
    }

    /// The machine sleeps.
    pub(super) fn sleeps(&self, seconds: i64) {
        self.passes(seconds);
        self.0.send_modify(|now| now.boot.asleep_ms += seconds.unsigned_abs() * 1_000);
    }

    /// The machine is booted anew.
    pub(super) fn boots(&self) {
        self.0.send_modify(|now| {
            now.boot = Boot { id: "second".into(), up_ms: 7_000, asleep_ms: 0 };
        });
    }
}

impl Clock for HandClock {
    fn read(&self) -> Reading {
        self.0.borrow().clone()
    }

    fn until_up(&self, up_ms: u64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let mut now = self.0.subscribe();
        Box::pin(async move {
            now.wait_for(|now| now.boot.up_ms >= up_ms).await.expect("the clock is kept");
        })
    }
}

/// A journal in memory. Clones share it.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Record>>>);

impl Kept {
    fn records(&self) -> Vec<Record> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

impl Journal for Kept {
    fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        let mut kept = self.0.lock().expect("nobody panics with it");
        let first = kept.len();
        for event in events {
            let (seq, prev) = (kept.len() as u64 + 1, kept.last().map(|last| last.hash.clone()));
            let record = Record::write(seq, 1, at, &prev.unwrap_or_default(), event).0;
            kept.push(record);
        }
        Ok(kept[first..].to_vec())
    }

    fn recover(&mut self) -> Result<Vec<Record>, JournalError> {
        Ok(self.records())
    }
}

/// One run, its drivers one after the other.
pub(super) struct Run {
    pub(super) clock: HandClock,
    text: String,
    kept: Kept,
    folder: TempDir,
    driver: Option<tokio::task::JoinHandle<Finish>>,
}

impl Run {
    /// Begins a run of these steps.
    pub(super) fn begin(steps: &str) -> Run {
        let folder = TempDir::new().expect("a temporary folder can be made");
        let (text, clock) = (steps.to_owned(), HandClock::new());
        let mut run = Run { clock, text, kept: Kept::default(), folder, driver: None };
        run.drive(vec![Event::RunStarted(run.start())]);
        run
    }

    fn start(&self) -> RunStarted {
        let cwd = self.folder.path().display().to_string();
        RunStarted { cwd, is_attended: false, ..sample_start() }
    }

    /// The driver is gone, as after a kill.
    pub(super) fn is_killed(&mut self) {
        self.driver.take().expect("it is driven").abort();
    }

    /// Another driver takes over.
    pub(super) fn resume(&mut self) {
        self.drive(vec![sample_resumed(false, BTreeMap::new())]);
    }

    fn drive(&mut self, first: Vec<Event>) {
        let before = self.plan();
        let mut plans = Plans::from(before.clone());
        let records = self.kept.records();
        let known = records.iter().map(|record| (record.at, &record.event));
        let state = RunState::replay(&mut plans, known).expect("these events were legal once");
        let plan = plans.current;
        let place = Place {
            mode: Mode::Live,
            cwd: self.folder.path().to_owned(),
            run: self.folder.path().to_owned(),
            output: self.folder.path().join("output"),
            program: env!("CARGO_BIN_EXE_holdpoint").into(),
            epoch: 1 + u64::try_from(records.len()).expect("there are few"),
            environment: None,
            operator: "ada".into(),
            is_attended: false,
            inbox: Inbox::beside(&self.folder.path().join("journal.jsonl")),
            clock: Arc::new(self.clock.clone()),
        };
        std::fs::create_dir_all(&place.output).expect("the folder can be written to");
        let runbook = Arc::clone(&plan.runbook);
        let world =
            Live::new(runbook, place, None, Arc::new(Secrets::default()), Decisions::default());
        let world = Arc::new(world.expect("the system has events"));
        let (journal, reporter) = (self.kept.clone(), Reporter::Silent);
        let origin: Origin = Arc::new(move || Some(before.clone().into()));
        let mut driver = Driver { plan, state, world, journal, reporter, origin, only_undo: None };
        self.driver = Some(tokio::spawn(async move {
            let (_orders, heard) = mpsc::unbounded_channel();
            driver.drive(first, heard).await.expect("nothing breaks off")
        }));
    }

    fn plan(&self) -> Plan {
        planned(&self.text).unwrap_or_else(|problem| panic!("{problem}"))
    }

    /// The events so far.
    pub(super) fn events(&self) -> Vec<Event> {
        self.kept.records().into_iter().map(|record| record.event).collect()
    }

    /// What was said of the clocks, in order.
    pub(super) fn of_clocks(&self) -> Vec<Event> {
        let is_it = |event: &Event| matches!(event, Event::ClockSet { .. } | Event::Slept { .. });
        self.events().into_iter().filter(is_it).collect()
    }

    /// Waits until so many events are as wanted.
    pub(super) async fn until(&self, what: &str, times: usize, is_it: impl Fn(&Event) -> bool) {
        let end = Instant::now() + PATIENCE;
        while self.events().iter().filter(|event| is_it(event)).count() < times {
            assert!(Instant::now() < end, "{what}: not so\n{:#?}", self.events());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // What is on record has begun only then.
        self.comes_to_rest().await;
    }

    /// Lets everything move that can, and says how many records there are then.
    pub(super) async fn comes_to_rest(&self) -> usize {
        for _ in 0..ROUNDS {
            tokio::task::yield_now().await;
        }
        self.events().len()
    }

    /// Waits for the end of the driver.
    pub(super) async fn finish(&mut self) -> Finish {
        self.driver.take().expect("it is driven").await.expect("it does not panic")
    }

    /// What happened, in words.
    pub(super) fn timeline(&self) -> Timeline {
        let records = self.kept.records();
        timeline::fold(&mut self.plan().into(), &records, &Ending::Whole, timeline::View::Raw)
            .expect("it is legal")
            .0
    }
}
