//! The player: the cast of a case, which does what its script says and nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};

use crate::drive::{Answers, Custody, Decisions, Desk, Unfit};
use crate::journal::Record;
use crate::plan::Plan;
use crate::run::event::{
    CheckRef, Event, EvidenceGiven, GateQuestion, InputGiven, InputSource, Purpose, Question,
    TimerKind,
};
use crate::run::{Execution, Offer};
use crate::runbook::answers::Prepared;
use crate::runbook::expect::Judgement;
use crate::runbook::input::Input;
use crate::runbook::manual::{EvidenceKind, number};
use crate::runbook::probe::Observation;
use crate::runbook::testfile::{Decision, Left, When};
use crate::runbook::value::Value;

use super::cast::{Act, Cast, Fate, Glance};
use super::script::place::{Matter, step_of};
use super::script::{Script, acts, people};
use super::simulate::simulated;
use super::tally::{About, DECIDED, Tally};

/// Who drives the runs of tests.
pub const OPERATOR: &str = "operator";

/// The digest of every file that is handed in: in a test no file is opened.
pub const UNOPENED: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The cast of one driver of a case.
pub struct Player {
    script: Arc<Script>,
    plan: Arc<Plan>,
    tally: Mutex<Tally>,
    /// Where drivers died, this one too.
    deaths: Mutex<Deaths>,
    has_died: Notify,
    /// Counts the gates whose time was up.
    expired: watch::Sender<usize>,
    unfit: Mutex<Vec<Unfit>>,
}

/// Where drivers died.
#[derive(Clone, Debug, Default)]
pub struct Deaths {
    /// The crashes that came, by their place in the script.
    pub come: Vec<usize>,
    /// What became of the attempts that were under way then.
    pub left: BTreeMap<(String, u32), Left>,
    /// The last record of the driver that died last, until another goes on.
    pub at: Option<u64>,
}

impl Player {
    /// The cast of the next driver, after what is on record.
    pub fn new(script: Arc<Script>, plan: Arc<Plan>, records: &[Record], deaths: Deaths) -> Player {
        let tally = Mutex::new(Tally::of(&script, records));
        let deaths = Mutex::new(Deaths { at: None, ..deaths });
        Player {
            script,
            plan,
            tally,
            deaths,
            has_died: Notify::new(),
            expired: watch::Sender::new(0),
            unfit: Mutex::default(),
        }
    }

    /// Waits until the driver dies.
    pub async fn death(&self) {
        self.has_died.notified().await;
    }

    /// Where drivers died so far.
    pub fn deaths(&self) -> Deaths {
        lock(&self.deaths).clone()
    }

    /// The answers that passed nothing, with the reasons.
    pub fn unfit(&self) -> Vec<Unfit> {
        lock(&self.unfit).clone()
    }

    /// Goes on only where the driver has not died: then nothing happens any more.
    async fn alive(&self) {
        if lock(&self.deaths).at.is_some() {
            std::future::pending::<()>().await;
        }
    }

    fn act_of(&self, execution: &Execution) -> Act {
        let mocked = self.script.mocks.iter().find(|it| it.place.holds(&execution.step));
        if let Some(mock) = mocked.and_then(|mocked| mocked.attempt(execution.attempt)) {
            return acts::act(mock, execution);
        }
        let known = self.plan.at_path(&execution.step);
        let known = known.or_else(|| self.plan.pattern_of(&execution.step));
        match known.and_then(|index| self.plan.nodes[index].simulate.as_ref()) {
            Some(simulate) => simulated(simulate, execution),
            None => Act {
                goes: acts::unsaid(execution),
                takes: Duration::ZERO,
                hands_over: BTreeMap::new(),
            },
        }
    }

    /// The next decision about a question, with its place; it is used up.
    fn decide(&self, question: &Question) -> Option<Decision> {
        let mut tally = lock(&self.tally);
        let is_it = |matter: &Matter| matter.holds(question);
        let place = self.script.decisions.iter().position(|decided| is_it(&decided.matter))?;
        let decision = tally.next(&self.script, place)?;
        let is_there = match question {
            Question::Hold { .. } => people::held(decision).is_some(),
            Question::InDoubt { .. } => people::in_doubt(decision).is_some(),
            Question::Invariant { .. } => people::of_invariant(decision).is_some(),
            Question::Verdict { .. } => people::of_verdict(decision).is_some(),
            Question::Check { .. } => matches!(decision, Decision::Waive | Decision::Refuse),
            _ => false,
        };
        is_there.then(|| *tally.decisions.entry(place).or_default() += 1)?;
        Some(decision)
    }

