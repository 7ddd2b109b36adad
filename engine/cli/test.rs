//! `holdpoint test`: the cases of test files, played with nothing run.

mod file;

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::journal::Store;
use crate::rehearse::results::{self, CaseResult, FileResult};
use crate::report::diagnostic::Look;

use super::args::{self, TestFormat};
use super::failure::{Exit, Failure};
use super::lint::{crowd, files};
use file::{Ready, Tests};

/// What the name of a file of tests ends in.
const ENDINGS: [&str; 2] = [".test.yaml", ".test.yml"];

/// Plays the cases of the files that were named, or of those of the library or folder here.
pub fn test(store: &Store, args: &args::Test) -> Result<Exit, Failure> {
    let paths = files(store, args)?;
    let mut failures = Vec::new();
    let mut tests = Vec::new();
    for read in crowd::each(&paths, |path| file::read(path, &args.cases)) {
        match read {
            Ok(read) => tests.push(read),
            Err(failure) => failures.push(failure),
        }
    }
    let played = play(tests);
    if failures.is_empty() && played.iter().all(|file| file.wrong.is_empty() && is_empty(file)) {
        failures.push(nothing(args));
        return ended(failures, Exit::Usage);
    }
    if !played.is_empty() || args.format != TestFormat::Text {
        tell(&played, args)?;
    }
    ended(failures, exit_of(&played))
}

/// The files of tests, each once.
fn files(store: &Store, args: &args::Test) -> Result<Vec<PathBuf>, Failure> {
    if args.paths.iter().any(|path| path == Path::new("-")) {
        let help = "a test file names its runbook by a path from where it lies: name the file";
        return Err(Failure::usage("tests are not read from standard input", help));
    }
    let is_tests = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        ENDINGS.iter().any(|ending| name.ends_with(ending))
    };
    let found = files::gather(&args.paths, None, store)?.into_iter();
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

/// Plays all cases on all cores.
fn play(tests: Vec<Tests>) -> Vec<FileResult> {
    let cases: Vec<(usize, &Ready)> = tests
        .iter()
        .enumerate()
        .flat_map(|(file, tests)| tests.cases.iter().map(move |ready| (file, ready)))
        .collect();
    let played = crowd::each(&cases, |(file, ready)| {
        let source = &tests[*file].source;
        (*file, results::tried(source, &ready.piece, &ready.script).0)
    });
    let mut results: Vec<Vec<CaseResult>> = tests.iter().map(|_| Vec::new()).collect();
    for (file, result) in played {
        results[file].push(result);
    }
    let files = tests.into_iter().zip(results).map(|(tests, cases)| {
        let Tests { source, runbook, wrong, cases: _ } = tests;
        FileResult { source, runbook, wrong, cases }
    });
    files.collect()
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

fn exit_of(files: &[FileResult]) -> Exit {
    if files.iter().any(|file| !file.wrong.is_empty()) {
        Exit::Usage
    } else if files.iter().all(FileResult::is_ok) {
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
fn tell(files: &[FileResult], args: &args::Test) -> Result<(), Failure> {
    for output in &args.output {
        let text = made(output.format, files, Look::Plain);
        fs::write(&output.path, text).map_err(|error| {
            let message = format!("cannot write {}: {error}", output.path.display());
            Failure::usage(message, "name a file that can be written")
        })?;
    }
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stdout().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    super::print(&made(args.format, files, look))
}

fn made(format: TestFormat, files: &[FileResult], look: Look) -> String {
    match format {
        TestFormat::Text => results::text(files, look),
        TestFormat::Json => results::json(files),
        TestFormat::Junit => results::junit(files),
    }
}
