//! The inbox of a run: a letter appears whole or not at all and stays until it is on record, and
//! what is no letter is told of once and never taken for one.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use holdpoint::journal::{Durability, Inbox, NoLetter, Store, Writer};
use holdpoint::run::event::{Event, Letter, Note, NoteKind, Sender, Wish};
use tempfile::TempDir;

use crate::harness::Bench as Holdpoint;

/// An inbox in a folder of its own.
struct Bench {
    folder: TempDir,
    inbox: Inbox,
}

impl Bench {
    fn new() -> Bench {
        let folder = tempfile::tempdir().expect("there is room");
        let inbox = Inbox::beside(&folder.path().join("journal.jsonl"));
        Bench { folder, inbox }
    }

    /// An inbox that is there.
    fn opened() -> Bench {
        let bench = Bench::new();
        bench.inbox.put(&letter("0")).expect("it can be put in");
        bench.inbox.remove("0");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("inbox").join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("it can be written");
    }

    /// The ids of the letters that wait.
    fn waiting(&self) -> Vec<String> {
        self.inbox.waiting().0.into_iter().map(|letter| letter.id).collect()
    }

    /// What is no letter, by its name, and why.
    fn others(&self) -> Vec<(String, String)> {
        let others = self.inbox.waiting().1.into_iter();
        others.map(|NoLetter { file, reason }| (file, reason)).collect()
    }

    /// The only thing there is no letter, for this reason; put aside, it is told of no more.
    #[track_caller]
    fn refuses(&self, name: &str, expected: &str) {
        assert_eq!(self.waiting(), [] as [&str; 0]);
        assert_eq!(self.others(), [(name.to_owned(), expected.to_owned())]);
        self.inbox.waiting().1.iter().for_each(|other| self.inbox.put_aside(other));
        assert_eq!(self.others(), []);
        let aside = self.path(name).with_extension("refused");
        assert!(fs::symlink_metadata(aside).is_ok(), "it is not kept");
    }
}

fn letter(id: &str) -> Letter {
    let note = Note::new("grace", NoteKind::Finding, "the disk is full");
    Letter {
        v: 1,
        id: id.into(),
        sent_at: "2026-11-21T03:00:00Z".parse().expect("this is a moment"),
        by: "grace".into(),
        sender: Sender { user: "grace".into(), host: "there".into() },
        wish: Wish::Note(note),
    }
}

