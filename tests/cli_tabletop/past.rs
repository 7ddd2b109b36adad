//! A past run once more, as an exercise.

use crate::harness::{Bench, Screen, eventually};

use super::{page, says};

/// A run in which the restart failed and the load did it.
fn past() -> Bench {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        symptoms: [Everybody sees an error page.]
        defaults: {shell: sh -eu}
        inputs: {dump: {type: string}}
        steps:
          - id: bring-back
            ladder:
              - {id: restart, run: 'echo restart >> effects; exit 7'}
              - {id: load, gate: true, run: 'echo load ${{ inputs.dump }} >> effects; echo 40', outputs: {rows: {from: stdout, type: int}}}
          - {id: count, run: 'echo ${{ steps.load.outputs.rows }} >> effects'}
        exit_criteria: [{id: up, probe: {run: 'true'}}]
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    let answers = "load: {approve: true, by: ann}";
    let bench = bench.file("answers.yaml", answers);
    bench
        .args(["run", "shop.yaml", "--input", "dump=a.sql", "--answers", "answers.yaml"])
        .stdout_contains("recovered")
        .exit(0);
    let finding = ["note", "--kind", "finding", "--by", "bob", "the port was taken"];
    bench.args(finding).stdout_contains("").exit(0);
    bench
}

fn again(bench: &Bench) -> Screen<'_> {
    let run = bench.run_folders().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    let args = ["tabletop".to_owned(), "--from-run".to_owned(), run];
    let mut screen = bench.at_terminal_of((120, 80), args);
    screen.wait_for("Press Enter when all are at the table");
    screen
}

#[test]
fn what_happened_then_is_what_happens_and_only_people_are_asked() {
    let bench = past();
    let effects = bench.effects();
    let mut screen = again(&bench);
    screen.types("\r");
    screen.wait_for("Go on?");
    let shown = screen.shown();
    assert!(shown.contains("[RUN] once more: The shop is down, begun"), "{shown}");
    assert!(shown.contains("Everybody sees an error page."), "{shown}");
    assert!(shown.contains("restart  exited with 7 after 0.0 s"), "{shown}");
    assert!(shown.contains("restart  failed: exit 7, expected 0"), "{shown}");
    // What was told meanwhile has the question put anew.
    screen.wait_for("INJECT 1: bring-back/restart failed: exit 7, expected 0");
    eventually("the gate is asked", || screen.shown().ends_with("[y/N]:"));
    screen.types("y\r");
    let shown = screen.exit(0);
    assert!(!shown.contains("How does it go?"), "{shown}");
    assert!(shown.contains("recovered"), "{shown}");
    assert_eq!(bench.effects(), effects, "nothing is run once more");
    let debrief = page(&bench, "debrief.md");
    let failed = "bring-back/restart failed: exit 7, expected 0";
    assert!(debrief.contains(failed), "{debrief}");
}

#[test]
fn whoever_was_there_then_is_named_and_the_run_is_left_as_it_is() {
    let bench = past();
    let before = bench.journal().records().to_vec();
    let mut screen = again(&bench);
    says(&mut screen, "Press Enter", "");
    screen.wait_for("Go on?");
    screen.types("\x03");
    screen.exit(130);
    assert_eq!(bench.journal().records(), before);
    let debrief = page(&bench, "debrief.md");
    let run = bench.run_folders().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    assert!(debrief.contains(&format!("- Past run: {run}")), "{debrief}");
}

#[test]
fn a_step_that_a_signal_ended_is_ended_by_it_once_more() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        defaults: {shell: sh -eu}
        steps: [{id: a, run: 'kill -9 $$', on_failure: continue}]
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    let ended = "a  was ended by signal 9";
    bench.args(["run", "shop.yaml"]).stdout_contains(ended).exit(8);
    let mut screen = again(&bench);
    screen.types("\r");
    let shown = screen.exit(0);
    assert!(shown.contains(ended) && !shown.contains("exited with"), "{shown}");
}

#[test]
fn what_was_only_practised_is_no_past_run() {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        steps: [{id: a, run: echo a}]
        ";
    let bench = Bench::new().env("USER", "ann").runbook("shop.yaml", book);
    bench.args(["rehearse", "shop.yaml"]).stdout_contains("REHEARSAL").exit(0);
    let run = bench.rehearsals().remove(0);
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    let shown = bench.at_terminal_of((120, 50), ["tabletop", "--from-run", &run]).exit(2);
    assert!(shown.contains("was only practised: how things went in it was assumed"), "{shown}");
    assert!(shown.contains("help: name a run that was carried out: holdpoint runs"), "{shown}");
    assert_eq!(bench.rehearsals().len(), 1, "nothing was begun");
}
