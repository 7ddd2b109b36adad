//! The debrief of an exercise: pure, from the plan and the records.

use chrono::TimeDelta;
use holdpoint::journal::Record;
use holdpoint::report::debrief::{html, markdown};
use holdpoint::run::Plans;
use holdpoint::run::event::exercise::{Discussed, Inject, Script};
use holdpoint::run::event::{Event, Note, NoteKind};
use holdpoint::timeline::debrief::{Debrief, debrief};

use super::deputy::beside;
use super::interventions::skip;
use crate::harness::machine::{Machine, flush, kind_world};

fn debrief_of(run: &Machine) -> Debrief {
    let mut records: Vec<Record> = Vec::new();
    for ((seq, at), event) in (1..).zip(run.moments()).zip(run.events()) {
        records.push(Record::write(seq, 1, *at, "", event.clone()).0);
    }
    debrief(&mut Plans::from(run.plan().clone()), &records).expect("these events were legal")
}

/// An exercise that waits at the gate of `a`, whose question has so many words.
fn at_gate(words: usize) -> Machine {
    let ask = vec!["word"; words].join(" ");
    let book = format!("steps: [{{id: a, gate: {{ask: {ask}}}, run: one}}, {{id: b, run: b}}]");
    kind_world(&book).with(|script| script.leaves("a")).at_a_table(Script::default())
}

fn approved(run: Machine, took_ms: Option<u64>) -> Machine {
    let event = Event::GateApproved {
        step: "a".into(),
        digest: run.gate("a").digest,
        by: "grace".into(),
        note: None,
        is_prepared: false,
        value: None,
        is_bypass: false,
        wrong_words: 0,
        took_ms,
    };
    run.tell(event).play()
}

#[test]
fn a_gate_that_nobody_can_have_read_was_waved_through() {
    let why = |words: usize, took_ms: Option<u64>| {
        let debrief = debrief_of(&approved(at_gate(words), took_ms));
        debrief.waved_through.first().map(|gate| gate.why.clone())
    };
    assert_eq!(why(5, Some(1_900)), Some("answered after 1.9 s".into()));
    let long = "answered after 5.0 s, and its 61 words take longer to read";
    assert_eq!(why(60, Some(5_000)), Some(long.into()));
    assert_eq!(why(60, Some(7_000)), None);
    assert_eq!(why(5, None), None, "answered from another terminal: nobody knows how long");
}

#[test]
fn a_decision_takes_as_long_as_its_question_has_stood() {
    let run = approved(at_gate(5).later(3), Some(9_000));
    let debrief = debrief_of(&run);
    let decision = &debrief.decisions[0];
    assert_eq!((decision.by.as_str(), decision.took_ms), ("grace", Some(181_000)));
    assert!(decision.said.starts_with("a: approved by grace"), "{decision:?}");
}

#[test]
fn from_an_inject_the_next_decision_counts_and_not_the_one_before() {
    let inject =
        Inject { at_ms: None, before: Some("b".into()), text: "x".into(), is_hidden: true };
    let script = Script { injects: vec![inject.clone(), inject], ..Script::default() };
    let book = "steps: [{id: a, run: a}, {id: b, gate: true, run: b}]";
    let run = kind_world(book).with(|script| script.leaves("b")).at_a_table(script).play();
    let note = Note::new("bob", NoteKind::Decision, "we wait for the bank");
    let run = run.later(2).tell(Event::NoteAdded(note));
    let debrief = debrief_of(&run);
    let next = debrief.reactions.iter().map(|it| it.decision.clone()).collect::<Vec<_>>();
    assert_eq!(next.len(), 2);
    let (took, said) = next[0].clone().expect("something was decided");
    assert!(took >= 120_000 && said == "bob decides: we wait for the bank", "{took} {said}");
    assert_eq!(debrief.deviations, ["bob decides: we wait for the bank"]);
}

