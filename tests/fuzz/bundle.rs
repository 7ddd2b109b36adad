//! Any bytes are read as a bundle up to the first thing that no bundle has, and what is taken in
//! names no place but the folder of its run.
//!
//! The input is the archive inside; the sums of its headers are put right first, so that what
//! stands behind them is tried as well.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use holdpoint::journal::bundle::{Bundle, Limits, read};

/// The length of a block of an archive.
const BLOCK: usize = 512;

/// Where the sum of a header stands in it.
const SUM: std::ops::Range<usize> = 148..156;

pub(crate) fn play(bytes: &[u8]) {
    let limits = Limits { unpacked: 1 << 20, journal: 1 << 16, line: 1 << 12, files: 16 };
    check(&read(&mut &*bytes, limits), limits);
    check(&read(&mut &*zipped(&summed(bytes)), limits), limits);
}

fn check(found: &Bundle, limits: Limits) {
    assert!(found.digests.len() <= limits.files);
    for name in found.digests.keys() {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        assert!(name.split('/').all(is_plain), "{name:?}");
    }
    assert!(found.faults.iter().all(|fault| !fault.is_empty()));
    if found.faults.is_empty() {
        assert!(found.run.as_ref().is_some_and(|run| !run.is_empty() && !run.contains('/')));
    }
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::none());
    out.write_all(bytes).and_then(|()| out.finish()).expect("memory can be written")
}

/// With the right sum in every header that is reached.
fn summed(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let mut place = 0;
    while let Some(header) = bytes.get_mut(place..place + BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        header[SUM].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let size = String::from_utf8_lossy(&header[124..135]).into_owned();
        let size = usize::from_str_radix(size.trim_matches(['\0', ' ']), 8).unwrap_or_default();
        place += BLOCK + size.min(bytes.len()).next_multiple_of(BLOCK);
    }
    bytes
}
