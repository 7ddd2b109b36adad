//! Ladders and switches: which rung or case is taken, and what becomes of the others.

use holdpoint::run::event::{HoldChoice, Outcome, Sight};

use crate::harness::machine::{Act, Machine, kind_world};

const LADDER: &str = "
    steps:
      - id: l
        ladder:
          - {id: r, run: 'true', verify: [{probe: {file: /r}}]}
          - {id: s, steps: [{id: sa, run: 'true'}, {id: sb, run: 'true'}]}
          - {id: t, run: 'true'}
      - {id: after, run: 'true'}
    ";

fn failing(steps: &[&str]) -> Machine {
    kind_world(LADDER).with(|script| steps.iter().for_each(|step| script.fails(step)))
}

#[test]
fn the_first_rung_that_succeeds_ends_the_ladder() {
    let run = failing(&[]).play();
    run.started(&["l/r", "after"]);
    run.states(&[("l", "succeeded"), ("r", "succeeded"), ("s", "skipped{not_needed}")]);
    run.states(&[("sa", "skipped{not_needed}"), ("t", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_rung_that_fails_lets_the_next_be_tried_and_is_no_exception() {
    let run = failing(&["l/r"]).play();
    run.started(&["l/r", "l/s/sa", "l/s/sb", "after"]);
    run.states(&[("r", "failed{exit}"), ("s", "succeeded"), ("t", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_rung_that_does_not_verify_has_failed() {
    let run = failing(&[]).with(|script| script.sees("l/r verify", &[Sight::Fails])).play();
    run.started(&["l/r", "l/s/sa", "l/s/sb", "after"]).states(&[("r", "failed{verify}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_step_inside_a_rung_fails_the_rung() {
    let run = failing(&["l/r", "l/s/sa"]).play();
    run.started(&["l/r", "l/s/sa", "l/t", "after"]);
    run.states(&[("s", "failed{inner}"), ("sa", "failed{exit}"), ("sb", "not_reached")]);
    run.states(&[("t", "succeeded"), ("l", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn what_is_required_and_does_not_hold_fails_the_rung_too() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, require: [{probe: {file: /x}}], run: 'true'}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| script.sees("l/r require", &[Sight::Fails])).play();
    run.started(&["l/s"]).states(&[("r", "failed{precondition}"), ("l", "succeeded")]);
}

#[test]
fn a_ladder_with_no_rung_left_is_held() {
    let run = failing(&["l/r", "l/s/sb", "l/t"]).play();
    run.started(&["l/r", "l/s/sa", "l/s/sb", "l/t"]).waits_for(&["hold l"]);
    run.states(&[("l", "held{inner}"), ("after", "pending")]);
}

#[test]
fn a_held_ladder_may_be_retried_from_its_first_rung() {
    let run = failing(&["l/s/sa", "l/t"]).with(|script| {
        script.acts("l/r", &[Act::Exit(1), Act::Succeed]);
        script.resolves("l", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["l/r", "l/s/sa", "l/t", "l/r", "after"]);
    run.states(&[("l", "succeeded"), ("s", "skipped{not_needed}"), ("sb", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_ladder_that_failed_fails_the_run() {
    let run = failing(&["l/r", "l/s/sb", "l/t"]);
    let run = run.with(|script| script.resolves("l", &[HoldChoice::Failed])).play();
    run.states(&[("l", "failed{inner}"), ("after", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_rung_whose_condition_is_false_is_passed_over() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, when: 1 == 2, steps: [{id: ra, run: 'true'}]}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.play();
    run.started(&["l/s"]).states(&[("r", "skipped{when}"), ("ra", "skipped{when}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_ladder_all_of_whose_rungs_were_passed_over_has_failed() {
    let run = kind_world(
        "
        steps:
          - {id: l, ladder: [{id: r, when: 1 == 2, run: 'true'}, {id: s, when: 1 == 2, run: 'true'}]}
        ",
    );
    run.play().started(&[]).waits_for(&["hold l"]).states(&[("l", "held{inner}")]);
}

#[test]
fn a_rejection_in_a_rung_holds() {
    let runbook = "
        steps:
          - id: l
            ladder:
              - {id: r, steps: [{id: ra, gate: true, run: 'true'}]}
              - {id: s, run: 'true'}
        ";
    let run = kind_world(runbook).with(|script| script.rejects("l/r/ra")).play();
    run.started(&[]).waits_for(&["hold l/r/ra"]);
    let run = run.with(|script| script.resolves("l/r/ra", &[HoldChoice::Failed]));
    let run = run.resume().play();
    run.started(&["l/s"]).states(&[("ra", "rejected"), ("r", "failed{inner}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));

    let run = kind_world(runbook).alone().with(|script| script.rejects("l/r/ra")).play();
    run.started(&[]).ended(Outcome::Aborted, None);
}

#[test]
fn a_rejected_rung_holds_and_may_then_be_passed() {
    let runbook = "
        steps: [{id: l, ladder: [{id: r, gate: true, run: 'true'}, {id: s, run: 'true'}]}]
        ";
    let run = kind_world(runbook).with(|script| script.rejects("l/r")).play();
    run.started(&[]).waits_for(&["hold l/r"]);
    for choice in [HoldChoice::Failed, HoldChoice::Skip] {
        let run = run.clone().with(|script| script.resolves("l/r", &[choice])).resume().play();
        run.started(&["l/s"]).states(&[("l", "succeeded")]);
    }
}

#[test]
fn a_probe_that_cannot_see_holds_a_rung() {
    let runbook = "
        steps:
          - id: l
            ladder:
              - id: r
                require: [{id: fresh, probe: {file: /x}}]
                done_when: {file: /y}
                run: 'true'
                verify: [{probe: {file: /z}}]
              - {id: s, run: 'true'}
        ";
    for check in ["require", "done_when", "verify"] {
        let check = format!("l/r {check}");
        let run = kind_world(runbook).with(|script| script.sees(&check, &[Sight::Unseen]));
        run.alone().play().waits_for(&["hold l/r"]).states(&[("r", "held{unseen}")]);
    }
}

#[test]
fn a_probe_that_could_not_see_and_is_not_waived_still_holds_a_rung() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, require: [{id: fresh, probe: {file: /x}}], run: 'true'}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.sees("l/r require", &[Sight::Unseen]);
        script.refuses("l/r require");
    });
    run.play().started(&[]).waits_for(&["hold l/r"]);
}

#[test]
fn an_error_in_the_condition_of_a_rung_holds() {
    let run = kind_world(
        "
        inputs: {x: {optional: true}}
        steps: [{id: l, ladder: [{id: r, when: inputs.x, run: 'true'}, {id: s, run: 'true'}]}]
        ",
    );
    run.play().started(&[]).waits_for(&["hold l/r"]);
}

#[test]
fn a_rung_may_hold_abort_or_go_on_by_its_own_key() {
    let run = |key: &str| {
        let runbook = format!(
            "
            steps:
              - {{id: l, ladder: [{{id: r, on_failure: {key}, run: 'true'}}, {{id: s, run: 'true'}}]}}
            "
        );
        kind_world(&runbook).with(|script| script.fails("l/r")).play()
    };
    run("hold").started(&["l/r"]).waits_for(&["hold l/r"]);
    run("abort").started(&["l/r"]).ended(Outcome::Failed, None);
    run("fail").started(&["l/r", "l/s"]);
}

#[test]
fn a_rung_that_a_person_marks_done_ends_the_ladder() {
    let run = kind_world(
        "
        steps:
          - {id: l, ladder: [{id: r, on_failure: hold, run: 'true'}, {id: s, run: 'true'}]}
        ",
    );
    let run = run.with(|script| {
        script.fails("l/r");
        script.resolves("l/r", &[HoldChoice::Done]);
    });
    let run = run.play();
    run.started(&["l/r"]).states(&[("r", "succeeded"), ("s", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn a_ladder_in_a_rung_fails_the_rung_without_a_person() {
    let run = kind_world(
        "
        steps:
          - id: l
            ladder:
              - {id: r, steps: [{id: inner, ladder: [{id: x, run: 'true'}, {id: y, run: 'true'}]}]}
              - {id: s, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.fails("l/r/inner/x");
        script.fails("l/r/inner/y");
    });
    let run = run.play();
    run.started(&["l/r/inner/x", "l/r/inner/y", "l/s"]).states(&[("inner", "failed{inner}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

const SWITCH: &str = "
    inputs: {platform: {default: compose}}
    steps:
      - id: a
        switch: inputs.platform
        cases:
          compose: {steps: [{id: x, run: echo x}, {id: y, run: echo y}]}
          systemd: {steps: [{id: z, run: 'true', undo: {run: 'true', paired: true}}]}
          local: {run: echo local, undo: {run: echo back, paired: true}}
      - {id: b, run: 'true'}
    ";

#[test]
fn a_switch_takes_the_case_of_its_value() {
    let run = kind_world(SWITCH).play();
    run.started(&["a/x", "a/y", "b"]).states(&[("a", "succeeded"), ("z", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));

    let run = kind_world(&SWITCH.replace("default: compose", "default: local")).play();
    run.started(&["a", "b", "a~undo-local"]).states(&[("x", "skipped{not_needed}")]);
    run.states(&[("y", "skipped{not_needed}"), ("z", "skipped{not_needed}")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_value_without_a_case_holds() {
    let run = kind_world(&SWITCH.replace("default: compose", "default: other")).play();
    run.started(&[]).waits_for(&["hold a"]).states(&[("b", "pending")]);
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Skip])).resume().play();
    run.started(&["b"]).states(&[("a", "skipped{operator}"), ("x", "skipped{operator}")]);
}

#[test]
fn a_case_has_its_gate_its_checks_and_its_failure() {
    let run = kind_world(
        "
        inputs: {x: {default: one}}
        steps:
          - id: a
            switch: inputs.x
            on_failure: continue
            require: [{probe: {file: /outer}}]
            cases:
              one: {gate: true, require: [{probe: {file: /inner}}], run: 'true'}
              two: {run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.started(&["a"]).states(&[("a", "failed{exit} continue")]);
    let looks =
        |event: &holdpoint::run::Event| matches!(event, holdpoint::run::Event::CheckStarted { .. });
    assert_eq!(run.count(looks), 4, "{}", run.tale());
}

#[test]
fn a_switch_that_is_retried_chooses_again() {
    let run = kind_world(SWITCH).with(|script| {
        script.acts("a/x", &[Act::Exit(1), Act::Succeed]);
        script.resolves("a/x", &[HoldChoice::Failed]);
        script.resolves("a", &[HoldChoice::Retry]);
    });
    let run = run.play();
    run.started(&["a/x"]).states(&[("y", "not_reached")]);
}

#[test]
fn a_probe_with_a_switch_looks_where_its_value_says() {
    let run = kind_world(
        "
        inputs: {x: {default: two}}
        steps:
          - {id: a, probe: {switch: inputs.x, cases: {one: {file: /one}, two: {file: /two}}}}
        ",
    );
    let run = run.play();
    let command = run.events().iter().find_map(|event| match event {
        holdpoint::run::Event::StepStarted { command, .. } => Some(command.clone()),
        _ => None,
    });
    assert_eq!(command.as_deref(), Some("file /two"));
}

#[test]
fn a_rung_may_look_at_the_one_above_it() {
    let runbook = "
        steps:
          - id: l
            ladder:
              - {id: r, run: 'true'}
              - {id: s, when: steps.r.exit == 3, run: 'true'}
              - {id: t, run: 'true'}
        ";
    let run = |code| kind_world(runbook).with(|it| it.acts("l/r", &[Act::Exit(code)])).play();
    run(3).started(&["l/r", "l/s"]);
    run(4).started(&["l/r", "l/t"]);
}
