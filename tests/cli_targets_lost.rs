//! Commands on targets whose end was not seen: they are in doubt, never simply failed, and nothing
//! is done twice without a person's word.
//!
//! The connections that break are those of a real OpenSSH server; where that is not installed the
//! tests say so on standard error and prove nothing.

use crate::harness::{Bench, eventually};
use crate::lab::sshd::Sshd;

/// A runbook whose step `work` takes until the file `go` is there; `more` are further keys of it.
fn book(bench: &Bench, more: &str) -> String {
    format!(
        "
        holdpoint: 1
        id: long
        title: A step that takes long elsewhere
        defaults: {{cwd: {}}}
        steps:
          - id: work
            target: {{ssh: box}}
            {}
            run: |
              echo work >> effects
              until [ -e go ]; do sleep 0.02; done
              echo worked >> effects
          - {{id: after, run: echo after >> effects}}
        ",
        bench.path("").display(),
        if more.is_empty() { "why: It takes its time." } else { more }
    )
}

fn begun(bench: &Bench) -> bool {
    bench.effects().last().is_some_and(|last| last == "work")
}

/// The last ending of `work` as the journal tells it: how, and whether it was seen.
#[track_caller]
fn assert_unseen(bench: &Bench, how: &str) {
    let journal = bench.sound_journal();
    let ended = journal.about("step_ended", "work");
    let last = ended.last().expect("its end is on record");
    assert_eq!((&last["end"]["how"], &last["is_unseen"]), (&how.into(), &true.into()));
    assert_eq!(
        (bench.state_of("work"), bench.state_of("after")),
        ("in_doubt".into(), "pending".into())
    );
}

#[track_caller]
fn assert_resolved(bench: &Bench) {
    let resolve =
        ["resume", "--resolve", "work=done", "--reason", "seen there", "--operator", "ann"];
    bench.args(resolve).stdout_contains("").exit(0);
    assert_eq!(bench.effects().last().map(String::as_str), Some("after"));
    assert_eq!(bench.sound_journal().count("step_started", "work"), 1);
    bench.args(["verify"]).stdout_contains("").exit(0);
}

#[test]
fn a_step_whose_time_is_up_elsewhere_is_in_doubt_until_a_person_says_how_it_went() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    bench.write("book.yaml", &book(bench, "timeout: 1s"));
    bench
        .args(["run", "book.yaml", "--non-interactive", "--on-failure", "abort"])
        .stdout_contains("work is in doubt")
        .exit(5);
    assert_unseen(bench, "timed_out");
    bench.args(["timeline"]).stdout_contains("whether it ended there was not seen").exit(0);
    assert_resolved(bench);
    assert_eq!(bench.effects(), ["work", "after"]);
}

#[test]
fn a_connection_that_breaks_leaves_its_step_in_doubt() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    bench.write("book.yaml", &book(bench, "effect: idempotent"));
    let driver = bench.args(["run", "book.yaml", "--non-interactive"]);
    let driver = driver.stdout_contains("").start();
    eventually("the step is under way", || begun(bench));
    assert_eq!(sshd.break_connections(), 1);
    driver.exit(5);
    assert_unseen(bench, "exited");
    // It goes on over there, so that it may not be done again by itself.
    bench.args(["resume", "--non-interactive"]).stdout_contains("work is in doubt").exit(5);
    bench.write("go", "");
    eventually("it has ended there", || bench.effects() == ["work", "worked"]);
    assert_resolved(bench);
}

#[test]
fn a_rung_in_doubt_holds_its_ladder() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let cwd = format!("defaults: {{cwd: {}}}", bench.path("").display());
    let book = "
        holdpoint: 1
        id: ladder
        title: A rung elsewhere
        CWD
        steps:
          - id: bring-back
            ladder:
              - {id: work, target: {ssh: box}, timeout: 1s, run: echo work >> effects; sleep 60}
              - {id: other, run: echo other >> effects}
        ";
    bench.write("book.yaml", &book.replace("CWD", &cwd));
    bench.args(["run", "book.yaml", "--non-interactive"]).stdout_contains("").exit(5);
    assert_eq!(
        (bench.state_of("work"), bench.state_of("other")),
        ("in_doubt".into(), "pending".into())
    );
    let failed = ["resume", "--resolve", "work=failed", "--reason", "nothing came of it"];
    bench.args(failed).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["work", "other"]);
    bench.sound_journal();
}

#[test]
fn a_step_that_only_reads_is_done_again_once_and_then_waits_for_a_person() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    bench.write("book.yaml", &book(bench, "effect: read\n            timeout: 1s"));
    bench.args(["run", "book.yaml", "--non-interactive"]).stdout_contains("").exit(5);
    assert_unseen(bench, "timed_out");
    assert_eq!(bench.effects(), ["work", "work"]);
    // Nobody but a person says when it is tried once more.
    bench.args(["resume", "--non-interactive"]).stdout_contains("").exit(5);
    assert_eq!(bench.effects(), ["work", "work"]);
    bench.write("go", "");
    let rerun = ["resume", "--resolve", "work=rerun", "--reason", "the network is back"];
    bench.args(rerun).stdout_contains("").exit(0);
    // Those that were lost sight of went on over there, and have ended too.
    let count = |word: &str| bench.effects().iter().filter(|line| *line == word).count();
    eventually("all have ended there", || count("worked") == 3);
    assert_eq!((count("work"), count("after")), (3, 1));
    assert_eq!(bench.sound_journal().count("step_started", "work"), 3);
}

#[test]
fn a_step_that_is_stopped_elsewhere_is_in_doubt() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    bench.write("book.yaml", &book(bench, ""));
    let driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    eventually("the step is under way", || begun(bench));
    driver.signal("TERM");
    eventually("it drains", || bench.journal().events("stop_requested").len() == 1);
    driver.signal("TERM");
    driver.exit(143);
    assert_unseen(bench, "stopped");
    assert_resolved(bench);
}

#[test]
fn a_promise_that_holds_settles_what_was_not_seen() {
    let Some(sshd) = Sshd::start() else { return };
    let bench = &sshd.bench;
    let more = "timeout: 1s\n            done_when: {run: grep -q work effects}";
    bench.write("book.yaml", &book(bench, more));
    bench.args(["run", "book.yaml", "--non-interactive"]).stdout_contains("").exit(0);
    assert_eq!(bench.effects(), ["work", "after"]);
    let journal = bench.sound_journal();
    assert_eq!(journal.about("doubt_settled", "work")[0]["by"]["by"], "done_when");
}
