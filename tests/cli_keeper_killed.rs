//! A keeper that is killed: what it watched over is in doubt, and nothing is done twice unasked.

use crate::harness::{Bench, Driver, Journal, eventually};

/// A runbook whose step `work` takes until the file `go` is there; `more` is a further key of it.
fn bench(more: &str) -> Bench {
    Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: long
            title: A step that takes long
            steps:
              - id: work
                {more}
                run: |
                  echo work >> effects
                  echo $$ > pid
                  until [ -e go ]; do sleep 0.02; done
                  echo worked >> effects
              - {{id: after, run: echo after >> effects}}
            "
        ),
    )
}

/// The run under way, without its keeper: `work` is in doubt, and its process lives.
#[track_caller]
fn without_keeper(bench: &Bench) -> Driver<'_> {
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    eventually("it works", || bench.path("pid").exists());
    bench.kill_keeper();
    driver.wait_for("step_lost", "work");
    driver.wait_for("process_sought", "work");
    driver
}

#[track_caller]
fn assert_lost_once(journal: &Journal) {
    let lost = journal.about("step_lost", "work");
    assert_eq!(lost.len(), 1, "{journal}");
    assert_eq!(lost[0]["reason"], "its keeper was killed");
}

#[test]
fn what_may_be_repeated_is_done_again_once_its_process_is_gone() {
    for effect in ["read", "idempotent"] {
        let bench = bench(&format!("effect: {effect}"));
        let driver = without_keeper(&bench);
        assert_eq!(bench.journal().count("step_started", "work"), 1, "it still runs");
        bench.write("go", "");
        driver.exit(0);
        assert_eq!(bench.effects(), ["work", "worked", "work", "worked", "after"]);
        let journal = bench.sound_journal();
        assert_lost_once(&journal);
        let settled = journal.about("doubt_settled", "work");
        assert_eq!(
            (&settled[0]["choice"], &settled[0]["by"]["by"]),
            (&"rerun".into(), &"effect".into())
        );
        assert_eq!(bench.left_behind(), Vec::<String>::new());
    }
}

#[test]
fn what_is_done_once_is_put_to_a_person() {
    let bench = bench("effect: once");
    let driver = without_keeper(&bench);
    bench.write("go", "");
    let printed = driver.exit(5).stdout;
    assert!(printed.contains("work is in doubt: it was started, and how it ended is not known"));
    assert_eq!(bench.effects(), ["work", "worked"]);
    assert_lost_once(&bench.sound_journal());
    let done = ["resume", "--resolve", "work=done", "--reason", "it is there"];
    bench.args(done).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    bench.sound_journal();
}

#[test]
fn an_effect_that_is_there_settles_it() {
    let bench = bench("done_when: {run: [grep, -q, worked, effects]}");
    let driver = without_keeper(&bench);
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    let journal = bench.sound_journal();
    assert_lost_once(&journal);
    assert_eq!(journal.about("doubt_settled", "work")[0]["by"]["by"], "done_when");
}

#[test]
fn a_step_that_is_killed_together_with_its_keeper_is_put_to_a_person() {
    let bench = bench("effect: once");
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    eventually("it works", || bench.path("pid").exists());
    bench.signal_keeper("STOP");
    bench.shell("kill -9 $(cat pid)").exit(0);
    bench.kill_keeper();
    let printed = driver.exit(5).stdout;
    assert!(printed.contains("work is in doubt"), "{printed}");
    assert_eq!(bench.effects(), ["work"]);
    assert_lost_once(&bench.sound_journal());
}

#[test]
fn the_next_command_gets_a_new_keeper_and_the_old_socket_is_no_hindrance() {
    let bench = bench("done_when: {run: [grep, -q, worked, effects]}");
    let driver = without_keeper(&bench);
    assert!(bench.run_folder().join("keeper.sock").exists(), "nobody was there to remove it");
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["work", "worked", "after"]);
    assert!(!bench.run_folder().join("keeper.sock").exists());
    assert_eq!(bench.keepers(), Vec::<String>::new());
}

#[test]
fn after_the_second_loss_in_a_row_a_person_decides_whatever_the_effect() {
    let bench = bench("effect: idempotent");
    let mut driver = without_keeper(&bench);
    bench.write("go", "");
    // It runs again, under a new keeper, and its file is gone: it works for as long as we like.
    driver.wait_until("it is settled", |journal| journal.count("doubt_settled", "work") == 1);
    driver.exit(0);
    assert_eq!(bench.effects().last().map(String::as_str), Some("after"));

    let bench = self::bench("effect: idempotent");
    let mut driver = without_keeper(&bench);
    bench.shell("kill -9 $(cat pid)").exit(0);
    driver.wait_until("it runs again", |journal| journal.count("step_spawned", "work") == 2);
    eventually("it works again", || bench.effects().len() == 2);
    bench.kill_keeper();
    bench.write("go", "");
    driver.exit(5);
    assert_eq!(bench.effects(), ["work", "work", "worked"]);
    assert_eq!(bench.status()["waiting_for"][0]["kind"], "in_doubt");
    bench.sound_journal();
}
