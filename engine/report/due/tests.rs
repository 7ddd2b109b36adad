//! What falls due when, and how that is told.

use chrono::TimeDelta;

use super::*;
use crate::run::Moment;
use crate::run::event::Outcome;

const DAY: u64 = 24 * 60 * 60;

fn days(days: u64) -> Duration {
    Duration::from_secs(days * DAY)
}

fn on(day: &str) -> NaiveDate {
    day.parse().unwrap()
}

fn subject(id: &str) -> Subject {
    let path = format!("{id}.yaml");
    Subject { path, id: id.into(), ..Subject::default() }
}

fn reviewed(last: Option<&str>, every: Option<u64>) -> Subject {
    let review = Review { last: last.map(on), every: every.map(days), next: None };
    Subject { review: Some(review), ..subject("book") }
}

fn practised(last: Option<&str>, notice: u64) -> Subject {
    let drill = Drill { last: last.map(on), every: Some(days(30)), notice: Some(days(notice)) };
    Subject { drill: Some(drill), ..subject("book") }
}

fn drilled(day: &str, minutes: i64, verdict: Verdict) -> Drilled {
    let started_at: Moment = format!("{day}T03:00:00Z").parse().unwrap();
    Drilled {
        run: format!("{}-book-abc", day.replace('-', "")),
        environment: Some("staging".into()),
        started_at,
        ended_at: started_at + TimeDelta::minutes(minutes),
        took_ms: u64::try_from(minutes * 60_000).unwrap(),
        verdict: Some(verdict),
        outcome: Outcome::Succeeded,
    }
}

/// The only entry of a subject on a day: its state, and by how many days.
fn stands(subject: &Subject, today: &str) -> (State, Option<i64>) {
    let due = Due::of(std::slice::from_ref(subject), on(today)).due;
    assert_eq!(due.len(), 1, "{due:?}");
    (due[0].state, due[0].days)
}

#[test]
fn a_review_is_overdue_from_the_day_after_its_day() {
    let book = reviewed(Some("2026-01-01"), Some(30));
    assert_eq!(stands(&book, "2026-01-30"), (State::Later, Some(-1)));
    assert_eq!(stands(&book, "2026-01-31"), (State::Soon, Some(0)));
    assert_eq!(stands(&book, "2026-02-01"), (State::Overdue, Some(1)));
    assert_eq!(stands(&reviewed(None, Some(30)), "2026-02-01"), (State::Overdue, None));
}

#[test]
fn the_day_of_the_next_review_the_runbook_the_library_and_what_is_usual_count_in_this_order() {
    let fixed = Review {
        last: Some(on("2026-01-01")),
        every: Some(days(30)),
        next: Some(on("2026-06-01")),
    };
    let fixed = Subject { review: Some(fixed), ..subject("book") };
    assert_eq!(stands(&fixed, "2026-06-02"), (State::Overdue, Some(1)));
    let age = Some(days(10));
    let own = Subject { max_review_age: age, ..reviewed(Some("2026-01-01"), Some(30)) };
    assert_eq!(stands(&own, "2026-01-31"), (State::Soon, Some(0)));
    let library = Subject { max_review_age: age, ..reviewed(Some("2026-01-01"), None) };
    assert_eq!(stands(&library, "2026-01-11"), (State::Soon, Some(0)));
    let silent = Subject { max_review_age: age, ..subject("book") };
    assert_eq!(stands(&silent, "2026-01-11"), (State::Overdue, None));
    assert_eq!(stands(&reviewed(Some("2026-01-01"), None), "2026-06-30"), (State::Soon, Some(0)));
}

#[test]
fn a_drill_is_announced_within_its_notice_and_never_drilled_is_overdue() {
    assert_eq!(stands(&practised(None, 7), "2026-01-01"), (State::Overdue, None));
    let book = practised(Some("2026-01-01"), 7);
    assert_eq!(stands(&book, "2026-01-23"), (State::Later, Some(-8)));
    assert_eq!(stands(&book, "2026-01-24"), (State::Soon, Some(-7)));
    assert_eq!(stands(&book, "2026-02-01"), (State::Overdue, Some(1)));
}

#[test]
fn of_a_drill_on_record_and_one_that_the_runbook_tells_of_the_later_counts() {
    let told = practised(Some("2026-01-01"), 0);
    let on_record = |day| {
        let drills = vec![
            drilled(day, 10, Verdict::Recovered),
            drilled("2025-01-01", 10, Verdict::Recovered),
        ];
        let due = Due::of(&[Subject { drills, ..told.clone() }], on("2026-02-01")).due;
        (due[0].last, due[0].last_by)
    };
    assert_eq!(on_record("2026-01-05"), (Some(on("2026-01-05")), Some(Source::Record)));
    assert_eq!(on_record("2025-12-05"), (Some(on("2026-01-01")), Some(Source::Runbook)));
}

