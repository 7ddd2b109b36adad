//! The journal under damage: what was written whole is read, and nothing else ever is.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use holdpoint::journal::{
    Durability, Ending, FIRST_PREV, Holder, Lock, LockError, NotEnded, Place, Record, Store,
    Writer, read,
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

/// How many records a journal has that is damaged in every way; more where `HOLDPOINT_ROUNDS` is
/// set.
fn length() -> usize {
    if std::env::var_os("HOLDPOINT_ROUNDS").is_some() { 300 } else { 60 }
}

/// Events of many kinds, as they stand in a journal.
fn events(count: usize) -> Vec<Event> {
    let page = crate::docs::read("docs/journal.md");
    let blocks = crate::docs::blocks(&page);
    let events = blocks.iter().filter_map(|block| serde_json::from_str(&block.text).ok());
    let events: Vec<Event> = events.collect();
    assert!(events.len() > 20, "the documentation has an example of each event");
    events.iter().cycle().take(count).cloned().collect()
}

/// A journal in memory: each line with its record and the place before it.
fn lines(count: usize) -> Vec<(Place, Record, String)> {
    let mut place = Place::default();
    let mut head = FIRST_PREV.to_owned();
    let mut lines = Vec::new();
    for (event, seq) in events(count).into_iter().zip(1..) {
        let (record, line) = Record::write(seq, 1, at(), &head, event);
        head.clone_from(&record.hash);
        let next = Place::after(&record);
        lines.push((std::mem::replace(&mut place, next), record, line));
    }
    lines
}

#[test]
fn p8_a_journal_cut_at_any_byte_gives_its_whole_records_and_says_what_is_torn() {
    for (place, record, line) in lines(length()) {
        // What stands before it is read already, and can read no other way.
        for length in 0..line.len() {
            let reading = place.read_on(&mut &line.as_bytes()[..length]).expect("it is in memory");
            let ending = match length {
                0 => Ending::Whole,
                bytes => Ending::Torn { bytes: bytes as u64 },
            };
            assert_eq!((reading.records, reading.good_bytes), (Vec::new(), 0), "{length}: {line}");
            assert_eq!(reading.ending, ending, "{length}: {line}");
        }
        let reading = place.read_on(&mut line.as_bytes()).expect("it is in memory");
        assert_eq!((reading.records, reading.ending), (vec![record], Ending::Whole));
    }
}

#[test]
fn p9_a_flipped_bit_anywhere_is_found_and_nothing_from_there_on_is_believed() {
    let lines = lines(length());
    for (number, (place, _, line)) in lines.iter().enumerate() {
        let next = lines.get(number + 1).map_or("", |(_, _, line)| line);
        let both = format!("{line}{next}").into_bytes();
        for at in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = both.clone();
                flipped[at] ^= 1 << bit;
                let reading = place.read_on(&mut &flipped[..]).expect("it is in memory");
                let what = format!("byte {at}, bit {bit}: {line}");
                assert_eq!((reading.records, reading.good_bytes), (Vec::new(), 0), "{what}");
                assert_ne!(reading.ending, Ending::Whole, "{what}");
            }
        }
    }
}

#[test]
fn p8_what_is_good_before_the_damage_is_read_from_a_file_of_any_length() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("journal.jsonl");
    let lines = lines(60);
    let bytes: Vec<u8> = lines.iter().flat_map(|(_, _, line)| line.bytes()).collect();
    let records: Vec<Record> = lines.iter().map(|(_, record, _)| record.clone()).collect();
    let mut start = 0;
    for (good, (_, _, line)) in lines.iter().enumerate() {
        let mut damaged = bytes.clone();
        damaged[start + line.len() / 2] ^= 1;
        let (found, ending) = reading(&path, &damaged);
        assert_eq!(found, records[..good]);
        let line_of = good as u64 + 1;
        assert!(matches!(ending, Ending::Damaged { line, .. } if line == line_of), "{ending:?}");
        start += line.len();
        let (found, ending) = reading(&path, &bytes[..start - 1]);
        assert_eq!(found, records[..good]);
        assert_eq!(ending, Ending::Torn { bytes: line.len() as u64 - 1 });
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
    let holder = |operator: &str| Holder::this("db-1".into(), operator.into(), at());
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
fn p6_a_lock_whose_file_was_removed_keeps_its_place_and_a_new_file_is_a_new_lock() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("lock");
    let holder = Holder::this("db-1".into(), "ada".into(), at());
    let _first = Lock::take(&path, &holder).expect("nobody holds it");
    fs::write(&path, "no holder").expect("it can be written");
    assert!(matches!(Lock::take(&path, &holder), Err(LockError::Held(None))));
    fs::remove_file(&path).expect("it is there");
    let _second = Lock::take(&path, &holder).expect("this file nobody holds");
    assert!(matches!(Lock::take(&path, &holder), Err(LockError::Held(Some(_)))));
}

#[test]
fn p6_a_holder_is_known_by_more_than_its_number() {
    let mut child = std::process::Command::new("sleep").arg("1000").spawn().expect("it is there");
    let me = Holder::this("here".into(), "ada".into(), at());
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).expect("it runs");
    let started = stat.rsplit(") ").next().and_then(|rest| rest.split(' ').nth(19));
    let started: u64 = started.and_then(|ticks| ticks.parse().ok()).expect("it is a number");
    let theirs = Holder { pid: child.id(), start_time: Some(started), ..me };
    // Another process has its number now; or the machine was started anew.
    for other in [
        Holder { start_time: Some(started - 1), ..theirs.clone() },
        Holder { boot_id: Some("another".into()), ..theirs.clone() },
    ] {
        other.end("here").expect("it is gone already");
        assert!(child.try_wait().expect("it is ours").is_none(), "a stranger was ended");
    }
    let unknown = Holder { start_time: None, ..theirs.clone() };
    assert!(matches!(unknown.end("here"), Err(NotEnded::Io(_))));
    assert!(matches!(theirs.end("elsewhere"), Err(NotEnded::Elsewhere)));
    assert!(child.try_wait().expect("it is ours").is_none(), "a stranger was ended");
    theirs.end("here").expect("it is ours");
    assert!(!child.wait().expect("it is ours").success());
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
