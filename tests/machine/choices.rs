//! Choices: options that are written, and rows of an earlier output.

use std::collections::BTreeMap;

use holdpoint::run::event::{Event, Outcome, StepAnswered};
use serde_json::{Value as Json, json};

use crate::harness::machine::{Hand, Machine, kind_world};

/// Rows of an earlier output; what is said beside `from` is put in.
fn rows(beside: &str) -> String {
    format!(
        "
        inputs: {{at: {{default: acme}}}}
        steps:
          - {{id: keys, run: 'true', outputs: {{all: {{type: list}}}}}}
          - id: which
            on_failure: fail
            choose: {{ask: 'Which key of ${{{{ inputs.at }}}}?', from: steps.keys.outputs.all{beside}}}
          - {{id: use, run: 'echo ${{{{ steps.which.outputs.choice | string }}}}'}}
        "
    )
}

const KEYS: &str = r#"[{"id": "k-1", "name": "first"}, {"id": "k-2", "name": "second"}]"#;

/// A run whose list is this, and whose choice nobody has made yet.
fn waiting(beside: &str, list: &str) -> Machine {
    let list: Json = serde_json::from_str(list).expect("the list is JSON");
    let run = kind_world(&rows(beside)).with(|script| {
        script.yields("keys", "all", list);
        script.hands("which", &[Hand::Leaves]);
    });
    run.play()
}

/// The options of the question that waits: values and labels.
fn options(run: &Machine) -> Vec<(Json, String)> {
    let waiting = run.state().waiting_for(run.plan());
    let question = serde_json::to_value(&waiting).expect("questions are JSON")[0].clone();
    let options = question["options"].as_array().cloned().unwrap_or_default();
    let label = |option: &Json| option["label"].as_str().unwrap_or_default().to_owned();
    options.iter().map(|option| (option["value"].clone(), label(option))).collect()
}

fn chosen(value: Json) -> Event {
    Event::StepAnswered(StepAnswered {
        step: "which".into(),
        by: "ada".into(),
        answers: BTreeMap::from([("choice".to_owned(), value)]),
        secrets: Vec::new(),
        evidence: BTreeMap::new(),
        note: None,
        is_prepared: false,
    })
}

#[test]
fn rows_of_an_output_are_offered_by_their_value_and_label() {
    let run = waiting(", value: item.id, label: item.name", KEYS);
    run.waits_for(&["choose which"]).states(&[("which", "running")]);
    let expected = [(json!("k-1"), "first".to_owned()), (json!("k-2"), "second".to_owned())];
    assert_eq!(options(&run), expected);
    let run = run.tell(chosen(json!("k-2"))).play();
    run.ended_well();
    assert_eq!(run.command("use"), "echo 'k-2'");
}

