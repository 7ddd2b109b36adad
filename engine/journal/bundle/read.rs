//! Reading a bundle that anybody may have made.
//!
//! Nothing is unpacked: the files go by as a stream, and of each only its digest is kept, of the
//! journal its records. What no bundle has (a link, a device, a path that leads elsewhere, a file
//! twice, more than a run leaves behind) ends the reading, and is named.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::GzDecoder;
use tar::{Archive, Entry, EntryType};

use super::super::read::{Reading, read_from};
use super::hashed::{Capped, Hashed, Lines};
use super::{JOURNAL, MANIFEST};

/// How much of a bundle is taken.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of all files together.
    pub unpacked: u64,
    /// Bytes of the journal, and of the manifest.
    pub journal: u64,
    /// Bytes of one line of the journal.
    pub line: u64,
    /// Files.
    pub files: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        const MIB: u64 = 1 << 20;
        Limits { unpacked: 16_384 * MIB, journal: 2048 * MIB, line: 64 * MIB, files: 1_000_000 }
    }
}

/// The longest path in a bundle.
const PATH: u64 = 4096;

/// What was found in a bundle, as far as it can be read.
#[derive(Debug, Default)]
pub struct Bundle {
    /// The run, which all files are in the folder of.
    pub run: Option<String>,
    /// Its journal, when that was reached.
    pub reading: Option<Reading>,
    /// The digest of every file, by its name in the folder of the run.
    pub digests: BTreeMap<String, String>,
    /// What is wrong with it, in words; it is none of what the journal may have.
    pub faults: Vec<String>,
}

type Unpacked<'s> = Capped<GzDecoder<BufReader<&'s mut dyn Read>>>;

/// Reads a bundle to its end, or to the first thing that no bundle has.
pub fn read(source: &mut dyn Read, limits: Limits) -> Bundle {
    let mut bundle = Bundle::default();
    if let Err(error) = bundle.take_in(source, limits) {
        bundle.faults.push(fault(&error));
    }
    bundle
}

/// What ended the reading, in words.
fn fault(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::UnexpectedEof => "it is cut short".to_owned(),
        ErrorKind::Other => error.to_string(),
        _ => format!("it is no archive as a bundle is one: {error}"),
    }
}

fn refused<T>(reason: impl Into<String>) -> io::Result<T> {
    Err(io::Error::other(reason.into()))
}

impl Bundle {
    fn take_in(&mut self, source: &mut dyn Read, limits: Limits) -> io::Result<()> {
        let packed = GzDecoder::new(BufReader::new(source));
        let mut archive = Archive::new(Capped::new(packed, limits.unpacked));
        let mut manifest = None;
        let mut long = None;
        // As it stands there: an extension that somebody else reads in another way is none here.
        for entry in archive.entries()?.raw(true) {
            let mut entry = entry?;
            let path = path(&entry, long.take())?;
            if manifest.is_some() {
                return refused(format!("{path} stands behind its {MANIFEST}"));
            }
            match entry.header().entry_type() {
                EntryType::GNULongName => long = Some(long_name(&mut entry)?),
                EntryType::Regular => {
                    let name = self.name(&path)?;
                    let content = match name.as_str() {
                        MANIFEST => Some(text(&mut entry, limits.journal)?),
                        _ => None,
                    };
                    match content {
                        Some(content) => manifest = Some(content),
                        None => self.take_file(&name, &mut entry, limits)?,
                    }
                }
                other => {
                    return refused(format!(
                        "{path} is {}, and a bundle holds files only",
                        kind(other)
                    ));
                }
            }
        }
        assert_over(archive.into_inner())?;
        match manifest {
            Some(manifest) => self.compare(&manifest),
            None => {
                return refused(format!("it has no {MANIFEST}, so it is cut short or no bundle"));
            }
        }
        Ok(())
    }

