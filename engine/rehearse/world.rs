//! The assumed world as a port: it turns what a cast says into what a run is told.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::document::millis;
use crate::drive::{Tell, World};
use crate::journal::Record;
use crate::run::event::{
    CheckRef, ChoicesListed, End, Event, Failure, FailureKind, Moment, ProcessGone, Reading,
    StepEnded, StopLevel,
};
use crate::run::{
    Effect, Execution, Task, ended, exited, judged, looked, measured, outputs, sight, waited,
};
use crate::runbook::expect::{Judgement, Sight};
use crate::runbook::library::Delivery;
use crate::runbook::output::From;
use crate::runbook::probe::Observation;
use crate::runbook::value::Value;
use crate::runbook::wait::{OnBreak, Waiting};

use super::cast::{Act, Cast, Fate, Glance, Goes};
use super::clock::VirtualClock;
use super::simulate::good_status;

/// A runtime in which time is virtual: it passes only when nothing happens, and then at once.
pub fn virtual_time() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()
}

/// A world in which everything is assumed.
pub struct Assumed<C> {
    cast: C,
    clock: VirtualClock,
    stop: watch::Sender<StopLevel>,
}

impl<C: Cast> Assumed<C> {
    /// The world that a cast plays, as one clock tells its time.
    pub fn new(cast: C, clock: VirtualClock) -> Assumed<C> {
        Assumed { cast, clock, stop: watch::Sender::new(StopLevel::None) }
    }

    /// Who plays it.
    pub fn cast(&self) -> &C {
        &self.cast
    }

    async fn observe(&self, check: CheckRef, look: &Observation, tell: &Tell) {
        let Glance { judgement, takes } = self.cast.look(&check, look).await;
        if !self.passes(takes).await {
            return;
        }
        let (sight, detail) = sight(judgement);
        let took_ms = millis(takes);
        let _ = tell.send(Event::CheckObserved { check, sight, detail, took_ms, is_assumed: true });
    }

    async fn execute(&self, execution: &Execution, tell: &Tell) {
        let ended = match &execution.task {
            Task::Wait { waiting, until } if matches!(**waiting, Waiting::For(_)) => {
                let Some(took_ms) = self.wait(until.unwrap_or_default()).await else { return };
                StepEnded { took_ms, is_assumed: true, ..ended(execution, End::Waited) }
            }
            Task::Watch { until, .. } => {
                let act = self.cast.act(execution).await;
                let Some(took_ms) = self.wait(*until).await else { return };
                StepEnded { took_ms, ..concluded(execution, act) }
            }
            _ => {
                let act = self.cast.act(execution).await;
                let takes = execution.limit().map_or(act.takes, |limit| act.takes.min(limit));
                if !self.passes(takes).await {
                    return;
                }
                let ended = concluded(execution, act);
                let Some(rest) = self.rest_of_wait(execution, &ended).await else { return };
                StepEnded { took_ms: ended.took_ms.saturating_add(rest), ..ended }
            }
        };
        let _ = tell.send(Event::StepEnded(Box::new(ended)));
    }

    async fn seek(
        &self,
        (step, attempt): (String, u32),
        execution: Option<&Execution>,
        tell: &Tell,
    ) {
        let (is_certain, has_begun) = match (self.cast.fate(execution, &step, attempt), execution) {
            (Fate::Known(act), Some(execution)) => {
                let ended = concluded(execution, *act);
                let _ = tell.send(Event::StepFound { step, attempt, process: None });
                let _ = tell.send(Event::StepEnded(Box::new(ended)));
                return;
            }
            (Fate::NeverBegun, _) => (true, false),
            (Fate::Lost | Fate::Known(_), _) => (true, true),
            (Fate::Unknown, _) => (false, true),
        };
        let _ = tell.send(Event::ProcessGone(ProcessGone { step, is_certain, has_begun }));
    }

    /// Lets the rest of a wait in vain pass, and says how many milliseconds; none when it was broken
    /// off.
    async fn rest_of_wait(&self, execution: &Execution, ended: &StepEnded) -> Option<u64> {
        let is_in_vain = ended.failure.as_ref().is_some_and(|it| it.kind == FailureKind::Timeout);
        match execution.task {
            Task::Wait { until: Some(until), .. } if is_in_vain => self.wait(until).await,
            _ => Some(0),
        }
    }

