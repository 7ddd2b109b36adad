//! A step whose start is on record and whose end is not: how it is settled after a resume.

use holdpoint::run::event::{Decider, DoubtChoice, Event, HoldChoice, Outcome, Sight};

use super::legality::ended;
use crate::harness::machine::{Act, Machine, kind_world};

/// A run of one step that was cut off in its action, and taken over.
fn cut_off(step: &str) -> Machine {
    let runbook = format!(
        "
        steps:
          - {{id: a, {step}}}
          - {{id: b, run: 'true'}}
        "
    );
    let run = kind_world(&runbook).with(|script| script.acts("a", &[Act::Hang])).play();
    run.started(&["a"]).states(&[("a", "running")]);
    run.with(|script| script.acts("a", &[Act::Succeed])).resume()
}

fn deciders(run: &Machine) -> Vec<(DoubtChoice, Decider)> {
    let settled = |event: &Event| match event {
        Event::DoubtSettled { choice, by, .. } => Some((*choice, by.clone())),
        _ => None,
    };
    run.events().iter().filter_map(settled).collect()
}

#[test]
fn a_step_that_was_cut_off_is_in_doubt_and_its_process_is_sought_first() {
    let run = cut_off("run: 'true'");
    run.states(&[("a", "in_doubt")]);
    assert!(matches!(run.events().last(), Some(Event::ProcessSought { step }) if step == "a"));
}

#[test]
fn a_step_of_effect_once_is_never_done_again_without_a_person() {
    let run = cut_off("run: 'true'").play();
    run.started(&["a"]).waits_for(&["in_doubt a"]);
    run.states(&[("a", "in_doubt"), ("b", "pending")]);
}

#[test]
fn a_person_settles_a_doubt() {
    let run = cut_off("run: 'true'");
    let settled = |choice| run.clone().with(|script| script.settles("a", &[choice])).play();
    settled(DoubtChoice::Done).started(&["a", "b"]).states(&[("a", "succeeded")]);
    assert_eq!(settled(DoubtChoice::Done).outcome(), Some(Outcome::Succeeded));
    settled(DoubtChoice::Rerun).started(&["a", "a", "b"]).states(&[("a", "succeeded")]);
    settled(DoubtChoice::Failed).started(&["a"]).waits_for(&["hold a"]);
}

#[test]
fn a_doubt_that_counts_as_failed_follows_on_failure() {
    for (key, started, outcome) in [
        ("fail", &["a"][..], Outcome::Failed),
        ("continue", &["a", "b"], Outcome::SucceededWithExceptions),
        ("abort", &["a"], Outcome::Failed),
    ] {
        let run = cut_off(&format!("on_failure: {key}, run: 'true'"));
        let run = run.with(|script| script.settles("a", &[DoubtChoice::Failed])).play();
        run.started(started);
        assert_eq!(run.outcome(), Some(outcome), "{key}");
    }
}

#[test]
fn an_effect_that_is_seen_to_be_there_settles_a_doubt_before_anything_else() {
    for effect in ["read", "idempotent", "once"] {
        let run = cut_off(&format!(
            "effect: {effect}, done_when: {{file: /x}}, verify: [{{probe: {{file: /y}}}}], run: 'true'"
        ));
        let run = run.with(|script| {
            script.sees("a done_when", &[Sight::Fails, Sight::Holds]);
            script.sees("a verify", &[Sight::Fails]);
        });
        let run = run.play();
        run.started(&["a", "b"]).states(&[("a", "succeeded")]);
        assert_eq!(deciders(&run), [(DoubtChoice::Done, Decider::DoneWhen)], "{effect}");
    }
}

#[test]
fn what_only_reads_or_may_be_repeated_is_done_again() {
    for effect in ["read", "idempotent"] {
        let run = cut_off(&format!("effect: {effect}, run: 'true'")).play();
        run.started(&["a", "a", "b"]);
        assert_eq!(deciders(&run), [(DoubtChoice::Rerun, Decider::Effect)], "{effect}");
    }
    let run = cut_off("probe: {file: /x}").play();
    run.started(&["a", "a", "b"]);
}

