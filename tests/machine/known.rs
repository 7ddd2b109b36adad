//! What is known of the system from the checks that were looked at.

use holdpoint::run::event::Sight;
use holdpoint::run::known;

use crate::harness::machine::{Machine, kind_world};

const CHECKED: &str = "
    confirm: [{title: it is down, probe: {file: /a}}]
    preconditions: [{id: disk, probe: {file: /b}}]
    steps:
      - {id: a, run: 'true', done_when: {file: /c}, verify: [{probe: {file: /d}}]}
      - {id: b, run: 'true', verify: [{title: it is up, probe: {file: /e}}]}
    ";

fn told(run: &Machine) -> Vec<String> {
    let known = known(run.plan(), run.state());
    known.iter().map(|it| format!("{:?} {}", it.sight, it.title)).collect()
}

#[test]
fn the_last_sight_of_each_check_is_kept_the_newest_first() {
    let run = kind_world(CHECKED).with(|script| {
        script.sees("a done_when 0", &[Sight::Fails]);
        script.sees("b verify 0", &[Sight::Fails]);
    });
    let run = run.play();
    run.waits_for(&["hold b"]);
    let told = told(&run);
    assert_eq!(told, ["Fails it is up", "Holds file /d", "Holds disk", "Holds it is down"]);
    assert_eq!(run.replay().seen, run.state().seen);
}
