//! `run --drill`: real execution that nobody can take for an incident, on whatever screen, page or
//! message it is seen.

use std::fs;

use crate::harness::{Bench, agrees, eventually};

const LIBRARY: &str = "
    holdpoint: 1
    environments: {staging: {}, production: {}}
    channels:
      pager: {run: cat >> effects, shell: sh -eu}
";

/// The shop, which is not down, behind a gate; it pages twice.
const BOOK: &str = "
    holdpoint: 1
    id: book
    title: The shop is down
    objectives: {rto: 4h}
    confirm: [{id: down, probe: {run: test -e down}}]
    steps:
      - {id: page, notify: {template: start, to: pager}}
      - {id: copy, notify: {template: update}}
      - {id: mend, gate: true, run: echo mended >> effects}
    exit_criteria: [{id: up, probe: {run: test -e effects}}]
";

const PLAIN: &str = "
    holdpoint: 1
    id: plain
    title: Plain
    steps: [{id: one, run: 'echo one >> effects; test -e mended'}]
";

const LONG: &str = "
    holdpoint: 1
    id: plain
    title: Plain
    escalation: [{to: the boss, after: 1s}]
    steps: [{id: one, run: 'until [ -e go ]; do sleep 0.02; done'}]
";

fn bench() -> Bench {
    let bench = Bench::new().env("USER", "ann").file("holdpoint.yaml", LIBRARY);
    bench.runbook("book.yaml", BOOK).runbook("plain.yaml", PLAIN)
}

const DRILL: [&str; 5] = ["run", "book.yaml", "--drill", "--environment", "staging"];

/// A drill that waits at its gate.
fn waiting() -> Bench {
    let bench = bench();
    bench.write("down", "");
    bench.args(DRILL).stdout_contains("").exit(5);
    bench
}

/// A drill that was gone through to its end.
fn ended() -> Bench {
    let bench = waiting();
    bench.write("answers.yaml", "mend: approve\n");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    bench
}

#[test]
fn a_drill_acts_for_real_and_each_of_its_lines_that_stands_alone_says_what_it_is() {
    let bench = bench();
    bench.write("down", "");
    let printed = bench.args(DRILL).stdout_contains("").exit(5).stdout;
    let first: String = printed.lines().take(1).collect();
    assert!(first.contains("  run  DRILL: started in staging by ann on "), "{printed}");
    for part in [
        "          DRILL, step 1 of 3, environment staging, RTO ",
        "  mend  DRILL: asks: ",
        "  run  DRILL: left waiting for a person\n",
        "\nDRILL: the run in staging waits for a person\n",
    ] {
        assert!(printed.contains(part), "{part}: {printed}");
    }
    bench.write("answers.yaml", "mend: approve\n");
    let printed = bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(0);
    for part in [
        "  run  DRILL: taken over by ann on ",
        "  run  DRILL: succeeded\n",
        "\nDRILL: recovered: succeeded after ",
    ] {
        assert!(printed.stdout.contains(part), "{part}: {}", printed.stdout);
    }
    assert_eq!(bench.sound_journal().events("run_started")[0]["mode"], "drill");
    let resumed = "[RUN] has ended already\nDRILL: recovered: succeeded after [TIME]\n";
    bench.args(["resume", "book"]).stderr_contains("").exit(2);
    let run = bench.run_folder().file_name().expect("it has one").to_string_lossy().into_owned();
    bench.args(["resume", &run]).stdout(resumed).exit(0);
}

#[test]
fn every_message_of_a_drill_says_so_to_its_channel_and_on_record_alike() {
    let bench = waiting();
    let effects = bench.effects();
    assert_eq!(effects[0], "DRILL: [Investigating] the service: The shop is down");
    assert_eq!(effects.iter().filter(|line| line.starts_with("DRILL: ")).count(), 1);
    let journal = bench.sound_journal();
    let text = |step: &str| journal.about("step_ended", step)[0]["end"]["text"].clone();
    let page = text("page");
    assert_eq!(page, effects.join("\n"));
    let copy = text("copy");
    assert!(copy.as_str().is_some_and(|text| text.starts_with("DRILL: [Update] ")), "{copy}");
}

