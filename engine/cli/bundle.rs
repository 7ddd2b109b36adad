//! `holdpoint timeline --bundle`: the record of a run in one file, to be handed on.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::journal::bundle::{JOURNAL, Packer};
use crate::journal::{Anchor, Folder, Lock, Undelivered, frozen_folder, to_read};
use crate::report::visible_str;
use crate::timeline::Zone;

use super::args::{TimelineFormat, TimelineView};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::{frozen, report, timeline, verify};

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
    let pages = pages(found)?;
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

/// The pages of a run; of one whose runbook cannot be read any more there are none.
fn pages(found: &Found) -> Result<Vec<(&'static str, String)>, Failure> {
    if found.plans().is_err() {
        return Ok(Vec::new());
    }
    let mut pages = Vec::new();
    for (name, format, view) in TIMELINES {
        pages.push((name, timeline::made(found, format, view, Zone::Utc)?));
    }
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
    pages: &[(&'static str, String)],
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
    for (name, page) in pages {
        packer.add(name, &mut page.as_bytes(), page.len() as u64)?;
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
    let length = if is_driven { found.reading.good_bytes } else { length };
    packer.add(JOURNAL, &mut journal, length)
}

/// A file of a run, and its length.
fn open(folder: &Folder, name: &str) -> io::Result<(File, u64)> {
    let file = to_read(&folder.path().join(name))?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// What lies beside the journal and belongs to its record, in order.
fn names(found: &Found) -> Vec<String> {
    let records = &found.reading.records;
    let mut names = Vec::new();
    for (digests, number) in frozen::digests(records).into_iter().zip(1..) {
        let folder = frozen_folder(number);
        let beside = digests.beside.into_keys().filter(|name| is_name(name));
        names.push(format!("{folder}/{}", crate::journal::RUNBOOK));
        names.extend(beside.map(|name| format!("{folder}/{name}")));
    }
    names.push("inputs.json".to_owned());
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

/// A file that is not there until it is whole.
struct Draft {
    path: PathBuf,
    file: File,
}

impl Draft {
    /// In the folder where it is to be.
    fn beside(path: &Path) -> io::Result<Draft> {
        let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.draft", std::process::id()));
        let path = path.with_file_name(hidden);
        let file = crate::journal::new_file(&path)?;
        Ok(Draft { path, file })
    }

    fn file(&self) -> &File {
        &self.file
    }

    /// Gives it its name, unless something has that name already.
    fn publish(self, path: &Path) -> io::Result<()> {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, &self.path, CWD, path, RenameFlags::NOREPLACE) {
            Ok(()) => Ok(()),
            // Not every file system can do that in one step.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                fs::hard_link(&self.path, path)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After it got its name there is nothing here any more.
        let _ = fs::remove_file(&self.path);
    }
}
