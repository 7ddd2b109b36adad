//! `holdpoint timeline`: what happened in a run.

use crate::journal::Store;
use crate::timeline::{fold, markdown};

use super::args::{self, TimelineFormat};
use super::failure::{Exit, Failure};
use super::{bundle, find};

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    if let Some(path) = &args.bundle {
        return bundle::bundle(&found, path);
    }
    let (timeline, _) = fold(&mut found.plans()?, &found.reading.records, &found.reading.ending)?;
    let text = match args.format {
        TimelineFormat::Md => markdown(&timeline),
        TimelineFormat::Json => serde_json::to_string_pretty(&timeline).unwrap_or_default() + "\n",
    };
    super::print(&text)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}
