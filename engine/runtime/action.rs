//! Performing the action of a step.

use std::ffi::OsString;
use std::time::{Duration, Instant};

use crate::document::millis;
use crate::drive::Tell;
use crate::report::visible;
use crate::run::event::{
    CheckRef, ChoicesListed, End, Event, Failure, FailureKind, Mode, Printed, Purpose, StepEnded,
};
use crate::run::{Execution, Task, ended, exited, looked, sight};
use crate::runbook::expect::{Sight, Text};
use crate::runbook::output::MOST;
use crate::runbook::probe::Observation;
use crate::runbook::rendered::Rendered;
use crate::runbook::script::{Command, Line};

use super::capture::Captured;
use super::process::{self, Spawn};
use super::target::{self, Revealed};
use super::world::Live;

/// How much of the end of an output goes into the record.
pub(super) const TAIL: usize = 2 * 1024;

impl Live {
    /// Performs an action and tells how it ended.
    pub(super) async fn execute(&self, execution: Execution, tell: &Tell) {
        let ended = match &execution.task {
            Task::Run(command) if execution.is_on_terminal => {
                self.run_on_terminal(&execution, command, tell).await
            }
            Task::Run(command) => match self.run(&execution, command, tell).await {
                Some(ended) => ended,
                None => return,
            },
            Task::Http(request) => self.request(&execution, request).await,
            Task::Look(observation) => match self.look_as_action(&execution, observation).await {
                Some(ended) => ended,
                None => return,
            },
            Task::Wait { waiting, until } => match self.wait(&execution, waiting, *until).await {
                Some(ended) => ended,
                None => return,
            },
            Task::Watch { watching, until, before } => {
                match self.watch(&execution, watching, *until, *before, tell).await {
                    Some(ended) => ended,
                    None => return,
                }
            }
            Task::Show(text) => ended(&execution, End::Shown { text: text.clone() }),
            // Whom a message is for must not take a lab for an incident: it is not sent from there.
            Task::Send(delivery) if self.place.mode == Mode::Lab => {
                ended(&execution, End::Shown { text: delivery.text.clone() })
            }
            Task::Send(delivery) => match self.send(&execution, delivery, tell).await {
                Some(ended) => ended,
                None => return,
            },
        };
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::StepEnded(Box::new(ended)));
    }

    /// What is started for a command.
    pub(super) fn spawn(
        &self,
        command: &Command,
        timeout: Option<Duration>,
        grace: Duration,
    ) -> Result<Spawn, String> {
        let reveal = |text: &Rendered| self.secrets.reveal(text);
        let env = command.env.iter().map(|(name, value)| Ok((name.clone(), reveal(value)?)));
        let env = env.collect::<Result<Vec<_>, String>>()?;
        let cwd = command.cwd.as_ref().map(reveal).transpose()?;
        let stdin = command.stdin.as_ref().map(reveal).transpose()?;
        let (mut words, script) = match &command.line {
            Line::Shell { shell, script } => (shell.clone(), Some(reveal(script)?)),
            Line::Arguments { argv } => (argv.iter().map(reveal).collect::<Result<_, _>>()?, None),
        };
        if !command.target.is_local() {
            let stdin = stdin.unwrap_or_default();
            let there = Revealed { words, script, env, cwd, stdin };
            let (words, stdin) = target::client(&command.target, &there);
            let here = Spawn { stdin: Some(stdin), timeout, grace, ..Spawn::new("") };
            return self.started_as(words, here);
        }
        words.extend(script.into_iter().flat_map(|script| ["-c".to_owned(), script]));
        self.started_as(
            words,
            Spawn {
                env: env.into_iter().map(|(name, value)| (name, value.into())).collect(),
                cwd: cwd.map(|cwd| self.place.cwd.join(cwd)),
                stdin: stdin.map(String::into_bytes),
                timeout,
                grace,
                ..Spawn::new("")
            },
        )
    }

    /// With a program and its arguments, in the folder of the run unless another is said.
    fn started_as(&self, words: Vec<String>, spawn: Spawn) -> Result<Spawn, String> {
        let mut words = words.into_iter().map(OsString::from);
        let program = words.next().ok_or("there is nothing to run")?;
        Ok(Spawn {
            program,
            args: words.collect(),
            env_remove: self.secret_variables.clone(),
            cwd: Some(spawn.cwd.unwrap_or_else(|| self.place.cwd.clone())),
            ..spawn
        })
    }

    /// A look as the action of a step; none when it was given up.
    async fn look_as_action(
        &self,
        execution: &Execution,
        observation: &Observation,
    ) -> Option<StepEnded> {
        let began = Instant::now();
        let judgement = self.look(observation, false).await?;
        let took_ms = millis(began.elapsed());
        Some(StepEnded { took_ms, ..looked(execution, judgement) })
    }

    /// Looks, and tells what was seen.
    pub(super) async fn observe(&self, check: CheckRef, observation: &Observation, tell: &Tell) {
        let began = Instant::now();
        let is_symptom = check.purpose == Purpose::Confirm;
        let Some(judgement) = self.look(observation, is_symptom).await else { return };
        let (sight, detail) = sight(judgement);
        let took_ms = millis(began.elapsed());
        let _ =
            tell.send(Event::CheckObserved { check, sight, detail, took_ms, is_assumed: false });
    }

    /// Lists the choices of an input.
    pub(super) async fn list_choices(
        &self,
        input: String,
        command: &Command,
        timeout: Duration,
        tell: &Tell,
    ) {
        let Some(listed) = self.peek(command, timeout).await else { return };
        let (choices, problem) = match listed {
            Err(reason) => (Vec::new(), Some(reason)),
            Ok(Sight { exit: Some(0), stdout, .. }) => match stdout.whole("what it printed") {
                Ok(text) => (text.lines().map(str::to_owned).collect(), None),
                Err(reason) => (Vec::new(), Some(reason)),
            },
            Ok(Sight { exit, .. }) => {
                (Vec::new(), Some(format!("it exited with {}", exit.unwrap_or_default())))
            }
        };
        let _ = tell.send(Event::ChoicesListed(ChoicesListed { input, choices, problem }));
    }
}