#[test]
fn without_a_value_the_row_itself_is_handed_on() {
    let run = waiting(", label: item.name ~ ' of ' ~ inputs.at", KEYS);
    let first = json!({"id": "k-1", "name": "first"});
    assert_eq!(options(&run)[0], (first.clone(), "first of acme".to_owned()));
    run.tell(chosen(first)).play().ended_well();
    let run = waiting("", r#"["a", 3]"#);
    assert_eq!(options(&run), [(json!("a"), "a".to_owned()), (json!(3), "3".to_owned())]);
    let run = waiting("", r#"[{"a": 1}]"#);
    assert_eq!(options(&run), [(json!({"a": 1}), r#"{"a":1}"#.to_owned())]);
}

#[test]
fn a_row_can_be_reached_into_later() {
    let book =
        rows("").replace("steps.which.outputs.choice | string", "steps.which.outputs.choice.id");
    let run = kind_world(&book).with(|script| {
        let list: Json = serde_json::from_str(KEYS).expect("it is JSON");
        script.yields("keys", "all", list);
    });
    assert_eq!(run.play().command("use"), "echo 'k-1'");
}

#[test]
fn an_empty_list_fails_the_step_unless_none_may_be_chosen() {
    let run = waiting("", "[]");
    run.states(&[("which", "failed{empty}"), ("use", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
    let run = waiting(", none: true", "[]");
    run.waits_for(&["choose which"]);
    let run = run.tell(chosen(Json::Null)).play();
    run.states(&[("which", "succeeded")]);
    assert_eq!(run.command("use"), "echo 'None'");
}

#[test]
fn none_of_them_is_nothing_that_a_condition_can_ask_for() {
    let run = kind_world(
        "
        steps:
          - {id: which, choose: {ask: Which?, options: [a, b], none: true}}
          - {id: use, when: steps.which.outputs.choice is not none, run: 'true'}
          - {id: go-on, when: steps.which.outputs.choice is none, run: 'true'}
        ",
    );
    let run = run.with(|script| script.hands("which", &[Hand::Leaves])).play();
    let none = run.clone().tell(chosen(Json::Null)).play();
    none.states(&[("use", "skipped{when}"), ("go-on", "succeeded")]);
    let one = run.tell(chosen(json!("a"))).play();
    one.states(&[("use", "succeeded"), ("go-on", "skipped{when}")]);
}

#[test]
fn options_keep_their_types_and_may_be_templates() {
    let run = kind_world(
        "
        inputs: {size: {default: large}}
        steps:
          - {id: which, choose: {ask: Which?, options: [1, true, 'x ${{ inputs.size }}', '2']}}
          - {id: use, when: steps.which.outputs.choice == 1, run: 'true'}
        ",
    );
    let run = run.with(|script| script.hands("which", &[Hand::Leaves])).play();
    let values: Vec<Json> = options(&run).into_iter().map(|(value, _)| value).collect();
    assert_eq!(values, [json!(1), json!(true), json!("x large"), json!("2")]);
    run.tell(chosen(json!(1))).play().states(&[("use", "succeeded")]);
}

#[test]
fn only_an_option_can_be_chosen() {
    let run = waiting(", value: item.id", KEYS);
    for event in [chosen(json!("k-3")), chosen(Json::Null), chosen(json!({"id": "k-1"}))] {
        let refused = run.clone().try_tell(event);
        assert!(
            refused.as_ref().is_err_and(|why| why.contains("is none of the options")),
            "{refused:?}"
        );
    }
}

#[test]
fn a_row_without_a_value_and_what_is_no_list_fail_the_step() {
    for (beside, list) in [
        (", value: item.id", r#"[{"name": "x"}]"#),
        (", value: item.id", r#"[{"id": null}]"#),
        (", label: item.name", r#"["a"]"#),
    ] {
        waiting(beside, list).states(&[("which", "failed{template}")]);
    }
    let book = rows("").replace("steps.keys.outputs.all", "inputs.at");
    kind_world(&book).play().states(&[("which", "failed{template}")]);
}

#[test]
fn a_choice_is_asked_again_with_the_same_options_and_never_in_doubt() {
    let run = waiting(", value: item.id, label: item.name", KEYS);
    let before = options(&run);
    let run = run.resume().play();
    run.waits_for(&["choose which"]);
    assert_eq!(options(&run), before);
    run.with(|script| script.hands("which", &[Hand::Does])).resume().play().ended_well();
}

#[test]
fn who_cannot_decide_fails_the_step() {
    let run = kind_world(&rows("")).with(|script| {
        script.yields("keys", "all", json!(["a"]));
        script.hands("which", &[Hand::GivesUp]);
    });
    run.play().states(&[("which", "failed{person}"), ("use", "not_reached")]);
}

#[test]
fn its_gate_shows_the_question() {
    let run = kind_world("steps: [{id: a, gate: true, choose: {ask: Which?, options: [b]}}]");
    assert_eq!(run.alone().play().gate("a").commands, ["choose: Which?"]);
}

#[test]
fn the_items_of_a_fan_out_may_each_choose() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [a, b]}}
        steps:
          - id: pick
            each: {in: inputs.hosts}
            choose: {ask: 'Which for ${{ item }}?', from: '[1, 2]', label: \"item ~ '!'\"}
          - {id: use, run: 'echo ${{ steps.pick.outputs.choice | join(\",\") }}'}
        ",
    );
    let run = run.play();
    run.ended_well();
    assert_eq!(run.command("use"), "echo '1,1'");
}
