//! Requests: whether they may be sent again, and what becomes of those without an answer.

use holdpoint::run::event::{DoubtChoice, Event, FailureKind, HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, Machine, kind_world, planned};

fn request(method: &str, more: &str) -> Machine {
    kind_world(&format!(
        "
        steps:
          - {{id: a, {more} http: {{method: {method}, url: 'https://x/keys'}}}}
          - {{id: b, run: 'true'}}
        "
    ))
}

fn lost(method: &str, more: &str) -> Machine {
    request(method, more).with(|script| script.acts("a", &[Act::Lose, Act::Succeed]))
}

#[test]
fn a_request_without_an_answer_is_in_doubt_and_never_sent_again_by_itself() {
    let run = lost("POST", "on_failure: continue,").play();
    run.started(&["a"]).waits_for(&["in_doubt a"]).states(&[("a", "in_doubt"), ("b", "pending")]);
    let settled = |choice| {
        let run = lost("POST", "").with(|script| script.settles("a", &[choice]));
        run.play()
    };
    settled(DoubtChoice::Done).started(&["a", "b"]).states(&[("a", "succeeded")]);
    settled(DoubtChoice::Rerun).started(&["a", "a", "b"]);
    settled(DoubtChoice::Failed).started(&["a"]).waits_for(&["hold a"]);
}

#[test]
fn what_may_be_done_twice_is_asked_about_too_since_it_may_still_go_on() {
    lost("PUT", "effect: idempotent, retry: {times: 3},").play().started(&["a"]);
    lost("PUT", "effect: idempotent,").play().waits_for(&["in_doubt a"]);
}

#[test]
fn what_only_reads_is_sent_again_but_not_without_an_end() {
    lost("POST", "effect: read,").play().started(&["a", "a", "b"]);
    let run = request("POST", "effect: read,").with(|script| script.acts("a", &[Act::Lose]));
    run.play().started(&["a", "a"]).waits_for(&["in_doubt a"]);
}

#[test]
fn its_promise_settles_the_doubt() {
    let run = lost("POST", "done_when: {file: /x},").with(|script| {
        script.sees("a done_when", &[Sight::Fails, Sight::Holds]);
    });
    run.play().started(&["a", "b"]).states(&[("a", "succeeded")]);
}

