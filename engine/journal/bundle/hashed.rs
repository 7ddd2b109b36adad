//! Readers that watch what goes through them: its digest and length, and that no line of it is
//! longer than can be held.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::run::hex;

/// Counts and digests what is read.
pub(super) struct Hashed<R> {
    inner: R,
    hash: Sha256,
    length: u64,
}

impl<R: Read> Hashed<R> {
    pub(super) fn new(inner: R) -> Hashed<R> {
        Hashed { inner, hash: Sha256::new(), length: 0 }
    }

    /// The SHA-256 in hex, and the number of bytes, of what was read.
    pub(super) fn end(self) -> (String, u64) {
        (hex(&self.hash.finalize()), self.length)
    }
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.length += count as u64;
        Ok(count)
    }
}

/// Fails at a line that is longer than it may be.
pub(super) struct Lines<R> {
    inner: R,
    longest: u64,
    length: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(inner: R, longest: u64) -> Lines<R> {
        Lines { inner, longest, length: 0 }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        for part in buffer[..count].split_inclusive(|byte| *byte == b'\n') {
            self.length += part.len() as u64;
            if self.length > self.longest {
                return Err(io::Error::other("a line of it is longer than any record"));
            }
            if part.ends_with(b"\n") {
                self.length = 0;
            }
        }
        Ok(count)
    }
}

/// Fails when more comes than may come.
pub(super) struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Capped<R> {
    pub(super) fn new(inner: R, most: u64) -> Capped<R> {
        Capped { inner, left: most }
    }

    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("it unpacks to more than any run leaves behind")),
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_all_that_was_read() {
        let mut hashed = Hashed::new(&b"abc"[..]);
        io::copy(&mut hashed, &mut io::sink()).expect("memory can be read");
        assert_eq!(hashed.end(), (crate::run::digest(b"abc"), 3));
    }

    #[test]
    fn lines_may_be_as_long_as_they_may_and_no_longer() {
        let read =
            |text: &str| io::copy(&mut Lines::new(text.as_bytes(), 4), &mut io::sink()).is_ok();
        assert!(read("") && read("abc\nabc\nabcd"));
        assert!(!read("abcd\n") && !read("abc\nabcde"));
    }

    #[test]
    fn what_is_capped_may_fill_its_measure() {
        let read = |most| io::copy(&mut Capped::new(&b"abc"[..], most), &mut io::sink()).is_ok();
        assert_eq!([2, 3, 4].map(read), [false, true, true]);
    }
}
