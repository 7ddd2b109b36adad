//! The real driver and the real writer on a storage that fails at each of its operations in turn.
//!
//! Whatever fails, nothing begins after it; what was observed is on record, or was told; and a
//! healthy driver goes on to the same end, with every action done once.

mod books;
mod storage;
mod world;

use std::collections::BTreeMap;
use std::env;
use std::path::Path;
use std::sync::{Arc, Mutex};

use holdpoint::drive::{DriveError, Driver, Finish, Origin};
use holdpoint::journal::{Durability, Ending, Storage, Writer, read};
use holdpoint::plan::Plan;
use holdpoint::report::Reporter;
use holdpoint::run::event::Resumed;
use holdpoint::run::{Event, Plans, RunState};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::harness::machine::{Script, planned, sample_start};
use books::{BOOKS, EACH_TIME};
use storage::{Fault, Faults, Faulty};
use world::{Counting, Happened, locked};

/// A folder in memory where there is one: thousands of syncs are no part of what is tested.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.expect("a folder can be made")
}

/// One runbook, and what happens in its world.
struct Scenario {
    book: &'static str,
    plan: Plan,
    script: Script,
    /// What is done where nothing fails.
    acts: Vec<String>,
}

impl Scenario {
    fn of((book, failing): &(&'static str, &[&str])) -> Scenario {
        let plan = planned(book).unwrap_or_else(|problem| panic!("{problem}"));
        let mut script = Script::default();
        failing.iter().for_each(|step| script.fails(step));
        let mut scenario = Scenario { book, plan, script, acts: Vec::new() };
        scenario.acts = scenario.acts_of_a_healthy_run();
        scenario
    }

    fn started() -> Event {
        Event::RunStarted(sample_start())
    }

    fn resumed() -> Event {
        Event::Resumed(Resumed {
            operator: "ada".into(),
            host: "here".into(),
            is_attended: true,
            waived: BTreeMap::new(),
            boot: None,
            durability: None,
        })
    }

    /// Drives the run on with a journal, until the driver leaves it; and whether an operation had
    /// failed by then.
    fn drive(
        &self,
        journal: Writer,
        first: Event,
        (path, durability): (&Path, Durability),
        happened: &Arc<Mutex<Happened>>,
        faults: &Faults,
    ) -> (Result<Finish, DriveError>, bool) {
        let mut plans = Plans::from(self.plan.clone());
        let before = read(path).expect("it can be read").records;
        let before = before.iter().map(|record| (record.at, &record.event));
        let state = RunState::replay(&mut plans, before).expect("it happened");
        let (plan, origin) = (plans.current, self.plan.clone());
        let origin: Origin = Arc::new(move || Some(origin.clone().into()));
        let world = Counting::new(self.script.clone(), &plan, happened, (path, durability), faults);
        let world = Arc::new(world);
        let (reporter, world_of) = (Reporter::Silent, Arc::clone(&world));
        let mut driver =
            Driver { plan, state, world: world_of, journal, reporter, origin, only_undo: None };
        let (_nobody, stops) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let driven =
            runtime.expect("a runtime can be made").block_on(driver.drive(vec![first], stops));
        assert_eq!(*locked(&world.complaints), Vec::<String>::new(), "{}", self.book);
        (driven, faults.has_failed())
    }

    /// Drives it while the operation after so many fails; whether that operation came at all.
    fn survives(&self, fault: Fault, operations: usize, durability: Durability) -> bool {
        let place =
            format!("{fault:?} after {operations} operations, {durability:?}: {}", self.book);
        let folder = folder();
        let path = folder.path().join("journal.jsonl");
        let faults = Faults::after(operations, fault);
        let happened = Arc::new(Mutex::new(Happened::default()));
        let storage: Box<dyn Storage> = Box::new(Faulty::at(&path, &faults));
        let Ok(journal) = Writer::create_on(storage, durability) else {
            assert!(faults.has_failed(), "{place}");
            return true;
        };
        let started = Scenario::started();
        let (driven, has_failed) =
            self.drive(journal, started, (&path, durability), &happened, &faults);
        let reading = read(&path).expect("it can be read");
        match &driven {
            Ok(Finish::Ended) => assert!(!has_failed || fault.is_harmless(), "{place}"),
            Ok(Finish::Paused) => {
                assert_eq!(reading.ending, Ending::Whole, "{place}");
                let last = reading.records.last().map(|record| &record.event);
                assert!(matches!(last, Some(Event::Paused { .. })), "{place}: {last:?}");
                self.assert_nothing_open(
                    &reading.records.iter().map(|it| &it.event).collect::<Vec<_>>(),
                    &place,
                );
            }
            Err(DriveError::Unrecorded { .. }) => assert!(faults.has_failed(), "{place}"),
            other => panic!("{place}: {other:?}"),
        }
        if !matches!(driven, Ok(Finish::Ended)) {
            self.assert_goes_on(&path, &happened, &place);
        }
        let mut acts = locked(&happened).acts.clone();
        acts.sort();
        assert_eq!(acts, self.acts, "{place}");
        faults.has_failed()
    }

    /// A pause leaves no action behind whose end is not on record.
    fn assert_nothing_open(&self, events: &[&Event], place: &str) {
        let started = events.iter().filter(|event| matches!(event, Event::StepStarted { .. }));
        let ended = events.iter().filter(|event| matches!(event, Event::StepEnded(_)));
        assert_eq!(started.count(), ended.count(), "{place}");
    }

    /// A driver on a healthy disk brings the run to its end.
    fn assert_goes_on(&self, path: &Path, happened: &Arc<Mutex<Happened>>, place: &str) {
        let none = Faults::after(usize::MAX, Fault::Eio);
        let records = read(path).expect("it can be read").records;
        let first = match records.last().map(|record| &record.event) {
            // It was written and not acknowledged; all the same it is there.
            Some(Event::RunEnded { .. }) => return,
            Some(_) => Scenario::resumed(),
            None => Scenario::started(),
        };
        let journal = Writer::resume_on(Box::new(Faulty::at(path, &none)), Durability::Power);
        let journal = journal.unwrap_or_else(|error| panic!("{place}: {error}"));
        let (driven, _) = self.drive(journal, first, (path, Durability::Power), happened, &none);
        assert!(matches!(driven, Ok(Finish::Ended)), "{place}: {driven:?}");
        assert_eq!(read(path).expect("it can be read").ending, Ending::Whole, "{place}");
    }

    fn acts_of_a_healthy_run(&self) -> Vec<String> {
        let folder = folder();
        let path = folder.path().join("journal.jsonl");
        let happened = Arc::new(Mutex::new(Happened::default()));
        let journal = Writer::create(&path, Durability::Process).expect("it can be made");
        let none = Faults::after(usize::MAX, Fault::Eio);
        let (driven, _) = self.drive(
            journal,
            Scenario::started(),
            (&path, Durability::Process),
            &happened,
            &none,
        );
        assert!(matches!(driven, Ok(Finish::Ended)), "{}: {driven:?}", self.book);
        let mut acts = locked(&happened).acts.clone();
        acts.sort();
        acts
    }
}

#[test]
fn p2_p3_p10_p11_whatever_operation_of_the_storage_fails_nothing_begins_after_it_and_the_run_goes_on()
 {
    let count = if env::var_os("HOLDPOINT_ROUNDS").is_some() { BOOKS.len() } else { EACH_TIME };
    let mut failures = 0;
    for book in &BOOKS[..count] {
        let scenario = Scenario::of(book);
        for durability in [Durability::Power, Durability::Process] {
            for fault in Fault::ALL {
                // Only what is synced survives that, which is what the other level is for.
                if fault == Fault::Lost && durability == Durability::Process {
                    continue;
                }
                failures += (0..)
                    .take_while(|operations| scenario.survives(fault, *operations, durability))
                    .count();
            }
        }
    }
    assert!(failures > 100 * count, "only {failures} operations failed");
}
