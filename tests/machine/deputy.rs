//! The deputy: what the operator is reminded of, when, and when not.

use std::sync::Arc;

use chrono::TimeDelta;
use holdpoint::journal::Record;
use holdpoint::plan::{self, Plan};
use holdpoint::run::RunState;
use holdpoint::run::event::{Absence, Event, Moment, Outcome, Reminder, Sight, Timer, TimerKind};
use holdpoint::runbook::{self, library};
use holdpoint::source::{Problems, Source};
use holdpoint::timeline::{Entry, entry};

use super::legality::refused;
use crate::harness::machine::{Act, Machine, flush, kind_world};

/// A run that hangs in its only step, and time passes.
fn hanging(knowledge: &str) -> Machine {
    passing(kind_world(&format!("{}\nsteps: [{{id: a, run: a}}]", flush(knowledge))))
}

/// Its step `a` never ends, and the moments of the run come.
fn passing(run: Machine) -> Machine {
    run.with(|script| {
        script.acts("a", &[Act::Hang]);
        script.lets_time_pass("");
    })
}

/// A plan beside a library.
pub(crate) fn beside(library: &str, book: &str) -> Plan {
    let mut problems = Problems::default();
    let whole = |head: &str, text: &str| match flush(text) {
        text if text.contains("holdpoint: 1") => text,
        text => format!("{head}\n{text}"),
    };
    let library = Source::new("holdpoint.yaml", whole("holdpoint: 1", library));
    let book = whole("holdpoint: 1\nid: sample\ntitle: Sample", book);
    let library = library::read(&library, &mut problems).expect("it is a library");
    let book = runbook::read(&Source::new("sample.yaml", book), &mut problems);
    let book = Arc::new(library).around(book.expect("it is a runbook"));
    plan::build(book, &mut problems).expect("it is sound")
}

/// What somebody was reminded of, after how many minutes.
fn reminded(run: &Machine) -> Vec<(i64, Reminder)> {
    let with_moments = run.events().iter().zip(run.moments());
    let reminders = with_moments.filter_map(|(event, at)| match event {
        Event::Reminded { reminder } => Some((run.minute(*at), reminder.clone())),
        _ => None,
    });
    reminders.collect()
}

fn rto(spent: u8) -> Reminder {
    Reminder::Rto { spent }
}

fn escalation(place: usize, to: &str) -> Reminder {
    Reminder::Escalation { place, to: to.into() }
}

/// The minutes and numbers of the updates, and the last text.
fn updates(run: &Machine) -> (Vec<(i64, u32)>, String) {
    let mut last = String::new();
    let updates = reminded(run).into_iter().filter_map(|(minute, reminder)| match reminder {
        Reminder::Update { number, text } => {
            last = text;
            Some((minute, number))
        }
        _ => None,
    });
    (updates.collect(), last)
}

/// What the timeline says of each reminder. In a scripted world a second passes with each event; a
/// driver puts what a moment leads to on record at that moment.
pub(crate) fn entries(run: &Machine) -> Vec<Entry> {
    let mut rung: Option<Moment> = None;
    let mut found = Vec::new();
    for (event, at) in run.events().iter().zip(run.moments()) {
        match event {
            Event::TimerDue { .. } => rung = Some(*at),
            Event::Reminded { .. } => {
                let at = rung.unwrap_or(*at);
                let state = RunState { last_at: Some(at), ..run.state().clone() };
                let record = Record::write(1, 1, at, "", event.clone()).0;
                found.extend(entry(&record, run.plan(), &state));
            }
            _ => {}
        }
    }
    found
}

/// What the timeline says of the last reminder: its sentence, and the lines below.
fn said(run: &Machine) -> (String, Vec<String>) {
    let last = entries(run).pop().expect("somebody was reminded");
    (last.text, last.lines)
}

fn set(kind: TimerKind, step: &str, due: Moment) -> Event {
    Event::TimerSet { timer: Timer { step: step.into(), kind }, due }
}

