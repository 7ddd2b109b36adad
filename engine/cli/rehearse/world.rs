//! The world of a rehearsal: assumed, but for questions to people, and for what only looks where
//! that is wanted.
//!
//! What is real happens in a runtime of its own, in which time passes as it does; meanwhile the
//! virtual time of the rehearsal stands still, and then passes as much.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::document::millis;
use crate::drive::{Tell, World};
use crate::journal::Record;
use crate::rehearse::{Act, Assumed, Assumption, Goes, Rehearsal, Source, come_to};
use crate::report::{Terminal, visible_str};
use crate::run::event::{
    CheckRef, End, Event, Failure, FailureKind, Question, Reading, Sight, StepEnded, StopLevel,
};
use crate::run::practice::is_decisive;
use crate::run::{Effect, Execution, Offer, Task};
use crate::runbook::probe::{Observation, Patience, View};
use crate::runtime::{Live, Practised};
use crate::timeline::{duration, how_ended};

/// A world in which nothing is changed.
pub struct Practice {
    /// What is assumed.
    pub assumed: Arc<Assumed<Rehearsal>>,
    /// What is real.
    pub live: Arc<Live>,
    /// Where that happens.
    pub real: Handle,
    /// Where it is shown.
    pub terminal: Option<Terminal>,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// Whether what only looks is looked at.
    pub is_observing: bool,
    /// The assumptions that what was seen contradicts.
    pub contradictions: Mutex<Vec<String>>,
    /// Whether it is being stopped.
    pub is_stopped: AtomicBool,
}

impl World for Practice {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        match effect {
            Effect::Ask { question, offer } => self.ask(question, offer, &tell).await,
            Effect::Observe { check, observation } if self.cast().is_looked_at(&check) => {
                self.look(check, observation, &tell).await;
            }
            Effect::SeekChoices { ref input, .. }
                if self.is_attended && self.cast().lists_choices_of(input) =>
            {
                let (events, took) = self.for_real(effect).await;
                tokio::time::sleep(took).await;
                tell_all(events, &tell);
            }
            Effect::Execute(execution) if self.cast().is_begun(&execution) => {
                self.carry_out(*execution, &tell).await;
            }
            Effect::Execute(execution) => {
                if self.hear(&execution).await {
                    Arc::clone(&self.assumed).perform(Effect::Execute(execution), tell).await;
                }
            }
            other => Arc::clone(&self.assumed).perform(other, tell).await,
        }
    }

    fn read_clock(&self) -> Reading {
        self.assumed.read_clock()
    }

    fn kept(&self, record: &Record) {
        self.assumed.kept(record);
        self.live.kept(record);
    }

    fn withdraw(&self, questions: Vec<Question>, is_from_elsewhere: bool) {
        self.live.withdraw(questions, is_from_elsewhere);
    }

    fn stop(&self, level: StopLevel) {
        self.is_stopped.store(true, Ordering::Relaxed);
        self.live.stop(level);
        // Nothing that is assumed needs to be let finish.
        self.assumed.stop(StopLevel::Interrupt);
    }
}

impl Practice {
    fn cast(&self) -> &Rehearsal {
        self.assumed.cast()
    }

    /// What happens when an effect is performed in the real world, and how long that takes.
    async fn for_real(&self, effect: Effect) -> (Vec<Event>, Duration) {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let (live, real) = (Arc::clone(&self.live), self.real.clone());
        let began = Instant::now();
        // While this blocks, no virtual time passes.
        let done =
            tokio::task::spawn_blocking(move || real.block_on(live.perform(effect, sender))).await;
        if done.is_err() {
            tracing::error!("what was to be looked at broke off");
        }
        (std::iter::from_fn(|| heard.try_recv().ok()).collect(), began.elapsed())
    }

    /// Puts a question: to what was prepared, then to whoever is there; where nobody is, what lets
    /// the rehearsal go on is assumed to be said.
    async fn ask(&self, question: Question, offer: Offer, tell: &Tell) {
        if !self.needs_no_person(&question) {
            let effect = Effect::Ask { question: question.clone(), offer: offer.clone() };
            let (events, _) = self.for_real(effect).await;
            if !events.is_empty() {
                tell_all(events, tell);
                return;
            }
            // Whoever breaks off a question ends the rehearsal.
            if self.is_attended || self.is_stopped() {
                return;
            }
        }
        if let Some(event) = self.cast().stand_in(&question, &offer) {
            let _ = tell.send(event);
        }
    }

