//! What is said and left when a rehearsal is over.

use std::fmt::Write;

use crate::cli::args::RunFormat;
use crate::cli::failure::{Exit, Failure};
use crate::cli::find::Found;
use crate::cli::finish;
use crate::drive::Finish;
use crate::journal::Folder;
use crate::report::{rehearsed as shown, visible_str};
use crate::run::RunState;
use crate::run::event::{Observes, Outcome};
use crate::runbook::Requires;
use crate::timeline::rehearsed::{Facts, Rehearsed, rehearsed};

/// The page in the folder of a rehearsal, and the same for programs.
const PAGE: &str = "report.md";
const FORM: &str = "report.json";

/// Says what a rehearsal showed, keeps it beside the journal, and gives the exit code.
pub fn conclude(
    folder: &Folder,
    state: &RunState,
    finish: Finish,
    facts: Facts,
    format: RunFormat,
) -> Result<Exit, Failure> {
    let contradictions = facts.contradictions.clone();
    let found = Found::in_folder(folder.clone())?;
    let mut plans = found.plans()?;
    let report = rehearsed(&mut plans, &found.reading.records, facts)?;
    let kept = keep(folder, state, &report);
    if format != RunFormat::Jsonl {
        let mut text = shown::text(&report);
        match kept {
            Ok(()) => {
                let place = folder.path().join(PAGE).display().to_string();
                let _ = writeln!(text, "\nreport: {}", visible_str(&place));
                let name = &folder.run;
                let _ = writeln!(text, "timeline: holdpoint {}timeline {name}", folder.option());
            }
            // The journal has it all; only the pages beside it are missing.
            Err(failure) => {
                let _ = writeln!(text, "\nthe report was not written: {failure}");
            }
        }
        // What cannot be shown changes nothing of how it went.
        let _ = crate::cli::print(&text);
    }
    if !contradictions.is_empty() {
        let message = contradictions.join("; ");
        return Err(Failure::usage(message, "leave out that --assume, or --observe"));
    }
    Ok(match (finish, state.outcome) {
        (Finish::Stopped, _) if state.stopped_by.as_deref() == Some("Ctrl-C") => Exit::Interrupted,
        (Finish::Stopped, _) => Exit::Terminated,
        (_, Some(Outcome::Rehearsed)) => Exit::Done,
        _ => Exit::Stopped,
    })
}

fn keep(folder: &Folder, state: &RunState, report: &Rehearsed) -> Result<(), Failure> {
    finish::keep_pages(folder, state)?;
    folder.write(PAGE, shown::page(report).as_bytes())?;
    let form = serde_json::to_string_pretty(report).unwrap_or_default() + "\n";
    folder.write(FORM, form.as_bytes())?;
    Ok(())
}

/// What says that it only looks, and was not looked at all the same.
pub fn not_observed(observes: &Observes) -> Vec<String> {
    let why = "only reads by what it says, and changes something by what lint knows: not looked at";
    let steps = observes.not_steps.iter().map(|step| format!("{step}: it {why}"));
    let checks = observes.not_checks.iter().map(|purpose| format!("{}: it {why}", purpose.noun()));
    let inputs =
        observes.not_inputs.iter().map(|input| format!("choices of {input}: the command {why}"));
    steps.chain(checks).chain(inputs).collect()
}

/// What of the requirements is not asked where nothing is started.
pub fn not_asked(requires: &Requires) -> Vec<String> {
    let versions = requires.tools.iter().filter(|tool| tool.value.at_least.is_some());
    let names: Vec<&str> = versions.map(|tool| tool.value.name.as_str()).collect();
    let places: Vec<String> = requires.reachable.iter().map(ToString::to_string).collect();
    let versions = (!names.is_empty())
        .then(|| format!("no tool was asked for its version: {}", names.join(", ")));
    let places =
        (!places.is_empty()).then(|| format!("nothing was connected to: {}", places.join(", ")));
    versions.into_iter().chain(places).collect()
}
