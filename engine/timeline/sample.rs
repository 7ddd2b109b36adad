//! Records for tests of what is made from records alone.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::journal::Record;
use crate::run::event::{Event, Mode, Moment, RunStarted};

/// A moment by its seconds.
pub(super) fn at(seconds: i64) -> Moment {
    Moment::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

/// How ann began a live run.
pub(super) fn start() -> RunStarted {
    RunStarted {
        run: "19700101-book-abc".into(),
        version: String::new(),
        runbook: "book".into(),
        title: String::new(),
        file: String::new(),
        digest: String::new(),
        beside: BTreeMap::new(),
        mode: Mode::Live,
        operator: "ann".into(),
        host: "vm".into(),
        cwd: String::new(),
        is_attended: false,
        on_failure: None,
        parallel: 1,
        detected_at: None,
        incident: None,
        observes: None,
        waived: BTreeMap::new(),
        environment: None,
        boot: None,
        durability: None,
    }
}

/// Events with their seconds, as records that are numbered from 1.
pub(super) fn records(events: Vec<(i64, Event)>) -> Vec<Record> {
    let numbered = (1..).zip(events);
    let record = |(seq, (seconds, event))| Record::write(seq, 1, at(seconds), "", event).0;
    numbered.map(record).collect()
}
