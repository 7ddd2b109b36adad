//! Which step starts when: file order, `needs`, and how many at a time.

use holdpoint::run::event::Outcome;

use crate::harness::machine::{Act, kind_world, planned};

#[test]
fn without_needs_a_runbook_is_a_checklist_in_order() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true'}
          - {id: b, run: 'true'}
          - {id: c, run: 'true'}
        ",
    );
    let run = run.play();
    run.started(&["a", "b", "c"]);
    run.states(&[("a", "succeeded"), ("b", "succeeded"), ("c", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_step_without_needs_waits_for_every_step_above_it() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, run: 'true'}
          - {id: d, needs: [c], run: 'true'}
          - {id: e, run: 'true'}
        ",
    );
    let run = run.with(|script| script.acts("b", &[Act::Hang])).play();
    run.started(&["a", "b"]);
    run.states(&[("a", "succeeded"), ("b", "running"), ("c", "pending"), ("e", "pending")]);
}

#[test]
fn needs_of_nothing_start_with_their_list() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: phase, needs: [], steps: [{id: c, run: 'true'}, {id: d, needs: [], run: 'true'}]}
        ",
    );
    let hang = [Act::Hang];
    let run = run.with(|script| {
        ["a", "b", "phase/c", "phase/d"].iter().for_each(|step| script.acts(step, &hang));
    });
    run.play().started(&["a", "b", "phase/c", "phase/d"]);
}

#[test]
fn named_needs_free_a_step_from_the_order() {
    let run = kind_world(
        "
        steps:
          - {id: a, run: 'true'}
          - {id: b, run: 'true'}
          - {id: c, needs: [a], run: 'true'}
        ",
    );
    let run = run.with(|script| script.acts("b", &[Act::Hang])).play();
    run.started(&["a", "b", "c"]).states(&[("b", "running"), ("c", "succeeded")]);
}

#[test]
fn the_foot_of_a_diamond_waits_for_both_sides() {
    let runbook = "
        steps:
          - {id: a, run: 'true'}
          - {id: b, needs: [a], run: 'true'}
          - {id: c, needs: [a], run: 'true'}
          - {id: d, needs: [b, c], run: 'true'}
        ";
    for seed in 0..20 {
        let run = kind_world(runbook).seed(seed).play();
        run.started(&["a", "b", "c", "d"]);
    }
    let run = kind_world(runbook).with(|script| script.acts("b", &[Act::Hang])).play();
    run.started(&["a", "b", "c"]).states(&[("c", "succeeded"), ("d", "pending")]);
}

#[test]
fn a_need_may_be_a_phase() {
    let run = kind_world(
        "
        steps:
          - {id: phase, steps: [{id: a, run: 'true'}, {id: b, run: 'true'}]}
          - {id: free, needs: [], run: 'true'}
          - {id: last, needs: [phase], run: 'true'}
        ",
    );
    run.play().started(&["phase/a", "free", "phase/b", "last"]);
}

#[test]
fn no_more_steps_run_at_a_time_than_may() {
    let runbook = "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [], run: 'true'}
          - {id: d, needs: [], run: 'true'}
          - {id: e, needs: [], run: 'true'}
        ";
    let hang = |run: crate::harness::machine::Machine| {
        run.with(|script| {
            ["a", "b", "c", "d", "e"].iter().for_each(|step| script.acts(step, &[Act::Hang]));
        })
    };
    hang(kind_world(runbook)).play().started(&["a", "b", "c", "d"]);
    hang(kind_world(runbook)).parallel(2).play().started(&["a", "b"]);
    hang(kind_world(runbook)).parallel(1).play().started(&["a"]);
    kind_world(runbook).parallel(2).play().started(&["a", "b", "c", "d", "e"]);
}

#[test]
fn a_gate_that_waits_takes_no_slot() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], gate: true, run: 'true'}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(1).with(|script| script.leaves("a")).play();
    run.started(&["b", "c"]).waits_for(&["gate a"]);
}

