//! `holdpoint timeline`: what happened in a run.

use crate::journal::{Record, Store};
use crate::plan::Plan;
use crate::report::page::{self, Chronicle};
use crate::run::RunState;
use crate::timeline::gantt::Watch;
use crate::timeline::visible::visible_json;
use crate::timeline::{self, View, Zone, fold_beside, markdown};

use super::args::{self, TimelineFormat, TimelineView};
use super::bundle;
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// The most lanes of a chart.
const LANES: usize = 150;

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    if let Some(path) = &args.bundle {
        return bundle::bundle(&found, path);
    }
    super::print(&made(&found, args.format, args.view, args.zone)?)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

/// A timeline as text.
pub fn made(
    found: &Found,
    format: TimelineFormat,
    view: TimelineView,
    zone: Zone,
) -> Result<String, Failure> {
    let (records, ending) = (&found.reading.records, &found.reading.ending);
    let (mut plans, mut watch) = (found.plans()?, Watch::default());
    let is_page = format == TimelineFormat::Html;
    let look = |record: &Record, plan: &Plan, state: &RunState| {
        if is_page {
            watch.see(record, plan, state);
        }
    };
    let (timeline, state) = fold_beside(&mut plans, records, ending, view.into(), look)?;
    Ok(match format {
        TimelineFormat::Md => markdown(&timeline, zone),
        TimelineFormat::Csv => timeline::csv(&timeline, zone),
        TimelineFormat::Html => {
            let gantt = watch.drawn(&plans.current, &state, LANES);
            let incident = found.start().and_then(|start| start.incident.as_deref());
            let (timeline, gantt) = (&timeline, gantt.as_ref());
            page::timeline(&Chronicle { timeline, gantt, incident, zone })
        }
        TimelineFormat::Text => timeline::text(&timeline, zone),
        TimelineFormat::Json => {
            let json = serde_json::to_string_pretty(&timeline).unwrap_or_default();
            visible_json(&json).into_owned() + "\n"
        }
    })
}

impl From<TimelineView> for View {
    fn from(view: TimelineView) -> View {
        match view {
            TimelineView::Curated => View::Curated,
            TimelineView::Raw => View::Raw,
        }
    }
}
