//! Steps that a person does: asked, answered, given up, asked again.

use std::collections::BTreeMap;

use holdpoint::run::event::{
    Event, EvidenceGiven, HoldChoice, Outcome, Question, Sight, StepAnswered,
};
use serde_json::Value as Json;

use crate::harness::machine::{Act, Hand, Machine, kind_world};

const MANUAL: &str = "
    steps:
      - id: key
        manual: Create a key.
        answers: {id: {}, rows: {type: int}, hint: {optional: true}, size: {default: small}}
        evidence: {ticket: {}, load: {type: number, optional: true}}
      - {id: use, run: 'echo ${{ steps.key.outputs.id }} ${{ steps.key.outputs.rows }}'}
    finally: [{id: tidy, run: 'true'}]
    ";

/// The question of a step that a person does.
#[track_caller]
fn asked(run: &Machine, step: &str) -> Question {
    let mut waiting = run.state().waiting_for(run.plan()).into_iter();
    let found = waiting.find(|question| question.by_hand() == Some(step));
    found.unwrap_or_else(|| panic!("nobody is asked to do {step}\n{}", run.tale()))
}

fn answered(step: &str, answers: &[(&str, Json)]) -> Event {
    let answers: BTreeMap<String, Json> =
        answers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Event::StepAnswered(StepAnswered {
        step: step.into(),
        by: "ada".into(),
        answers,
        secrets: Vec::new(),
        evidence: BTreeMap::from([(
            "ticket".to_owned(),
            EvidenceGiven::Text { text: "OPS-1".into() },
        )]),
        note: None,
        is_prepared: false,
    })
}

fn given_up(step: &str) -> Event {
    let (by, reason) = ("ada".into(), "the console is down".into());
    Event::StepGivenUp { step: step.into(), item: None, by, reason, is_prepared: false }
}

#[test]
fn what_a_person_answers_is_handed_to_later_steps() {
    let run = kind_world(MANUAL).with(|script| {
        script.yields("key", "id", "k-7");
        script.yields("key", "rows", 217);
    });
    let run = run.play();
    run.states(&[("key", "succeeded"), ("use", "succeeded")]).ended_well();
    assert_eq!(run.command("use"), "echo 'k-7' '217'");
}

#[test]
fn the_question_says_what_will_be_asked_for() {
    let run = kind_world(MANUAL).alone().play();
    run.waits_for(&["manual key"]).states(&[("key", "running")]);
    let question = serde_json::to_value(asked(&run, "key")).expect("a question is JSON");
    let expected = serde_json::json!({
        "kind": "manual",
        "step": "key",
        "text": "Create a key.",
        "answers": [
            {"name": "id", "type": "string"},
            {"name": "rows", "type": "int"},
            {"name": "hint", "type": "string", "is_optional": true},
            {"name": "size", "type": "string", "is_optional": true},
        ],
        "evidence": [
            {"name": "ticket", "type": "text"},
            {"name": "load", "type": "number", "is_optional": true},
        ],
    });
    assert_eq!(question, expected);
}

#[test]
fn a_step_by_hand_is_never_in_doubt_and_is_asked_again() {
    let run = kind_world(MANUAL).with(|script| script.hands("key", &[Hand::Leaves])).play();
    let before = asked(&run, "key");
    let run = run.resume().play();
    run.waits_for(&["manual key"]).states(&[("key", "running")]);
    assert_eq!(asked(&run, "key"), before);
    let run = run.with(|script| script.hands("key", &[Hand::Does])).resume().play();
    run.started(&["use", "tidy"]).ended_well();
    let index = run.plan().find("key").expect("it is there");
    assert_eq!(run.state().steps[index].attempts, 1);
}

#[test]
fn what_cannot_be_done_fails_and_is_asked_anew_on_retry() {
    let run = kind_world(MANUAL).with(|script| {
        script.hands("key", &[Hand::GivesUp, Hand::Does]);
        script.resolves("key", &[HoldChoice::Retry]);
    });
    let held = kind_world(MANUAL).with(|script| script.hands("key", &[Hand::GivesUp])).play();
    held.waits_for(&["hold key"]).states(&[("key", "held{person}"), ("use", "pending")]);
    let run = run.play();
    run.states(&[("key", "succeeded"), ("use", "succeeded")]).ended_well();
    let index = run.plan().find("key").expect("it is there");
    assert_eq!(run.state().steps[index].attempts, 2);
}

#[test]
fn what_cannot_be_done_goes_on_as_its_on_failure_says() {
    for (key, state, below, outcome) in [
        ("continue", "failed{person} continue", "succeeded", Outcome::SucceededWithExceptions),
        ("fail", "failed{person}", "not_reached", Outcome::Failed),
        ("abort", "failed{person}", "not_reached", Outcome::Failed),
    ] {
        let book = format!(
            "steps: [{{id: a, manual: Do it., on_failure: {key}}}, {{id: b, run: 'true'}}]"
        );
        let run = kind_world(&book).with(|script| script.hands("a", &[Hand::GivesUp])).play();
        run.states(&[("a", state), ("b", below)]);
        assert_eq!(run.outcome(), Some(outcome), "{key}");
    }
}

#[test]
fn what_is_done_by_hand_is_verified_like_any_step() {
    let book = "
        steps:
          - {id: a, manual: Do it., on_failure: fail, verify: [{probe: {file: /x}}]}
        ";
    let run = kind_world(book).with(|script| script.sees("a verify", &[Sight::Fails])).play();
    run.states(&[("a", "failed{verify}")]);
    kind_world(book).play().states(&[("a", "succeeded")]);
}

