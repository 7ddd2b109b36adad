//! Finding the store, and a run in it.

mod glance;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::document::nearest;
use crate::journal::identity::{Identity, is_alive};
use crate::journal::{Ending, Folder, Lock, Reading, Store, read};
use crate::plan::{Index, Node, Plan};
use crate::run::event::{Event, Mode, RunStarted};
use crate::run::state::StepState;
use crate::run::{Moment, Plans, RunState};
use crate::runbook::rendered::typed_word;

use super::failure::Failure;
use super::{frozen, session};
use crate::runtime::pick;

pub use glance::{Glance, glances};

/// The store that was named, or the user's own.
pub fn store(named: Option<&Path>) -> Result<Store, Failure> {
    let variable =
        |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let found = named
        .map(Path::to_owned)
        .or_else(|| variable("HOLDPOINT_STATE"))
        .or_else(|| variable("XDG_STATE_HOME").map(|folder| folder.join("holdpoint")))
        .or_else(|| variable("HOME").map(|home| home.join(".local/state/holdpoint")));
    let found = found.ok_or_else(|| {
        Failure::usage("there is no folder to keep runs in", "name one with --state, or set HOME")
    })?;
    let store = std::path::absolute(found).map(Store::at).map_err(Failure::Setup)?;
    Ok(match named {
        Some(named) => store.named_by(format!("--state {} ", shell_word(named))),
        None => store,
    })
}

/// A path as it is typed.
pub fn shell_word(path: &Path) -> String {
    typed_word(&path.to_string_lossy())
}

/// A run as it lies in the store.
pub struct Found {
    /// Its folder.
    pub folder: Folder,
    /// What its journal holds.
    pub reading: Reading,
}

impl Found {
    /// Reads the journal in a folder.
    pub fn in_folder(folder: Folder) -> Result<Found, Failure> {
        folder.check_kinds()?;
        let reading = match read(&folder.journal()) {
            Ok(reading) => reading,
            // The folder of a run without its journal is what is left of a run.
            Err(error) if error.kind() == ErrorKind::NotFound => Reading {
                records: Vec::new(),
                good_bytes: 0,
                ending: Ending::Damaged { line: 1, reason: "there is no journal".into() },
            },
            Err(error) => return Err(Failure::journal(&folder.run, &error)),
        };
        Ok(Found { folder, reading })
    }

