//! A person who does a step: what they prepared to say of it, and what they are asked at the terminal.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use serde_json::Value as Json;

use crate::report::visible_str;
use crate::run::Offer;
use crate::run::event::{Event, EvidenceAsked, EvidenceGiven, Question};
use crate::runbook::answers::{ByHand, HandedIn, Prepared};
use crate::runbook::expect::FileSight;
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::manual::{EvidenceKind, number};
use crate::runbook::value::Value;

use super::super::look;
use super::super::prompt;
use super::super::world::Live;
use super::{given, question_of, read_input};

/// What a person says of something that was to be done.
enum Word {
    Done,
    CannotBe,
}

impl Live {
    /// What was prepared for a step that a person does. What is used up says nothing again.
    pub(super) async fn prepared_by_hand(
        self: &Arc<Self>,
        question: &Question,
        offer: &Offer,
    ) -> Option<Event> {
        let step = question.by_hand()?;
        let mut answers = self.decisions.answers.iter();
        let (_, prepared) = answers.find(|(path, _)| path == step)?;
        let said = prepared.by_hand.clone()?;
        let answered = || self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered().contains(step) {
            return None;
        }
        let (world, question, offer) = (Arc::clone(self), question.clone(), offer.clone());
        let prepared = prepared.clone();
        // A file that was handed in may be large.
        let fit = move || world.fitted(&question, &offer, &prepared, &said);
        match tokio::task::spawn_blocking(fit).await.ok()? {
            Ok(event) => {
                answered().insert(step.to_owned());
                Some(event)
            }
            Err(reason) => {
                let line = format!("the prepared answer passes nothing: {reason}");
                self.say(&format!("          {step}: {}", visible_str(&line)));
                None
            }
        }
    }

    /// The event that a prepared answer makes, or why it passes nothing.
    fn fitted(
        &self,
        question: &Question,
        offer: &Offer,
        prepared: &Prepared,
        said: &ByHand,
    ) -> Result<Event, String> {
        let by = prepared.by.as_ref().map(|by| by.value.clone());
        let by = by.unwrap_or_else(|| self.place.operator.clone());
        match (question, said) {
            (Question::Manual { step, evidence, .. }, ByHand::Done(handed_in)) => {
                let note = prepared.note.clone();
                let note = note.map(|note| self.masked(&note));
                Ok(Event::StepAnswered {
                    step: step.clone(),
                    by,
                    answers: self.prepared_answers(&offer.answers, handed_in)?,
                    evidence: self.prepared_evidence(evidence, handed_in)?,
                    note,
                    is_prepared: true,
                })
            }
            (question, ByHand::Failed(reason)) => Ok(Event::StepGivenUp {
                step: question.by_hand().unwrap_or_default().to_owned(),
                by,
                reason: self.masked(reason),
                is_prepared: true,
            }),
            _ => Err("it is for another kind of question".into()),
        }
    }

    fn prepared_answers(
        &self,
        asked: &[Input],
        handed_in: &HandedIn,
    ) -> Result<BTreeMap<String, Json>, String> {
        let mut answers = BTreeMap::new();
        for answer in asked {
            let name = &answer.name.value;
            let given = handed_in.answers.iter().find(|(given, _)| given.value == *name);
            let value = match given {
                Some((_, json)) => {
                    Some(answer.taken(json).map_err(|why| format!("{name}: {why}"))?)
                }
                None => answer.default.clone(),
            };
            match value {
                Some(value) => answers.insert(name.clone(), self.without_secret(name, &value)?),
                None if answer.is_optional => None,
                None => return Err(format!("`{name}` is missing")),
            };
        }
        Ok(answers)
    }

    fn prepared_evidence(
        &self,
        asked: &[EvidenceAsked],
        handed_in: &HandedIn,
    ) -> Result<BTreeMap<String, EvidenceGiven>, String> {
        let mut found = BTreeMap::new();
        for evidence in asked {
            let name = &evidence.name;
            let mut given = handed_in.evidence.iter();
            match given.find(|(given, _)| given.value == *name) {
                Some((_, json)) => {
                    let given =
                        evidence.kind.text(json).and_then(|it| self.take(evidence.kind, &it));
                    found.insert(name.clone(), given.map_err(|why| format!("{name}: {why}"))?);
                }
                None if evidence.is_optional => {}
                None => return Err(format!("the evidence `{name}` is missing")),
            }
        }
        Ok(found)
    }

    /// Evidence as it goes on record, or why it is none.
    fn take(&self, kind: EvidenceKind, text: &str) -> Result<EvidenceGiven, String> {
        kind.admits(text)?;
        match kind {
            EvidenceKind::Number => number(text).map(|number| EvidenceGiven::Number { number }),
            EvidenceKind::Text => {
                self.without_secret("it", &Value::Text(text.to_owned()))?;
                Ok(EvidenceGiven::Text { text: text.to_owned() })
            }
            EvidenceKind::File => self.take_file(text),
        }
    }

