//! When a bell rings, how, and what it says.

use std::collections::BTreeMap;

use super::*;
use crate::plan;
use crate::run::event::{
    Failure, FailureKind, Outcome, Question, Reminder, Stage, Timer, TimerKind,
};
use crate::runbook;
use crate::source::{Problems, Source};

fn way_of(variables: &[(&str, &str)]) -> Way {
    let known: BTreeMap<&str, &str> = variables.iter().copied().collect();
    way(|name| known.get(name).map(|value| (*value).to_owned()), true)
}

#[test]
fn a_bell_rings_on_a_terminal_only_and_not_where_somebody_does_not_want_it() {
    assert_eq!(way_of(&[("TERM", "xterm")]), Way::Bell);
    assert_eq!(way(|_| Some("xterm".into()), false), Way::Silent);
    assert_eq!(way_of(&[]), Way::Silent);
    assert_eq!(way_of(&[("TERM", "dumb")]), Way::Silent);
    assert_eq!(way_of(&[("TERM", "xterm"), ("CI", "true")]), Way::Silent);
    assert_eq!(way_of(&[("TERM", "xterm"), (OFF, "1")]), Way::Silent);
    assert_eq!(way_of(&[("TERM", "xterm"), (OFF, "")]), Way::Bell, "an empty one says nothing");
}

#[test]
fn a_notification_goes_only_to_a_terminal_that_is_known_to_take_it() {
    let nine: [(&str, &str); 6] = [
        ("TERM_PROGRAM", "iTerm.app"),
        ("TERM_PROGRAM", "WezTerm"),
        ("LC_TERMINAL", "iTerm2"),
        ("KITTY_WINDOW_ID", "1"),
        ("WEZTERM_PANE", "0"),
        ("GHOSTTY_RESOURCES_DIR", "/x"),
    ];
    for sign in nine {
        assert_eq!(way_of(&[("TERM", "xterm-256color"), sign]), Way::Osc9, "{sign:?}");
        let within = [("TERM", "xterm-256color"), sign, ("TMUX", "/tmp/x")];
        assert_eq!(way_of(&within), Way::Bell, "{sign:?}");
        assert_eq!(way_of(&[("TERM", "screen.xterm-256color"), sign]), Way::Bell, "{sign:?}");
    }
    assert_eq!(way_of(&[("TERM", "xterm-kitty")]), Way::Osc9);
    assert_eq!(way_of(&[("TERM", "foot")]), Way::Osc777);
    assert_eq!(way_of(&[("TERM", "xterm-256color"), ("VTE_VERSION", "7600")]), Way::Osc777);
    assert_eq!(way_of(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "vscode")]), Way::Bell);
}

#[test]
fn a_text_can_neither_end_a_notification_nor_divide_it() {
    let text = "a\x07b\x1b]0;c\n; d\u{202e}";
    assert_eq!(written(Way::Silent, "book", text), "");
    assert_eq!(written(Way::Bell, "book", text), "\x07");
    let shown = r"a\x07b\x1b]0,c , d\u{202e}";
    assert_eq!(written(Way::Osc9, "book", text), format!("\x07\x1b]9;book: {shown}\x1b\\"));
    let titled = format!("\x07\x1b]777;notify;book;{shown}\x1b\\");
    assert_eq!(written(Way::Osc777, "book", text), titled);
    let long = written(Way::Osc9, "book", &"x".repeat(9_000));
    assert_eq!(long.matches('x').count(), MOST);
}

/// A run that somebody attends, and what is heard of it.
struct Heard {
    bell: Bell,
    plan: Plan,
    state: RunState,
}

impl Heard {
    fn new() -> Heard {
        let text = "{holdpoint: 1, id: book, title: Book, objectives: {rto: 1h}, \
                    steps: [{id: a, budget: 5s, steps: [{id: b, run: x}]}]}";
        let mut problems = Problems::default();
        let book = runbook::read(&Source::new("book.yaml", text), &mut problems);
        let plan = plan::build(book.expect("it is a runbook"), &mut problems);
        let plan = plan.expect("it is sound");
        let state = RunState { is_attended: true, started_at: Some(at(0)), ..RunState::new(&plan) };
        Heard { bell: Bell::that(Way::Silent), plan, state }
    }

    fn after(&mut self, seconds: i64, event: Event) -> Option<String> {
        let question = Question::Input { name: "x".into() };
        match &event {
            Event::QuestionAsked { question } => self.state.asked.push(question.clone()),
            _ => self.state.asked.retain(|asked| *asked != question),
        }
        let record = Record::write(1, 1, at(seconds), "", event).0;
        self.bell.call(&record, &self.plan, &self.state)
    }
}

fn at(seconds: i64) -> Moment {
    Moment::from_timestamp(1_700_000_000 + seconds, 0).expect("within the range of time")
}

fn asked() -> Event {
    Event::QuestionAsked { question: Question::Input { name: "x".into() } }
}

fn nothing() -> Event {
    Event::StageEntered { stage: Stage::Confirm }
}

fn ended() -> Event {
    Event::RunEnded { outcome: Outcome::Aborted, as_if: None, verdict: None, cause: None }
}

#[test]
fn a_question_rings_only_after_ten_seconds_without_one() {
    let mut heard = Heard::new();
    assert_eq!(heard.after(0, nothing()), None);
    assert_eq!(heard.after(9, asked()), None, "the person is still there");
    assert_eq!(heard.after(100, nothing()), None, "it is answered");
    assert_eq!(heard.after(109, asked()), None);
    assert_eq!(heard.after(110, nothing()), None);
    assert_eq!(heard.after(120, asked()).as_deref(), Some("it waits for you"));
}

#[test]
fn where_nobody_is_there_a_question_rings_for_nobody() {
    let mut heard = Heard::new();
    heard.state.is_attended = false;
    assert_eq!((heard.after(0, nothing()), heard.after(60, asked())), (None, None));
}

#[test]
fn a_step_that_is_held_rings_once() {
    let mut heard = Heard::new();
    let failure = Failure::new(FailureKind::Exit, "it printed a password");
    let held = Event::StepHeld { step: "a/b".into(), failure };
    assert_eq!(heard.after(0, nothing()), None);
    assert_eq!(heard.after(60, held).as_deref(), Some("a/b failed and is held"));
    assert_eq!(heard.after(60, asked()), None);
}

#[test]
fn a_reminder_and_a_time_box_ring_with_what_they_say() {
    let mut heard = Heard::new();
    let update = Reminder::Update { number: 2, text: "for nobody else".into() };
    let said = heard.after(1, Event::Reminded { reminder: update });
    assert_eq!(said.as_deref(), Some("update 2 is due, ready to be sent"));
    let timer = Timer { step: "a".into(), kind: TimerKind::Budget };
    let said = heard.after(2, Event::TimerDue { timer, due: at(2) });
    assert_eq!(said.as_deref(), Some("a is not done yet, and its budget of 5s is over"));
    let timer = Timer { step: "a".into(), kind: TimerKind::Retry };
    assert_eq!(heard.after(3, Event::TimerDue { timer, due: at(3) }), None);
}

#[test]
fn the_end_rings_when_the_run_took_more_than_thirty_seconds() {
    assert_eq!(Heard::new().after(30, ended()), None);
    assert_eq!(Heard::new().after(31, ended()).as_deref(), Some("the run aborted"));
}
