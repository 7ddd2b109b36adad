//! `holdpoint lint`: what an experienced reviewer would say about runbooks, with nothing run.

mod crowd;
mod files;
mod read;
mod wish;

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use chrono::Local;

use crate::journal::Store;
use crate::lint::knowledge::Knowledge;
use crate::lint::review::Found;
use crate::lint::{Baseline, Review};
use crate::report::diagnostic::Look;
use crate::report::findings;

use super::args::{self, LintFormat};
use super::failure::{Exit, Failure};
use super::load;
use files::Candidate;
use read::Desk;

/// Reviews the files that were named, or those of the library or folder here.
pub fn lint(store: &Store, args: &args::Lint) -> Result<Exit, Failure> {
    let wish = wish::of(args)?;
    let files = files::gather(args, store)?;
    let baseline = args.baseline.as_deref().map(baseline).transpose()?;
    let knowledge = Knowledge::built_in();
    let today = args.today.unwrap_or_else(|| Local::now().date_naive());
    let desk = Desk { knowledge: &knowledge, today, wish: &wish };
    let (found, refused) = looked_at(&files, &desk);
    if found.is_empty() && refused.is_none() {
        return Err(nothing());
    }
    let review = |found| Review::new(found, baseline.as_ref());
    let mut reviews: Vec<Review> = found.into_iter().map(review).collect();
    if let Some(path) = &args.write_baseline {
        let text = Baseline::write(&reviews);
        write(path, &text)?;
        // What is told from now on is what is not in it.
        let written = Baseline::read(&text).unwrap_or_default();
        reviews.iter_mut().for_each(|review| written.leave_out(review));
    }
    tell(&reviews, args)?;
    if let Some(failure) = refused {
        return Err(failure);
    }
    let fails = reviews.iter().any(Review::fails) && !args.exit_zero;
    Ok(if fails { Exit::Failed } else { Exit::Done })
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

/// What is found, in the order of the files, and why one of them could not be read.
fn looked_at(files: &[Candidate], desk: &Desk<'_>) -> (Vec<Found>, Option<Failure>) {
    let mut all = Vec::new();
    let mut refused = None;
    for done in crowd::each(files, |file| read::look(file, desk)) {
        match done {
            Ok(found) => all.extend(found),
            Err(failure) => {
                // The first is told at the end, with the exit code that says it.
                if let Some(before) = refused.replace(failure) {
                    use std::io::Write;
                    let _ = write!(io::stderr().lock(), "{}", before.shown());
                }
            }
        }
    }
    (all, refused)
}

/// Prints the findings, and writes them to the files that were asked for.
fn tell(reviews: &[Review], args: &args::Lint) -> Result<(), Failure> {
    for output in &args.output {
        let text = made(output.format, reviews, Look::Plain);
        write(&output.path, &text)?;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    super::print(&made(args.format, reviews, look))?;
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
