//! A command that has the operator's terminal: it reads what is typed, and needs somebody there.

use crate::harness::Bench;

fn bench(script: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: At the terminal
            defaults: {{shell: sh -eu}}
            steps:
              - id: talk
                tty: true
                run: |
                  {script}
              - {{id: go, run: echo go >> effects}}
            "
        ),
    )
}

const TALK: &str = "test -t 0; test -t 1; printf 'Which one? '; read which; echo $which >> effects";

#[test]
fn a_command_reads_what_is_typed_and_nothing_of_it_is_kept() {
    let bench = bench(TALK);
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("\nWhich one?");
    screen.types("the second\r");
    let shown = screen.exit(0);
    assert!(shown.contains("Which one? the second"), "{shown}");
    assert_eq!(bench.effects(), ["the second", "go"]);
    let journal = bench.sound_journal();
    let ended = &journal.events("step_ended")[0].clone();
    assert_eq!((&ended["out"], &ended["end"]["code"]), (&serde_json::Value::Null, &0.into()));
    assert_eq!(journal.count("step_spawned", "talk"), 1);
    bench.shell("ls state/runs/*/output | grep talk || echo none").stdout("none").exit(0);
}

#[test]
fn with_nobody_there_the_run_parks_and_a_person_goes_on() {
    let bench = bench(TALK);
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(5).stdout;
    assert!(printed.contains("talk  needs a terminal, and nobody is there\n"), "{printed}");
    assert_eq!(bench.status()["waiting_for"][0]["kind"], "person");
    bench.args(["resume"]).stdout_contains("talk needs a terminal: ").exit(5);
    assert_eq!(bench.sound_journal().count("step_started", "talk"), 0);
    let mut screen = bench.at_terminal(["resume"]);
    screen.wait_for("\nWhich one?");
    screen.types("one\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["one", "go"]);
}

#[test]
fn a_bad_exit_holds_as_ever_and_the_terminal_is_as_it_was() {
    let bench = bench("stty -echo; exit 3");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("failed and is held: exit 3, expected 0");
    screen.wait_for("try");
    screen.types("\u{3}");
    let shown = screen.exit(130);
    assert!(!shown.contains("go  started"), "{shown}");
    assert_eq!(bench.state_of("talk"), "held");
}

#[test]
fn a_ctrl_c_reaches_the_command_and_nothing_new_begins() {
    let bench = bench(
        "trap 'echo caught >> effects; exit 0' INT; echo ready; while :; do sleep 0.05; done",
    );
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("\nready");
    screen.types("\u{3}");
    screen.exit(130);
    assert_eq!(bench.effects(), ["caught"]);
    assert_eq!(bench.sound_journal().count("step_started", "go"), 0);
}

#[test]
fn its_time_is_limited_too() {
    let bench = bench("sleep 100");
    let text = std::fs::read_to_string(bench.path("book.yaml")).unwrap_or_default();
    bench.write("book.yaml", &text.replace("tty: true", "tty: true\n    timeout: 100ms"));
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("it took longer than 100ms");
    screen.wait_for("try");
    screen.types("\u{3}");
    screen.exit(130);
    assert_eq!(bench.sound_journal().events("step_ended")[0]["end"]["how"], "timed_out");
}

#[test]
fn a_command_on_another_machine_has_no_terminal() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        targets: {db: {ssh: db-1}, here: local}
        defaults: {target: db}
        steps:
          - {id: a, run: 'true', tty: true}
          - {id: b, run: 'true', tty: true, target: here}
          - {id: c, run: 'true', tty: true, target: local}
        ",
    );
    let refused = "
        error: this runs on another machine, which has no terminal
         --> book.yaml:7:26
          |
        7 |   - {id: a, run: 'true', tty: true}
          |                          ^^^
          |
          = help: say `target: local` for it, or do without `tty`

        error: 1 problem in book.yaml
    ";
    bench.args(["plan", "book.yaml"]).stderr(refused).exit(3);
}
