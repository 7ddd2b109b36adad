//! The fuzz targets: each takes any bytes, and panics when they break a promise.
//!
//! `run.sh` plays them under libFuzzer. The ordinary tests play the seeds of each, and with them
//! every input that once broke something.

mod answers;
mod bundle;
mod document;
mod journal;
mod keeper;
mod letter;
mod lint;
mod machine;
mod redactor;
mod story;
mod template;
mod terminal;
mod timeline;

/// What plays one input.
pub(crate) type Target = fn(&[u8]);

/// Every target by its name, which is also that of the folder of its seeds.
const TARGETS: &[(&str, Target)] = &[
    ("answers", answers::play),
    ("bundle", bundle::play),
    ("document", document::play),
    ("journal", journal::play),
    ("keeper", keeper::play),
    ("letter", letter::play),
    ("lint", lint::play),
    ("machine", machine::play),
    ("redactor", redactor::play),
    ("template", template::play),
    ("terminal", terminal::play),
    ("timeline", timeline::play),
];

/// The target of a name.
pub(crate) fn find(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// The bytes of an input, taken from the front one by one; zeros when they are used up.
pub(crate) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes(bytes)
    }

    pub(crate) fn are_used_up(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn next(&mut self) -> u8 {
        let [first, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        *first
    }

    /// At most so many.
    pub(crate) fn take(&mut self, count: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// Up to the next newline, which is left out.
    pub(crate) fn take_line(&mut self) -> &'a [u8] {
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let line = self.take(end.unwrap_or(self.0.len()));
        self.take(1);
        line
    }

    /// A number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::from(self.next()).checked_rem(limit).unwrap_or_default()
    }

    /// One of several things.
    pub(crate) fn choose<'t, T>(&mut self, things: &'t [T]) -> Option<&'t T> {
        things.get(self.below(things.len()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::catch_unwind;
    use std::path::{Path, PathBuf};

    use super::*;

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).expect("the folder is part of the project");
        let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        files
    }

    #[test]
    fn what_a_fuzz_target_is_seeded_with_and_what_once_broke_it_breaks_no_promise() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
        let folders = files(&seeds);
        let names = folders.iter().filter_map(|folder| folder.file_name()?.to_str());
        let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.collect::<Vec<_>>(), known);
        for folder in folders {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let target = find(name).unwrap_or_else(|| panic!("there is no target {name}"));
            let inputs = files(&folder);
            assert!(!inputs.is_empty(), "{name} has no seeds");
            for input in inputs {
                let bytes = fs::read(&input).expect("a seed can be read");
                let is_sound = catch_unwind(|| target(&bytes)).is_ok();
                assert!(is_sound, "{} breaks a promise of {name}", input.display());
            }
        }
    }
}
