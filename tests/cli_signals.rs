//! Signals to a run that nobody attends: the first lets what runs finish, each further one is harder,
//! and a terminal that hangs up is none of them.

use crate::harness::{Bench, Call, Driver, eventually};

/// A runbook whose step `work` takes until the file `go` is there, and may be asked to end.
const BOOK: &str = "
    holdpoint: 1
    id: long
    title: A step that takes long
    steps:
      - {id: before, run: echo before >> effects}
      - id: work
        run: |
          trap 'echo asked >> effects; [ -e deaf ] || exit 1' TERM
          trap 'echo interrupted >> effects' INT HUP
          echo work >> effects
          until [ -e go ]; do sleep 0.02 || :; done
          echo worked >> effects
      - {id: after, run: echo after >> effects}
";

/// What is typed, heard by a program that ignores no signal, though these tests may be run by one
/// that does.
fn hearing<'b>(bench: &'b Bench, typed: &str) -> Call<'b> {
    let hears = "exec env --default-signal=INT,TERM,HUP";
    bench.shell(&format!("{hears} holdpoint {typed}")).stdout_contains("")
}

fn run(bench: &Bench) -> Call<'_> {
    hearing(bench, "run book.yaml")
}

/// The run under way, at its long step.
#[track_caller]
fn at_work(bench: &Bench) -> Driver<'_> {
    let mut driver = run(bench).start();
    driver.wait_for("step_spawned", "work");
    eventually("it works", || bench.effects() == ["before", "work"]);
    driver
}

/// Sends a signal and waits until it has been put on record.
#[track_caller]
fn send(driver: &mut Driver<'_>, signal: &str, times: usize) {
    driver.signal(signal);
    let is_heard =
        |journal: &crate::harness::Journal| journal.events("stop_requested").len() == times;
    driver.wait_until("the signal is heard", is_heard);
}

#[test]
fn the_first_signal_lets_what_runs_finish_and_leaves_the_run_open() {
    for (signal, exit, said) in [
        ("INT", 130, "Ctrl-C: nothing new starts, what runs is let finish"),
        ("TERM", 143, "SIGTERM: nothing new starts, what runs is let finish"),
    ] {
        let bench = Bench::new().runbook("book.yaml", BOOK);
        let mut driver = at_work(&bench);
        send(&mut driver, signal, 1);
        assert_eq!(bench.effects(), ["before", "work"], "the step hears nothing of it");
        bench.write("go", "");
        let printed = driver.exit(exit).stdout;
        assert!(printed.contains(said), "{printed}");
        assert!(printed.contains("\nstopped: the run is open and can go on\n"), "{printed}");
        assert!(printed.contains("\ngo on with: holdpoint resume [RUN]\n"), "{printed}");

        assert_eq!(bench.effects(), ["before", "work", "worked"]);
        assert_eq!(
            (bench.state_of("work"), bench.state_of("after")),
            ("succeeded".into(), "ready".into())
        );
        assert_eq!(bench.status()["state"], "stopped");
        bench.args(["resume"]).stdout_contains("after  succeeded").exit(0);
        assert_eq!(bench.effects(), ["before", "work", "worked", "after"]);
        bench.sound_journal();
    }
}

#[test]
fn the_second_signal_asks_what_runs_to_end() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let mut driver = at_work(&bench);
    send(&mut driver, "INT", 1);
    driver.signal("INT");
    driver.exit(130);
    assert_eq!(bench.effects(), ["before", "work", "asked"]);
    assert_eq!(bench.state_of("work"), "held");
    assert_eq!(bench.journal().about("step_ended", "work")[0]["failure"]["kind"], "stopped");
    assert!(bench.left_behind().is_empty());

    bench.write("go", "");
    let retry = ["resume", "--resolve", "work=retry", "--reason", "now it may"];
    bench.args(retry).stdout_contains("work  started, attempt 2\n").exit(0);
    assert_eq!(bench.effects(), ["before", "work", "asked", "work", "worked", "after"]);
    bench.sound_journal();
}