    /// The name of a file in the folder of the run.
    fn name(&mut self, path: &str) -> io::Result<String> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        let Some((run, name)) = path.split_once('/') else {
            return refused(format!("{path} is in no folder"));
        };
        if !path.split('/').all(is_plain) {
            return refused(format!("{path} leads out of its folder"));
        }
        if self.run.get_or_insert_with(|| run.to_owned()) != run {
            return refused(format!("{path} is not in the folder of the run"));
        }
        Ok(name.to_owned())
    }

    fn take_file(
        &mut self,
        name: &str,
        from: &mut Entry<'_, Unpacked<'_>>,
        limits: Limits,
    ) -> io::Result<()> {
        if self.digests.len() >= limits.files {
            return refused("it holds more files than any run leaves behind");
        }
        let Place::Vacant(place) = self.digests.entry(name.to_owned()) else {
            return refused(format!("{name} is in it twice"));
        };
        let size = from.header().entry_size()?;
        let mut hashed = Hashed::new(from);
        if name == JOURNAL {
            if size > limits.journal {
                return refused(format!("{name} is longer than any journal"));
            }
            let mut lines = BufReader::new(Lines::new(&mut hashed, limits.line));
            self.reading = Some(read_from(&mut lines)?);
        }
        io::copy(&mut hashed, &mut io::sink())?;
        let (digest, found) = hashed.end();
        if found != size {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        place.insert(digest);
        Ok(())
    }

    /// Holds all files against the manifest.
    fn compare(&mut self, manifest: &str) {
        let listed: BTreeMap<&str, &str> = manifest
            .lines()
            .filter_map(|line| line.split_once("  "))
            .map(|(digest, name)| (name, digest))
            .collect();
        for (name, digest) in &listed {
            match self.digests.get(*name) {
                Some(found) if found == digest => {}
                Some(_) => self.faults.push(format!("{name} was changed")),
                None => self.faults.push(format!("{name} is missing")),
            }
        }
        let is_unlisted = |name: &&String| !listed.contains_key(name.as_str());
        let unlisted = self.digests.keys().filter(is_unlisted);
        let unlisted: Vec<_> =
            unlisted.map(|name| format!("{name} is not in its {MANIFEST}")).collect();
        self.faults.extend(unlisted);
    }
}

fn path(entry: &Entry<'_, Unpacked<'_>>, long: Option<Vec<u8>>) -> io::Result<String> {
    let bytes = long.unwrap_or_else(|| entry.path_bytes().into_owned());
    match String::from_utf8(bytes) {
        // A program that unpacks it would end the name there.
        Ok(path) if path.contains(char::is_control) => {
            refused(format!("{path} has a control character in its name"))
        }
        Ok(path) => Ok(path),
        Err(error) => {
            let path = String::from_utf8_lossy(error.as_bytes()).into_owned();
            refused(format!("{path} is no name in UTF-8"))
        }
    }
}

/// The name of the file that follows, where it does not fit into its own header.
fn long_name(entry: &mut Entry<'_, Unpacked<'_>>) -> io::Result<Vec<u8>> {
    if entry.header().entry_size()? > PATH {
        return refused("the name of a file is longer than any");
    }
    let mut name = Vec::new();
    entry.read_to_end(&mut name)?;
    if name.last() == Some(&0) {
        name.pop();
    }
    Ok(name)
}

fn text(entry: &mut Entry<'_, Unpacked<'_>>, most: u64) -> io::Result<String> {
    let size = entry.header().entry_size()?;
    if size > most {
        return refused(format!("its {MANIFEST} is longer than any"));
    }
    let mut bytes = Vec::new();
    entry.read_to_end(&mut bytes)?;
    if bytes.len() as u64 != size {
        return Err(ErrorKind::UnexpectedEof.into());
    }
    String::from_utf8(bytes).or_else(|_| refused(format!("its {MANIFEST} is no text")))
}

/// What stands behind the last file is nothing, and the sum over all is right.
fn assert_over(mut rest: Unpacked<'_>) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        let count = rest.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        if buffer[..count].iter().any(|byte| *byte != 0) {
            return refused("something stands behind its end");
        }
    }
    match rest.into_inner().into_inner().fill_buf()?.is_empty() {
        true => Ok(()),
        false => refused("something stands behind its end"),
    }
}

fn kind(of: EntryType) -> &'static str {
    match of {
        EntryType::Link => "a hard link",
        EntryType::Symlink => "a symbolic link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Directory => "a folder",
        EntryType::Fifo => "a pipe",
        EntryType::GNUSparse => "a sparse file",
        _ => "of a kind that is not known here",
    }
}

#[cfg(test)]
mod tests;
