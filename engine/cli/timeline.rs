//! `holdpoint timeline`: what happened in a run.

use crate::journal::{Reading, Record, Store};
use crate::plan::Plan;
use crate::report::page::{self, Chronicle};
use crate::run::RunState;
use crate::timeline::gantt::{Gantt, Watch};
use crate::timeline::visible::visible_json;
use crate::timeline::{self, Timeline, View, fold, fold_beside, markdown};

use super::args::{self, TimelineFormat, TimelineView};
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// The most lanes of a chart.
const LANES: usize = 150;

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let (run, damage) = (found.folder.run.clone(), found.damage());
    super::print(&text(found, args)?)?;
    match damage {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run, reason }),
    }
}

fn text(found: Found, args: &args::Timeline) -> Result<String, Failure> {
    let (view, zone) = (args.view.into(), args.zone);
    Ok(match args.format {
        TimelineFormat::Md => markdown(&told(found, view)?, zone),
        TimelineFormat::Csv => timeline::csv(&told(found, view)?, zone),
        TimelineFormat::Text => timeline::text(&told(found, view)?, zone),
        TimelineFormat::Html => {
            let incident = found.start().and_then(|start| start.incident.clone());
            let (timeline, gantt) = drawn(found, view)?;
            let (timeline, gantt, incident) = (&timeline, gantt.as_ref(), incident.as_deref());
            page::timeline(&Chronicle { timeline, gantt, incident, zone })
        }
        TimelineFormat::Json => {
            let json = serde_json::to_string_pretty(&told(found, view)?).unwrap_or_default();
            visible_json(&json).into_owned() + "\n"
        }
    })
}

/// What happened. Of a long run neither the records nor the plan are kept while that is written.
fn told(found: Found, view: View) -> Result<Timeline, Failure> {
    let mut plans = found.plans()?;
    let Reading { records, ending, .. } = found.reading;
    Ok(fold(&mut plans, &records, &ending, view)?.0)
}

/// The same with its chart.
fn drawn(found: Found, view: View) -> Result<(Timeline, Option<Gantt>), Failure> {
    let (mut plans, mut watch) = (found.plans()?, Watch::default());
    let Reading { records, ending, .. } = found.reading;
    let look = |record: &Record, plan: &Plan, state: &RunState| watch.see(record, plan, state);
    let (timeline, state) = fold_beside(&mut plans, &records, &ending, view, look)?;
    Ok((timeline, watch.drawn(&plans.current, &state, LANES)))
}

impl From<TimelineView> for View {
    fn from(view: TimelineView) -> View {
        match view {
            TimelineView::Curated => View::Curated,
            TimelineView::Raw => View::Raw,
        }
    }
}