    /// When it began.
    pub fn started_at(&self) -> Option<Moment> {
        self.reading.records.first().map(|record| record.at)
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.last_of_run(), Some(Event::RunEnded { .. }))
    }

    /// The last event of the run itself: none of the remarks that may follow even its end.
    pub fn last_of_run(&self) -> Option<&Event> {
        let mut events = self.reading.records.iter().rev().map(|record| &record.event);
        events.find(|event| !event.is_remark())
    }

    /// Whether it can be gone on with: it has begun, has not ended, and its journal is whole.
    pub fn is_open(&self) -> bool {
        !self.reading.records.is_empty() && !self.has_ended() && self.damage().is_none()
    }

    /// How it began.
    pub fn start(&self) -> Option<&RunStarted> {
        match &self.reading.records.first()?.event {
            Event::RunStarted(start) => Some(start),
            _ => None,
        }
    }

    /// Whether nobody can go on with it: it was assumed, or against a lab that is gone.
    pub fn is_practice(&self) -> bool {
        self.start().is_some_and(|start| start.mode.is_practice())
    }

    /// Its frozen plans: the first one, and those that it took over.
    pub fn plans(&self) -> Result<Plans, Failure> {
        let start = self.start().ok_or_else(|| Failure::Journal {
            run: self.folder.run.clone(),
            reason: "it holds no whole record".into(),
        })?;
        frozen::plans(&self.folder, start, &self.reading.records)
    }

    /// Its last state, and the plan that it goes by.
    pub fn state(&self) -> Result<(Plan, RunState), Failure> {
        let mut plans = self.plans()?;
        let records = self.reading.records.iter();
        let state = RunState::replay(&mut plans, records.map(|record| (record.at, &record.event)))?;
        Ok((plans.current, state))
    }

    /// Its last state, as the next driver would find it where nobody drives it any more.
    pub fn view(&self) -> Result<(Plan, RunState), Failure> {
        let (plan, state) = self.state()?;
        let state = self.seen(&plan, state);
        Ok((plan, state))
    }

    /// A state as the next driver would find it where nobody drives the run any more.
    pub fn seen(&self, plan: &Plan, state: RunState) -> RunState {
        let is_driven = Lock::is_held(&self.folder.lock());
        // Nothing is settled of what nobody goes on with.
        let is_left = state.has_ended() || state.is_parked || is_driven || self.is_practice();
        if is_left { state } else { state.left(plan) }
    }

    /// The steps in doubt whose process still runs on this machine, by their paths, and its number.
    pub fn left_running(&self, plan: &Plan, state: &RunState) -> Vec<(String, u32)> {
        let is_driven = Lock::is_held(&self.folder.lock());
        if is_driven || state.has_ended() || self.is_practice() {
            return Vec::new();
        }
        let living = |(index, node): (Index, &Node)| {
            let status = &state.steps[index];
            let process = status.process.as_ref()?;
            let identity = Identity {
                pid: process.pid,
                start_time: process.start_time,
                boot_id: process.boot_id.clone(),
            };
            let is_left = matches!(status.state, StepState::InDoubt(_)) && is_alive(&identity);
            is_left.then(|| (node.path.clone(), process.pid))
        };
        plan.in_order().filter_map(living).collect()
    }

    /// What is said of it, stamped where it is a drill.
    pub fn stamped(&self, text: &str) -> String {
        self.start().map_or_else(|| text.to_owned(), |start| start.mode.stamped(text))
    }

    /// What is wrong with its journal, beyond a write that was cut short.
    pub fn damage(&self) -> Option<String> {
        self.reading.ending.damage()
    }
}

/// The run that was named, or the newest.
pub fn newest(store: &Store, name: Option<&str>) -> Result<Found, Failure> {
    if let Some(name) = name {
        return named(store, name).or_else(|failure| practised(store, name).ok_or(failure));
    }
    let mut runs = begun(store)?;
    runs.sort_by_key(Found::started_at);
    runs.pop().ok_or_else(|| {
        let is_practised = begun(&store.practice()).is_ok_and(|runs| !runs.is_empty());
        let more = if is_practised { "; rehearsals: holdpoint runs --practice" } else { "" };
        Failure::NoRun(format!("there are no runs in {}{more}", store.root().display()))
    })
}

/// The run that was named, or the only open one.
pub fn open(store: &Store, name: Option<&str>) -> Result<Found, Failure> {
    if let Some(name) = name {
        return match named(store, name) {
            Ok(found) if found.is_practice() => Err(practice(&found)),
            Ok(found) => Ok(found),
            Err(failure) => Err(practised(store, name).map_or(failure, |found| practice(&found))),
        };
    }
    let mut open = unended(store)?;
    match open.len() {
        1 => Ok(open.remove(0)),
        0 => Err(Failure::NoRun(format!("no run is open in {}", store.root().display()))),
        _ => {
            let names: Vec<&str> = open.iter().map(|run| run.folder.run.as_str()).collect();
            Err(Failure::NoRun(format!("several runs are open; name one: {}", names.join(", "))))
        }
    }
}

/// The run, and the one thing of it that was typed behind it; a run that is not named is found.
pub fn with_word(
    words: &[String],
    find: impl FnOnce(Option<&str>) -> Result<Found, Failure>,
) -> Result<(Found, String), Failure> {
    match words {
        [run, word] => Ok((find(Some(run))?, word.clone())),
        words => Ok((find(None)?, words.first().cloned().unwrap_or_default())),
    }
}

