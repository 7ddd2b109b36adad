//! `holdpoint timeline`: what happened in a run.

use crate::journal::{Reading, Store};
use crate::timeline::visible::visible_json;
use crate::timeline::{self, Timeline, View, fold, markdown};

use super::args::{self, TimelineFormat, TimelineView};
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let (run, damage) = (found.folder.run.clone(), found.damage());
    let timeline = told(found, args.view.into())?;
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
    match damage {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run, reason }),
    }
}

/// What happened. Of a long run neither the records nor the plan are kept while that is written.
fn told(found: Found, view: View) -> Result<Timeline, Failure> {
    let mut plans = found.plans()?;
    let Reading { records, ending, .. } = found.reading;
    Ok(fold(&mut plans, &records, &ending, view)?.0)
}

impl From<TimelineView> for View {
    fn from(view: TimelineView) -> View {
        match view {
            TimelineView::Curated => View::Curated,
            TimelineView::Raw => View::Raw,
        }
    }
}