#[test]
fn a_rehearsal_is_told_and_replaces_no_drill() {
    let book = Subject { rehearsed: Some(on("2026-01-31")), ..practised(None, 7) };
    let due = Due::of(&[book], on("2026-02-01"));
    assert!(due.is_any(false));
    let told = "overdue  drill   book  due now: never drilled (last rehearsal 2026-01-31)\n\n\
                1 overdue on 2026-02-01\n";
    assert_eq!(due_text(&due), told);
}

#[test]
fn a_runbook_that_says_nothing_is_counted_and_nothing_is_due_of_it() {
    let never = Subject { drill: Some(Drill::default()), ..subject("b") };
    let due = Due::of(&[subject("a"), never, reviewed(Some("2026-01-01"), None)], on("2026-01-02"));
    assert_eq!((due.silent, due.is_any(true)), (2, false));
    let told = "nothing is overdue on 2026-01-02, 1 later (the next on 2026-06-30)\n\
                2 of 3 runbooks say neither how often there is a review nor a drill\n";
    assert_eq!(due_text(&due), told);
}

#[test]
fn what_was_never_done_comes_first_then_what_is_overdue_most() {
    let named = |id: &str, subject| Subject { id: id.into(), ..subject };
    let owner = Some("the database team".to_owned());
    let late = Subject { owner, ..named("late", reviewed(Some("2026-01-01"), Some(10))) };
    let subjects = [
        named("soon", practised(Some("2026-01-20"), 7)),
        named("later", reviewed(Some("2026-02-12"), Some(10))),
        late,
        named("latest", reviewed(Some("2025-01-01"), Some(10))),
        named("never", practised(None, 0)),
    ];
    let due = Due::of(&subjects, on("2026-02-14"));
    let told = "\
overdue  drill   never   due now: never drilled
overdue  review  latest  due 2025-01-11, 399 days ago
overdue  review  late    due 2026-01-11, 34 days ago  owner the database team
soon     drill   soon    due 2026-02-19, in 5 days

3 overdue on 2026-02-14, 1 due soon, 1 later (the next on 2026-02-22)
";
    assert_eq!(due_text(&due), told);
}

#[test]
fn what_is_soon_counts_only_where_that_is_wanted() {
    let due = Due::of(&[practised(Some("2026-01-20"), 7)], on("2026-02-14"));
    assert_eq!((due.is_any(false), due.is_any(true)), (false, true));
}

#[test]
fn a_cadence_that_reaches_beyond_all_days_is_due_on_the_last() {
    let book = reviewed(Some("2026-01-01"), Some(u64::MAX / DAY));
    let due = Due::of(&[book], on("2026-01-02"));
    assert_eq!(due.due[0].due, LAST_DAY);
}

#[test]
fn the_trend_compares_each_drill_with_the_promise_the_newest_first() {
    let rto = Some(Duration::from_secs(30 * 60));
    let drills = vec![
        drilled("2025-10-01", 40, Verdict::Recovered),
        drilled("2026-01-01", 30, Verdict::Recovered),
        drilled("2025-07-01", 10, Verdict::NotRecovered),
    ];
    let due = Due::of(&[Subject { rto, drills, ..subject("book") }], on("2026-02-01"));
    let within = due.trends[0].drills.iter().map(|it| it.is_within_rto).collect::<Vec<_>>();
    assert_eq!(within, [Some(true), Some(false), Some(false)]);
    let told = "\
book, RTO 30m
  drill       took        verdict        against the RTO
  2026-01-01  30 m 0 s    recovered      within  in staging  20260101-book-abc
  2025-10-01  40 m 0 s    recovered      over by 10 m 0 s  in staging  20251001-book-abc
  2025-07-01  10 m 0 s    not recovered  not met  in staging  20250701-book-abc
";
    assert_eq!(trend_text(&due), told);
}

#[test]
fn without_a_promise_nothing_is_compared_and_without_drills_there_is_no_trend() {
    let drills = vec![drilled("2026-01-01", 30, Verdict::Recovered)];
    let due = Due::of(&[Subject { drills, ..subject("book") }, subject("other")], on("2026-02-01"));
    assert_eq!((due.trends.len(), due.trends[0].drills[0].is_within_rto), (1, None));
    assert!(trend_text(&due).starts_with("book, no RTO\n"));
    assert_eq!(
        trend_text(&Due::of(&[subject("other")], on("2026-02-01"))),
        "no drill is on record\n"
    );
}

#[test]
fn names_from_files_are_inert_in_lines() {
    let book = Subject { id: "a\u{1b}[2J\nb".into(), ..practised(None, 0) };
    let told = due_text(&Due::of(&[book], on("2026-02-01")));
    assert!(told.starts_with("overdue  drill   a\\x1b[2J b  due now"), "{told:?}");
}
