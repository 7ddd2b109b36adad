//! A person who does a step at the terminal: what they are told, and asked for afterwards.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::drive::{Answers, Custody, chosen};
use crate::run::Offer;
use crate::run::event::{
    Event, EvidenceAsked, EvidenceGiven, ItemQuestion, ItemTicked, OptionAsked, StepAnswered,
};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::manual::EvidenceKind;
use crate::runbook::value::Value;

use super::super::prompt;
use super::super::world::Live;
use super::input::{question_of, read_input, unseen};
use super::{given, panel};

/// What a person says of something that was to be done.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Word {
    Done,
    CannotBe,
    DoesNotApply,
}

impl Live {
    /// Whether an optional step is needed.
    pub(super) fn put_need(&self, step: &str, title: &str, offer: &Offer) -> Option<Event> {
        self.tell_asked(&format!("\n{step} is optional: {title}\n{}", indented(offer)));
        let choices = [(true, "it is needed: go on with it"), (false, "it is not: pass it over")];
        let is_needed = self.choose("Is it needed?", &choices)?;
        let (by, reason) = (self.place.operator.clone(), self.reason("Reason")?);
        let step = step.to_owned();
        Some(Event::NeedDecided { step, is_needed, by, reason, is_prepared: false })
    }

    pub(super) fn put_manual(
        &self,
        step: &str,
        text: &str,
        evidence: &[EvidenceAsked],
        offer: &Offer,
    ) -> Option<Event> {
        let mut told = format!("\n{step} is to be done by hand:\n{}", indented(offer));
        for line in text.lines() {
            told.push_str(&format!("    {line}\n"));
        }
        let answers = offer.answers.iter().map(|answer| answer.name.as_str());
        let names: Vec<&str> = answers.chain(evidence.iter().map(|it| it.name.as_str())).collect();
        if !names.is_empty() {
            told.push_str(&format!("  asked for when it is done: {}\n", names.join(", ")));
        }
        self.tell_asked(&told);
        if self.hear(false)? != Word::Done {
            return self.give_up(step, None);
        }
        let mut answers = Answers::default();
        for answer in &offer.answers {
            if let Some(value) = self.put_answer(answer)? {
                self.take_answer(step, answer, &value, &mut answers).ok()?;
            }
        }
        Some(Event::StepAnswered(StepAnswered {
            step: step.to_owned(),
            by: self.place.operator.clone(),
            answers: answers.open,
            secrets: answers.secrets,
            evidence: self.put_evidence(evidence)?,
            note: None,
            is_prepared: false,
        }))
    }

    /// Asks about one item of a checklist.
    pub(super) fn put_item(&self, asked: &ItemQuestion, offer: &Offer) -> Option<Event> {
        let why = if asked.number == 1 { indented(offer) } else { String::new() };
        let (number, of) = (asked.number, asked.of);
        self.tell_asked(&format!("\n{why}{} ({number} of {of}): {}\n", asked.step, asked.shown()));
        let by = self.place.operator.clone();
        let (evidence, waived) = match self.hear(asked.may_be_waived)? {
            Word::Done => (self.put_evidence(&asked.evidence)?, None),
            Word::DoesNotApply => (BTreeMap::new(), Some(self.reason("Why does it not apply")?)),
            Word::CannotBe => return self.give_up(&asked.step, Some(&asked.item)),
        };
        let (step, item) = (asked.step.clone(), asked.item.clone());
        Some(Event::ItemTicked(ItemTicked { step, item, by, evidence, waived, is_prepared: false }))
    }

    /// Asks which of some options it is to be.
    pub(super) fn put_choice(
        &self,
        step: &str,
        ask: &str,
        (options, has_none): (&[OptionAsked], bool),
        offer: &Offer,
    ) -> Option<Event> {
        let columns = usize::from(console::Term::stderr().size().1);
        let wide = panel::in_full(options.iter().map(|option| option.label.as_str()), columns);
        self.tell_asked(&format!("\n{step}: {ask}\n{}{wide}", indented(offer)));
        let mut items: Vec<String> = options.iter().map(|option| option.label.clone()).collect();
        items.extend(has_none.then(|| "(none of these)".to_owned()));
        items.push("(it cannot be decided)".to_owned());
        let pinned = items.len() - options.len();
        let place =
            given(prompt::select_beside("Choose one", &items, (pinned, false), &self.interrupt))?;
        let value = match options.get(place) {
            Some(option) => option.value.clone(),
            None if place == options.len() && has_none => Json::Null,
            None => return self.give_up(step, None),
        };
        Some(chosen(step, self.place.operator.clone(), value, None, false))
    }

