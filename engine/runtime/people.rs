//! People: answers that were prepared, and questions at the terminal.
//!
//! A prepared answer that does not fit passes nothing: the question stays open. A question that is
//! interrupted, or that meets the end of input, stays open too.

mod by_hand;
mod evidence;
mod input;
pub(super) mod panel;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use crate::drive::{Tell, Unfit};
use crate::report::visible_str;
use crate::run::Offer;
use crate::run::event::{
    Absence, CheckRef, Decider, DoubtChoice, Event, Failure, InvariantChoice, Mode, Question,
    Verdict, VerdictChoice,
};

pub use input::{read_input, weak_secret};

use super::prompt::{self, Answer, Choice};
use super::world::Live;

/// How long the signal of a hang-up is waited for when the terminal is found gone.
const HANGING_UP: Duration = Duration::from_millis(100);

impl Live {
    /// Puts a question: to what was prepared, then to whoever is there.
    pub(super) async fn ask(self: &Arc<Self>, question: Question, offer: Offer, tell: &Tell) {
        let prepared = self.prepared(&question, &offer).await;
        if prepared.is_some() || !self.place.is_attended {
            self.questions().end(&question);
            prepared.into_iter().for_each(|event| drop(tell.send(event)));
            return;
        }
        let (answer, is_withdrawn) = self.put_in_turn(&question, offer).await;
        match answer {
            Some(event) => drop(tell.send(event)),
            None if is_withdrawn => {}
            // A question that broke off stays open, like one that nobody answered.
            None if !self.interrupt.is_for_good() && !prompt::is_attended() => {
                // A hang-up that closed it is told by its signal, which may come a moment later.
                tokio::time::sleep(HANGING_UP).await;
                if !self.interrupt.is_for_good() {
                    self.leave_alone();
                    let _ = tell.send(Event::AttendanceLost { cause: Absence::TerminalGone });
                }
            }
            None => {}
        }
    }

    /// What was prepared for a question; what does not fit is said.
    async fn prepared(self: &Arc<Self>, question: &Question, offer: &Offer) -> Option<Event> {
        let said = match question.by_hand() {
            // A file that was handed in may be large.
            Some(_) => {
                let (world, asked, offered) = (Arc::clone(self), question.clone(), offer.clone());
                let fit = move || world.desk.answer(&asked, &offered, &*world);
                tokio::task::spawn_blocking(fit).await.ok()?
            }
            None => self.desk.answer(question, offer, &**self),
        };
        match said? {
            Ok(event) => Some(event),
            Err(Unfit { step, reason }) => {
                let line = format!("the prepared answer passes nothing: {reason}");
                self.say(&format!("          {step}: {}", visible_str(&line)));
                let mut unfit = self.unfit.lock().unwrap_or_else(PoisonError::into_inner);
                unfit.push(format!("{step}: {line}"));
                None
            }
        }
    }

