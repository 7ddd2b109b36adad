//! The two ends of a journal: its first and its last record, without what stands between them.
//!
//! A store may hold the runs of years. Whoever lists them need not recompute every chain: the first
//! record says what began, and the last one may say that it has ended. Each of the two is checked by
//! its own hash; that they belong to one whole chain is not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::open;
use super::record::Record;

/// How much of each end is read; longer records are for whoever reads the whole journal.
const MOST: u64 = 64 << 10;

/// The first and the last record of a journal, which may be one. None where that cannot be told
/// from the ends alone: a line is torn, too long, or no record.
pub fn ends(path: &Path) -> io::Result<Option<(Record, Record)>> {
    let mut file = open::to_read(path)?;
    let Some(first) = first(&mut file)? else { return Ok(None) };
    let last = last(&mut file)?;
    Ok(last.filter(|last| last.seq >= first.seq).map(|last| (first, last)))
}

fn first(file: &mut File) -> io::Result<Option<Record>> {
    let mut line = Vec::new();
    BufReader::new(file.take(MOST)).read_until(b'\n', &mut line)?;
    Ok(record(&line).filter(|record| record.seq == 1))
}

fn last(file: &mut File) -> io::Result<Option<Record>> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(MOST)))?;
    let mut tail = Vec::new();
    file.take(MOST).read_to_end(&mut tail)?;
    let Some(inner) = tail.strip_suffix(b"\n") else { return Ok(None) };
    let start = inner.iter().rposition(|byte| *byte == b'\n').map(|at| at + 1);
    let is_whole = start.is_some() || length <= MOST;
    Ok(tail.get(start.unwrap_or_default()..).filter(|_| is_whole).and_then(record))
}

/// A line with its line break as a record.
fn record(line: &[u8]) -> Option<Record> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    Record::read(line).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::record::FIRST_PREV;
    use super::*;
    use crate::run::Event;

    /// The lines of a journal that tells of so many steps.
    fn lines(steps: &[&str]) -> Vec<String> {
        let mut prev = FIRST_PREV.to_owned();
        let at = "2026-01-31T03:00:00.5Z".parse().unwrap();
        let mut line = |(seq, step): (u64, &&str)| {
            let event = Event::StepSucceeded { step: (*step).to_owned() };
            let (record, line) = Record::write(seq, 1, at, &prev, event);
            prev = record.hash;
            line
        };
        (1..).zip(steps).map(&mut line).collect()
    }

    /// The numbers of the two ends of a journal with this text.
    fn told(text: &str) -> Option<(u64, u64)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, text).unwrap();
        ends(&path).unwrap().map(|(first, last)| (first.seq, last.seq))
    }

    #[test]
    fn the_first_and_the_last_record_are_read_whatever_stands_between() {
        let lines = lines(&["a", "b", "c"]);
        assert_eq!(told(&lines.concat()), Some((1, 3)));
        assert_eq!(told(&lines[0]), Some((1, 1)));
        let broken = format!("{}rubbish\n{}", lines[0], lines[2]);
        assert_eq!(told(&broken), Some((1, 3)), "it is the chain that finds that out");
    }

    #[test]
    fn nothing_is_told_from_an_end_that_is_no_record() {
        let lines = lines(&["a", "b"]);
        assert_eq!(told(""), None);
        assert_eq!(told(&lines.concat()[..lines.concat().len() - 1]), None, "torn");
        assert_eq!(told(&format!("{}rubbish\n", lines[0])), None);
        assert_eq!(told(&lines[1]), None, "it does not begin with the first");
        assert_eq!(told(&lines.concat().replace("\"b\"", "\"x\"")), None, "its hash does not fit");
    }

    #[test]
    fn a_record_that_is_longer_than_what_is_read_is_left_to_others() {
        let long = "x".repeat(MOST as usize);
        assert_eq!(told(&lines(&["a", &long]).concat()), None);
        assert_eq!(told(&lines(&[&long, "a"]).concat()), None);
        assert_eq!(told(&lines(&["a", &long, "b"]).concat()), Some((1, 3)));
    }
}
