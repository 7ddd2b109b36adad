//! A run's journal as a test reads it: the records that are whole, in order.
//!
//! It may be read while a run writes it, so a last line without its line break is left out.

use std::fmt;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// The whole records of one journal.
#[derive(Default)]
pub(crate) struct Journal {
    records: Vec<Value>,
}

impl Journal {
    /// The records of a journal file; a file that is not there yet has none.
    #[track_caller]
    pub(crate) fn read(path: &Path) -> Journal {
        let text = fs::read_to_string(path).unwrap_or_default();
        let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let record = |line: &str| {
            serde_json::from_str(line).unwrap_or_else(|e| panic!("{}: {e}: {line}", path.display()))
        };
        Journal { records: whole.map(record).collect() }
    }

    /// The records, each with `seq`, `at`, `event` and the rest.
    pub(crate) fn records(&self) -> &[Value] {
        &self.records
    }

    /// The events of one kind, in order.
    pub(crate) fn events(&self, kind: &str) -> Vec<&Value> {
        let events = self.records.iter().map(|record| &record["event"]);
        events.filter(|event| event["type"] == kind).collect()
    }

    /// The events of one kind about a step, which is named by its path or by the end of it.
    pub(crate) fn about(&self, kind: &str, step: &str) -> Vec<&Value> {
        let is_it = |path: &str| path == step || path.ends_with(&format!("/{step}"));
        let mut events = self.events(kind);
        events.retain(|event| event["step"].as_str().is_some_and(is_it));
        events
    }

    /// How often a kind of event happened to a step.
    pub(crate) fn count(&self, kind: &str, step: &str) -> usize {
        self.about(kind, step).len()
    }

    /// The paths of the steps to which a kind of event happened, in order.
    pub(crate) fn steps(&self, kind: &str) -> Vec<&str> {
        self.events(kind).iter().filter_map(|event| event["step"].as_str()).collect()
    }
}

/// One line an event: what it is and about which step.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for record in &self.records {
            let event = &record["event"];
            let kind = event["type"].as_str().unwrap_or("(no type)");
            let step = event["step"].as_str().unwrap_or_default();
            writeln!(f, "{} {kind} {step}", record["seq"])?;
        }
        Ok(())
    }
}
