//! A command on the operator's terminal, which it has to itself until it ends.
//!
//! It is no session of its own: a Ctrl-C reaches it and us alike. What it shows is not captured.

use std::io;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::document::millis;
use crate::drive::Tell;
use crate::run::event::{Event, Process, StepEnded, StopLevel};
use crate::run::{Execution, ended};
use crate::runbook::expect::Text;
use crate::runbook::script::Command;

use super::action::{end_of, failure_of, not_spawned};
use super::identity::{Identity, identify};
use super::process::{End, Spawn, asked, at, seen, start_on_terminal};
use super::world::Live;

/// How long we listen for a Ctrl-C that the command heard too, before its end counts.
pub(super) const LISTENING: Duration = Duration::from_millis(20);

impl Live {
    /// Runs a command on the terminal, alone there.
    pub(super) async fn run_on_terminal(
        &self,
        execution: &Execution,
        command: &Command,
        tell: &Tell,
    ) -> StepEnded {
        if !command.target.is_local() {
            let reason = "there is no terminal on another machine".to_owned();
            return not_spawned(execution, reason);
        }
        let spawn = match self.spawn(command, execution.timeout, execution.grace) {
            Ok(spawn) => spawn,
            Err(reason) => return not_spawned(execution, reason),
        };
        let _alone = self.asking.lock().await;
        let (step, attempt, tell) = (execution.step.clone(), execution.attempt, tell.clone());
        let spawned = move |identity: Identity| {
            let Identity { pid, start_time, boot_id } = identity;
            let process = Process { pid, start_time, boot_id };
            let _ = tell.send(Event::StepSpawned { step, attempt, process });
        };
        let (terminal, stop) = (self.terminal.clone(), self.stop.subscribe());
        let shows_records = terminal.is_none();
        let runtime = tokio::runtime::Handle::current();
        let began = Instant::now();
        let run = move || {
            // Whoever reads single keys gives way to it.
            let _lent = super::prompt::lend();
            let run = || runtime.block_on(supervised(&spawn, shows_records, spawned, stop));
            match terminal {
                Some(terminal) => terminal.give_to(run),
                None => run(),
            }
        };
        let end = tokio::task::spawn_blocking(run).await;
        let end = end.unwrap_or_else(|error| End::Lost(error.to_string()));
        let nothing = (Text::Empty, Text::Empty);
        let failure = failure_of(&end, execution, &nothing.0, &nothing.1);
        let took_ms = millis(began.elapsed());
        // Else what comes next could begin before we have heard that nothing may.
        tokio::time::sleep(LISTENING).await;
        let notes = vec!["it ran on the terminal; what it showed there is not kept".to_owned()];
        StepEnded { failure, took_ms, notes, ..ended(execution, end_of(&end)) }
    }
}

/// Runs a command to its end, and puts the terminal back as it was.
async fn supervised(
    spawn: &Spawn,
    shows_records: bool,
    spawned: impl FnOnce(Identity),
    mut stop: watch::Receiver<StopLevel>,
) -> End {
    let _before = Before::now();
    let mut child = match start_on_terminal(spawn, shows_records) {
        Ok(child) => child,
        Err(reason) => return End::Spawn(reason),
    };
    if let Some(identity) = child.id().and_then(identify) {
        spawned(identity);
    }
    let deadline = spawn.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    // A Ctrl-C is for the command as well, which may take it as it likes.
    let is_timeout = tokio::select! {
        biased;
        status = child.wait() => return seen(status),
        () = asked(&mut stop, StopLevel::Interrupt) => false,
        () = at(deadline) => true,
    };
    let sent = put_down(&mut child, spawn.grace, &mut stop).await;
    match child.wait().await {
        Ok(_) if is_timeout => End::TimedOut,
        Ok(_) => End::Stopped(sent.as_raw()),
        Err(error) => End::Lost(error.to_string()),
    }
}

/// Ends the command, and says which signal it took.
async fn put_down(
    child: &mut Child,
    grace: Duration,
    stop: &mut watch::Receiver<StopLevel>,
) -> Signal {
    let send = |child: &Child, signal| {
        let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        // It may have ended meanwhile.
        pid.map(|pid| kill_process(pid, signal))
    };
    if *stop.borrow() < StopLevel::Kill {
        let _ = send(child, Signal::TERM);
        tokio::select! {
            ended = timeout(grace, child.wait()) => if ended.is_ok() { return Signal::TERM },
            () = asked(stop, StopLevel::Kill) => {}
        }
    }
    let _ = send(child, Signal::KILL);
    Signal::KILL
}

/// How the terminal was; it is put back when this is dropped.
struct Before(Option<Termios>);

impl Before {
    fn now() -> Before {
        Before(tcgetattr(io::stdin()).ok())
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, before);
        }
    }
}
