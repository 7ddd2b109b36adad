//! Output that nobody takes: a run goes on to its end all the same, with the right exit code.

use crate::harness::Bench;

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Book
    steps:
      - {id: first, run: 'seq 2000; echo first >> effects'}
      - {id: second, run: 'seq 2000 >&2; echo second >> effects'}
      - {id: last, run: echo last >> effects; exit CODE}
";

/// Drives the runbook with its streams as said, and expects it to come to its end.
#[track_caller]
fn assert_ends(streams: &str) {
    for (code, exit) in [(0, 0), (3, 5)] {
        let bench = Bench::new().runbook("book.yaml", &BOOK.replace("CODE", &code.to_string()));
        let (before, after) = streams.split_once("RUN").unwrap_or(("", streams));
        let run = "{ holdpoint run book.yaml; echo $? > code; }";
        let script = format!("{before}{run}{after}");
        bench.shell(&script).stdout_contains("").stderr_contains("").exit(0);
        let found = std::fs::read_to_string(bench.path("code")).unwrap_or_default();
        assert_eq!(found.trim(), exit.to_string(), "{script}");
        assert_eq!(bench.effects(), ["first", "second", "last"], "{script}");
        let end = if exit == 0 { "run_ended" } else { "parked" };
        assert_eq!(bench.sound_journal().events(end).len(), 1, "{script}");
        bench.args(["verify"]).stdout_contains("").exit(0);
    }
}

#[test]
fn a_reader_that_goes_away_ends_no_run() {
    assert_ends("RUN | head -1");
    assert_ends("RUN 2>&1 | head -1");
    assert_ends("RUN | true");
}

#[test]
fn closed_streams_end_no_run() {
    assert_ends("RUN >&-");
    assert_ends("RUN 2>&-");
    assert_ends("RUN >&- 2>&-");
    assert_ends("RUN <&- >&- 2>&-");
}

#[test]
fn a_full_disk_behind_an_output_ends_no_run() {
    assert_ends("RUN > /dev/full");
    assert_ends("RUN 2> /dev/full");
    assert_ends("RUN > /dev/full 2>&1");
}

#[test]
fn the_form_for_programs_may_be_left_unread_too() {
    let bench = Bench::new().runbook("book.yaml", &BOOK.replace("CODE", "0"));
    let run = "{ holdpoint run book.yaml --format jsonl; echo $? > code; } | head -1";
    bench.shell(run).stdout_contains("run_started").exit(0);
    assert_eq!(std::fs::read_to_string(bench.path("code")).unwrap_or_default(), "0\n");
    assert_eq!(bench.effects(), ["first", "second", "last"]);
    bench.sound_journal();
}

#[test]
fn an_empty_input_opens_no_gate() {
    let gated = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: drop, gate: true, run: echo drop >> effects}]
    ";
    for streams in ["< /dev/null", "<&-", "< empty", "< yes"] {
        let bench =
            Bench::new().runbook("book.yaml", gated).file("empty", "").file("yes", "y\ny\n");
        let screen = bench.shell_at_terminal(&format!("holdpoint run book.yaml {streams}"));
        screen.exit(5);
        assert!(bench.effects().is_empty(), "{streams}");
        assert_eq!(bench.state_of("drop"), "at_gate", "{streams}");
        bench.sound_journal();
    }
}
