//! `holdpoint lint`: what an experienced reviewer would say about runbooks, with nothing run.

mod crowd;
mod desk;
mod files;
mod mend;
mod read;
mod shelf;
mod shellcheck;
mod wish;
mod write;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use chrono::Local;

use crate::journal::Store;
use crate::lint::{Baseline, Review, counted};
use crate::report::diagnostic::Look;
use crate::report::{findings, visible_str};

use super::args::{self, LintFormat};
use super::failure::{Exit, Failure};
use super::load;
use desk::{Desk, Reviewed};
use files::Origin;
use mend::Change;
pub use shelf::Shelf;

/// Reviews the files that were named, or those of the library or folder here.
pub fn lint(store: &Store, args: &args::Lint) -> Result<Exit, Failure> {
    let wish = wish::of(args)?;
    let files = files::gather(args, store)?;
    let is_input = files.iter().any(|file| file.origin == Origin::Input);
    if is_input && args.fixes().is_some() && !args.diff {
        let help = "show what would be changed with --diff, or name the file";
        return Err(Failure::usage("standard input cannot be changed", help));
    }
    let baseline = args.baseline.as_deref().map(baseline).transpose()?;
    let shelf = Shelf::new();
    let today = args.today.unwrap_or_else(|| Local::now().date_naive());
    let desk = Desk {
        shelf: &shelf,
        today,
        wish: &wish,
        baseline: baseline.as_ref(),
        asks_shellcheck: !args.no_shellcheck,
    };
    let (mut reviewed, mut failures) = desk.review(&files);
    if reviewed.is_empty() {
        match failures.is_empty() {
            true => failures.push(nothing()),
            // Whoever takes a report gets one.
            false => tell(&[], args)?,
        }
        return ended(failures, false);
    }
    let changes = match args.fixes() {
        Some(safety) => mend::mend(&mut reviewed, safety, &desk),
        None => Vec::new(),
    };
    if args.diff {
        show(&changes, &reviewed)?;
        return ended(failures, !changes.is_empty() && !args.exit_zero);
    }
    for change in &changes {
        failures.extend(keep(change, &reviewed[change.place]).err());
    }
    let mut reviews: Vec<Review> = reviewed.into_iter().map(|it| it.review).collect();
    if let Some(path) = &args.write_baseline {
        let text = Baseline::write(&reviews);
        write(path, &text)?;
        // What is told from now on is what is not in it.
        let written = Baseline::read(&text).unwrap_or_default();
        reviews.iter_mut().for_each(|review| written.leave_out(review));
    }
    tell(&reviews, args)?;
    ended(failures, reviews.iter().any(Review::fails) && !args.exit_zero)
}

/// The end of a review: what could not be done is told, and stands above what was found.
fn ended(mut failures: Vec<Failure>, fails: bool) -> Result<Exit, Failure> {
    let Some(last) = failures.pop() else {
        return Ok(if fails { Exit::Failed } else { Exit::Done });
    };
    for failure in failures {
        // Where nothing can be written, the exit code still says it.
        let _ = write!(io::stderr().lock(), "{}", failure.shown());
    }
    Err(last)
}

/// Shows what fixes would change, in a form that `patch` and `git apply` take.
fn show(changes: &[Change], reviewed: &[Reviewed]) -> Result<(), Failure> {
    let mut text = String::new();
    for change in changes {
        let review = &reviewed[change.place].review;
        text.push_str(&findings::diff(&review.path, &change.before, review.source.text()));
    }
    // A patch must stay as it is; on a terminal it is only looked at.
    match io::stdout().is_terminal() {
        true => super::print(&visible_str(&text))?,
        false => super::print(&text)?,
    }
    let made: usize = changes.iter().map(|change| change.made).sum();
    if made > 0 {
        let (findings, files) = (counted(made, "finding"), counted(changes.len(), "file"));
        let _ = writeln!(io::stderr().lock(), "would settle {findings} in {files}");
    }
    Ok(())
}

/// Writes a changed file.
fn keep(change: &Change, reviewed: &Reviewed) -> Result<(), Failure> {
    let path = &reviewed.file.path;
    let after = reviewed.review.source.text();
    write::replace(path, &change.before, after).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::usage(message, "nothing of this file was changed")
    })
}

/// A review of nothing would pass for one of all.
fn nothing() -> Failure {
    Failure::usage(
        "there is no runbook to review",
        "name files, or go to the folder of your library",
    )
}

/// What stands in the file of a baseline.
fn baseline(path: &Path) -> Result<Baseline, Failure> {
    let source = load::given(path)?;
    Baseline::read(source.text()).map_err(|reason| {
        let message = format!("{} is no baseline: {reason}", path.display());
        Failure::usage(message, "write one with --write-baseline FILE")
    })
}

/// Prints the findings, and writes them to the files that were asked for.
fn tell(reviews: &[Review], args: &args::Lint) -> Result<(), Failure> {
    for output in &args.output {
        let text = made(output.format, reviews, Look::Plain);
        write(&output.path, &text)?;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    // Where no file could be read, the reasons say all there is to say.
    if !reviews.is_empty() || args.format != LintFormat::Text {
        super::print(&made(args.format, reviews, look))?;
    }
    // Beside the log, GitHub shows what stands beside the lines.
    if args.format == LintFormat::Text && std::env::var_os("GITHUB_ACTIONS").is_some() {
        super::print(&findings::github(reviews))?;
    }
    Ok(())
}

fn made(format: LintFormat, reviews: &[Review], look: Look) -> String {
    match format {
        LintFormat::Text => findings::text(reviews, look),
        LintFormat::Concise => findings::concise(reviews),
        LintFormat::Json => findings::json(reviews),
        LintFormat::Jsonl => findings::jsonl(reviews),
        LintFormat::Sarif => findings::sarif(reviews),
        LintFormat::Github => findings::github(reviews),
        LintFormat::Gitlab => findings::gitlab(reviews),
        LintFormat::Junit => findings::junit(reviews),
        LintFormat::Rdjson => findings::rdjson(reviews),
        LintFormat::Md => findings::md(reviews),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::usage(message, "name a file that can be written")
    })
}
