//! What begins anew under a changed runbook: steps that are to be done again, steps that are new,
//! and the groups around them.

use std::collections::BTreeSet;

use crate::plan::{Index, Inside, Plan, ROOT, Role};

use crate::run::event::{Skip, Stage};
use crate::run::state::{Checks, RunState, StepState};

use super::carry::{Carried, is_inside};

impl RunState {
    /// Lets the steps begin anew that are to be done again, and finds its place for what is new.
    pub(super) fn reopen_all(
        &mut self,
        plan: &Plan,
        carried: &Carried<'_>,
        redone: &BTreeSet<&str>,
    ) {
        for index in 0..plan.nodes.len() {
            let path = plan.nodes[index].path.as_str();
            if plan.nodes[index].role == Role::Whole || plan.nodes[index].patterns > 0 {
                continue;
            }
            if redone.contains(path) {
                self.renew_all(plan, index);
                let undos = plan.nodes[index].forms.iter().filter_map(|form| form.undo);
                undos.for_each(|undo| self.renew_all(plan, undo));
                self.reopen_around(plan, index);
            } else if !self.steps[index].state.is_settled()
                && !redone.iter().any(|outer| is_inside(path, outer))
            {
                self.place_open(plan, index, carried);
            }
        }
        for index in 0..plan.nodes.len() {
            let is_around = |outer: Index| !self.steps[outer].state.is_settled();
            let is_called = self.steps[index].state == StepState::NotReached;
            if is_called && plan.nodes[index].parent.is_some_and(is_around) {
                self.renew_all(plan, index);
            }
        }
    }

    /// Opens the groups around a node again, as far as they are settled.
    pub(in crate::run::apply) fn reopen_around(&mut self, plan: &Plan, index: Index) {
        let mut inner = index;
        while let Some(outer) = plan.nodes[inner].parent {
            if self.steps[outer].state.is_settled() {
                self.reopen(plan, outer, inner);
            }
            inner = outer;
        }
    }

    fn reopen(&mut self, plan: &Plan, group: Index, inner: Index) {
        let is_chosen = self.form(plan, group).is_some();
        if !self.steps[group].is_entered || !is_chosen {
            // It was passed over as a whole, so it begins with its own condition.
            for index in plan.nodes[group].within() {
                if matches!(self.steps[index].state, StepState::Skipped(_)) {
                    self.renew_all(plan, index);
                }
            }
            self.renew(plan, group);
            return;
        }
        self.steps[group].state = StepState::Running;
        self.steps[group].ended_at = None;
        self.steps[group].checks = Checks::default();
        self.steps[group].is_marked_done = false;
        self.steps[group].decided = None;
        let forms = &plan.nodes[group].forms;
        // What was put back stays so until something is done in it again.
        let is_owed = self.steps[group].owes_undo;
        let undos = forms.iter().filter_map(|form| form.undo).filter(|_| is_owed);
        let closing = forms.iter().filter_map(|form| form.included.as_ref()?.finally);
        undos.chain(closing).for_each(|index| self.renew_all(plan, index));
        // Rungs that were not needed may be, now that an earlier one is tried again.
        if plan.nodes[inner].role == Role::Rung {
            let later = plan.nodes[group].children().skip_while(|rung| *rung != inner).skip(1);
            for rung in later {
                if self.steps[rung].state == StepState::Skipped(Skip::NotNeeded) {
                    self.renew_all(plan, rung);
                }
            }
        }
    }

    /// Lets a step choose among its cases again: what was passed over with the others is open.
    pub(super) fn choose_anew(&mut self, plan: &Plan, index: Index) {
        let passed_over = StepState::Skipped(Skip::NotNeeded);
        for inner in plan.nodes[index].within() {
            if self.steps[inner].state == passed_over {
                self.renew_all(plan, inner);
            }
        }
    }

    /// What is open is done where its group is, was done, or will be; elsewhere it shares the fate
    /// of its group.
    fn place_open(&mut self, plan: &Plan, index: Index, carried: &Carried<'_>) {
        let node = &plan.nodes[index];
        if let Role::Undo { of, .. } = node.role {
            if self.steps[of].state == StepState::Undone {
                self.steps[index].state = StepState::Skipped(Skip::NotNeeded);
            }
            return;
        }
        let Some(group) = node.parent else { return };
        let is_other_case = self.form(plan, group).is_some_and(|form| {
            let closing = form.included.as_ref().and_then(|included| included.finally);
            let is_inside = form.inside.children().contains(&index) || closing == Some(index);
            self.steps[group].form.is_some() && !is_inside
        });
        let is_done_alone =
            node.role == Role::Step && carried.was_phase(group) && self.is_open_phase(plan, group);
        self.steps[index].state = match &self.steps[group].state {
            _ if is_other_case => StepState::Skipped(Skip::NotNeeded),
            StepState::Succeeded if is_done_alone => return self.reopen_around(plan, index),
            StepState::Succeeded | StepState::Satisfied => StepState::Skipped(Skip::NotNeeded),
            StepState::Skipped(why) => StepState::Skipped(*why),
            state if state.is_settled() => StepState::NotReached,
            _ => return,
        };
    }