#[test]
fn a_person_takes_no_place_among_the_steps_that_may_run() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], manual: Do it.}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [b], run: 'true'}
        ",
    );
    let run = run.parallel(1).with(|script| script.hands("a", &[Hand::Leaves])).play();
    run.started(&["b", "c"]).waits_for(&["manual a"]);
}

#[test]
fn while_a_step_is_held_nobody_is_asked_to_begin_another() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [b], manual: Do it.}
        ",
    );
    let run = run.parallel(1).with(|script| script.fails("a")).play();
    run.waits_for(&["hold a"]).states(&[("c", "pending")]);
}

#[test]
fn its_gate_shows_what_a_person_is_to_do() {
    let book = "
        inputs: {name: {default: orders}}
        steps:
          - id: p
            gate: true
            steps:
              - {id: a, manual: 'Drop ${{ inputs.name }}.'}
              - {id: b, run: 'true', outputs: {x: {}}}
              - {id: c, manual: 'Write ${{ steps.b.outputs.x }} down.'}
          - {id: d, gate: true, manual: 'Tell ${{ inputs.name }}.'}
        ";
    let run = kind_world(book).with(|script| script.leaves("p")).play();
    let gate = run.gate("p");
    let expected = ["by hand: Drop orders.", "true", "Write ${{ steps.b.outputs.x }} down."];
    assert_eq!(gate.commands, expected);
    let run = kind_world(book).with(|script| script.leaves("d")).play();
    assert_eq!(run.gate("d").commands, ["by hand: Tell orders."]);
    kind_world(book).play().ended_well();
}

#[test]
fn a_text_without_a_value_fails_the_step_before_anybody_is_asked() {
    let run = kind_world(
        "
        steps:
          - {id: a, when: inputs.x == 2, run: 'true', outputs: {x: {}}}
          - {id: b, on_failure: fail, manual: 'Write ${{ steps.a.outputs.x }} down.'}
        inputs: {x: {type: int, default: 1}}
        ",
    );
    run.play().states(&[("b", "failed{template}")]);
}

#[test]
fn an_answer_that_was_left_out_has_no_value_and_one_with_a_default_has_it() {
    let book = |code: &str| {
        format!(
            "
            steps:
              - {{id: a, manual: Do it., evidence: [ticket], answers: {{hint: {{optional: true}}, size: {{default: 3, type: int}}}}}}
              - {{id: b, on_failure: fail, run: 'echo ${{{{ {code} }}}}'}}
            "
        )
    };
    let run = |code: &str| {
        let run = kind_world(&book(code)).with(|script| script.hands("a", &[Hand::Leaves])).play();
        run.tell(answered("a", &[])).play()
    };
    run("steps.a.outputs.hint").states(&[("b", "failed{template}")]);
    assert_eq!(run("steps.a.outputs.hint | default(\"none\")").command("b"), "echo 'none'");
    assert_eq!(run("steps.a.outputs.size + 1").command("b"), "echo '4'");
}

#[test]
fn an_answer_that_was_not_asked_for_is_refused() {
    let run = kind_world(MANUAL).with(|script| script.hands("key", &[Hand::Leaves])).play();
    let both = [("id", Json::from("k")), ("rows", Json::from(1))];
    for (event, why) in [
        (answered("key", &both[..1]), "`rows` is missing"),
        (
            answered("key", &[("id", "k".into()), ("rows", 1.into()), ("x", 1.into())]),
            "nobody asked for `x`",
        ),
        (answered("use", &both), "the step is pending"),
        (given_up("use"), "the step is pending"),
        (answered("nowhere", &both), "no such step"),
    ] {
        let before = run.state().clone();
        let mut other = run.clone();
        let refused = other.try_tell(event);
        assert!(refused.as_ref().is_err_and(|found| found.contains(why)), "{refused:?}: {why}");
        assert_eq!(*other.state(), before);
    }
    let done = run.tell(answered("key", &both)).play();
    let mut again = kind_world(MANUAL).replayed(&done, done.events().len() - 1);
    assert!(again.try_tell(answered("key", &both)).is_err(), "it is answered once");
}

#[test]
fn a_person_who_is_asked_when_the_run_ends_is_not_waited_for() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], manual: Do it.}
          - {id: b, needs: [], on_failure: abort, run: 'true'}
        finally: [{id: tidy, run: 'true'}]
        ",
    );
    let run = run.with(|script| {
        script.hands("a", &[Hand::Leaves]);
        script.acts("b", &[Act::Exit(1)]);
    });
    let run = run.play();
    run.states(&[("a", "failed{stopped}"), ("b", "failed{exit}"), ("tidy", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_way_back_may_be_by_hand() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', undo: {paired: true, manual: Put it back.}}
          - {id: b, run: 'true'}
        ",
    );
    let run = run.with(|script| script.hands("a~undo", &[Hand::Leaves])).play();
    run.waits_for(&["manual a~undo"]);
    run.with(|script| script.hands("a~undo", &[Hand::Does])).resume().play().ended_well();
}

#[test]
fn each_item_of_a_list_may_be_done_by_hand() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: drain
            each: {in: inputs.hosts, as: host, parallel: 2}
            manual: Drain ${{ host }}.
            answers: {jobs: {type: int}}
          - {id: sum, run: 'echo ${{ steps.drain.outputs.jobs | sum }}'}
        ",
    );
    let waiting = run.clone().alone().play();
    waiting.waits_for(&["manual drain/1", "manual drain/2"]);
    let run = run.with(|script| {
        script.yields("drain/1", "jobs", 3);
        script.yields("drain/2", "jobs", 4);
    });
    assert_eq!(run.play().command("sum"), "echo '7'");
}
