//! Any bytes are read as a journal up to the first thing that does not fit, and the chain of what
//! was taken is whole.
//!
//! A line of the input that is an event is put into the chain first, so that readers of events and
//! not only the digest of a line are tried.

use holdpoint::journal::{self, Ending, FIRST_PREV, Reading, Record};
use holdpoint::run::{Event, Moment, digest};

pub(crate) fn play(bytes: &[u8]) {
    let bytes = chained(bytes);
    let reading = read(&bytes);
    let good = usize::try_from(reading.good_bytes).expect("it is in memory");
    assert_whole(&bytes[..good], &reading.records);
    assert_ending(&bytes[good..], &reading);
    let again = read(&bytes[..good]);
    assert_eq!((again.records, again.ending), (reading.records, Ending::Whole));
}

fn read(bytes: &[u8]) -> Reading {
    journal::read_from(&mut &*bytes).expect("memory can be read")
}

/// The input with its events in a chain; what is no event stays as it is.
fn chained(bytes: &[u8]) -> Vec<u8> {
    let at = Moment::from_timestamp(1_700_000_000, 0).expect("within the range of time");
    let mut whole = Vec::new();
    let (mut seq, mut prev) = (1, FIRST_PREV.to_owned());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match serde_json::from_slice::<Event>(line) {
            Ok(event) => {
                let (record, line) = Record::write(seq, 1, at, &prev, event);
                (seq, prev) = (seq + 1, record.hash);
                whole.extend(line.into_bytes());
            }
            Err(_) => whole.extend(line),
        }
    }
    whole
}

/// Each record has its number, follows the one before, and has the digest of its own line.
fn assert_whole(good: &[u8], records: &[Record]) {
    let lines: Vec<&[u8]> = good.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), records.len());
    let (mut prev, mut epoch) = (FIRST_PREV, 1);
    for ((number, record), line) in (1..).zip(records).zip(lines) {
        assert_eq!((record.seq, record.prev.as_str()), (number, prev));
        assert!(record.epoch >= epoch, "an earlier driver came back");
        let line = std::str::from_utf8(line).expect("a record is text");
        let (head, _) = line.rsplit_once(",\"hash\":").expect("a record has a hash");
        assert_eq!(record.hash, digest(head.as_bytes()));
        let (written, own) =
            Record::write(number, record.epoch, record.at, prev, record.event.clone());
        let read = Record::read(own.trim_end()).expect("what is written can be read");
        assert_eq!(read, written);
        assert_eq!(read.event, record.event);
        (prev, epoch) = (&record.hash, record.epoch);
    }
}

/// What is said about the rest is so.
fn assert_ending(rest: &[u8], reading: &Reading) {
    match &reading.ending {
        Ending::Whole => assert_eq!(rest, b""),
        Ending::Torn { bytes } => {
            assert_eq!(rest.len() as u64, *bytes);
            assert!(!rest.is_empty() && !rest.contains(&b'\n'), "a whole line is no torn one");
        }
        Ending::Damaged { line, reason } => {
            assert_eq!(*line, reading.records.len() as u64 + 1);
            assert!(!reason.is_empty() && rest.contains(&b'\n'));
        }
        Ending::Newer { version } => assert!(*version > journal::VERSION),
    }
}
