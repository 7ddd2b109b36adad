//! Taking a run back: the undo of what has begun, the last to end first.

use holdpoint::run::Event;
use holdpoint::run::event::{HoldChoice, InvariantChoice, Outcome, Sight, Verdict, VerdictChoice};

use crate::harness::machine::{Act, Hand, Machine, kind_world};

const BOOK: &str = "
    steps:
      - {id: a, run: a, undo: {run: un-a}}
      - {id: b, run: b, undo: {run: un-b, verify: [{probe: {file: /b-is-back}}]}}
      - {id: c, run: c, undo: {none: what is sent is sent}}
      - {id: d, run: d, undo: {run: un-d}}
      - {id: e, run: e, undo: {run: un-e}}
    finally: [{id: tell, run: tell}]
    ";

fn with(more: &str) -> String {
    format!("{}\n    {more}\n    ", BOOK.trim_end())
}

fn failing(step: &str) -> Machine {
    kind_world(BOOK).with(|script| {
        script.fails(step);
        script.resolves(step, &[HoldChoice::Undo]);
    })
}

#[test]
fn what_has_begun_is_taken_back_in_reverse_and_only_that() {
    let run = failing("d").play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "a~undo", "tell"]);
    run.states(&[("a", "undone"), ("b", "undone"), ("c", "succeeded"), ("d", "undone")]);
    run.states(&[("e", "not_reached")]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn an_undo_that_is_not_verified_is_held_and_may_be_tried_again() {
    let run = failing("d")
        .with(|script| {
            script.sees("b~undo verify", &[Sight::Fails, Sight::Holds]);
            script.resolves("b~undo", &[HoldChoice::Retry]);
        })
        .play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "b~undo", "a~undo", "tell"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
}

#[test]
fn an_undo_that_is_counted_as_failed_lets_the_others_go_on() {
    let run = failing("d")
        .with(|script| {
            script.fails("b~undo");
            script.resolves("b~undo", &[HoldChoice::Failed]);
        })
        .play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "a~undo", "tell"]);
    run.states(&[("a", "undone"), ("b", "succeeded"), ("b~undo", "failed{exit}")]);
}

#[test]
fn a_crash_while_it_is_taken_back_is_gone_on_with_and_nothing_is_taken_back_twice() {
    let run = failing("d").with(|script| script.acts("b~undo", &[Act::Hang])).play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo"]);
    let run = run
        .with(|script| {
            script.acts("b~undo", &[Act::Succeed]);
            script.settles("b~undo", &[holdpoint::run::event::DoubtChoice::Rerun]);
        })
        .resume()
        .play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "b~undo", "a~undo", "tell"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
}

#[test]
fn every_cut_of_a_run_that_is_taken_back_comes_to_the_same_end() {
    let whole = failing("d").play();
    for after in 1..whole.events().len() {
        let cut = failing("d")
            .with(|script| {
                for step in ["a", "b", "c", "d", "a~undo", "b~undo", "d~undo", "tell"] {
                    script.settles(step, &[holdpoint::run::event::DoubtChoice::Done]);
                }
            })
            .replayed(&whole, after);
        let end = cut.resume().play();
        assert!(end.outcome().is_some(), "cut after {after}\n{}", end.tale());
    }
}

