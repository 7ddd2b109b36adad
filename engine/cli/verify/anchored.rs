//! An anchor that was given, and whether the records hold to it.

use std::fmt::Write;
use std::fs::File;
use std::io::Read;

use crate::journal::{Anchor, Held};

use super::super::failure::Failure;
use super::Subject;

/// The most of a file that is read as an anchor.
const ANCHOR: u64 = 64 * 1024;

/// An anchor that was typed, or that stands in a file.
pub(super) fn anchor(given: &str) -> Result<Anchor, Failure> {
    if let Some(anchor) = Anchor::read(given) {
        return Ok(anchor);
    }
    let help = "an anchor is what `holdpoint verify --print-anchor` prints, or a file with that";
    let mut text = String::new();
    let read = File::open(given).and_then(|file| file.take(ANCHOR).read_to_string(&mut text));
    match read {
        Ok(_) => text
            .lines()
            .find_map(Anchor::read)
            .ok_or_else(|| Failure::usage(format!("no line of {given} is an anchor"), help)),
        Err(error) => {
            Err(Failure::usage(format!("`{given}` is no anchor, and no file: {error}"), help))
        }
    }
}

/// Holds the records against an anchor; the last record that it covers.
pub(super) fn held(
    subject: &Subject<'_>,
    anchor: &Anchor,
    text: &mut String,
) -> Result<Option<u64>, Failure> {
    let records = subject.records();
    let reason = match anchor.held(subject.run, records) {
        Held::UpTo(record) => {
            let after = match records.len() as u64 - record {
                0 => "nothing came after".to_owned(),
                1 => "1 record came after".to_owned(),
                count => format!("{count} records came after"),
            };
            let _ =
                writeln!(text, "the anchor holds: all is as it was up to record {record}; {after}");
            if anchor.missing() > 0 {
                let _ = writeln!(
                    text,
                    "only {} of the 64 digits of its hash were there to compare",
                    64 - anchor.missing()
                );
            }
            return Ok(Some(record));
        }
        Held::Other(run) => {
            let message = format!("the anchor is of the run {run}");
            return Err(Failure::usage(message, format!("this is {}", subject.run)));
        }
        Held::CutOff { expected, found } => {
            format!(
                "the anchor was made of {expected} records, and there are {found}: records were cut off"
            )
        }
        Held::Differs(record) => {
            format!("record {record} is not the one of the anchor: the chain was made anew")
        }
        Held::Unknown => {
            "no record has the hash of the anchor: the chain was made anew, or cut off".to_owned()
        }
    };
    let _ = writeln!(text, "the anchor does not hold");
    Err(subject.journal(reason))
}