#[test]
fn in_a_rung_no_next_rung_is_tried_before_the_doubt_is_settled() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, http: {method: POST, url: 'https://x'}}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| script.acts("l/r", &[Act::Lose])).play();
    run.started(&["l/r"]).waits_for(&["in_doubt l/r"]);
    let run = run.with(|script| script.settles("l/r", &[DoubtChoice::Failed])).resume().play();
    run.started(&["l/r", "l/s"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_get_that_was_not_answered_has_failed_and_may_be_tried_again() {
    let run = request("GET", "retry: {times: 1},");
    let run = run.with(|it| it.acts("a", &[Act::Fail(FailureKind::Timeout), Act::Succeed]));
    run.play().started(&["a", "a", "b"]);
    let run = request("GET", "").with(|it| it.acts("a", &[Act::Hang, Act::Succeed]));
    run.play().resume().play().started(&["a", "a", "b"]);
}

#[test]
fn a_request_that_was_cut_off_by_a_crash_is_settled_like_any_action() {
    let run = request("POST", "").with(|it| it.acts("a", &[Act::Hang])).play().resume().play();
    run.started(&["a"]).waits_for(&["in_doubt a"]);
}

#[test]
fn a_request_that_was_refused_is_held_like_a_command_that_did_not_start() {
    let run = request("POST", "").with(|script| {
        script.acts("a", &[Act::Fail(FailureKind::Spawn), Act::Succeed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    run.play().started(&["a", "a", "b"]);
}

#[test]
fn what_was_answered_is_handed_on_without_being_declared() {
    let run = kind_world(
        "
        inputs: {names: {type: list, default: [x, y]}}
        steps:
          - {id: a, http: {url: 'https://x'}, outputs: {size: {from: json, path: $.size, type: int}}}
          - {id: b, when: steps.a.outputs.status == 201 and steps.a.outputs.json.is_new, run: 'true'}
          - {id: c, run: 'echo ${{ steps.a.outputs.json.key.id }} ${{ steps.a.outputs.size }}'}
          - {id: d, each: {in: inputs.names}, http: {url: 'https://x/${{ item }}'}}
          - {id: e, run: 'echo ${{ steps.d.outputs.status }}'}
        ",
    );
    let run = run.with(|script| {
        script.yields("a", "status", 201);
        script.yields("a", "size", 7);
        script.yields("a", "json", serde_json::json!({"is_new": true, "key": {"id": "k-1"}}));
        script.yields("d/1", "status", 200);
        script.yields("d/2", "status", 204);
    });
    let run = run.play();
    run.started(&["a", "b", "c", "d/1", "d/2", "e"]);
    assert_eq!(run.command("c"), "echo 'k-1' '7'");
    assert_eq!(run.command("e"), "echo '200' '204'");
    assert_eq!(run.command("d/2"), "GET https://x/y");
}

#[test]
fn only_what_is_asked_for_goes_on_record() {
    let names = |book: &str| {
        let run = kind_world(book).play();
        let ended = run.events().iter().find_map(|event| match event {
            Event::StepEnded(ended) if ended.step == "a" => Some(ended.outputs.clone()),
            _ => None,
        });
        ended.unwrap_or_default().into_keys().collect::<Vec<String>>()
    };
    let step = "{id: a, http: {url: 'https://x'}}";
    assert_eq!(names(&format!("steps: [{step}]")), ["status"]);
    let asked = format!(
        "steps: [{step}]\nexit_criteria: [{{probe: {{file: '/${{{{ steps.a.outputs.body }}}}'}}}}]"
    );
    assert_eq!(names(&asked), ["body", "status"]);
}

#[test]
fn a_gate_shows_and_freezes_what_is_sent() {
    let book = |body: &str| {
        format!(
            "steps: [{{id: a, gate: true, http: {{method: POST, url: 'https://x', body: '{body}'}}}}]"
        )
    };
    let at_gate = |body: &str| kind_world(&book(body)).with(|it| it.leaves("a")).play().gate("a");
    assert_eq!(at_gate("one").commands, ["POST https://x\none"]);
    assert_ne!(at_gate("one").digest, at_gate("two").digest);
    let run = kind_world(
        "
        targets: {there: {ssh: there}}
        steps:
          - id: all
            gate: true
            target: there
            steps:
              - {id: a, run: 'true', outputs: {key: {}}}
              - {id: b, http: {method: POST, url: 'https://x', json: {key: '${{ steps.a.outputs.key }}'}}}
        ",
    );
    let run = run.with(|script| script.leaves("all")).play();
    let request = "POST https://x\n{\"key\":\"${{ steps.a.outputs.key }}\"}";
    assert_eq!(run.gate("all").commands.last().map(String::as_str), Some(request));
}

#[test]
fn what_does_not_go_with_a_request_is_refused() {
    let refused = |step: &str, message: &str| {
        let problem = planned(&format!("steps: [{{id: a, {step}}}]")).err().unwrap_or_default();
        assert_eq!(problem.lines().next(), Some(message), "{step}");
    };
    let url = "http: {url: 'http://x'}";
    let for_commands =
        "`target`, `env`, `cwd`, `shell` and `stdin` are for commands, and a request is none";
    refused(&format!("target: {{docker: x}}, {url}"), for_commands);
    refused(&format!("env: {{A: b}}, {url}"), for_commands);
    refused(&format!("cwd: /tmp, {url}"), for_commands);
    let given = "`status` is an output that every request has";
    refused(&format!("outputs: {{status: {{from: line}}}}, {url}"), given);
    refused(&format!("outputs: {{x: {{from: stderr}}}}, {url}"), "an answer has no `stderr`");
    refused(&format!("expect: {{exit: 0}}, {url}"), "unknown key `exit` in `expect`");
    refused(&format!("retry: {{times: 1, on_exit: 3}}, {url}"), "only a command has exit codes");
}
