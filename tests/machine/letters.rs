//! Letters from other terminals: each counts once, for the question that it was written for, and
//! whatever becomes of it is on record.

use holdpoint::run::event::{
    Event, GateQuestion, HoldChoice, InvariantChoice, Outcome, Sight, VerdictChoice, Wish,
    WishedChoice,
};
use holdpoint::run::state::StepState;

use crate::harness::machine::{Act, Machine, kind_world, letter};

/// A run that waits at the gate of `a`, which says more about who may open it and how.
fn at_gate(gate: &str) -> Machine {
    let book = format!("steps: [{{id: a, gate: {gate}, run: a}}, {{id: b, run: b}}]");
    kind_world(&book).with(|script| script.leaves("a")).play()
}

/// The same wish, with a word and a number.
fn saying(wish: Wish, said: (Option<&str>, Option<&str>)) -> Wish {
    let Wish::Approve { step, digest, asked, note, .. } = wish else {
        panic!("only an approval says something")
    };
    let (word, value) = (said.0.map(str::to_owned), said.1.map(str::to_owned));
    Wish::Approve { step, digest, asked, note, word, value }
}

/// What a letter leads to that nothing follows from: a refusal on record, and nothing else.
#[track_caller]
fn is_refused(run: &Machine, by: &str, wish: Wish, reason: &str) {
    let before = run.state().clone();
    let after = run.clone().deliver(&letter("refused", by, wish));
    assert_eq!(after.refusal(), Some(reason), "{}", after.tale());
    assert_eq!(after.events().len(), run.events().len() + 1);
    let mut expected = before.clone();
    expected.letters.insert("refused".into());
    expected.last_at = after.state().last_at;
    assert_eq!(*after.state(), expected);
}

#[test]
fn an_approval_opens_the_gate_that_it_was_written_for() {
    let run = at_gate("true");
    let wish = run.approval("a");
    let run = run.deliver(&letter("1", "grace", wish)).play();
    assert_eq!(run.refusal(), None);
    run.started(&["a", "b"]).ended_well();
    let by_letter = |event: &Event| match event {
        Event::GateApproved { by, is_prepared, .. } => by == "grace" && !is_prepared,
        _ => false,
    };
    assert_eq!(run.count(by_letter), 1);
    assert_eq!(run.replay(), *run.state());
}

#[test]
fn a_refusal_rejects_the_gate_with_its_reason() {
    let run = at_gate("true");
    let GateQuestion { digest, .. } = run.gate("a");
    let wish = Wish::Reject { step: "a".into(), digest, asked: 1, reason: "wrong cluster".into() };
    let run = run.deliver(&letter("1", "grace", wish));
    run.waits_for(&["hold a"]).states(&[("a", "held{rejected}")]);
    let StepState::Held(failure) =
        &run.state().steps[run.plan().at_path("a").expect("it is there")].state
    else {
        panic!("it is held")
    };
    assert_eq!(failure.detail, "refused by grace: wrong cluster");
}

#[test]
fn a_letter_counts_once_whatever_happens_between() {
    let run = at_gate("{quorum: 2}");
    let one = letter("1", "grace", run.approval("a"));
    let run = run.deliver(&one).deliver(&one);
    assert_eq!(run.count(|event| matches!(event, Event::LetterTaken(_))), 1);
    // The driver died before the file was removed, and the next one finds it again.
    let run = run.resume().deliver(&one);
    assert_eq!(run.count(|event| matches!(event, Event::LetterTaken(_))), 1);
    assert_eq!(run.count(|event| matches!(event, Event::GateApproved { .. })), 1);
    run.started(&[]);
}

#[test]
fn a_letter_whose_record_is_the_last_that_was_kept_is_not_heeded_afterwards() {
    let run = at_gate("true");
    let one = letter("1", "grace", run.approval("a"));
    let whole = run.clone().deliver(&one);
    let taken = whole.events().iter().position(|event| matches!(event, Event::LetterTaken(_)));
    let cut = whole.cut(taken.expect("it was taken")).expect("these events were legal");
    // Its record was not kept, so it counts now.
    let cut = cut.resume().deliver(&one);
    assert_eq!(cut.refusal(), None);
    cut.play().started(&["a", "b"]);
}

