//! What a step asks of a person who does it.

use serde_json::Value as Json;

use crate::plan::{Index, Plan};
use crate::runbook::action::Action;
use crate::runbook::checklist::{Checklist, Item};
use crate::runbook::choose::{Choice, Choose, Options, Written};
use crate::runbook::expression::{Expression, ROW, Scope, TemplateError};
use crate::runbook::manual::Manual;
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;
use crate::runbook::value::Value;

use super::event::{
    AnswerAsked, EvidenceAsked, Failure, FailureKind, ItemQuestion, OptionAsked, Question,
};
use super::scope::Names;
use super::state::RunState;

/// The most rows that may be chosen from.
const MOST: usize = 10_000;

impl RunState {
    /// The question that a step puts to whoever does it, or why it cannot be put; none for a step
    /// that no person does, or that is done.
    pub(super) fn by_hand(&self, plan: &Plan, index: Index) -> Option<Result<Question, Failure>> {
        let person = Person { names: Names::at(plan, self, index), index };
        let question = match &self.form(plan, index)?.facets.action {
            Action::Choose(choose) => return Some(person.choose(choose)),
            Action::Manual(manual) => person.manual(manual),
            Action::Checklist(checklist) => {
                let place = self.open_item(plan, index)?;
                person.item(checklist, place)
            }
            _ => return None,
        };
        Some(question.map_err(unrendered))
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

fn unrendered(error: TemplateError) -> Failure {
    Failure::new(FailureKind::Template, error.message)
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

    fn choose(&self, choose: &Choose) -> Result<Question, Failure> {
        let ask = self.text(&choose.ask).map_err(unrendered)?;
        let options = match &choose.options {
            Options::Written(choices) => {
                let options = choices.iter().map(|choice| self.written(choice));
                options.collect::<Result<_, _>>().map_err(unrendered)?
            }
            Options::Rows { from, value, label } => {
                let rows = self.rows(from).map_err(unrendered)?;
                if rows.is_empty() && !choose.has_none {
                    let detail = format!("`{}` is an empty list", from.code().trim());
                    return Err(Failure::new(FailureKind::Empty, detail));
                }
                let options =
                    rows.iter().map(|row| self.option(row, value.as_ref(), label.as_ref()));
                options.collect::<Result<_, _>>().map_err(unrendered)?
            }
        };
        Ok(Question::Choose { step: self.step(), ask, options, has_none: choose.has_none })
    }

    fn written(&self, choice: &Choice) -> Result<OptionAsked, TemplateError> {
        let value = match &choice.value {
            Written::Plain(json) => json.clone(),
            Written::Text(text) => Json::from(self.text(text)?),
        };
        let label = match &choice.label {
            Some(label) => self.text(label)?,
            None => read(&Value::from_json(&value)),
        };
        Ok(OptionAsked { value, label })
    }

    fn rows(&self, from: &Expression) -> Result<Vec<Value>, TemplateError> {
        let refuse = |message: String| Err(TemplateError { message, range: None });
        match from.evaluate(&self.names)? {
            Value::List(rows) if rows.len() > MOST => {
                refuse(format!("`{}` has more than {MOST} rows", from.code().trim()))
            }
            Value::List(rows) => Ok(rows),
            other => refuse(format!("`{}` is {}, not a list", from.code().trim(), other.noun())),
        }
    }

    fn option(
        &self,
        row: &Value,
        value: Option<&Expression>,
        label: Option<&Expression>,
    ) -> Result<OptionAsked, TemplateError> {
        let scope = Row { names: &self.names, row };
        let value = value.map_or_else(|| Ok(row.clone()), |value| value.evaluate(&scope))?;
        if value == Value::Null {
            let message = "a row has nothing that could be handed on".to_owned();
            return Err(TemplateError { message, range: None });
        }
        let label = label.map(|label| label.evaluate(&scope)).transpose()?;
        Ok(OptionAsked { label: read(label.as_ref().unwrap_or(&value)), value: value.to_json() })
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

/// How a value reads among options.
fn read(value: &Value) -> String {
    value.text().unwrap_or_else(|| value.to_json().to_string())
}

/// The names at a step, and the row of a list that is at hand.
struct Row<'a> {
    names: &'a Names<'a>,
    row: &'a Value,
}

impl Scope for Row<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if name == ROW { Some(self.row.clone()) } else { self.names.value(name) }
    }

    fn secret(&self, name: &str) -> Option<String> {
        if name == ROW { None } else { self.names.secret(name) }
    }

    fn is_multiline(&self, name: &str) -> bool {
        self.names.is_multiline(name)
    }

    fn outer(&self) -> Option<Box<dyn Scope + '_>> {
        self.names.outer()
    }

    fn is_open(&self, name: &str) -> bool {
        name != ROW && self.names.is_open(name)
    }
}

impl Question {
    /// The path of the step that it is about; none for the run.
    pub fn step(&self) -> Option<&str> {
        match self {
            Question::Gate(gate) => Some(&gate.step),
            Question::Hold { step, .. }
            | Question::InDoubt { step, .. }
            | Question::Manual { step, .. }
            | Question::Needed { step, .. }
            | Question::Proceed { step, .. }
            | Question::Choose { step, .. }
            | Question::Terminal { step, .. }
            | Question::Item(ItemQuestion { step, .. }) => Some(step),
            Question::Check { check, .. } => check.step.as_deref(),
            Question::Input { .. } | Question::Invariant { .. } | Question::Verdict { .. } => None,
        }
    }

    /// The step whose action it is, where it is done by a person.
    pub fn by_hand(&self) -> Option<&str> {
        match self {
            Question::Manual { step, .. }
            | Question::Choose { step, .. }
            | Question::Item(ItemQuestion { step, .. }) => Some(step),
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
            Question::Choose { ask, .. } => ask,
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