    /// Whether nobody is asked, even where somebody is: a secret that nothing will use, or what was said
    /// beforehand.
    fn needs_no_person(&self, question: &Question) -> bool {
        match question {
            Question::Input { name } => !self.is_observing && self.cast().is_secret(name),
            Question::Manual { .. } | Question::Item(_) | Question::Choose { .. } => {
                let step = question.by_hand().unwrap_or_default();
                self.cast().said_of_step(step).is_some()
            }
            _ => false,
        }
    }

    fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// Lets a person say how a step would go, where nothing else says it; false when it is left open.
    async fn hear(&self, execution: &Execution) -> bool {
        if !self.is_attended || self.cast().source(execution) != Source::Person {
            return true;
        }
        let (live, real) = (Arc::clone(&self.live), self.real.clone());
        let (asked, offer) = (execution.clone(), self.cast().offer(&execution.step));
        let put = move || real.block_on(live.practise(&asked, offer));
        let Some(said) = tokio::task::spawn_blocking(put).await.ok().flatten() else {
            return false;
        };
        let takes = self.cast().takes(execution);
        self.cast().hear(execution, practised(execution, said, takes));
        true
    }

    /// Looks at a check.
    async fn look(&self, check: CheckRef, observation: Observation, tell: &Tell) {
        let has_changed = self.cast().has_assumed_change();
        let is_decisive = is_decisive(check.purpose, has_changed);
        let observation = if is_decisive { observation } else { once(observation) };
        let (events, took) =
            self.for_real(Effect::Observe { check: check.clone(), observation }).await;
        tokio::time::sleep(took).await;
        for event in events {
            let Event::CheckObserved { check, sight, detail, took_ms, .. } = event else {
                let _ = tell.send(event);
                continue;
            };
            self.compare_check(&check, sight);
            let is_good = matches!(sight, Sight::Holds | Sight::Warns);
            let is_said =
                self.cast().said_of_check(&check).is_some_and(|it| it != Assumption::Well);
            let is_assumed = !is_good && !is_decisive && !is_said;
            let (sight, detail) = match is_assumed {
                true => {
                    (Sight::Warns, format!("looked at without the changes before it, {detail}"))
                }
                false => (sight, detail),
            };
            let seen = Event::CheckObserved { check, sight, detail, took_ms, is_assumed };
            let _ = tell.send(seen);
        }
    }

    /// Carries out a step that only looks.
    async fn carry_out(&self, execution: Execution, tell: &Tell) {
        let has_changed = self.cast().has_assumed_change();
        let watched = self.to_watch(&execution);
        let real = self.at_real_times(execution.clone(), has_changed);
        let (events, took) = self.for_real(Effect::Execute(Box::new(real))).await;
        tokio::time::sleep(took).await;
        let rest = watched.map(|whole| whole.saturating_sub(took)).unwrap_or_default();
        tokio::time::sleep(rest).await;
        for event in events {
            match event {
                Event::StepEnded(mut ended) => {
                    self.compare_step(&ended);
                    if let Some(whole) = watched {
                        let all = duration(millis(whole));
                        ended
                            .notes
                            .push(format!("looked at once, where a live run looks for {all}"));
                        ended.took_ms = ended.took_ms.saturating_add(millis(rest));
                    }
                    let is_unmet = ended.failure.is_some() && ended.end != End::Stopped;
                    match is_unmet && has_changed {
                        true => self.assume_instead(&execution, *ended, tell).await,
                        false => drop(tell.send(Event::StepEnded(ended))),
                    }
                }
                other => drop(tell.send(other)),
            }
        }
    }

    /// How long a live run would watch, where that is what it does.
    fn to_watch(&self, execution: &Execution) -> Option<Duration> {
        let Task::Watch { until, .. } = &execution.task else { return None };
        Some((*until - self.read_clock().wall).to_std().unwrap_or_default())
    }

    /// Assumes an end other than the one that was seen, which the changes before would have changed.
    async fn assume_instead(&self, execution: &Execution, seen: StepEnded, tell: &Tell) {
        let (sender, mut heard) = mpsc::unbounded_channel();
        let effect = Effect::Execute(Box::new(execution.clone()));
        Arc::clone(&self.assumed).perform(effect, sender).await;
        let told = format!(
            "looked at without the changes before it, it {} after {}",
            how_ended(&seen.end),
            duration(seen.took_ms)
        );
        if let Some(terminal) = &self.terminal {
            terminal.line(&visible_str(&format!("          {}: {told}", seen.step)));
        }
        while let Ok(event) = heard.try_recv() {
            let event = match event {
                Event::StepEnded(mut ended) => {
                    ended.notes.push(told.clone());
                    (ended.out, ended.err) = (seen.out.clone(), seen.err.clone());
                    Event::StepEnded(ended)
                }
                other => other,
            };
            let _ = tell.send(event);
        }
    }

