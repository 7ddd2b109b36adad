//! What is refused before anything begins.

use crate::harness::Bench;

use super::bench;

#[track_caller]
fn assert_refused(bench: &Bench, assumed: &[&str], message: &str, help: &str) {
    let args = assumed.iter().flat_map(|it| ["--assume", *it]);
    let text = format!("error: {message}\n  help: {help}\n");
    bench.args(["rehearse", "book.yaml"].into_iter().chain(args)).stderr(&text).exit(2);
    assert!(bench.rehearsals().is_empty(), "nothing was begun");
}

#[test]
fn an_assumption_that_cannot_be_is_refused_with_a_way_out() {
    let bench = bench();
    let refused = |assumed: &str, message: &str, help: &str| {
        assert_refused(&bench, &[assumed], message, help);
    };
    let unknown = "the runbook has no step and no check";
    refused("polsih=fails", &format!("{unknown} `polsih`"), "did you mean `polish`?");
    refused("bakc=fails", &format!("{unknown} `bakc`"), "did you mean `back`?");
    refused("polish", "`polish` assumes nothing", "write --assume step=fails, or step=exit:1");
    let words = "use one of exit:N, fails, timeout, unseen, well";
    refused("polish=explodes", "`explodes` cannot be assumed of `polish`", words);
    refused("polish=exit:256", "`exit:256` cannot be assumed of `polish`", words);
    refused("polish=status:500", "`status:500` cannot be assumed of `polish`", words);
    refused(
        "back=exit:1",
        "`exit:1` cannot be assumed of `back`",
        "use one of holds, fails, unseen",
    );
    let none = "name a step that has, or what its action comes to";
    refused("polish.verify=fails", "`polish` has no `verify`", none);
    assert_refused(
        &bench,
        &["polish=fails", "polish=well"],
        "something is assumed of `polish` twice",
        "say --assume once for each step or check",
    );
}

#[test]
fn nothing_is_assumed_of_a_group_a_pause_or_a_decision() {
    let text = "
        holdpoint: 1
        id: book
        title: Book
        steps:
          - {id: all, steps: [{id: one, run: 'true'}, {id: two, probe: {file: x}}]}
          - {id: pause, wait: 5m}
          - {id: decide, gate: {ask: Go on?}}
          - {id: look, probe: {file: x}}
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    assert_refused(
        &bench,
        &["all=fails"],
        "`all` is a group, which does nothing itself",
        "assume something of a step in it: one, two",
    );
    let people = "a pause only passes, and people are answered for with --answers";
    assert_refused(&bench, &["pause=fails"], "nothing can be assumed of `pause`", people);
    assert_refused(&bench, &["decide=fails"], "nothing can be assumed of `decide`", people);
    assert_refused(
        &bench,
        &["look=exit:1"],
        "`exit:1` cannot be assumed of `look`",
        "use one of fails, holds, unseen",
    );
}

#[test]
fn a_runbook_that_is_wrong_cannot_be_rehearsed() {
    let bench = Bench::new();
    bench.write("bad.txt", "holdpoint: 1\nid: bad\n");
    bench.args(["rehearse", "bad.txt"]).stderr_contains("error").exit(3);
    bench.args(["rehearse", "none.yaml"]).stderr_contains("none.yaml").exit(3);
}
