//! The command of a step: handed to the keeper of the run, or found again under it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;

use crate::document::millis;
use crate::drive::Tell;
use crate::journal::output_name;
use crate::report::visible;
use crate::run::event::{Event, Failure, FailureKind, Process, ProcessGone, StepEnded};
use crate::run::{Execution, Task, ended};
use crate::runbook::expect::Sight;
use crate::runbook::script::Command;

use super::action::{TAIL, end_of, failure_of, not_spawned, printed, text_of};
use super::handed::{self, Handed};
use super::identity::{self, Identity};
use super::keeper::log::Trace;
use super::keeper::protocol::{Over, Start, Token};
use super::keeper::{Found, Watched};
use super::outputs::hide;
use super::process::Spawn;
use super::target::{self, Fate};
use super::world::{Live, SEEK_EVERY};

/// An attempt in doubt.
pub(super) struct Sought {
    pub(super) token: Token,
    /// Which driver began it.
    pub(super) begun_by: u64,
    /// Its process, where that is on record.
    pub(super) process: Option<Process>,
}

impl Live {
    /// Runs a command to its end; none when that was not seen, which is told then.
    pub(super) async fn run(
        &self,
        execution: &Execution,
        command: &Command,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let mut spawn = match self.spawn(command, execution.timeout, execution.grace) {
            Ok(spawn) => spawn,
            Err(reason) => return Some(not_spawned(execution, reason)),
        };
        let handed = match self.handed(execution, command, &mut spawn) {
            Ok(handed) => handed,
            Err(error) => return Some(not_spawned(execution, error.to_string())),
        };
        let start = self.start(execution, command, spawn);
        match self.keeper.start(start, &self.secrets).await {
            Ok(watched) => self.see_end(execution, command, watched, handed, tell).await,
            Err(reason) => Some(not_spawned(execution, reason)),
        }
    }

    fn start(&self, execution: &Execution, command: &Command, mut spawn: Spawn) -> Start {
        let name = output_name(&execution.step, execution.attempt);
        let log = self.place.output.join(format!("{name}.client"));
        let arguments = target::log_arguments(&command.target, &log);
        let log = (!arguments.is_empty()).then(|| log.into_os_string().into());
        spawn.args.splice(0..0, arguments);
        let is_private = execution.is_private();
        Start { token: token(execution), command: spawn.into(), name, is_private, log }
    }

    /// The file in which a command may hand over outputs: only here, and only where some are
    /// declared.
    fn handed(
        &self,
        execution: &Execution,
        command: &Command,
        spawn: &mut Spawn,
    ) -> io::Result<Option<Handed>> {
        if !hands_over(execution, command) {
            return Ok(None);
        }
        let handed = Handed::new(&self.place.output, &execution.step, execution.attempt)?;
        let path = OsString::from(handed.path());
        spawn.env.push((handed::VARIABLE.to_owned(), path));
        Ok(Some(handed))
    }

    /// That file of an attempt that an earlier driver began.
    fn left(&self, execution: &Execution, command: &Command) -> Option<Handed> {
        let Execution { step, attempt, .. } = execution;
        hands_over(execution, command).then(|| Handed::left(&self.place.output, step, *attempt))
    }

    /// Waits for the end of an attempt; none when its keeper is lost, which is told then.
    async fn see_end(
        &self,
        execution: &Execution,
        command: &Command,
        watched: Watched,
        handed: Option<Handed>,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let (step, attempt) = (&execution.step, execution.attempt);
        let spawned = |process: Process| {
            let _ = tell.send(Event::StepSpawned { step: step.clone(), attempt, process });
        };
        let show = |lines: &[String], left_out| {
            if let Some(terminal) = &self.terminal {
                terminal.output(step, lines, left_out);
            }
        };
        let over = watched.end(spawned, show).await;
        let Some(over) = over else {
            let reason = "its keeper was killed".to_owned();
            let _ = tell.send(Event::StepLost { step: step.clone(), attempt, reason });
            return None;
        };
        Some(self.conclude_at(execution, command, &over, handed.as_ref()))
    }

    /// What the end of an attempt means, where it ran.
    fn conclude_at(
        &self,
        execution: &Execution,
        command: &Command,
        over: &Over,
        handed: Option<&Handed>,
    ) -> StepEnded {
        let said = match over.said.0.is_empty() && !execution.is_private() {
            true => visible(over.err.last(TAIL)),
            false => visible(&over.said.0),
        };
        let fate = target::fate(&command.target, &over.ended.end, &said);
        settled(self.conclude(execution, over, handed), fate)
    }

    fn conclude(&self, execution: &Execution, over: &Over, handed: Option<&Handed>) -> StepEnded {
        let Over { ended: over, out, err, .. } = over;
        let (stdout, stderr) = (text_of(out), text_of(err));
        tracing::debug!(step = execution.step, attempt = execution.attempt, end = ?over.end, "ended");
        let mut ended = ended(execution, end_of(&over.end));
        ended.took_ms = millis(over.took);
        ended.out = printed(out);
        ended.err = printed(err);
        ended.failure = failure_of(&over.end, execution, &stdout, &stderr);
        hide(execution, &mut ended);
        if over.streams_left_open {
            ended.notes.push("something that it started still holds its output".into());
        }
        let lost = [out, err].into_iter().filter_map(|captured| captured.write_error.as_ref());
        ended
            .notes
            .extend(lost.map(|error| format!("its output could not be kept whole: {error}")));
        if ended.failure.is_none() {
            let sight = Sight { stdout: stdout.clone(), stderr, ..Sight::default() };
            self.hand_on(execution, &mut ended, &sight, handed);
            if execution.keeps_stdout
                && let Ok(text) = stdout.whole("stdout")
            {
                ended.stdout = Some(text);
            }
        }
        ended
    }

