//! `holdpoint test --init`: the first file of tests of a runbook, written beside it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::failure::{Exit, Failure};
use crate::lint::counted;
use crate::rehearse::draft::{Draft, draft};
use crate::rehearse::results::percent;
use crate::report::visible_str;

use super::{file, is_tests};

/// Writes the file, and says what it walks.
pub fn init(runbook: &Path, is_printed: bool) -> Result<Exit, Failure> {
    if is_tests(runbook) {
        let message = format!("{} is a file of tests already", runbook.display());
        return Err(Failure::usage(message, "name the runbook that is to be tested"));
    }
    let path = beside(runbook);
    let name = runbook.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !is_printed && path.symlink_metadata().is_ok() {
        return Err(exists(&path));
    }
    let (piece, environment) = file::bare(runbook)?;
    let draft = draft(&piece, &name, environment);
    if draft.cases == 0 {
        let message = format!("no run of {} could be played to its end", runbook.display());
        let help = match draft.lacking.as_slice() {
            [] => "write its first test by hand".to_owned(),
            inputs => format!("no value was found for {}: give them `example`", inputs.join(", ")),
        };
        return Err(Failure::usage(message, help));
    }
    if is_printed {
        super::super::print(&draft.text)?;
        return Ok(Exit::Done);
    }
    write(&path, &draft.text)?;
    super::super::print(&told(&path, &draft))?;
    Ok(Exit::Done)
}

/// The file of tests of a runbook.
fn beside(runbook: &Path) -> PathBuf {
    runbook.with_extension("test.yaml")
}

fn exists(path: &Path) -> Failure {
    let message = format!("{} is there already", path.display());
    Failure::usage(message, "it is left as it is; take it away first, or print with --stdout")
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let written = OpenOptions::new().write(true).create_new(true).open(path);
    let written = written.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => {
            let message = format!("cannot write {}: {error}", path.display());
            Failure::usage(message, "print it with --stdout")
        }
    })
}

/// What was written, what it walks, and what it does not.
fn told(path: &Path, draft: &Draft) -> String {
    let coverage = &draft.coverage;
    let cases = counted(draft.cases, "case");
    let mut text = format!(
        "{}: {cases}, {} of {} edges walked ({})\n",
        visible_str(&path.display().to_string()),
        coverage.count(),
        coverage.total(),
        percent(coverage)
    );
    for (group, edges) in coverage.missing_by_group() {
        text.push_str(&format!("  not walked, {}\n", group.word()));
        for edge in edges {
            text.push_str(&format!("    {}\n", visible_str(&edge.sentence)));
        }
    }
    text + "its expectations are what the runbook does now: read them before you rely on them\n"
}
