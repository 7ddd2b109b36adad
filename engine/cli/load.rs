//! From a file to a checked plan.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::Path;

use crate::document::TEXT_LIMIT;
use crate::report::diagnostic::{Look, render};
use crate::runbook::library::{self, Library};
use crate::source::{Problems, Source};

use super::failure::Failure;
use super::include::{self, Bundle, Files};

const TOO_LARGE: &str = "it is larger than 64 MiB";

/// Reads a file as text, refusing one that is too large before it is read.
pub fn source(path: &Path) -> Result<Source, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    let found = fs::metadata(path).map_err(unreadable)?;
    if found.is_dir() {
        return Err(unreadable(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    if found.len() > TEXT_LIMIT as u64 {
        return Err(unreadable(io::Error::other(TOO_LARGE)));
    }
    text(path, fs::File::open(path).map_err(unreadable)?)
}

/// The text of an open file.
pub fn text(path: &Path, file: fs::File) -> Result<Source, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    // A device or a pipe has no length to be told beforehand.
    let mut bytes = Vec::new();
    file.take(TEXT_LIMIT as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    self::bytes(path, bytes)
}

/// What was read of a file, one byte more than there may be at most, as text.
pub fn bytes(path: &Path, bytes: Vec<u8>) -> Result<Source, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    if bytes.len() > TEXT_LIMIT {
        return Err(unreadable(io::Error::other(TOO_LARGE)));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        unreadable(io::Error::other(format!("it is not UTF-8 text: byte {at} does not fit")))
    })?;
    Ok(Source::new(path.to_string_lossy(), text))
}

/// Reads a file that was given beside a runbook; one that cannot be read is a wrong argument.
pub fn given(path: &Path) -> Result<Source, Failure> {
    source(path).map_err(|error| match error {
        Failure::Unreadable { .. } => {
            Failure::usage(error.to_string(), "name a file that can be read")
        }
        other => other,
    })
}

/// A runbook in its library, with all that it includes, ready to run.
pub fn bundle(path: &Path, library: Library) -> Result<(Source, Bundle), Failure> {
    let source = source(path)?;
    let name = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let bundle = include::bundle(&source, &name.to_string_lossy(), &Files::around(path), library)?;
    Ok((source, bundle))
}

/// What a library says, or everything that is wrong with it.
pub fn library(source: &Source) -> Result<Library, Failure> {
    let mut problems = Problems::default();
    let library = library::read(source, &mut problems);
    let library = library.filter(|_| !problems.has_errors());
    library.ok_or_else(|| Failure::Invalid(drawn(source, problems)))
}

/// Diagnostics as they are shown here.
pub fn drawn(source: &Source, problems: Problems) -> String {
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stderr().is_terminal();
    let look = if is_plain { Look::Plain } else { Look::Coloured };
    render(source, &problems.sorted(), look)
}