#[test]
fn an_approval_is_void_for_another_command_and_for_another_asking() {
    let run = at_gate("true");
    let GateQuestion { digest, .. } = run.gate("a");
    let wish = |digest: &str, asked| Wish::Approve {
        step: "a".into(),
        digest: digest.into(),
        asked,
        note: None,
        word: None,
        value: None,
    };
    is_refused(&run, "grace", wish("another", 1), "it was given for another question");
    is_refused(&run, "grace", wish(&digest, 0), "it was given for an earlier question");
    // It was refused and is asked again: what was written for the first asking opens nothing.
    let late = run.approval("a");
    let reject = Event::GateRejected {
        step: "a".into(),
        digest,
        by: "ada".into(),
        reason: "not yet".into(),
        took_ms: None,
    };
    let run = run.with(|script| script.resolves("a", &[HoldChoice::Retry])).tell(reject).play();
    run.waits_for(&["gate a"]);
    is_refused(&run, "grace", late, "it was given for an earlier question");
    let now = run.approval("a");
    run.deliver(&letter("2", "grace", now)).play().started(&["a", "b"]);
}

#[test]
fn an_approval_for_a_gate_that_is_not_open_is_void() {
    let run = at_gate("true");
    let wish = run.approval("a");
    let run = run.deliver(&letter("1", "grace", wish.clone()));
    let run = run.with(|script| script.acts("a", &[Act::Succeed])).play();
    let hung = kind_world("steps: [{id: a, run: a}]").with(|s| s.acts("a", &[Act::Hang])).play();
    is_refused(&hung, "grace", wish, "its gate is not open to answers: the step is running");
    assert_eq!(run.outcome(), Some(Outcome::Succeeded));
}

#[test]
fn an_approval_says_the_word_and_the_number_that_the_gate_asks_for() {
    let run = at_gate("{ask: 'Drop it?', word: data}");
    let wish = || run.approval("a");
    is_refused(&run, "grace", wish(), "the gate asks for a word");
    is_refused(&run, "grace", saying(wish(), (Some("date"), None)), "its word is wrong");
    let run = run.clone().deliver(&letter("1", "grace", saying(wish(), (Some("data"), None))));
    run.play().started(&["a", "b"]);

    let run = at_gate("{ask: 'How many?', value: {prompt: rows, expect: {between: [1, 5]}}}");
    let wish = || run.approval("a");
    is_refused(&run, "grace", wish(), "the gate asks for a number");
    for wrong in ["0", "6", "many", ""] {
        let run = run.clone().deliver(&letter("1", "grace", saying(wish(), (None, Some(wrong)))));
        assert!(run.refusal().is_some(), "{wrong:?} was taken");
        run.started(&[]).waits_for(&["gate a"]);
    }
    let run = run.clone().deliver(&letter("1", "grace", saying(wish(), (None, Some("5")))));
    run.play().started(&["a", "b"]);
}

#[test]
fn only_an_approver_opens_or_refuses_a_gate() {
    let run = at_gate("{approvers: [dba]}");
    let refused = "grace may not approve it; dba may";
    is_refused(&run, "grace", run.approval("a"), refused);
    let GateQuestion { digest, .. } = run.gate("a");
    let wish = Wish::Reject { step: "a".into(), digest, asked: 1, reason: "no".into() };
    is_refused(&run, "grace", wish, "grace may not refuse it; dba may");
    let wish = run.approval("a");
    run.deliver(&letter("1", "dba", wish)).play().started(&["a", "b"]);
}

#[test]
fn whoever_drives_opens_no_gate_that_keeps_them_out() {
    let run = at_gate("{not_operator: true}");
    is_refused(&run, "ada", run.approval("a"), "ada drives the run and may not approve it");
    let wish = run.approval("a");
    run.deliver(&letter("1", "grace", wish)).play().started(&["a", "b"]);
}

#[test]
fn who_drives_now_is_kept_out_and_no_longer_who_did_before() {
    // Ada began the run, and Grace goes on with it.
    let run = at_gate("{not_operator: true}").resume().play();
    is_refused(&run, "grace", run.approval("a"), "grace drives the run and may not approve it");
    let wish = run.approval("a");
    run.deliver(&letter("1", "ada", wish)).play().started(&["a", "b"]);
}

#[test]
fn a_quorum_is_of_different_people() {
    let run = at_gate("{quorum: 2}");
    let wish = run.approval("a");
    let run = run.deliver(&letter("1", "grace", wish));
    run.started(&[]).waits_for(&["gate a"]);
    let again = "grace has approved it already; it must be somebody else";
    is_refused(&run, "grace", run.approval("a"), again);
    let wish = run.approval("a");
    run.deliver(&letter("2", "joan", wish)).play().started(&["a", "b"]);
}

