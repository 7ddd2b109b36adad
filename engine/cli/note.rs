//! `holdpoint note`: an entry on the timeline of a run.

use chrono::{TimeDelta, Utc};

use crate::journal::{Record, Store};
use crate::run::event::{self, Event, Moment, NoteKind, Wish};
use crate::timeline::Corrections;

use super::args;
use super::deliver::{letter, send};
use super::failure::{Exit, Failure};
use super::{find, session};

/// Puts an entry on the timeline, whether the run is driven, waits, or has ended.
pub fn note(store: &Store, args: args::Note) -> Result<Exit, Failure> {
    let (found, text) = find::with_word(&args.words, |run| match run {
        Some(_) => find::newest(store, run),
        // After the end of the last one, a note belongs to that.
        None => find::chosen(store, None).or_else(|_| find::newest(store, None)),
    })?;
    if text.trim().is_empty() {
        return Err(Failure::usage("an empty note says nothing", "say what happened"));
    }
    // Clocks of two machines differ a little.
    if args.at.is_some_and(|at| at > Utc::now() + TimeDelta::minutes(1)) {
        let help = "say when it happened; without --at it is now";
        return Err(Failure::usage("that moment has not come yet", help));
    }
    let old = match args.corrects {
        Some(seq) => Some(corrected(&found.reading.records, seq)?),
        None => None,
    };
    let by = session::operator(args.by);
    let said = args.milestone.map(args::Reached::milestone);
    let note = event::Note {
        kind: args.kind.map(NoteKind::from).or(old.map(|(_, old)| old.kind)).unwrap_or_default(),
        about: args.at.or(old.map(|(at, _)| at)),
        milestone: said.unwrap_or(old.and_then(|(_, old)| old.milestone)),
        corrects: args.corrects,
        ..event::Note::new(&by, NoteKind::Note, text)
    };
    send(&found, &letter(Some(by), Wish::Note(note)), "noted")
}

/// The note that is to be corrected with the moment that it tells of, or why it cannot be.
fn corrected(records: &[Record], seq: u64) -> Result<(Moment, &event::Note), Failure> {
    let wrong = |what: String, help: &str| Err(Failure::usage(what, help));
    let by_number = "the number of a note stands at the end of its row in `holdpoint timeline`";
    let Some(record) = records.iter().find(|record| record.seq == seq) else {
        return wrong(format!("the run has no entry {seq}"), by_number);
    };
    let Event::NoteAdded(note) = &record.event else {
        let what = format!("entry {seq} is no note: what was recorded as it happened stays");
        return wrong(what, "add a note that says what is wrong with it");
    };
    match Corrections::of(records).of_record(seq) {
        Some(by) => wrong(format!("entry {seq} was corrected by entry {by}"), "correct that one"),
        None => Ok((note.about.unwrap_or(record.at), note)),
    }
}
