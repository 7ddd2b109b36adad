//! Writing a bundle: every file with the same owner, mode and time, in the order in which it is
//! given, and the manifest of all of them at the end.

use std::io::{self, Read, Write};

use flate2::{Compression, GzBuilder, write::GzEncoder};
use tar::{Builder, EntryType, Header};

use super::MANIFEST;
use super::hashed::Hashed;

/// What a file of a bundle may be done with.
const MODE: u32 = 0o644;

/// Packs the files of a run.
pub struct Packer<W: Write> {
    archive: Builder<GzEncoder<W>>,
    run: String,
    time: u64,
    manifest: String,
    count: usize,
}

impl<W: Write> Packer<W> {
    /// A bundle of a run; `time` is said of every file, in seconds since 1970.
    pub fn new(out: W, run: &str, time: u64) -> Packer<W> {
        // Neither the time of packing nor the name of the file goes in.
        let packed = GzBuilder::new().mtime(0).write(out, Compression::default());
        Packer {
            archive: Builder::new(packed),
            run: run.to_owned(),
            time,
            manifest: String::new(),
            count: 0,
        }
    }

    /// Adds a file of a known length, which it must have.
    pub fn add(&mut self, name: &str, from: &mut dyn Read, length: u64) -> io::Result<()> {
        let mut hashed = Hashed::new(from.take(length));
        self.append(name, &mut hashed, length)?;
        let (digest, found) = hashed.end();
        if found != length {
            return Err(io::Error::other(format!("{name} has become shorter")));
        }
        self.manifest += &format!("{digest}  {name}\n");
        self.count += 1;
        Ok(())
    }

    /// Writes the manifest; what was written to, and how many files there are with it.
    pub fn finish(mut self) -> io::Result<(W, usize)> {
        let manifest = std::mem::take(&mut self.manifest);
        self.append(MANIFEST, &mut manifest.as_bytes(), manifest.len() as u64)?;
        let out = self.archive.into_inner()?.finish()?;
        Ok((out, self.count + 1))
    }

    fn append(&mut self, name: &str, from: &mut dyn Read, length: u64) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(MODE);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.time);
        header.set_size(length);
        self.archive.append_data(&mut header, format!("{}/{name}", self.run), from)
    }
}