#[test]
fn a_letter_without_a_name_is_refused() {
    let run = at_gate("true");
    is_refused(&run, "", run.approval("a"), "an empty name is none");
    is_refused(&run, " \t", run.approval("a"), "an empty name is none");
}

#[test]
fn a_step_that_is_held_is_decided_about_by_letter() {
    let held = || {
        kind_world("steps: [{id: a, run: a}, {id: b, run: b}]")
            .with(|script| script.acts("a", &[Act::Exit(1), Act::Succeed]))
            .play()
    };
    for (choice, starts, state) in [
        (WishedChoice::Retry, &["a", "a", "b"][..], "succeeded"),
        (WishedChoice::Done, &["a", "b"], "succeeded"),
        (WishedChoice::Fail, &["a"], "failed{exit}"),
        (WishedChoice::Skip, &["a", "b"], "skipped{operator}"),
    ] {
        let run = held();
        let wish = run.decision("a", choice);
        let run = run.deliver(&letter("1", "grace", wish)).play();
        run.started(starts).states(&[("a", state)]);
    }
}

#[test]
fn a_decision_is_void_once_the_step_was_tried_again() {
    let run = kind_world("steps: [{id: a, run: a}]")
        .with(|script| {
            script.fails("a");
            script.resolves("a", &[HoldChoice::Retry]);
        })
        .play();
    let Wish::Decide { step, choice, reason, .. } = run.decision("a", WishedChoice::Done) else {
        panic!("it is a decision")
    };
    let late = Wish::Decide { step, choice, reason, attempts: 1 };
    is_refused(&run, "grace", late, "the step has been tried again since");
    let wish = run.decision("a", WishedChoice::Done);
    run.deliver(&letter("2", "grace", wish)).play();
}

#[test]
fn a_step_in_doubt_is_settled_by_letter_and_not_skipped() {
    let run = kind_world("steps: [{id: a, run: a}, {id: b, run: b}]")
        .with(|script| script.acts("a", &[Act::Hang]))
        .play()
        .resume()
        .play();
    run.waits_for(&["in_doubt a"]);
    let reason = "it is in doubt: say first whether it happened (done, retry or fail)";
    is_refused(&run, "grace", run.decision("a", WishedChoice::Skip), reason);
    let wish = run.decision("a", WishedChoice::Done);
    run.deliver(&letter("1", "grace", wish)).play().started(&["a", "b"]).ended_well();
}

#[test]
fn a_step_that_has_not_begun_is_skipped_by_letter_and_nothing_else() {
    let run = at_gate("true");
    for (choice, word) in
        [(WishedChoice::Retry, "retry"), (WishedChoice::Done, "done"), (WishedChoice::Fail, "fail")]
    {
        let reason = format!("the step is pending: `{word}` is for one that is held or in doubt");
        is_refused(&run, "grace", run.decision("b", choice), &reason);
    }
    let wish = run.decision("b", WishedChoice::Skip);
    let run = run.deliver(&letter("1", "grace", wish));
    run.states(&[("b", "skipped{operator}")]).waits_for(&["gate a"]);
}

#[test]
fn invariants_and_the_verdict_are_decided_about_by_letter() {
    let about = |what: &str, choice| Wish::Decide {
        step: what.into(),
        choice,
        attempts: 0,
        reason: "it is known".into(),
    };
    let run = kind_world(
        "
        steps: [{id: a, run: a}, {id: b, run: b}]
        invariants: [{id: up, probe: {file: /up}}]
        exit_criteria: [{probe: {file: /x}}]
        ",
    )
    .with(|script| {
        script.sees("invariant", &[Sight::Holds, Sight::Fails]);
        script.sees("exit", &[Sight::Fails]);
    })
    .play();
    run.started(&["a"]).waits_for(&["invariant up"]);
    let no = "an invariant can be looked at again (retry) or let pass (skip)";
    is_refused(&run, "grace", about("invariant/up", WishedChoice::Done), no);
    let unknown = about("invariant/down", WishedChoice::Skip);
    is_refused(&run, "grace", unknown, "nobody is asked about this invariant");
    is_refused(&run, "grace", about("verdict", WishedChoice::Done), "no verdict waits");
    let run = run.deliver(&letter("1", "grace", about("invariant/up", WishedChoice::Skip))).play();
    let waived = |event: &Event| {
        matches!(event, Event::InvariantResolved { choice: InvariantChoice::Waive, .. })
    };
    assert_eq!(run.count(waived), 1);
    run.started(&["a", "b"]).waits_for(&["verdict"]);
    is_refused(&run, "grace", about("verdict", WishedChoice::Skip), "a verdict cannot be skipped");
    let run = run.deliver(&letter("2", "grace", about("verdict", WishedChoice::Done))).play();
    let ended =
        |event: &Event| matches!(event, Event::VerdictResolved { choice: VerdictChoice::End, .. });
    assert_eq!(run.count(ended), 1);
    assert_eq!(run.outcome(), Some(Outcome::Failed));
}

