//! The timeline in its views and formats: what is told, in whose time, and what is never more than
//! text.

mod hostile;
mod notes;

use std::fs::OpenOptions;
use std::io::Write as _;

use serde_json::Value;

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: The shop is down
    objectives: {rto: 1h, rpo: 10m}
    confirm: [{probe: {file: broken}, title: the shop is broken}]
    steps:
      - id: mend
        gate: {ask: Mend it?}
        target: local
        run: 'echo mended; rm broken; touch back'
        outputs: {lost: {measures: rpo}}
        verify: [{probe: {file: back}, title: it is back}]
      - id: flaky
        effect: idempotent
        retry: {times: 3, every: 1ms}
        run: 'echo again >> tries; [ \"$(wc -l < tries)\" -ge 2 ]'
    exit_criteria: [{probe: {file: back}, title: it is back}]
";

/// A run of the book that has ended, begun by ada and approved by dba.
fn ended() -> Bench {
    let bench = Bench::new().runbook("book.yaml", &BOOK.replace("echo mended;", "echo 90s;"));
    bench.write("broken", "");
    bench.write("answers.yaml", "mend: {approve: true, by: dba}\n");
    bench
        .args(["run", "book.yaml", "--operator", "ada", "--answers", "answers.yaml"])
        .stdout_contains("recovered")
        .stderr_contains("")
        .exit(0);
    bench
}

fn entries(timeline: &Value) -> &Vec<Value> {
    timeline["entries"].as_array().expect("it has entries")
}

fn told(bench: &Bench, more: &[&str]) -> String {
    let args = ["timeline"].iter().chain(more).copied();
    bench.args(args).stdout_contains("").exit(0).stdout
}

/// The rows of a table that hold a word, cell by cell.
fn rows(page: &str, word: &str) -> Vec<Vec<String>> {
    let rows = page.lines().filter(|line| line.starts_with('|') && line.contains(word));
    let cells =
        |row: &str| row.trim_matches('|').split(" | ").map(|it| it.trim().to_owned()).collect();
    rows.map(cells).collect()
}

