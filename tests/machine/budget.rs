//! The time box of a group: it speaks up, and stops nothing.

use holdpoint::run::event::{Event, Outcome, TimerKind};

use crate::harness::machine::{Act, Machine, kind_world};

const BOOK: &str = "
    steps:
      - {id: p, budget: 10s, steps: [{id: a, run: a}, {id: b, run: b}]}
      - {id: c, run: c}
    ";

fn rung(run: &Machine) -> usize {
    run.count(
        |event| matches!(event, Event::TimerDue { timer, .. } if timer.kind == TimerKind::Budget),
    )
}

#[test]
fn a_budget_that_is_kept_says_nothing() {
    let run = kind_world(BOOK).with(|script| script.lets_time_stand("p")).play();
    run.started(&["p/a", "p/b", "c"]);
    assert_eq!((rung(&run), run.outcome()), (0, Some(Outcome::Succeeded)));
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_budget_that_is_over_is_said_once_and_the_group_goes_on() {
    let run = kind_world(BOOK)
        .with(|script| {
            script.lets_time_pass("p");
            script.acts("p/a", &[Act::Hang]);
        })
        .play();
    run.started(&["p/a"]);
    assert_eq!(rung(&run), 1);
    let run = run
        .with(|script| {
            script.acts("p/a", &[Act::Succeed]);
            script.settles("p/a", &[holdpoint::run::event::DoubtChoice::Done]);
        })
        .resume()
        .play();
    run.started(&["p/a", "p/b", "c"]);
    assert_eq!((rung(&run), run.outcome()), (1, Some(Outcome::Succeeded)));
}
