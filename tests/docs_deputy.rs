//! The page about reminders shows what is said, to the letter.

use holdpoint::report::lines;
use holdpoint::run::Effect;
use holdpoint::run::event::{Event, Timer};

use crate::docs::{blocks, read};
use crate::harness::machine::{Act, Machine};
use crate::machine::deputy::{beside, entries};

/// How many reminders the page shows.
const SHOWN: usize = 7;

/// The timer whose moment comes first.
fn next(run: &Machine) -> Event {
    let wakes = run.under_way().iter().filter_map(|effect| match effect {
        Effect::Wake { timer, due } if run.state().timers.due(timer) == Some(*due) => {
            Some((*due, timer.clone()))
        }
        _ => None,
    });
    let (due, timer): (_, Timer) = wakes.min().expect("a moment is waited for");
    Event::TimerDue { timer, due }
}

#[test]
fn the_page_shows_what_somebody_who_drives_its_runbook_is_reminded_of() {
    let page = blocks(&read("docs/deputy.md"));
    let found = |language: &str, start: &str| {
        let is_it = |block: &&crate::docs::Block| {
            block.language == language && block.text.starts_with(start)
        };
        page.iter().find(is_it).map(|block| block.text.clone()).expect("the page has it")
    };
    let library = found("yaml", "# holdpoint.yaml\n");
    let book = found("yaml", "# a runbook beside it\n");
    let run = Machine::of(beside(&library, &book));
    let mut run = run.with(|script| script.acts("restore", &[Act::Hang])).play();
    while entries(&run).len() < SHOWN {
        let event = next(&run);
        run = run.tell(event);
    }
    let said: Vec<String> = entries(&run).iter().flat_map(lines).collect();
    assert_eq!(said.join("\n") + "\n", found("text", ""));
}
