//! The first thing that anybody runs: the shipped quickstart, a small recovery that is not faked.

use std::fs;

use crate::harness::{Bench, Call, eventually, shipped};

/// The steps with an action, in the order in which they start.
const STEPS: [&str; 10] = [
    "scene/make-orders",
    "scene/break-it",
    "symptom",
    "assess",
    "bring-back/restart",
    "bring-back/restore/check-backup",
    "bring-back/restore/set-aside",
    "bring-back/restore/restore-data",
    "bring-back/restore/start-again",
    "tell",
];

fn bench() -> Bench {
    let answers = "restore-data: {word: orders, by: platform-lead}";
    Bench::new().file("answers.yaml", answers).file("wrong.yaml", &answers.replace("orders", "all"))
}

fn quickstart<'b>(bench: &'b Bench, more: &[&str]) -> Call<'b> {
    let folder = format!("folder={}", bench.path("service").display());
    let args =
        ["run".to_owned(), shipped("runbooks/quickstart.yaml"), "--input".to_owned(), folder];
    bench.args(args.into_iter().chain(more.iter().map(|&word| word.to_owned())))
}

#[track_caller]
fn assert_recovered(bench: &Bench) {
    let journal = bench.sound_journal();
    assert_eq!(journal.steps("step_started"), STEPS);
    assert_eq!(journal.steps("step_failed"), ["bring-back/restart"]);
    let status = bench.status();
    assert_eq!((&status["state"], &status["verdict"]), (&"succeeded".into(), &"recovered".into()));
    assert!(bench.run_folder().join("timeline.md").exists());
    assert_eq!(orders(bench), 100);
}

/// How many orders the service has now.
fn orders(bench: &Bench) -> usize {
    fs::read_to_string(bench.path("service/orders.csv")).unwrap_or_default().lines().count()
}

#[test]
fn the_quickstart_recovers_and_can_be_run_again_in_the_same_folder() {
    let bench = bench();
    for _time in ["first", "second"] {
        // The runs of the other time are put away: the bench shows one run.
        let _none_yet = fs::remove_dir_all(bench.path("state"));
        quickstart(&bench, &["--answers", "answers.yaml"])
            .stdout_contains("bring-back/restart  failed: ")
            .stdout_contains(
                "approved by platform-lead with an answer prepared beforehand (name as given)\n",
            )
            .stdout_contains("orders left: 40\n")
            .stdout_contains("\n\nrecovered: succeeded after [TIME]\n")
            .stdout_contains("\ntimeline: [DIR]/state/runs/[RUN]/timeline.md\n")
            .exit(0);
        assert_recovered(&bench);
    }
    let is_service = |command: &&String| command.contains("service.sh");
    // What it is about to execute bears its name for a moment.
    let services = || bench.left_behind().iter().filter(is_service).count();
    eventually("one service runs, and no other", || services() == 1);
}

#[test]
fn without_an_answer_it_waits_at_its_gate_and_goes_on_from_there() {
    let bench = bench();
    quickstart(&bench, &[])
        .stdout_contains("restore-data waits at its gate: Put 100 orders back?")
        .stdout_contains("holdpoint resume [RUN]")
        .exit(5);
    assert_waits_with_the_damage(&bench);

    bench
        .args(["resume", "--answers", "wrong.yaml"])
        .stdout_contains("the prepared answer passes nothing: its word is wrong\n")
        .exit(5);
    assert_waits_with_the_damage(&bench);

    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("recovered").exit(0);
    assert_recovered(&bench);
}

#[track_caller]
fn assert_waits_with_the_damage(bench: &Bench) {
    assert_eq!(bench.state_of("restore-data"), "at_gate");
    assert_eq!(bench.status()["state"], "waiting");
    assert_eq!(bench.sound_journal().count("step_started", "restore-data"), 0);
    assert_eq!(orders(bench), 0, "the damaged orders were set aside, and none were put back");
}