#[test]
fn reminders_of_a_drill_the_update_in_them_and_what_calls_somebody_say_so() {
    let bench = bench().env("KITTY_WINDOW_ID", "1");
    bench.write("holdpoint.yaml", &format!("{LIBRARY}    communications: {{update_every: 1s}}\n"));
    bench.write("plain.yaml", LONG);
    let run = ["run", "plain.yaml", "--drill", "--environment", "staging"];
    let mut screen = bench.at_terminal(run);
    screen.wait_for("DRILL: it is time to tell the boss");
    screen.wait_for("DRILL: update 1 is due, ready to be sent");
    screen.wait_for("| DRILL: [Update] the service: Plain");
    bench.write("go", "");
    let call = "\x1b]9;plain: DRILL: it is time to tell the boss";
    eventually("a notification that says so", || screen.written().contains(call));
    screen.exit(0);
}

#[test]
fn all_that_prints_about_a_drill_later_says_so_in_words() {
    let bench = ended();
    let holds = |args: &[&str], part: &str| {
        bench.args(args.iter().copied()).stdout_contains(part).exit(0);
    };
    holds(&["status"], "[RUN]  succeeded, recovered, DRILL in staging\n");
    holds(&["runs"], " UTC  succeeded  DRILL in staging  The shop is down\n");
    holds(&["list", "book"], " UTC: DRILL succeeded in staging ([RUN])\n");
    holds(&["show", "mend"], "DRILL: mend  attempt 1  exited with 0 after ");
    holds(&["verify"], "DRILL: [RUN]\n");
    holds(&["timeline"], "# DRILL: The shop is down\n\n**DRILL:** this run was an exercise, ");
    holds(&["note", "the pager was slow"], "DRILL: noted\n");
    holds(&["watch"], "DRILL: [RUN]\n");
    holds(&["watch"], "\nDRILL: recovered: succeeded after ");
    assert_eq!(bench.args(["status", "--format", "json"]).json()["mode"], "drill");
    assert_eq!(bench.args(["timeline", "--format", "json"]).json()["mode"], "drill");
    assert_eq!(bench.args(["runs", "--format", "json"]).json()["runs"][0]["mode"], "drill");
    assert_eq!(bench.args(["show", "mend", "--format", "json"]).json()["mode"], "drill");
    let list = bench.args(["list", "book", "--format", "json"]).json();
    assert_eq!(list["runbooks"][0]["last_run"]["mode"], "drill");
    let page = fs::read_to_string(bench.run_folder().join("timeline.md")).expect("it was written");
    assert!(page.starts_with("# DRILL: The shop is down\n"), "{page}");
}

#[test]
fn an_open_drill_says_so_to_whoever_comes_to_it() {
    let bench = waiting();
    let home = bench.args([""; 0]);
    home.stdout_contains("  DRILL: The shop is down, in staging\n").exit(0);
    bench.args(["status"]).stdout_contains("[RUN]  waiting, DRILL in staging\n").exit(0);
    bench.args(["watch"]).stdout_contains("\nDRILL: nobody drives the run now\n").exit(0);
    let skip = ["skip", "mend", "--reason", "enough"];
    bench.args(skip).stdout_contains("DRILL: mend is at gate\n").exit(0);
    let reject = ["reject", "mend", "--reason", "enough"];
    bench.args(reject).stdout_contains("DRILL: [RUN] in staging, mend: ").exit(0);
    let abort = ["abort", "--reason", "the time is over"];
    bench.args(abort).stdout_contains("DRILL: [RUN] would end here: aborted\n").exit(4);
}

#[test]
fn at_a_terminal_the_stamp_stands_in_the_header_and_before_every_question() {
    let bench = bench();
    let mut screen = bench.at_terminal(DRILL);
    screen.wait_for("Go on all the same?");
    let expected = "[DRILL] symptom \"down\" does not hold: exit 1, expected 0\n  \
                    this is a drill: the symptom need not be there\n  this session's mark: ";
    assert!(screen.shown().contains(expected), "{}", screen.shown());
    screen.types("y\r");
    screen.wait_for("Reason");
    screen.types("it is a drill\r");
    screen.wait_for("[DRILL] [STAGING] mend: ");
    screen.wait_for("Go on?");
    screen.types("y\r");
    let shown = screen.exit(0);
    assert!(shown.contains("DRILL: recovered: succeeded after "), "{shown}");
}

#[test]
fn the_header_says_drill_first_in_a_window_of_any_width() {
    let bench = bench();
    let long = "
        holdpoint: 1
        id: a-runbook-with-a-name-that-is-very-long
        title: Long
        steps: [{id: one, run: 'echo begun; until [ -e go ]; do sleep 0.02; done'}]
    ";
    bench.write("plain.yaml", long);
    for columns in [20, 80] {
        let run = ["run", "plain.yaml", "--drill", "--environment", "production"];
        let mut screen = bench.at_terminal_of((24, columns), run);
        screen.wait_for("begun");
        screen.wait_for("[DRILL]");
        let shown = screen.shown();
        let header = shown.lines().rev().find(|line| line.contains("[DRILL]"));
        assert!(header.is_some_and(|line| line.starts_with("[DRILL]")), "{shown}");
        bench.write("go", "");
        screen.exit(0);
        fs::remove_file(bench.path("go")).expect("it was just written");
    }
}

