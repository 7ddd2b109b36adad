//! What a step asks of a person who does it.

use crate::plan::{Index, Plan};
use crate::runbook::action::Action;
use crate::runbook::checklist::{Checklist, Item};
use crate::runbook::expression::TemplateError;
use crate::runbook::manual::Manual;
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;

use super::event::{AnswerAsked, EvidenceAsked, Failure, FailureKind, ItemQuestion, Question};
use super::scope::Names;
use super::state::RunState;

impl RunState {
    /// The question that a step puts to whoever does it, or why it cannot be put; none for a step
    /// that no person does, or that is done.
    pub(super) fn by_hand(&self, plan: &Plan, index: Index) -> Option<Result<Question, Failure>> {
        let person = Person { names: Names::at(plan, self, index), index };
        let question = match &self.form(plan, index)?.facets.action {
            Action::Manual(manual) => person.manual(manual),
            Action::Checklist(checklist) => {
                let place = self.open_item(plan, index)?;
                person.item(checklist, place)
            }
            _ => return None,
        };
        Some(question.map_err(|error| Failure::new(FailureKind::Template, error.message)))
    }

    /// The place of the first item of a checklist that is not ticked.
    pub(super) fn open_item(&self, plan: &Plan, index: Index) -> Option<usize> {
        match &self.form(plan, index)?.facets.action {
            Action::Checklist(checklist) => {
                let ticks = &self.steps[index].ticks;
                checklist.items.iter().position(|item| !ticks.contains(&item.name.value))
            }
            _ => None,
        }
    }
}

/// A step as it talks to a person.
struct Person<'a> {
    names: Names<'a>,
    index: Index,
}

impl Person<'_> {
    fn step(&self) -> String {
        self.names.plan.nodes[self.index].path.clone()
    }

    fn text(&self, template: &Template) -> Result<String, TemplateError> {
        Ok(template.render(&self.names, Quoting::Text)?.shown().trim_end().to_owned())
    }

    fn manual(&self, manual: &Manual) -> Result<Question, TemplateError> {
        Ok(Question::Manual {
            step: self.step(),
            text: self.text(&manual.text)?,
            answers: manual.answers.iter().map(AnswerAsked::of).collect(),
            evidence: manual.evidence.iter().map(EvidenceAsked::of).collect(),
        })
    }

    /// One item; nothing is asked before the texts of all of them are known.
    fn item(&self, checklist: &Checklist, place: usize) -> Result<Question, TemplateError> {
        let texts: Vec<String> = checklist
            .items
            .iter()
            .map(|item| self.text(&item.text))
            .collect::<Result<_, TemplateError>>()?;
        let item = &checklist.items[place];
        let text = |item: &Item| checklist.place(&item.name).and_then(|at| texts.get(at)).cloned();
        Ok(Question::Item(ItemQuestion {
            step: self.step(),
            item: item.name.value.clone(),
            text: texts.get(place).cloned().unwrap_or_default(),
            around: checklist.around(place).into_iter().filter_map(text).collect(),
            number: place + 1,
            of: checklist.items.len(),
            may_be_waived: item.is_if_applicable,
            evidence: item.evidence.iter().map(EvidenceAsked::of).collect(),
        }))
    }
}

impl Question {
    /// The step whose action it is, where it is done by a person.
    pub fn by_hand(&self) -> Option<&str> {
        match self {
            Question::Manual { step, .. } | Question::Item(ItemQuestion { step, .. }) => Some(step),
            _ => None,
        }
    }

    /// The item of a checklist that it is about.
    pub fn item(&self) -> Option<&str> {
        match self {
            Question::Item(asked) => Some(&asked.item),
            _ => None,
        }
    }

    /// What a person who does a step is told.
    pub fn told(&self) -> &str {
        match self {
            Question::Manual { text, .. } | Question::Item(ItemQuestion { text, .. }) => text,
            _ => "",
        }
    }
}

impl ItemQuestion {
    /// The item with those around it, as a person reads it.
    pub fn shown(&self) -> String {
        let texts = self.around.iter().chain([&self.text]);
        texts.map(|text| text.trim()).collect::<Vec<_>>().join(" > ")
    }
}
