//! A bundle, to be verified: without a store, and without the machine that the run took place on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use crate::journal::bundle::{self, Bundle, Limits};
use crate::journal::{RUNBOOK, Record, frozen_folder};

use super::super::failure::{Exit, Failure};
use super::super::{args, frozen};
use super::{Place, Subject, anchor, conclude};

/// Says what a bundle proves.
pub fn bundle(path: &Path, args: &args::Verify) -> Result<Exit, Failure> {
    let anchor = args.anchor.as_deref().map(anchor).transpose()?;
    let mut file = File::open(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => Failure::NoRun(format!("there is no bundle {}", path.display())),
        _ => Failure::Unreadable { path: path.to_owned(), source },
    })?;
    let bundle = bundle::read(&mut file, Limits::default());
    let broken = |reason: String| Failure::Bundle { path: path.to_owned(), reason };
    let Bundle { run: Some(run), reading: Some(reading), digests, faults } = bundle else {
        let none = || "it holds no journal".to_owned();
        return Err(broken(bundle.faults.into_iter().next().unwrap_or_else(none)));
    };
    let is_torn = |name: &&String| name.ends_with(".torn") && !name.contains('/');
    conclude(
        Subject {
            run: &run,
            reading: &reading,
            frozen: frozen(&reading.records, &digests).map_err(broken),
            torn: digests.keys().filter(is_torn).cloned().collect(),
            fault: (!faults.is_empty()).then(|| broken(faults.join("; "))),
            place: Place::Bundle,
            digest_of: &|file| digests.get(file).cloned(),
        },
        args,
        anchor.as_ref(),
    )
}

/// Whether the runbooks of a run are in the bundle, as they were frozen.
fn frozen(records: &[Record], found: &BTreeMap<String, String>) -> Result<(), String> {
    for (digests, number) in frozen::digests(records).into_iter().zip(1..) {
        let folder = frozen_folder(number);
        let runbook = [(RUNBOOK.to_owned(), digests.runbook)];
        for (name, expected) in runbook.into_iter().chain(digests.beside) {
            let name = format!("{folder}/{name}");
            match found.get(&name) {
                Some(digest) if *digest == expected => {}
                Some(_) => return Err(format!("its frozen {name} was changed")),
                None => return Err(format!("its frozen {name} is missing")),
            }
        }
    }
    Ok(())
}
