//! `holdpoint verify`: what the journal of a run, or a bundle of one, proves, and what it does not.

mod anchored;
mod bundled;
mod kept;

use std::fmt::Write;

use crate::journal::{Anchor, Ending, Reading, Record, Store, frozen_folder};
use crate::run::event::{Event, Printed};
use crate::timeline;

use super::failure::{Exit, Failure};
use super::{args, frozen};

use anchored::{anchor, held};
pub use bundled::bundle;
pub(super) use kept::torn_tails;

/// Recomputes the chain of a journal, and compares what was kept of the output.
pub fn verify(store: &Store, args: &args::Verify) -> Result<Exit, Failure> {
    let anchor = args.anchor.as_deref().map(anchor).transpose()?;
    kept::within(store, args, |subject| conclude(subject, args, anchor.as_ref()))
}

/// What is verified: the records of a run, and what lies beside them.
struct Subject<'a> {
    run: &'a str,
    reading: &'a Reading,
    /// Whether what it was frozen with is there, as it was.
    frozen: Result<(), Failure>,
    /// The files with what was cut off the journal.
    torn: Vec<String>,
    /// What is wrong with the whole that holds it.
    fault: Option<Failure>,
    place: Place,
    /// The digest of a file that lies beside the journal.
    digest_of: &'a dyn Fn(&str) -> Option<String>,
}

impl Subject<'_> {
    fn records(&self) -> &[Record] {
        &self.reading.records
    }

    fn journal(&self, reason: String) -> Failure {
        Failure::Journal { run: self.run.to_owned(), reason }
    }

    fn stamped(&self) -> String {
        match self.records().first().map(|record| &record.event) {
            Some(Event::RunStarted(start)) => start.mode.stamped(self.run),
            _ => self.run.to_owned(),
        }
    }
}

/// Says what is proven, and what is wrong first of all.
fn conclude(
    subject: Subject<'_>,
    args: &args::Verify,
    anchor: Option<&Anchor>,
) -> Result<Exit, Failure> {
    let mut text = chain(&subject);
    let outputs = compare_outputs(&subject, &mut text);
    let anchored = match anchor {
        Some(anchor) => held(&subject, anchor, &mut text),
        None => Ok(None),
    };
    text.push_str(&unproven(&subject, anchored.as_ref().ok().copied().flatten()));
    if !args.print_anchor {
        super::print(&text)?;
    }
    let damage = subject.reading.ending.damage().map(|reason| subject.journal(reason));
    let outputs = outputs.map_err(|reason| subject.journal(reason));
    let another = another(&subject);
    damage.map_or(Ok(()), Err)?;
    let Subject { fault, frozen, run, reading, .. } = subject;
    fault.map_or(Ok(()), Err)?;
    another.map_or(Ok(()), Err)?;
    frozen?;
    outputs?;
    anchored?;
    if args.print_anchor {
        let reason = "it holds no whole record".to_owned();
        let anchor = Anchor::of(run, &reading.records)
            .ok_or_else(|| Failure::Journal { run: run.to_owned(), reason })?;
        super::print(&format!("{anchor}\n"))?;
    }
    Ok(Exit::Done)
}

/// That the record in a bundle is of another run than the bundle says. The folder of a run in a store
/// may be called otherwise by whoever keeps it there.
fn another(subject: &Subject<'_>) -> Option<Failure> {
    let Event::RunStarted(start) = &subject.records().first()?.event else { return None };
    let is_another = subject.place == Place::Bundle && start.run != subject.run;
    is_another.then(|| subject.journal(format!("it is the record of {}", start.run)))
}

/// What the chain says, and what it was frozen with.
fn chain(subject: &Subject<'_>) -> String {
    let records = subject.records();
    let mut text = format!("{}\n", subject.stamped());
    let head = records.last().map(|record| record.hash.as_str()).unwrap_or("none");
    let _ = writeln!(text, "{} records, each chained to the one before", records.len());
    let _ = writeln!(text, "head of the chain: {head}");
    if let Some(anchor) = Anchor::of(subject.run, records) {
        let _ = writeln!(text, "anchor: {anchor}");
    }
    if subject.reading.ending.damage().is_none() {
        let _ = writeln!(text, "{}", seal(records));
    }
    for told in durabilities(records) {
        let _ = writeln!(text, "{told}");
    }
    if let Ending::Torn { bytes } = subject.reading.ending {
        let _ =
            writeln!(text, "the last write was cut short: {bytes} bytes that never took effect");
    }
    for torn in &subject.torn {
        let _ = writeln!(text, "an earlier write was cut short and is kept in {torn}");
    }
    if subject.frozen.is_ok() {
        let _ = writeln!(text, "the frozen runbook is the one that the run began with");
        for number in 2..=frozen::digests(records).len() {
            let folder = frozen_folder(number);
            let _ = writeln!(text, "{folder} is the one that the run took over");
        }
    }
    text
}

/// Whether the run has ended, and what stands behind its end.
fn seal(records: &[Record]) -> String {
    let remarks = records.iter().rev().take_while(|record| record.event.is_remark()).count();
    let last = records.iter().rev().nth(remarks).map(|record| &record.event);
    if !matches!(last, Some(Event::RunEnded { .. })) {
        return "the run is open: more may be appended".to_owned();
    }
    match remarks {
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
fn compare_outputs(subject: &Subject<'_>, text: &mut String) -> Result<(), String> {
    let mut whole = 0;
    let mut cut = 0;
    let mut changed = Vec::new();
    for printed in subject.records().iter().flat_map(|record| printed(&record.event)) {
        match (subject.digest_of)(&printed.file) {
            Some(_) if printed.cut > 0 => cut += 1,
            Some(digest) if digest == printed.sha256 => whole += 1,
            Some(_) => changed.push(format!("{} was changed", printed.file)),
            None => changed.push(format!("{} is missing", printed.file)),
        }
    }
    let _ = writeln!(text, "outputs that match their digests: {whole}; kept in part only: {cut}");
    match changed.is_empty() {
        true => Ok(()),
        false => Err(changed.join("; ")),
    }
}

/// What a record says was printed.
pub(super) fn printed(event: &Event) -> Vec<&Printed> {
    match event {
        Event::StepEnded(ended) => [&ended.out, &ended.err].into_iter().flatten().collect(),
        Event::ExecEnded(ended) => [&ended.out, &ended.err].into_iter().flatten().collect(),
        _ => Vec::new(),
    }
}

/// What is not proven, where an anchor covers so many records.
fn unproven(subject: &Subject<'_>, covered: Option<u64>) -> String {
    let place = subject.place.word();
    let mut text = match covered {
        None => format!(
            "not proven: that nobody who can write to this {place} made the chain anew, or cut\n\
             records off its end; to prove that, keep the head of the chain somewhere else\n"
        ),
        Some(record) => format!(
            "not proven: that nobody who can write to this {place} changed what came after record\n\
             {record}, or cut it off\n"
        ),
    };
    if subject.place == Place::Bundle {
        text += "nor that its pages tell what its journal does: unpack it into the folder `runs` of a\n\
                 store, and have them made anew\n";
    }
    text
}

/// Where a record lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Place {
    Folder,
    Bundle,
}

impl Place {
    fn word(self) -> &'static str {
        match self {
            Place::Folder => "folder",
            Place::Bundle => "bundle",
        }
    }
}