#[test]
fn one_step_or_the_whole_run_is_taken_back_or_ended_by_letter() {
    let run = kind_world(
        "steps: [{id: a, run: a, undo: {run: un-a}}, {id: b, run: b, undo: {run: un-b}}, {id: c, gate: true, run: c}]",
    )
    .with(|script| script.leaves("c"))
    .play();
    let undo = |step: Option<&str>| Wish::Undo {
        step: step.map(str::to_owned),
        reason: "the wrong cluster".into(),
    };
    is_refused(&run, "grace", undo(Some("c")), "it does not say how it is undone");
    is_refused(&run, "grace", undo(Some("x")), "the runbook has no such step");
    let one = run.clone().deliver(&letter("1", "grace", undo(Some("a")))).play();
    one.started(&["a", "b", "a~undo"]).waits_for(&["gate c"]);
    let all = run.clone().deliver(&letter("1", "grace", undo(None))).play();
    all.started(&["a", "b", "b~undo", "a~undo"]);
    let ended = run.deliver(&letter("1", "grace", Wish::Abort { reason: "enough".into() })).play();
    ended.started(&["a", "b"]);
    assert_eq!(ended.outcome(), Some(Outcome::Aborted));
}

#[test]
fn a_verdict_is_decided_while_it_waits_and_not_once_the_run_is_closed() {
    let run = kind_world(
        "
        steps: [{id: a, run: a}]
        exit_criteria: [{probe: {file: /x}}]
        finally: [{id: tell, manual: Tell them.}]
        ",
    )
    .with(|script| script.sees("exit", &[Sight::Fails]))
    .alone()
    .play();
    run.waits_for(&["manual tell"]);
    for choice in [WishedChoice::Retry, WishedChoice::Done, WishedChoice::Fail] {
        let (step, reason) = ("verdict".into(), "it was a blip".into());
        let wish = Wish::Decide { step, choice, attempts: 0, reason };
        is_refused(&run, "grace", wish, "no verdict waits");
    }
}

#[test]
fn a_step_in_doubt_is_not_done_again_where_the_run_is_being_ended() {
    let run = kind_world("steps: [{id: a, run: a}, {id: b, run: b}]");
    let run = run.with(|script| script.acts("a", &[Act::Hang])).play().resume().play();
    let abort = Wish::Abort { reason: "enough".into() };
    let run = run.waits_for(&["in_doubt a"]).clone().deliver(&letter("1", "grace", abort)).play();
    let again = Wish::Decide {
        step: "a".into(),
        choice: WishedChoice::Retry,
        attempts: 1,
        reason: "it did not happen".into(),
    };
    let no =
        "the run is being ended, so it is not done again: say what became of it (done or fail)";
    is_refused(&run, "grace", again, no);
}

#[test]
fn nobody_is_asked_about_what_a_run_that_is_being_ended_does_not_do() {
    let run = kind_world(
        "steps: [{id: a, needs: [], run: a}, {id: b, needs: [], run: b}, {id: c, needs: [], gate: true, run: c}]",
    )
    .with(|script| {
        script.acts("a", &[Act::Hang]);
        script.fails("b");
        script.leaves("c");
    })
    .play();
    let approval = run.approval("c");
    run.waits_for(&["gate c", "hold b"]);
    let abort = Wish::Abort { reason: "enough".into() };
    let run = run.deliver(&letter("1", "grace", abort)).play();
    run.waits_for(&[]);
    assert_eq!(run.outcome(), None, "`a` is let finish");
    let again = Wish::Decide {
        step: "b".into(),
        choice: WishedChoice::Retry,
        attempts: 1,
        reason: "it is mended".into(),
    };
    is_refused(&run, "grace", again, "the run is being ended");
    is_refused(&run, "grace", approval, "the run is being ended");
}
