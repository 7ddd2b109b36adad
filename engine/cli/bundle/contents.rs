//! What of the folder of a run goes into a bundle, by name.

use crate::journal::{RUNBOOK, Undelivered, frozen_folder};

use super::super::find::Found;
use super::super::{frozen, verify};

/// What lies beside the journal and belongs to its record, in order.
pub(super) fn names(found: &Found) -> Vec<String> {
    let records = &found.reading.records;
    let mut names = Vec::new();
    for (digests, number) in frozen::digests(records).into_iter().zip(1..) {
        let folder = frozen_folder(number);
        let beside = digests.beside.into_keys().filter(|name| is_name(name));
        names.push(format!("{folder}/{}", RUNBOOK));
        names.extend(beside.map(|name| format!("{folder}/{name}")));
    }
    // It is made when a driver leaves, of what stands in the journal.
    let inputs = "inputs.json";
    names.extend(found.folder.path().join(inputs).exists().then(|| inputs.to_owned()));
    names.extend(verify::torn_tails(found));
    names.extend(Undelivered::of(found.folder.path()).list());
    let printed = records.iter().flat_map(|record| verify::printed(&record.event));
    // A record that somebody wrote must not fetch a file from anywhere else.
    let is_output = |file: &&String| file.strip_prefix("output/").is_some_and(is_name);
    names.extend(printed.map(|printed| &printed.file).filter(is_output).cloned());
    names.sort();
    names.dedup();
    names
}

/// Whether it names something in a folder, and nothing above or below it.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..") && !name.contains('/')
}