    /// An attempt with its moments moved from virtual time into real time. What is watched is looked
    /// at once, and so is what is waited for once something was assumed to be changed.
    fn at_real_times(&self, mut execution: Execution, has_changed: bool) -> Execution {
        let (now, virtual_now) = (Utc::now(), self.read_clock().wall);
        match &mut execution.task {
            Task::Wait { until, .. } if has_changed => *until = Some(now),
            Task::Wait { until: Some(until), .. } => *until = now + (*until - virtual_now),
            Task::Watch { until, .. } => *until = now,
            Task::Look(observation) if has_changed => {
                **observation = once((**observation).clone());
            }
            _ => {}
        }
        execution
    }

    fn compare_check(&self, check: &CheckRef, sight: Sight) {
        let Some(assumed) = self.cast().said_of_check(check) else { return };
        let seen = match sight {
            Sight::Holds | Sight::Warns => Assumption::Well,
            Sight::Fails => Assumption::Fails,
            Sight::Unseen => Assumption::Unseen,
        };
        if assumed != seen {
            let name = self.cast().check_name(check);
            let (assumed, seen) = (look_word(&assumed), look_word(&seen));
            self.contradict(format!("{name} was assumed to {assumed}, and was seen to {seen}"));
        }
    }

    fn compare_step(&self, ended: &StepEnded) {
        let Some(assumed) = self.cast().said_of_step(&ended.step) else { return };
        let is_so = match (&assumed, &ended.end, &ended.failure) {
            (_, End::Stopped, _) => true,
            (Assumption::Well, _, failure) => failure.is_none(),
            (Assumption::Exit(code), End::Exited { code: seen }, _) => code == seen,
            (Assumption::Status(status), End::Answered { status: seen }, _) => status == seen,
            (Assumption::Exit(_) | Assumption::Status(_), ..) => false,
            (Assumption::TimesOut, end, _) => *end == End::TimedOut,
            (Assumption::Unseen, _, failure) => {
                failure.as_ref().is_some_and(|it| it.kind == FailureKind::Unseen)
            }
            (Assumption::Fails, _, failure) => failure.is_some(),
        };
        if !is_so {
            let (step, seen) = (&ended.step, how_ended(&ended.end));
            self.contradict(format!(
                "{step} was assumed to come to `{}`, and it {seen}",
                word(&assumed)
            ));
        }
    }

    fn contradict(&self, message: String) {
        self.contradictions.lock().unwrap_or_else(PoisonError::into_inner).push(message);
    }
}

fn tell_all(events: Vec<Event>, tell: &Tell) {
    // Nobody listens any more only when the rehearsal is being left.
    events.into_iter().for_each(|event| drop(tell.send(event)));
}

/// What a person said, as what comes of the step.
fn practised(execution: &Execution, said: Practised, takes: Duration) -> Act {
    let of = |assumed: &Assumption| come_to(execution, assumed, takes);
    match said {
        Practised::Well => of(&Assumption::Well),
        Practised::Yields(values) => Act { hands_over: values, ..of(&Assumption::Well) },
        Practised::Code(code) if matches!(execution.task, Task::Http(_)) => {
            of(&Assumption::Status(code))
        }
        Practised::Code(code) => of(&Assumption::Exit(i32::from(code))),
        Practised::Fails(reason) => {
            let goes = Goes::Badly(Failure::new(FailureKind::Exit, reason));
            Act { goes, ..of(&Assumption::Well) }
        }
        Practised::TimesOut => of(&Assumption::TimesOut),
        Practised::Unseen => of(&Assumption::Unseen),
    }
}

/// A look that is taken once.
fn once(observation: Observation) -> Observation {
    let view = match observation.view {
        View::Not(inner) => View::Not(Box::new(once(*inner))),
        view => view,
    };
    Observation { view, patience: Patience::default(), ..observation }
}

fn look_word(assumed: &Assumption) -> &'static str {
    match assumed {
        Assumption::Well => "hold",
        Assumption::Unseen => "be out of sight",
        _ => "fail",
    }
}

fn word(assumed: &Assumption) -> String {
    match assumed {
        Assumption::Well => "well".to_owned(),
        Assumption::Exit(code) => format!("exit:{code}"),
        Assumption::Status(status) => format!("status:{status}"),
        Assumption::Fails => "fails".to_owned(),
        Assumption::TimesOut => "timeout".to_owned(),
        Assumption::Unseen => "unseen".to_owned(),
    }
}