#[test]
fn a_verdict_that_is_not_recovered_may_lead_back() {
    let run = kind_world(&with("exit_criteria: [{probe: {file: /up}}]"))
        .with(|script| {
            script.sees("exit", &[Sight::Fails]);
            script.answers_verdict(&[VerdictChoice::Undo]);
        })
        .play();
    run.started(&["a", "b", "c", "d", "e", "e~undo", "d~undo", "b~undo", "a~undo", "tell"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
}

#[test]
fn a_broken_invariant_may_lead_back() {
    let run = kind_world(&with("invariants: [{id: up, probe: {file: /up}}]"))
        .with(|script| {
            script.sees("invariant", &[Sight::Holds, Sight::Fails]);
            script.answers_invariant("invariant", &[InvariantChoice::Undo]);
        })
        .play();
    run.started(&["a", "a~undo", "tell"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
}

fn wish() -> Event {
    Event::UndoRequested { by: "ada".into(), reason: "it was the wrong cluster".into() }
}

#[test]
fn a_run_that_has_ended_can_be_taken_back_and_closes_only_once() {
    let run = kind_world(BOOK).play();
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
    let run = run.reopened(wish()).play();
    run.started(&["a", "b", "c", "d", "e", "tell", "e~undo", "d~undo", "b~undo", "a~undo"]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_run_is_taken_back_once() {
    let run = kind_world(BOOK).play().reopened(wish()).play();
    assert!(run.clone().try_tell(wish()).is_err());
}

#[test]
fn a_paired_undo_that_has_put_things_back_is_not_done_again() {
    let run = kind_world(
        "
        steps:
          - id: p
            steps:
              - {id: stop, run: stop, undo: {paired: true, run: start}}
          - {id: b, run: b, undo: {run: un-b}}
        ",
    )
    .with(|script| {
        script.fails("b");
        script.resolves("b", &[HoldChoice::Undo]);
    })
    .play();
    run.started(&["p/stop", "p/stop~undo", "b", "b~undo"]);
}

#[test]
fn what_failed_rungs_and_items_have_begun_is_taken_back_too() {
    let run = kind_world(
        "
        inputs: {hosts: {type: list, default: [x, y]}}
        steps:
          - id: l
            ladder:
              - {id: one, run: one, undo: {run: un-one}}
              - {id: two, each: {in: inputs.hosts}, run: 'two ${{ item }}', undo: {run: 'un-two ${{ item }}'}}
          - {id: b, run: b}
        ",
    )
    .with(|script| {
        script.fails("l/one");
        script.fails("b");
        script.resolves("b", &[HoldChoice::Undo]);
    })
    .play();
    run.started(&[
        "l/one",
        "l/two/1",
        "l/two/2",
        "b",
        "l/two/2~undo",
        "l/two/1~undo",
        "l/one~undo",
    ]);
    assert_eq!(run.command("l/two/1~undo"), "un-two 'x'");
}

/// A pair that fails, and is what a person takes the run back at.
fn with_a_pair_that_fails(choices: &[HoldChoice]) -> Machine {
    let run = kind_world(
        "
        steps:
          - {id: p, steps: [{id: a, run: a, undo: {run: un-a, paired: true}}]}
          - {id: b, run: b}
        ",
    );
    run.with(|script| {
        script.acts("p/a~undo", &[Act::Exit(1), Act::Succeed]);
        script.resolves("p/a~undo", choices);
    })
}

#[test]
fn an_undo_that_is_held_when_the_run_is_taken_back_stays_held_until_somebody_decides() {
    let run = with_a_pair_that_fails(&[HoldChoice::Undo]).play();
    run.started(&["p/a", "p/a~undo"]).waits_for(&["hold p/a~undo"]);
    let run = with_a_pair_that_fails(&[HoldChoice::Undo, HoldChoice::Retry]).play();
    run.started(&["p/a", "p/a~undo", "p/a~undo"]).states(&[("a", "undone"), ("b", "not_reached")]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    assert_eq!(run.replay(), *run.state());
}

/// An undo that fails, and what a person then decides.
fn with_an_undo_that_fails(choices: &[HoldChoice]) -> Machine {
    failing("d").with(|script| {
        script.acts("b~undo", &[Act::Exit(1), Act::Succeed]);
        script.resolves("b~undo", choices);
    })
}

#[test]
fn taking_back_is_broken_off_at_an_undo_that_is_held_and_what_closes_the_run_is_done() {
    let run = with_an_undo_that_fails(&[HoldChoice::Abort]).play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "tell"]);
    run.states(&[("a", "succeeded"), ("b", "succeeded"), ("d", "undone")]);
    run.states(&[("b~undo", "failed{exit}"), ("a~undo", "skipped{not_needed}")]);
    run.ended(Outcome::Aborted, None);
    assert_eq!(run.replay(), *run.state());
    let same = with_an_undo_that_fails(&[]).play();
    same.waits_for(&["hold b~undo"]);
    let abort = Event::AbortRequested { by: "ada".into(), reason: "leave it".into() };
    let same = same.tell(abort).play();
    same.started(&["a", "b", "c", "d", "d~undo", "b~undo", "tell"]);
    same.ended(Outcome::Aborted, None);
}

#[test]
fn what_was_left_when_taking_back_was_broken_off_can_be_taken_back_later() {
    let run = with_an_undo_that_fails(&[HoldChoice::Abort]).play().reopened(wish()).play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "tell", "b~undo", "a~undo"]);
    run.states(&[("a", "undone"), ("b", "undone"), ("d", "undone")]);
    run.ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn an_undo_that_runs_is_let_finish_when_taking_back_is_broken_off() {
    let run = failing("d").with(|script| script.acts("b~undo", &[Act::Hang])).play();
    let abort = Event::AbortRequested { by: "ada".into(), reason: "leave it".into() };
    let run = run.tell(abort).play();
    run.started(&["a", "b", "c", "d", "d~undo", "b~undo"]);
    assert_eq!(run.outcome(), None);
    let run = run.with(|script| {
        script.acts("b~undo", &[Act::Succeed]);
        script.settles("b~undo", &[holdpoint::run::event::DoubtChoice::Done]);
    });
    let run = run.resume().play();
    run.states(&[("a", "succeeded"), ("b", "undone"), ("d", "undone")]);
    run.ended(Outcome::Aborted, None);
}

#[test]
fn a_run_that_is_being_taken_back_is_not_taken_back_once_more() {
    let run = with_an_undo_that_fails(&[]).play();
    assert!(run.clone().try_tell(wish()).is_err());
    let closing = kind_world(BOOK).with(|script| script.acts("tell", &[Act::Hang])).play();
    closing.started(&["a", "b", "c", "d", "e", "tell"]);
    let reason = "only what closes the run is left to be done";
    assert_eq!(closing.state().no_way_back(), Some(reason));
    assert_eq!(closing.state().no_early_end(), Some(reason));
}

#[test]
fn an_undo_that_was_passed_over_has_taken_nothing_back() {
    for choice in [HoldChoice::Skip, HoldChoice::Failed] {
        let run = with_an_undo_that_fails(&[choice]).play();
        run.started(&["a", "b", "c", "d", "d~undo", "b~undo", "a~undo", "tell"]);
        run.states(&[("a", "undone"), ("b", "succeeded"), ("d", "undone")]);
        assert_eq!(run.state().undoable(run.plan()), ["b"]);
        let run = run.reopened(wish()).play();
        run.states(&[("b", "undone")]).ended(Outcome::Aborted, Some(Verdict::NotRecovered));
    }
}

#[test]
fn an_undo_that_a_person_does_by_hand_is_not_called_needless_when_it_is_broken_off() {
    let book = "
        steps:
          - {id: a, run: a, undo: {manual: Put it back.}}
          - {id: b, run: b}
        ";
    let run = kind_world(book).with(|script| {
        script.fails("b");
        script.resolves("b", &[HoldChoice::Undo]);
        script.hands("a~undo", &[Hand::Leaves]);
    });
    let abort = Event::AbortRequested { by: "ada".into(), reason: "leave it".into() };
    let run = run.play().tell(abort).play();
    run.states(&[("a", "succeeded"), ("a~undo", "failed{stopped}")]);
    run.ended(Outcome::Aborted, None);
}
