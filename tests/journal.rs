//! The journal under damage: what was written whole is read, and nothing else ever is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use holdpoint::journal::{
    Durability, Ending, Holder, Lock, LockError, Record, Store, Writer, read,
};
use holdpoint::run::{Event, Moment};
use tempfile::TempDir;

fn at() -> Moment {
    "2026-01-31T03:00:00Z".parse().expect("this is a time")
}

fn event(number: usize) -> Event {
    Event::StepSucceeded { step: format!("step-{number}") }
}

/// A journal with some records, and the bytes it holds.
fn journal(folder: &TempDir, records: usize) -> (PathBuf, Vec<Record>, Vec<u8>) {
    let path = folder.path().join("journal.jsonl");
    let mut writer = Writer::create(&path, Durability::Process).expect("it can be made");
    let written = writer.append(at(), (0..records).map(event).collect()).expect("it is written");
    let bytes = fs::read(&path).expect("it can be read");
    (path, written, bytes)
}

/// What a journal with these bytes holds.
fn reading(path: &Path, bytes: &[u8]) -> (Vec<Record>, Ending) {
    fs::write(path, bytes).expect("it can be written");
    let reading = read(path).expect("it can be read");
    (reading.records, reading.ending)
}

#[test]
fn a_journal_cut_at_any_byte_gives_its_whole_records_and_says_what_is_torn() {
    let folder = TempDir::new().expect("a folder");
    let (path, written, bytes) = journal(&folder, 12);
    for length in 0..=bytes.len() {
        let cut = &bytes[..length];
        let lines = cut.iter().filter(|byte| **byte == b'\n').count();
        let torn = length - cut.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let ending = match torn {
            0 => Ending::Whole,
            bytes => Ending::Torn { bytes: bytes as u64 },
        };
        assert_eq!(reading(&path, cut), (written[..lines].to_vec(), ending), "{length} bytes");
    }
}

#[test]
fn a_flipped_bit_is_never_read_as_another_truth() {
    let folder = TempDir::new().expect("a folder");
    let (path, written, bytes) = journal(&folder, 3);
    for place in 0..bytes.len() {
        for bit in [0, 3, 7] {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1 << bit;
            let (records, ending) = reading(&path, &flipped);
            assert!(written.starts_with(&records), "byte {place}, bit {bit}");
            assert!(records.len() < written.len(), "byte {place}, bit {bit}");
            assert_ne!(ending, Ending::Whole, "byte {place}, bit {bit}");
        }
    }
}

#[test]
fn a_record_that_is_left_out_or_swapped_is_damage() {
    let folder = TempDir::new().expect("a folder");
    let (path, written, bytes) = journal(&folder, 4);
    let text = String::from_utf8(bytes).expect("a journal is text");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for order in [&[0, 2, 3][..], &[0, 2, 1, 3], &[1, 2, 3], &[0, 0, 1]] {
        let changed: String = order.iter().map(|place| lines[*place]).collect();
        let good = order.iter().enumerate().take_while(|(place, line)| place == *line).count();
        let (records, ending) = reading(&path, changed.as_bytes());
        assert_eq!(records, written[..good], "{order:?}");
        assert!(matches!(ending, Ending::Damaged { line, .. } if line == good as u64 + 1));
    }
}

#[test]
fn a_torn_tail_is_kept_beside_the_journal_and_the_next_record_follows_the_last_whole_one() {
    let folder = TempDir::new().expect("a folder");
    let (path, written, bytes) = journal(&folder, 3);
    fs::write(&path, &bytes[..bytes.len() - 40]).expect("it can be written");
    let whole: u64 =
        bytes.split_inclusive(|byte| *byte == b'\n').take(2).map(|l| l.len() as u64).sum();

    let mut writer = Writer::resume(&path, Durability::Process).expect("it can be resumed");
    let added = writer.append(at(), vec![event(9)]).expect("it is written");

    let reading = read(&path).expect("it can be read");
    assert_eq!(reading.ending, Ending::Whole);
    assert_eq!(reading.records[..2], written[..2]);
    assert_eq!(reading.records[2..], added);
    assert_eq!((added[0].seq, added[0].epoch), (3, 2));
    let torn = folder.path().join(format!("journal.jsonl.{whole}.torn"));
    let whole = usize::try_from(whole).expect("a small journal");
    assert_eq!(fs::read(torn).expect("it was kept"), bytes[whole..bytes.len() - 40]);
}

#[test]
fn a_damaged_journal_is_never_appended_to() {
    let folder = TempDir::new().expect("a folder");
    let (path, _, bytes) = journal(&folder, 3);
    let mut damaged = bytes.clone();
    damaged[20] ^= 1;
    fs::write(&path, &damaged).expect("it can be written");
    assert!(Writer::resume(&path, Durability::Process).is_err());
    assert_eq!(fs::read(&path).expect("it can be read"), damaged);
}

#[test]
fn a_lock_is_held_by_one_who_can_be_named_and_ends_with_its_holder() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("lock");
    let holder = |operator: &str| Holder {
        pid: 7,
        host: "db-1".into(),
        operator: operator.into(),
        since: at(),
    };
    let first = Lock::take(&path, &holder("ada")).expect("nobody holds it");
    assert!(Lock::is_held(&path));
    match Lock::take(&path, &holder("bob")) {
        Err(LockError::Held(Some(found))) => assert_eq!(found, holder("ada")),
        other => panic!("{other:?}"),
    }
    drop(first);
    assert!(!Lock::is_held(&path));
    Lock::take(&path, &holder("bob")).expect("nobody holds it any more");
}

#[test]
fn a_run_has_a_private_folder_under_an_id_that_can_be_said_aloud() {
    let folder = TempDir::new().expect("a folder");
    let store = Store::at(folder.path().join("state"));
    let run = store.create("quickstart", at()).expect("it can be made");
    let (start, letters) = run.run.split_at(run.run.len() - 3);
    assert_eq!(start, "20260131-quickstart-");
    assert!(letters.chars().all(|c| "abcdefghjkmnpqrstuvwxyz23456789".contains(c)), "{letters}");
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(store.root()), mode(run.path())), (0o700, 0o700));
}

#[test]
fn a_store_that_others_may_write_into_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let open = folder.path().join("state");
    fs::create_dir(&open).expect("it can be made");
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let error = Store::at(open.clone()).create("quickstart", at()).expect_err("it is unsafe");
    let expected = format!("refusing to keep runs in {}: others may write into it", open.display());
    assert_eq!(error.to_string(), expected);
}
