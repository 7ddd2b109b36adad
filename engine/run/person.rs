//! What a step asks of a person who does it.

use crate::plan::{Index, Plan};
use crate::runbook::action::Action;
use crate::runbook::expression::TemplateError;
use crate::runbook::rendered::Quoting;

use super::event::{AnswerAsked, EvidenceAsked, Failure, FailureKind, Question};
use super::scope::Names;
use super::state::RunState;

impl RunState {
    /// The question that a step puts to whoever does it, or why it cannot be put; none for a step
    /// that no person does.
    pub(super) fn by_hand(&self, plan: &Plan, index: Index) -> Option<Result<Question, Failure>> {
        let names = Names::at(plan, self, index);
        let step = plan.nodes[index].path.clone();
        let question = match &self.form(plan, index)?.facets.action {
            Action::Manual(manual) => {
                let text = manual.text.render(&names, Quoting::Text);
                text.map(|text| Question::Manual {
                    step,
                    text: text.shown().trim_end().to_owned(),
                    answers: manual.answers.iter().map(AnswerAsked::of).collect(),
                    evidence: manual.evidence.iter().map(EvidenceAsked::of).collect(),
                })
            }
            _ => return None,
        };
        Some(question.map_err(|error| unrendered(&error)))
    }
}

fn unrendered(error: &TemplateError) -> Failure {
    Failure::new(FailureKind::Template, error.message.clone())
}

impl Question {
    /// The step whose action it is, where it is done by a person.
    pub fn by_hand(&self) -> Option<&str> {
        match self {
            Question::Manual { step, .. } => Some(step),
            _ => None,
        }
    }

    /// What a person who does a step is told.
    pub fn told(&self) -> &str {
        match self {
            Question::Manual { text, .. } => text,
            _ => "",
        }
    }
}