#[test]
fn a_gate_that_opens_while_all_slots_are_taken_waits_for_one() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], gate: true, run: 'true'}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(1).with(|script| script.acts("b", &[Act::Hang])).play();
    run.started(&["b"]);
}

#[test]
fn the_pair_of_a_phase_waits_for_a_slot() {
    let run = kind_world(
        "
        steps:
          - id: phase
            steps:
              - {id: a, run: 'true', undo: {run: 'true', paired: true}}
          - {id: b, needs: [], run: 'true'}
          - {id: c, needs: [], run: 'true'}
        ",
    );
    let run = run.parallel(2).with(|script| {
        ["b", "c", "phase/a~undo"].iter().for_each(|step| script.acts(step, &[Act::Hang]));
    });
    assert_eq!(run.play().starts().len(), 3);
}

#[test]
fn what_needs_a_failed_step_is_not_reached_and_the_rest_goes_on() {
    let run = kind_world(
        "
        steps:
          - {id: a, on_failure: fail, run: 'false'}
          - {id: b, needs: [a], run: 'true'}
          - {id: c, needs: [b], run: 'true'}
          - {id: free, needs: [], run: 'true'}
        ",
    );
    let run = run.with(|script| script.fails("a")).play();
    run.started(&["a", "free"]);
    run.states(&[("a", "failed{exit}"), ("b", "not_reached"), ("c", "not_reached")]);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn a_step_above_that_was_skipped_or_satisfied_lets_the_next_go_on() {
    let run = kind_world(
        "
        steps:
          - {id: a, when: 1 == 2, run: 'true'}
          - {id: b, run: 'true', done_when: {file: /x}}
          - {id: c, run: 'true'}
        ",
    );
    let run = run.with(|script| script.sees("b done_when", &[holdpoint::run::event::Sight::Holds]));
    let run = run.play();
    run.started(&["c"]).states(&[("a", "skipped{when}"), ("b", "satisfied"), ("c", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_step_may_need_one_below_it() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [b], run: 'true'}
          - {id: b, needs: [], run: 'true'}
        ",
    );
    run.play().started(&["b", "a"]);
}

#[test]
fn a_step_may_look_only_at_what_is_settled_before_it() {
    let problem = |when: &str, steps: &str| {
        let runbook = format!("steps:\n{steps}\n  - {{id: z, needs: [p], when: {when}, run: x}}\n");
        planned(&runbook).err().unwrap_or_default().lines().next().unwrap_or_default().to_owned()
    };
    let unsettled = |step: &str| format!("the step `{step}` is not settled before this one");
    let phase = "  - {id: a, needs: [], run: x}\n  - {id: b, needs: [], run: x}\n  - {id: p, needs: [a], steps: [{id: q, run: x}, {id: r, run: x}]}";
    assert_eq!(problem("steps.a.succeeded and steps.q.succeeded", phase), "");
    assert_eq!(problem("steps.b.succeeded", phase), unsettled("b"));
    let own = "  - {id: p, steps: [{id: q, when: steps.p.succeeded, run: x}]}";
    assert_eq!(problem("1 == 1", own), unsettled("p"));
    let below = "  - {id: p, steps: [{id: q, when: steps.r.succeeded, run: x}, {id: r, run: x}]}";
    assert_eq!(problem("1 == 1", below), unsettled("r"));
    let cases = "  - {id: p, switch: \"'one'\", cases: {one: {steps: [{id: q, run: x}]}, two: {steps: [{id: r, when: steps.q.succeeded, run: x}]}}}";
    assert_eq!(problem("1 == 1", cases), unsettled("q"));
    let undone = "  - {id: a, run: x, undo: {steps: [{id: u, run: x}]}}\n  - {id: p, when: steps.u.succeeded, run: x}";
    assert_eq!(problem("1 == 1", undone), unsettled("u"));
}
