//! What records tell of the milestones of an incident.

use super::*;
use crate::run::event::{CheckRef, Mode, Note, Outcome, Verdict};
use crate::timeline::sample::{at, records, start};

fn began() -> Event {
    Event::RunStarted(start())
}

fn detected(seconds: i64) -> Event {
    Event::RunStarted(RunStarted { detected_at: Some(at(seconds)), ..start() })
}

fn in_mode(mode: Mode) -> Event {
    Event::RunStarted(RunStarted { mode, ..start() })
}

fn symptom(sight: Sight, is_assumed: bool) -> Event {
    let check = CheckRef { step: None, purpose: Purpose::Confirm, index: 0 };
    Event::CheckObserved { check, sight, detail: String::new(), took_ms: 1, is_assumed }
}

fn judged(verdict: Verdict) -> Event {
    Event::VerdictReached { verdict, detail: String::new() }
}

fn ended(verdict: Option<Verdict>) -> Event {
    Event::RunEnded { outcome: Outcome::Succeeded, as_if: None, verdict, cause: None }
}

fn said(milestone: Milestone, about: Option<i64>) -> Event {
    let note = Note::new("bob", NoteKind::Note, "so it is");
    Event::NoteAdded(Note { milestone: Some(milestone), about: about.map(at), ..note })
}

fn finding(about: Option<i64>) -> Event {
    let note = Note::new("bob", NoteKind::Finding, "the disk is full");
    Event::NoteAdded(Note { about: about.map(at), ..note })
}

/// When each was reached, in seconds after what times are told from, and what tells it.
fn reached(milestones: &Milestones) -> Vec<(Milestone, i64, Whence)> {
    let marks = milestones.marks.iter();
    let known = marks.filter_map(|mark| mark.reached.as_ref().map(|it| (mark.milestone, it)));
    known.map(|(milestone, it)| (milestone, it.after_ms / 1000, it.known.from)).collect()
}

fn of(events: Vec<(i64, Event)>) -> Milestones {
    Milestones::of(&records(events))
}

#[test]
fn what_nobody_said_and_nothing_shows_is_not_known() {
    let found = of(vec![(100, began()), (200, ended(None))]);
    assert_eq!(reached(&found), [(Milestone::Acknowledged, 0, Whence::Start)]);
    assert_eq!(found.marks.len(), Milestone::ALL.len(), "what is not known is named");
    assert_eq!(found.since, Some(Since { at: at(100), is_detection: false }));
    assert_eq!(found.ended.map(|ended| ended.after_ms), Some(100_000));
    let nothing = Milestones::of(&[]);
    assert_eq!((reached(&nothing), nothing.since, nothing.ended), (vec![], None, None));
}

#[test]
fn times_are_told_from_the_detection_where_somebody_gave_it() {
    let found = of(vec![(100, detected(40)), (160, judged(Verdict::Recovered))]);
    let expected = [
        (Milestone::Detected, 0, Whence::Given),
        (Milestone::Acknowledged, 60, Whence::Start),
        (Milestone::Restored, 120, Whence::Verdict),
    ];
    assert_eq!(reached(&found), expected);
    assert_eq!(found.since, Some(Since { at: at(40), is_detection: true }));
    let words = |milestone| found.reached(milestone).map(|it| it.known.words());
    assert_eq!(words(Milestone::Detected).as_deref(), Some("given by ann when the run began"));
    assert_eq!(words(Milestone::Acknowledged).as_deref(), Some("ann began the run"));
}

#[test]
fn a_symptom_that_was_seen_is_a_detection_that_no_time_is_told_from() {
    let found = of(vec![
        (100, began()),
        (101, symptom(Sight::Fails, false)),
        (102, symptom(Sight::Holds, true)),
        (103, symptom(Sight::Warns, false)),
        (104, symptom(Sight::Holds, false)),
    ]);
    let expected =
        [(Milestone::Detected, 3, Whence::Symptom), (Milestone::Acknowledged, 0, Whence::Start)];
    assert_eq!(reached(&found), expected);
    assert_eq!(found.since, Some(Since { at: at(100), is_detection: false }));
}

