//! What a command hands over in the file `$HOLDPOINT_OUTPUT`: `name=value` lines.
//!
//! The file is private, is there before the command begins, and is gone once its end is on record: a
//! driver that is killed before that leaves it to the next one.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::journal::output_name;
use crate::runbook::output::{MOST, Output};

/// The variable that names the file.
pub const VARIABLE: &str = "HOLDPOINT_OUTPUT";

/// How the names of such files end.
const ENDING: &str = "values";

/// A file for one attempt.
pub struct Handed {
    path: PathBuf,
}

impl Handed {
    /// An empty file for one attempt of a step.
    pub fn new(folder: &Path, step: &str, attempt: u32) -> io::Result<Handed> {
        let path = path(folder, step, attempt);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Handed { path })
    }

    /// The file of an attempt that an earlier driver began.
    pub fn left(folder: &Path, step: &str, attempt: u32) -> Handed {
        Handed { path: path(folder, step, attempt) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was written into it, by name; or what is wrong with that.
    pub fn values(&self, outputs: &[Output]) -> Result<BTreeMap<String, String>, String> {
        let unread = |error: io::Error| format!("${VARIABLE} could not be read: {error}");
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.path).map_err(unread)?;
        file.take(MOST as u64 + 1).read_to_end(&mut bytes).map_err(unread)?;
        if bytes.len() > MOST {
            return Err(format!("${VARIABLE} holds more than 64 KiB"));
        }
        let text = String::from_utf8(bytes).map_err(|_| format!("${VARIABLE} is not UTF-8"))?;
        values(&text, outputs)
    }
}

fn path(folder: &Path, step: &str, attempt: u32) -> PathBuf {
    folder.join(format!("{}.{ENDING}", output_name(step, attempt)))
}

/// Removes the file of an attempt whose end is on record.
pub fn remove(folder: &Path, step: &str, attempt: u32) {
    if let Err(error) = fs::remove_file(path(folder, step, attempt)) {
        tracing::debug!(%error, "there was no file of outputs");
    }
}

/// Removes what the attempts of a step left behind whose driver is gone.
pub fn clear(folder: &Path, step: &str) {
    clear_where(folder, |attempt| {
        let number = attempt.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
        number.is_some_and(|number| output_name(step, number) == attempt)
    });
}

/// Removes what all steps of a run that has ended left behind.
pub fn clear_all(folder: &Path) {
    clear_where(folder, |_| true);
}

fn clear_where(folder: &Path, is_wanted: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let attempt = name.strip_suffix(ENDING).and_then(|name| name.strip_suffix('.'));
        if attempt.is_some_and(&is_wanted)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::debug!(%error, "a file of outputs could not be removed");
        }
    }
}

/// The values in such a file, by name; the last of a name counts.
pub fn values(text: &str, outputs: &[Output]) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let (name, value) = line
            .split_once('=')
            .ok_or_else(|| format!("line {number} of ${VARIABLE} is not `name=value`"))?;
        if outputs.iter().all(|output| output.name.value != name) {
            return Err(format!(
                "line {number} of ${VARIABLE} names an output that is not declared"
            ));
        }
        found.insert(name.to_owned(), value.to_owned());
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Result<BTreeMap<String, String>, String> {
        let outputs: Vec<Output> = ["rows", "state"].into_iter().map(declared).collect();
        values(text, &outputs)
    }

    fn declared(name: &str) -> Output {
        let output = Output::of_answer("body").expect("every answer has one");
        let name = crate::source::Spanned { value: name.to_owned(), span: output.name.span };
        Output { name, ..output }
    }

    #[test]
    fn each_line_is_a_name_and_a_value_and_the_last_counts() {
        let values = found("rows=1\n\nstate=a = b \nrows=2\n").expect("they are declared");
        let values: Vec<_> = values.iter().map(|(name, it)| (name.as_str(), it.as_str())).collect();
        assert_eq!(values, [("rows", "2"), ("state", "a = b ")]);
    }

    #[test]
    fn what_is_no_such_line_or_not_declared_is_refused_without_its_value() {
        let no_line = "line 2 of $HOLDPOINT_OUTPUT is not `name=value`";
        assert_eq!(found("rows=1\nhunter2\n"), Err(no_line.into()));
        let unknown = "line 1 of $HOLDPOINT_OUTPUT names an output that is not declared";
        assert_eq!(found("hunter2=1\n"), Err(unknown.into()));
    }

    #[test]
    fn a_file_is_private_and_gone_afterwards() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let handed = Handed::new(folder.path(), "a/b", 1).expect("it is not there");
        let mode = fs::metadata(handed.path()).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(Handed::new(folder.path(), "a/b", 1).is_err(), "it is there already");
        for (step, attempt) in [("a/b", 2), ("a/b", 3), ("a/c", 1)] {
            Handed::new(folder.path(), step, attempt).expect("it is not there");
        }
        fs::write(folder.path().join("a.b.1.out"), "printed").expect("there is room");
        let left = || {
            let left = fs::read_dir(folder.path()).expect("it is there").flatten();
            let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
            left.sort();
            left
        };
        remove(folder.path(), "a/b", 1);
        assert_eq!(left(), ["a.b.1.out", "a.b.2.values", "a.b.3.values", "a.c.1.values"]);
        clear(folder.path(), "a/b");
        assert_eq!(left(), ["a.b.1.out", "a.c.1.values"], "that of another step");
        clear_all(folder.path());
        assert_eq!(left(), ["a.b.1.out"]);
    }
}
