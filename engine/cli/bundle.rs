//! `holdpoint timeline --bundle`: the record of a run in one file, to be handed on.

mod contents;
mod draft;

use std::fs::File;
use std::io;
use std::path::Path;

use crate::journal::bundle::{JOURNAL, Packer};
use crate::journal::{Anchor, Ending, Folder, Lock, to_read};
use crate::report::visible_str;
use crate::timeline::Zone;

use super::args::{TimelineFormat, TimelineView};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::report;
use super::timeline::Told;
use contents::names;
use draft::Draft;

/// The timelines that are made of the record and put beside it. They must not depend on who reads
/// them, nor when.
const TIMELINES: [(&str, TimelineFormat, TimelineView); 5] = [
    ("timeline.md", TimelineFormat::Md, TimelineView::Curated),
    ("timeline.html", TimelineFormat::Html, TimelineView::Curated),
    ("timeline.json", TimelineFormat::Json, TimelineView::Raw),
    ("timeline.csv", TimelineFormat::Csv, TimelineView::Raw),
    ("timeline.txt", TimelineFormat::Text, TimelineView::Curated),
];

/// The name of the post-incident document.
const REPORT: &str = "report.md";

/// Writes a run into a bundle, as far as its journal can be read.
pub fn bundle(found: &Found, path: &Path) -> Result<Exit, Failure> {
    let failed = |error: &io::Error| {
        let message = format!("cannot write {}: {error}", path.display());
        Failure::usage(message, "nothing was left there; name another file")
    };
    if path.symlink_metadata().is_ok() {
        return Err(exists(path));
    }
    let is_driven = Lock::is_held(&found.folder.lock());
    let pages = pages(found).map_err(|failure| failure.to_string());
    let draft = Draft::beside(path).map_err(|error| failed(&error))?;
    let packed = pack(found, &pages, is_driven, draft.file());
    let packed = packed.map_err(|error| failed(&error))?;
    draft.publish(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => failed(&error),
    })?;
    super::print(&told(found, path, &packed, is_driven))?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

fn exists(path: &Path) -> Failure {
    Failure::usage(
        format!("{} is there already", path.display()),
        "a bundle is written over nothing; name another file",
    )
}

/// The pages of a run, or why there are none: what is on record is packed all the same.
fn pages(found: &Found) -> Result<Vec<(&'static str, String)>, Failure> {
    let curated = Told::of(found, TimelineView::Curated, true)?;
    let raw = Told::of(found, TimelineView::Raw, false)?;
    let told = TIMELINES.iter().map(|(name, format, view)| {
        let told = if *view == TimelineView::Raw { &raw } else { &curated };
        (*name, told.written(*format, Zone::Utc))
    });
    let mut pages: Vec<(&'static str, String)> = told.collect();
    pages.push((REPORT, report::usual(found)?));
    Ok(pages)
}

/// What went into a bundle.
struct Packed {
    files: usize,
    /// What is on record and was not there to be packed.
    missing: Vec<String>,
}

fn pack(
    found: &Found,
    pages: &Result<Vec<(&'static str, String)>, String>,
    is_driven: bool,
    out: &File,
) -> io::Result<Packed> {
    let records = &found.reading.records;
    let time = records.last().map_or(0, |record| record.at.timestamp());
    let out = io::BufWriter::new(out);
    let mut packer = Packer::new(out, &found.folder.run, time.try_into().unwrap_or_default());
    add_journal(&mut packer, found, is_driven)?;
    let mut missing = Vec::new();
    for name in names(found) {
        match open(&found.folder, &name) {
            Ok((mut file, length)) => packer.add(&name, &mut file, length)?,
            Err(error) => missing.push(format!("{name}: {error}")),
        }
    }
    match pages {
        Ok(pages) => {
            for (name, page) in pages {
                packer.add(name, &mut page.as_bytes(), page.len() as u64)?;
            }
        }
        Err(reason) => missing.push(format!("its timeline: {reason}")),
    }
    let (out, files) = packer.finish()?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(Packed { files, missing })
}

/// The journal as it was read. What stands behind its records is part of it, unless somebody is
/// writing there.
fn add_journal(
    packer: &mut Packer<io::BufWriter<&File>>,
    found: &Found,
    is_driven: bool,
) -> io::Result<()> {
    let Ok((mut journal, length)) = open(&found.folder, JOURNAL) else { return Ok(()) };
    let good = found.reading.good_bytes;
    let length = match found.reading.ending {
        Ending::Torn { bytes } if !is_driven => good + bytes,
        Ending::Whole | Ending::Torn { .. } => good,
        Ending::Damaged { .. } | Ending::Newer { .. } => length,
    };
    packer.add(JOURNAL, &mut journal, length)
}

/// A file of a run, and its length.
fn open(folder: &Folder, name: &str) -> io::Result<(File, u64)> {
    let file = to_read(&folder.path().join(name))?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// What is said when a bundle is written.
fn told(found: &Found, path: &Path, packed: &Packed, is_driven: bool) -> String {
    let records = &found.reading.records;
    let mut text = format!(
        "{}\n",
        found.stamped(&format!(
            "wrote {}: {} files, {} records",
            path.display(),
            packed.files,
            records.len()
        ))
    );
    if let Some(anchor) = Anchor::of(&found.folder.run, records) {
        text += &format!("anchor: {anchor}\n");
    }
    if is_driven {
        text += "the run goes on: what came after the last of these records is not in it\n";
    } else if !found.has_ended() {
        text += "the run is open: what comes after the last of these records is not in it\n";
    }
    for missing in &packed.missing {
        text += &format!("not in it: {missing}\n");
    }
    text += "secrets are masked in it as in the folder of the run\n";
    visible_str(&text).into_owned()
}
