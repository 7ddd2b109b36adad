//! A command that is no step: run for a person, shown as it prints, and kept like the output of a
//! step.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tokio::signal::ctrl_c;
use tokio::sync::watch;

use super::action::{end_of, printed};
use super::capture::Capture;
use super::process::{self, Spawn};
use super::redact::Redactor;
use crate::document::millis;
use crate::run::event::{End, ExecEnded, StopLevel};

/// Such a command.
pub struct Errand {
    /// What tells it from every other one of the run.
    pub id: String,
    /// The command and its arguments.
    pub words: Vec<OsString>,
    /// The folder that it runs in.
    pub cwd: PathBuf,
    /// Whether it has the terminal, so that nothing of what it prints is kept.
    pub is_on_terminal: bool,
}

/// Runs a command to its end. What it prints is masked, shown, and kept in the folder `output`.
pub fn perform(errand: &Errand, output: &Path, redactor: &Redactor) -> io::Result<ExecEnded> {
    match errand.is_on_terminal {
        true => Ok(on_terminal(errand)),
        false => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            Ok(runtime.block_on(captured(errand, output, redactor)))
        }
    }
}

/// Lends the terminal to a command; a Ctrl-C there is for the command alone.
fn on_terminal(errand: &Errand) -> ExecEnded {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let status = runtime.and_then(|runtime| {
        runtime.block_on(async {
            // Heard, so that it does not end us.
            let mut heard =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
            let mut child =
                process::start_on_terminal(&spawn(errand), false).map_err(io::Error::other)?;
            loop {
                tokio::select! {
                    status = child.wait() => return status,
                    Some(()) = heard.recv() => {}
                }
            }
        })
    });
    let end = match status {
        Ok(status) => end_of(&process::seen(Ok(status))),
        Err(error) => End::NotSpawned { reason: error.to_string() },
    };
    let took_ms = millis(began.elapsed());
    ExecEnded { id: errand.id.clone(), end, took_ms, out: None, err: None }
}

async fn captured(errand: &Errand, output: &Path, redactor: &Redactor) -> ExecEnded {
    let file = |ending: &str| output.join(format!("{}.{ending}", errand.id));
    // A terminal that is gone takes nothing away from what is kept.
    let out = |line: &str| drop(writeln!(io::stdout().lock(), "{line}"));
    let err = |line: &str| drop(writeln!(io::stderr().lock(), "{line}"));
    let mut out = Capture::new(redactor.stream(), file("out"), out);
    let mut err = Capture::new(redactor.stream(), file("err"), err);
    let (stop, stopped) = watch::channel(StopLevel::None);
    let ended = tokio::select! {
        ended = process::run(spawn(errand), &mut out, &mut err, |_| {}, stopped) => ended,
        never = heed_ctrl_c(stop) => match never {},
    };
    ExecEnded {
        id: errand.id.clone(),
        end: end_of(&ended.end),
        took_ms: millis(ended.took),
        out: printed(&out.finish()),
        err: printed(&err.finish()),
    }
}

/// Asks the command to end at the first Ctrl-C, and kills it at the next.
async fn heed_ctrl_c(stop: watch::Sender<StopLevel>) -> std::convert::Infallible {
    while ctrl_c().await.is_ok() {
        let level = *stop.borrow();
        stop.send_replace(level.raised().max(StopLevel::Interrupt));
    }
    std::future::pending().await
}

fn spawn(errand: &Errand) -> Spawn {
    let mut words = errand.words.iter().cloned();
    let program = words.next().unwrap_or_default();
    Spawn { args: words.collect(), cwd: Some(errand.cwd.clone()), ..Spawn::new(program) }
}
