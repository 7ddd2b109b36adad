//! What stands around an action: `when`, `require`, `done_when`, `verify`, and in which order.

use holdpoint::run::event::{Event, HoldChoice, Outcome, Purpose, Sight};

use crate::harness::machine::{Act, Machine, kind_world};

fn looks(run: &Machine) -> Vec<String> {
    let look = |event: &Event| match event {
        Event::CheckStarted { check, .. } => {
            let purpose = serde_json::to_value(check.purpose).unwrap_or_default();
            let step = check.step.clone().unwrap_or_default();
            Some(format!("{step} {} {}", purpose.as_str().unwrap_or_default(), check.index))
        }
        Event::StepStarted { step, .. } => Some(format!("{step} starts")),
        Event::GateApproved { step, .. } => Some(format!("{step} approved")),
        _ => None,
    };
    run.events().iter().filter_map(look).collect()
}

#[test]
fn a_false_condition_skips_a_step_and_a_true_one_does_not() {
    let run = kind_world(
        "
        steps:
          - {id: a, when: 1 == 1, run: 'true'}
          - {id: b, when: 1 == 2, gate: true, require: [{probe: {file: /x}}], run: 'true'}
          - {id: c, when: steps.b.skipped and steps.a.succeeded, run: 'true'}
        ",
    );
    let run = run.play();
    run.started(&["a", "c"]).states(&[("a", "succeeded"), ("b", "skipped{when}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn an_error_in_a_condition_holds_whatever_on_failure_says() {
    for on_failure in ["hold", "fail", "continue", "abort"] {
        let run = kind_world(&format!(
            "
            inputs: {{x: {{optional: true}}}}
            steps:
              - {{id: a, when: inputs.x, on_failure: {on_failure}, run: 'true'}}
              - {{id: b, run: 'true'}}
            "
        ));
        let run = run.play();
        run.started(&[]).waits_for(&["hold a"]).states(&[("a", "held{when}"), ("b", "pending")]);
    }
}

#[test]
fn a_condition_that_is_neither_true_nor_false_is_an_error() {
    let run = kind_world("steps: [{id: a, when: 1 + 1, run: 'true'}]").play();
    run.waits_for(&["hold a"]).states(&[("a", "held{when}")]);
}

#[test]
fn comparing_different_types_is_an_error() {
    let run = kind_world("steps: [{id: a, when: 1 == 'one', run: 'true'}]").play();
    run.waits_for(&["hold a"]).states(&[("a", "held{when}")]);
}

#[test]
fn a_condition_is_asked_again_when_a_person_retries() {
    let run = kind_world(
        "
        inputs: {x: {type: bool, optional: true}}
        steps: [{id: a, when: inputs.x, run: 'true'}]
        ",
    );
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Retry])).play();
    run.waits_for(&["hold a"]);
    assert_eq!(run.count(|event| matches!(event, Event::StepHeld { .. })), 2);
}

