//! A run whose lock was taken, and driven on from there as its next driver: by `resume`, or from
//! something that a person wants of it, its end or taking back what it did.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::Utc;

use crate::drive::Decisions;
use crate::journal::{Lock, Writer};
use crate::plan::Plan;
use crate::run::RunState;
use crate::run::event::{Event, Resumed};
use crate::runtime::Secrets;

use super::args::{Given, Keep, RunFormat};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::session::{self, Session};
use super::{answers, finish, inputs};

/// A run whose lock was taken, as it was found then.
pub struct Taken {
    /// Where it lies.
    pub found: Found,
    lock: Lock,
    taken_over: Option<Event>,
    /// Its plan.
    pub plan: Plan,
    /// How far it has come.
    pub state: RunState,
}

/// How a run is driven on.
pub struct How {
    /// Who drives.
    pub operator: String,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// What every record survives.
    pub durability: Keep,
    /// How the run is shown.
    pub format: RunFormat,
}

/// What the next driver of a run was told beforehand.
pub struct Told {
    /// Inputs, each as its event.
    pub inputs: Vec<Event>,
    /// The secrets among them.
    pub secrets: Arc<Secrets>,
    /// Answers and decisions.
    pub decisions: Decisions,
    /// Checks that are let pass, with the reasons.
    pub waived: BTreeMap<String, String>,
}

impl Told {
    /// What was given on a command line about a run.
    pub fn of(plan: &Plan, given: &Given) -> Result<Told, Failure> {
        let secrets = Arc::new(Secrets::default());
        let file = given.inputs_file.as_deref();
        let inputs = inputs::given(&plan.runbook, None, &given.inputs, file, &secrets)?;
        let answers = answers::prepared(plan, given.answers.as_deref())?;
        let decisions = Decisions { answers, yes: given.yes, ..Decisions::default() };
        Ok(Told { inputs, secrets, decisions, waived: answers::waived(plan, &given.waive)? })
    }
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
    pub fn drive(self, wanted: Event, given: &Given, how: How) -> Result<Exit, Failure> {
        if let Some(reason) = self.refusal(&wanted) {
            let help = finish::go_on(&self.found.folder);
            return Err(Failure::usage(format!("not done: {reason}"), help));
        }
        let mut told = Told::of(&self.plan, given)?;
        told.inputs.retain(is_secret);
        self.go_on(Some(wanted), told, how)
    }

    /// Why what a person wants cannot be, as the next driver finds the run.
    fn refusal(&self, wanted: &Event) -> Option<String> {
        let state = self.state.clone();
        let mut found = if state.has_ended() { state } else { state.left(&self.plan) };
        found.apply(&self.plan, Utc::now(), wanted).err().map(|illegal| illegal.reason)
    }

    /// Drives the run on.
    pub fn go_on(self, wanted: Option<Event>, told: Told, how: How) -> Result<Exit, Failure> {
        let Taken { found, lock, taken_over, plan, state } = self;
        let How { operator, is_attended, durability, format } = how;
        let resumed = Some(Event::Resumed(Resumed {
            operator: operator.clone(),
            host: session::host(),
            is_attended,
            waived: told.waived,
            boot: None,
            durability: Some(durability.into()),
        }));
        let journal = Writer::resume(&found.folder.journal(), durability.into())
            .map_err(|error| Failure::journal(&found.folder.run, &error))?;
        // A run that has ended is opened again by the wish itself.
        let first = match state.has_ended() {
            true => [wanted, resumed, taken_over],
            false => [resumed, taken_over, wanted],
        };
        let session = Session {
            first: first.into_iter().flatten().chain(told.inputs).collect(),
            cwd: state.start.as_ref().map(|start| PathBuf::from(&start.cwd)).unwrap_or_default(),
            state,
            plan,
            journal,
            lock,
            secrets: told.secrets,
            decisions: told.decisions,
            operator,
            is_attended,
            format,
            folder: found.folder,
        };
        session.drive()
    }
}

fn is_secret(event: &Event) -> bool {
    matches!(event, Event::InputGiven(given) if given.is_secret)
}