pub(super) fn not_spawned(execution: &Execution, reason: String) -> StepEnded {
    let failure = Failure::new(FailureKind::Spawn, reason.clone());
    StepEnded { failure: Some(failure), ..ended(execution, End::NotSpawned { reason }) }
}

pub(super) fn end_of(end: &process::End) -> End {
    match end {
        process::End::Exit(code) => End::Exited { code: *code },
        process::End::Signal(signal) => End::Signalled { signal: *signal },
        process::End::TimedOut => End::TimedOut,
        process::End::Stopped(_) => End::Stopped,
        process::End::Spawn(reason) => End::NotSpawned { reason: reason.clone() },
        process::End::Lost(reason) => End::Lost { reason: reason.clone() },
    }
}

pub(super) fn failure_of(
    end: &process::End,
    execution: &Execution,
    stdout: &Text,
    stderr: &Text,
) -> Option<Failure> {
    let (kind, detail) = match end {
        process::End::Exit(code) => return exited(execution, *code, stdout, stderr),
        process::End::Signal(signal) => {
            (FailureKind::Signal, format!("it was ended by signal {signal}"))
        }
        process::End::TimedOut => {
            let limit = execution.timeout.unwrap_or_default();
            let limit = humantime::format_duration(limit);
            (FailureKind::Timeout, format!("it took longer than {limit}"))
        }
        process::End::Stopped(_) => (FailureKind::Stopped, "the operator stopped it".into()),
        process::End::Spawn(reason) => (FailureKind::Spawn, reason.clone()),
        process::End::Lost(reason) => (FailureKind::Unseen, reason.clone()),
    };
    Some(Failure::new(kind, detail))
}

/// What may be compared of an output: all of it, mended where it is not UTF-8, or nothing.
pub(super) fn text_of(captured: &Captured) -> Text {
    match captured.text() {
        Some([]) => Text::Empty,
        Some(bytes) if bytes.len() <= MOST => Text::Whole(String::from_utf8_lossy(bytes).into()),
        _ => Text::TooLong,
    }
}

pub(super) fn printed(captured: &Captured) -> Option<Printed> {
    let file = captured.file.as_ref()?;
    Some(Printed {
        file: format!("output/{file}"),
        bytes: captured.bytes,
        sha256: captured.sha256.clone(),
        cut: captured.cut,
        tail: visible(captured.last(TAIL)),
    })
}