    /// Whether the script says that nobody answers a gate until its time is up.
    fn lets_expire(&self, question: &Question) -> bool {
        let tally = lock(&self.tally);
        let mut decisions = self.script.decisions.iter().enumerate();
        decisions.any(|(place, decided)| {
            decided.matter.holds(question)
                && tally.next(&self.script, place) == Some(Decision::Expires)
        })
    }

    /// Waits until the time of a gate is up.
    async fn expiry(&self, question: &Question) {
        let mut expired = self.expired.subscribe();
        while self.lets_expire(question) {
            if expired.changed().await.is_err() {
                return;
            }
        }
    }

    fn decided(&self, question: &Question, offer: &Offer) -> Option<Event> {
        let decision = self.decide(question)?;
        let (by, reason) = (OPERATOR.to_owned(), DECIDED.to_owned());
        let mut decisions = Decisions { reason: reason.clone(), ..Decisions::default() };
        match question {
            Question::Check { check, detail } => {
                let check = check.clone();
                return Some(match decision {
                    Decision::Waive => Event::CheckWaived { check, by, reason },
                    _ => Event::CheckRefused { check, by: Some(by), detail: detail.clone() },
                });
            }
            Question::InDoubt { step, .. } => {
                decisions.steps.push((step.clone(), people::in_doubt(decision)?));
            }
            Question::Hold { step, .. } => {
                decisions.steps.push((step.clone(), people::held(decision)?));
            }
            Question::Invariant { id, .. } => {
                decisions.invariants.push((id.clone(), people::of_invariant(decision)?));
            }
            Question::Verdict { .. } => decisions.verdict = people::of_verdict(decision),
            _ => return None,
        }
        self.desk(decisions).answer(question, offer, &Unseen)?.ok()
    }

    fn desk(&self, decisions: Decisions) -> Desk {
        Desk::new(decisions, OPERATOR.to_owned(), Arc::clone(&self.plan.runbook))
    }

    /// What the script answers to a question of a step.
    fn answered(&self, question: &Question, offer: &Offer) -> Option<Event> {
        let step = step_of(question)?;
        let about = About::of(question)?;
        let yes = self.script.yes.is_some();
        let mut decisions = Decisions { yes, ..Decisions::default() };
        if let Some(prepared) = self.next_answer(step, &about) {
            let prepared = match question {
                Question::Gate(gate) => bound(prepared, gate),
                _ => prepared,
            };
            decisions.answers.push((step.to_owned(), prepared));
        }
        match self.desk(decisions).answer(question, offer, &Unseen)? {
            Ok(event) => Some(event),
            Err(unfit) => {
                lock(&self.unfit).push(unfit);
                None
            }
        }
    }

    /// The next answer about something of a step. One that stands alone is given to its gate each
    /// time, and to what a person does once.
    fn next_answer(&self, step: &str, about: &About) -> Option<Prepared> {
        let answered = self.script.answers.iter().find(|answered| answered.step == step)?;
        let mut answers = answered.answers.iter().filter(|prepared| about.is_in(prepared));
        let given = lock(&self.tally).answers_to(step, about);
        let is_alone = answered.answers.len() == 1 && !matches!(about, About::Deed(_));
        let place = if is_alone { 0 } else { given };
        answers.nth(place).cloned()
    }

    fn input(&self, name: &str) -> Option<Event> {
        let is_declared = self.plan.runbook.inputs.iter().any(|input| input.name.value == name);
        // A secret that was lost with the process is given again; nobody is told what it is.
        let (name, from) = (name.to_owned(), InputSource::Prompt);
        (!is_declared && self.script.is_attended).then_some(Event::InputGiven(InputGiven {
            name,
            value: None,
            is_secret: true,
            from,
        }))
    }

    /// The crash that comes with a record, if one does.
    fn crash_at(&self, event: &Event, come: &[usize]) -> Option<usize> {
        let mut crashes = self.script.crashes.iter().enumerate();
        crashes.find_map(|(place, point)| {
            let is_it = |step: &str| point.matter.is_step(step);
            let comes = match (point.crash.when, event) {
                (When::During, Event::StepStarted { step, .. })
                | (When::After, Event::StepGivenUp { step, .. } | Event::StepSucceeded { step }) => {
                    is_it(step)
                }
                (When::After, Event::StepEnded(ended)) => is_it(&ended.step),
                (When::After, Event::StepAnswered(answered)) => is_it(&answered.step),
                (When::Asking, Event::QuestionAsked { question }) => point.matter.holds(question),
                _ => false,
            };
            (comes && !come.contains(&place)).then_some(place)
        })
    }
}