#[test]
fn a_false_condition_of_a_phase_skips_all_that_is_inside() {
    let run = kind_world(
        "
        steps:
          - id: phase
            when: 1 == 2
            steps:
              - {id: a, run: 'true', undo: {run: 'true', paired: true}}
              - {id: ladder, ladder: [{id: r, run: 'true'}, {id: s, steps: [{id: t, run: 'true'}]}]}
          - {id: b, run: 'true'}
        ",
    );
    let run = run.play();
    run.started(&["b"]);
    for path in ["phase", "phase/a", "phase/ladder", "phase/ladder/r", "phase/ladder/s/t"] {
        run.states(&[(path, "skipped{when}")]);
    }
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn everything_around_an_action_has_its_turn() {
    let run = kind_world(
        "
        steps:
          - id: a
            require: [{probe: {file: /x}}, {probe: {file: /y}}]
            done_when: {file: /z}
            gate: true
            run: 'true'
            verify: [{probe: {file: /v}}, {probe: {file: /w}}]
        ",
    );
    let run = run.play();
    let expected = [
        "a require 0",
        "a require 1",
        "a done_when 0",
        "a approved",
        "a require 0",
        "a require 1",
        "a done_when 0",
        "a starts",
        "a verify 0",
        "a verify 1",
    ];
    assert_eq!(looks(&run), expected, "{}", run.tale());
}

#[test]
fn what_is_required_and_does_not_hold_fails_the_step_before_its_action() {
    let runbook = "
        steps:
          - id: a
            on_failure: fail
            require: [{id: fresh, probe: {file: /x}}]
            gate: true
            run: 'true'
          - {id: b, run: 'true'}
        ";
    let fails = |run: Machine| run.with(|script| script.sees("a require", &[Sight::Fails]));
    let run = fails(kind_world(runbook)).alone().play();
    run.started(&[]).states(&[("a", "failed{precondition}"), ("b", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
    assert_eq!(run.count(|event| matches!(event, Event::QuestionAsked { .. })), 0);

    let run = fails(kind_world(runbook)).with(|script| script.refuses("a require")).play();
    run.started(&[]).states(&[("a", "failed{precondition}"), ("b", "not_reached")]);
}

#[test]
fn a_person_may_waive_what_is_required_where_it_has_an_id() {
    let runbook = "
        steps: [{id: a, require: [{id: fresh, probe: {file: /x}}], run: 'true'}]
        ";
    let fails = |run: Machine| run.with(|script| script.sees("a require", &[Sight::Fails]));
    let run = fails(kind_world(runbook)).with(|script| script.waives("a require")).play();
    run.started(&["a"]).states(&[("a", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));

    let run = fails(kind_world(runbook)).waived("fresh").alone().play();
    run.started(&["a"]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));

    let nameless = "steps: [{id: a, require: [{probe: {file: /x}}], run: 'true'}]";
    fails(kind_world(nameless)).play().started(&[]).waits_for(&["hold a"]);
}

#[test]
fn a_waiver_given_beforehand_is_not_used_where_all_holds() {
    let run = kind_world("steps: [{id: a, require: [{id: x, probe: {file: /x}}], run: 'true'}]");
    let run = run.waived("x").play();
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_probe_that_cannot_see_holds_the_step() {
    let runbook = "
        steps:
          - id: a
            on_failure: continue
            require: [{probe: {file: /x}}]
            done_when: {file: /y}
            run: 'true'
            verify: [{probe: {file: /z}}]
        ";
    for (check, started) in [("a require", &[][..]), ("a done_when", &[]), ("a verify", &["a"])] {
        let run = kind_world(runbook).with(|script| script.sees(check, &[Sight::Unseen])).play();
        run.started(started).waits_for(&["hold a"]).states(&[("a", "held{unseen}")]);
    }
}

#[test]
fn a_warning_lets_a_step_go_on() {
    let run = kind_world(
        "
        steps:
          - id: a
            require: [{probe: {file: /x}}]
            run: 'true'
            verify: [{probe: {file: /z}}]
        ",
    );
    let run = run.with(|script| {
        script.sees("a require", &[Sight::Warns]);
        script.sees("a verify", &[Sight::Warns]);
    });
    assert_eq!(run.play().outcome(), Some(Outcome::Succeeded));
}

#[test]
fn an_effect_that_is_there_already_satisfies_the_step() {
    let run = kind_world(
        "
        steps:
          - id: a
            done_when: {file: /y}
            gate: true
            run: 'true'
            verify: [{probe: {file: /z}}]
            undo: {run: 'true', paired: true}
          - {id: b, when: steps.a.succeeded, run: 'true'}
        ",
    );
    let run = run.with(|script| script.sees("a done_when", &[Sight::Holds])).play();
    run.started(&["b"]).states(&[("a", "satisfied"), ("b", "succeeded")]);
    assert_eq!(looks(&run), ["a done_when 0", "b starts"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_phase_that_is_satisfied_begins_nothing_inside() {
    let run = kind_world(
        "
        steps:
          - {id: p, done_when: {file: /y}, steps: [{id: a, run: 'true'}, {id: b, run: 'true'}]}
        ",
    );
    let run = run.with(|script| script.sees("p done_when", &[Sight::Holds])).play();
    run.started(&[]).states(&[("p", "satisfied"), ("p/a", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_step_whose_verification_fails_has_failed() {
    let runbook = "
        steps:
          - {id: a, on_failure: fail, run: 'true', verify: [{probe: {file: /z}}]}
          - {id: b, run: 'true'}
        ";
    let run = kind_world(runbook).with(|script| script.sees("a verify", &[Sight::Fails])).play();
    run.started(&["a"]).states(&[("a", "failed{verify}"), ("b", "not_reached")]);
}

#[test]
fn a_step_whose_action_failed_is_not_verified() {
    let run = kind_world(
        "steps: [{id: a, on_failure: continue, run: 'true', verify: [{probe: {file: /z}}]}]",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.states(&[("a", "failed{exit} continue")]);
    let is_verify = |event: &Event| matches!(event, Event::CheckStarted { check, .. } if check.purpose == Purpose::Verify);
    assert_eq!(run.count(is_verify), 0);
}

#[test]
fn a_decision_is_verified_like_any_other_step() {
    let run = kind_world("steps: [{id: a, gate: true, verify: [{probe: {file: /z}}]}]");
    let run = run.with(|script| script.sees("a verify", &[Sight::Fails])).play();
    run.waits_for(&["hold a"]).states(&[("a", "held{verify}")]);
}

#[test]
fn an_output_of_a_skipped_step_is_an_error_unless_it_has_a_default() {
    let runbook = "
        steps:
          - {id: a, when: run.id == 'x', run: 'true', outputs: {x: {}, y: {default: '5'}}}
          - {id: b, on_failure: fail, needs: [a], run: 'echo ${{ steps.a.outputs.y }}'}
          - {id: c, on_failure: fail, needs: [a], run: 'echo ${{ steps.a.outputs.x }}'}
        ";
    let run = kind_world(runbook).play();
    run.started(&["b"]).states(&[("b", "succeeded"), ("c", "failed{template}")]);
}

#[test]
fn an_output_is_handed_on() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true', outputs: {rows: {type: int}}}
          - {id: b, when: steps.a.outputs.rows > 5, run: 'echo ${{ steps.a.outputs.rows }}'}
        ",
    );
    let run = run.with(|script| script.yields("a", "rows", 217)).play();
    run.started(&["a", "b"]);
    let command = run.events().iter().find_map(|event| match event {
        Event::StepStarted { step, command, .. } if step == "b" => Some(command.as_str()),
        _ => None,
    });
    assert_eq!(command, Some("echo '217'"));
}

#[test]
fn late_inputs_are_asked_for_only_when_their_step_is_ready() {
    let runbook = "
        inputs:
          early: {}
          late: {late: true}
          unused: {late: true}
        steps:
          - {id: a, run: 'echo ${{ inputs.early }}'}
          - {id: b, run: 'echo ${{ inputs.late }}'}
          - {id: c, when: 1 == 2, run: 'echo ${{ inputs.late }}'}
        ";
    let run = kind_world(runbook).play();
    run.started(&["a", "b"]);
    let given: Vec<String> = run
        .events()
        .iter()
        .filter_map(|event| match event {
            Event::InputGiven(given) => Some(given.name.clone()),
            Event::StepStarted { step, .. } => Some(format!("{step} starts")),
            _ => None,
        })
        .collect();
    assert_eq!(given, ["early", "a starts", "late", "b starts"]);

    let run = kind_world(runbook).alone().with(|script| script.withholds("late")).play();
    run.started(&["a"]).waits_for(&["input late"]);
}

#[test]
fn a_late_input_that_nobody_gives_keeps_no_free_step_from_going_on() {
    let run = kind_world(
        "
        inputs: {late: {late: true}}
        steps:
          - {id: a, run: 'echo ${{ inputs.late }}'}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(1).with(|script| script.withholds("late")).play();
    run.started(&["b"]).waits_for(&["input late"]);
}

#[test]
fn the_choices_of_an_input_are_sought_once() {
    let run = kind_world(
        "
        inputs: {late: {late: true, choices_from: 'ls'}}
        steps:
          - {id: a, needs: [], run: 'echo ${{ inputs.late }}'}
          - {id: b, needs: [], run: 'echo ${{ inputs.late }}'}
        ",
    );
    let run = run.with(|script| script.acts("a", &[Act::Succeed])).play();
    assert_eq!(run.count(|event| matches!(event, Event::ChoicesSought { .. })), 1);
    assert_eq!(run.count(|event| matches!(event, Event::InputGiven(_))), 1);
}

#[test]
fn an_input_that_two_ready_steps_want_is_asked_for_once() {
    let run = kind_world(
        "
        inputs: {late: {late: true}}
        steps:
          - {id: a, needs: [], run: 'echo ${{ inputs.late }}'}
          - {id: b, needs: [], run: 'echo ${{ inputs.late }}'}
        ",
    );
    let run = run.play();
    run.started(&["a", "b"]);
    assert_eq!(run.count(|event| matches!(event, Event::QuestionAsked { .. })), 1);
}
