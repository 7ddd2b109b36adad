//! The world of an exercise at a table: nothing is started, questions to people are real, and how
//! everything else goes is said by somebody.
//!
//! By whom depends on who is there: a past run that is gone through once more, whoever leads the
//! exercise from another terminal, the runbook (`simulate`), or whoever sits at this one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use crate::document::millis;
use crate::drive::{Tell, World};
use crate::journal::{Folder, Lock, Record};
use crate::plan::Plan;
use crate::rehearse::stand_in_for;
use crate::rehearse::tabletop::{ended_as_told, recorded, seen_as_told, simulated_end};
use crate::report::Terminal;
use crate::run::event::exercise::{Discussed, OutcomeTold, Subject, Teller, Told};
use crate::run::event::{
    CheckRef, ChoicesListed, End, Event, ProcessGone, Purpose, Question, Reading, StepEnded,
    StopLevel,
};
use crate::run::{Effect, Execution, Offer, RunState, Task, ended, grow};
use crate::runbook::wait::Waiting;
use crate::runtime::Live;
use crate::runtime::prompt::{Answer, Interrupt};

use super::ask;
use super::outlook::About;

/// How often it is looked whether somebody leads the exercise from another terminal.
const LOOK: Duration = Duration::from_millis(200);

/// What is said when whoever led the exercise from another terminal is gone.
const UNLED: &str = "          nobody leads the exercise any more: say here how it goes";

/// The world of one exercise.
pub struct Table {
    /// What puts questions at the terminal.
    pub live: Arc<Live>,
    terminal: Terminal,
    folder: Folder,
    operator: String,
    /// Who waits to hear how something goes, and what was said before anybody did.
    outcomes: Mutex<BTreeMap<Subject, Outcome>>,
    /// How often each check was looked at.
    looks: Mutex<BTreeMap<CheckRef, usize>>,
    /// The steps whose questions were talked about.
    discussed: Mutex<BTreeSet<String>>,
    followed: Mutex<Followed>,
    /// Whether it is being left.
    is_over: watch::Sender<bool>,
}

/// The run, as far as its records say.
struct Followed {
    plan: Plan,
    state: RunState,
}

/// How something goes, on its way to whoever waits for it.
enum Outcome {
    Awaited(oneshot::Sender<Told>),
    Told(Told),
}

/// Who is heard first of those who may say how something goes.
enum Heard {
    Told(Told),
    /// Somebody else is to be asked now.
    Another,
    /// It is being left.
    Over,
}

impl Table {
    /// The table of one exercise.
    pub fn new(
        live: Arc<Live>,
        terminal: Terminal,
        folder: Folder,
        operator: String,
        plan: Plan,
    ) -> Table {
        let state = RunState::new(&plan);
        Table {
            live,
            terminal,
            folder,
            operator,
            outcomes: Mutex::default(),
            looks: Mutex::default(),
            discussed: Mutex::default(),
            followed: Mutex::new(Followed { plan, state }),
            is_over: watch::Sender::new(false),
        }
    }

    /// Whether somebody leads the exercise from another terminal.
    pub fn is_led(&self) -> bool {
        Lock::is_held(&self.folder.facilitator())
    }

    /// Waits until the exercise is being left.
    pub async fn left(&self) {
        let mut is_over = self.is_over.subscribe();
        // The sender lives as long as we do.
        let _ = is_over.wait_for(|is_over| *is_over).await;
    }

    /// Whether the exercise is being left.
    pub fn is_left(&self) -> bool {
        *self.is_over.borrow()
    }

    /// Leaves the exercise: nobody is asked any more.
    pub fn leave(&self) {
        self.is_over.send_replace(true);
    }

    async fn ask(&self, question: Question, offer: Offer, tell: &Tell) {
        if let Some(event) = self.secret(&question) {
            let _ = tell.send(event);
            return;
        }
        if let Some(step) = step_of(&question) {
            self.discuss(step, tell).await;
        }
        let effect = Effect::Ask { question, offer };
        Arc::clone(&self.live).perform(effect, tell.clone()).await;
    }

    /// What stands in for a secret, which nothing here uses.
    fn secret(&self, question: &Question) -> Option<Event> {
        let Question::Input { name } = question else { return None };
        let followed = self.followed();
        let inputs = &followed.plan.runbook.inputs;
        let input = inputs.iter().find(|input| input.name.value == *name && input.is_secret)?;
        Some(stand_in_for(name, input))
    }