#[test]
fn what_is_answered_at_the_end_is_no_decision_and_what_is_answered_to_a_step_is_one() {
    let inject =
        Inject { at_ms: None, before: Some("a".into()), text: "x".into(), is_hidden: true };
    let script = Script { injects: vec![inject], ..Script::default() };
    let run = kind_world("steps: [{id: a, run: a}]").at_a_table(script).play();
    let discussed = |step: Option<&str>| {
        Event::Discussed(Discussed {
            step: step.map(str::to_owned),
            question: "Who was missing?".into(),
            by: "bob".into(),
            answer: "the owner".into(),
            took_ms: 5_000,
        })
    };
    let at_end = debrief_of(&run.clone().tell(discussed(None)));
    assert_eq!((at_end.decisions.len(), at_end.questions.len()), (0, 1));
    assert_eq!(at_end.reactions[0].decision, None);
    let of_step = debrief_of(&run.tell(discussed(Some("a"))));
    assert_eq!((of_step.decisions.len(), of_step.questions.len()), (1, 1));
    assert!(of_step.reactions[0].decision.is_some());
}

#[test]
fn what_was_skipped_is_a_deviation_and_what_is_to_be_done_an_action_item() {
    let run = at_gate(5).tell(skip("a")).play();
    let todo = Note::new("bob", NoteKind::Todo, "write it down");
    let run = run.tell(Event::NoteAdded(todo));
    let corrects = run.events().len().try_into().ok();
    let better = Note::new("bob", NoteKind::Todo, "write it down, with the word");
    let run = run.tell(Event::NoteAdded(Note { corrects, ..better }));
    let debrief = debrief_of(&run);
    assert_eq!(debrief.deviations, ["a: skipped by grace: it is not needed tonight"]);
    assert_eq!(debrief.actions, [("write it down, with the word".to_owned(), "bob".to_owned())]);
}

#[test]
fn whoever_is_named_and_cannot_be_reached_is_missing_once() {
    let library = "
        contacts:
          - {role: lead, channel: '+1 555 0100'}
          - {role: boss}
        ";
    let book = "
        escalation: [{to: [Lead, boss], after: 5m}, {to: press, after: 1h}]
        steps:
          - {id: a, gate: {approvers: [lead]}, run: a}
          - {id: b, gate: {approvers: [boss]}, run: b}
          - {id: c, notify: {template: update, to: pager}}
        ";
    let run = Machine::of(beside(library, &flush(book))).at_a_table(Script::default());
    let expected = [
        "boss (approves b): nothing says how they are reached",
        "pager (c tells them): holdpoint.yaml has no such channel",
        "boss (is called when it escalates): nothing says how they are reached",
        "press (is called when it escalates): no contact in holdpoint.yaml",
    ];
    assert_eq!(debrief_of(&run).missing_contacts, expected);
}

#[test]
fn text_from_outside_is_inert_on_both_pages_and_each_says_what_it_is() {
    let text = "<script>alert(1)</script> | `x` [y](http://z)";
    let script = Script { scenario: Some(text.into()), ..Script::default() };
    let run = kind_world("steps: [{id: a, run: a}]").at_a_table(script);
    let debrief = debrief_of(&run);
    let (markdown, html) = (markdown(&debrief), html(&debrief));
    let inert = r"&lt;script&gt;alert(1)&lt;/script&gt; \| \`x\` \[y\](http&#58;//z)";
    assert!(markdown.contains(inert), "{markdown}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
    assert!(!html.contains("<script"), "{html}");
    for page in [markdown, html] {
        assert!(page.contains("EXERCISE: Sample"), "{page}");
        assert!(page.trim_end().trim_end_matches("</html>").contains("EXERCISE"), "{page}");
    }
}

#[test]
fn a_scenario_of_several_lines_is_one_paragraph_and_a_question_of_several_one_row() {
    let text = "It is Friday.\nOrders fail.\n";
    let questions = vec!["Who\nwas missing?".to_owned()];
    let script = Script { scenario: Some(text.into()), questions, ..Script::default() };
    let page = markdown(&debrief_of(&kind_world("steps: [{id: a, run: a}]").at_a_table(script)));
    for line in ["It is Friday.<br>Orders fail.", "| Who<br>was missing? | nobody |  |"] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
}

#[test]
fn an_exercise_that_was_broken_off_says_so() {
    let debrief = debrief_of(&at_gate(5));
    assert_eq!(debrief.as_if, None);
    assert!(markdown(&debrief).contains("- Outcome: it was broken off before its end"));
    assert!(debrief.took_ms < u64::try_from(TimeDelta::hours(1).num_milliseconds()).unwrap_or(0));
}
