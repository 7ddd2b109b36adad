//! Driving a run on, as its next driver, from something that a person wants of it: its end, or
//! taking back what it did.

use std::path::PathBuf;
use std::sync::Arc;

use crate::journal::{Lock, Writer};
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Resumed};
use crate::runtime::{Decisions, Secrets};

use super::args::{Given, Keep, RunFormat};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::session::{self, Session};
use super::{answers, inputs};

/// A run whose lock was taken, as it was found then.
pub struct Taken {
    found: Found,
    lock: Lock,
    taken_over: Option<Event>,
    /// Its plan.
    pub plan: Plan,
    /// How far it has come.
    pub state: RunState,
}

/// How a run is driven on.
pub struct How {
    /// What was given beforehand.
    pub given: Given,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// What every record survives.
    pub durability: Keep,
    /// How the run is shown.
    pub format: RunFormat,
}

impl Taken {
    /// Takes the right to drive a run, from another driver too where a reason for that is given.
    pub fn over(found: Found, operator: &str, reason: Option<&str>) -> Result<Taken, Failure> {
        let (lock, taken_over) = session::lock_or_take_over(&found.folder, operator, reason)?;
        // What was read before the lock was taken may be old by now.
        let found = Found::in_folder(found.folder)?;
        if let Some(reason) = found.damage() {
            return Err(Failure::Journal { run: found.folder.run.clone(), reason });
        }
        let (plan, state) = found.state()?;
        Ok(Taken { found, lock, taken_over, plan, state })
    }

    /// Drives the run on from what a person wants of it.
    pub fn drive(self, wanted: Event, operator: String, how: &How) -> Result<Exit, Failure> {
        let Taken { found, lock, taken_over, plan, state } = self;
        let secrets = Arc::new(Secrets::default());
        let given = &how.given;
        let file = given.inputs_file.as_deref();
        let inputs = inputs::given(&plan.runbook, None, &given.inputs, file, &secrets)?;
        let answers = answers::prepared(&plan, given.answers.as_deref())?;
        let resumed = Event::Resumed(Resumed {
            operator: operator.clone(),
            host: session::host(),
            is_attended: how.is_attended,
            waived: answers::waived(&plan, &given.waive)?,
            boot: None,
            durability: Some(how.durability.into()),
        });
        let journal = Writer::resume(&found.folder.journal(), how.durability.into())
            .map_err(|error| Failure::journal(&found.folder.run, &error))?;
        // A run that has ended is opened again by the wish itself.
        let first = match state.has_ended() {
            true => [Some(wanted), Some(resumed), taken_over],
            false => [Some(resumed), taken_over, Some(wanted)],
        };
        let lost = inputs.into_iter().filter(is_secret);
        let session = Session {
            first: first.into_iter().flatten().chain(lost).collect(),
            cwd: state.start.as_ref().map(|start| PathBuf::from(&start.cwd)).unwrap_or_default(),
            state,
            plan,
            journal,
            lock,
            secrets,
            decisions: Decisions { answers, yes: given.yes, ..Decisions::default() },
            operator,
            is_attended: how.is_attended,
            format: how.format,
            folder: found.folder,
        };
        session.drive()
    }
}

fn is_secret(event: &Event) -> bool {
    matches!(event, Event::InputGiven(given) if given.is_secret)
}
