//! `holdpoint list`: the runbooks of this library, and which of them fits.
//!
//! Nothing is run, connected to or written: whoever looks for a runbook changes nothing.

pub mod card;
mod catalogue;
mod rank;
pub mod walk;

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;

use chrono::SecondsFormat;
use console::truncate_str;
use serde_json::{Value as Json, json};

use crate::journal::Store;
use crate::report::visible_str;

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::find::{self, Glance, shell_word};
use rank::{Match, Wanted};

pub use card::Card;
pub use catalogue::{Catalogue, here};

/// How wide a line is at most that nobody has to type.
pub const WIDTH: usize = 80;

/// The last run of each runbook in this store, by the id of the runbook.
type LastRuns = HashMap<String, Glance>;

/// A card that fits, and what was found on it.
type Fit<'c> = (&'c Card, Vec<Match>);

/// Lists the runbooks that fit, the best first.
pub fn list(store: &Store, args: &args::List) -> Result<Exit, Failure> {
    let wanted = Wanted::typed(&args.query, args.alert.as_deref(), args.system.as_deref());
    let catalogue = here(store)?;
    let fits = rank::ranked(&catalogue.cards, &wanted);
    // Runs that cannot be read hide no runbook.
    let last = last_runs(store);
    let known = last.as_ref().ok();
    match args.format {
        TextOrJson::Json => super::print(&as_json(&catalogue, &fits, known))?,
        TextOrJson::Text if fits.is_empty() && !wanted.is_anything() => {}
        TextOrJson::Text => {
            let text = as_text(store, &catalogue, &fits, known, wanted.is_anything());
            super::print(&visible_str(&text))?;
        }
    }
    match fits.is_empty() && !wanted.is_anything() {
        false => last.map(|_| Exit::Done),
        true => Err(nothing_fits(&catalogue, &wanted)),
    }
}

/// What was typed names no runbook, as a run that is not there.
fn nothing_fits(catalogue: &Catalogue, wanted: &Wanted) -> Failure {
    let message = format!("no runbook in {} fits", catalogue.place());
    let mut help = match catalogue.cards.len() {
        0 => "there are none; go to the folder of your library".to_owned(),
        _ => rank::way_out(&catalogue.cards, wanted),
    };
    if let Some(reason) = &catalogue.cut_short {
        let _ = write!(help, "; {reason}");
    }
    Failure::usage(message, help)
}

fn last_runs(store: &Store) -> Result<LastRuns, Failure> {
    let mut last = LastRuns::new();
    for run in find::glances(store)? {
        let Some(runbook) = run.start().map(|start| start.runbook.clone()) else { continue };
        let is_later = |before: &Glance| before.started_at() < run.started_at();
        if last.get(&runbook).is_none_or(is_later) {
            last.insert(runbook, run);
        }
    }
    Ok(last)
}

