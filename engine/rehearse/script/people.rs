//! What people say in a test: answers and decisions; and where the driver dies.

use crate::drive::Resolution;
use crate::plan::{Node, Plan, fitted};
use crate::run::event::{InvariantChoice, Purpose, VerdictChoice};
use crate::runbook::answers::Prepared;
use crate::runbook::testfile::{Crash, Decision, Left, When};
use crate::source::{Diagnostic, Problems, Spanned};

use super::acts::{acts, is_by_hand, is_group};
use super::place::Matter;

/// The answers to the questions of one step, in the order in which they are given.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The path of the step.
    pub step: String,
    /// The answers.
    pub answers: Vec<Prepared>,
}

/// What is decided of one thing, in the order in which it is.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Of what.
    pub matter: Matter,
    /// The name as it is written.
    pub name: Spanned<String>,
    /// The decisions.
    pub decisions: Vec<Spanned<Decision>>,
}

/// Where a driver dies.
#[derive(Clone, Debug)]
pub struct CrashPoint {
    /// Of what.
    pub matter: Matter,
    /// As it is written.
    pub crash: Crash,
}

/// The answers of a case, each for a step that asks for it.
pub fn answered(plan: &Plan, answers: &[Prepared], problems: &mut Problems) -> Vec<Answered> {
    let mut found: Vec<Answered> = Vec::new();
    for (step, prepared) in fitted(plan, answers.iter().cloned(), problems) {
        match found.iter_mut().find(|known| known.step == step) {
            Some(known) => known.answers.push(prepared),
            None => found.push(Answered { step, answers: vec![prepared] }),
        }
    }
    found
}

/// The decisions of a case, each of which can be made.
pub fn decided(
    plan: &Plan,
    decisions: &[(Spanned<String>, Vec<Spanned<Decision>>)],
    is_attended: bool,
    problems: &mut Problems,
) -> Vec<Decided> {
    let mut found = Vec::new();
    for (name, decisions) in decisions {
        if !is_attended {
            let message = format!("nobody is there to decide about `{name}`");
            let help = "take `attended: false` away, or the decision";
            problems.push(Diagnostic::error(name.span, message).help(help));
        }
        match Matter::named(plan, name) {
            Ok(matter) => {
                for decision in decisions {
                    problems_of(plan, name, &matter, decision, problems);
                }
                let (name, decisions) = (name.clone(), decisions.clone());
                found.push(Decided { matter, name, decisions });
            }
            Err(problem) => problems.push(*problem),
        }
    }
    found
}

const OF_A_STEP: &[Decision] = &[
    Decision::Retry,
    Decision::Done,
    Decision::Failed,
    Decision::Skip,
    Decision::Undo,
    Decision::Abort,
    Decision::Rerun,
    Decision::Expires,
];
const OF_AN_INVARIANT: &[Decision] =
    &[Decision::Retry, Decision::Waive, Decision::Undo, Decision::Abort];
const OF_THE_VERDICT: &[Decision] = &[Decision::Retry, Decision::End, Decision::Undo];
const OF_A_CHECK: &[Decision] = &[Decision::Waive, Decision::Refuse];

fn problems_of(
    plan: &Plan,
    name: &Spanned<String>,
    matter: &Matter,
    decision: &Spanned<Decision>,
    problems: &mut Problems,
) {
    let (what, known) = match matter {
        Matter::Step(..) => ("a step", OF_A_STEP),
        Matter::Invariant(..) => ("an invariant", OF_AN_INVARIANT),
        Matter::Verdict => ("the verdict", OF_THE_VERDICT),
        Matter::Checks(_) => ("a check", OF_A_CHECK),
    };
    if !known.contains(&decision.value) {
        let message = format!("`{}` is no decision for {what}", decision.word());
        let known: Vec<&str> = known.iter().map(|decision| decision.word()).collect();
        let help = format!("use one of {}", known.join(", "));
        return problems.push(Diagnostic::error(decision.span, message).help(help));
    }
    match matter {
        Matter::Verdict if plan.runbook.exit_criteria.is_empty() => {
            let message = "the runbook has no exit criteria: no verdict is decided about";
            problems.error(decision.span, message);
        }
        Matter::Checks(places) => {
            let is_asked = |purpose: Purpose, has_id: bool| match purpose {
                Purpose::Confirm => true,
                Purpose::Precondition | Purpose::Require => has_id,
                _ => false,
            };
            let may_be_asked = places.iter().any(|place| {
                let checks = place.checks(plan);
                checks.iter().any(|check| is_asked(place.purpose, check.id.is_some()))
            });
            if !may_be_asked {
                let message = format!("nobody is asked about the check `{name}`");
                let help = "a precondition or requirement needs an `id` for that; others are \
                            decided about by their step";
                problems.push(Diagnostic::error(name.span, message).help(help));
            }
        }
        Matter::Step(place, _) if decision.value == Decision::Expires => {
            let forms = plan.nodes[place.node].forms.iter();
            let gates: Vec<_> = forms.filter_map(|form| form.facets.gate.as_ref()).collect();
            if gates.is_empty() {
                problems.error(decision.span, format!("the step `{name}` has no gate"));
            } else if gates.iter().all(|gate| gate.expires.is_none()) {
                let message = format!("the gate of `{name}` does not expire");
                let help = "leave the answer out: the run then waits for it";
                problems.push(Diagnostic::error(decision.span, message).help(help));
            }
        }
        _ => {}
    }
}

