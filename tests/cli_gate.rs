//! What a gate may want beyond a yes: more than one person, somebody else, a number, in time.

use crate::harness::Bench;

fn bench(gate: &str) -> Bench {
    let book = format!(
        "
        holdpoint: 1
        id: book
        title: Book
        defaults: {{shell: sh -eu}}
        steps:
          - {{id: drop, gate: {gate}, run: echo dropped >> effects}}
        "
    );
    Bench::new().runbook("book.yaml", &book)
}

fn answer(bench: &Bench, answer: &str) {
    let digest = bench.status()["waiting_for"][0]["digest"].as_str().unwrap_or("none").to_owned();
    bench.write("answers.yaml", &format!("drop: {}\n", answer.replace("DIGEST", &digest)));
}

#[test]
fn two_people_open_a_gate_with_a_quorum_and_nobody_counts_twice() {
    let bench = bench("{quorum: 2}");
    bench.args(["run", "book.yaml"]).stdout_contains("digest: ").exit(5);
    let resume = || bench.args(["resume", "--answers", "answers.yaml"]);
    answer(&bench, "{approve: true, by: ada}");
    resume().stdout_contains("it must carry the digest of the question").exit(5);
    answer(&bench, "{approve: true, by: ada, digest: DIGEST}");
    resume().stdout_contains("approved by ada").exit(5);
    resume().stdout_contains("ada has approved it already; it must be somebody else").exit(5);
    answer(&bench, "{approve: true, by: grace, digest: DIGEST}");
    resume().stdout_contains("succeeded").exit(0);
    assert_eq!(bench.effects(), ["dropped"]);
}

#[test]
fn who_drives_the_run_may_not_open_a_gate_that_keeps_them_out() {
    let bench = bench("{not_operator: true}");
    let run = ["run", "book.yaml", "--operator", "ada"];
    bench.args(run).stdout_contains("").exit(5);
    let resume = || bench.args(["resume", "--operator", "ada", "--answers", "answers.yaml"]);
    answer(&bench, "{approve: true, by: ada, digest: DIGEST}");
    resume().stdout_contains("ada drives the run and may not approve it").exit(5);
    answer(&bench, "{approve: true, by: grace, digest: DIGEST}");
    resume().stdout_contains("approved by grace").exit(0);
}

#[test]
fn a_number_out_of_range_passes_nothing_and_a_good_one_is_recorded() {
    let bench = bench("{value: {prompt: How many rows?, expect: {between: [200, 300]}}}");
    bench.args(["run", "book.yaml"]).stdout_contains("value: NUMBER").exit(5);
    let resume = || bench.args(["resume", "--answers", "answers.yaml"]);
    answer(&bench, "{approve: true}");
    resume().stdout_contains("the gate asks for a number").exit(5);
    answer(&bench, "{approve: true, value: 17}");
    resume().stdout_contains("17 is not from 200 to 300").exit(5);
    answer(&bench, "{approve: true, value: 217}");
    resume().stdout_contains("who reads 217").exit(0);
    assert_eq!(bench.journal().events("gate_approved")[0]["value"], "217");
}

#[test]
fn at_a_terminal_the_number_is_asked_for_until_it_is_in_range() {
    let bench = bench("{value: {prompt: How many rows?, expect: {at_least: 200}}, quorum: 2}");
    let mut screen = bench.at_terminal(["run", "book.yaml", "--operator", "ada"]);
    screen.wait_for("Go on?");
    screen.types("y\r");
    screen.wait_for("How many rows? (at least 200)");
    screen.types("17\r");
    screen.wait_for("17 is not at least 200");
    screen.types("217\r");
    screen.wait_for("Who approves this (1 of 2)?");
    screen.types("ada\r");
    screen.wait_for_another("Go on?", 2);
    screen.types("y\r");
    screen.wait_for_another("How many rows?", 3);
    screen.types("218\r");
    screen.wait_for("Who approves this (2 of 2)?");
    screen.types("ada\r");
    screen.wait_for("ada has approved it already");
    screen.types("grace\r");
    screen.exit(0);
    assert_eq!(bench.effects(), ["dropped"]);
}

#[test]
fn yes_passes_only_a_gate_that_says_so_and_it_is_recorded_as_a_bypass() {
    let shut = bench("true");
    shut.args(["run", "book.yaml", "--yes"]).stdout_contains("").exit(5);
    let open = bench("{bypass: allowed}");
    open.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    open.args(["resume", "--yes"]).stdout_contains("nobody approved it").exit(0);
    assert_eq!(open.journal().events("gate_approved")[0]["is_bypass"], true);
}

#[test]
fn a_gate_that_wants_more_people_than_may_open_it_is_refused() {
    let library = "
        holdpoint: 1
        contacts: [{role: dba, name: Grace}, {role: dba, name: Ada}, {role: lead, name: Tim}]
    ";
    let planned = |gate: &str| bench(gate).file("holdpoint.yaml", library);
    for gate in [
        "{approvers: [Tim, Ada], quorum: 2}",
        "{approvers: [dba], quorum: 3}",
        "{approvers: [Tim, Ada], quorum: 3, bypass: allowed}",
        "{quorum: 9}",
    ] {
        planned(gate).args(["plan", "book.yaml"]).stdout_contains("dropped").exit(0);
    }
    planned("{approvers: [Tim, Ada, Tim], quorum: 3}")
        .args(["plan", "book.yaml"])
        .stderr(
            "
            error: 3 must approve, and only 2 people may
             --> book.yaml:6:59
              |
            6 |   - {id: drop, gate: {approvers: [Tim, Ada, Tim], quorum: 3}, run: echo dropped >> effects}
              |                                                           ^
              |
              = help: name more approvers, or take a smaller quorum

            error: 1 problem in book.yaml
            ",
        )
        .exit(3);
}

#[test]
fn a_gate_at_the_terminal_is_taken_away_when_its_time_is_over() {
    let bench = bench("{expires: 1s}");
    let mut screen = bench.at_terminal(["run", "book.yaml"]);
    screen.wait_for("Go on?");
    screen.wait_for("nobody answered in time");
    screen.wait_for("Choose what to do");
    screen.types("\u{3}");
    screen.exit(130);
    assert_eq!(bench.effects(), [""; 0]);
}

#[test]
fn with_nobody_there_the_time_of_a_gate_is_judged_when_the_run_goes_on() {
    let bench = bench("{expires: 1s, on_expiry: reject}");
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    // Nobody can make the clock on the wall go faster.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    bench.args(["resume"]).stdout_contains("nobody answered in time").exit(4);
    assert_eq!(bench.state_of("drop"), "rejected");
}
