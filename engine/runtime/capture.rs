//! What is kept of one output of a command.
//!
//! A [`Capture`] masks first; everything else sees masked bytes only. It keeps a copy in a file
//! (made when something is printed, readable by its owner only, its middle left out when it is too
//! long), the beginning and the end in memory, the count and the digest of the whole, and shows
//! line by line what a terminal may show. Its memory has a bound whatever is printed. A file that
//! cannot be written costs the copy, never the step.

mod excerpt;
mod lines;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use self::excerpt::{Excerpt, Written};
use self::lines::Lines;
use super::process::Sink;
use super::redact;
use crate::run::hex;

/// How much is kept in memory of each end.
const IN_MEMORY: usize = 64 * 1024;

/// One output on its way to a file, to memory and to a person.
pub struct Capture<'show> {
    stream: redact::Stream,
    kept: Kept<'show>,
}

/// What the masked bytes go into.
struct Kept<'show> {
    bytes: u64,
    digest: Sha256,
    head: Vec<u8>,
    tail: Tail,
    copy: Excerpt,
    lines: Lines<'show>,
    /// Whether it may be shown, and be kept in a file.
    is_public: bool,
}

/// What was kept of an output that is over. All of it is masked.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Captured {
    /// The length of the whole.
    pub bytes: u64,
    /// The SHA-256 of the whole, in hex.
    pub sha256: String,
    /// The first 64 KiB.
    #[serde(with = "super::raw")]
    pub head: Vec<u8>,
    /// The last 64 KiB.
    #[serde(with = "super::raw")]
    pub tail: Vec<u8>,
    /// The name of the file with the copy; none when nothing was printed or it could not be made.
    pub file: Option<String>,
    /// How many bytes the copy leaves out in its middle.
    pub cut: u64,
    /// Why the copy is not complete, if it is not.
    pub write_error: Option<String>,
}

impl Captured {
    /// The whole, unless it is longer than 64 KiB.
    pub fn text(&self) -> Option<&[u8]> {
        (self.bytes == self.head.len() as u64).then_some(&self.head)
    }

    /// The same without what is in memory.
    pub fn without_text(&self) -> Captured {
        let (head, tail) = (Vec::new(), Vec::new());
        Captured { head, tail, ..self.clone() }
    }

    /// The same with its text, read again from its file in a folder, where that has the whole.
    pub fn with_text_from(self, folder: &Path) -> Captured {
        let whole = self.file.as_ref().filter(|_| self.cut == 0);
        let Some(Ok(bytes)) = whole.map(|name| std::fs::read(folder.join(name))) else {
            return self;
        };
        let head = bytes.get(..bytes.len().min(IN_MEMORY)).unwrap_or_default().to_vec();
        let tail = bytes.get(bytes.len().saturating_sub(IN_MEMORY)..).unwrap_or_default().to_vec();
        Captured { head, tail, ..self }
    }

    /// The end, at most so many bytes of it, and at most 64 KiB.
    pub fn last(&self, count: usize) -> &[u8] {
        self.tail.get(self.tail.len().saturating_sub(count)..).unwrap_or_default()
    }
}

impl<'show> Capture<'show> {
    /// A capture into a file that is not there yet, in a folder that is. `show` gets each line,
    /// safe for a terminal, without its end.
    pub fn new(
        stream: redact::Stream,
        file: PathBuf,
        show: impl FnMut(&str) + Send + 'show,
    ) -> Capture<'show> {
        let kept = Kept {
            bytes: 0,
            digest: Sha256::new(),
            head: Vec::new(),
            tail: Tail::of(IN_MEMORY),
            copy: Excerpt::in_file(file),
            lines: Lines::shown_by(Box::new(show)),
            is_public: true,
        };
        Capture { stream, kept }
    }

    /// A capture that is neither shown nor kept in a file, nor masked: what is in it is a secret.
    pub fn private() -> Capture<'static> {
        let nothing = redact::Redactor::new(std::iter::empty::<(String, String)>());
        let mut capture = Capture::new(nothing.stream(), PathBuf::new(), |_| {});
        capture.kept.is_public = false;
        capture
    }

    /// What was kept; nothing more is printed.
    pub fn finish(mut self) -> Captured {
        self.kept.take(&self.stream.finish());
        self.kept.finish()
    }
}

impl Sink for Capture<'_> {
    fn take(&mut self, chunk: &[u8]) {
        self.kept.take(&self.stream.push(chunk));
    }
}

impl Kept<'_> {
    fn take(&mut self, masked: &[u8]) {
        if masked.is_empty() {
            return;
        }
        self.bytes += masked.len() as u64;
        self.digest.update(masked);
        let (head, _) = masked.split_at(masked.len().min(IN_MEMORY - self.head.len()));
        self.head.extend_from_slice(head);
        self.tail.push(masked);
        if self.is_public {
            self.copy.push(masked);
            self.lines.push(masked);
        }
    }

    fn finish(mut self) -> Captured {
        self.lines.finish();
        let sha256 = hex(&self.digest.finalize());
        let Written { file, cut, error } = self.copy.finish();
        let file = file.and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        Captured {
            bytes: self.bytes,
            sha256,
            head: self.head,
            tail: self.tail.bytes.into(),
            file,
            cut,
            write_error: error,
        }
    }
}

/// The last bytes of a stream.
struct Tail {
    bytes: VecDeque<u8>,
    limit: usize,
}

impl Tail {
    fn of(limit: usize) -> Tail {
        Tail { bytes: VecDeque::new(), limit }
    }

    /// Adds a chunk and says how many bytes fell out at the front.
    fn push(&mut self, chunk: &[u8]) -> u64 {
        let kept = chunk.get(chunk.len().saturating_sub(self.limit)..).unwrap_or_default();
        let over = (self.bytes.len() + kept.len()).saturating_sub(self.limit);
        self.bytes.drain(..over);
        self.bytes.extend(kept);
        (over + chunk.len() - kept.len()) as u64
    }
}

#[cfg(test)]
mod tests;