    /// Whether something is done. Enter alone says nothing.
    fn hear(&self, may_be_waived: bool) -> Option<Word> {
        let word = |typed: &str| match typed.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Some(Word::Done),
            "n" | "no" => Some(Word::CannotBe),
            "x" if may_be_waived => Some(Word::DoesNotApply),
            _ => None,
        };
        let (question, keys) = match may_be_waived {
            false => ("Is it done? y, or n when it cannot be done", "y or n"),
            true => {
                ("Is it done? y, n when it cannot be done, x when it does not apply", "y, n or x")
            }
        };
        let check = |typed: &str| match word(typed) {
            Some(_) => Ok(()),
            None => Err(format!("type {keys}, then Enter")),
        };
        word(&given(prompt::line(question, check, None, &self.interrupt))?)
    }

    fn give_up(&self, step: &str, item: Option<&str>) -> Option<Event> {
        let reason = self.reason("What stands in the way")?;
        let (step, item) = (step.to_owned(), item.map(str::to_owned));
        let by = self.place.operator.clone();
        Some(Event::StepGivenUp { step, item, by, reason, is_prepared: false })
    }

    /// Asks for an answer; nothing inside when it is left out.
    fn put_answer(&self, answer: &Input) -> Option<Option<Value>> {
        let is_listed = !answer.choices.is_empty() && answer.kind != Kind::List;
        self.tell_asked(&panel::input(answer, is_listed && !answer.is_secret));
        let mut question = question_of(answer);
        let written = |value: &Value| value.text().unwrap_or_else(|| value.to_json().to_string());
        let default = answer.default.as_ref().map(written);
        let is_left_out = |typed: &str| typed.is_empty() && answer.is_optional && default.is_none();
        if answer.is_secret {
            return self.put_secret(answer, &question);
        }
        if is_listed {
            return self.put_choices(answer, &question);
        }
        question.push_str(&remarks(None, is_left_out("")));
        let read = |typed: &str| {
            let value = read_input(answer, typed)?;
            self.without_secret("it", &value)?;
            Ok(value)
        };
        let check = |typed: &str| match typed {
            typed if is_left_out(typed) => Ok(()),
            "" => Err("an empty answer is none".to_owned()),
            typed => read(typed).map(|_| ()),
        };
        let typed = given(prompt::line(&question, check, default.as_deref(), &self.interrupt))?;
        match is_left_out(&typed) {
            true => Some(None),
            false => read(&typed).ok().map(Some),
        }
    }

    /// Asks for an answer that nobody may see; nothing inside when it is left out.
    fn put_secret(&self, answer: &Input, question: &str) -> Option<Option<Value>> {
        let question = format!("{question}{}", remarks(None, answer.is_optional));
        let is_left_out = |typed: &str| typed.is_empty() && answer.is_optional;
        let check = |typed: &str| match is_left_out(typed) {
            true => Ok(()),
            false => unseen(answer, typed),
        };
        let typed = given(prompt::password(&question, check, &self.interrupt))?;
        match is_left_out(&typed) {
            true => Some(None),
            false => read_input(answer, &typed).ok().map(Some),
        }
    }

    /// Asks for one of some values, the default marked first.
    fn put_choices(&self, answer: &Input, question: &str) -> Option<Option<Value>> {
        let mut choices = answer.choices.clone();
        choices.sort_by_key(|choice| Some(choice) != answer.default.as_ref());
        let mut items: Vec<String> = choices.iter().filter_map(Value::text).collect();
        if answer.is_optional {
            items.push("(leave it out)".into());
        }
        let pinned = usize::from(answer.is_optional);
        let how = (pinned, answer.default.is_some());
        let place = given(prompt::select_beside(question, &items, how, &self.interrupt))?;
        Some(choices.get(place).cloned())
    }

    fn put_evidence(&self, asked: &[EvidenceAsked]) -> Option<BTreeMap<String, EvidenceGiven>> {
        let mut found = BTreeMap::new();
        for evidence in asked {
            let noun = Some(evidence.kind.noun()).filter(|_| evidence.kind != EvidenceKind::Text);
            let remarks = remarks(noun, evidence.is_optional);
            let question = format!("Evidence: {}{remarks}", evidence.name);
            let taken = RefCell::new(None);
            let check = |typed: &str| {
                let is_left_out = typed.is_empty() && evidence.is_optional;
                let given =
                    (!is_left_out).then(|| self.evidence(evidence.kind, typed)).transpose()?;
                taken.replace(given);
                Ok(())
            };
            given(prompt::line(&question, check, None, &self.interrupt))?;
            found.extend(taken.into_inner().map(|given| (evidence.name.clone(), given)));
        }
        Some(found)
    }
}

/// What stands in brackets behind a question.
fn remarks(noun: Option<&str>, is_optional: bool) -> String {
    let optional = is_optional.then_some("Enter leaves it out");
    let remarks: Vec<&str> = noun.into_iter().chain(optional).collect();
    if remarks.is_empty() { String::new() } else { format!(" ({})", remarks.join("; ")) }
}

/// Why a step is there, to be shown before it.
fn indented(offer: &Offer) -> String {
    offer.why.iter().flat_map(|why| why.lines()).map(|line| format!("  {line}\n")).collect()
}