/// The run that was named, or the open one; where there are several, whoever is there is asked.
pub fn chosen(store: &Store, name: Option<&str>) -> Result<Found, Failure> {
    if name.is_some() || !session::is_attended(false) {
        return open(store, name);
    }
    let mut open = unended(store)?;
    if open.len() < 2 {
        return self::open(store, None);
    }
    open.sort_by_key(|run| std::cmp::Reverse(run.started_at()));
    let title = |run: &Found| run.start().map(|it| it.mode.stamped(&it.title)).unwrap_or_default();
    let items: Vec<String> =
        open.iter().map(|run| format!("{}  {}", run.folder.run, title(run))).collect();
    match pick("Several runs are open. Which one?", &items).map_err(Failure::Setup)? {
        Some(place) if place < open.len() => Ok(open.swap_remove(place)),
        _ => Err(Failure::usage("no run was chosen", "name one")),
    }
}

/// The step of a run that a person means by an id or a path.
pub fn step(plan: &Plan, name: &str) -> Result<Index, Failure> {
    plan.find(name).ok_or_else(|| {
        let same = plan.listed().filter(|(_, node)| node.id == name);
        let same: Vec<&str> = same.map(|(_, node)| node.path.as_str()).collect();
        if same.len() > 1 {
            let message = format!("the runbook has {} steps `{name}`", same.len());
            return Failure::usage(message, format!("name one of {}", same.join(", ")));
        }
        let near = nearest(name, plan.names());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`holdpoint status` lists the steps".into(),
        };
        Failure::usage(format!("the runbook has no step `{name}`"), help)
    })
}

/// Every run that a person may go on with. What was only practised never is: it would be carried
/// out.
fn unended(store: &Store) -> Result<Vec<Found>, Failure> {
    let mut runs = begun(store)?;
    runs.retain(|run| !run.has_ended() && !run.is_practice());
    Ok(runs)
}

/// Every run of which at least one record is whole; without one it never began.
fn begun(store: &Store) -> Result<Vec<Found>, Failure> {
    let mut runs = all(store)?;
    runs.retain(|run| !run.reading.records.is_empty());
    Ok(runs)
}

/// Every run whose journal can be opened.
pub fn all(store: &Store) -> Result<Vec<Found>, Failure> {
    let folders = store.folders()?;
    Ok(folders.into_iter().filter_map(|folder| Found::in_folder(folder).ok()).collect())
}

/// What was only practised, by its name.
fn practised(store: &Store, name: &str) -> Option<Found> {
    named(&store.practice(), name).ok()
}

/// Nothing can be done from elsewhere about what is only practised.
fn practice(found: &Found) -> Failure {
    let is_exercise = found.start().is_some_and(|start| start.mode == Mode::Tabletop);
    let what = if is_exercise { "an exercise" } else { "a rehearsal" };
    let run = &found.folder.run;
    let (why, help) = match Lock::is_held(&found.folder.lock()) {
        true if is_exercise => (
            "it is under way, and answered at its own screens only",
            format!("lead it: holdpoint tabletop --facilitator {run}"),
        ),
        true => (
            "it is under way, and answered at its own screen only",
            format!("look at it: holdpoint watch {run}"),
        ),
        false => (
            "it is over, and nothing of it can be gone on with",
            format!("see what came of it: holdpoint timeline {run}"),
        ),
    };
    Failure::usage(format!("{run} is {what}: {why}"), help)
}

fn named(store: &Store, name: &str) -> Result<Found, Failure> {
    let folders = store.folders()?;
    if let Some(exact) = folders.iter().find(|folder| folder.run == name) {
        return Found::in_folder(exact.clone());
    }
    let mut matching = folders.into_iter().filter(|folder| folder.run.starts_with(name));
    match (matching.next(), matching.next()) {
        (Some(only), None) => Found::in_folder(only),
        (None, _) => {
            let place = store.root().display();
            Err(Failure::NoRun(format!("there is no run `{name}` in {place}")))
        }
        (Some(one), Some(other)) => Err(Failure::NoRun(format!(
            "`{name}` may be {}, {} or another: say more of it",
            one.run, other.run
        ))),
    }
}
