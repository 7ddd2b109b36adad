//! The page of a run: what it says, and what it leaves out.

use std::sync::Arc;
use std::time::Duration;

use chrono::FixedOffset;
use holdpoint::journal::Ending;
use holdpoint::report::page::{Chronicle, timeline};
use holdpoint::run::event::exercise::Script;
use holdpoint::run::event::{Event, Mode, Note, NoteKind};
use holdpoint::runbook::Runbook;
use holdpoint::timeline::{View, Zone, fold};

use super::gantt::{chart_of, records};
use crate::harness::machine::{Act, Machine, flush, kind_world};

/// The page of a run, for a reader so many hours east of Greenwich.
fn page_for(run: &Machine, east: i32, rto: Option<u64>, ending: &Ending) -> String {
    let records = records(run);
    let rto = rto.map(|minutes| Duration::from_secs(60 * minutes));
    let mut plans = run.taken_over();
    let mut runbook = Runbook::clone(&plans.current.runbook);
    runbook.knowledge.objectives.rto = rto;
    plans.current.runbook = Arc::new(runbook);
    let folded = fold(&mut plans, &records, ending, View::Curated);
    let (told, _) = folded.expect("these events were legal");
    let chart = chart_of(run, 150);
    let zone = Zone::Fixed(FixedOffset::east_opt(east * 3600).expect("there is such a zone"));
    timeline(&Chronicle { timeline: &told, gantt: Some(&chart), incident: None, zone })
}

fn page(run: &Machine) -> String {
    page_for(run, 0, None, &Ending::Whole)
}

/// What stands under a name among the facts.
fn fact(page: &str, name: &str) -> Option<String> {
    let (_, rest) = page.split_once(&format!("<dt>{name}</dt>\n<dd>"))?;
    rest.split_once("</dd>").map(|(value, _)| value.to_owned())
}

/// The lines of what is not known.
fn unknown(page: &str) -> Vec<String> {
    let (_, list) = page.split_once("<h2 id=\"unknown\">").expect("there is such a part");
    let items = list.split("<li>").skip(1).filter_map(|item| item.split_once("</li>"));
    items.map(|(item, _)| item.to_owned()).collect()
}

const BOOK: &str = "
    steps: [{id: a, run: x}]
    exit_criteria: [{title: back, probe: {file: back}}]
    ";

#[test]
fn moments_are_told_in_utc_and_by_the_clock_of_the_reader() {
    let run = kind_world(BOOK).play();
    let started = |east| fact(&page_for(&run, east, None, &Ending::Whole), "Started");
    assert_eq!(started(0).as_deref(), Some("2023-11-14 22:13:20 UTC"));
    let there = "2023-11-14 22:13:20 UTC, which is 2023-11-15 00:13:20 +02:00";
    assert_eq!(started(2).as_deref(), Some(there));
}

#[test]
fn recovery_is_held_against_what_was_promised() {
    let run = kind_world(BOOK).noticed_before(30).play();
    let rto = |minutes| fact(&page_for(&run, 0, minutes, &Ending::Whole), "Recovery time (RTO)");
    let told = ["met: 30 m 11 s of 1 h 0 m promised", "not met: 30 m 11 s of 30 m 0 s promised"];
    assert_eq!(rto(Some(60)).as_deref(), Some(told[0]));
    assert_eq!(rto(Some(30)).as_deref(), Some(told[1]));
    assert_eq!(rto(None).as_deref(), Some("30 m 11 s, and nothing was promised"));
    let open = kind_world(BOOK).with(|script| script.acts("a", &[Act::Hang])).play();
    let page = page_for(&open, 0, Some(60), &Ending::Whole);
    let told = "1 h 0 m promised; service was not seen to be back";
    assert_eq!(fact(&page, "Recovery time (RTO)").as_deref(), Some(told));
}

#[test]
fn what_is_not_known_is_said() {
    let run = kind_world(BOOK).with(|script| script.acts("a", &[Act::Hang])).play();
    let torn = page_for(&run, 0, None, &Ending::Torn { bytes: 7 });
    let expected = [
        "Not the whole story: the last write was cut short: 7 bytes that never took effect.",
        "How these ended, which had begun: a.",
        "When the incident was detected: nobody said, so times count from the start of the run.",
        "How it ends: the run was open when this page was made.",
        "What its records survive: that is not on record.",
        "Who people are: names are as they were given, and not proven.",
        "What happened beside the run: only what is in its journal is here.",
    ];
    assert_eq!(unknown(&torn), expected);
    let known = page(&kind_world(BOOK).noticed_before(5).play());
    assert_eq!(unknown(&known), expected[4..]);
}

#[test]
fn what_is_no_incident_says_so_in_its_title_above_and_below() {
    let in_mode = |mode| kind_world(BOOK).in_mode(mode).without_laws().play();
    let runs = [
        (in_mode(Mode::Drill), "DRILL"),
        (in_mode(Mode::Rehearsal), "REHEARSAL"),
        (kind_world(BOOK).at_a_table(Script::default()), "EXERCISE"),
    ];
    for (run, stamp) in runs {
        let page = page(&run);
        assert!(page.contains(&format!("<title>{stamp}: Sample</title>")), "{page}");
        let stamps =
            page.matches(&format!("<p class=\"stamp\"><strong>{stamp}</strong>: ")).count();
        assert_eq!(stamps, 2, "{stamp}");
    }
    let page = page(&kind_world(BOOK).play());
    assert!(page.contains("<title>Sample</title>") && !page.contains("class=\"stamp\""), "{page}");
}

#[test]
fn a_long_run_keeps_what_tells_more_and_says_how_much_it_leaves_out() {
    let mut text = "steps:\n".to_owned();
    (0..2_000).for_each(|at| text.push_str(&format!("  - {{id: s{at}, run: x}}\n")));
    let run = kind_world(&text).without_laws().play();
    let run = run.tell(Event::NoteAdded(Note::new("bob", NoteKind::Todo, "the last word")));
    let page = page(&run);
    let entries = fold(&mut run.taken_over(), &records(&run), &Ending::Whole, View::Curated)
        .expect("legal")
        .0
        .entries;
    let left_out =
        format!("{} of {} entries are not shown here", entries.len() - 2000, entries.len());
    assert!(page.contains(&left_out), "{left_out}");
    let rows =
        page.split("<h2 id=\"timeline\">").nth(1).unwrap_or_default().matches("<tr>").count();
    assert_eq!(rows, 1 + 2000, "a head and the entries");
    assert!(page.contains("the last word"));
}

#[test]
fn a_page_is_light_enough_however_long_the_run() {
    let mut text = "steps:\n".to_owned();
    (0..5_000).for_each(|at| text.push_str(&format!("  - {{id: s{at}, run: x}}\n")));
    let page = page(&kind_world(&text).without_laws().play());
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert_eq!(flush(&page).matches("<script").count(), 0);
}
