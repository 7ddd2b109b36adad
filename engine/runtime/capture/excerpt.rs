//! The copy of an output in a file: its beginning, its end, and how much is missing between them.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::mem;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;

use super::Tail;

/// How much of the beginning is kept.
pub(super) const HEAD: usize = 8 * 1024 * 1024;

/// How much of the end is kept; it stays in memory until the end is known.
pub(super) const TAIL: usize = 8 * 1024 * 1024;

/// A file that holds both ends of what is pushed.
pub(super) struct Excerpt {
    path: PathBuf,
    state: State,
    /// How many more bytes go straight into the file.
    room: usize,
    /// What comes after that, as far as it may be the end.
    tail: Tail,
    cut: u64,
}

enum State {
    /// Nothing was pushed.
    Empty,
    Made(File),
    /// It could not be made, or not be written to, for this reason.
    Broken {
        is_made: bool,
        reason: String,
    },
}

/// What became of an excerpt.
pub(super) struct Written {
    /// The file, if it was made.
    pub(super) file: Option<PathBuf>,
    /// How many bytes it leaves out in its middle.
    pub(super) cut: u64,
    /// Why it is not complete, if it is not.
    pub(super) error: Option<String>,
}

impl Excerpt {
    /// One in a file that is made when something is pushed.
    pub(super) fn in_file(path: PathBuf) -> Excerpt {
        Excerpt { path, state: State::Empty, room: HEAD, tail: Tail::of(TAIL), cut: 0 }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let (head, rest) = bytes.split_at(bytes.len().min(self.room));
        self.room -= head.len();
        self.write(head);
        self.cut += self.tail.push(rest);
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> Written {
        if self.cut > 0 {
            self.write(format!("\n[holdpoint: {} bytes left out here]\n", self.cut).as_bytes());
        }
        let tail = mem::take(&mut self.tail.bytes);
        let (front, back) = tail.as_slices();
        self.write(front);
        self.write(back);
        let (is_made, error) = match self.state {
            State::Empty => (false, None),
            State::Made(_) => (true, None),
            State::Broken { is_made, reason } => (is_made, Some(reason)),
        };
        Written { file: is_made.then_some(self.path), cut: self.cut, error }
    }

    fn write(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if matches!(self.state, State::Empty) {
            self.state = match make(&self.path) {
                Ok(file) => State::Made(file),
                Err(error) => self.broken(false, &error),
            };
        }
        if let State::Made(file) = &mut self.state
            && let Err(error) = file.write_all(bytes)
        {
            self.state = self.broken(true, &error);
        }
    }

    fn broken(&self, is_made: bool, error: &io::Error) -> State {
        State::Broken { is_made, reason: format!("{}: {error}", self.path.display()) }
    }
}

/// Makes a new file, never through a link and never over another, for its owner only.
fn make(path: &Path) -> io::Result<File> {
    let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).map_err(io::Error::other)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).custom_flags(no_link);
    let file = options.open(path)?;
    // The umask may have taken more away.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_reported_once_and_nothing_more_is_tried() {
        let device = OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let mut excerpt = Excerpt::in_file("copy".into());
        excerpt.state = State::Made(device);
        excerpt.push(b"one");
        excerpt.push(b"two");
        let written = excerpt.finish();
        let error = written.error.expect("nothing fits");
        assert_eq!(error, format!("copy: {}", io::Error::from_raw_os_error(28)));
        assert_eq!((written.file, written.cut), (Some("copy".into()), 0));
    }
}
