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
use crate::lint::Review;
use crate::lint::knowledge::Knowledge;
use crate::report::diagnostic::Look;
use crate::report::findings;

use super::args::{self, LintFormat};
use super::failure::{Exit, Failure};
use files::Candidate;
use read::Desk;

/// Reviews the files that were named, or those of the library or folder here.
pub fn lint(store: &Store, args: &args::Lint) -> Result<Exit, Failure> {
    let wish = wish::of(args)?;
    let files = files::gather(args, store)?;
    let knowledge = Knowledge::built_in();
    let today = args.today.unwrap_or_else(|| Local::now().date_naive());
    let desk = Desk { knowledge: &knowledge, today, wish: &wish };
    let (reviews, refused) = reviewed(&files, &desk);
    tell(&reviews, args)?;
    if let Some(failure) = refused {
        return Err(failure);
    }
    let fails = reviews.iter().any(Review::fails) && !args.exit_zero;
    Ok(if fails { Exit::Failed } else { Exit::Done })
}

/// The reviews in the order of the files, and why one of them could not be read.
fn reviewed(files: &[Candidate], desk: &Desk<'_>) -> (Vec<Review>, Option<Failure>) {
    let mut reviews = Vec::new();
    let mut refused = None;
    for done in crowd::each(files, |file| read::review(file, desk)) {
        match done {
            Ok(review) => reviews.extend(review),
            Err(failure) => {
                // The first is told at the end, with the exit code that says it.
                if let Some(before) = refused.replace(failure) {
                    use std::io::Write;
                    let _ = write!(io::stderr().lock(), "{}", before.shown());
                }
            }
        }
    }
    (reviews, refused)
}

/// Prints the findings, and writes them to the files that were asked for.
fn tell(reviews: &[Review], args: &args::Lint) -> Result<(), Failure> {
    for output in &args.output {
        let text = made(output.format, reviews, Look::Plain);
        write(&output.path, &text)?;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    super::print(&made(args.format, reviews, look))
}

fn made(format: LintFormat, reviews: &[Review], look: Look) -> String {
    match format {
        LintFormat::Text => findings::text(reviews, look),
        _ => findings::concise(reviews),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::usage(message, "name a file that can be written")
    })
}