#[test]
fn the_third_signal_kills_what_runs() {
    let bench = Bench::new().runbook("book.yaml", BOOK).file("deaf", "");
    let mut driver = at_work(&bench);
    send(&mut driver, "TERM", 1);
    send(&mut driver, "TERM", 2);
    eventually("it was asked", || bench.effects().last().is_some_and(|last| last == "asked"));
    driver.signal("TERM");
    driver.exit(143);
    assert_eq!(bench.effects(), ["before", "work", "asked"]);
    assert_eq!(bench.state_of("work"), "held");
    assert!(bench.left_behind().is_empty());
    bench.sound_journal();
}

#[test]
fn a_hang_up_ends_nothing_and_where_nobody_was_there_it_is_no_news() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let driver = at_work(&bench);
    driver.signal("HUP");
    driver.signal("HUP");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["before", "work", "worked", "after"]);
    let journal = bench.sound_journal();
    assert!(journal.events("stop_requested").is_empty());
    assert!(journal.events("attendance_lost").is_empty());
}

#[test]
fn all_that_run_at_the_same_time_are_let_finish() {
    let step = |id: &str| {
        let wait = "until [ -e go ]; do sleep 0.02; done";
        format!(
            "  - {{id: {id}, needs: [], run: 'echo {id} >> effects; {wait}; echo {id} >> effects'}}\n"
        )
    };
    let head = "holdpoint: 1\nid: wide\ntitle: Wide\nsteps:\n";
    let text = [head, &step("a"), &step("b"), &step("c")].concat();
    let bench = Bench::new().runbook("book.yaml", &text);
    let mut driver = hearing(&bench, "run book.yaml --parallel 2").start();
    eventually("two run", || bench.effects().len() == 2);
    send(&mut driver, "INT", 1);
    bench.write("go", "");
    driver.exit(130);
    let mut effects = bench.effects();
    effects.sort();
    assert_eq!(effects, ["a", "a", "b", "b"]);
    bench.args(["resume"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects().len(), 6);
    bench.sound_journal();
}

#[test]
fn a_look_is_given_up_and_taken_again() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: looks
            title: Looks
            preconditions: [{title: here, probe: {file: here, within: 50s, every: 20ms}}]
            steps:
              - id: work
                run: echo work >> effects
                verify: [{title: there, probe: {run: [sh, -c, 'test -e there || sleep 64']}}]
        ",
    );
    let mut driver = run(&bench).start();
    driver.wait_until("it looks", |journal| !journal.events("check_started").is_empty());
    driver.signal("INT");
    driver.exit(130);
    assert_eq!(bench.status()["state"], "stopped");

    bench.write("here", "");
    let mut driver = hearing(&bench, "resume").start();
    driver.wait_for("step_ended", "work");
    eventually("it looks", || bench.left_behind().iter().any(|command| command.contains("64")));
    driver.signal("INT");
    driver.exit(130);
    bench.wait_for_quiet();

    bench.write("there", "");
    bench.args(["resume"]).stdout_contains("verification \"there\" holds\n").exit(0);
    assert_eq!(bench.effects(), ["work"]);
    bench.sound_journal();
}

#[test]
fn a_step_in_doubt_is_not_waited_for_after_a_signal() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    at_work(&bench).kill_with_keeper();
    let mut driver = hearing(&bench, "resume").start();
    driver.wait_for("process_sought", "work");
    driver.signal("INT");
    driver.exit(130);
    assert_eq!(bench.effects(), ["before", "work"], "what runs is left alone");
    assert!(!bench.left_behind().is_empty());
    bench.write("go", "");
    bench.wait_for_quiet();
    bench.args(["resume"]).stdout_contains("work is in doubt").exit(5);
    bench.sound_journal();
}

#[test]
fn a_signal_that_our_parent_ignores_stays_ignored() {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    let mut driver =
        bench.shell("trap '' HUP; exec holdpoint run book.yaml").stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    driver.signal("HUP");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["before", "work", "worked", "after"]);
}
