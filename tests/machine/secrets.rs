//! Secret outputs: who may name them, and what happens when the driver that held them is gone.

use holdpoint::run::event::{Event, HoldChoice, InputGiven, InputSource, Question};

use crate::harness::machine::{Act, Machine, kind_world, planned};

fn handing_on() -> Machine {
    kind_world(
        "
        steps:
          - {id: a, run: 'true', outputs: {key: {secret: true}, plain: {}}}
          - {id: b, run: 'true', stdin: '${{ steps.a.outputs.key }}', effect: idempotent}
        ",
    )
}

/// Whether the question for the secret was put.
fn asks(run: &Machine) -> usize {
    let name = "steps/a/key".to_owned();
    let asked = Event::QuestionAsked { question: Question::Input { name } };
    run.count(|event| *event == asked)
}

#[test]
fn a_secret_output_is_known_by_name_only() {
    let run = handing_on().play();
    run.started(&["a", "b"]).states(&[("b", "succeeded")]);
    assert_eq!(run.state().secrets.get("steps/a/key"), Some(&true));
    assert_eq!(asks(&run), 0);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_secret_that_was_lost_is_asked_for_when_it_is_needed_and_once() {
    let run = handing_on().with(|script| script.acts("b", &[Act::Exit(1)])).play();
    run.waits_for(&["hold b"]);
    let run = run.resume();
    assert_eq!(asks(&run), 0, "a step that is held needs nothing yet");
    let run = run.with(|script| {
        script.acts("b", &[Act::Succeed]);
        script.resolves("b", &[HoldChoice::Retry]);
        script.withholds("steps/a/key");
    });
    let run = run.play();
    assert_eq!(asks(&run), 1, "{}", run.tale());
    run.waits_for(&["input steps/a/key"]).started(&["a", "b"]);
    let given = Event::InputGiven(InputGiven {
        name: "steps/a/key".into(),
        value: None,
        is_secret: true,
        from: InputSource::Prompt,
    });
    let run = run.tell(given).play();
    run.started(&["a", "b", "b"]).states(&[("b", "succeeded")]);
    assert!(!run.state().inputs.contains_key("steps/a/key"), "it is no input");
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_secret_that_a_step_never_handed_on_has_no_value() {
    let run = handing_on().with(|script| {
        script.acts("a", &[Act::Exit(1)]);
        script.resolves("a", &[HoldChoice::Done]);
    });
    let run = run.play();
    run.started(&["a"]).states(&[("a", "succeeded"), ("b", "held{template}")]);
}

#[test]
fn a_secret_output_stands_where_a_secret_may_and_what_holds_it_nowhere() {
    let refused = |step: &str, reason: &str| {
        let text = format!(
            "steps: [{{id: a, run: 'true', outputs: {{key: {{secret: true}}}}}}, {{id: b, {step}}}]"
        );
        let found = planned(&text).err().unwrap_or_default();
        assert!(found.contains(reason), "{found}");
    };
    let may_not = "the secret `steps.a.outputs.key` may not stand here";
    refused("run: 'echo ${{ steps.a.outputs.key }}'", may_not);
    refused("when: steps.a.outputs.key == 'x', run: 'true'", may_not);
    refused("title: '${{ steps.a.outputs.key }}', run: 'true'", may_not);
    let kept = "what `a` prints is not kept: an output of it is a secret";
    refused("stdin: '${{ steps.a.stdout }}', run: 'true'", kept);
    let repeated = "
        steps:
          - {id: a, each: {in: '[1]'}, run: 'true', outputs: {key: {secret: true}}}
          - {id: b, stdin: '${{ steps.a.outputs.key }}', run: 'true'}
        ";
    let found = planned(repeated).err().unwrap_or_default();
    assert!(found.contains("`a` is repeated, and a list of secrets cannot be named"), "{found}");
    let answered = "
        steps:
          - {id: a, http: {url: 'http://x'}, outputs: {key: {secret: true}}}
          - {id: b, stdin: '${{ steps.a.outputs.body }}', run: 'true'}
        ";
    let found = planned(answered).err().unwrap_or_default();
    assert!(found.contains("what `a` is answered is not kept"), "{found}");
}
