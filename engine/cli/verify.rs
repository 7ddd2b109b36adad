//! `holdpoint verify`: what the journal of a run proves, and what it does not.

use std::fmt::Write;

use crate::journal::{Ending, Record, Store, frozen_folder};
use crate::run::digest;
use crate::run::event::{Event, Printed};
use crate::timeline;

use super::args;
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::frozen;

/// Recomputes the chain of a journal, and compares what was kept of the output.
pub fn verify(store: &Store, args: &args::Verify) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let records = &found.reading.records;
    let mut text = format!("{}\n", found.stamped(&found.folder.run));
    let head = records.last().map(|record| record.hash.as_str()).unwrap_or("none");
    let _ = writeln!(text, "{} records, each chained to the one before", records.len());
    let _ = writeln!(text, "head of the chain: {head}");
    if found.damage().is_none() {
        let _ = writeln!(text, "{}", seal(&found));
    }
    for told in durabilities(records) {
        let _ = writeln!(text, "{told}");
    }
    if let Ending::Torn { bytes } = found.reading.ending {
        let _ =
            writeln!(text, "the last write was cut short: {bytes} bytes that never took effect");
    }
    for torn in torn_tails(&found) {
        let _ = writeln!(text, "an earlier write was cut short and is kept in {torn}");
    }
    let frozen = found.plans();
    if frozen.is_ok() {
        let _ = writeln!(text, "the frozen runbook is the one that the run began with");
        let taken_over = frozen::digests(records).len() - 1;
        for number in 2..taken_over + 2 {
            let folder = frozen_folder(number);
            let _ = writeln!(text, "{folder} is the one that the run took over");
        }
    }
    let outputs = compare_outputs(&found, &mut text);
    text.push_str(
        "not proven: that nobody who can write to this folder made the chain anew, or cut\n\
         records off its end; to prove that, keep the head of the chain somewhere else\n",
    );
    super::print(&text)?;
    let run = found.folder.run.clone();
    match (found.damage(), frozen, outputs) {
        (Some(reason), ..) => Err(Failure::Journal { run, reason }),
        (None, Err(failure), _) => Err(failure),
        (None, Ok(_), Err(reason)) => Err(Failure::Journal { run, reason }),
        (None, Ok(_), Ok(())) => Ok(Exit::Done),
    }
}

/// Whether the run has ended, and what stands behind its end.
fn seal(found: &Found) -> String {
    if !found.has_ended() {
        return "the run is open: more may be appended".to_owned();
    }
    let records = found.reading.records.iter().rev();
    match records.take_while(|record| record.event.is_remark()).count() {
        0 => "the run has ended: its last record is its end".to_owned(),
        1 => "the run has ended: behind its end stands 1 remark, which changes nothing of it"
            .to_owned(),
        count => format!(
            "the run has ended: behind its end stand {count} remarks, which change nothing of it"
        ),
    }
}

/// What the records of each driver were to survive, where that is on record.
fn durabilities(records: &[Record]) -> Vec<String> {
    let mut told = Vec::new();
    for record in records {
        let level = match &record.event {
            Event::RunStarted(start) => start.durability,
            Event::Resumed(resumed) => resumed.durability,
            _ => continue,
        };
        let level = level.map_or("durability not on record", timeline::durability);
        told.push(format!("from record {}: {level}", record.seq));
    }
    told
}

/// Compares every kept output with its digest; one that was cut can only be counted.
fn compare_outputs(found: &Found, text: &mut String) -> Result<(), String> {
    let mut whole = 0;
    let mut cut = 0;
    let mut changed = Vec::new();
    for printed in found.reading.records.iter().flat_map(|record| printed(&record.event)) {
        match std::fs::read(found.folder.path().join(&printed.file)) {
            Ok(_) if printed.cut > 0 => cut += 1,
            Ok(bytes) if digest(&bytes) == printed.sha256 => whole += 1,
            Ok(_) => changed.push(format!("{} was changed", printed.file)),
            Err(_) => changed.push(format!("{} is missing", printed.file)),
        }
    }
    let _ = writeln!(text, "outputs that match their digests: {whole}; kept in part only: {cut}");
    match changed.is_empty() {
        true => Ok(()),
        false => Err(changed.join("; ")),
    }
}

/// The files with what was cut off the journal.
fn torn_tails(found: &Found) -> Vec<String> {
    let entries = std::fs::read_dir(found.folder.path()).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.ends_with(".torn")).collect()
}

fn printed(event: &Event) -> Vec<&Printed> {
    match event {
        Event::StepEnded(ended) => [&ended.out, &ended.err].into_iter().flatten().collect(),
        Event::ExecEnded(ended) => [&ended.out, &ended.err].into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}
