//! Good bundles, cut, changed and hostile ones, each with what is said of it.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use super::super::{MANIFEST, Packer};
use super::*;
use crate::journal::{Ending, FIRST_PREV, Record};
use crate::run::{Event, digest};

const RUN: &str = "20260131-book-k7f";

/// A journal of so many records.
fn journal(count: u64) -> String {
    let at = "2026-01-31T03:00:00Z".parse().expect("a moment");
    let mut prev = FIRST_PREV.to_owned();
    let line = |seq| {
        let event = Event::StepSucceeded { step: format!("step-{seq}") };
        let (record, line) = Record::write(seq, 1, at, &prev, event);
        prev = record.hash;
        line
    };
    (1..=count).map(line).collect()
}

fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut packer = Packer::new(Vec::new(), RUN, 1_700_000_000);
    for (name, text) in files {
        packer.add(name, &mut text.as_bytes(), text.len() as u64).expect("memory can be written");
    }
    packer.finish().expect("memory can be written").0
}

/// An archive that anybody may have made: paths, kinds and contents, as they are put in.
fn forged(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for (path, kind, content) in entries {
        let mut header = Header::new_gnu();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, *content).expect("memory can be written");
    }
    zipped(&archive.into_inner().expect("memory can be written"))
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    out.write_all(bytes).and_then(|()| out.finish()).expect("memory can be written")
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut out).expect("it was packed here");
    out
}

fn read_all(bytes: &[u8]) -> Bundle {
    read(&mut &*bytes, Limits::default())
}

fn faults(bytes: &[u8]) -> Vec<String> {
    read_all(bytes).faults
}

#[test]
fn what_was_packed_is_read_with_the_digest_of_every_file() {
    let (journal, long) = (journal(3), format!("output/{}.1.out", "x".repeat(200)));
    let bundle = read_all(&packed(&[(JOURNAL, &journal), (&long, "out"), ("empty", "")]));
    assert_eq!(bundle.faults, [""; 0]);
    assert_eq!(bundle.run.as_deref(), Some(RUN));
    let reading = bundle.reading.expect("there is a journal");
    assert_eq!((reading.records.len(), reading.ending), (3, Ending::Whole));
    let expected = [(JOURNAL, &*journal), (&long, "out"), ("empty", "")];
    let expected = expected.map(|(name, text)| (name.to_owned(), digest(text.as_bytes())));
    assert_eq!(bundle.digests, BTreeMap::from(expected));
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let files = [(JOURNAL, &*journal(3)), ("a", "b")];
    assert_eq!(packed(&files), packed(&files));
}

#[test]
fn a_file_that_is_shorter_than_it_was_is_not_packed() {
    let mut packer = Packer::new(Vec::new(), RUN, 0);
    let error = packer.add("a", &mut &b"abc"[..], 4).expect_err("it is too short");
    assert_eq!(error.to_string(), "a has become shorter");
}

#[test]
fn a_torn_and_a_damaged_journal_are_read_as_they_are() {
    let journal = journal(3);
    let torn = read_all(&packed(&[(JOURNAL, &journal[..journal.len() - 1])]));
    let reading = torn.reading.expect("there is a journal");
    assert_eq!(torn.faults, [""; 0]);
    assert!(matches!(reading.ending, Ending::Torn { .. }) && reading.records.len() == 2);
    let damaged = read_all(&packed(&[(JOURNAL, &journal.replace("step-2", "step-9"))]));
    let reading = damaged.reading.expect("there is a journal");
    assert_eq!(damaged.faults, [""; 0], "it is what its manifest says");
    assert!(matches!(reading.ending, Ending::Damaged { line: 2, .. }), "{:?}", reading.ending);
}

#[test]
fn a_bundle_that_is_cut_anywhere_is_never_taken_for_a_whole_one() {
    let whole = packed(&[(JOURNAL, &journal(3)), ("a", "b")]);
    for length in 0..whole.len() {
        let faults = faults(&whole[..length]);
        assert_eq!(faults, ["it is cut short"], "cut at {length}");
    }
    let tar = unpacked(&whole);
    for length in (0..tar.len() - 1024).step_by(128) {
        assert_ne!(faults(&zipped(&tar[..length])), [""; 0], "cut inside at {length}");
    }
}

