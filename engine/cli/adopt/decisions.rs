//! What becomes of the steps that are done and differ now: each is kept, or done again.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::nearest;
use crate::plan::{Difference, Index, Plan, Role, paired};
use crate::run::RunState;
use crate::run::event::Skip;
use crate::run::state::StepState;
use crate::runtime::prompt::{self, Answer};

use crate::cli::failure::Failure;

/// A step that somebody must decide about.
pub struct Open {
    /// Its path in the new plan.
    path: String,
    /// What it is asked about as: the fan-out around it, or the step itself.
    asked_as: String,
    /// Where it stands.
    word: &'static str,
}

/// The steps that are done, and whose definition is another now.
pub fn open(
    old: &Plan,
    state: &RunState,
    new: &Plan,
    differs: &Difference,
    moved: &BTreeMap<String, String>,
) -> Vec<Open> {
    let pairs = paired(old, new, moved);
    let substantial = differs.steps.iter().filter(|change| change.is_of_substance());
    let known = substantial.filter_map(|change| {
        let index = new.at_path(&change.path)?;
        let stands = &state.steps[pairs[index]?].state;
        is_done(stands).then(|| Open {
            path: change.path.clone(),
            asked_as: new.nodes[fan_out(new, index)].path.clone(),
            word: stands.word(),
        })
    });
    known.collect()
}

/// Whether something of a step has been done, or was passed over for a reason of its own.
fn is_done(state: &StepState) -> bool {
    match state {
        StepState::Skipped(Skip::NotNeeded) | StepState::NotReached => false,
        StepState::Verifying => true,
        state => state.is_settled(),
    }
}

/// The outermost fan-out that a node is an item of, or the node.
fn fan_out(plan: &Plan, index: Index) -> Index {
    let around = std::iter::successors(Some(index), |at| plan.nodes[*at].parent);
    let items = around.filter(|at| plan.nodes[*at].role == Role::Item);
    items.last().and_then(|item| plan.nodes[item].parent).unwrap_or(index)
}

/// What is asked, and what it is asked about.
pub struct Asked<'a> {
    /// The new plan, with the items that are known.
    pub plan: &'a Plan,
    /// The plan so far.
    pub old: &'a Plan,
    /// How far the run has come in that.
    pub state: &'a RunState,
    /// What must be decided.
    pub open: Vec<Open>,
}

/// The steps that are kept, and those that are done again.
type Decided = (Vec<String>, Vec<String>);

impl Asked<'_> {
    /// What becomes of each step; none when somebody broke off.
    pub fn decided(
        &self,
        keep: &[String],
        redo: &[String],
        is_attended: bool,
    ) -> Result<Option<Decided>, Failure> {
        let (keep, redo) = (self.paths(keep)?, self.paths(redo)?);
        if let Some(both) = keep.iter().find(|path| redo.contains(*path)) {
            let help = "say --keep or --redo for a step, not both";
            return Err(Failure::usage(format!("`{both}` is decided twice"), help));
        }
        let mut redone = Vec::new();
        for path in &redo {
            redone.extend(self.redone(path)?);
        }
        let is_idle = |path: &&String| !self.open.iter().any(|open| within(&open.path, path));
        if let Some(path) = keep.iter().find(is_idle) {
            let message = format!("there is nothing to decide about `{path}`");
            let help = "only what is done and differs now is kept by a decision";
            return Err(Failure::usage(message, help));
        }
        let covers = |paths: &[String], path: &str| paths.iter().any(|outer| within(path, outer));
        let (mut kept, mut asked): (Vec<String>, Vec<&Open>) = (Vec::new(), Vec::new());
        for open in &self.open {
            match covers(&redone, &open.path) {
                true => {}
                false if covers(&keep, &open.path) => kept.push(open.path.clone()),
                false => asked.push(open),
            }
        }
        match is_attended {
            true => self.ask(&asked, kept, redone),
            false if asked.is_empty() => Ok(Some((kept, redone))),
            false => Err(undecided(&asked)),
        }
    }

    /// The paths that a person means.
    fn paths(&self, names: &[String]) -> Result<Vec<String>, Failure> {
        let path = |name: &String| {
            let found = self.plan.find(name).map(|index| self.plan.nodes[index].path.clone());
            found.ok_or_else(|| {
                let help = match nearest(name, self.plan.names()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a step by its id or path".to_owned(),
                };
                Failure::usage(format!("the changed runbook has no step `{name}`"), help)
            })
        };
        names.iter().map(path).collect()
    }

    /// What is done again when a person names a step: that step, or what of it is done.
    fn redone(&self, path: &str) -> Result<Vec<String>, Failure> {
        let was_done =
            self.old.at_path(path).is_some_and(|it| is_done(&self.state.steps[it].state));
        let inside: Vec<String> =
            self.open.iter().map(|open| open.path.clone()).filter(|it| within(it, path)).collect();
        match was_done || inside.iter().any(|it| it == path) {
            true => Ok(vec![path.to_owned()]),
            false if !inside.is_empty() => Ok(inside),
            false => {
                let message = format!("`{path}` is not done, so it cannot be done again");
                Err(Failure::usage(message, "it is done when its turn comes"))
            }
        }
    }

    /// Asks about each, one after the other. There is no default.
    fn ask(
        &self,
        asked: &[&Open],
        mut kept: Vec<String>,
        mut redone: Vec<String>,
    ) -> Result<Option<Decided>, Failure> {
        if asked.is_empty() {
            return Ok(Some((kept, redone)));
        }
        let interrupt = prompt::Interrupt::new().map_err(Failure::Setup)?;
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for open in asked {
            if !seen.insert(&open.asked_as) {
                continue;
            }
            let about: Vec<&&Open> =
                asked.iter().filter(|other| other.asked_as == open.asked_as).collect();
            let paths = about.iter().map(|open| open.path.clone());
            match prompt::line(&question(open, &about), keep_or_redo, None, &interrupt) {
                Answer::Given(typed) if typed.trim() == "keep" => kept.extend(paths),
                Answer::Given(_) => redone.extend(paths),
                Answer::Interrupted | Answer::Nobody => return Ok(None),
            }
        }
        // What is inside something that is done again needs no word of its own.
        let outer = redone.clone();
        redone.retain(|path| !outer.iter().any(|other| other != path && within(path, other)));
        kept.retain(|path| !redone.iter().any(|outer| within(path, outer)));
        Ok(Some((kept, redone)))
    }
}

fn question(open: &Open, about: &[&&Open]) -> String {
    let word = open.word.replace('_', " ");
    let what = match about.len() {
        1 => format!("{} ({word}) differs now", open.path),
        count => format!("{}: {count} steps of its items are done and differ now", open.asked_as),
    };
    format!("{what}. Type keep, and what was done counts; or redo, and it is done again")
}

fn keep_or_redo(typed: &str) -> Result<(), String> {
    match typed.trim() {
        "keep" | "redo" => Ok(()),
        _ => Err("type keep or redo, then Enter".to_owned()),
    }
}

fn undecided(asked: &[&Open]) -> Failure {
    let mut names: Vec<&str> = asked.iter().map(|open| open.asked_as.as_str()).collect();
    names.dedup();
    let message = format!("these steps are done and differ now: {}", names.join(", "));
    Failure::usage(message, "say --keep STEP or --redo STEP for each, with --reason TEXT")
}

/// Whether a path is another or inside it.
fn within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '~']))
}
