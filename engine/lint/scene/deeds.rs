//! Deeds: what is known of commands, gathered by its kind over a whole runbook.
//!
//! A rule that asks what happens before or after a command looks through the few deeds of one kind
//! instead of all steps. The order of two deeds is that of their steps, inside one step that of its
//! checks and its action, inside one script that of its text.

use std::collections::HashMap;

use crate::lint::knowledge::{Fact, Kind};
use crate::source::Span;

use super::{Known, Part, Role, Scene, Script};

/// How many deeds are looked through before or after another one; more of one kind in a runbook
/// than this say nothing new.
const NEAREST: usize = 64;

/// One thing that is known of one command of a scene.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Deed {
    /// The script, by its place among those of the scene.
    pub script: usize,
    /// The command, by its place in the script.
    pub command: usize,
    /// The fact, by its place among those of the command.
    pub fact: usize,
}

/// The deeds of a scene.
#[derive(Debug, Default)]
pub(super) struct Deeds {
    by_kind: HashMap<Kind, Vec<Deed>>,
    by_step: Vec<Vec<usize>>,
}

impl Deeds {
    pub(super) fn of(steps: usize, scripts: &[Script<'_>]) -> Deeds {
        let mut deeds = Deeds { by_kind: HashMap::new(), by_step: vec![Vec::new(); steps] };
        for (at, script) in scripts.iter().enumerate() {
            if let Some(step) = script.step {
                deeds.by_step[step].push(at);
            }
            for (command, known) in script.commands.iter().enumerate() {
                for (fact, known) in known.facts.iter().enumerate() {
                    let deed = Deed { script: at, command, fact };
                    deeds.by_kind.entry(known.kind).or_default().push(deed);
                }
            }
        }
        deeds
    }

    pub(super) fn scripts_of(&self, step: usize) -> &[usize] {
        &self.by_step[step]
    }
}

impl<'s> Scene<'s> {
    /// The deeds of a kind, in the order of the file.
    pub fn deeds(&self, kind: Kind) -> &[Deed] {
        self.deeds.by_kind.get(&kind).map(Vec::as_slice).unwrap_or_default()
    }

    /// The deeds of a kind that are the action of a step, a case or an undo.
    pub fn acts(&self, kind: Kind) -> impl Iterator<Item = Deed> + '_ {
        let is_act = |deed: &Deed| !self.script(*deed).role.is_look();
        self.deeds(kind).iter().copied().filter(is_act)
    }

    /// The script of a deed.
    pub fn script(&self, deed: Deed) -> &Script<'s> {
        &self.scripts[deed.script]
    }

    /// The command of a deed.
    pub fn command(&self, deed: Deed) -> &Known<'s> {
        &self.script(deed).commands[deed.command]
    }

    /// What is known of the command; nothing for a deed that was made of a command alone.
    pub fn fact(&self, deed: Deed) -> Option<&'s Fact> {
        self.command(deed).facts.get(deed.fact).map(|found| found.fact)
    }

    /// The step of a deed.
    pub fn step_of(&self, deed: Deed) -> Option<usize> {
        self.script(deed).step
    }

    /// Where the command of a deed stands.
    pub fn place(&self, deed: Deed) -> Span {
        self.script(deed).place(&self.command(deed).range, self.source)
    }

    /// Whether one deed, where it is done at all, is done before another.
    pub fn may_precede(&self, first: Deed, then: Deed) -> bool {
        if first.script == then.script {
            return first.command < then.command;
        }
        let (one, other) = (self.script(first), self.script(then));
        match (one.step, other.step) {
            (None, _) => one.role != Role::ExitCriterion,
            (Some(step), None) => other.role == Role::ExitCriterion && !self.steps[step].is_closing,
            (Some(one_step), Some(other_step)) if one_step == other_step => {
                rank(one.role) < rank(other.role)
            }
            (Some(around), Some(inner)) if self.inside(around).contains(&inner) => {
                rank(one.role) < rank(Role::Action) || self.is_undone_by(around, inner)
            }
            (Some(inner), Some(around)) if self.inside(around).contains(&inner) => {
                other.role == Role::Verify && !self.is_undone_by(around, inner)
            }
            (Some(first), Some(then)) => self.may_be_before(first, then),
        }
    }

    /// Whether one deed is done before another, whatever happens.
    pub fn precedes(&self, first: Deed, then: Deed) -> bool {
        let steps = self.step_of(first).zip(self.step_of(then));
        let is_sure = steps.is_none_or(|(first, then)| {
            first == then
                || self.inside(first).contains(&then)
                || self.inside(then).contains(&first)
                || self.is_before(first, then)
        });
        is_sure && self.may_precede(first, then)
    }

    /// The nearest of these deeds, which stand in the order of the file, that may precede another.
    pub fn nearest_before(&self, deeds: &[Deed], then: Deed) -> Option<Deed> {
        let end = deeds.partition_point(|deed| *deed < then);
        let above = deeds[..end].iter().rev().take(NEAREST);
        let below = deeds[end..].iter().take(NEAREST);
        above.chain(below).copied().find(|deed| self.may_precede(*deed, then))
    }

    /// The nearest of these deeds, which stand in the order of the file, that another may precede.
    pub fn nearest_after(&self, first: Deed, deeds: &[Deed]) -> Option<Deed> {
        let start = deeds.partition_point(|deed| *deed <= first);
        let below = deeds[start..].iter().take(NEAREST);
        let above = deeds[..start].iter().rev().take(NEAREST);
        below.chain(above).copied().find(|deed| self.may_precede(first, *deed))
    }

    /// Whether an entry stands in the undo of the entry around it.
    fn is_undone_by(&self, around: usize, inner: usize) -> bool {
        let mut between = self.around(inner).take_while(|at| *at != around);
        between.any(|at| {
            matches!(self.steps[at].part, Part::Undo { .. })
                && self.steps[at].parent == Some(around)
        })
    }
}

/// When in the life of a step a script runs.
fn rank(role: Role) -> u8 {
    match role {
        Role::Confirm | Role::Precondition | Role::Invariant | Role::Choices => 0,
        Role::Require => 1,
        Role::DoneWhen => 2,
        Role::Action | Role::Look => 3,
        Role::Verify => 4,
        Role::ExitCriterion => 5,
    }
}
