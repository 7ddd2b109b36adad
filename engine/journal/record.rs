//! One record: an event with its place in the chain.

use crate::run::{Event, Moment, digest};
use chrono::SecondsFormat;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the format that is written.
pub const VERSION: u32 = 1;

/// What the first record has for the hash before it.
pub const FIRST_PREV: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// An event and its place in the chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its number, from 1 without a gap.
    pub seq: u64,
    /// Which driver wrote it; each driver that takes over has the next number.
    pub epoch: u64,
    /// When it was written. Order comes from `seq`, never from here.
    pub at: Moment,
    /// The hash of the record before it.
    pub prev: String,
    /// What happened.
    pub event: Event,
    /// The SHA-256 of the line's bytes before `,"hash"`, in hex.
    pub hash: String,
}

/// The fields of a line, in their order.
#[derive(Serialize)]
struct Head<'a> {
    v: u32,
    seq: u64,
    epoch: u64,
    at: String,
    prev: &'a str,
    event: &'a Event,
}

/// One line of a journal: an event with its place in the chain.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The version of the format.
    #[schemars(extend("const" = VERSION))]
    v: u32,
    /// The number of the record, from 1 without a gap.
    #[schemars(range(min = 1))]
    seq: u64,
    /// Which driver wrote it; each that takes over has the next number.
    #[schemars(range(min = 1))]
    epoch: u64,
    /// When it was written, in UTC. Order comes from `seq`, never from here.
    at: Moment,
    /// The hash of the record before it; 64 zeros in the first.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    prev: String,
    /// What happened.
    event: Event,
    /// The SHA-256, in hex, of the bytes of the line before `,"hash"`.
    #[schemars(regex(pattern = "^[0-9a-f]{64}$"))]
    hash: String,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Why a line is no record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unreadable {
    /// A later version of Holdpoint wrote it.
    Newer(u32),
    /// It is damaged, in words.
    Damaged(String),
}

impl Record {
    /// The next record of a chain, and its line with the newline.
    pub fn write(seq: u64, epoch: u64, at: Moment, prev: &str, event: Event) -> (Record, String) {
        let written = at.to_rfc3339_opts(SecondsFormat::Micros, true);
        let head = Head { v: VERSION, seq, epoch, at: written, prev, event: &event };
        let mut line = serde_json::to_string(&head).expect("an event has only string keys");
        line.pop();
        let hash = digest(line.as_bytes());
        line.push_str(&format!(",\"hash\":\"{hash}\"}}\n"));
        (Record { seq, epoch, at, prev: prev.to_owned(), event, hash }, line)
    }

    /// The line of this record, with the newline.
    pub fn line(&self) -> String {
        let Record { seq, epoch, at, prev, event, .. } = self;
        Record::write(*seq, *epoch, *at, prev, event.clone()).1
    }

    /// Reads a line without its newline, and checks its own hash.
    pub fn read(line: &str) -> Result<Record, Unreadable> {
        let damaged = |reason: &str| Unreadable::Damaged(reason.to_owned());
        if let Ok(Version { v }) = serde_json::from_str(line)
            && v > VERSION
        {
            return Err(Unreadable::Newer(v));
        }
        let (head, _) = line.rsplit_once(",\"hash\":").ok_or_else(|| damaged("it has no hash"))?;
        let found: Line = serde_json::from_str(line)
            .map_err(|error| Unreadable::Damaged(format!("it is no record: {error}")))?;
        if found.v != VERSION {
            return Err(damaged("its version is unknown"));
        }
        if found.hash != digest(head.as_bytes()) {
            return Err(damaged("its hash does not fit"));
        }
        let Line { seq, epoch, at, prev, event, hash, .. } = found;
        Ok(Record { seq, epoch, at, prev, event, hash })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event::StepSucceeded { step: "a/b".into() }
    }

    fn at() -> Moment {
        "2026-01-31T03:00:00.5Z".parse().unwrap()
    }

    #[test]
    fn a_line_has_its_keys_in_order_and_no_spaces() {
        let (record, line) = Record::write(1, 1, at(), FIRST_PREV, event());
        let expected = format!(
            "{{\"v\":1,\"seq\":1,\"epoch\":1,\"at\":\"2026-01-31T03:00:00.500000Z\",\
             \"prev\":\"{FIRST_PREV}\",\"event\":{{\"type\":\"step_succeeded\",\"step\":\"a/b\"}},\
             \"hash\":\"{}\"}}\n",
            record.hash
        );
        assert_eq!(line, expected);
        assert_eq!(Record::read(line.trim_end()), Ok(record));
    }

    #[test]
    fn a_changed_line_does_not_fit_its_hash() {
        let (_, line) = Record::write(1, 1, at(), FIRST_PREV, event());
        let changed = line.replace("a/b", "a/c");
        assert_eq!(
            Record::read(changed.trim_end()),
            Err(Unreadable::Damaged("its hash does not fit".into()))
        );
    }

    #[test]
    fn a_later_version_is_told_from_damage() {
        let (_, line) = Record::write(1, 1, at(), FIRST_PREV, event());
        let later = line.replace("\"v\":1", "\"v\":2");
        assert_eq!(Record::read(later.trim_end()), Err(Unreadable::Newer(2)));
    }
}
