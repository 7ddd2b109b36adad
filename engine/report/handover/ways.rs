//! What can be typed now, word by word: to answer what is asked, to go on, to stop, to look.
//!
//! What a person must put in stands in capitals. Only what the run would take is named.

use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{GateQuestion, Question};
use crate::runbook::rendered::typed_word;

use super::{Surroundings, Way};

/// How commands for one run are typed.
struct Words<'a> {
    option: &'a str,
    run: &'a str,
}

impl Words<'_> {
    fn way(&self, command: &str, rest: &str, what: &str) -> Way {
        let rest = if rest.is_empty() { String::new() } else { format!(" {rest}") };
        let (option, run) = (self.option, typed_word(self.run));
        Way { command: format!("holdpoint {option}{command} {run}{rest}"), what: what.to_owned() }
    }

    /// A decision about something, with its reason.
    fn decide(&self, word: &str, about: &str, what: &str) -> Way {
        self.way(word, &format!("{} --reason TEXT", typed_word(about)), what)
    }
}

fn words<'a>(state: &'a RunState, around: &'a Surroundings) -> Words<'a> {
    let run = state.start.as_ref().map(|start| start.run.as_str()).unwrap_or_default();
    Words { option: &around.option, run }
}

/// Whether nothing can be done to the run any more but look at it.
fn is_only_seen(state: &RunState, around: &Surroundings) -> bool {
    around.damage.is_some() || state.mode().is_assumed()
}

/// What can be typed to answer a question.
pub(super) fn of_question(
    state: &RunState,
    question: &Question,
    around: &Surroundings,
) -> Vec<Way> {
    if is_only_seen(state, around) {
        return Vec::new();
    }
    let words = words(state, around);
    match question {
        Question::Gate(gate) => of_gate(&words, gate),
        Question::Hold { step, .. } => vec![
            words.decide("retry", step, "do it again"),
            words.decide("done", step, "count it as done"),
            words.decide("fail", step, "count it as failed"),
            words.decide("skip", step, "pass it over"),
        ],
        Question::InDoubt { step, .. } => {
            let again = words.decide("retry", step, "it did not happen: do it again");
            let done = words.decide("done", step, "it happened");
            let failed = words.decide("fail", step, "count it as failed");
            let again = (!state.is_ending()).then_some(again);
            [done].into_iter().chain(again).chain([failed]).collect()
        }
        Question::Invariant { id, .. } => {
            let about = format!("invariant/{id}");
            vec![
                words.decide("retry", &about, "look at it again"),
                words.decide("skip", &about, "let it pass from here on"),
            ]
        }
        Question::Verdict { .. } => vec![
            words.decide("retry", "verdict", "look at the exit criteria again"),
            words.decide("done", "verdict", "end the run with this verdict"),
        ],
        Question::Proceed { step, .. } => vec![
            at_terminal(&words, around, "answer at a terminal"),
            words.decide("skip", step, "pass it over"),
        ],
        Question::Manual { .. }
        | Question::Item(_)
        | Question::Needed { .. }
        | Question::Choose { .. }
        | Question::Terminal { .. }
        | Question::Input { .. }
        | Question::Check { .. } => vec![at_terminal(&words, around, "answer at a terminal")],
    }
}

fn of_gate(words: &Words<'_>, gate: &GateQuestion) -> Vec<Way> {
    let word = gate.word.as_ref().map(|word| format!(" --word {}", typed_word(word)));
    let value = gate.value.as_ref().map(|_| " --value NUMBER".to_owned());
    let by = if gate.approvers.is_empty() { "" } else { " --by NAME" };
    let more: String = [word, value].into_iter().flatten().collect();
    let step = typed_word(&gate.step);
    vec![
        words.way("approve", &format!("{step}{more}{by}"), "open the gate"),
        words.way("reject", &format!("{step}{by} --reason TEXT"), "refuse it"),
    ]
}

/// Going on as the driver, who is asked at the terminal.
fn at_terminal(words: &Words<'_>, around: &Surroundings, what: &str) -> Way {
    match around.is_driven {
        true => words.way(
            "resume",
            "--take-over --reason TEXT",
            &format!("{what}, once its driver is ended"),
        ),
        false => words.way("resume", "", what),
    }
}

/// What can be typed about the run as a whole.
pub(super) fn of_run(plan: &Plan, state: &RunState, around: &Surroundings) -> Vec<Way> {
    let words = words(state, around);
    let look = words.way("timeline", "", "all that happened");
    if around.damage.is_some() {
        return vec![
            words.way("verify", "", "what is proven of the journal, and what is not"),
            look,
        ];
    }
    let is_undoable = state.no_way_back().is_none() && !state.to_take_back(plan).is_empty();
    let undo = is_undoable.then(|| {
        words.way("undo", "--reason TEXT", "take back what was done, the last step first")
    });
    if state.mode().is_assumed() {
        return vec![look];
    }
    if state.has_ended() {
        let report = words.way("report", "", "the post-incident document, filled in");
        return [look, report].into_iter().chain(undo).collect();
    }
    let go_on = at_terminal(&words, around, "go on with it here");
    let watch = around.is_driven.then(|| words.way("watch", "", "see it as it goes"));
    let abort = state
        .no_early_end()
        .is_none()
        .then(|| words.way("abort", "--reason TEXT", "end it; its closing steps are still done"));
    let note = words.way("note", "TEXT --kind todo", "put something on the timeline");
    watch.into_iter().chain([go_on]).chain(undo).chain(abort).chain([note, look]).collect()
}