fn as_text(
    store: &Store,
    catalogue: &Catalogue,
    fits: &[Fit<'_>],
    last: Option<&LastRuns>,
    is_all: bool,
) -> String {
    let (place, number) = (catalogue.place(), catalogue.cards.len());
    let mut text = match (fits.len(), is_all) {
        (0, _) => format!("there are no runbooks in {place}\n"),
        (number, true) => format!("{} in {place}\n", runbooks(number)),
        (1, false) => format!("1 of {} in {place} fits\n", runbooks(number)),
        (fitting, false) => {
            format!("{fitting} of {} in {place} fit, the best first\n", runbooks(number))
        }
    };
    for fit in fits {
        text.push('\n');
        entry(&mut text, fit, last.map(|last| last.get(&fit.0.id)));
    }
    if let Some(reason) = &catalogue.cut_short {
        let _ = writeln!(text, "\nthere may be more: {reason}");
    }
    let _ = write!(text, "\n{}", to_type(store, fits, is_all));
    text
}

/// A number of runbooks, in words.
pub fn runbooks(number: usize) -> String {
    if number == 1 { "1 runbook".to_owned() } else { format!("{number} runbooks") }
}

/// A runbook as a few lines, the path to type first. Its last run may be unknown.
fn entry(text: &mut String, (card, matches): &Fit<'_>, last: Option<Option<&Glance>>) {
    // Whole, however long it is: it is there to be typed.
    let _ = writeln!(text, "{}", shell_word(Path::new(&card.path)));
    let mut line = |line: String| {
        let _ = writeln!(text, "  {}", short(&line, WIDTH - 2));
    };
    if !card.title.is_empty() {
        line(card.title.clone());
    }
    let about = [("severity", &card.severity), ("owner", &card.owner), ("system", &card.system)];
    let about = about.into_iter().filter_map(|(name, it)| Some(format!("{name} {}", it.as_ref()?)));
    let about = about.collect::<Vec<_>>().join("; ");
    if !about.is_empty() {
        line(about);
    }
    if !matches.is_empty() {
        line(format!("found in {}", found(matches)));
    }
    match last {
        Some(Some(run)) => {
            line(format!("last run {}: {} ({})", begun(run), ended(run), run.run()));
        }
        Some(None) => line("never run here".to_owned()),
        None => {}
    }
    // Long enough for what is wrong, whatever the path before it.
    if let Some(problem) = &card.problem {
        let _ = writeln!(text, "  {}", short(&format!("broken: {problem}"), 4 * WIDTH));
    }
}

/// A text in a line of so many columns, as a terminal may have it.
pub fn short(text: &str, columns: usize) -> String {
    truncate_str(&visible_str(text), columns, "...").into_owned()
}

/// What was found, each once, with the text of what does not stand here already.
fn found(matches: &[Match]) -> String {
    let mut told: Vec<String> = Vec::new();
    for found in matches {
        let one = match found.field {
            "id" | "title" | "system" => found.field.to_owned(),
            field => format!("{field} {}", found.text),
        };
        if !told.contains(&one) {
            told.push(one);
        }
    }
    told.join("; ")
}

fn begun(run: &Glance) -> String {
    run.started_at().map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default()
}

/// How a run ended, or how it stands, and where it was.
fn ended(run: &Glance) -> String {
    let start = run.start();
    let stamp = start.and_then(|start| start.mode.stamp()).map(|stamp| format!("{stamp} "));
    let place = start.and_then(|start| start.environment.as_ref());
    let place = place.map(|name| format!(" in {name}")).unwrap_or_default();
    format!("{}{}{place}", stamp.unwrap_or_default(), run.state())
}

/// The command that goes through the runbook that fits best.
fn to_type(store: &Store, fits: &[Fit<'_>], is_all: bool) -> String {
    let option = store.option();
    match fits {
        [] => format!("to go through one: holdpoint {option}run FILE\n"),
        [(card, _), ..] if card.problem.is_some() => {
            format!("to see what is wrong: holdpoint plan {}\n", shell_word(Path::new(&card.path)))
        }
        [_, _, ..] if is_all => format!("to go through one: holdpoint {option}run PATH\n"),
        [(card, _), rest @ ..] => {
            let which = if rest.is_empty() { "it" } else { "the first" };
            let path = shell_word(Path::new(&card.path));
            format!("to go through {which}: holdpoint {option}run {path}\n")
        }
    }
}

fn as_json(catalogue: &Catalogue, fits: &[Fit<'_>], last: Option<&LastRuns>) -> String {
    let runbooks: Vec<Json> = fits
        .iter()
        .map(|(card, matches)| {
            let found = matches.iter().map(|it| json!({ "field": it.field, "text": it.text }));
            json!({
                "path": card.path,
                "id": card.id,
                "title": card.title,
                "summary": card.summary,
                "system": card.system,
                "owner": card.owner,
                "severity": card.severity,
                "tags": card.tags,
                "symptoms": card.symptoms,
                "alerts": card.alerts,
                "problem": card.problem,
                "found_in": found.collect::<Vec<_>>(),
                "last_run": last.and_then(|last| last.get(&card.id)).map(run_as_json),
            })
        })
        .collect();
    let list = json!({
        "version": 1,
        "folder": catalogue.root.to_string_lossy(),
        "is_library": catalogue.is_library,
        "cut_short": catalogue.cut_short,
        "runbooks": runbooks,
    });
    format!("{list:#}\n")
}

fn run_as_json(run: &Glance) -> Json {
    json!({
        "run": run.run(),
        "state": run.state().replace(' ', "_"),
        "started_at": run.started_at().map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true)),
        "mode": run.start().map(|start| start.mode.word()),
        "environment": run.start().and_then(|start| start.environment.as_deref()),
    })
}
