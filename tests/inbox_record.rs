//! The real driver with a journal that fails when it should keep what a letter says: the letter
//! stays in the inbox until its record is there.

use std::sync::{Arc, Mutex};

use holdpoint::drive::{DriveError, Driver, Finish, Journal, Order, Origin, Tell, World};
use holdpoint::journal::{Inbox, JournalError, Record};
use holdpoint::report::Reporter;
use holdpoint::run::event::{
    Boot, Event, Letter, Moment, Note, NoteKind, Reading, Sender, StopLevel, Wish,
};
use holdpoint::run::{Effect, RunState};
use tokio::sync::mpsc;

use crate::harness::machine::{planned, sample_start};

/// A world in which nothing is ever answered; it takes out letters as the real one does.
struct Silent {
    inbox: Inbox,
}

fn now() -> Moment {
    "2026-11-21T03:00:00Z".parse().expect("this is a moment")
}

impl World for Silent {
    async fn perform(self: Arc<Self>, _effect: Effect, _tell: Tell) {}

    fn read_clock(&self) -> Reading {
        Reading { wall: now(), boot: Boot { id: "boot".into(), up_ms: 1_000, asleep_ms: 0 } }
    }

    fn kept(&self, record: &Record) {
        if let Event::LetterTaken(taken) = &record.event {
            self.inbox.remove(&taken.letter);
        }
    }

    fn discard(&self, letter: &str) {
        self.inbox.remove(letter);
    }

    fn stop(&self, _level: StopLevel) {}
}

/// A journal that looks into the inbox before each write, and may fail at that of a letter.
#[derive(Clone)]
struct Watching {
    inbox: Inbox,
    records: Arc<Mutex<Vec<Record>>>,
    is_full: bool,
}

impl Journal for Watching {
    fn append(&mut self, at: Moment, events: Vec<Event>) -> Result<Vec<Record>, JournalError> {
        if events.iter().any(|event| matches!(event, Event::LetterTaken(_))) {
            assert_eq!(self.inbox.waiting().0.len(), 1, "it went before its record was kept");
            if self.is_full {
                return Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into());
            }
        }
        let mut kept = self.records.lock().expect("nobody panics with it");
        let first = kept.len();
        for event in events {
            let (seq, prev) = (kept.len() as u64 + 1, kept.last().map(|last| last.hash.clone()));
            kept.push(Record::write(seq, 1, at, &prev.unwrap_or_default(), event).0);
        }
        Ok(kept[first..].to_vec())
    }

    fn recover(&mut self) -> Result<Vec<Record>, JournalError> {
        Err(std::io::Error::from(std::io::ErrorKind::StorageFull).into())
    }
}

fn letter() -> Letter {
    let note = Note::new("grace", NoteKind::Note, "the disk is full");
    let sender = Sender { user: "grace".into(), host: "there".into() };
    let (id, by) = ("1".into(), "grace".into());
    Letter { v: 1, id, sent_at: now(), by, sender, wish: Wish::Note(note) }
}

/// Drives a run that waits at a gate, with a letter in its inbox that is told of so often.
async fn drive(is_full: bool, times: usize) -> (Result<Finish, DriveError>, Inbox, Vec<Record>) {
    let folder = tempfile::tempdir().expect("there is room");
    let inbox = Inbox::beside(&folder.path().join("journal.jsonl"));
    inbox.put(&letter()).expect("it can be put in");
    let plan = planned("steps: [{id: a, gate: true, run: a}]").expect("it can be planned");
    let before = plan.clone();
    let origin: Origin = Arc::new(move || Some(before.clone().into()));
    let records = Arc::new(Mutex::new(Vec::new()));
    let journal = Watching { inbox: inbox.clone(), records: Arc::clone(&records), is_full };
    let world = Arc::new(Silent { inbox: inbox.clone() });
    let (state, reporter) = (RunState::new(&plan), Reporter::Silent);
    let mut driver = Driver { plan, state, world, journal, reporter, origin, only_undo: None };
    let (orders, heard) = mpsc::unbounded_channel();
    for _ in 0..times {
        orders.send(Order::Take(Box::new(letter()))).expect("somebody listens");
    }
    let finish = driver.drive(vec![Event::RunStarted(sample_start())], heard).await;
    let waiting = inbox.waiting().0.len();
    let kept = records.lock().expect("nobody panics with it").clone();
    let taken = kept.iter().filter(|it| matches!(it.event, Event::LetterTaken(_))).count();
    assert_eq!(waiting, usize::from(is_full), "{finish:?}");
    assert_eq!(taken, usize::from(!is_full), "{finish:?}");
    (finish, inbox, kept)
}

#[tokio::test]
async fn a_letter_stays_while_its_record_cannot_be_written() {
    let (finish, _, kept) = drive(true, 1).await;
    let Err(DriveError::Unrecorded { .. }) = finish else { panic!("{finish:?}") };
    assert!(kept.iter().all(|record| !matches!(record.event, Event::NoteAdded(_))));
}

#[tokio::test]
async fn a_letter_goes_once_its_record_is_kept_and_counts_once() {
    for times in 1..=3 {
        let (finish, _, kept) = drive(false, times).await;
        assert_eq!(finish.expect("nothing breaks off"), Finish::Parked);
        let notes = kept.iter().filter(|record| matches!(record.event, Event::NoteAdded(_)));
        assert_eq!(notes.count(), 1);
    }
}