#[test]
fn what_may_be_repeated_is_done_again_when_its_effect_is_not_seen() {
    for sight in [Sight::Fails, Sight::Unseen] {
        let run = cut_off("effect: idempotent, done_when: {file: /x}, run: 'true'");
        let run =
            run.with(|script| script.sees("a done_when", &[Sight::Fails, sight, Sight::Fails]));
        let run = run.play();
        run.started(&["a", "a", "b"]);
        assert_eq!(deciders(&run), [(DoubtChoice::Rerun, Decider::Effect)]);
    }
}

#[test]
fn what_is_destructive_or_gated_is_asked_about_even_when_it_may_be_repeated() {
    for key in ["destructive: true", "gate: true"] {
        for effect in ["read", "idempotent"] {
            let run = cut_off(&format!("effect: {effect}, {key}, run: 'true'")).play();
            run.started(&["a"]).waits_for(&["in_doubt a"]);
        }
    }
}

#[test]
fn where_a_process_may_still_run_only_what_reads_is_done_again() {
    let uncertain = |effect: &str| {
        let run = cut_off(&format!("effect: {effect}, run: 'true'"));
        run.with(|script| script.cannot_tell_processes()).play()
    };
    uncertain("read").started(&["a", "a", "b"]);
    uncertain("idempotent").started(&["a"]).waits_for(&["in_doubt a"]);
    uncertain("once").started(&["a"]).waits_for(&["in_doubt a"]);
}

#[test]
fn a_rerun_that_a_person_chooses_asks_the_gate_again() {
    let run = cut_off("require: [{probe: {file: /x}}], gate: true, run: 'true'");
    let run = run.with(|script| script.settles("a", &[DoubtChoice::Rerun])).play();
    run.started(&["a", "a", "b"]);
    assert_eq!(run.count(|event| matches!(event, Event::GateApproved { .. })), 2);
}

#[test]
fn a_message_in_doubt_is_not_sent_again() {
    let run = cut_off("notify: {template: start}").play();
    run.started(&["a", "b"]).states(&[("a", "failed{doubt} continue"), ("b", "succeeded")]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

#[test]
fn nobody_there_parks_a_doubt_untouched() {
    let run = kind_world("steps: [{id: a, run: 'true'}]").alone();
    let run = run.with(|script| script.acts("a", &[Act::Hang])).play().resume().play();
    run.started(&["a"]).waits_for(&["in_doubt a"]);
    let run = run.resume().resume().play();
    run.started(&["a"]).waits_for(&["in_doubt a"]);
}

#[test]
fn while_a_doubt_waits_nothing_starts() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], require: [{probe: {file: /x}}], run: 'true'}
          - {id: c, needs: [], run: 'true'}
          - {id: d, needs: [], gate: true, run: 'true'}
        ",
    );
    let run = run.with(|script| {
        script.acts("a", &[Act::Hang]);
        script.stares("b require");
        script.acts("c", &[Act::Hang]);
        script.leaves("d");
    });
    let run = run.play();
    run.started(&["a", "c"]);
    let run = run.with(|script| {
        script.sees("b require", &[Sight::Holds]);
        script.approves("d");
    });
    let run = run.resume().play();
    run.started(&["a", "c"]);
    let run = run.with(|script| {
        script.settles("a", &[DoubtChoice::Done]);
        script.settles("c", &[DoubtChoice::Done]);
    });
    run.resume().play().started(&["a", "c", "b", "d"]);
}

#[test]
fn several_doubts_are_settled_each_for_itself() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], effect: read, run: 'true'}
        ",
    );
    let hang = [Act::Hang, Act::Succeed];
    let run = run.with(|script| {
        script.acts("a", &hang);
        script.acts("b", &hang);
        script.settles("a", &[DoubtChoice::Done]);
    });
    let run = run.play().resume().play();
    run.started(&["a", "b", "b"]).states(&[("a", "succeeded"), ("b", "succeeded")]);
}

