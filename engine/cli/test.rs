//! `holdpoint test`: the cases of test files, played with nothing run.

mod cover;
mod file;
mod init;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::journal::Store;
use crate::rehearse::Piece;
use crate::rehearse::coverage::walked;
use crate::rehearse::results::{self, CaseResult, Covered, FileResult};
use crate::report::diagnostic::Look;

use super::args::{self, TestFormat};
use super::failure::{Exit, Failure};
use super::lint::{crowd, files};
use file::{Ready, Tests};

/// What the name of a file of tests ends in.
const ENDINGS: [&str; 2] = [".test.yaml", ".test.yml"];

/// Plays the cases of the files that were named, or of those of the library or folder here.
pub fn test(store: &Store, args: &args::Test) -> Result<Exit, Failure> {
    if let Some(runbook) = &args.init {
        return init::init(runbook, args.stdout);
    }
    let paths = files(store, args)?;
    let mut failures = Vec::new();
    let mut tests = Vec::new();
    for read in crowd::each(&paths, |path| file::read(path, &args.cases)) {
        match read {
            Ok(read) => tests.push(read),
            Err(failure) => failures.push(failure),
        }
    }
    let (played, trails) = play(tests, cover::is_wanted(args));
    let covered = cover::covered(&played, &trails, store, args, &mut failures)?;
    let is_nothing = played.iter().all(|file| file.wrong.is_empty() && is_empty(file));
    if failures.is_empty() && covered.iter().flatten().next().is_none() && is_nothing {
        failures.push(nothing(args));
        return ended(failures, Exit::Usage);
    }
    if !played.is_empty() || covered.is_some() || args.format != TestFormat::Text {
        tell(&played, covered.as_deref(), args)?;
    }
    let is_short = covered.iter().flatten().any(|runbook| !runbook.is_enough());
    ended(failures, exit_of(&played, is_short))
}

/// What one case walked, and of what.
struct Trail {
    piece: Arc<Piece>,
    walked: BTreeSet<String>,
}

/// The files of tests, each once.
fn files(store: &Store, args: &args::Test) -> Result<Vec<PathBuf>, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        let help = "a test file names its runbook by a path from where it lies: name the file";
        return Err(Failure::usage("tests are not read from standard input", help));
    }
    let found = files::among(&args.paths, None, store)?.into_iter();
    let wanted = found.filter(|file| file.origin == files::Origin::Named || is_tests(&file.path));
    let paths: Vec<PathBuf> = wanted.map(|file| file.path).collect();
    match paths.iter().find(|path| !is_tests(path)) {
        None => Ok(paths),
        Some(other) => {
            let message = format!("{} is no file of tests", other.display());
            Err(Failure::usage(message, "the name of a file of tests ends in .test.yaml"))
        }
    }
}

/// Whether a file is one of tests, by its name.
fn is_tests(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Plays all cases on all cores. What they walked is only worked out where it is asked for.
fn play(tests: Vec<Tests>, is_followed: bool) -> (Vec<FileResult>, Vec<Trail>) {
    let cases: Vec<(usize, &Ready)> = tests
        .iter()
        .enumerate()
        .flat_map(|(file, tests)| tests.cases.iter().map(move |ready| (file, ready)))
        .collect();
    let played = crowd::each(&cases, |(file, ready)| {
        let source = &tests[*file].source;
        let (result, played) = results::tried(source, &ready.piece, &ready.script);
        let records = played.iter().flat_map(|played| &played.records);
        let trail = is_followed.then(|| Trail {
            piece: Arc::clone(&ready.piece),
            walked: walked(&ready.piece.plan, records.map(|record| &record.event)),
        });
        (*file, result, trail)
    });
    let mut results: Vec<Vec<CaseResult>> = tests.iter().map(|_| Vec::new()).collect();
    let mut trails = Vec::new();
    for (file, result, trail) in played {
        results[file].push(result);
        trails.extend(trail);
    }
    let files = tests.into_iter().zip(results).map(|(tests, cases)| {
        let Tests { source, runbook, wrong, cases: _ } = tests;
        FileResult { source, runbook, wrong, cases }
    });
    (files.collect(), trails)
}

fn is_empty(file: &FileResult) -> bool {
    file.cases.is_empty()
}

/// A test of nothing would pass for one of all.
fn nothing(args: &args::Test) -> Failure {
    match args.cases.as_slice() {
        [] => Failure::usage(
            "there is no file of tests",
            "name one, such as runbook.test.yaml, or go to the folder of your library",
        ),
        names => Failure::usage(
            format!("no case has `{}` in its name", names.join("` or `")),
            "leave --case out to play all of them",
        ),
    }
}

fn exit_of(files: &[FileResult], is_short: bool) -> Exit {
    if files.iter().any(|file| !file.wrong.is_empty()) {
        Exit::Usage
    } else if files.iter().all(FileResult::is_ok) && !is_short {
        Exit::Done
    } else {
        Exit::Failed
    }
}

/// The end of the tests: what could not be read is told, and stands above what came of the others.
fn ended(mut failures: Vec<Failure>, exit: Exit) -> Result<Exit, Failure> {
    let Some(last) = failures.pop() else { return Ok(exit) };
    for failure in failures {
        // Where nothing can be written, the exit code still says it.
        let _ = write!(io::stderr().lock(), "{}", failure.shown());
    }
    Err(last)
}

/// Prints the results, and writes them to the files that were asked for.
fn tell(
    files: &[FileResult],
    covered: Option<&[Covered]>,
    args: &args::Test,
) -> Result<(), Failure> {
    for output in &args.output {
        let text = made(output.format, files, covered, Look::Plain);
        fs::write(&output.path, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", output.path.display());
            Failure::usage(message, "name a file that can be written")
        })?;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    super::print(&made(args.format, files, covered, look))
}

fn made(
    format: TestFormat,
    files: &[FileResult],
    covered: Option<&[Covered]>,
    look: Look,
) -> String {
    match format {
        TestFormat::Text => {
            results::text(files, look) + &results::coverage(covered.unwrap_or_default())
        }
        TestFormat::Json => results::json(files, covered),
        TestFormat::Junit => results::junit(files, covered.unwrap_or_default()),
    }
}