#[test]
fn a_bit_that_was_flipped_is_seen_unless_every_file_is_the_same() {
    let whole = packed(&[(JOURNAL, &journal(2)), ("a", "b")]);
    let digests = read_all(&whole).digests;
    for place in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << bit;
            let found = read_all(&bytes);
            let is_same = found.run.as_deref() == Some(RUN) && found.digests == digests;
            assert!(is_same || !found.faults.is_empty(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn what_is_no_file_of_the_run_ends_the_reading_and_is_named() {
    use EntryType::{Block, Char, Directory, Fifo, GNUSparse, Link, Regular, Symlink, XHeader};
    let only = ", and a bundle holds files only";
    for (path, kind, expected) in [
        ("/etc/passwd", Regular, "/etc/passwd leads out of its folder"),
        ("../x", Regular, "../x leads out of its folder"),
        ("run/../../x", Regular, "run/../../x leads out of its folder"),
        ("run/./x", Regular, "run/./x leads out of its folder"),
        ("run//x", Regular, "run//x leads out of its folder"),
        ("x", Regular, "x is in no folder"),
        ("other/x", Regular, "other/x is not in the folder of the run"),
        ("run/a", Regular, "a is in it twice"),
        ("run/l", Symlink, &format!("run/l is a symbolic link{only}")),
        ("run/l", Link, &format!("run/l is a hard link{only}")),
        ("run/d", Directory, &format!("run/d is a folder{only}")),
        ("run/p", Fifo, &format!("run/p is a pipe{only}")),
        ("run/c", Char, &format!("run/c is a device{only}")),
        ("run/b", Block, &format!("run/b is a device{only}")),
        ("run/s", GNUSparse, &format!("run/s is a sparse file{only}")),
        ("run/x", XHeader, &format!("run/x is of a kind that is not known here{only}")),
    ] {
        let found = faults(&forged(&[("run/a", Regular, b"a"), (path, kind, b"")]));
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_long_name_is_checked_like_a_short_one() {
    use EntryType::{GNULongName, Regular};
    let forged =
        |name: &[u8]| forged(&[("././@LongLink", GNULongName, name), ("run/x", Regular, b"")]);
    assert_eq!(
        faults(&forged(b"run/../../../tmp/x\0")),
        ["run/../../../tmp/x leads out of its folder"]
    );
    let cut = "run/journal.jsonl\0z has a control character in its name";
    assert_eq!(faults(&forged(b"run/journal.jsonl\0z\0")), [cut]);
    assert_eq!(faults(&forged(&[b'a'; 5000])), ["the name of a file is longer than any"]);
    assert_eq!(faults(&forged(b"run/\xff\0")), ["run/\u{fffd} is no name in UTF-8"]);
}

#[test]
fn what_differs_from_the_manifest_is_named_file_by_file() {
    use EntryType::Regular;
    let manifest = format!("{}  a\n{}  b\n{}  c\n", digest(b"a"), digest(b"b"), digest(b"c"));
    let entries: [(&str, EntryType, &[u8]); 4] = [
        ("run/a", Regular, b"a"),
        ("run/b", Regular, b"other"),
        ("run/d", Regular, b"d"),
        ("run/MANIFEST", Regular, manifest.as_bytes()),
    ];
    let expected = ["b was changed", "c is missing", "d is not in its MANIFEST"];
    assert_eq!(faults(&forged(&entries)), expected);
    let mut behind = entries.to_vec();
    behind.push(("run/e", Regular, b"e"));
    assert_eq!(faults(&forged(&behind)), ["run/e stands behind its MANIFEST"]);
    let without = "it has no MANIFEST, so it is cut short or no bundle";
    assert_eq!(faults(&forged(&entries[..3])), [without]);
    assert_eq!(faults(&forged(&[("run/MANIFEST", Regular, b"\xff")])), ["its MANIFEST is no text"]);
    assert_eq!(MANIFEST, "MANIFEST");
}

#[test]
fn nothing_may_stand_behind_the_end() {
    let whole = packed(&[("a", "b")]);
    assert_eq!(faults(&[&whole[..], b"x"].concat()), ["something stands behind its end"]);
    assert_eq!(faults(&[&whole[..], &whole].concat()), ["something stands behind its end"]);
    let tar = [&unpacked(&whole)[..], b"x"].concat();
    assert_eq!(faults(&zipped(&tar)), ["something stands behind its end"]);
    let padded = [&unpacked(&whole)[..], &[0; 10_240]].concat();
    assert_eq!(faults(&zipped(&padded)), [""; 0], "tar pads as it likes");
}

#[test]
fn what_is_no_archive_is_said_to_be_none() {
    let none = "it is no archive as a bundle is one: ";
    for bytes in [&b"hello, this is text"[..], b"PK\x03\x04 and so on and so on", &[0; 64]] {
        assert!(faults(bytes)[0].starts_with(none), "{:?}", faults(bytes));
    }
    assert_eq!(faults(b""), ["it is cut short"]);
    assert_ne!(faults(&zipped(b"no tar at all, but long enough to be looked at")), [""; 0]);
    assert_ne!(faults(&zipped(&[b'x'; 2048])), [""; 0]);
}

#[test]
fn what_unpacks_to_too_much_is_given_up_at_the_limit() {
    let limits = Limits { unpacked: 64 * 1024, journal: 8 * 1024, line: 1024, files: 3 };
    let within = |files: &[(&str, &str)]| read(&mut &*packed(files), limits).faults;
    let bomb = "0".repeat(1024 * 1024);
    assert_eq!(within(&[("a", &bomb)]), ["it unpacks to more than any run leaves behind"]);
    assert_eq!(within(&[(JOURNAL, &bomb)]), ["journal.jsonl is longer than any journal"]);
    assert_eq!(within(&[(JOURNAL, &bomb[..2000])]), ["a line of it is longer than any record"]);
    let four = [("a", ""), ("b", ""), ("c", ""), ("d", "")];
    assert_eq!(within(&four), ["it holds more files than any run leaves behind"]);
    assert_eq!(within(&four[..3]), [""; 0]);
}

#[test]
fn a_size_that_cannot_be_is_no_more_than_a_fault() {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..5].copy_from_slice(b"run/a");
    header.set_entry_type(EntryType::Regular);
    header.set_size(u64::MAX);
    header.set_cksum();
    assert_ne!(faults(&zipped(header.as_bytes())), [""; 0]);
}