#[test]
fn a_step_in_doubt_in_a_rung_holds_the_ladder() {
    let run = kind_world(
        "
        steps: [{id: l, ladder: [{id: r, run: 'true'}, {id: s, run: 'true'}]}]
        ",
    );
    let run = run.with(|script| script.acts("l/r", &[Act::Hang])).play().resume().play();
    run.started(&["l/r"]).waits_for(&["in_doubt l/r"]);
    let run = run.with(|script| script.settles("l/r", &[DoubtChoice::Failed])).resume().play();
    run.started(&["l/r", "l/s"]);
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn a_step_whose_end_is_on_record_is_not_in_doubt() {
    let run = kind_world("steps: [{id: a, run: 'true', verify: [{probe: {file: /x}}]}]");
    let run = run.with(|script| script.stares("a verify")).play();
    let run = run.with(|script| script.sees("a verify", &[Sight::Holds])).resume().play();
    run.started(&["a"]).states(&[("a", "succeeded")]);
}

#[test]
fn a_doubt_that_was_being_looked_into_is_looked_into_again() {
    let run = cut_off("done_when: {file: /x}, run: 'true'");
    let run = run.with(|script| script.stares("a done_when")).play();
    run.states(&[("a", "in_doubt")]);
    let run = run.with(|script| script.sees("a done_when", &[Sight::Holds])).resume().play();
    run.started(&["a", "b"]);
}

#[test]
fn a_late_end_of_a_step_in_doubt_is_refused() {
    let mut run = cut_off("run: 'true'");
    assert!(run.try_tell(ended("a", 1)).is_err());
}

#[test]
fn a_person_settles_a_doubt_only_when_asked() {
    let run = cut_off("run: 'true'");
    let (step, choice) = ("a".to_owned(), DoubtChoice::Rerun);
    let by = Decider::Person { name: "ada".into() };
    let answer = Event::DoubtSettled { step, choice, by, reason: "it was asked before".into() };
    // Its process is still looked for, and may run.
    assert!(run.clone().try_tell(answer.clone()).is_err());
    run.play().tell(answer).states(&[("a", "running")]);
}

#[test]
fn an_abort_while_another_step_is_in_doubt_settles_the_doubt_first() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], on_failure: abort, run: 'true'}
        finally: [{id: tidy, run: 'true'}]
        ",
    );
    let run = run.with(|script| {
        script.acts("a", &[Act::Hang]);
        script.fails("b");
    });
    let run = run.play();
    run.started(&["a", "b"]);
    let run = run.resume().play();
    run.started(&["a", "b"]).waits_for(&["in_doubt a"]);
    let run = run.with(|script| script.settles("a", &[DoubtChoice::Done])).resume().play();
    run.started(&["a", "b", "tidy"]).states(&[("a", "succeeded")]);
    run.ended(Outcome::Failed, None);
}

#[test]
fn the_answer_about_a_process_comes_in_time_even_when_the_run_is_aborted_meanwhile() {
    let run = kind_world(
        "
        steps:
          - {id: a, needs: [], run: 'true'}
          - {id: b, needs: [], run: 'true'}
        finally: [{id: tidy, run: 'true'}]
        ",
    );
    let run = run.with(|script| {
        script.acts("a", &[Act::Hang]);
        script.fails("b");
        script.settles("a", &[DoubtChoice::Failed]);
        script.resolves("a", &[HoldChoice::Failed]);
    });
    let run = run.play().resume();
    let abort = Event::HoldResolved {
        step: "b".into(),
        choice: HoldChoice::Abort,
        by: "ada".into(),
        reason: "enough".into(),
    };
    let run = run.tell(abort).play();
    assert_eq!(run.outcome(), Some(Outcome::Aborted), "{}", run.tale());
}

#[test]
fn a_secret_is_asked_for_again_before_a_gated_step_goes_on() {
    let run = kind_world(
        "
        inputs: {key: {secret: true}}
        steps: [{id: a, gate: true, run: 'true', env: {KEY: '${{ inputs.key }}'}}]
        ",
    );
    let secret = Event::InputGiven(holdpoint::run::event::InputGiven {
        name: "key".into(),
        value: None,
        is_secret: true,
        from: holdpoint::run::event::InputSource::Prompt,
    });
    let run = run.with(|script| {
        script.withholds("key");
        script.leaves("a");
    });
    let run = run.play().tell(secret).play();
    run.waits_for(&["gate a"]);
    let run = run.with(|script| script.approves("a")).resume().play();
    run.started(&[]).waits_for(&["input key"]);
}

