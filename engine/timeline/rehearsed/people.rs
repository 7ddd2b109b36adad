//! Where a person is needed, and who cannot be had.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Decider, Event, Question};
use crate::run::practice::NOBODY;
use crate::runbook::gate::Gate;

/// A question that a run puts to a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Needed {
    /// The path of the step; none for a question of the run itself.
    pub step: Option<String>,
    /// What is asked.
    pub asked: String,
    /// Who must answer; anybody when empty.
    pub who: Vec<String>,
    /// How many different people must.
    pub how_many: usize,
    /// Who did; nobody where that was assumed.
    pub answered_by: Vec<String>,
}

/// Who was asked what, in order.
#[derive(Default)]
pub(super) struct People {
    needed: Vec<Needed>,
    /// The place of the question that each step asked last; none is the run itself.
    open: BTreeMap<Option<String>, usize>,
}

impl People {
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::QuestionAsked { question } => self.ask(question),
            Event::GateApproved { step, by, .. }
            | Event::GateRejected { step, by, .. }
            | Event::NeedDecided { step, by, .. }
            | Event::StepGivenUp { step, by, .. }
            | Event::HoldResolved { step, by, .. } => self.answer(Some(step), by),
            Event::DoubtSettled { step, by: Decider::Person { name }, .. } => {
                self.answer(Some(step), name);
            }
            Event::CheckWaived { by, .. }
            | Event::CheckRefused { by: Some(by), .. }
            | Event::InvariantResolved { by, .. }
            | Event::VerdictResolved { by, .. } => self.answer(None, by),
            Event::StepAnswered(answered) => self.answer(Some(&answered.step), &answered.by),
            Event::ItemTicked(ticked) => self.answer(Some(&ticked.step), &ticked.by),
            _ => {}
        }
    }

    pub(super) fn needed(self) -> Vec<Needed> {
        self.needed
    }

    fn ask(&mut self, question: &Question) {
        let of =
            |step: &String, asked: String| (Some(step.clone()), asked, Vec::<String>::new(), 1);
        let (step, asked, who, how_many) = match question {
            Question::Gate(gate) => {
                let word = gate.word.as_ref().map(|word| format!(" (word: {word})"));
                let asked = format!("{}{}", line(&gate.ask), word.unwrap_or_default());
                (Some(gate.step.clone()), asked, gate.approvers.clone(), gate.quorum)
            }
            Question::Manual { step, text, .. } => of(step, format!("by hand: {}", line(text))),
            Question::Item(item) => of(&item.step, format!("to be ticked: {}", line(&item.text))),
            Question::Choose { step, ask, .. } => of(step, line(ask)),
            Question::Needed { step, title } => of(step, format!("is it needed? {}", line(title))),
            Question::Hold { step, failure } => {
                of(step, format!("it failed, and what now? {}", line(&failure.detail)))
            }
            Question::InDoubt { step, .. } => of(step, "did it happen?".to_owned()),
            Question::Check { detail, .. }
            | Question::Invariant { detail, .. }
            | Question::Verdict { detail, .. } => (None, line(detail), Vec::new(), 1),
            Question::Input { .. } | Question::Terminal { .. } | Question::Proceed { .. } => return,
        };
        // A question that is put once more, for the next approval, is the same.
        let is_known = |it: &Needed| it.step == step && it.asked == asked;
        let place = self.needed.iter().position(is_known).unwrap_or_else(|| {
            let answered_by = Vec::new();
            self.needed.push(Needed { step: step.clone(), asked, who, how_many, answered_by });
            self.needed.len() - 1
        });
        self.open.insert(step, place);
    }

    fn answer(&mut self, step: Option<&String>, by: &str) {
        let asked = self.open.get(&step.cloned()).and_then(|place| self.needed.get_mut(*place));
        if let Some(needed) = asked.filter(|_| !by.starts_with(NOBODY)) {
            needed.answered_by.push(by.to_owned());
        }
    }
}

/// The first line of a text.
fn line(text: &str) -> String {
    text.trim().lines().next().unwrap_or_default().to_owned()
}

/// Those who open the gates of a plan and cannot be had.
pub(super) fn approvers(plan: &Plan, state: &RunState) -> Vec<String> {
    let mut missing = Vec::new();
    for (_, node) in plan.listed() {
        let gates = node.forms.iter().filter_map(|form| form.facets.gate.as_ref());
        let found = gates.flat_map(|gate| out_of_reach(gate, &node.path, plan, &state.operator));
        for sentence in found {
            if !missing.contains(&sentence) {
                missing.push(sentence);
            }
        }
    }
    missing
}

/// Who of those that open a gate cannot be had.
fn out_of_reach(gate: &Gate, step: &str, plan: &Plan, operator: &str) -> Vec<String> {
    let library = &plan.runbook.library;
    let names: Vec<String> = gate.approvers.iter().map(|name| name.value.clone()).collect();
    let strangers = names.iter().filter(|name| library.called(name).next().is_none());
    let mut found: Vec<String> = strangers
        .map(|name| format!("{name}, who opens {step}: no contact of the library is called so"))
        .collect();
    if !library.may_approve(operator, &names) {
        found.push(format!("{operator}, who drives, may not open {step}"));
    }
    if gate.is_not_operator && library.may_approve(operator, &names) {
        found.push(format!("{operator} may not open {step}, because they drive"));
    }
    let quorum = gate.least();
    if quorum > 1 {
        found.push(format!("{step} is opened by {quorum} different people"));
    }
    found
}
