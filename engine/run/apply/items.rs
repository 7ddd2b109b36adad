//! The items of a fan-out: listed, opened a few at a time.

use serde_json::Value as Json;

use crate::plan::{Index, Items, Plan};
use crate::runbook::each::Fail;

use crate::run::event::{Moment, Skip};
use crate::run::state::{RunState, StepState, StepStatus};

use super::Applied;

impl RunState {
    pub(super) fn list_items(
        &mut self,
        plan: &Plan,
        index: Index,
        at: Moment,
        listed: &[Json],
    ) -> Applied {
        let items = plan.items(index).ok_or("the step is not repeated")?;
        if items.copies.len() < listed.len() {
            return Err("the plan has not grown with it".into());
        }
        if self.steps[index].items.is_some() {
            return Err("its items are known".into());
        }
        self.begin(plan, index, at)?;
        let grown = plan.nodes.get(self.steps.len()..).unwrap_or_default();
        let known = grown.iter().map(|node| {
            let attempts = self.former.get(&node.path).copied().unwrap_or_default();
            StepStatus { attempts, ..StepStatus::new(node) }
        });
        let known: Vec<StepStatus> = known.collect();
        self.steps.extend(known);
        self.steps[index].items = Some(listed.to_vec());
        for (place, copy) in items.copies.iter().enumerate() {
            self.renew_all(plan, *copy);
            if place >= listed.len() {
                self.steps[*copy].state = StepState::Skipped(Skip::NotNeeded);
            }
        }
        Ok(())
    }

    /// Lets as many items begin as may be under way at a time.
    pub(super) fn open_items(&mut self, plan: &Plan, index: Index, items: &Items) {
        let copies = self.children(plan, index);
        if items.each.fail == Fail::Any && copies.iter().any(|copy| self.is_bad(*copy)) {
            return;
        }
        let is_open = |copy: &&Index| !self.steps[**copy].state.is_settled();
        let open: Vec<Index> = copies.iter().filter(is_open).copied().collect();
        let is_new = |copy: &Index| {
            self.steps[*copy].state == StepState::Pending && !self.ready.contains(copy)
        };
        let begun = open.iter().filter(|copy| !is_new(copy)).count();
        let room = items.each.parallel.saturating_sub(begun);
        let next: Vec<Index> = open.into_iter().filter(is_new).take(room).collect();
        self.ready.extend(next);
    }

    /// Whether a node is settled, and what needs it may not go on.
    pub fn is_bad(&self, index: Index) -> bool {
        let state = &self.steps[index].state;
        state.is_settled() && !state.is_good()
    }
}
