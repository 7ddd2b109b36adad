//! `holdpoint runs`: the runs of this store.

use std::fmt::Write;

use chrono::SecondsFormat;
use serde_json::json;

use crate::journal::{Lock, Store};
use crate::report::visible_str;
use crate::run::event::Event;
use crate::timeline;

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::prune;

/// Lists all runs, the newest first.
pub fn runs(store: &Store, args: &args::Runs) -> Result<Exit, Failure> {
    let practice = store.practice();
    let store = if args.practice { &practice } else { store };
    if args.prune {
        return prune::prune(store, args);
    }
    let mut runs = find::all(store)?;
    runs.retain(|run| !args.open || run.is_open());
    runs.sort_by_key(|run| std::cmp::Reverse(run.started_at()));
    match args.format {
        TextOrJson::Json => {
            let list: Vec<_> = runs.iter().map(as_json).collect();
            super::print(&format!("{:#}\n", json!({ "version": 1, "runs": list })))?;
        }
        TextOrJson::Text if runs.is_empty() && args.open => {
            super::print(&format!("no run is open in {}\n", store.root().display()))?;
        }
        TextOrJson::Text if runs.is_empty() && args.practice => {
            let place = store.root().display();
            super::print(&format!("nothing was rehearsed yet in {place}\n"))?;
        }
        TextOrJson::Text if runs.is_empty() => {
            super::print(&format!("no runs yet in {}\n", store.root().display()))?;
        }
        TextOrJson::Text => {
            let mut text = String::new();
            for run in &runs {
                let started = run.started_at().map(|at| at.format("%Y-%m-%d %H:%M:%S UTC"));
                let started = started.map(|at| at.to_string()).unwrap_or_default();
                let title = run.start().map(|start| start.title.as_str()).unwrap_or_default();
                let place = run.start().and_then(|start| start.environment.as_ref());
                let place = place.map(|name| format!("  in {name}")).unwrap_or_default();
                let _ = writeln!(
                    text,
                    "{}  {started}  {}{}  {}",
                    run.folder.run,
                    state(run),
                    visible_str(&place),
                    visible_str(title)
                );
            }
            super::print(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// A run's state in a word or two, from what was last recorded of it and its lock.
pub fn state(run: &Found) -> &'static str {
    match run.last_of_run() {
        _ if run.damage().is_some() => "damaged",
        None => "never began",
        Some(Event::RunEnded { outcome, .. }) => timeline::outcome(*outcome),
        _ if Lock::is_held(&run.folder.lock()) => "running",
        Some(Event::Parked { waiting_for }) if waiting_for.is_empty() => "stopped",
        Some(Event::Parked { .. }) => "waiting",
        Some(Event::Paused { .. }) => "paused",
        Some(Event::RunbookAdopted(_)) => "stopped",
        _ => "interrupted",
    }
}

fn as_json(run: &Found) -> serde_json::Value {
    let start = run.start();
    json!({
        "run": run.folder.run,
        "runbook": start.map(|start| start.runbook.as_str()),
        "title": start.map(|start| start.title.as_str()),
        "state": state(run).replace(' ', "_"),
        "started_at": run.started_at().map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "environment": start.and_then(|start| start.environment.as_deref()),
        "operator": start.map(|start| start.operator.as_str()),
    })
}
