//! Checklists: item by item, ticked, waived, given up, taken up again.

use std::collections::BTreeMap;

use holdpoint::run::event::{Event, EvidenceGiven, HoldChoice, ItemTicked, Question, Sight};
use serde_json::json;

use crate::harness::machine::{Hand, Machine, kind_world};

const LIST: &str = "
    inputs: {who: {default: the press}}
    steps:
      - id: tell
        checklist:
          - {item: status page, evidence: [link]}
          - item: customers told
            if_applicable: true
            items:
              - {item: mail sent}
              - {item: 'call ${{ inputs.who }}', items: [{item: written down}]}
          - {item: vendors told, if_applicable: true}
      - {id: after, run: 'true'}
    ";

/// The list, after as many answers; then nothing more is said.
fn after(hands: &[Hand]) -> Machine {
    let hands: Vec<Hand> = hands.iter().copied().chain([Hand::Leaves]).collect();
    kind_world(LIST).with(|script| script.hands("tell", &hands)).play()
}

fn question(run: &Machine) -> serde_json::Value {
    let waiting = run.state().waiting_for(run.plan());
    serde_json::to_value(&waiting).expect("questions are JSON")[0].clone()
}

fn ticked(item: &str, waived: Option<&str>) -> Event {
    let evidence = match item {
        "status page" => {
            BTreeMap::from([("link".to_owned(), EvidenceGiven::Text { text: "https://x".into() })])
        }
        _ => BTreeMap::new(),
    };
    Event::ItemTicked(ItemTicked {
        step: "tell".into(),
        item: item.into(),
        by: "ada".into(),
        evidence,
        waived: waived.map(str::to_owned),
        is_prepared: false,
    })
}

#[test]
fn the_items_are_asked_one_by_one_from_top_to_bottom() {
    let run = kind_world(LIST).play();
    run.states(&[("tell", "succeeded"), ("after", "succeeded")]).ended_well();
    let items: Vec<&str> = run
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::ItemTicked(ItemTicked { item, .. }) => Some(item.as_str()),
            _ => None,
        })
        .collect();
    let expected = [
        "status page",
        "customers told",
        "mail sent",
        "call ${{ inputs.who }}",
        "written down",
        "vendors told",
    ];
    assert_eq!(items, expected);
}

#[test]
fn a_question_says_which_item_it_is_and_where_it_stands() {
    let run = after(&[]);
    run.waits_for(&["item tell: status page"]).states(&[("tell", "running")]);
    assert_eq!(
        question(&run),
        json!({
            "kind": "item",
            "step": "tell",
            "item": "status page",
            "text": "status page",
            "number": 1,
            "of": 6,
            "may_be_waived": false,
            "evidence": [{"name": "link", "type": "text"}],
        })
    );
    assert_eq!(
        question(&after(&[Hand::Does, Hand::Does, Hand::Does, Hand::Does])),
        json!({
            "kind": "item",
            "step": "tell",
            "item": "written down",
            "text": "written down",
            "around": ["customers told", "call the press"],
            "number": 5,
            "of": 6,
            "may_be_waived": false,
        })
    );
}

#[test]
fn waiving_an_item_waives_what_is_nested_in_it() {
    let run = after(&[Hand::Does, Hand::Waives]);
    run.waits_for(&["item tell: vendors told"]);
    let run = after(&[Hand::Does, Hand::Waives, Hand::Waives]);
    // What was meant to be waived where it does not apply is no exception.
    run.states(&[("tell", "succeeded"), ("after", "succeeded")]).ended_well();
}

#[test]
fn ticks_are_kept_when_another_driver_takes_over() {
    let run = after(&[Hand::Does, Hand::Does]).resume().play();
    run.waits_for(&["item tell: mail sent"]).states(&[("tell", "running")]);
    let run = run.with(|script| script.hands("tell", &[Hand::Does])).resume().play();
    run.ended_well();
    assert_eq!(run.count(|event| matches!(event, Event::ItemTicked(_))), 6);
}