    /// Finds out what became of a step in doubt.
    pub(super) async fn seek(
        &self,
        sought: Sought,
        execution: Option<Box<Execution>>,
        tell: &Tell,
    ) {
        let Sought { token, begun_by, process } = sought;
        let step = token.step.clone();
        let Some(found) = self.find(&token, begun_by).await else { return };
        let trace = match found {
            Found::Watched(watched) => return self.rejoin(token, watched, execution, tell).await,
            Found::Left(Trace::Ended(over)) => {
                let over = over.with_text_from(&self.place.output);
                return self.take_end(token, &over, execution.as_deref(), tell);
            }
            Found::Left(trace) => trace,
            Found::Unreachable(_) => Trace::Unknown,
        };
        let is_kept = execution.is_some();
        match trace {
            Trace::NeverBegun if is_kept => {
                handed::clear(&self.place.output, &step);
                let _ = tell.send(Event::ProcessGone(ProcessGone {
                    step,
                    is_certain: true,
                    has_begun: false,
                }));
            }
            Trace::Started(process) => self.seek_process(step, Some(process), tell).await,
            _ => self.seek_process(step, process, tell).await,
        }
    }

    /// What the keeper knows of an attempt. One that cannot be asked is waited for until it has
    /// ended; none when we are asked to stop before that.
    async fn find(&self, token: &Token, begun_by: u64) -> Option<Found> {
        let mut has_said = false;
        loop {
            let found = self.keeper.find(token, begun_by).await;
            let Found::Unreachable(reason) = &found else { return Some(found) };
            if !std::mem::replace(&mut has_said, true) {
                let Token { step, .. } = token;
                self.say(&format!("          {step}: waiting for its keeper to end: {reason}"));
            }
            tokio::select! {
                () = tokio::time::sleep(SEEK_EVERY) => {}
                () = self.stopped() => return None,
            }
        }
    }

    /// Goes on watching a step that its keeper has.
    async fn rejoin(
        &self,
        token: Token,
        watched: Watched,
        execution: Option<Box<Execution>>,
        tell: &Tell,
    ) {
        let Token { step, attempt } = token.clone();
        let process = watched.process.clone();
        let Some((execution, command)) = execution.as_deref().and_then(commanded) else {
            // A message: how it ended changes nothing, but that it has ended must be certain.
            if watched.end(|_| {}, |_, _| {}).await.is_none() {
                return self.seek_process(step, process, tell).await;
            }
            let _ = tell.send(Event::ProcessGone(ProcessGone {
                step,
                is_certain: true,
                has_begun: true,
            }));
            return;
        };
        let _ = tell.send(Event::StepFound { step, attempt, process });
        let handed = self.left(execution, command);
        if let Some(ended) = self.see_end(execution, command, watched, handed, tell).await {
            let _ = tell.send(Event::StepEnded(Box::new(ended)));
        }
    }

    /// Takes an end that nobody has put on record yet.
    fn take_end(&self, token: Token, over: &Over, execution: Option<&Execution>, tell: &Tell) {
        let Token { step, attempt } = token;
        let Some((execution, command)) = execution.and_then(commanded) else {
            let _ = tell.send(Event::ProcessGone(ProcessGone {
                step,
                is_certain: true,
                has_begun: true,
            }));
            return;
        };
        let handed = self.left(execution, command);
        let ended = self.conclude_at(execution, command, over, handed.as_ref());
        let _ = tell.send(Event::StepFound { step, attempt, process: None });
        let _ = tell.send(Event::StepEnded(Box::new(ended)));
    }

    /// Waits until a process that nobody watches over has ended.
    async fn seek_process(&self, step: String, process: Option<Process>, tell: &Tell) {
        let is_certain = process.is_some();
        if let Some(Process { pid, start_time, boot_id }) = process {
            let identity = Identity { pid, start_time, boot_id };
            let mut has_said = false;
            while identity::is_alive(&identity) {
                if !std::mem::replace(&mut has_said, true) {
                    self.say(&format!(
                        "          {step}: its process {pid} still runs; waiting for it"
                    ));
                }
                tokio::select! {
                    () = tokio::time::sleep(SEEK_EVERY) => {}
                    () = self.stopped() => return,
                }
            }
        }
        if is_certain {
            handed::clear(&self.place.output, &step);
        }
        // Nobody listens any more only when the run is being left.
        let _ = tell.send(Event::ProcessGone(ProcessGone { step, is_certain, has_begun: true }));
    }
}

/// Whether a command may hand over outputs in a file.
fn hands_over(execution: &Execution, command: &Command) -> bool {
    !execution.outputs.is_empty() && command.target.is_local()
}

fn token(execution: &Execution) -> Token {
    Token { step: execution.step.clone(), attempt: execution.attempt }
}

/// The command of an attempt, where it is one.
fn commanded(execution: &Execution) -> Option<(&Execution, &Command)> {
    match &execution.task {
        Task::Run(command) => Some((execution, command)),
        _ => None,
    }
}

/// An end as it is when what became of the command on its target is known.
fn settled(ended: StepEnded, fate: Fate) -> StepEnded {
    let (kind, reason, is_unseen) = match fate {
        Fate::Seen => return ended,
        Fate::Absent(reason) | Fate::NotStarted(reason) => (FailureKind::Spawn, reason, false),
        Fate::Unseen(reason) => (FailureKind::Unseen, reason, true),
    };
    let failure = Some(Failure::new(kind, reason));
    StepEnded { failure, is_unseen, outputs: BTreeMap::new(), stdout: None, ..ended }
}
