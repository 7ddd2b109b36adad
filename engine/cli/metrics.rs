//! `holdpoint metrics`: how long incidents and drills took, and which steps are slow, fail or are
//! passed over. It only reads, and holds one journal at a time.

use std::io::{self, Write};

use crate::document::nearest;
use crate::journal::{Folder, Store};
use crate::report::{metrics_text, visible_str};
use crate::run::event::Mode;
use crate::timeline::metrics::{Gathering, Metrics, RunMetrics};
use crate::timeline::visible::visible_json;

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::find::{Found, Glance};

/// Tells how long things took, of one runbook or of all.
pub fn metrics(store: &Store, args: &args::Metrics) -> Result<Exit, Failure> {
    let mut gathering = Gathering::default();
    let mut known = Vec::new();
    for folder in store.folders()? {
        let run = folder.run.clone();
        match measured(folder, args.runbook.as_deref(), &mut known) {
            Ok(Some(run)) => gathering.add(&run),
            Ok(None) => {}
            Err(reason) => gathering.pass_over(run, reason),
        }
    }
    let metrics = gathering.metrics();
    if let Some(wanted) = args.runbook.as_deref().filter(|_| metrics.runbooks.is_empty()) {
        unknown(store, wanted, &known)?;
    }
    warn(&metrics);
    super::print(&match args.format {
        TextOrJson::Text => metrics_text(&metrics),
        TextOrJson::Json => {
            visible_json(&serde_json::to_string_pretty(&metrics).unwrap_or_default()).into_owned()
                + "\n"
        }
    })?;
    Ok(Exit::Done)
}

/// What one run comes to, where it is of the runbook that is wanted; or why that cannot be told.
fn measured(
    folder: Folder,
    wanted: Option<&str>,
    known: &mut Vec<String>,
) -> Result<Option<RunMetrics>, String> {
    let told = |failure: Failure| failure.to_string();
    let glance = Glance::at(folder.clone()).map_err(told)?;
    if let Some(start) = glance.start() {
        known.push(start.runbook.clone());
        let is_other = wanted.is_some_and(|wanted| wanted != start.runbook);
        if is_other || !matches!(start.mode, Mode::Live | Mode::Drill) {
            return Ok(None);
        }
    }
    let found = match glance {
        Glance::Whole(found) => found,
        Glance::Ended(_) => Found::in_folder(folder).map_err(told)?,
    };
    if let Some(reason) = found.damage() {
        return Err(reason);
    }
    // A folder without a whole record never was a run.
    Ok(of(&found))
}

/// What a run comes to; what was promised is not known where its frozen runbook cannot be read.
pub fn of(found: &Found) -> Option<RunMetrics> {
    let plan = found.plans().ok().map(crate::run::Plans::into_last);
    let promised = plan.as_ref().map(|plan| &plan.runbook.knowledge.objectives);
    RunMetrics::of(&found.reading.records, promised)
}

/// Of a runbook that has no run here, those are named that have.
fn unknown(store: &Store, wanted: &str, known: &[String]) -> Result<(), Failure> {
    if known.iter().any(|id| id == wanted) {
        return Ok(());
    }
    let near = nearest(wanted, known.iter().map(String::as_str));
    let help = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a runbook by its id; `holdpoint runs` lists the runs".to_owned(),
    };
    let place = store.root().display();
    Err(Failure::usage(format!("no run of `{wanted}` is on record in {place}"), help))
}

/// Says which runs are in none of the numbers.
fn warn(metrics: &Metrics) {
    for passed in &metrics.passed_over {
        let line = format!("note: {} is passed over: {}", passed.run, passed.reason);
        // Where nothing can be written, the exit code is that of the rest.
        let _ = writeln!(io::stderr().lock(), "{}", visible_str(&line).replace('\n', " "));
    }
}