fn text(letter: &Letter) -> String {
    serde_json::to_string(letter).expect("a letter is JSON")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn letters_wait_in_the_order_in_which_they_were_written() {
    let bench = Bench::new();
    assert_eq!(bench.waiting(), [] as [&str; 0]);
    let at = |text: &str| text.parse().expect("this is a moment");
    let later = Inbox::new_id(at("2026-11-21T03:00:00.5Z"));
    let first = Inbox::new_id(at("2026-11-21T03:00:00.25Z"));
    assert_ne!(first, Inbox::new_id(at("2026-11-21T03:00:00.25Z")));
    for id in [&later, &first] {
        bench.inbox.put(&letter(id)).expect("it can be put in");
    }
    assert_eq!(bench.waiting(), [first.as_str(), later.as_str()]);
    assert_eq!(bench.inbox.waiting().0[0], letter(&first));
    assert_eq!(bench.others(), []);
}

#[test]
fn a_letter_stays_until_it_is_removed() {
    let bench = Bench::new();
    bench.inbox.put(&letter("a")).expect("it can be put in");
    assert_eq!(bench.waiting(), ["a"]);
    assert_eq!(bench.waiting(), ["a"]);
    bench.inbox.remove("a");
    bench.inbox.remove("a");
    assert_eq!(bench.waiting(), [] as [&str; 0]);
}

#[test]
fn the_inbox_and_its_letters_are_their_owner_s_alone() {
    let bench = Bench::new();
    bench.inbox.put(&letter("a")).expect("it can be put in");
    assert_eq!(mode(&bench.folder.path().join("inbox")), 0o700);
    assert_eq!(mode(&bench.path("a.json")), 0o600);
    let names = fs::read_dir(bench.folder.path().join("inbox")).expect("it can be read");
    assert_eq!(names.count(), 1, "no draft is left");
}

#[test]
fn nothing_is_put_into_an_inbox_that_others_may_write_into() {
    let bench = Bench::opened();
    let open = fs::Permissions::from_mode(0o777);
    fs::set_permissions(bench.folder.path().join("inbox"), open).expect("it is ours");
    let refused = bench.inbox.put(&letter("a")).expect_err("others could change it");
    assert!(refused.to_string().ends_with("others may write into it"), "{refused}");
    assert_eq!(bench.waiting(), [] as [&str; 0]);
}

#[test]
fn a_run_whose_inbox_others_may_write_into_or_that_is_a_link_is_not_gone_on_with() {
    let root = tempfile::tempdir().expect("there is room");
    let now = "2026-11-21T03:00:00Z".parse().expect("this is a moment");
    let store = Store::at(root.path().join("store"));
    let folder = store.create("sample", now).expect("it can be made");
    let inbox = folder.path().join("inbox");
    Inbox::of(&folder).put(&letter("a")).expect("it can be put in");
    folder.check().expect("it is ours alone");
    fs::set_permissions(&inbox, fs::Permissions::from_mode(0o770)).expect("it is ours");
    let refused = folder.check().expect_err("others could write into it");
    assert!(refused.to_string().ends_with("others may write into it"), "{refused}");
    fs::rename(&inbox, folder.path().join("elsewhere")).expect("it can be moved");
    symlink(folder.path().join("elsewhere"), &inbox).expect("links can be made");
    let refused = folder.check().expect_err("it is a link");
    assert!(refused.to_string().contains("it is a symbolic link"), "{refused}");
}

#[test]
fn a_letter_that_is_half_written_is_not_seen() {
    let bench = Bench::opened();
    let whole = text(&letter("a"));
    bench.write(".a.draft", &whole[..whole.len() / 2]);
    assert_eq!((bench.waiting(), bench.others()), (vec![], vec![]));
}

#[test]
fn what_was_cut_short_or_is_no_json_is_no_letter() {
    let whole = text(&letter("a"));
    for length in 0..whole.len() {
        let bench = Bench::opened();
        bench.write("a.json", &whole[..length]);
        assert_eq!(bench.waiting(), [] as [&str; 0], "{length} bytes were taken");
        assert_eq!(bench.others().len(), 1);
    }
    for bytes in [&b"\0\0\0\0"[..], b"\xff\xfe", b"[]", b"null", b"{}", b"{\"v\":1}\n{\"v\":1}"] {
        let bench = Bench::opened();
        bench.write("a.json", bytes);
        assert_eq!((bench.waiting().len(), bench.others().len()), (0, 1), "{bytes:?}");
    }
}

#[test]
fn a_letter_with_a_key_that_nobody_knows_is_none() {
    let bench = Bench::opened();
    bench.write("a.json", text(&letter("a")).replace("\"v\":1", "\"v\":1,\"more\":true"));
    let others = bench.others();
    assert!(others[0].1.starts_with("unknown field `more`"), "{others:?}");
}

#[test]
fn a_letter_in_a_later_format_is_left_to_it() {
    let bench = Bench::opened();
    bench.write("a.json", text(&Letter { v: 2, ..letter("a") }));
    bench.refuses("a.json", "it is in format 2, and this Holdpoint reads 1");
}

#[test]
fn a_file_that_is_too_long_is_no_letter_and_is_not_read_to_its_end() {
    let bench = Bench::opened();
    bench.write("a.json", vec![b' '; 1024 * 1024]);
    bench.refuses("a.json", "it is longer than 65536 bytes");
}

#[test]
fn a_letter_that_nobody_would_take_is_not_put_in() {
    let bench = Bench::opened();
    let note = Note::new("grace", NoteKind::Note, "x".repeat(70_000));
    let long = Letter { wish: Wish::Note(note), ..letter("a") };
    let refused = bench.inbox.put(&long).expect_err("it is too long");
    let source = std::error::Error::source(&refused).expect("it has a reason").to_string();
    assert_eq!(source, "it is longer than 65536 bytes");
    assert_eq!((bench.waiting(), bench.others()), (vec![], vec![]));
}

#[test]
fn a_letter_under_the_name_of_another_is_none() {
    for id in ["b", "../a", "a/../a", ""] {
        let bench = Bench::opened();
        bench.write("a.json", text(&letter(id)));
        bench.refuses("a.json", "it bears another name");
    }
}

#[test]
fn no_link_is_followed_and_no_pipe_is_waited_for() {
    let bench = Bench::opened();
    let elsewhere = bench.folder.path().join("letter");
    fs::write(&elsewhere, text(&letter("a"))).expect("it can be written");
    symlink(&elsewhere, bench.path("a.json")).expect("links can be made");
    bench.refuses("a.json", "it is a symbolic link, and none is followed here");
    assert!(elsewhere.exists());

    let bench = Bench::opened();
    let made = rustix::fs::mknodat(
        rustix::fs::CWD,
        bench.path("a.json"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    );
    made.expect("pipes can be made");
    bench.refuses("a.json", "it is no regular file");

    let bench = Bench::opened();
    fs::create_dir(bench.path("a.json")).expect("folders can be made");
    bench.refuses("a.json", "it is no regular file");
}

#[test]
fn what_cannot_be_read_is_no_letter_where_rights_count() {
    let bench = Bench::opened();
    bench.inbox.put(&letter("a")).expect("it can be put in");
    let shut = fs::Permissions::from_mode(0o000);
    fs::set_permissions(bench.path("a.json"), shut).expect("it is ours");
    if rustix::process::geteuid().is_root() {
        // Whoever may do everything reads it all the same.
        assert_eq!(bench.waiting(), ["a"]);
    } else {
        assert_eq!(bench.waiting(), [] as [&str; 0]);
        assert_eq!(bench.others().len(), 1);
    }
}

#[test]
fn what_is_gone_meanwhile_is_neither_a_letter_nor_told_of() {
    let bench = Bench::opened();
    symlink("nowhere", bench.path(".x.json")).expect("links can be made");
    bench.inbox.put(&letter("a")).expect("it can be put in");
    fs::remove_dir_all(bench.folder.path().join("inbox")).expect("it is ours");
    assert_eq!((bench.waiting(), bench.others()), (vec![], vec![]));
    bench.inbox.remove("a");
    bench.inbox.put_aside(&NoLetter { file: "a.json".into(), reason: String::new() });
}

#[test]
fn names_that_are_no_text_and_other_files_are_left_alone() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::opened();
    let name = std::ffi::OsStr::from_bytes(b"\xff.json");
    fs::write(bench.folder.path().join("inbox").join(name), "x").expect("it can be written");
    bench.write("a.txt", text(&letter("a")));
    bench.write("b.refused", text(&letter("b")));
    assert_eq!((bench.waiting(), bench.others()), (vec![], vec![]));
}

// ----- a driver that takes them out -----

/// A run that waits at the gate of its first step, and its inbox.
fn waiting() -> (Holdpoint, Inbox) {
    let bench = Holdpoint::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        steps:
          - {id: a, gate: true, run: echo a >> effects}
          - {id: b, gate: true, run: echo b >> effects}
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("a waits at its gate").exit(5);
    let inbox = Inbox::beside(&bench.run_folder().join("journal.jsonl"));
    (bench, inbox)
}

/// A letter that opens the gate of a step which waits at it.
fn approval(bench: &Holdpoint, id: &str, step: &str) -> Letter {
    let journal = bench.journal();
    let asked = journal.events("question_asked").into_iter().rev();
    let mut gates = asked.map(|event| &event["question"]).filter(|gate| gate["step"] == *step);
    let digest = gates.next().expect("it was asked")["digest"].as_str().unwrap_or_default();
    let (step, digest) = (step.to_owned(), digest.to_owned());
    let wish = Wish::Approve { step, digest, asked: 1, note: None, word: None, value: None };
    Letter { wish, ..letter(id) }
}

#[test]
fn a_letter_that_waits_is_heeded_by_the_next_driver_and_then_removed() {
    let (bench, inbox) = waiting();
    inbox.put(&approval(&bench, "1", "a")).expect("it can be put in");
    bench.args(["resume"]).stdout_contains("b waits at its gate").exit(5);
    assert_eq!(bench.effects(), ["a"]);
    assert_eq!(inbox.waiting().0, []);
    let journal = bench.sound_journal();
    let taken = journal.events("letter_taken");
    assert_eq!((taken.len(), taken[0]["by"].as_str()), (1, Some("grace")));
    assert_eq!(journal.about("gate_approved", "a")[0]["is_prepared"], false);
}

#[test]
fn a_letter_whose_removal_was_lost_with_its_driver_counts_no_second_time_and_goes() {
    let (bench, inbox) = waiting();
    let one = approval(&bench, "1", "a");
    inbox.put(&one).expect("it can be put in");
    bench.args(["resume"]).stdout_contains("b waits at its gate").exit(5);
    // It lies there as if the driver had died between its record and its removal.
    inbox.put(&one).expect("it can be put in");
    bench.args(["resume"]).stdout_contains("b waits at its gate").exit(5);
    assert_eq!(bench.sound_journal().events("letter_taken").len(), 1);
    assert_eq!(inbox.waiting().0, []);
}

#[test]
fn what_is_no_letter_stops_no_run() {
    let (bench, inbox) = waiting();
    let folder = bench.run_folder().join("inbox");
    inbox.put(&approval(&bench, "1", "a")).expect("it can be put in");
    fs::write(folder.join("0.json"), b"\0\xff").expect("it can be written");
    bench.args(["resume"]).stdout_contains("b waits at its gate").exit(5);
    assert_eq!(bench.effects(), ["a"]);
    assert!(folder.join("0.refused").exists());
}

#[test]
fn a_run_with_remarks_behind_its_end_has_ended_all_the_same() {
    let bench = Holdpoint::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: a, run: echo a >> effects, undo: {run: echo un-a >> effects}}]
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("succeeded").exit(0);
    let verify = || bench.args(["verify"]).stdout_contains("").exit(0).stdout;
    assert!(verify().contains("the run has ended: its last record is its end\n"));
    let status = bench.status();
    for (count, told) in [
        (1, "behind its end stands 1 remark, which changes nothing of it\n"),
        (2, "behind its end stand 2 remarks, which change nothing of it\n"),
    ] {
        let journal = bench.run_folder().join("journal.jsonl");
        let writer = Writer::remark(&journal, Durability::Process);
        let Wish::Note(note) = letter("a").wish else { panic!("it is a note") };
        let at = "2099-01-01T00:00:00Z".parse().expect("this is a moment");
        let kept = writer.expect("it can be opened").append(at, vec![Event::NoteAdded(note)]);
        kept.expect("it is written");
        assert_eq!(bench.sound_journal().events("note_added").len(), count);
        assert!(verify().contains(told), "{}", verify());
    }
    bench.args(["runs"]).stdout_contains("  succeeded  ").exit(0);
    bench.args(["resume"]).stderr_contains("no run is open").exit(2);
    let run = bench.run_folder().file_name().expect("it has a name").to_owned();
    let run = run.to_string_lossy();
    bench.args(["resume", &run]).stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["a"]);
    assert_eq!(bench.status()["run"]["took_ms"], status["run"]["took_ms"]);
    bench.args(["undo", &run, "--reason", "wrong"]).stdout_contains("aborted").exit(4);
    assert_eq!(bench.effects(), ["a", "un-a"]);
}