#[test]
fn what_a_person_says_counts_before_what_can_be_inferred_and_the_last_word_most() {
    let found = of(vec![
        (100, detected(40)),
        (110, finding(None)),
        (120, said(Milestone::Detected, Some(30))),
        (130, said(Milestone::Mitigated, None)),
        (140, said(Milestone::RootCause, Some(115))),
        (150, judged(Verdict::Recovered)),
        (160, ended(Some(Verdict::Recovered))),
        (900, said(Milestone::Mitigated, Some(125))),
        (910, said(Milestone::Restored, Some(145))),
        (920, said(Milestone::Investigated, Some(112))),
    ]);
    let expected = [
        (Milestone::Detected, 0, Whence::Note),
        (Milestone::Acknowledged, 70, Whence::Start),
        (Milestone::Investigated, 82, Whence::Note),
        (Milestone::RootCause, 85, Whence::Note),
        (Milestone::Mitigated, 95, Whence::Note),
        (Milestone::Restored, 115, Whence::Note),
    ];
    assert_eq!(reached(&found), expected);
    let mitigated = &found.reached(Milestone::Mitigated).expect("it was said").known;
    assert_eq!((mitigated.seq, mitigated.recorded_at), (8, at(900)), "both times are kept");
    assert_eq!(mitigated.words(), "says bob, entry 8");
}

#[test]
fn the_first_finding_by_the_time_it_tells_of_shows_that_somebody_looked() {
    let found = of(vec![(100, began()), (130, finding(None)), (140, finding(Some(120)))]);
    let known = found.reached(Milestone::Investigated).expect("there is a finding");
    assert_eq!((known.at, known.known.seq), (at(120), 3));
    assert_eq!(known.known.words(), "the first finding, by bob, entry 3");
}

#[test]
fn a_remark_that_was_corrected_says_nothing_any_more() {
    let corrected = |milestone| {
        let note = Note::new("bob", NoteKind::Note, "it was the network");
        Event::NoteAdded(Note { milestone, corrects: Some(2), ..note })
    };
    let events = |milestone| {
        vec![(100, began()), (110, said(Milestone::RootCause, None)), (120, corrected(milestone))]
    };
    let root_cause = |milestone| of(events(milestone)).reached(Milestone::RootCause).cloned();
    assert_eq!(root_cause(None), None);
    let again = root_cause(Some(Milestone::RootCause)).expect("it is said anew");
    assert_eq!((again.at, again.known.seq), (at(120), 3));
}

#[test]
fn service_is_restored_where_the_verdict_stayed_so_to_the_end() {
    let restored = |events| of(events).reached(Milestone::Restored).map(|it| it.at);
    let back = || (150, judged(Verdict::Recovered));
    let open = vec![(100, began()), back()];
    let lost = vec![(100, began()), back(), (160, judged(Verdict::NotRecovered))];
    let over = vec![(100, began()), back(), (160, ended(Some(Verdict::NotRecovered)))];
    assert_eq!(restored(open), Some(at(150)));
    assert_eq!((restored(lost), restored(over)), (None, None));
}

#[test]
fn what_was_only_assumed_restores_nothing() {
    for mode in [Mode::Rehearsal, Mode::Tabletop] {
        let events = vec![
            (100, in_mode(mode)),
            (110, symptom(Sight::Holds, false)),
            (150, judged(Verdict::Recovered)),
        ];
        assert_eq!(reached(&of(events)), [(Milestone::Acknowledged, 0, Whence::Start)], "{mode:?}");
    }
}

#[test]
fn setting_the_clock_makes_nothing_longer_or_shorter() {
    let found = of(vec![
        (1000, detected(940)),
        (1010, finding(None)),
        (420, Event::ClockSet { by_ms: -600_000 }),
        (430, said(Milestone::Mitigated, None)),
        (440, said(Milestone::RootCause, Some(425))),
        (450, ended(None)),
    ]);
    let expected = [
        (Milestone::Detected, 0, Whence::Given),
        (Milestone::Acknowledged, 60, Whence::Start),
        (Milestone::Investigated, 70, Whence::Finding),
        (Milestone::RootCause, 85, Whence::Note),
        (Milestone::Mitigated, 90, Whence::Note),
    ];
    assert_eq!(reached(&found), expected);
    assert_eq!(found.ended.map(|it| it.after_ms), Some(110_000));
}

#[test]
fn a_run_that_was_opened_again_has_not_ended() {
    let undo = || Event::UndoRequested { by: "ann".into(), reason: "tidy".into() };
    let open = vec![(100, began()), (200, ended(None)), (300, undo())];
    assert_eq!(of(open.clone()).ended, None);
    let events = open.into_iter().chain([(400, ended(None)), (500, finding(None))]).collect();
    assert_eq!(of(events).ended.map(|it| it.at), Some(at(400)));
}

#[test]
fn no_clock_goes_too_far_for_a_time_to_be_told() {
    let far = || Event::ClockSet { by_ms: i64::MAX };
    let found = of(vec![(100, began()), (110, far()), (120, far()), (130, finding(None))]);
    assert_eq!(found.reached(Milestone::Investigated).map(|it| it.at), Some(at(130)));
}
