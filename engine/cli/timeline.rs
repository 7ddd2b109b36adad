//! `holdpoint timeline`: what happened in a run.

use crate::journal::Store;
use crate::report::page::{self, Chronicle};
use crate::timeline::{Timeline, fold, gantt, markdown};

use super::args::{self, TimelineFormat};
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// The most lanes of a chart.
const LANES: usize = 150;

/// Prints what happened, as far as the journal can be read.
pub fn timeline(store: &Store, args: &args::Timeline) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let (timeline, _) = fold(&mut found.plans()?, &found.reading.records, &found.reading.ending)?;
    let text = match args.format {
        TimelineFormat::Md => markdown(&timeline),
        TimelineFormat::Html => page(&found, &timeline)?,
        TimelineFormat::Json => serde_json::to_string_pretty(&timeline).unwrap_or_default() + "\n",
    };
    super::print(&text)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

/// The page of a run, with the times of whoever makes it beside those in UTC.
fn page(found: &Found, timeline: &Timeline) -> Result<String, Failure> {
    let mut plans = found.plans()?;
    let gantt = gantt::gantt(&mut plans, &found.reading.records, LANES)?;
    let objectives = &plans.current.runbook.knowledge.objectives;
    Ok(page::timeline(&Chronicle {
        timeline,
        records: &found.reading.records,
        gantt: gantt.as_ref(),
        promised: Some(objectives),
        zone: &|at| at.with_timezone(&chrono::Local).fixed_offset(),
    }))
}
