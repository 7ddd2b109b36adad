//! `holdpoint note`: an entry on the timeline of a run.

use crate::journal::Store;
use crate::run::event::{self, Wish};

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
    let by = session::operator(args.by);
    let (kind, about) = (args.kind.into(), args.at);
    let note = event::Note { about, ..event::Note::new(&by, kind, text) };
    send(&found, &letter(Some(by), Wish::Note(note)), "noted")
}