impl Cast for Player {
    async fn act(&self, execution: &Execution) -> Act {
        self.alive().await;
        self.act_of(execution)
    }

    async fn look(&self, check: &CheckRef, look: &Observation) -> Glance {
        self.alive().await;
        let tally = lock(&self.tally);
        let before = tally.looks.get(check).copied().unwrap_or_default();
        let looked = self.script.looks.iter().find(|looked| looked.holds(check));
        if let Some(glance) = looked.and_then(|looked| looked.glance(before, look)) {
            return glance;
        }
        // Nothing is done yet before an action; what was begun may have been done.
        let has_begun =
            check.step.as_ref().is_some_and(|step| tally.under_way.contains(step.as_str()));
        let judgement = match check.purpose {
            Purpose::DoneWhen if !has_begun => Judgement::Fails("it is not done yet".into()),
            _ => Judgement::Holds,
        };
        Glance { judgement, takes: Duration::ZERO }
    }

    async fn answer(&self, question: &Question, offer: &Offer) -> Option<Event> {
        self.alive().await;
        match question {
            Question::Gate(_) if self.lets_expire(question) => {
                self.expiry(question).await;
                None
            }
            Question::Input { name } => self.input(name),
            _ => self.decided(question, offer).or_else(|| self.answered(question, offer)),
        }
    }

    fn choices(&self, input: &str) -> Result<Vec<String>, String> {
        Ok(self.script.choices.get(input).map(|lines| lines.value.clone()).unwrap_or_default())
    }

    fn fate(&self, execution: Option<&Execution>, step: &str, attempt: u32) -> Fate {
        let left = lock(&self.deaths).left.get(&(step.to_owned(), attempt)).copied();
        match (left.unwrap_or_default(), execution) {
            (Left::Ended, Some(execution)) => Fate::Known(Box::new(self.act_of(execution))),
            (Left::Gone | Left::Ended, _) => Fate::Lost,
            (Left::NeverBegun, _) => {
                lock(&self.tally).under_way.remove(step);
                Fate::NeverBegun
            }
            (Left::Unknown, _) => Fate::Unknown,
        }
    }

    fn kept(&self, record: &Record) {
        let mut deaths = lock(&self.deaths);
        if deaths.at.is_some() {
            return;
        }
        let event = &record.event;
        if counts_here(event) {
            lock(&self.tally).see(&self.script, event);
        }
        if matches!(event, Event::TimerDue { timer, .. } if timer.kind == TimerKind::Expiry) {
            self.expired.send_modify(|count| *count += 1);
        }
        if let Some(place) = self.crash_at(event, &deaths.come) {
            if let Event::StepStarted { step, attempt, .. } = event {
                let left = self.script.crashes[place].crash.process;
                deaths.left.insert((step.clone(), *attempt), left);
            }
            deaths.come.push(place);
            deaths.at = Some(record.seq);
            self.has_died.notify_one();
        }
    }
}

/// Whether an event is counted when it is on record, and not when it was said.
fn counts_here(event: &Event) -> bool {
    !matches!(
        event,
        Event::HoldResolved { .. }
            | Event::DoubtSettled { .. }
            | Event::InvariantResolved { .. }
            | Event::VerdictResolved { .. }
            | Event::CheckRefused { .. }
            | Event::CheckWaived { .. }
    )
}

/// An answer bound to the question that it is given to: in a test nobody else could have put it.
fn bound(prepared: Prepared, gate: &GateQuestion) -> Prepared {
    let digest = prepared.digest.clone().or_else(|| Some(gate.digest.clone()));
    Prepared { digest, ..prepared }
}

/// Where nobody keeps a secret, and no file is opened.
struct Unseen;

impl Custody for Unseen {
    fn masked(&self, text: &str) -> String {
        text.to_owned()
    }

    fn evidence(&self, kind: EvidenceKind, text: &str) -> Result<EvidenceGiven, String> {
        kind.admits(text)?;
        Ok(match kind {
            EvidenceKind::Number => EvidenceGiven::Number { number: number(text)? },
            EvidenceKind::Text => EvidenceGiven::Text { text: text.to_owned() },
            EvidenceKind::File => {
                let (path, sha256) = (text.trim().to_owned(), UNOPENED.to_owned());
                EvidenceGiven::File { path, bytes: 0, sha256 }
            }
        })
    }

    fn take_answer(
        &self,
        _step: &str,
        answer: &Input,
        value: &Value,
        into: &mut Answers,
    ) -> Result<(), String> {
        let name = answer.name.value.clone();
        match answer.is_secret {
            true => into.secrets.push(name),
            false => drop(into.open.insert(name, value.to_json())),
        }
        Ok(())
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
