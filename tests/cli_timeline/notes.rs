//! Notes: of another time, of a milestone, and in place of another note.

use chrono::{DateTime, FixedOffset};
use serde_json::Value;

use crate::harness::Bench;

use super::{ended, entries, rows, told};

/// The number of the last record.
fn last(bench: &Bench) -> String {
    bench.journal().records().len().to_string()
}

#[track_caller]
fn note(bench: &Bench, more: &[&str]) -> String {
    let args = ["note"].iter().chain(more).chain(&["--by", "grace"]).copied();
    bench.args(args).stdout("noted\n").exit(0);
    last(bench)
}

#[test]
fn a_milestone_is_set_by_a_note_also_after_the_end_and_times_are_told_from_the_detection() {
    let bench = ended();
    let began = bench.timeline()["started_at"].as_str().expect("a moment").to_owned();
    let before = |minutes: i64| {
        let began = chrono::DateTime::parse_from_rfc3339(&began).expect("a moment");
        (began - chrono::TimeDelta::minutes(minutes)).to_rfc3339()
    };
    let (at, cause) = (before(10), before(4));
    note(&bench, &["an alert came", "--milestone", "detected", "--at", &at]);
    note(&bench, &["the dump was old", "--milestone", "root-cause", "--at", &cause]);
    let page = told(&bench, &[]);
    assert!(page.contains("| After detection |"), "{page}");
    assert_eq!(rows(&page, "| Detected |")[0][2], "0.0 s");
    let cause = &rows(&page, "| Root cause known |")[0];
    assert_eq!(cause[2], "6 m 0 s");
    assert!(cause[3].starts_with("says grace, entry "), "{cause:?}");
    // It stands where it belongs, with both times.
    let curated = bench.timeline();
    let first = &entries(&curated)[0];
    assert_eq!(first["remark"]["milestone"], "detected");
    assert!(first["elapsed_ms"].as_i64().is_some_and(|ms| ms == -600_000), "{first}");
    let row = &rows(&page, "an alert came")[0];
    assert_eq!(row[1], "-10 m 0 s");
    assert!(row[3].contains(" (noted at "), "{row:?}");
    bench.args(["verify"]).stdout_contains("records, each chained").exit(0);
}

/// A moment as it stands in a record, where the digits of a second differ with what writes it.
fn moment(text: &Value) -> DateTime<FixedOffset> {
    let text = text.as_str().unwrap_or_default();
    DateTime::parse_from_rfc3339(text).expect("a moment")
}

#[test]
fn a_correction_is_a_new_entry_and_the_old_one_stays_struck_out() {
    let bench = ended();
    let old =
        note(&bench, &["the disk was full", "--kind", "finding", "--milestone", "root-cause"]);
    let new = note(&bench, &["the inodes were used up", "--corrects", &old]);
    let number: usize = old.parse().expect("a number");
    let noted = moment(&bench.journal().records()[number - 1]["at"]);
    let about = moment(&bench.journal().events("note_added")[1]["about"]);
    assert_eq!(about, noted, "it tells of the same moment");
    let page = told(&bench, &[]);
    let struck = &rows(&page, "the disk was full")[0][3];
    let said = "grace finds (root cause known): the disk was full";
    assert_eq!(*struck, format!("~~{said}~~ (corrected by entry {new})"));
    let correct = &rows(&page, "the inodes were used up")[0][3];
    let place = format!(", in place of entry {old}): the inodes were used up");
    assert!(
        correct.starts_with("grace finds (root cause known, at ") && correct.contains(&place),
        "the kind and the milestone are those of before: {correct}"
    );
    assert!(rows(&page, "| Root cause known |")[0][3].ends_with(&format!("entry {new}")));
    let text = told(&bench, &["--format", "text"]);
    assert!(
        text.contains(&format!("the disk was full [no longer so: see #{new}] #{old}\n")),
        "{text}"
    );
    let sheet = told(&bench, &["--format", "csv"]);
    assert!(sheet.contains(&format!("[corrected by {new}] {said}")), "{sheet}");
    note(&bench, &["it is not known", "--corrects", &new, "--milestone", "none"]);
    assert_eq!(rows(&told(&bench, &[]), "| Root cause known |")[0][1], "not known");
    let journal = bench.journal();
    let texts: Vec<&str> =
        journal.events("note_added").iter().filter_map(|note| note["text"].as_str()).collect();
    assert_eq!(texts, ["the disk was full", "the inodes were used up", "it is not known"]);
}

#[test]
fn only_a_note_that_stands_can_be_corrected() {
    let bench = ended();
    let old = note(&bench, &["the disk was full"]);
    let new = note(&bench, &["the inodes were used up", "--corrects", &old]);
    let before = last(&bench);
    for (seq, said) in [
        ("1", "error: entry 1 is no note: what was recorded as it happened stays".to_owned()),
        ("999", "error: the run has no entry 999".to_owned()),
        (&old, format!("error: entry {old} was corrected by entry {new}\n")),
    ] {
        bench.args(["note", "no", "--corrects", seq]).stderr_contains(&said).exit(2);
    }
    let later = ["note", "no", "--at", "2999-01-01T00:00:00Z"];
    bench.args(later).stderr_contains("error: that moment has not come yet").exit(2);
    bench.args(["note", "no", "--milestone", "fixed"]).stderr_contains("invalid value").exit(2);
    assert_eq!(last(&bench), before, "nothing is on record of them");
}

#[test]
fn several_may_note_something_at_once_after_the_end() {
    let bench = ended();
    let before: usize = last(&bench).parse().expect("a number");
    let all = "for n in 1 2 3 4 5 6; do holdpoint note \"seen $n\" & done; wait";
    bench.shell(all).stdout("noted\nnoted\nnoted\nnoted\nnoted\nnoted\n").exit(0);
    assert_eq!(last(&bench).parse(), Ok(before + 6));
    bench.args(["verify"]).stdout_contains("records, each chained").exit(0);
}
