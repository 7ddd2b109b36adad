//! What comes next for a group: its steps or rungs, its paired undos, its verification.

use crate::plan::{Index, Inside};

use crate::run::effect::Effect;
use crate::run::event::{Event, Failure, FailureKind, Skip, Timer, TimerKind, later};
use crate::run::state::StepState;

use super::{Next, Run};

impl Run<'_> {
    /// What comes next for a group that is under way.
    pub(super) fn go_on_group(&self, index: Index) -> Next {
        let Some(form) = self.state.form(self.plan, index) else { return Next::Nothing };
        if let Some(effect) = self.time_box(index) {
            return Next::Begin(effect);
        }
        if let Inside::Ladder(rungs) = &form.inside
            && let Some(untried) = self.untried_rung(rungs)
        {
            let step = self.path(untried);
            return Next::Record(Event::StepSkipped { step, why: Skip::NotNeeded });
        }
        if let Some(idle) = self.idle_item(index) {
            return Next::Record(Event::StepNotReached { step: self.path(idle) });
        }
        if self.state.steps[index].open_inside > 0 {
            return Next::Nothing;
        }
        if let Some(failure) = self.inner_failure(index, &form.inside) {
            return Next::Record(self.consequence(index, failure));
        }
        // What an item took down is put back by the group around the whole fan-out.
        if matches!(form.inside, Inside::Each(_)) {
            return self.verify(index);
        }
        if let Some(next) = self.next_pair(index) {
            return next;
        }
        if self.state.has_failed_pair(self.plan, index) {
            let detail = "what a step had taken down was not put back";
            return Next::Record(self.consequence(index, Failure::new(FailureKind::Inner, detail)));
        }
        self.verify(index)
    }

    /// The timer of a group that should not take longer than it says.
    fn time_box(&self, index: Index) -> Option<Effect> {
        let budget = self.plan.nodes[index].budget?;
        let timer = Timer { step: self.path(index), kind: TimerKind::Budget };
        let is_new = self.state.timers.due(&timer).is_none();
        is_new.then_some(Effect::Wake { timer, due: later(self.state.last_at?, budget) })
    }

    /// A rung that is not needed any more, since one above it succeeded.
    fn untried_rung(&self, rungs: &[Index]) -> Option<Index> {
        let has_succeeded = rungs.iter().any(|rung| self.is_success(*rung));
        let untried = rungs.iter().find(|rung| !self.state.steps[**rung].state.is_settled());
        untried.copied().filter(|_| has_succeeded)
    }

    fn is_success(&self, index: Index) -> bool {
        matches!(self.state.steps[index].state, StepState::Succeeded | StepState::Satisfied)
    }

    /// Why a group whose inside is settled has failed, if it has.
    fn inner_failure(&self, index: Index, inside: &Inside) -> Option<Failure> {
        let detail = match inside {
            Inside::Each(items) => self.item_failure(index, items),
            Inside::Ladder(rungs) => {
                let has_succeeded = rungs.iter().any(|rung| self.is_success(*rung));
                (!has_succeeded).then(|| "no rung succeeded".to_owned())
            }
            inside => {
                let bad = inside
                    .children()
                    .iter()
                    .find(|child| !self.state.steps[**child].state.is_good());
                bad.map(|bad| format!("`{}` did not succeed", self.plan.nodes[*bad].id))
            }
        };
        detail.map(|detail| Failure::new(FailureKind::Inner, detail))
    }

    /// The next paired undo that a finished group owes, one at a time, the last step first.
    pub(super) fn next_pair(&self, group: Index) -> Option<Next> {
        let pairs = self.state.open_pairs(self.plan, group);
        if pairs.iter().any(|undo| self.state.active.contains(undo)) {
            return Some(Next::Nothing);
        }
        let undo = *pairs.first()?;
        if !self.may_begin() || !self.is_pending(undo) {
            return Some(Next::Nothing);
        }
        Some(self.begin(undo))
    }
}