#[test]
fn the_raw_view_has_every_record_and_the_curated_one_tells_each_end_once() {
    let bench = ended();
    let raw = bench.args(["timeline", "--view", "raw", "--format", "json"]).json();
    let seqs: Vec<u64> = entries(&raw).iter().filter_map(|it| it["seq"].as_u64()).collect();
    let records = bench.journal().records().len();
    assert_eq!(seqs, (1..=records as u64).collect::<Vec<u64>>(), "each once, in order");
    let curated = bench.timeline();
    assert_eq!((&raw["view"], &curated["view"]), (&"raw".into(), &"curated".into()));
    assert_eq!((&raw["version"], &curated["version"]), (&1.into(), &1.into()));
    let said = |step: &str| -> Vec<String> {
        let of = entries(&curated).iter().filter(|entry| entry["step"] == step);
        of.map(|entry| entry["text"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let flaky: Vec<String> = said("flaky")
        .iter()
        .map(|text| text.split(" after ").next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(flaky[0], "started");
    assert!(flaky[1].starts_with("is tried again "), "{flaky:?}");
    assert_eq!(flaky[2..], ["started, attempt 2", "succeeded"]);
    let back =
        entries(&curated).iter().find(|it| it["step"] == "mend" && it["kind"] == "succeeded");
    let back = back.expect("it is told");
    assert_eq!((&back["exit"], &back["place"]), (&0.into(), &entries(&curated)[0]["place"]));
    assert_eq!(back["evidence"][0]["excerpt"], "90s\n");
}

#[test]
fn milestones_and_objectives_stand_above_the_entries_with_how_they_are_known() {
    let bench = ended();
    let page = told(&bench, &[]);
    let mark = |label: &str| rows(&page, &format!("| {label} |"))[0].clone();
    assert!(page.contains("| Milestone | Time (UTC) | After the start | How it is known |\n"));
    assert_eq!(mark("Detected")[3], "the symptom was seen; when it was first noticed, nobody said");
    assert_eq!(mark("Acknowledged")[2..], ["0.0 s", "ada began the run"]);
    assert_eq!(mark("Root cause known")[1], "not known");
    assert_eq!(mark("Mitigated")[1], "not known");
    assert_eq!(mark("Restored")[3], "the exit criteria said so");
    assert_eq!(mark("Run ended")[3], "the run ended");
    assert!(page.contains("\n- RPO: 1 m 30 s of 10 m 0 s promised: met\n"), "{page}");
    assert!(page.contains(" of 1 h 0 m promised: met\n- RPO"), "{page}");
    assert!(!told(&bench, &["--view", "raw"]).contains("| Milestone |"));
}

#[test]
fn who_and_where_it_was_and_how_long_somebody_was_waited_for_have_a_place_of_their_own() {
    let bench = ended();
    let page = told(&bench, &[]);
    let host = entries(&bench.timeline())[0]["place"].as_str().expect("a host").to_owned();
    let begun = &rows(&page, "started by ada")[0];
    assert_eq!(begun[4..6], ["ada".to_owned(), host]);
    let approved = &rows(&page, "approved by dba")[0];
    assert_eq!(approved[4], "dba");
    assert!(approved[3].ends_with(" (waited 0.0 s)"), "{approved:?}");
    let kept = "[<code>output/mend.1.out</code>](output/mend.1.out) (4 bytes, SHA-256 ";
    assert!(rows(&page, "succeeded after").iter().any(|row| row[3].contains(kept)), "{page}");
}

#[test]
fn a_look_that_showed_nothing_new_is_only_in_the_raw_view() {
    let book = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: a, require: [{probe: {file: missing}, title: it is here}], run: echo a}]
    ";
    let bench = Bench::new().runbook("book.yaml", book);
    bench.args(["run", "book.yaml"]).stdout_contains("").stderr_contains("").exit(5);
    let again = ["resume", "--resolve", "a=retry", "--reason", "it may be there"];
    bench.args(again).stdout_contains("").exit(5);
    let seen = |view: &str| {
        let timeline = bench.args(["timeline", "--view", view, "--format", "json"]).json();
        let is_it = |it: &&Value| it["text"].to_string().contains("does not hold");
        entries(&timeline).iter().filter(|it| it["kind"] == "check").filter(is_it).count()
    };
    assert_eq!(bench.journal().events("check_observed").len(), 2);
    assert_eq!((seen("raw"), seen("curated")), (2, 1));
}

#[test]
fn times_are_told_in_utc_and_in_the_zone_of_the_reader() {
    let bench = ended();
    let head =
        |page: &str| page.lines().find(|line| line.starts_with("| Time (UTC)")).map(str::to_owned);
    let with = |name: &str| {
        format!("| Time (UTC) | Time ({name}) | After | Step | What happened | Who | Where | # |")
    };
    let without = "| Time (UTC) | After | Step | What happened | Who | Where | # |";
    assert_eq!(head(&told(&bench, &["--zone", "+05:30"])), Some(with("UTC+05:30")));
    assert_eq!(head(&told(&bench, &["--zone", "-03:00"])), Some(with("UTC-03:00")));
    for plain in [&["--zone", "utc"][..], &["--zone", "local"], &[]] {
        assert_eq!(head(&told(&bench, plain)).as_deref(), Some(without), "{plain:?}");
    }
    let away = bench.shell("TZ=XYZ-05:45 holdpoint timeline").stdout_contains("").exit(0).stdout;
    assert_eq!(head(&away), Some(with("UTC+05:45")), "{away}");
    let sheet = told(&bench, &["--zone", "+05:30", "--format", "csv"]);
    assert!(sheet.lines().nth(9).is_some_and(|row| row.contains("+05:30,")), "{sheet}");
    assert!(
        told(&bench, &["--zone", "+05:30", "--format", "text"]).contains("\nTimes in UTC+05:30:\n")
    );
    let wrong = ["timeline", "--zone", "Mars"];
    bench.args(wrong).stderr_contains("a distance from UTC such as `+02:00`").exit(2);
}

#[test]
fn what_is_known_is_shown_of_a_torn_a_damaged_and_a_later_journal_and_what_is_missing_is_named() {
    for (rest, code, missing) in [
        ("{\"v\":1,\"seq\":99", 0, "the last write was cut short: 15 bytes"),
        ("garbage\n", 6, "the journal is damaged from line"),
        (
            "{\"v\":2,\"what\":\"ever\"}\n",
            6,
            "from here on it is in format 2, of a later Holdpoint",
        ),
    ] {
        let bench = ended();
        let journal = bench.run_folder().join("journal.jsonl");
        let mut file = OpenOptions::new().append(true).open(journal).expect("it is there");
        file.write_all(rest.as_bytes()).expect("it can be written");
        for view in ["curated", "raw"] {
            for (format, said) in [
                ("md", "**Not the whole story:** "),
                ("text", "Not the whole story: "),
                ("csv", "not the whole story: "),
                ("json", "\"damage\": \""),
            ] {
                let printed = bench
                    .args(["timeline", "--format", format, "--view", view])
                    .stdout_contains(missing)
                    .stderr_contains("")
                    .exit(code)
                    .stdout;
                assert!(printed.contains(said), "{format}: {printed}");
                assert!(printed.contains("recovered"), "{format} shows what is known: {printed}");
            }
        }
    }
}