    async fn look(&self, check: CheckRef, tell: &Tell) {
        if let Some(step) = &check.step {
            self.discuss(step, tell).await;
        }
        let subject = Subject::Check { check: check.clone() };
        let turn = {
            let mut looks = lock(&self.looks);
            let turn = looks.entry(check.clone()).or_default();
            *turn += 1;
            *turn - 1
        };
        let past = self.past(&subject, turn);
        let told = match (self.goes_without_saying(&check), check.purpose) {
            (true, Purpose::DoneWhen) => Some(Told::fails("in an exercise it was not done before")),
            (true, _) => Some(Told::well()),
            (false, _) => {
                let foretold = past.map(|told| (told, Teller::Past));
                let foretold = foretold.or_else(|| self.simulated_look(&check));
                self.hear(subject, foretold, tell).await
            }
        };
        let Some(told) = told else { return };
        let (sight, detail) = seen_as_told(&told);
        let (took_ms, is_assumed) = (0, true);
        let _ = tell.send(Event::CheckObserved { check, sight, detail, took_ms, is_assumed });
    }

    fn goes_without_saying(&self, check: &CheckRef) -> bool {
        let followed = self.followed();
        followed.state.exercise.as_ref().is_some_and(|it| it.goes_without_saying(check))
    }

    /// What is to be seen by a runbook that says how the step goes.
    fn simulated_look(&self, check: &CheckRef) -> Option<(Told, Teller)> {
        let followed = self.followed();
        let index = followed.plan.at_path(check.step.as_deref()?)?;
        let is_said = followed.plan.nodes[index].simulate.is_some();
        is_said.then(|| (Told::well(), Teller::Runbook))
    }

    async fn act(&self, execution: Execution, tell: &Tell) {
        self.discuss(&execution.step, tell).await;
        let ended = match self.how(&execution, tell).await {
            Some(ended) => self.live.without_secrets(StepEnded { is_assumed: true, ..ended }),
            None => return,
        };
        let _ = tell.send(Event::StepEnded(Box::new(ended)));
    }

    /// How an attempt ends; none where that is left open.
    async fn how(&self, execution: &Execution, tell: &Tell) -> Option<StepEnded> {
        match &execution.task {
            Task::Show(_) | Task::Send(_) => {
                return Some(ended_as_told(execution, &Told::well()));
            }
            // At a table no hour passes.
            Task::Wait { waiting, .. } if matches!(**waiting, Waiting::For(_)) => {
                return Some(ended(execution, End::Waited));
            }
            _ => {}
        }
        let (step, attempt) = (execution.step.clone(), execution.attempt);
        let subject = Subject::Step { step, attempt };
        if let Some(told) = self.past(&subject, 0) {
            let told = self.hear(subject, Some((told, Teller::Past)), tell).await?;
            return Some(ended_as_told(execution, &told));
        }
        let simulated = self.simulated(execution);
        let foretold = simulated.as_ref().map(|(told, _)| (told.clone(), Teller::Runbook));
        let told = self.hear(subject, foretold, tell).await?;
        Some(match simulated {
            Some((foretold, ended)) if self.masked(foretold.clone()) == told => ended,
            _ => ended_as_told(execution, &told),
        })
    }

    fn simulated(&self, execution: &Execution) -> Option<(Told, StepEnded)> {
        let followed = self.followed();
        let index = followed.plan.at_path(&execution.step)?;
        simulated_end(&followed.plan.nodes[index], execution)
    }

    fn past(&self, subject: &Subject, turn: usize) -> Option<Told> {
        let followed = self.followed();
        let exercise = followed.state.exercise.as_ref()?;
        recorded(exercise.script.past.as_ref()?, subject, turn)
    }

