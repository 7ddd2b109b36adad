//! `holdpoint timeline`: what happened in a run.

use crate::journal::Store;
use crate::timeline::visible::visible_json;
use crate::timeline::{self, View, fold, markdown};

use super::args::{self, TimelineFormat, TimelineView};
use super::failure::{Exit, Failure};
use super::find;

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let (records, ending) = (&found.reading.records, &found.reading.ending);
    let (timeline, _) = fold(&mut found.plans()?, records, ending, args.view.into())?;
    let text = match args.format {
        TimelineFormat::Md => markdown(&timeline, args.zone),
        TimelineFormat::Csv => timeline::csv(&timeline, args.zone),
        TimelineFormat::Text => timeline::text(&timeline, args.zone),
        TimelineFormat::Json => {
            let json = serde_json::to_string_pretty(&timeline).unwrap_or_default();
            visible_json(&json).into_owned() + "\n"
        }
    };
    super::print(&text)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

impl From<TimelineView> for View {
    fn from(view: TimelineView) -> View {
        match view {
            TimelineView::Curated => View::Curated,
            TimelineView::Raw => View::Raw,
        }
    }
}
