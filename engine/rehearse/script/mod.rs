//! A script: one case of a test file as it is meant for a plan.
//!
//! Every name in it means something there, and all that it says can be; what does not is reported
//! with its place, all of it at once.

pub mod acts;
mod hopes;
mod inputs;
mod looks;
mod secrets;
pub mod people;
pub mod place;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeZone, Utc};

use crate::plan::Plan;
use crate::run::event::Event;
use crate::runbook::testfile::Case;
use crate::source::{Problems, Spanned};

use acts::Mocked;
pub use hopes::{Hopes, Waited};
pub use inputs::Waived;
use looks::Looked;
use people::{Answered, CrashPoint, Decided};
pub use secrets::secrets;

/// What cases are played on: a plan, and the runbook that it was made from.
#[derive(Clone, Debug)]
pub struct Piece {
    /// The plan, in the environment of the cases.
    pub plan: Arc<Plan>,
    /// The file of the runbook, as it is shown.
    pub file: String,
    /// The digest of its text.
    pub digest: String,
}

/// A case as it is meant for a plan.
#[derive(Clone, Debug)]
pub struct Script {
    /// What it shows.
    pub name: Spanned<String>,
    /// Whether somebody is there to be asked.
    pub is_attended: bool,
    /// How many steps may run at a time.
    pub parallel: usize,
    /// When it begins.
    pub starts: DateTime<Utc>,
    /// Whether gates that let themselves be bypassed are opened unasked, and where that is said.
    pub yes: Option<Spanned<bool>>,
    /// What the run is told.
    pub inputs: Vec<Event>,
    /// What is listed for inputs.
    pub choices: BTreeMap<String, Spanned<Vec<String>>>,
    /// The checks that are let pass.
    pub waived: Vec<Waived>,
    /// What actions do.
    pub mocks: Vec<Mocked>,
    /// What looks show.
    pub looks: Vec<Looked>,
    /// What people answer.
    pub answers: Vec<Answered>,
    /// What the operator decides.
    pub decisions: Vec<Decided>,
    /// Where its driver dies.
    pub crashes: Vec<CrashPoint>,
    /// What must come of it.
    pub hopes: Hopes,
    /// The values that are secrets, and never shown.
    pub secrets: Vec<String>,
}

impl Script {
    /// The case on a plan; what does not fit is reported, and then it cannot be played.
    pub fn of(plan: &Plan, case: &Case, problems: &mut Problems) -> Option<Script> {
        let mut own = Problems::default();
        let script = Script {
            name: case.name.clone(),
            is_attended: case.is_attended,
            parallel: case.parallel,
            starts: case.starts.unwrap_or_else(begins),
            yes: case.yes.clone(),
            inputs: inputs::given(plan, &case.inputs, case.name.span, &mut own),
            choices: inputs::choices(plan, &case.choices, &mut own),
            waived: inputs::waived(plan, &case.waive, &mut own),
            mocks: acts::mocked(plan, &case.mocks, &mut own),
            looks: looks::looked(plan, &case.checks, &mut own),
            answers: people::answered(plan, &case.answers, &mut own),
            decisions: people::decided(plan, &case.decisions, case.is_attended, &mut own),
            crashes: people::crashes(plan, &case.crashes, &mut own),
            hopes: hopes::hopes(plan, case, &mut own),
            secrets: secrets(plan, case),
        };
        let is_good = !own.has_errors();
        own.sorted().into_iter().for_each(|problem| problems.push(problem));
        is_good.then_some(script)
    }
}

/// When a case begins that does not say when.
fn begins() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 31, 3, 0, 0).single().unwrap_or_default()
}