    /// The prepared answers that passed nothing so far, a sentence each.
    pub fn unfit(&self) -> Vec<String> {
        self.unfit.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until the terminal is free, and puts a question there; the answer, and whether it was
    /// settled elsewhere meanwhile.
    async fn put_in_turn(
        self: &Arc<Self>,
        question: &Question,
        offer: Offer,
    ) -> (Option<Event>, bool) {
        let _alone = self.asking.lock().await;
        // What stays open is told in the end.
        if self.is_interrupted() || !self.questions().take_turn(question) {
            return (None, self.questions().end(question));
        }
        let (world, asked) = (Arc::clone(self), question.clone());
        let put = move || world.give_terminal(|| world.put(&asked, &offer));
        let answer = tokio::task::spawn_blocking(put).await.ok().flatten();
        self.panel.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let is_withdrawn = self.questions().end(question);
        if is_withdrawn {
            self.let_ask_again();
        }
        (answer, is_withdrawn)
    }

    /// Whether nothing of the run is real but what is looked at, and nobody can go on with it.
    pub fn is_rehearsal(&self) -> bool {
        self.place.mode == Mode::Rehearsal
    }

    /// Whoever attended the run is gone: what was asked stays open, and nobody is asked any more.
    pub fn leave_alone(&self) {
        self.interrupt.raise_for_good();
    }

    /// Puts a question at the terminal. Blocks.
    fn put(&self, question: &Question, offer: &Offer) -> Option<Event> {
        match question {
            Question::Gate(gate) => self.put_gate(gate, offer),
            Question::Needed { step, title } => self.put_need(step, title, offer),
            Question::Manual { step, evidence, .. } => {
                self.put_manual(step, question.told(), evidence, offer)
            }
            Question::Item(asked) => self.put_item(asked, offer),
            Question::Choose { step, ask, options, has_none } => {
                self.put_choice(step, ask, (options, *has_none), offer)
            }
            // Where somebody is there, this is not asked.
            Question::Terminal { .. } => None,
            Question::Proceed { step, command } => self.put_proceed(step, command, offer),
            Question::Hold { step, failure } => self.put_hold(step, failure, offer),
            Question::InDoubt { step, command } => self.put_doubt(step, command, offer.is_ending),
            Question::Input { name } => self.put_input(name, &offer.choices),
            Question::Check { check, detail } => self.put_check(check, detail),
            Question::Invariant { check, detail, .. } => {
                self.put_invariant(check, detail, &offer.undos)
            }
            Question::Verdict { verdict, detail } => {
                self.put_verdict(*verdict, detail, &offer.undos)
            }
        }
    }

    fn put_hold(&self, step: &str, failure: &Failure, offer: &Offer) -> Option<Event> {
        self.tell_decider(&panel::hold(step, failure, offer));
        let ways = panel::hold_choices(offer);
        let keys: Vec<Choice> = ways.iter().map(|(_, key)| key.clone()).collect();
        let key = given(prompt::key("Choose what to do", &keys, &self.interrupt))?;
        let (choice, _) = ways.into_iter().find(|(_, it)| it.key == key)?;
        let (by, reason) = (self.place.operator.clone(), self.reason("Reason")?);
        Some(Event::HoldResolved { step: step.to_owned(), choice, by, reason })
    }

    fn put_doubt(&self, step: &str, command: &str, is_ending: bool) -> Option<Event> {
        let mut text =
            format!("\n{step} is in doubt: it was started, and how it ended is not known.\n");
        for line in command.lines() {
            text.push_str(&format!("    {line}\n"));
        }
        self.tell_decider(&text);
        let mut choices = vec![
            (DoubtChoice::Done, "it happened: go on with its verification"),
            (DoubtChoice::Rerun, "do it again"),
            (DoubtChoice::Failed, "it failed"),
        ];
        choices.retain(|(choice, _)| *choice != DoubtChoice::Rerun || !is_ending);
        let choice = self.choose("Look at the system. What is true?", &choices)?;
        let reason = self.reason("What shows it")?;
        let by = Decider::Person { name: self.place.operator.clone() };
        Some(Event::DoubtSettled { step: step.to_owned(), choice, by, reason })
    }

    fn put_check(&self, check: &CheckRef, detail: &str) -> Option<Event> {
        self.tell_decider(&panel::check(check, detail, self.place.mode));
        let by = self.place.operator.clone();
        match given(prompt::confirm("Go on all the same?", &self.interrupt))? {
            false => {
                let (check, detail) = (check.clone(), detail.to_owned());
                Some(Event::CheckRefused { check, by: Some(by), detail })
            }
            true => {
                let reason = self.reason("Reason")?;
                Some(Event::CheckWaived { check: check.clone(), by, reason })
            }
        }
    }

    fn put_invariant(&self, check: &CheckRef, detail: &str, undos: &[String]) -> Option<Event> {
        self.tell_decider(&format!("\nNothing new begins: {detail}\n"));
        let undo = undo_offer(undos);
        let mut choices = vec![
            (InvariantChoice::Retry, "look again"),
            (InvariantChoice::Waive, "go on without it for the rest of the run"),
            (InvariantChoice::Abort, "abort the run"),
        ];
        choices.extend(undo.as_ref().map(|words| (InvariantChoice::Undo, words.as_str())));
        let choice = self.choose("Choose what to do", &choices)?;
        let (by, reason) = (self.place.operator.clone(), self.reason("Reason")?);
        Some(Event::InvariantResolved { check: check.clone(), choice, by, reason })
    }

    fn put_verdict(&self, verdict: Verdict, detail: &str, undos: &[String]) -> Option<Event> {
        let word = verdict.word().replace('_', " ");
        self.tell_decider(&format!("\nThe verdict is {word}: {detail}\n"));
        let end = format!("end the run as {word}");
        let undo = undo_offer(undos);
        let mut choices =
            vec![(VerdictChoice::Retry, "look again"), (VerdictChoice::End, end.as_str())];
        choices.extend(undo.as_ref().map(|words| (VerdictChoice::Undo, words.as_str())));
        let choice = self.choose("Choose what to do", &choices)?;
        let (by, reason) = (self.place.operator.clone(), self.reason("Reason")?);
        Some(Event::VerdictResolved { choice, by, reason })
    }

    fn choose<T: Copy>(&self, question: &str, choices: &[(T, &str)]) -> Option<T> {
        let items: Vec<String> = choices.iter().map(|(_, words)| (*words).to_owned()).collect();
        let place = given(prompt::decide(question, &items, &self.interrupt))?;
        choices.get(place).map(|(choice, _)| *choice)
    }

    pub(super) fn reason(&self, question: &str) -> Option<String> {
        let reason = given(prompt::line(question, prompt::is_reason, None, &self.interrupt))?;
        Some(self.masked(&reason))
    }

    /// Says at the terminal by which word this session is known; it stands nowhere else.
    pub fn show_mark(&self) {
        if self.place.is_attended {
            let mark = &self.mark;
            let meaning = "a gate that does not show it is not real";
            self.tell_person(&format!("this session's mark: {mark}; {meaning}\n"));
        }
    }

    /// What a question is about that decides how the run goes on. Last of all stands what no step
    /// can print, and which chain the decision belongs to.
    pub(super) fn tell_decider(&self, text: &str) {
        let head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let (mark, head) = (&self.mark, head.get(..12).unwrap_or_default());
        self.tell_asked(&format!(
            "{text}  this session's mark: {mark}, head of the chain: {head}\n"
        ));
    }

    /// What stands above a question.
    pub(super) fn tell_asked(&self, text: &str) {
        let text = panel::stamped(text, self.place.mode);
        self.tell_person(&text);
        *self.panel.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// Puts the question that has the terminal anew, with what stands above it: something else was
    /// shown meanwhile.
    pub fn put_again(&self) {
        let panel = self.panel.lock().unwrap_or_else(PoisonError::into_inner);
        if !panel.is_empty() {
            self.tell_person(&panel);
        }
        prompt::ask_again();
    }

    pub(super) fn tell_person(&self, text: &str) {
        use std::io::Write;
        let redactor = self.secrets.redactor();
        let text = redactor.mask_str(text);
        // A terminal that is gone answers nothing either, and that is what counts.
        let _ = write!(std::io::stderr().lock(), "{}", visible_str(&text));
    }
}

/// The way back, where there is one: what is taken back, in order.
fn undo_offer(undos: &[String]) -> Option<String> {
    let steps: Vec<&str> = undos.iter().map(|undo| undo.trim_end_matches("~undo")).collect();
    match steps.len() {
        0 => None,
        1..=4 => Some(format!("take back {}, and end the run", steps.join(", "))),
        more => Some(format!("take back {more} steps, {} first, and end the run", steps[0])),
    }
}

pub(super) fn given<T>(answer: Answer<T>) -> Option<T> {
    match answer {
        Answer::Given(value) => Some(value),
        Answer::Interrupted | Answer::Nobody => None,
    }
}
