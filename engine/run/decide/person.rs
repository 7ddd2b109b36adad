//! What comes next for a step that a person does.

use serde_json::{Value as Json, json};

use crate::plan::{Form, Index};
use crate::run::event::{Event, Question, Skip};
use crate::run::offer::Offer;
use crate::runbook::action::Action;
use crate::runbook::expression::TemplateError;
use crate::runbook::rendered::Quoting;

use super::{Next, Run};

impl Run<'_> {
    /// Puts the question that begins a step which a person does; none for another step.
    pub(super) fn ask_person(&self, index: Index) -> Option<Next> {
        Some(match self.state.by_hand(self.plan, index)? {
            Ok(question) => Next::ask(self, question, self.help(index)),
            Err(failure) => Next::Record(self.consequence(index, failure)),
        })
    }

    /// Whether an optional step is needed: asked, or declined; none when it is to go on.
    pub(super) fn need(&self, index: Index) -> Option<Next> {
        if !self.plan.nodes[index].is_optional {
            return None;
        }
        match self.state.steps[index].is_needed {
            Some(true) => None,
            Some(false) => {
                let (step, why) = (self.path(index), Skip::Declined);
                Some(Next::Record(Event::StepSkipped { step, why }))
            }
            None => {
                let node = &self.plan.nodes[index];
                let names = self.names_at(index);
                let title = node.title.as_ref().map(|it| it.partly(&names, Quoting::Text));
                let title = title.unwrap_or_else(|| node.id.clone());
                let question = Question::Needed { step: node.path.clone(), title };
                Some(Next::ask(self, question, self.why(index)))
            }
        }
    }

    /// What helps a person to do a step.
    pub(super) fn help(&self, index: Index) -> Offer {
        let form = self.state.form(self.plan, index);
        let answers = match form.map(|form| &form.facets.action) {
            Some(Action::Manual(manual)) => manual.answers.clone(),
            _ => Vec::new(),
        };
        Offer { answers, ..self.why(index) }
    }

    /// What a person is told to do, as a gate before it shows and hashes it; none for an action
    /// that no person does.
    pub(super) fn told(
        &self,
        index: Index,
        form: &Form,
    ) -> Option<Result<(Json, String), TemplateError>> {
        let names = self.names_at(index);
        match &form.facets.action {
            Action::Manual(manual) => {
                let text = manual.text.render(&names, Quoting::Text);
                Some(text.map(|text| {
                    let text = text.shown();
                    (json!({ "manual": text }), format!("by hand: {}", text.trim_end()))
                }))
            }
            Action::Choose(choose) => {
                let ask = choose.ask.render(&names, Quoting::Text);
                Some(ask.map(|ask| {
                    let ask = ask.shown();
                    (json!({ "choose": ask }), format!("choose: {}", ask.trim_end()))
                }))
            }
            Action::Checklist(checklist) => {
                let texts: Result<Vec<String>, TemplateError> = checklist
                    .items
                    .iter()
                    .map(|item| Ok(item.text.render(&names, Quoting::Text)?.shown()))
                    .collect();
                Some(texts.map(|texts| {
                    let shown = format!("by hand, each ticked:\n{}", texts.join("\n"));
                    (json!({ "checklist": texts }), shown)
                }))
            }
            _ => None,
        }
    }
}