#[test]
fn an_item_that_cannot_be_done_fails_the_step_and_what_was_ticked_before_is_kept() {
    let run = after(&[Hand::Does, Hand::Does, Hand::GivesUp]);
    run.waits_for(&["hold tell"]).states(&[("tell", "held{person}"), ("after", "pending")]);
    let reason = serde_json::to_string(&question(&run)).expect("it is JSON");
    assert!(reason.contains(r#"ada says that \"mail sent\" cannot be done"#), "{reason}");
    let run = run.with(|script| {
        script.resolves("tell", &[HoldChoice::Retry]);
        script.hands("tell", &[Hand::Does]);
    });
    let run = run.resume().play();
    run.ended_well();
    assert_eq!(run.count(|event| matches!(event, Event::ItemTicked(_))), 6);
    let index = run.plan().find("tell").expect("it is there");
    assert_eq!(run.state().steps[index].attempts, 2);
}

#[test]
fn a_checklist_that_was_done_and_is_tried_again_begins_anew() {
    let run = kind_world(
        "
        steps:
          - {id: a, checklist: [{item: one}, {item: two}], verify: [{probe: {file: /x}}]}
        ",
    );
    let run = run.with(|script| {
        script.sees("a verify", &[Sight::Fails, Sight::Holds]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.ended_well();
    assert_eq!(run.count(|event| matches!(event, Event::ItemTicked(_))), 4);
}

#[test]
fn what_is_not_asked_is_not_ticked() {
    let run = after(&[Hand::Does]);
    for (event, why) in [
        (ticked("status page", None), "not asked about"),
        (ticked("vendors told", None), "not asked about"),
        (ticked("nothing", None), "not asked about"),
    ] {
        let refused = run.clone().try_tell(event);
        assert!(refused.as_ref().is_err_and(|found| found.contains(why)), "{refused:?}: {why}");
    }
    let first = after(&[]);
    let without = Event::ItemTicked(ItemTicked {
        step: "tell".into(),
        item: "status page".into(),
        by: "ada".into(),
        evidence: BTreeMap::new(),
        waived: None,
        is_prepared: false,
    });
    for (event, why) in
        [(ticked("status page", Some("none")), "always applies"), (without, "`link` is missing")]
    {
        let refused = first.clone().try_tell(event);
        assert!(refused.as_ref().is_err_and(|found| found.contains(why)), "{refused:?}: {why}");
    }
    first.tell(ticked("status page", None)).waits_for(&["item tell: customers told"]);
}

#[test]
fn a_run_that_is_stopped_after_a_tick_says_which_item_is_next() {
    let run = after(&[Hand::Does]).stop();
    let run = run.tell(ticked("customers told", None)).play();
    run.waits_for(&["item tell: mail sent"]);
    let asked = run.state().asked.iter().filter(|it| matches!(it, Question::Item(_))).count();
    assert_eq!(asked, 0, "nothing new is put while the run is being stopped");
    run.with(|script| script.hands("tell", &[Hand::Does])).resume().play().ended_well();
}

#[test]
fn a_text_without_a_value_fails_the_step_before_the_first_item() {
    let run = kind_world(
        "
        inputs: {x: {type: int, default: 1}}
        steps:
          - {id: a, when: inputs.x == 2, run: 'true', outputs: {x: {}}}
          - id: b
            on_failure: fail
            checklist: [{item: one}, {item: '${{ steps.a.outputs.x }}'}]
        ",
    );
    let run = run.play();
    run.states(&[("b", "failed{template}")]);
    assert_eq!(run.count(|event| matches!(event, Event::QuestionAsked { .. })), 0);
}

#[test]
fn its_gate_shows_every_item() {
    let text = LIST.replace("- id: tell", "- id: tell\n        gate: true");
    let run = kind_world(&text).with(|script| script.leaves("tell")).play();
    let expected = "by hand, each ticked:\nstatus page\ncustomers told\nmail sent\ncall the press\n\
                    written down\nvendors told";
    assert_eq!(run.gate("tell").commands, [expected]);
}
