//! What each panel says, whole.

use chrono::TimeZone;
use chrono::Utc;

use super::*;
use crate::run::cost::{Affected, Cost};
use crate::run::event::{FailureKind, ValueWanted};
use crate::run::{Advice, Known};
use crate::source::{Span, Spanned};

fn at(second: u32) -> Moment {
    Utc.with_ymd_and_hms(2026, 11, 20, 3, 14, second).single().expect("it is a moment")
}

fn step(path: &str, is_destructive: bool) -> Affected {
    Affected { path: path.to_owned(), title: path.to_owned(), is_destructive }
}

fn held() -> Held {
    Held {
        command: "pg_restore -d shop dump".to_owned(),
        end: Some(End::Signalled { signal: 9 }),
        printed: vec!["loading".to_owned(), "x".repeat(300)],
        attempts: 2,
        repeat: Repeat::Idempotent,
        is_gated: true,
        failing: Cost { unreached: vec![step("tell", false)], ..Cost::default() },
        skipping: Cost { without: vec![step("wipe", true)], ..Cost::default() },
        advice: Some(Advice { choice: HoldChoice::Retry, reason: "it was broken off".to_owned() }),
    }
}

fn known(sight: Sight, second: u32, title: &str) -> Known {
    Known { at: at(second), sight, title: title.to_owned(), detail: "exit 2".to_owned() }
}

#[test]
fn a_held_step_says_what_failed_what_is_known_and_what_each_choice_means() {
    let failure = Failure::new(FailureKind::Signal, "it was ended by signal 9");
    let offer = Offer {
        title: Some("Load the dump".to_owned()),
        undos: vec!["stop~undo".to_owned()],
        held: Some(Box::new(held())),
        known: vec![known(Sight::Fails, 9, "shop answers"), known(Sight::Holds, 7, "disk is free")],
        ..Offer::default()
    };
    let long = "x".repeat(200);
    let expected = format!(
        "
load failed: it was ended by signal 9
  Load the dump
  signal 9 is KILL (it was killed), which is often a lack of memory
  attempt 2
    pg_restore -d shop dump
  the last that it printed:
    | loading
    | {long}…
  all of it: holdpoint show load
  known of the system:
    fails   03:14:09  shop answers: exit 2
    holds   03:14:07  disk is free
> r  retry   asks its gate again; doing it again changes nothing more
             advised: it was broken off
  d  done    you have done it by hand: what needs it goes on
  f  failed  1 step is not reached: tell
  s  skip    1 step goes on without it: wipe (destructive)
  a  abort   the run ends; what was done stays done
  u  undo    take back stop, and end the run
"
    );
    assert_eq!(hold("load", &failure, &offer), expected);
}

#[test]
fn the_keys_of_a_held_step_are_those_that_its_panel_names() {
    let offer = Offer { held: Some(Box::new(held())), ..Offer::default() };
    let keys: Vec<(HoldChoice, char)> =
        hold_choices(&offer).into_iter().map(|(choice, key)| (choice, key.key)).collect();
    let expected = [
        (HoldChoice::Retry, 'r'),
        (HoldChoice::Done, 'd'),
        (HoldChoice::Failed, 'f'),
        (HoldChoice::Skip, 's'),
        (HoldChoice::Abort, 'a'),
    ];
    assert_eq!(keys, expected);
}

#[test]
fn an_end_is_put_in_words_only_where_they_say_more() {
    let code = |code| ending(&End::Exited { code });
    assert_eq!(code(1), None);
    assert_eq!(code(126).as_deref(), Some("exit code 126: the command may not be executed"));
    assert_eq!(code(127).as_deref(), Some("exit code 127: the command was not found"));
    let ended = "exit code 137: something in it was ended by KILL (it was killed)";
    assert_eq!(code(137).as_deref(), Some(ended));
    assert_eq!(code(158), None);
    let segv = ending(&End::Signalled { signal: 11 });
    assert_eq!(segv.as_deref(), Some("signal 11 is SEGV (it crashed)"));
}

#[test]
fn no_more_sights_are_told_than_can_be_read() {
    let many: Vec<Known> = (0..20).map(|second| known(Sight::Holds, second, "it")).collect();
    let text = sights(&many);
    assert_eq!(text.lines().count(), 1 + SIGHTS + 1);
    assert!(text.ends_with("    … 12 more\n"), "{text}");
    assert_eq!(sights(&[]), "");
}

fn question() -> GateQuestion {
    GateQuestion {
        step: "drop".to_owned(),
        ask: "Everything will be gone.".to_owned(),
        word: None,
        approvers: vec!["dba".to_owned(), "lead".to_owned()],
        commands: vec!["[db-1] drop volume\nand more".to_owned()],
        digest: String::new(),
        quorum: 2,
        barred: Some("ann".to_owned()),
        value: None::<ValueWanted>,
        may_bypass: false,
    }
}

