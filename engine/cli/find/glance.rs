//! A run at a glance: what began and whether it has ended, from the ends of its journal where they
//! say it, else from the whole of it.

use crate::journal::{Folder, Store, ends};
use crate::run::Moment;
use crate::run::event::{Event, Outcome, RunStarted};
use crate::timeline;

use super::Found;
use crate::cli::failure::Failure;
use crate::cli::runs;

/// A run as far as a list needs it.
pub enum Glance {
    /// It has ended; nothing more of it was read.
    Ended(Box<Ended>),
    /// Its whole journal was read.
    Whole(Found),
}

/// A run that has ended.
pub struct Ended {
    /// Its id.
    run: String,
    start: RunStarted,
    started_at: Moment,
    outcome: Outcome,
}

/// Every run whose journal can be opened.
pub fn glances(store: &Store) -> Result<Vec<Glance>, Failure> {
    Ok(store.folders()?.into_iter().filter_map(|folder| Glance::at(folder).ok()).collect())
}

impl Glance {
    /// The run in a folder.
    pub fn at(folder: Folder) -> Result<Glance, Failure> {
        folder.check_kinds()?;
        // What cannot be opened is told by whoever reads the whole.
        match ends(&folder.journal())
            .ok()
            .flatten()
            .map(|(first, last)| (first.at, first.event, last.event))
        {
            Some((started_at, Event::RunStarted(start), Event::RunEnded { outcome, .. })) => {
                Ok(Glance::Ended(Box::new(Ended { run: folder.run, start, started_at, outcome })))
            }
            _ => Found::in_folder(folder).map(Glance::Whole),
        }
    }

    /// Its id.
    pub fn run(&self) -> &str {
        match self {
            Glance::Ended(ended) => &ended.run,
            Glance::Whole(found) => &found.folder.run,
        }
    }

    /// How it began.
    pub fn start(&self) -> Option<&RunStarted> {
        match self {
            Glance::Ended(ended) => Some(&ended.start),
            Glance::Whole(found) => found.start(),
        }
    }

    /// When it began.
    pub fn started_at(&self) -> Option<Moment> {
        match self {
            Glance::Ended(ended) => Some(ended.started_at),
            Glance::Whole(found) => found.started_at(),
        }
    }

    /// Its state in a word or two.
    pub fn state(&self) -> &'static str {
        match self {
            Glance::Ended(ended) => timeline::outcome(ended.outcome),
            Glance::Whole(found) => runs::state(found),
        }
    }

    /// The run, where it has not ended and can be gone on with: nothing of its journal is damaged,
    /// and something of it is whole.
    pub fn open(self) -> Option<Found> {
        match self {
            Glance::Whole(found) if found.is_open() => Some(found),
            _ => None,
        }
    }
}