    /// Waits until a moment, and says how many milliseconds; none when it was broken off.
    async fn wait(&self, until: Moment) -> Option<u64> {
        let left = (until - self.clock.read().wall).to_std().unwrap_or_default();
        self.passes(left).await.then(|| millis(left))
    }

    /// Lets time pass; false when that was broken off.
    async fn passes(&self, time: Duration) -> bool {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            _ = stop.wait_for(|level| *level > StopLevel::Drain) => false,
        }
    }
}

impl<C: Cast> World for Assumed<C> {
    async fn perform(self: Arc<Self>, effect: Effect, tell: Tell) {
        match effect {
            Effect::Record(_) => {}
            Effect::SeekChoices { input, .. } => {
                let (choices, problem) = match self.cast.choices(&input) {
                    Ok(choices) => (choices, None),
                    Err(problem) => (Vec::new(), Some(problem)),
                };
                let _ = tell.send(Event::ChoicesListed(ChoicesListed { input, choices, problem }));
            }
            Effect::Observe { check, observation } => {
                self.observe(check, &observation, &tell).await;
            }
            Effect::Ask { question, offer } => {
                if let Some(event) = self.cast.answer(&question, &offer).await {
                    let _ = tell.send(event);
                }
            }
            Effect::Execute(execution) => self.execute(&execution, &tell).await,
            Effect::SeekProcess { step, attempt, execution, .. } => {
                self.seek((step, attempt), execution.as_deref(), &tell).await;
            }
            Effect::Wake { timer, due } => {
                self.clock.until(due).await;
                let _ = tell.send(Event::TimerDue { timer, due });
            }
        }
    }

    fn read_clock(&self) -> Reading {
        self.clock.read()
    }

    fn kept(&self, record: &Record) {
        self.cast.kept(record);
    }

    fn stop(&self, level: StopLevel) {
        self.stop.send_replace(level);
    }
}

/// How an attempt ended, by what came of it.
pub(super) fn concluded(execution: &Execution, act: Act) -> StepEnded {
    let Act { goes, takes, hands_over } = act;
    if let Some(limit) = execution.limit().filter(|limit| takes > *limit) {
        return timed_out(execution, limit);
    }
    let ended = match (&execution.task, goes) {
        (Task::Show(text), _) => ended(execution, End::Shown { text: text.clone() }),
        (Task::Send(delivery), goes) => {
            let failure = if let Goes::Badly(failure) = goes { Some(failure) } else { None };
            StepEnded { failure, ..ended(execution, sent(delivery)) }
        }
        (_, Goes::Badly(failure)) => failed(execution, failure),
        (_, Goes::Unseen(reason)) => {
            let failure = Some(Failure::new(FailureKind::Unseen, reason.clone()));
            let end = End::Lost { reason };
            StepEnded { failure, is_unseen: true, ..ended(execution, end) }
        }
        (Task::Look(_) | Task::Wait { .. } | Task::Watch { .. }, goes) => {
            let judgement = match goes {
                Goes::Judged(judgement) => judgement,
                Goes::Seen(sight) => execution.expect.judge(&sight),
                _ => Judgement::Holds,
            };
            watched(execution, judgement)
        }
        (_, Goes::Well) => good(execution, &hands_over),
        (_, Goes::Judged(judgement)) => match sight(judgement) {
            (crate::run::event::Sight::Fails, detail) => {
                failed(execution, Failure::new(FailureKind::Expect, detail))
            }
            (crate::run::event::Sight::Unseen, detail) => {
                failed(execution, Failure::new(FailureKind::Unseen, detail))
            }
            _ => good(execution, &hands_over),
        },
        (Task::Http(_), Goes::Seen(seen)) => {
            let status = seen.status.and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
            let seen = Sight { status: Some(i64::from(status)), ..seen };
            let failure = judged(execution, &seen, FailureKind::Expect);
            let ended = StepEnded { failure, ..ended(execution, End::Answered { status }) };
            handed_on(execution, ended, &seen, &hands_over)
        }
        (_, Goes::Seen(seen)) => {
            let code = seen.exit.and_then(|code| i32::try_from(code).ok()).unwrap_or_default();
            let failure = exited(execution, code, &seen.stdout, &seen.stderr);
            let ended = StepEnded { failure, ..ended(execution, End::Exited { code }) };
            handed_on(execution, ended, &seen, &hands_over)
        }
    };
    StepEnded { took_ms: millis(takes), is_assumed: true, ..ended }
}