fn stakes(back: Back) -> Stakes {
    Stakes {
        target: Some("db-1".to_owned()),
        repeat: Repeat::Once,
        is_destructive: true,
        is_in_rung: false,
        on_failure: OnFailure::Hold,
        back,
        until: Some(at(30)),
    }
}

#[test]
fn a_gate_says_what_is_at_stake_and_who_may_open_it_until_when() {
    let never = Back::Never("the data is gone".to_owned());
    let offer = Offer {
        why: Some("It is broken.".to_owned()),
        approved: vec!["bob".to_owned()],
        stakes: Some(Box::new(stakes(never))),
        ..Offer::default()
    };
    let expected = "
[PRODUCTION] drop: Everything will be gone.
  It is broken.
    [db-1] drop volume
    and more
  it runs on db-1
  if it fails: nothing new begins, and you are asked what to do
  THERE IS NO WAY BACK: the data is gone
  to be approved by: dba, lead
  not by ann, who drives the run
  approved so far: 1 of 2: bob
  it can be answered until 03:14:30 UTC
";
    assert_eq!(gate(&question(), &offer, Some("production")), expected);
}

#[test]
fn a_way_back_is_told_in_full() {
    let told = |back| at_stake(&stakes(back)).lines().skip(2).collect::<Vec<_>>().join("\n");
    let by = Back::By(vec!["start web\nstart jobs".to_owned()]);
    assert_eq!(told(by), "  it can be taken back by\n    start web\n    start jobs");
    assert_eq!(told(Back::Unknown), "  THERE IS NO WAY BACK");
    assert_eq!(told(Back::Needless), "  it changes nothing");
    let mild = Stakes { is_destructive: false, ..stakes(Back::Unknown) };
    assert!(at_stake(&mild).ends_with("  the runbook names no way back\n"));
}

fn count() -> Input {
    let name = Spanned::new("count".to_owned(), Span::default());
    Input {
        kind: Kind::Int,
        description: Some("How many rows\nmay be lost".to_owned()),
        example: Some("3".to_owned()),
        min: Some(Value::Int(1)),
        max: Some(Value::Int(5)),
        default: Some(Value::Int(2)),
        ..Input::named(name)
    }
}

#[test]
fn an_input_says_what_it_must_be_before_it_is_asked_for() {
    let expected = "  How many rows
  may be lost
  a whole number, from 1 to 5; for example 3; 2 when nothing is typed
";
    assert_eq!(input(&count(), false), expected);
    assert_eq!(input(&count(), true), "  How many rows\n  may be lost\n");
}

#[test]
fn an_input_of_which_nothing_is_said_says_nothing() {
    let name = Spanned::new("word".to_owned(), Span::default());
    assert_eq!(input(&Input::named(name.clone()), false), "");
    let short = Input { max: Some(Value::Int(8)), ..Input::named(name) };
    assert_eq!(input(&short, false), "  at most 8 characters\n");
}

#[test]
fn the_stamp_stands_before_what_is_asked_whether_or_not_a_line_is_left_free() {
    assert_eq!(stamped("\none: asked\n", Mode::Drill), "\n[DRILL] one: asked\n");
    assert_eq!(stamped("  a number\n", Mode::Drill), "[DRILL]\n  a number\n");
    assert_eq!(stamped("", Mode::Drill), "[DRILL]\n");
    assert_eq!(stamped("\none: asked\n", Mode::Live), "\none: asked\n");
}

#[test]
fn only_the_symptom_of_a_drill_need_not_be_there() {
    let told = |purpose, mode| {
        check(&CheckRef { step: None, purpose, index: 0 }, "it does not hold", mode)
    };
    let expected = "\nit does not hold\n  this is a drill: the symptom need not be there\n";
    assert_eq!(told(Purpose::Confirm, Mode::Drill), expected);
    assert_eq!(told(Purpose::Precondition, Mode::Drill), "\nit does not hold\n");
    assert_eq!(told(Purpose::Confirm, Mode::Live), "\nit does not hold\n");
}

#[test]
fn an_option_that_a_list_would_cut_off_is_told_in_full() {
    let labels = ["small", "a place with a name that is long", "a place with a name that is short"];
    let told = |columns| in_full(labels.into_iter(), columns);
    assert_eq!(told(80), "");
    assert_eq!(told(35), "    a place with a name that is short\n");
    assert_eq!(told(20), format!("    {}\n    {}\n", labels[1], labels[2]));
}
