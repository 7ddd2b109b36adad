//! A run as it lies in the store, to be verified.

use std::io::Read;

use crate::journal::{Store, to_read};
use crate::run::digest;

use super::super::args;
use super::super::failure::{Exit, Failure};
use super::super::find::{self, Found};
use super::{Place, Subject};

/// Finds the run that is meant, and says of it what `told` says.
pub(super) fn within(
    store: &Store,
    args: &args::Verify,
    told: impl FnOnce(Subject<'_>) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let folder = found.folder.path().to_owned();
    let digest_of = |file: &str| {
        // A journal that somebody made may name any file.
        let is_beside = file.starts_with("output/") && !file.split('/').any(|part| part == "..");
        if !is_beside {
            return None;
        }
        let mut bytes = Vec::new();
        let read = to_read(&folder.join(file)).and_then(|mut file| file.read_to_end(&mut bytes));
        read.ok().map(|_| digest(&bytes))
    };
    told(Subject {
        run: &found.folder.run,
        reading: &found.reading,
        frozen: found.plans().map(drop),
        torn: torn_tails(&found),
        fault: None,
        place: Place::Folder,
        digest_of: &digest_of,
    })
}

/// The files with what was cut off the journal.
pub(in super::super) fn torn_tails(found: &Found) -> Vec<String> {
    let entries = std::fs::read_dir(found.folder.path()).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".torn")).collect()
}
