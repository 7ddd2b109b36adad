//! An exercise at a table: its script, and what comes of what somebody says of an action or a look.
//!
//! Nothing is carried out in it. Whoever runs the exercise says how each thing goes, or the runbook
//! does (`simulate`), or a past run that is gone through once more.

mod past;

use std::time::Duration;

use crate::document::millis;
use crate::plan::Node;
use crate::run::Execution;
use crate::run::event::exercise::{Inject, Script, Told};
use crate::run::event::{End, FailureKind, Sight, StepEnded};
use crate::runbook::tabletop::{self, Tabletop, When};

pub use past::{recorded, script_of_run};

use super::assumption::Assumption;
use super::cast::Act;
use super::placeholder;
use super::rehearsal::come_to;
use super::simulate::assumed;
use super::world::concluded;

/// The script of an exercise as a runbook writes it; one that says nothing where it writes none.
pub fn script(tabletop: Option<&Tabletop>) -> Script {
    let Some(tabletop) = tabletop else { return Script::default() };
    Script {
        scenario: tabletop.scenario.clone(),
        injects: tabletop.injects.iter().map(inject).collect(),
        objectives: tabletop.objectives.clone(),
        questions: tabletop.questions.clone(),
        past: None,
    }
}

fn inject(inject: &tabletop::Inject) -> Inject {
    let (at_ms, before) = match &inject.when {
        When::At(after) => (Some(millis(*after)), None),
        When::Before(step) => (None, Some(step.value.clone())),
    };
    Inject { at_ms, before, text: inject.text.clone(), is_hidden: inject.is_hidden }
}

/// How an attempt ends by what was told of it. Something stands in for outputs that nobody named.
pub fn ended_as_told(execution: &Execution, outcome: &Told) -> StepEnded {
    let of = |assumed: &Assumption| come_to(execution, assumed, Duration::ZERO);
    let act = match outcome {
        Told::Well { outputs } => Act { hands_over: outputs.clone(), ..of(&Assumption::Well) },
        Told::Fails { .. } => of(&Assumption::Fails),
        Told::TimesOut => of(&Assumption::TimesOut),
        Told::Unseen { .. } => of(&Assumption::Unseen),
    };
    let ended = concluded(execution, filled(execution, act));
    match outcome {
        Told::Fails { reason, exit, signal } => reasoned(broken(ended, *exit, *signal), reason),
        Told::Unseen { reason } => reasoned(ended, reason),
        _ => ended,
    }
}

/// An ending with the words of whoever told it.
fn reasoned(mut ended: StepEnded, reason: &str) -> StepEnded {
    if let Some(failure) = &mut ended.failure {
        reason.clone_into(&mut failure.detail);
    }
    if let End::Looked { detail: said } | End::Lost { reason: said } = &mut ended.end {
        reason.clone_into(said);
    }
    ended
}

/// The ending of a command with the exit code, or the signal, that was told.
fn broken(mut ended: StepEnded, exit: Option<i32>, signal: Option<i32>) -> StepEnded {
    if !matches!(ended.end, End::Exited { .. }) {
        return ended;
    }
    if let Some(code) = exit {
        ended.end = End::Exited { code };
    } else if let Some(signal) = signal {
        ended.end = End::Signalled { signal };
        ended.failure.iter_mut().for_each(|failure| failure.kind = FailureKind::Signal);
    }
    ended
}

/// What a runbook says of an attempt of one of its steps, in a word and as its end; none where it
/// says nothing.
pub fn simulated_end(node: &Node, execution: &Execution) -> Option<(Told, StepEnded)> {
    node.simulate.as_ref()?;
    let ended = concluded(execution, filled(execution, assumed(node, execution)));
    let told = match &ended.failure {
        None => Told::well(),
        Some(failure) if failure.kind == FailureKind::Timeout => Told::TimesOut,
        Some(failure) => Told::fails(failure.detail.clone()),
    };
    Some((told, ended))
}

/// An action that hands over something for every output that nothing shows.
fn filled(execution: &Execution, act: Act) -> Act {
    let lacking = placeholder::of_act(execution, &act);
    let hands_over = act.hands_over.into_iter().chain(lacking).collect();
    Act { hands_over, ..act }
}

/// What a look shows by what was told of it.
pub fn seen_as_told(outcome: &Told) -> (Sight, String) {
    match outcome {
        Told::Well { .. } => (Sight::Holds, String::new()),
        Told::Fails { reason, .. } => (Sight::Fails, reason.clone()),
        Told::Unseen { reason } => (Sight::Unseen, reason.clone()),
        Told::TimesOut => (Sight::Unseen, "it ran out of time".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    #[test]
    fn a_script_says_what_its_runbook_says() {
        let at = tabletop::Inject {
            when: When::At(Duration::from_secs(600)),
            text: "a journalist calls".into(),
            is_hidden: true,
        };
        let before = Spanned::new("restore".to_owned(), Span::default());
        let before = tabletop::Inject {
            when: When::Before(before),
            text: "the dump is old".into(),
            is_hidden: false,
        };
        let tabletop = Tabletop {
            scenario: Some("the shop is down".into()),
            injects: vec![at, before],
            objectives: vec!["somebody leads".into()],
            questions: vec!["who was missing?".into()],
        };
        let script = script(Some(&tabletop));
        let expected = [
            Inject {
                at_ms: Some(600_000),
                before: None,
                text: "a journalist calls".into(),
                is_hidden: true,
            },
            Inject {
                at_ms: None,
                before: Some("restore".into()),
                text: "the dump is old".into(),
                is_hidden: false,
            },
        ];
        assert_eq!(script.injects, expected);
        assert_eq!(script.questions, ["who was missing?"]);
        assert_eq!(super::script(None), Script::default());
    }

    #[test]
    fn a_look_shows_what_was_told_of_it() {
        let reason = || "the port is shut".to_owned();
        let cases = [
            (Told::well(), (Sight::Holds, String::new())),
            (Told::fails(reason()), (Sight::Fails, reason())),
            (Told::Unseen { reason: reason() }, (Sight::Unseen, reason())),
        ];
        for (told, expected) in cases {
            assert_eq!(seen_as_told(&told), expected);
        }
    }
}
