//! What comes before the first step: inputs, the symptom, the preconditions.

use holdpoint::run::event::{Cause, Event, Outcome, Sight};

use crate::harness::machine::{Machine, kind_world};

const OPENING: &str = "
    inputs: {x: {}}
    confirm: [{id: seen, title: it is down, probe: {file: /c}}]
    preconditions: [{id: ready, probe: {file: /p}}, {probe: {file: /q}}]
    steps: [{id: a, run: 'echo ${{ inputs.x }}'}]
    finally: [{id: tidy, run: 'true'}]
    ";

fn sees(check: &str, sight: Sight) -> Machine {
    kind_world(OPENING).with(|script| script.sees(check, &[sight]))
}

fn not_started(run: &Machine) {
    run.started(&[]).states(&[("a", "not_reached"), ("tidy", "not_reached")]);
    run.ended(Outcome::Aborted, None);
    assert!(matches!(run.cause(), Some(Cause::NotStarted { .. })), "{}", run.tale());
}

#[test]
fn inputs_come_before_the_symptom_and_that_before_the_preconditions() {
    let run = kind_world(OPENING).play();
    let told = |event: &Event| match event {
        Event::InputGiven(given) => Some(given.name.clone()),
        Event::CheckStarted { look, .. } => Some(look.clone()),
        Event::StepStarted { step, .. } => Some(step.clone()),
        _ => None,
    };
    let told: Vec<String> = run.events().iter().filter_map(told).collect();
    assert_eq!(told, ["x", "file /c", "file /p", "file /q", "a", "tidy"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn an_input_that_nobody_gives_parks_the_run() {
    let run = kind_world(OPENING).with(|script| script.withholds("x")).play();
    run.started(&[]).waits_for(&["input x"]);
}

#[test]
fn defaults_are_put_on_record_and_not_asked_for() {
    let run =
        kind_world("inputs: {x: {default: '5'}}\nsteps: [{id: a, run: 'echo ${{ inputs.x }}'}]\n");
    let run = run.play();
    assert_eq!(run.count(|event| matches!(event, Event::InputGiven(_))), 1);
    assert_eq!(run.count(|event| matches!(event, Event::QuestionAsked { .. })), 0);
}

#[test]
fn a_symptom_that_is_not_seen_is_asked_about() {
    for sight in [Sight::Fails, Sight::Unseen] {
        sees("confirm", sight).play().started(&[]).waits_for(&["check confirm 0"]);
        let run = sees("confirm", sight).with(|script| script.waives("confirm")).play();
        run.started(&["a", "tidy"]);
        assert_eq!(run.outcome(), Some(Outcome::Succeeded));
        not_started(&sees("confirm", sight).with(|script| script.refuses("confirm")).play());
    }
}

#[test]
fn a_symptom_that_is_not_seen_starts_nothing_when_nobody_is_there() {
    for sight in [Sight::Fails, Sight::Unseen] {
        not_started(&sees("confirm", sight).alone().play());
        sees("confirm", sight).alone().waived("seen").play().started(&["a", "tidy"]);
    }
}

#[test]
fn a_precondition_that_does_not_hold_starts_nothing() {
    for sight in [Sight::Fails, Sight::Unseen] {
        not_started(&sees("precondition 0", sight).alone().play());
        not_started(&sees("precondition 1", sight).alone().play());
        not_started(&sees("precondition 1", sight).play());
        let refused = sees("precondition 0", sight).with(|it| it.refuses("precondition 0"));
        not_started(&refused.play());
    }
}

#[test]
fn a_precondition_with_an_id_may_be_waived() {
    let run = sees("precondition 0", Sight::Fails).with(|script| script.waives("precondition 0"));
    let run = run.play();
    run.started(&["a", "tidy"]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
    let run = sees("precondition 0", Sight::Fails).alone().waived("ready").play();
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_check_of_the_opening_that_was_cut_off_is_looked_at_again() {
    let run = kind_world(OPENING).with(|script| script.stares("precondition 1")).play();
    let run = run.with(|script| script.sees("precondition 1", &[Sight::Holds])).resume().play();
    run.started(&["a", "tidy"]);
    let looks = |event: &Event| matches!(event, Event::CheckStarted { .. });
    assert_eq!(run.count(looks), 4);
}

#[test]
fn events_before_the_start_and_a_second_start_are_refused() {
    let mut run = kind_world(OPENING);
    let parked = Event::Parked { waiting_for: Vec::new() };
    assert!(run.clone().try_tell(parked).is_err());
    assert!(run.try_play().is_ok());
    let first = run.events()[0].clone();
    let mut open = kind_world(OPENING).with(|script| script.withholds("x")).play();
    assert!(open.try_tell(first).is_err());
}

#[test]
fn a_precondition_that_cannot_be_put_into_words_starts_nothing() {
    let run = kind_world(
        "
        inputs: {x: {optional: true}}
        preconditions: [{id: p, probe: {file: '${{ inputs.x }}'}}]
        steps: [{id: a, run: 'true'}]
        ",
    );
    let run = run.play();
    run.started(&[]).states(&[("a", "not_reached")]).ended(Outcome::Aborted, None);
}

#[test]
fn a_late_input_is_asked_for_when_a_precondition_or_a_criterion_wants_it() {
    for key in ["confirm", "preconditions", "exit_criteria"] {
        let run = kind_world(&format!(
            "
            inputs: {{x: {{late: true}}}}
            {key}: [{{probe: {{file: '${{{{ inputs.x }}}}'}}}}]
            steps: [{{id: a, run: 'true'}}]
            "
        ));
        let silent = run.clone().with(|script| script.withholds("x")).play();
        silent.waits_for(&["input x"]);
        let run = run.play();
        run.started(&["a"]);
        assert_eq!(run.outcome(), Some(Outcome::Succeeded), "{key}\n{}", run.tale());
    }
}
