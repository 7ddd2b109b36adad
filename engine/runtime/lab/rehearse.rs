//! What a lab does around a run: commands that are no steps, and looks that are no checks.

use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::run::event::{Sight, StopLevel};
use crate::run::sight;
use crate::runbook::lab::PATIENCE;
use crate::runbook::probe::Observation;
use crate::runbook::script::Command;

use super::super::process::{self, End, Sink};
use super::super::world::Live;

/// How much of the end of what a command prints is kept.
const MOST: usize = 8 * 1024;

/// How long after TERM a command is killed.
const GRACE: Duration = Duration::from_secs(2);

/// A command that is over.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Done {
    /// Why it counts as failed, where it does.
    pub failure: Option<String>,
    /// The end of what it printed on its standard output, masked.
    pub out: String,
    /// The same of its standard error.
    pub err: String,
    /// How long it took.
    pub took: Duration,
}

impl Live {
    /// The same world for what a lab does around its run: that has all variables of the lab, also those
    /// from which the run takes its secrets.
    #[must_use]
    pub fn of_lab(mut self) -> Live {
        self.secret_variables.clear();
        self
    }

    /// Runs a command of the lab to its end.
    pub async fn carry_out(&self, command: &Command) -> Done {
        let began = Instant::now();
        let (mut out, mut err) = (Tail::default(), Tail::default());
        let failure = match self.spawn(command, Some(PATIENCE), GRACE) {
            Err(reason) => Some(reason),
            Ok(spawn) => {
                let stop = watch::Sender::new(StopLevel::None);
                let stop = stop.subscribe();
                failure(&process::run(spawn, &mut out, &mut err, |_| {}, stop).await.end)
            }
        };
        let redactor = self.secrets.redactor();
        let masked =
            |tail: Tail| String::from_utf8_lossy(&redactor.mask(&tail.0)).trim_end().to_owned();
        Done { failure, out: masked(out), err: masked(err), took: began.elapsed() }
    }

    /// Looks as long as the observation says. In a symptom, no answer at all is a sight too.
    pub async fn sees(&self, observation: &Observation, is_symptom: bool) -> (Sight, String) {
        match self.look(observation, is_symptom).await {
            Some(judgement) => sight(judgement),
            None => (Sight::Unseen, "it was broken off".to_owned()),
        }
    }
}

fn failure(end: &End) -> Option<String> {
    match end {
        End::Exit(0) => None,
        End::Exit(code) => Some(format!("it ended with {code}")),
        End::Signal(signal) | End::Stopped(signal) => {
            Some(format!("it was ended by signal {signal}"))
        }
        End::TimedOut => Some(format!("it takes longer than {}s", PATIENCE.as_secs())),
        End::Spawn(reason) | End::Lost(reason) => Some(reason.clone()),
    }
}

/// The end of what is printed.
#[derive(Default)]
struct Tail(Vec<u8>);

impl Sink for Tail {
    fn take(&mut self, chunk: &[u8]) {
        self.0.extend_from_slice(chunk);
        let over = self.0.len().saturating_sub(MOST);
        self.0.drain(..over);
    }
}