    /// Whether a settled group is a list of steps that were done one by one.
    fn is_open_phase(&self, plan: &Plan, group: Index) -> bool {
        let is_phase = |inside: &Inside| matches!(inside, Inside::Phase(_));
        let was_entered = self.steps[group].attempts > 0 && !self.steps[group].is_marked_done;
        was_entered && self.form(plan, group).is_some_and(|form| is_phase(&form.inside))
    }

    /// Works out anew what has begun, what may begin, and what waits for what.
    pub(in crate::run::apply) fn recount(&mut self, plan: &Plan) {
        for index in 0..plan.nodes.len() {
            self.await_needs(plan, index);
            self.wait_again(plan, index);
            let state = &self.steps[index].state;
            if !state.is_settled() && *state != StepState::Pending {
                self.active.insert(index);
            }
        }
        if self.stage >= Stage::Steps {
            self.active.insert(ROOT);
        }
        for index in 0..plan.nodes.len() {
            if self.steps[index].state == StepState::Running {
                self.count_inside(plan, index);
            }
        }
    }

    /// Works out what a node waits for: what it needs and is open, and what is open again behind
    /// that which is done.
    pub(in crate::run::apply) fn await_needs(&mut self, plan: &Plan, index: Index) {
        let mut seen: BTreeSet<Index> = BTreeSet::new();
        let mut open: Vec<Index> = plan.nodes[index].needs.clone();
        while let Some(need) = open.pop() {
            if !seen.insert(need) {
                continue;
            }
            if self.steps[need].state.is_settled() {
                open.extend(&plan.nodes[need].needs);
            }
        }
        seen.retain(|need| !self.steps[*need].state.is_settled());
        self.steps[index].unmet = seen.len();
        for need in seen.into_iter().filter(|need| !plan.nodes[index].needs.contains(need)) {
            self.late.entry(need).or_default().insert(index);
        }
    }

    /// What had begun waits again where it needs what begins anew, or where its group does.
    fn wait_again(&mut self, plan: &Plan, index: Index) {
        let is_early = match self.steps[index].state {
            StepState::Ready(_) => self.steps[index].unmet > 0 || self.is_shut(plan, index),
            StepState::Running => self.is_shut(plan, index),
            _ => false,
        };
        if is_early {
            self.steps[index].state = StepState::Pending;
        }
    }

    /// Whether the group around a node has not been entered.
    pub(super) fn is_shut(&self, plan: &Plan, index: Index) -> bool {
        let node = &plan.nodes[index];
        let is_inside = !matches!(node.role, Role::Undo { .. } | Role::Whole);
        let group = node.parent.filter(|_| is_inside);
        group.is_some_and(|group| {
            matches!(self.steps[group].state, StepState::Pending | StepState::Ready(_))
        })
    }

    fn count_inside(&mut self, plan: &Plan, group: Index) {
        let inside = self.form(plan, group).map(|form| &form.inside);
        if let Some(Inside::Ladder(rungs)) = inside {
            self.go_on_in_ladder(plan, rungs);
        }
        let is_open = |child: &&Index| !self.steps[**child].state.is_settled();
        let open: Vec<Index> = self.children(plan, group).iter().filter(is_open).copied().collect();
        self.steps[group].open_inside = open.len();
        match inside {
            Some(Inside::Ladder(_)) => {}
            Some(Inside::Each(items)) => self.open_items(plan, group, items),
            _ => {
                let is_new = |index: &Index| {
                    self.steps[*index].state == StepState::Pending && self.steps[*index].unmet == 0
                };
                let free: Vec<Index> = open.into_iter().filter(is_new).collect();
                self.ready.extend(free);
            }
        }
    }

    /// The first open rung is next. One that only waits lets a new one above it go first; one that
    /// has acted does not, so what stands above it is not needed.
    fn go_on_in_ladder(&mut self, plan: &Plan, rungs: &[Index]) {
        let is_open = |rung: &&Index| !self.steps[**rung].state.is_settled();
        let open: Vec<Index> = rungs.iter().filter(is_open).copied().collect();
        let acting = open.iter().position(|rung| self.has_acted(*rung));
        for (place, rung) in open.iter().enumerate() {
            match acting {
                Some(acting) if place < acting => self.pass_over(plan, *rung),
                None if place > 0 => {
                    self.active.remove(rung);
                    self.steps[*rung].state = StepState::Pending;
                }
                _ => {}
            }
        }
        let next = open.first().filter(|rung| self.steps[**rung].state == StepState::Pending);
        self.ready.extend(next);
    }

    fn pass_over(&mut self, plan: &Plan, rung: Index) {
        let mut open = vec![rung];
        while let Some(index) = open.pop() {
            open.extend(plan.nodes[index].within());
            self.active.remove(&index);
            self.steps[index].state = StepState::Skipped(Skip::NotNeeded);
        }
    }
}
