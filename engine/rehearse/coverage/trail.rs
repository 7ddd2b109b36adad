//! Which edges a run walked, read from its events.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::plan::{Index, Inside, Plan, Role};
use crate::run::event::{CheckRef, Event, Failure, FailureKind, Purpose, Sight, Skip, Verdict};
use crate::runbook::gate::Gate;

use super::words::{id_of_check, id_of_step, id_of_verdict};
use super::{Place, Way};

/// The names of the edges that a run walked, by its events in order.
pub fn walked<'e>(plan: &Plan, events: impl IntoIterator<Item = &'e Event>) -> BTreeSet<String> {
    let paths = plan.nodes.iter().enumerate().map(|(index, node)| (node.path.as_str(), index));
    let mut trail = Trail {
        plan,
        paths: paths.collect(),
        cases: HashMap::new(),
        begun: BTreeSet::new(),
        good: BTreeSet::new(),
        approvers: BTreeMap::new(),
        walked: BTreeSet::new(),
    };
    events.into_iter().for_each(|event| trail.follow(event));
    trail.walked
}

/// The path of a node in whose pattern one stands, or of itself: an item's number gives way to `*`.
/// No step can have a number as its id.
pub fn patterned(path: &str) -> String {
    let part = |part: &str| {
        let number = part.bytes().take_while(u8::is_ascii_digit).count();
        let is_item = number > 0 && (number == part.len() || part[number..].starts_with('~'));
        if is_item { format!("*{}", &part[number..]) } else { part.to_owned() }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Whether no item of a fan-out stands in a path, but patterns only.
pub fn is_pattern(path: &str) -> bool {
    patterned(path) == path
}

struct Trail<'p> {
    plan: &'p Plan,
    paths: HashMap<&'p str, Index>,
    /// The case that a step took last.
    cases: HashMap<String, String>,
    /// The steps and groups that have begun: what was looked at before is over.
    begun: BTreeSet<String>,
    /// The steps and groups that came to a good end.
    good: BTreeSet<String>,
    /// Who has approved the question of a gate.
    approvers: BTreeMap<String, BTreeSet<String>>,
    walked: BTreeSet<String>,
}

impl Trail<'_> {
    fn follow(&mut self, event: &Event) {
        match event {
            Event::CheckObserved { check, sight, .. } => self.seen(check, *sight),
            Event::CaseChosen { step, case } => {
                self.cases.insert(step.clone(), case.clone());
                self.walk(step, &Way::Case(case.clone()));
            }
            Event::StepStarted { step, .. } | Event::GroupEntered { step } => {
                self.good.remove(step);
                self.begun.insert(step.clone());
            }
            Event::QuestionAsked { question } => {
                self.begun.extend(question.by_hand().map(str::to_owned));
            }
            Event::GateApproved { step, digest, by, .. } => self.approved(step, digest, by),
            Event::GateRejected { step, .. } => self.walk(step, &Way::Rejected),
            Event::StepSucceeded { step } => {
                self.good.insert(step.clone());
                self.walk(step, &Way::Succeeds);
            }
            Event::StepSatisfied { step } => {
                self.good.insert(step.clone());
                self.walk(step, &Way::Satisfied);
            }
            Event::StepSkipped { step, why: Skip::When } => self.walk(step, &Way::Skipped),
            Event::StepSkipped { step, why: Skip::Declined } => self.walk(step, &Way::Declined),
            Event::StepFailed { step, failure, .. } | Event::StepHeld { step, failure } => {
                self.failed(step, failure);
            }
            Event::VerdictReached { verdict: Verdict::Recovered, .. } => {
                self.walked.insert(id_of_verdict(&Way::Recovered));
            }
            Event::VerdictReached { verdict: Verdict::NotRecovered, .. } => {
                self.walked.insert(id_of_verdict(&Way::NotRecovered));
            }
            _ => {}
        }
    }

    fn walk(&mut self, step: &str, way: &Way) {
        self.walked.insert(id_of_step(&patterned(step), way));
    }

    fn seen(&mut self, check: &CheckRef, sight: Sight) {
        // Of a requirement that cannot be seen a person decides; it is not what does not hold.
        let is_bad = match check.purpose {
            Purpose::Confirm | Purpose::Precondition | Purpose::Invariant => {
                matches!(sight, Sight::Fails | Sight::Unseen)
            }
            Purpose::Require => sight == Sight::Fails,
            Purpose::DoneWhen | Purpose::Verify | Purpose::ExitCriterion => false,
        };
        if is_bad {
            let case = check.step.as_ref().and_then(|step| self.cases.get(step)).cloned();
            let step = check.step.as_deref().map(patterned);
            let check = CheckRef { step, ..check.clone() };
            self.walked.insert(id_of_check(self.plan, &Place::Check { check, case }));
        }
    }

    /// A gate opens when as many people have approved as it wants.
    fn approved(&mut self, step: &str, digest: &str, by: &str) {
        let path = patterned(step);
        let forms = self.paths.get(path.as_str()).map(|index| &self.plan.nodes[*index].forms);
        let case = self.cases.get(step);
        let quorum = forms.into_iter().flatten().filter_map(|form| {
            let is_it = form.case.is_none() || form.case.as_ref() == case;
            form.facets.gate.as_ref().filter(|_| is_it).map(Gate::least)
        });
        let quorum = quorum.max().unwrap_or(1);
        let people = self.approvers.entry(format!("{step} {digest}")).or_default();
        people.insert(by.to_owned());
        if people.len() >= quorum {
            self.walk(step, &Way::Approved);
        }
    }

    fn failed(&mut self, step: &str, failure: &Failure) {
        let has_begun = self.begun.contains(step);
        let Some(index) = self.paths.get(patterned(step).as_str()).copied() else { return };
        let node = &self.plan.nodes[index];
        let is_group = !node.is_leaf();
        let is_rung = node.role == Role::Rung;
        let is_ladder = node.forms.iter().any(|form| matches!(form.inside, Inside::Ladder(_)));
        match failure.kind {
            FailureKind::Rejected => self.walk(step, &Way::Rejected),
            FailureKind::Expired => self.walk(step, &Way::Expires),
            FailureKind::When => {}
            FailureKind::Precondition if is_rung => self.walk(step, &Way::Fails),
            FailureKind::Precondition => {}
            FailureKind::Unseen | FailureKind::Template if !has_begun => {}
            FailureKind::Inner => {
                self.walk(step, &Way::Fails);
                // A ladder also fails where what a rung took down is not put back.
                let rung = format!("{step}/");
                let is_rung = |path: &String| {
                    path.strip_prefix(&rung).is_some_and(|id| !id.contains(['/', '~']))
                };
                if is_ladder && !self.good.iter().any(is_rung) {
                    self.walk(step, &Way::Exhausted);
                }
            }
            FailureKind::Verify | FailureKind::Unseen if is_group => {
                self.walk(step, &Way::Fails);
                self.walk(step, &Way::Unverified);
            }
            _ => self.walk(step, &Way::Fails),
        }
    }
}