#[test]
fn a_share_of_the_rto_that_is_spent_is_said_once_each() {
    let run = hanging("objectives: {rto: 100m}").play();
    assert_eq!(reminded(&run), [(75, rto(75)), (90, rto(90)), (100, rto(100))]);
    assert_eq!(run.state().timers.due(&Timer::of_run(TimerKind::Rto)), None, "nothing is ahead");
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn the_rto_counts_from_when_the_incident_was_noticed() {
    let run = hanging("objectives: {rto: 100m}").noticed_before(80).play();
    assert_eq!(reminded(&run), [(0, rto(75)), (10, rto(90)), (20, rto(100))]);
}

#[test]
fn of_what_is_past_when_the_run_begins_only_the_last_is_said() {
    let run = hanging("objectives: {rto: 100m}").noticed_before(500).play();
    assert_eq!(reminded(&run), [(0, rto(100))]);
    let (text, lines) = said(&run);
    assert!(text.starts_with("the RTO of 1h40m is spent, since 15:33 UTC, 6 h 40 m ago"), "{text}");
    assert!(lines.is_empty());
}

#[test]
fn a_run_that_is_done_in_time_is_reminded_of_nothing() {
    let run = kind_world("objectives: {rto: 1h}\nsteps: [{id: a, run: a}]").play();
    assert_eq!((reminded(&run), run.outcome()), (Vec::new(), Some(Outcome::Succeeded)));
    let is_set = |event: &Event| matches!(event, Event::TimerSet { .. });
    assert_eq!(run.count(is_set), 1, "{}", run.tale());
}

#[test]
fn a_run_without_any_promise_waits_for_no_moment() {
    let run = hanging("summary: nothing was promised").play();
    assert_eq!(run.count(|event| matches!(event, Event::TimerSet { .. })), 0);
}

#[test]
fn nothing_is_said_while_nobody_drives_and_on_resume_the_last_is_said_once() {
    let gated = "
        objectives: {rto: 100m}
        escalation: [{to: a, after: 30m}, {to: b, after: 1h}]
        steps: [{id: a, gate: true, run: a}]
        ";
    let run = kind_world(gated).with(|script| script.leaves("a")).play();
    assert_eq!(reminded(&run), []);
    let run = run.later(95).resume().play();
    assert_eq!(reminded(&run), [(95, rto(90)), (95, escalation(1, "b"))]);
    let run = run.resume().play();
    assert_eq!(reminded(&run).len(), 2, "{}", run.tale());
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_moment_survives_the_driver_that_waited_for_it() {
    let run = hanging("objectives: {rto: 100m}").with(|script| script.lets_time_stand("")).play();
    let due = run.state().timers.due(&Timer::of_run(TimerKind::Rto)).expect("it is waited for");
    let run = run.later(10).resume().play();
    assert_eq!(run.count(|event| *event == set(TimerKind::Rto, "", due)), 2, "{}", run.tale());
    let run = run.with(|script| script.lets_time_pass("")).resume().play();
    assert_eq!(reminded(&run), [(75, rto(75)), (90, rto(90)), (100, rto(100))]);
}

#[test]
fn a_crash_at_any_moment_neither_loses_nor_repeats_a_reminder() {
    let whole = hanging("objectives: {rto: 100m}\nescalation: {to: a, after: 80m}").play();
    let wanted = [rto(75), escalation(0, "a"), rto(90), rto(100)];
    for after in 1..whole.events().len() {
        let run = whole.cut(after).expect("it was legal").resume().play();
        let mut found: Vec<Reminder> = reminded(&run).into_iter().map(|(_, it)| it).collect();
        found.sort();
        let mut wanted = wanted.clone();
        wanted.sort();
        assert_eq!(found, wanted, "after {after}: {}", run.tale());
        assert_eq!(run.replay(), *run.state());
    }
}

#[test]
fn a_moment_that_comes_while_the_clock_on_the_wall_lags_is_said_all_the_same() {
    let run = hanging("objectives: {rto: 100m}").with(|script| script.lets_time_stand("")).play();
    let timer = Timer::of_run(TimerKind::Rto);
    let due = run.state().timers.due(&timer).expect("it is waited for");
    let mut state = run.state().clone();
    let early = due - TimeDelta::seconds(2);
    state.apply(run.plan(), early, &Event::TimerDue { timer, due }).expect("it is set");
    let next = holdpoint::run::decide(run.plan(), &state);
    let intents: Vec<Event> = next.iter().map(|effect| effect.intent()).collect();
    assert_eq!(intents, [Event::Reminded { reminder: rto(75) }]);
}

#[test]
fn a_step_that_ends_just_then_brings_the_reminder_before_its_timer() {
    let book = "objectives: {rto: 100m}\nsteps: [{id: b, run: b}, {id: a, run: a}]";
    let run = kind_world(book).with(|script| {
        script.acts("b", &[Act::Hang]);
        script.acts("a", &[Act::Hang]);
    });
    let run = run.play().later(76).tell(super::legality::ended("b", 1)).play();
    assert_eq!(reminded(&run), [(76, rto(75))]);
    let ahead = run.state().timers.due(&Timer::of_run(TimerKind::Rto)).expect("90 % is next");
    assert_eq!(run.minute(ahead), 90);
}

#[test]
fn nothing_is_said_once_the_steps_are_over_and_in_the_closing_steps() {
    let run = kind_world(
        "
        objectives: {rto: 100m}
        escalation: {to: a, after: 80m}
        steps: [{id: b, run: b}]
        finally: [{id: a, run: a}]
        ",
    );
    let run = passing(run).play();
    assert_eq!(run.state_of("a"), "running");
    assert_eq!(reminded(&run), [], "{}", run.tale());
    assert_eq!(run.state().timers, holdpoint::run::Timers::default());
}

#[test]
fn a_verdict_that_somebody_must_decide_about_stops_no_clock() {
    let run = kind_world(
        "
        objectives: {rto: 100m}
        steps: [{id: a, run: a}]
        exit_criteria: [{id: up, probe: {file: /x}}]
        ",
    );
    let run = run.with(|script| {
        script.sees("exit 0", &[Sight::Fails]);
        script.lets_time_pass("");
    });
    let run = run.play();
    run.waits_for(&["verdict"]);
    assert_eq!(reminded(&run), [(75, rto(75)), (90, rto(90)), (100, rto(100))]);
}

#[test]
fn nothing_is_said_while_the_run_is_being_stopped() {
    let run = hanging("objectives: {rto: 100m}").with(|script| script.lets_time_stand("")).play();
    let run = run.stop().with(|script| script.lets_time_pass("")).play();
    assert_eq!(reminded(&run), []);
    let run = run.later(20).resume().play();
    assert_eq!(reminded(&run), [(95, rto(90)), (100, rto(100))], "{}", run.tale());
}

#[test]
fn an_escalation_is_due_after_its_time_and_says_who_that_is() {
    let library = "
        contacts:
          - {role: database-admin, name: Grace, channel: '+49 30 12345'}
          - {role: database-admin, name: Barbara}
          - {role: executive, name: Ada, channel: '#executive'}
        ";
    let book = "
        escalation:
          - call somebody
          - {to: [executive, Barbara], after: 1h, when: data is lost}
          - {to: database-admin, after: 15m}
          - {to: executive}
        steps: [{id: a, run: a}]
        ";
    let run = passing(Machine::of(beside(library, book)));
    let first = run.clone().step_until(1);
    assert_eq!(reminded(&first), [(15, escalation(2, "database-admin"))]);
    let (text, lines) = said(&first);
    assert_eq!(text, "it is time to tell database-admin, after 15m without a recovery");
    assert_eq!(lines, ["database-admin: Grace, +49 30 12345", "database-admin: Barbara"]);

    let run = run.play();
    let both = [(15, escalation(2, "database-admin")), (60, escalation(1, "executive, Barbara"))];
    assert_eq!(reminded(&run), both);
    let (text, lines) = said(&run);
    assert_eq!(text, "it is time to tell executive, Barbara, after 1h without a recovery");
    let expected =
        ["in this case: data is lost", "executive: Ada, #executive", "database-admin: Barbara"];
    assert_eq!(lines, expected);
}

#[test]
fn an_escalation_that_was_missed_is_named_with_the_next() {
    let calls = "escalation: [{to: a, after: 10m}, {to: b, after: 20m}, {to: c, after: 20m}]";
    let run = hanging(calls).noticed_before(30).play();
    assert_eq!(reminded(&run), [(0, escalation(2, "c"))]);
    let (_, lines) = said(&run);
    let expected =
        ["not told yet, though due after 10m: a", "not told yet, though due after 20m: b"];
    assert_eq!(lines, expected);
}

const LIBRARY: &str = "
    communications:
      update_every: 30m
      templates: {update: '${{ runbook.title }}, driven by ${{ run.operator }}'}
    ";

#[test]
fn an_update_is_due_again_and_again_and_its_text_says_where_the_run_stands() {
    let book = "
        steps:
          - {id: b, run: b}
          - {id: a, title: Restore the dump, run: a}
          - {id: c, run: c}
        ";
    let run = passing(Machine::of(beside(LIBRARY, book))).step_until(3);
    let (found, text) = updates(&run);
    assert_eq!(found, [(30, 1), (60, 2), (90, 3)]);
    assert_eq!(
        text,
        "Sample, driven by ada\n1 of 3 steps are done; now: Restore the dump; next: c."
    );
    let (sentence, lines) = said(&run);
    assert_eq!(sentence, "update 3 is due, ready to be sent");
    assert_eq!(lines, text.lines().collect::<Vec<_>>());
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn without_a_template_the_update_that_every_runbook_has_is_written() {
    let book = "{system: shop, steps: [{id: a, run: a}]}";
    let book = book.trim_matches(['{', '}']).replace(", steps", "\nsteps");
    let run = passing(Machine::of(beside("communications: {update_every: 30m}", &book)));
    let (_, text) = updates(&run.step_until(1));
    let expected = "[Update] shop: Sample\nSince 22:13 UTC, as of 22:43 UTC. \
                    Impact: not known yet.\nRecovery is under way.\n0 of 1 steps are done; now: a.";
    assert_eq!(text, expected);
}

#[test]
fn a_template_that_cannot_be_filled_yet_gives_way_to_the_built_in_one() {
    let library = "
        communications:
          update_every: 30m
          templates: {update: 'the backup is ${{ inputs.backup }}'}
        ";
    let book = "
        inputs: {backup: {late: true}}
        steps: [{id: a, run: a}, {id: b, run: 'echo ${{ inputs.backup }}'}]
        ";
    let run = passing(Machine::of(beside(library, book))).step_until(1);
    let (_, text) = updates(&run);
    assert!(text.starts_with("[Update] the service: Sample\n"), "{text}");
}

#[test]
fn a_message_that_went_out_moves_the_next_update() {
    let book = "
        steps: [{id: b, run: b}, {id: tell, notify: {template: start}}, {id: a, run: a}]
        ";
    let run = Machine::of(beside(LIBRARY, book)).with(|script| {
        script.acts("b", &[Act::Hang]);
        script.acts("a", &[Act::Hang]);
    });
    let run = run.play().later(20).tell(super::legality::ended("b", 1)).play();
    let run = run.with(|script| script.lets_time_pass("")).step_until(2);
    assert_eq!(updates(&run).0, [(50, 1), (80, 2)], "{}", run.tale());
}

#[test]
fn what_nobody_attends_is_reminded_of_no_update() {
    let book = "
        objectives: {rto: 100m}
        escalation: {to: a, after: 30m}
        steps: [{id: a, run: a}]
        ";
    let run = passing(Machine::of(beside(LIBRARY, book)).alone()).play();
    let found: Vec<Reminder> = reminded(&run).into_iter().map(|(_, it)| it).collect();
    assert_eq!(found.len(), 4, "{}", run.tale());
    assert!(found.iter().all(|it| !matches!(it, Reminder::Update { .. })));
}

#[test]
fn updates_end_with_whoever_attends_the_run_and_go_on_with_the_next() {
    let run = Machine::of(beside(LIBRARY, "steps: [{id: a, run: a}]"));
    let run = passing(run).step_until(1);
    let run = run.tell(Event::AttendanceLost { cause: Absence::HangUp }).play();
    assert_eq!(updates(&run).0, [(30, 1)]);
    let run = run.later(200).resume_as(true).step_until(2);
    let (found, _) = updates(&run);
    assert_eq!(found.len(), 2, "{}", run.tale());
}

#[test]
fn a_timer_of_the_run_belongs_to_no_step_and_a_reminder_is_given_once() {
    let run = hanging("objectives: {rto: 100m}").play();
    let due = run.state().last_at.expect("something has happened") + TimeDelta::hours(1);
    refused(
        &run,
        &[
            set(TimerKind::Rto, "a", due),
            set(TimerKind::Escalation, "nowhere", due),
            set(TimerKind::Retry, "", due),
            set(TimerKind::Budget, "", due),
            Event::TimerDue { timer: Timer::of_run(TimerKind::Rto), due },
            Event::Reminded { reminder: rto(75) },
        ],
    );
}

#[test]
fn a_runbook_that_is_taken_over_brings_its_own_moments() {
    let book =
        |rto: &str| format!("objectives: {{rto: {rto}}}\nsteps: [{{id: a, gate: true, run: a}}]");
    let run = kind_world(&book("100m")).with(|script| script.leaves("a")).play();
    let run = run.adopting(&book("20m"), &[]);
    let run = run.with(|script| script.lets_time_pass("")).resume().play();
    assert_eq!(reminded(&run), [(15, rto(75)), (18, rto(90)), (20, rto(100))]);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn promises_beyond_all_time_are_waited_for_by_nobody() {
    let run = hanging("objectives: {rto: 36524d}\nescalation: {to: a, after: 36524d}").play();
    assert_eq!(run.count(|event| matches!(event, Event::TimerSet { .. })), 0);
    assert_eq!(reminded(&run), []);
}

impl Machine {
    /// Plays until so many reminders were given.
    #[track_caller]
    fn step_until(mut self, reminders: usize) -> Machine {
        let mut play = || {
            self.start()?;
            while reminded(&self).len() < reminders && self.step()? {}
            Ok::<(), String>(())
        };
        if let Err(broken) = play() {
            panic!("{broken}\n{}", self.tale());
        }
        self
    }
}
