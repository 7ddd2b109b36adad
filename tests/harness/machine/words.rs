//! How the tests name what the machine asks, looks at and reaches.

use holdpoint::run::event::{CheckRef, FailureKind, Purpose, Question, Skip, Then};
use holdpoint::run::state::StepState;

/// What a question is about, as `kind step`.
pub(crate) fn about(question: &Question) -> String {
    match question {
        Question::Gate(gate) => format!("gate {}", gate.step),
        Question::Manual { step, .. } => format!("manual {step}"),
        Question::Choose { step, .. } => format!("choose {step}"),
        Question::Terminal { step, .. } => format!("terminal {step}"),
        Question::Proceed { step, .. } => format!("proceed {step}"),
        Question::Item(asked) => format!("item {}: {}", asked.step, asked.item),
        Question::Hold { step, .. } => format!("hold {step}"),
        Question::InDoubt { step, .. } => format!("in_doubt {step}"),
        Question::Input { name } => format!("input {name}"),
        Question::Check { check, .. } => format!("check {}", name_of(check)),
        Question::Invariant { id, .. } => format!("invariant {id}"),
        Question::Needed { step, .. } => format!("needed {step}"),
        Question::Verdict { .. } => "verdict".into(),
    }
}

/// A state as the contract writes it.
pub(crate) fn word(state: &StepState) -> String {
    match state {
        StepState::Skipped(Skip::When) => "skipped{when}".into(),
        StepState::Skipped(Skip::Operator | Skip::Declined) => "skipped{operator}".into(),
        StepState::Skipped(Skip::NotNeeded) => "skipped{not_needed}".into(),
        StepState::Failed(failure, Then::Continue) => {
            format!("failed{{{}}} continue", kind(failure.kind))
        }
        StepState::Failed(failure, _) => format!("failed{{{}}}", kind(failure.kind)),
        StepState::Held(failure) => format!("held{{{}}}", kind(failure.kind)),
        other => other.word().into(),
    }
}

/// `a require 0`, `exit 1`.
pub(super) fn name_of(check: &CheckRef) -> String {
    let purpose = match check.purpose {
        Purpose::Confirm => "confirm",
        Purpose::Precondition => "precondition",
        Purpose::Require => "require",
        Purpose::DoneWhen => "done_when",
        Purpose::Verify => "verify",
        Purpose::Invariant => "invariant",
        Purpose::ExitCriterion => "exit",
    };
    let step = check.step.as_ref().map(|step| format!("{step} ")).unwrap_or_default();
    format!("{step}{purpose} {}", check.index)
}

pub(super) fn check_name(text: &str) -> String {
    let is_numbered = text.ends_with(|c: char| c.is_ascii_digit());
    if is_numbered { text.to_owned() } else { format!("{text} 0") }
}

fn kind(kind: FailureKind) -> String {
    serde_json::to_value(kind)
        .ok()
        .and_then(|it| it.as_str().map(str::to_owned))
        .unwrap_or_default()
}
