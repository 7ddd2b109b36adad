//! What a step that watches has seen.

use crate::plan::Plan;
use crate::run::event::Sight;
use crate::run::state::{RunState, StepState, Watched};

use super::Applied;

impl RunState {
    pub(super) fn see_watched(
        &mut self,
        plan: &Plan,
        step: &str,
        attempt: u32,
        sight: Sight,
    ) -> Applied {
        let index = self.in_state(plan, step, |s| matches!(s, StepState::Running))?;
        let status = &mut self.steps[index];
        if status.attempts != attempt {
            return Err(format!("attempt {} is under way", status.attempts));
        }
        status.watched = status.watched.then(sight);
        Ok(())
    }
}

impl Watched {
    /// The same after one more sight that is not like the one before.
    pub fn then(self, sight: Sight) -> Watched {
        let is_bad = |sight| matches!(sight, Sight::Fails | Sight::Unseen);
        let is_break = is_bad(sight) && !self.sight.is_some_and(is_bad);
        let breaks = self.breaks.saturating_add(is_break.into());
        Watched { sight: Some(sight), breaks }
    }
}
