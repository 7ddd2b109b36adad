//! What is known of each step, carried from one plan to the next.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{Form, Index, Inside, Node, Plan, Role, paired};
use crate::runbook::action::Action;

use crate::run::event::{RunbookAdopted, TimerKind};
use crate::run::state::{Before, Checks, Gate, RunState, StepState, StepStatus};
use crate::run::timers::Timers;

/// The old plan of a run, its state there, and which node continues which.
pub(super) struct Carried<'a> {
    pub old: &'a Plan,
    pub left: &'a RunState,
    pub pairs: Vec<Option<Index>>,
}

impl Carried<'_> {
    /// Lets the new plan grow with the items that are known and not listed anew.
    pub fn grown(left: &RunState, old: &Plan, new: &mut Plan, adopted: &RunbookAdopted) {
        // What is inside a copy can be a fan-out too.
        let mut index = 0;
        while index < new.nodes.len() {
            let path = new.nodes[index].path.as_str();
            let is_wanted = new.items(index).is_some() && new.nodes[index].patterns == 0;
            let is_redone = adopted.redone.iter().any(|redone| is_inside(path, redone));
            if is_wanted && !is_redone {
                let pair = paired(old, new, &adopted.moved)[index];
                let items = pair.and_then(|pair| left.steps[pair].items.as_ref());
                new.grow(index, items.map_or(0, Vec::len));
            }
            index += 1;
        }
    }

    /// What is known of each node of the new plan.
    pub fn steps(&self, new: &Plan) -> Vec<StepStatus> {
        let carried = |(index, node): (Index, &Node)| match self.pairs[index] {
            Some(before) if node.patterns == 0 => self.step(before, new, index),
            _ => {
                let attempts = self.left.former.get(&node.path).copied().unwrap_or_default();
                StepStatus { attempts, ..StepStatus::new(node) }
            }
        };
        new.nodes.iter().enumerate().map(carried).collect()
    }

    fn step(&self, before: Index, new: &Plan, index: Index) -> StepStatus {
        let (was, node) = (&self.left.steps[before], &new.nodes[index]);
        let same_form = |form: Option<usize>| {
            let form = self.old.nodes[before].forms.get(form?)?;
            node.forms.iter().position(|it| it.case == form.case)
        };
        let form = same_form(was.form);
        let mut status = StepStatus {
            form: form.filter(|_| node.switch.is_some()),
            acted_as: same_form(was.acted_as).filter(|_| node.switch.is_some()),
            items: was.items.clone().filter(|_| new.items(index).is_some()),
            ticks: ticks(node, &was.ticks),
            ..was.clone()
        };
        if status.state.is_settled() {
            return status;
        }
        status.checks = Checks::default();
        status.gate = Gate::Shut;
        status.is_expired = false;
        status.approved.clear();
        let is_lost = self.is_other_kind(before, node, status.form);
        status.is_entered &= !is_lost;
        status.state = match status.state {
            StepState::AtGate(_) | StepState::AtPerson(_) => StepState::Ready(Before::Require),
            StepState::Running if is_lost => StepState::Ready(Before::Require),
            StepState::RetryWait(failure) => StepState::Failing(failure),
            other => other,
        };
        status
    }

    /// Whether a group has become an action, is repeated in another way, or must choose its case.
    fn is_other_kind(&self, before: Index, node: &Node, form: Option<usize>) -> bool {
        let is_each = |form: &Form| matches!(form.inside, Inside::Each(_));
        let chosen = match (form, &node.switch) {
            (Some(form), _) => node.forms.get(form),
            (None, None) => node.forms.first(),
            (None, Some(_)) => None,
        };
        chosen.is_none_or(|form| {
            let was_each = self.left.form(self.old, before).is_some_and(is_each);
            matches!(form.inside, Inside::Leaf) || is_each(form) != was_each
        })
    }

    /// The time that groups should take runs on; what was waited for at gates is asked anew.
    pub fn timers(&self, new: &Plan) -> Timers {
        let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
        for (index, pair) in self.pairs.iter().enumerate() {
            let Some(before) = *pair else { continue };
            if new.nodes[index].budget == self.old.nodes[before].budget {
                paths.insert(&self.old.nodes[before].path, &new.nodes[index].path);
            }
        }
        self.left.timers.moved(|timer| {
            let path = paths.get(timer.step.as_str())?;
            (timer.kind == TimerKind::Budget).then(|| (*path).to_owned())
        })
    }

    /// How often what is no more at its path was begun: its output files keep their names.
    pub fn former(&self, new: &Plan) -> BTreeMap<String, u32> {
        let mut former = self.left.former.clone();
        for (index, node) in self.old.nodes.iter().enumerate() {
            let stays = new.at_path(&node.path).is_some_and(|at| self.pairs[at] == Some(index));
            let attempts = self.left.steps[index].attempts;
            if !stays && attempts > 0 {
                let most = former.entry(node.path.clone()).or_default();
                *most = attempts.max(*most);
            }
        }
        former
    }

    /// Whether a node was a list of steps before.
    pub fn was_phase(&self, index: Index) -> bool {
        let form = self.pairs[index].and_then(|before| self.left.form(self.old, before));
        form.is_some_and(|form| matches!(form.inside, Inside::Phase(_)))
    }

    /// The open steps whose chosen case is gone.
    pub fn recast(&self, new: &Plan) -> Vec<Index> {
        let is_recast = |index: &Index| {
            let Some(before) = self.pairs[*index] else { return false };
            let status = &self.left.steps[before];
            let case = status.form.and_then(|form| self.old.nodes[before].forms.get(form));
            let is_there =
                |case: &Form| new.nodes[*index].forms.iter().any(|it| it.case == case.case);
            !status.state.is_settled() && case.is_some_and(|case| !is_there(case))
        };
        (0..new.nodes.len()).filter(is_recast).collect()
    }

    /// The undos that a person lets try again.
    pub fn undos_to_retry(&self, new: &Plan) -> BTreeSet<Index> {
        let is_undo = |index: &Index| matches!(new.nodes[*index].role, Role::Undo { .. });
        let was_ready =
            |index: &Index| self.pairs[*index].is_some_and(|it| self.left.ready.contains(&it));
        (0..new.nodes.len()).filter(|index| is_undo(index) && was_ready(index)).collect()
    }
}

/// Whether a path is another or inside it.
pub(super) fn is_inside(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '~']))
}

/// The ticks of items that are still there.
fn ticks(node: &Node, ticks: &BTreeSet<String>) -> BTreeSet<String> {
    let is_there = |tick: &&String| {
        node.forms.iter().any(|form| match &form.facets.action {
            Action::Checklist(checklist) => checklist.place(tick).is_some(),
            _ => false,
        })
    };
    ticks.iter().filter(is_there).cloned().collect()
}
