//! An anchor: what is kept of a journal somewhere else, so that nobody can make the chain anew or
//! cut records off its end unseen.
//!
//! It is one word, `RUN:RECORDS:HASH`: so many records the journal had, and the last of them had
//! that hash, which holds all before it.

use std::fmt;

use super::record::Record;

/// The digits of a hash.
const DIGITS: usize = 64;

/// The fewest digits of a hash that are taken for it: as many as a run shows at its end.
const FEWEST: usize = 12;

/// What was written down of a journal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Anchor {
    /// The run and how many records it had; a hash alone tells neither.
    place: Option<(String, u64)>,
    /// The hash of the last record, or its first digits.
    hash: String,
}

/// Whether a journal still begins with what an anchor was made of.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Held {
    /// It does, up to a record.
    UpTo(u64),
    /// It is the anchor of another run.
    Other(String),
    /// It has fewer records.
    CutOff {
        /// How many there were.
        expected: u64,
        /// How many there are.
        found: u64,
    },
    /// The record with that number is another.
    Differs(u64),
    /// No record has that hash.
    Unknown,
}

impl Anchor {
    /// The anchor of a journal, unless it has no record.
    pub fn of(run: &str, records: &[Record]) -> Option<Anchor> {
        let last = records.last()?;
        Some(Anchor { place: Some((run.to_owned(), last.seq)), hash: last.hash.clone() })
    }

    /// Reads an anchor, or a hash alone, or at least the first digits of one.
    pub fn read(text: &str) -> Option<Anchor> {
        let text = text.trim();
        let Some((place, hash)) = text.rsplit_once(':') else {
            let is_long = text.len() >= FEWEST;
            return (is_long && is_hash(text)).then(|| Anchor { place: None, hash: text.into() });
        };
        let (run, records) = place.split_once(':')?;
        let is_run = !run.is_empty() && run.bytes().all(|b| b.is_ascii_graphic() && b != b':');
        let records = records.parse().ok().filter(|records| *records > 0)?;
        let place = Some((run.to_owned(), records));
        (is_run && hash.len() == DIGITS && is_hash(hash))
            .then(|| Anchor { place, hash: hash.into() })
    }

    /// How many digits of the hash are missing in it.
    pub fn missing(&self) -> usize {
        DIGITS.saturating_sub(self.hash.len())
    }

    /// Holds a journal, whose chain is whole, against it.
    pub fn held(&self, run: &str, records: &[Record]) -> Held {
        let Some((expected_run, expected)) = &self.place else {
            let found = records.iter().find(|record| record.hash.starts_with(&self.hash));
            return found.map_or(Held::Unknown, |record| Held::UpTo(record.seq));
        };
        if expected_run != run {
            return Held::Other(expected_run.clone());
        }
        let found = records.last().map_or(0, |record| record.seq);
        match records.iter().find(|record| record.seq == *expected) {
            Some(record) if record.hash == self.hash => Held::UpTo(record.seq),
            Some(record) => Held::Differs(record.seq),
            None => Held::CutOff { expected: *expected, found },
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((run, records)) => write!(f, "{run}:{records}:{}", self.hash),
            None => f.write_str(&self.hash),
        }
    }
}

fn is_hash(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() <= DIGITS && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::super::record::FIRST_PREV;
    use super::*;
    use crate::run::Event;

    const RUN: &str = "20260131-book-k7f";

    /// So many records, one after the other, about a step.
    fn chain(count: u64, step: &str) -> Vec<Record> {
        let at = "2026-01-31T03:00:00Z".parse().expect("a moment");
        let mut prev = FIRST_PREV.to_owned();
        let record = |seq| {
            let event = Event::StepSucceeded { step: format!("{step}-{seq}") };
            let (record, _) = Record::write(seq, 1, at, &prev, event);
            prev = record.hash.clone();
            record
        };
        (1..=count).map(record).collect()
    }

    #[test]
    fn an_anchor_is_one_word_that_is_read_as_it_was_written() {
        let anchor = Anchor::of(RUN, &chain(3, "a")).expect("there are records");
        let text = anchor.to_string();
        assert!(text.starts_with("20260131-book-k7f:3:") && !text.contains(' '), "{text}");
        assert_eq!(Anchor::read(&format!(" {text}\n")), Some(anchor));
        assert_eq!(Anchor::of(RUN, &[]), None);
    }

    #[test]
    fn what_is_no_anchor_is_not_taken_for_one() {
        let hash = "ab".repeat(32);
        for text in [
            "",
            ":",
            "::",
            "abcdef",
            "ABCDEFABCDEF",
            &format!("{hash}0"),
            &format!("{RUN}:0:{hash}"),
            &format!("{RUN}:-1:{hash}"),
            &format!("{RUN}:3:{}", &hash[1..]),
            &format!(":3:{hash}"),
            &format!("a run:3:{hash}"),
            &format!("3:{hash}"),
        ] {
            assert_eq!(Anchor::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_journal_that_has_grown_holds_and_one_that_was_cut_or_made_anew_does_not() {
        let records = chain(5, "a");
        let anchor = Anchor::of(RUN, &records[..3]).expect("there are records");
        assert_eq!(anchor.held(RUN, &records[..3]), Held::UpTo(3));
        assert_eq!(anchor.held(RUN, &records), Held::UpTo(3));
        assert_eq!(anchor.held(RUN, &records[..2]), Held::CutOff { expected: 3, found: 2 });
        assert_eq!(anchor.held(RUN, &[]), Held::CutOff { expected: 3, found: 0 });
        assert_eq!(anchor.held(RUN, &chain(5, "b")), Held::Differs(3));
        assert_eq!(anchor.held("another", &records), Held::Other(RUN.to_owned()));
    }

    #[test]
    fn a_hash_alone_and_its_first_digits_are_looked_for_in_all_records() {
        let records = chain(5, "a");
        for digits in [12, 63, 64] {
            let anchor = Anchor::read(&records[1].hash[..digits]).expect("enough digits");
            assert_eq!(
                (anchor.held(RUN, &records), anchor.missing()),
                (Held::UpTo(2), 64 - digits)
            );
        }
        let other = Anchor::read(&"0".repeat(64)).expect("a hash");
        assert_eq!(other.held(RUN, &records), Held::Unknown);
    }
}
