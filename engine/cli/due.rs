//! `holdpoint due`: which reviews and drills are overdue, by what runbooks say and what is on record.
//!
//! Nothing is run, connected to or written. What cannot be read is told and passed over: a damaged
//! run in a line, a file as every other command tells it.

mod practice;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use chrono::Local;

use crate::document::{self, Node};
use crate::journal::Store;
use crate::report::due::{Due, Subject, due_text, trend_text};
use crate::runbook::cadence::{Drill, Review, length};
use crate::runbook::library::FILE;
use crate::source::Problems;

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::lint::files::{Candidate, Origin, among};
use super::list::{WIDTH, card, short};
use super::{library, load};
use practice::Practice;

/// How wide a line about a run that is passed over may be: enough for what is wrong with it.
const LINE: usize = 2 * WIDTH;

/// Says what is due of the runbooks that were named, or of those of the library or folder here.
pub fn due(store: &Store, args: &args::Due) -> Result<Exit, Failure> {
    let practice = Practice::on_record(store)?;
    let (mut subjects, mut failures) = (Vec::new(), Vec::new());
    for file in among(&args.paths, None, store)? {
        match subject(&file) {
            Ok(None) => {}
            Ok(Some(found)) => {
                let age = max_review_age(&file.path);
                let max_review_age = *age.as_ref().unwrap_or(&None);
                failures.extend(age.err());
                subjects.push(practice.of(Subject { max_review_age, ..found }));
            }
            Err(failure) => failures.push(failure),
        }
    }
    if subjects.is_empty() && failures.is_empty() {
        let help = "name files, or go to the folder of your library";
        return Err(Failure::usage("there is no runbook here", help));
    }
    for note in practice.notes() {
        // Where nothing can be written, the exit code is that of the rest.
        let _ = writeln!(io::stderr().lock(), "note: {}", short(note, LINE));
    }
    // That nothing is overdue would be no truth where nothing could be read.
    if subjects.is_empty() {
        return ended(failures, false);
    }
    let due = Due::of(&subjects, args.today.unwrap_or_else(|| Local::now().date_naive()));
    let text = match args.format {
        TextOrJson::Json => serde_json::to_string_pretty(&due).unwrap_or_default() + "\n",
        TextOrJson::Text if args.trend => due_text(&due) + "\n" + &trend_text(&due),
        TextOrJson::Text => due_text(&due),
    };
    super::print(&text)?;
    ended(failures, due.is_any(args.soon))
}

/// The end: what could not be read is told, each thing once, and stands above what is overdue.
fn ended(failures: Vec<Failure>, is_overdue: bool) -> Result<Exit, Failure> {
    let mut told = BTreeSet::new();
    let mut failures: Vec<Failure> =
        failures.into_iter().filter(|failure| told.insert(failure.shown())).collect();
    let Some(last) = failures.pop() else {
        return Ok(if is_overdue { Exit::Failed } else { Exit::Done });
    };
    for failure in failures {
        let _ = write!(io::stderr().lock(), "{}", failure.shown());
    }
    Err(last)
}

/// What a file says, as far as it can be read; none for one that only lies there and is no runbook.
fn subject(file: &Candidate) -> Result<Option<Subject>, Failure> {
    let path = &file.path;
    let is_library = path.file_name().is_some_and(|name| name == FILE);
    if file.origin == Origin::Found && (is_library || card::text(path).is_ok_and(|it| it.is_none()))
    {
        return Ok(None);
    }
    let source = load::source(path)?;
    let mut problems = Problems::default();
    let tree = document::parse(&source, &mut problems);
    if !card::is_runbook(&source, tree.as_ref()) || is_library {
        let no_runbook = || {
            let message = format!("{} is no runbook", path.display());
            Failure::usage(message, "name runbooks, or folders that hold some")
        };
        return if file.origin == Origin::Found { Ok(None) } else { Err(no_runbook()) };
    }
    let Some(tree) = tree else { return Err(Failure::Invalid(load::drawn(&source, problems))) };
    Ok(Some(said(path, &tree)))
}

/// How old the library of a runbook lets a review be.
fn max_review_age(path: &Path) -> Result<Option<Duration>, Failure> {
    let shared = library::find(path)?;
    let lint = shared.as_ref().and_then(|shared| shared.library.lint.as_ref());
    Ok(lint.and_then(|lint| lint.max_review_age))
}

/// What the tree of a runbook says.
fn said(path: &Path, tree: &Node) -> Subject {
    let text = |key| tree.under(key).and_then(Node::as_str).map(str::to_owned);
    let name = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Subject {
        path: path.to_string_lossy().into_owned(),
        id: text("id").unwrap_or_else(name),
        title: text("title").unwrap_or_default(),
        owner: text("owner"),
        rto: tree.under("objectives").and_then(|objectives| length(objectives, "rto")),
        review: Review::of(tree),
        drill: Drill::of(tree),
        ..Subject::default()
    }
}