/// The end of what takes longer than it may.
fn timed_out(execution: &Execution, limit: Duration) -> StepEnded {
    let detail = format!("it took longer than {}", humantime::format_duration(limit));
    let (is_unseen, took_ms) = (is_elsewhere(&execution.task), millis(limit));
    let kind = if is_unseen { FailureKind::Unseen } else { FailureKind::Timeout };
    let failure = Some(Failure::new(kind, detail));
    let ended = match &execution.task {
        Task::Send(delivery) => ended(execution, sent(delivery)),
        _ => ended(execution, End::TimedOut),
    };
    StepEnded { failure, is_unseen, took_ms, is_assumed: true, ..ended }
}

fn sent(delivery: &Delivery) -> End {
    End::Sent { to: delivery.to.clone(), text: delivery.text.clone() }
}

/// The end of a look, a wait or a watch.
fn watched(execution: &Execution, judgement: Judgement) -> StepEnded {
    if let Task::Wait { waiting, .. } = &execution.task {
        return waited(execution, waiting.limit(), judgement);
    }
    let ended = looked(execution, judgement);
    match &execution.task {
        Task::Watch { watching, .. } => {
            let breaks = u32::from(ended.failure.is_some());
            let failure = ended.failure.filter(|_| watching.on_break != OnBreak::Record);
            StepEnded { end: End::Watched { breaks }, failure, ..ended }
        }
        _ => ended,
    }
}

/// A success of which nothing is known but what it hands over.
fn good(execution: &Execution, hands_over: &BTreeMap<String, String>) -> StepEnded {
    let end = match &execution.task {
        Task::Http(_) => {
            End::Answered { status: u16::try_from(good_status(execution)).unwrap_or(200) }
        }
        _ => End::Exited { code: 0 },
    };
    let mut ended = ended(execution, end);
    for output in &execution.outputs {
        let name = &output.name.value;
        // An answer that is good has a good status.
        let is_status = matches!(output.from, From::Status) && !hands_over.contains_key(name);
        let given = match is_status {
            true => Some(Ok(Value::Int(good_status(execution)))),
            false => hands_over.get(name).map(|text| output.parse(text)),
        };
        let missing = match given {
            Some(Ok(_)) if output.is_secret => {
                ended.secrets.push(name.clone());
                continue;
            }
            Some(Ok(value)) => {
                ended.outputs.insert(name.clone(), value.to_json());
                continue;
            }
            None if output.default.is_some() => continue,
            Some(Err(_)) if execution.is_private() => {
                format!("its output `{name}` is not there, or does not fit")
            }
            Some(Err(reason)) => format!("its output `{name}`: {reason}"),
            None => format!("its output `{name}` is not assumed to be anything"),
        };
        return failed(execution, Failure::new(FailureKind::Expect, missing));
    }
    ended.measured = measured(execution, &ended.outputs);
    ended.stdout = execution.keeps_stdout.then(String::new);
    ended
}

/// What an ending hands on, or why it does not.
fn handed_on(
    execution: &Execution,
    mut ended: StepEnded,
    seen: &Sight,
    hands_over: &BTreeMap<String, String>,
) -> StepEnded {
    if ended.failure.is_some() {
        return ended;
    }
    match outputs(execution, seen, hands_over) {
        Err(failure) => ended.failure = Some(failure),
        Ok(mut found) => {
            for output in execution.outputs.iter().filter(|output| output.is_secret) {
                if found.remove(&output.name.value).is_some() {
                    ended.secrets.push(output.name.value.clone());
                }
            }
            ended.measured = measured(execution, &found);
            ended.outputs = found;
            if execution.keeps_stdout {
                ended.stdout = seen.stdout.whole("stdout").ok();
            }
        }
    }
    ended
}

fn failed(execution: &Execution, failure: Failure) -> StepEnded {
    let reason = failure.detail.clone();
    let end = match failure.kind {
        FailureKind::Exit => End::Exited { code: 1 },
        FailureKind::Timeout => End::TimedOut,
        FailureKind::Signal => End::Signalled { signal: 9 },
        FailureKind::Spawn => End::NotSpawned { reason },
        FailureKind::Stopped => End::Stopped,
        _ => End::Lost { reason },
    };
    StepEnded { failure: Some(failure), ..ended(execution, end) }
}

/// Whether what is done there goes on where its end is not seen.
fn is_elsewhere(task: &Task) -> bool {
    match task {
        Task::Run(command) => !command.target.is_local(),
        Task::Http(request) => !request.is_safe(),
        _ => false,
    }
}