#[test]
fn a_waiver_may_come_with_the_resume() {
    let run =
        kind_world("steps: [{id: a, require: [{id: fresh, probe: {file: /x}}], run: 'true'}]");
    let run = run.alone().with(|script| script.sees("a require", &[Sight::Fails])).play();
    run.started(&[]).waits_for(&["hold a"]);
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Retry]));
    let run = run.resume_with_waiver("fresh").play();
    run.started(&["a"]);
    assert_eq!(run.outcome(), Some(Outcome::SucceededWithExceptions));
}

/// A run of one step that acts like this over there.
fn over_there(step: &str, acts: &[Act]) -> Machine {
    let runbook = format!(
        "
        steps:
          - {{id: a, target: {{ssh: box}}, {step}}}
          - {{id: b, run: 'true'}}
        "
    );
    kind_world(&runbook).with(|script| script.acts("a", acts)).play()
}

#[test]
fn an_end_that_was_not_seen_puts_a_step_in_doubt_whatever_follows_a_failure() {
    for key in ["hold", "fail", "continue", "abort"] {
        let run = over_there(&format!("on_failure: {key}, run: 'true'"), &[Act::Lose]);
        run.started(&["a"]).states(&[("a", "in_doubt"), ("b", "pending")]);
        run.waits_for(&["in_doubt a"]);
    }
}

#[test]
fn what_may_be_repeated_is_not_repeated_while_it_may_go_on_over_there() {
    let run = over_there("effect: idempotent, run: 'true'", &[Act::Lose, Act::Succeed]);
    run.started(&["a"]).waits_for(&["in_doubt a"]);
    // That its client is gone says nothing about what it began.
    run.resume().play().started(&["a"]).waits_for(&["in_doubt a"]);
}

#[test]
fn what_only_reads_is_repeated_after_one_loss_and_not_after_two_in_a_row() {
    let read = "effect: read, run: 'true'";
    over_there(read, &[Act::Lose, Act::Succeed]).started(&["a", "a", "b"]);
    let run = over_there(read, &[Act::Lose]);
    run.started(&["a", "a"]).waits_for(&["in_doubt a"]);
    let run = run.resume().play();
    run.started(&["a", "a"]).waits_for(&["in_doubt a"]);
    let again = |script: &mut crate::harness::machine::Script| {
        script.acts("a", &[Act::Lose, Act::Lose, Act::Lose, Act::Succeed]);
        script.settles("a", &[DoubtChoice::Rerun, DoubtChoice::Rerun]);
    };
    run.with(again).resume().play().started(&["a", "a", "a", "a", "b"]);
}

#[test]
fn a_rung_that_was_lost_is_settled_before_the_next_is_tried() {
    let runbook = "
        steps:
          - id: up
            ladder:
              - {id: a, target: {ssh: box}, run: 'true'}
              - {id: b, run: 'true'}
        ";
    let run = kind_world(runbook).with(|script| script.acts("up/a", &[Act::Lose])).play();
    run.started(&["up/a"]).waits_for(&["in_doubt up/a"]);
    let run = run.with(|script| script.settles("up/a", &[DoubtChoice::Failed]));
    run.resume().play().started(&["up/a", "up/b"]);
}

#[test]
fn what_was_lost_and_is_seen_to_be_there_has_succeeded() {
    let run = "
        steps:
          - {id: a, target: {ssh: box}, done_when: {file: /x}, run: 'true'}
        ";
    let run = kind_world(run).with(|script| {
        script.acts("a", &[Act::Lose]);
        script.sees("a done_when", &[Sight::Fails, Sight::Holds]);
    });
    let run = run.play();
    run.started(&["a"]).states(&[("a", "succeeded")]);
    assert_eq!(deciders(&run), [(DoubtChoice::Done, Decider::DoneWhen)]);
}
