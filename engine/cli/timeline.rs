//! `holdpoint timeline`: what happened in a run.

use crate::journal::{Record, Store};
use crate::plan::Plan;
use crate::report::page::{self, Chronicle};
use crate::run::RunState;
use crate::timeline::gantt::{Gantt, Watch};
use crate::timeline::visible::visible_json;
use crate::timeline::{self, Timeline, View, Zone, fold_beside, markdown};

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
    let (run, damage) = (found.folder.run.clone(), found.damage());
    let told = Told::of(&found, args.view, args.format == TimelineFormat::Html)?;
    // Of a long run neither the records nor the plan are kept while that is written.
    drop(found);
    super::print(&told.written(args.format, args.zone))?;
    match damage {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run, reason }),
    }
}

/// What happened, with all that a format needs of it.
pub(super) struct Told {
    timeline: Timeline,
    gantt: Option<Gantt>,
    incident: Option<String>,
}

impl Told {
    /// What the records come to; the chart of a page only where that is wanted.
    pub(super) fn of(found: &Found, view: TimelineView, is_page: bool) -> Result<Told, Failure> {
        let (records, ending) = (&found.reading.records, &found.reading.ending);
        let (mut plans, mut watch) = (found.plans()?, Watch::default());
        let look = |record: &Record, plan: &Plan, state: &RunState| {
            if is_page {
                watch.see(record, plan, state);
            }
        };
        let (timeline, state) = fold_beside(&mut plans, records, ending, view.into(), look)?;
        let gantt = is_page.then(|| watch.drawn(&plans.current, &state, LANES)).flatten();
        let incident = found.start().and_then(|start| start.incident.clone());
        Ok(Told { timeline, gantt, incident })
    }

    /// The same in a format.
    pub(super) fn written(&self, format: TimelineFormat, zone: Zone) -> String {
        let Told { timeline, gantt, incident } = self;
        match format {
            TimelineFormat::Md => markdown(timeline, zone),
            TimelineFormat::Csv => timeline::csv(timeline, zone),
            TimelineFormat::Html => {
                let (gantt, incident) = (gantt.as_ref(), incident.as_deref());
                page::timeline(&Chronicle { timeline, gantt, incident, zone })
            }
            TimelineFormat::Text => timeline::text(timeline, zone),
            TimelineFormat::Json => {
                let json = serde_json::to_string_pretty(timeline).unwrap_or_default();
                visible_json(&json).into_owned() + "\n"
            }
        }
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