    /// How something goes, as soon as that is on record; none where it is left open. What a past run
    /// foretells goes before whoever leads, and what the runbook does before whoever sits here.
    async fn hear(
        &self,
        subject: Subject,
        foretold: Option<(Told, Teller)>,
        tell: &Tell,
    ) -> Option<Told> {
        let (sender, mut told) = oneshot::channel();
        let awaited = Outcome::Awaited(sender);
        if let Some(Outcome::Told(told)) = lock(&self.outcomes).insert(subject.clone(), awaited) {
            return Some(told);
        }
        let mut was_led = false;
        loop {
            let is_led = self.is_led();
            if let Some((outcome, teller)) = &foretold
                && (*teller == Teller::Past || !is_led)
            {
                self.say(subject, outcome.clone(), teller.clone(), tell);
                return told.await.ok();
            }
            let heard = match is_led {
                true => {
                    was_led = true;
                    self.hear_facilitator(&mut told).await
                }
                false => {
                    if std::mem::take(&mut was_led) {
                        self.terminal.line(UNLED);
                    }
                    self.hear_here(&subject, &mut told, tell).await
                }
            };
            match heard {
                Heard::Told(told) => return Some(told),
                Heard::Another => {}
                Heard::Over => return None,
            }
        }
    }

    async fn hear_facilitator(&self, told: &mut oneshot::Receiver<Told>) -> Heard {
        loop {
            tokio::select! {
                heard = &mut *told => return heard.map_or(Heard::Over, Heard::Told),
                () = self.left() => return Heard::Over,
                () = tokio::time::sleep(LOOK) => {}
            }
            if !self.is_led() {
                return Heard::Another;
            }
        }
    }

    /// Asks at this terminal, until somebody leads the exercise from another.
    async fn hear_here(
        &self,
        subject: &Subject,
        told: &mut oneshot::Receiver<Told>,
        tell: &Tell,
    ) -> Heard {
        let Ok(interrupt) = Interrupt::new() else { return Heard::Over };
        let (ended, about) = (interrupt.clone(), self.about(subject));
        let live = Arc::clone(&self.live);
        let put = move |live: &Live| ask::outcome(&about, &|text| live.tell_above(text), &ended);
        let mut asked = tokio::spawn(async move { live.in_turn(put).await });
        let mut is_answered = false;
        loop {
            let heard = tokio::select! {
                heard = &mut *told => heard.map_or(Heard::Over, Heard::Told),
                () = self.left() => Heard::Over,
                answer = &mut asked, if !is_answered => {
                    let Ok(Some(Answer::Given(outcome))) = answer else { return Heard::Over };
                    is_answered = true;
                    let teller = Teller::Person { name: self.operator.clone() };
                    self.say(subject.clone(), outcome, teller, tell);
                    continue;
                }
                () = tokio::time::sleep(LOOK), if !is_answered => match self.is_led() {
                    true => Heard::Another,
                    false => continue,
                },
            };
            if !is_answered {
                interrupt.raise_for_good();
                // The terminal is as it was before anything else is put there.
                let _ = asked.await;
            }
            return heard;
        }
    }

    /// Says how something goes, without the secrets in it.
    fn say(&self, subject: Subject, outcome: Told, teller: Teller, tell: &Tell) {
        let outcome = self.masked(outcome);
        let _ = tell.send(Event::OutcomeTold(OutcomeTold { subject, outcome, teller }));
    }

    /// What is told, without the secrets in it.
    pub fn masked(&self, told: Told) -> Told {
        let mask = |text: &str| self.live.masked(text);
        match told {
            Told::Well { outputs } => {
                let masked = outputs.into_iter().map(|(name, text)| (name, mask(&text)));
                Told::Well { outputs: masked.collect() }
            }
            Told::Fails { reason, exit, signal } => {
                Told::Fails { reason: mask(&reason), exit, signal }
            }
            Told::TimesOut => Told::TimesOut,
            Told::Unseen { reason } => Told::Unseen { reason: mask(&reason) },
        }
    }

    fn about(&self, subject: &Subject) -> About {
        let followed = self.followed();
        About::of(&followed.plan, &followed.state, subject)
    }

    /// Lets the team talk about what a step asks, and the groups around it before that, once, before
    /// anything of it is done.
    async fn discuss(&self, step: &str, tell: &Tell) {
        for (step, question) in self.to_discuss(step) {
            if let Some(said) = self.talk(Some(&step), &question).await {
                let _ = tell.send(Event::Discussed(said));
            }
        }
    }

