//! The effects under way, and the moments that are waited for beside them.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::plan::Plan;
use crate::run::{Effect, RunState};

use super::{Tell, World};

/// What a driver has begun and not seen the end of.
#[derive(Default)]
pub(super) struct Workers {
    effects: JoinSet<()>,
    timers: JoinSet<()>,
}

impl Workers {
    /// Lets an effect begin.
    pub(super) fn start<W: World>(&mut self, world: &Arc<W>, effect: Effect, tell: &Tell) {
        let group = match effect {
            Effect::Wake { .. } => &mut self.timers,
            _ => &mut self.effects,
        };
        group.spawn(Arc::clone(world).perform(effect, tell.clone()));
    }

    /// Whether nothing is under way, and no moment is waited for at which something may begin. That
    /// a question expires is no reason to wait for that.
    pub(super) fn are_idle(&self, plan: &Plan, state: &RunState) -> bool {
        self.effects.is_empty() && (self.timers.is_empty() || !state.awaits_retry(plan))
    }

    /// Whether no effect is under way; moments do not count.
    pub(super) fn have_ended(&self) -> bool {
        self.effects.is_empty()
    }

    /// The end of one of them; none when there are none.
    pub(super) async fn next_end(&mut self) -> Option<()> {
        tokio::select! {
            Some(_) = self.effects.join_next() => Some(()),
            Some(_) = self.timers.join_next() => Some(()),
            else => None,
        }
    }
}