#[test]
fn a_symptom_that_is_absent_is_asked_about_and_with_nobody_there_starts_nothing_unless_waived() {
    let bench = bench();
    let printed = bench.args(DRILL).stdout_contains("").exit(3).stdout;
    assert!(printed.contains("nobody was there to waive the symptom \"down\""), "{printed}");
    assert_eq!(bench.effects(), [""; 0]);
    let waived = DRILL.into_iter().chain(["--waive", "down=a drill has no symptom"]);
    bench
        .args(waived)
        .stdout_contains("symptom \"down\" waived by ann: a drill has no symptom")
        .exit(5);
}

#[test]
fn the_symptom_of_a_live_run_is_asked_about_without_a_word_of_a_drill() {
    let bench = bench();
    let mut screen = bench.at_terminal(["run", "book.yaml", "--environment", "staging"]);
    screen.wait_for("Go on all the same?");
    let shown = screen.shown();
    assert!(!shown.to_lowercase().contains("drill"), "{shown}");
    screen.types("n\r");
    let shown = screen.exit(3);
    assert!(!shown.to_lowercase().contains("drill"), "{shown}");
}

#[test]
fn a_drill_in_an_environment_must_have_it_named_or_picked() {
    let bench = bench();
    let stderr = "
        error: the environments are staging, production
          help: name one with --environment; production is never assumed
    ";
    bench.args(["run", "plain.yaml", "--drill"]).stderr(stderr).exit(2);
    assert!(!bench.path("state").exists());
    let mut screen = bench.at_terminal(["run", "plain.yaml", "--drill"]);
    screen.wait_for("In which environment is the drill?");
    screen.types("\x03");
    screen.exit(130);
    bench.write("holdpoint.yaml", "holdpoint: 1\nenvironments: {production: {}}\n");
    bench
        .args(["run", "plain.yaml", "--drill"])
        .stderr_contains("production is never assumed")
        .exit(2);
}

#[test]
fn a_drill_of_a_runbook_without_environments_says_where_it_runs() {
    let bench = Bench::new().runbook("plain.yaml", PLAIN);
    let stderr = "DRILL: no library names environments for this runbook: the drill runs where a \
                  live run would\n";
    bench.write("mended", "");
    bench
        .args(["run", "plain.yaml", "--drill"])
        .stdout_contains("DRILL: started by ")
        .stderr(stderr)
        .exit(0);
}

#[test]
fn an_open_drill_is_in_the_way_in_its_own_environment_alone_and_is_named_as_one() {
    let bench = bench();
    let run = |more: &[&str]| bench.args(["run", "plain.yaml"].iter().chain(more).copied());
    run(&["--drill", "--environment", "staging"]).stdout_contains("").exit(5);
    let said = "error: a run of plain in staging is open: [RUN], a DRILL, waiting since ";
    run(&["--environment", "staging"]).stderr_contains(said).exit(7);
    run(&["--environment", "production"]).stdout_contains("").exit(5);
    let said = "error: a run of plain in production is open: [RUN], a live run, waiting since ";
    run(&["--drill", "--environment", "production"]).stderr_contains(said).exit(7);
    let mut screen = bench.at_terminal(["run", "plain.yaml", "--environment", "staging"]);
    screen.wait_for("Begin another run all the same?");
    let shown = screen.shown();
    let expected = "
        a run of plain in staging is open
          [RUN], a DRILL, waiting since [AT] [AT] UTC
            see to it with: holdpoint resume [RUN]
        Begin another run all the same? [y/N]:
    ";
    assert!(agrees(expected, &shown), "{shown}");
    screen.types("\r");
    screen.exit(4);
}

#[test]
fn a_live_run_is_stamped_nowhere() {
    let bench = bench();
    bench.write("mended", "");
    let live = ["run", "plain.yaml", "--environment", "staging"];
    let mut said = bench.args(live).stdout_contains("").exit(0).stdout;
    for command in ["status", "runs", "timeline", "verify", "watch"] {
        said += &bench.args([command]).stdout_contains("").exit(0).stdout;
    }
    assert!(!said.to_lowercase().contains("drill"), "{said}");
}