    /// What nobody has talked about, of a step and of the groups around it, the outermost first.
    fn to_discuss(&self, step: &str) -> Vec<(String, String)> {
        let followed = self.followed();
        let nodes = &followed.plan.nodes;
        let mut around: Vec<usize> =
            std::iter::successors(followed.plan.at_path(step), |at| nodes[*at].parent).collect();
        around.reverse();
        let mut discussed = lock(&self.discussed);
        let is_new = |at: &usize| discussed.insert(nodes[*at].path.clone());
        let new: Vec<usize> = around.into_iter().filter(is_new).collect();
        let asked = |at: usize| {
            let node = &nodes[at];
            node.discuss.iter().map(|question| (node.path.clone(), question.clone()))
        };
        new.into_iter().flat_map(asked).collect()
    }

    /// What the team says to a question; none where nobody answers it.
    pub async fn talk(&self, step: Option<&str>, question: &str) -> Option<Discussed> {
        let interrupt = Interrupt::new().ok()?;
        let (ended, live) = (interrupt.clone(), Arc::clone(&self.live));
        let place = step.map(|step| format!("{step}: ")).unwrap_or_default();
        let above = format!("\n{place}{}\n", question.trim());
        let who = self.operator.clone();
        let put = move |live: &Live| {
            let began = Instant::now();
            let said = ask::discussed(&above, &who, &|text| live.tell_above(text), &ended);
            (said, millis(began.elapsed()))
        };
        let mut asked = tokio::spawn(async move { live.in_turn(put).await });
        let answer = tokio::select! {
            answer = &mut asked => answer,
            () = self.left() => {
                interrupt.raise_for_good();
                asked.await
            }
        };
        let Ok(Some((Answer::Given(Some((by, answer))), took_ms))) = answer else { return None };
        Some(Discussed {
            step: step.map(str::to_owned),
            question: question.trim().to_owned(),
            by: self.live.masked(&by),
            answer: self.live.masked(&answer),
            took_ms,
        })
    }

    fn followed(&self) -> MutexGuard<'_, Followed> {
        lock(&self.followed)
    }
}

impl World for Table {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        match effect {
            Effect::Record(_) => {}
            Effect::SeekChoices { input, .. } => {
                let problem = Some("in an exercise nothing is looked at: type one".to_owned());
                let listed = ChoicesListed { input, choices: Vec::new(), problem };
                let _ = tell.send(Event::ChoicesListed(listed));
            }
            Effect::Observe { check, .. } => self.look(check, &tell).await,
            Effect::Ask { question, offer } => self.ask(question, offer, &tell).await,
            Effect::Execute(execution) => self.act(*execution, &tell).await,
            Effect::SeekProcess { step, .. } => {
                let gone = ProcessGone { step, is_certain: true, has_begun: false };
                let _ = tell.send(Event::ProcessGone(gone));
            }
            wake @ Effect::Wake { .. } => Arc::clone(&self.live).perform(wake, tell).await,
        }
    }

    fn read_clock(&self) -> Reading {
        self.live.read_clock()
    }

    fn kept(&self, record: &Record) {
        {
            let mut followed = self.followed();
            let Followed { plan, state } = &mut *followed;
            grow(plan, &record.event);
            // It was applied before it was kept, so it can be applied here.
            let _ = state.apply(plan, record.at, &record.event);
        }
        self.live.kept(record);
        match &record.event {
            Event::OutcomeTold(told) => {
                let mut outcomes = lock(&self.outcomes);
                match outcomes.remove(&told.subject) {
                    // Nobody hears it any more only when it is being left.
                    Some(Outcome::Awaited(waiting)) => drop(waiting.send(told.outcome.clone())),
                    _ => {
                        let outcome = Outcome::Told(told.outcome.clone());
                        outcomes.insert(told.subject.clone(), outcome);
                    }
                }
            }
            Event::AttendanceLost { .. } => self.leave(),
            _ => {}
        }
    }

    fn discard(&self, letter: &str) {
        self.live.discard(letter);
    }

    fn withdraw(&self, questions: Vec<Question>, is_from_elsewhere: bool) {
        self.live.withdraw(questions, is_from_elsewhere);
    }

    fn stop(&self, level: StopLevel) {
        self.leave();
        self.live.stop(level);
    }
}

/// The step that a question is about before anything of it is done.
fn step_of(question: &Question) -> Option<&str> {
    match question {
        Question::Gate(gate) => Some(&gate.step),
        Question::Needed { step, .. } => Some(step),
        other => other.by_hand(),
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