/// The crashes of a case, each at a moment that can come.
pub fn crashes(plan: &Plan, crashes: &[Crash], problems: &mut Problems) -> Vec<CrashPoint> {
    let mut found = Vec::new();
    for crash in crashes {
        match Matter::named(plan, &crash.of) {
            Ok(matter) => match point(plan, crash, matter) {
                Ok(point) => found.push(point),
                Err(problem) => problems.push(*problem),
            },
            Err(problem) => problems.push(*problem),
        }
    }
    found
}

fn point(plan: &Plan, crash: &Crash, matter: Matter) -> Result<CrashPoint, Box<Diagnostic>> {
    let crash = crash.clone();
    if crash.when == When::Asking {
        return Ok(CrashPoint { matter, crash });
    }
    let name = &crash.of;
    let Matter::Step(_, place) = &matter else {
        let problem = Diagnostic::error(name.span, format!("`{name}` is no step"));
        return Err(Box::new(problem));
    };
    let node = &plan.nodes[place.node];
    let problem = match crash.when {
        When::During if is_by_hand(node) => Some((
            format!("a crash during `{name}`, which a person does"),
            format!("let it come while the person is asked: {{asking: {name}}}"),
        )),
        _ if is_group(node) => Some((
            format!("a crash at `{name}`, which is a group"),
            "name a step inside it".to_owned(),
        )),
        _ if !acts(node) && !is_by_hand(node) => Some((
            format!("a crash at `{name}`, which does nothing"),
            format!("let it come at its gate: {{asking: {name}}}"),
        )),
        _ if crash.process != Left::Gone && !is_kept(node) => Some((
            format!("nobody knows what became of `{name}`"),
            "only a command without `tty` has a keeper that knows: leave `process` out".to_owned(),
        )),
        _ => None,
    };
    match problem {
        Some((message, help)) => Err(Box::new(Diagnostic::error(crash.span, message).help(help))),
        None => Ok(CrashPoint { matter, crash }),
    }
}

/// Whether a keeper watches over the command of a step.
fn is_kept(node: &Node) -> bool {
    node.forms.iter().any(|form| {
        let is_command = matches!(form.facets.action, crate::runbook::action::Action::Run(_));
        is_command && form.facets.tty.is_none()
    })
}

/// What a decision means for a step that is held; none where it means nothing there.
pub fn held(decision: Decision) -> Option<Resolution> {
    match decision {
        Decision::Retry => Some(Resolution::Again),
        Decision::Done => Some(Resolution::Done),
        Decision::Failed => Some(Resolution::Failed),
        Decision::Skip => Some(Resolution::Skip),
        Decision::Undo => Some(Resolution::Undo),
        Decision::Abort => Some(Resolution::Abort),
        _ => None,
    }
}

/// The same for a step in doubt.
pub fn in_doubt(decision: Decision) -> Option<Resolution> {
    match decision {
        Decision::Done => Some(Resolution::Done),
        Decision::Rerun => Some(Resolution::Again),
        Decision::Failed => Some(Resolution::Failed),
        _ => None,
    }
}

/// The same for an invariant.
pub fn of_invariant(decision: Decision) -> Option<InvariantChoice> {
    match decision {
        Decision::Retry => Some(InvariantChoice::Retry),
        Decision::Waive => Some(InvariantChoice::Waive),
        Decision::Undo => Some(InvariantChoice::Undo),
        Decision::Abort => Some(InvariantChoice::Abort),
        _ => None,
    }
}

/// The same for the verdict.
pub fn of_verdict(decision: Decision) -> Option<VerdictChoice> {
    match decision {
        Decision::Retry => Some(VerdictChoice::Retry),
        Decision::End => Some(VerdictChoice::End),
        Decision::Undo => Some(VerdictChoice::Undo),
        _ => None,
    }
}