    fn take_file(&self, text: &str) -> Result<EvidenceGiven, String> {
        let path = self.place.cwd.join(text.trim());
        let shown = path.to_string_lossy().into_owned();
        self.without_secret("it", &Value::Text(shown.clone()))?;
        if path.is_dir() {
            return Err(format!("{shown} is a folder"));
        }
        // A pipe or a device would never end.
        if path.exists() && !path.is_file() {
            return Err(format!("{shown} is no file"));
        }
        match look::file(&path, true) {
            Ok(FileSight::Found(facts)) => Ok(EvidenceGiven::File {
                path: shown,
                bytes: facts.size,
                sha256: facts.sha256.unwrap_or_default(),
            }),
            Ok(_) => Err(format!("there is no file {shown}")),
            Err(error) => Err(format!("{shown}: {error}")),
        }
    }

    /// A value as it goes on record, unless it would tell a secret there.
    fn without_secret(&self, name: &str, value: &Value) -> Result<Json, String> {
        let json = value.to_json();
        let text = value.text().unwrap_or_else(|| json.to_string());
        match self.masked(&text) == text {
            true => Ok(json),
            false => Err(format!("{name} holds a secret, which would be kept")),
        }
    }

    fn masked(&self, text: &str) -> String {
        self.secrets.redactor().mask_str(text).into()
    }

    // ----- at the terminal -----

    pub(super) fn put_manual(
        &self,
        step: &str,
        text: &str,
        evidence: &[EvidenceAsked],
        offer: &Offer,
    ) -> Option<Event> {
        let mut told = format!("\n{step} is to be done by hand:\n");
        for line in offer.why.as_deref().unwrap_or_default().lines() {
            told.push_str(&format!("  {line}\n"));
        }
        for line in text.lines() {
            told.push_str(&format!("    {line}\n"));
        }
        let answers = offer.answers.iter().map(|answer| answer.name.as_str());
        let names: Vec<&str> = answers.chain(evidence.iter().map(|it| it.name.as_str())).collect();
        if !names.is_empty() {
            told.push_str(&format!("  asked for when it is done: {}\n", names.join(", ")));
        }
        self.tell_person(&told);
        if let Word::CannotBe = self.hear()? {
            return self.give_up(step);
        }
        let mut answers = BTreeMap::new();
        for answer in &offer.answers {
            if let Some(value) = self.put_answer(answer)? {
                answers.insert(answer.name.value.clone(), value.to_json());
            }
        }
        Some(Event::StepAnswered {
            step: step.to_owned(),
            by: self.place.operator.clone(),
            answers,
            evidence: self.put_evidence(evidence)?,
            note: None,
            is_prepared: false,
        })
    }

    /// Whether something is done. Enter alone says nothing.
    fn hear(&self) -> Option<Word> {
        let word = |typed: &str| match typed.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => Some(Word::Done),
            "n" | "no" => Some(Word::CannotBe),
            _ => None,
        };
        let check = |typed: &str| match word(typed) {
            Some(_) => Ok(()),
            None => Err("type y or n, then Enter".to_owned()),
        };
        let question = "Is it done? y, or n when it cannot be done";
        word(&given(prompt::line(question, check, None, &self.interrupt))?)
    }

    fn give_up(&self, step: &str) -> Option<Event> {
        let reason = self.reason("What stands in the way")?;
        let by = self.place.operator.clone();
        Some(Event::StepGivenUp { step: step.to_owned(), by, reason, is_prepared: false })
    }

    /// Asks for an answer; nothing inside when it is left out.
    fn put_answer(&self, answer: &Input) -> Option<Option<Value>> {
        let mut question = question_of(answer);
        let written = |value: &Value| value.text().unwrap_or_else(|| value.to_json().to_string());
        let default = answer.default.as_ref().map(written);
        let is_left_out = |typed: &str| typed.is_empty() && answer.is_optional && default.is_none();
        if !answer.choices.is_empty() && answer.kind != Kind::List {
            return self.put_choices(answer, &question);
        }
        let is_plain = answer.kind == Kind::String || answer.description.is_some();
        let noun = (!is_plain).then(|| answer.kind.noun());
        question.push_str(&remarks(noun, is_left_out("")));
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

    /// Asks for one of some values, the default marked first.
    fn put_choices(&self, answer: &Input, question: &str) -> Option<Option<Value>> {
        let mut choices = answer.choices.clone();
        choices.sort_by_key(|choice| Some(choice) != answer.default.as_ref());
        let mut items: Vec<String> = choices.iter().filter_map(Value::text).collect();
        if answer.is_optional {
            items.push("(leave it out)".into());
        }
        let place = given(prompt::select(question, &items, &self.interrupt))?;
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
                let given = (!is_left_out).then(|| self.take(evidence.kind, typed)).transpose()?;
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
