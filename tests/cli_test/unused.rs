//! What a case says and never comes to is an error that names the line.

use super::bench;

/// Complains unless a case that begins with these keys leads to exactly these excerpts.
#[track_caller]
fn assert_unused(keys: &str, expected: &str) {
    let bench = bench(&format!("      - {{name: one, {keys}, expect: {{outcome: waiting}}}}\n"));
    let printed = bench.args(["test"]).stdout_contains("").exit(1).stdout;
    let from = printed.find("error: ").expect("something is wrong");
    let to = printed.find("the end of its timeline").expect("its timeline is shown");
    let found: Vec<&str> = printed[from..to].trim_end().lines().collect();
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|it| !it.is_empty()).collect();
    let marks: Vec<&str> = found
        .iter()
        .filter(|line| line.starts_with("error: ") || line.contains("-->"))
        .map(|line| line.trim())
        .collect();
    assert_eq!(marks, expected, "{printed}");
    assert_eq!(printed.matches("^ the case never comes to it").count(), expected.len() / 2);
}

#[test]
fn an_answer_that_is_not_used_names_its_line() {
    assert_unused(
        "decisions: {drop: expires}, answers: {drop: {word: data}}",
        "
        error: this answer to `drop` was not used
        --> a.test.yaml:3:55
        ",
    );
    assert_unused(
        "answers: {drop: [{reject: true}, {word: data}]}",
        "
        error: answer 2 to `drop` was not used
        --> a.test.yaml:3:27
        ",
    );
    assert_unused(
        "yes: true",
        "
        error: `yes` was not used: no gate was bypassed
        --> a.test.yaml:3:22
        ",
    );
}

#[test]
fn a_decision_that_is_not_used_names_its_line() {
    assert_unused(
        "mocks: {stop: {exit: 1}}, decisions: {stop: [skip, retry, done], verdict: end, space: waive}",
        "
        error: the decision `retry` about `stop` was not used
        --> a.test.yaml:3:68
        error: the decision `done` about `stop` was not used
        --> a.test.yaml:3:75
        error: the decision `end` about `verdict` was not used
        --> a.test.yaml:3:91
        error: the decision `waive` about `space` was not used
        --> a.test.yaml:3:103
        ",
    );
    assert_unused(
        "checks: {drop/done_when: holds}, decisions: {drop: expires}, mocks: {load: {exit: 1}}",
        "
        error: the gate of `drop` did not expire
        --> a.test.yaml:3:68
        ",
    );
}

#[test]
fn a_crash_that_does_not_come_names_its_line() {
    assert_unused(
        "crashes: [{during: load}, {after: drop}, {asking: stop}, {asking: drop}]",
        "
        error: the crash during `load` did not come
        --> a.test.yaml:3:27
        error: the crash after `drop` did not come
        --> a.test.yaml:3:43
        error: the crash at the question of `stop` did not come
        --> a.test.yaml:3:58
        ",
    );
}

#[test]
fn a_waiver_that_is_not_used_names_its_line() {
    assert_unused(
        "waive: {space: there is enough}",
        "
        error: the waiver of `space` was not used
        --> a.test.yaml:3:25
        ",
    );
}

#[test]
fn a_mock_or_a_check_that_the_case_never_comes_to_names_its_line() {
    assert_unused(
        "mocks: {load: {exit: 1}, look: [{exit: 1}, {exit: 0}]}, checks: {load/verify: fails, space: [holds, fails]}",
        "
        error: the mock of `load` was not used
        --> a.test.yaml:3:25
        error: `look` began once: this attempt did not come
        --> a.test.yaml:3:60
        error: `load/verify` was not looked at
        --> a.test.yaml:3:82
        error: `space` was looked at once: this look did not come
        --> a.test.yaml:3:117
        ",
    );
}
