//! The terminal of a run for what somebody else puts there, in its turn among the questions.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::run::event::{End, Failure, StepEnded};

use super::outputs::masked;
use super::world::Live;

impl Live {
    /// Gives the terminal to something that blocks, once nobody is asked; none where nothing is asked
    /// any more.
    pub async fn in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        what: impl FnOnce(&Live) -> T + Send + 'static,
    ) -> Option<T> {
        let _alone = self.asking.lock().await;
        if self.interrupt.is_for_good() {
            return None;
        }
        let world = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || world.give_terminal(|| what(&world)));
        done.await.ok()
    }

    /// Says what stands above a question, with the stamp of the run.
    pub fn tell_above(&self, text: &str) {
        self.tell_asked(text);
    }

    /// A text that somebody typed, without the secrets in it.
    pub fn masked(&self, text: &str) -> String {
        self.secrets.redactor().mask_str(text).into()
    }

    /// An ending that was told and not seen, without the secrets in it.
    pub fn without_secrets(&self, ended: StepEnded) -> StepEnded {
        let redactor = self.secrets.redactor();
        let mask = |text: String| redactor.mask_str(&text).into_owned();
        let values = |values: BTreeMap<String, Json>| {
            values.into_iter().map(|(name, value)| (name, masked(value, &redactor))).collect()
        };
        let failure = ended.failure;
        let end = match ended.end {
            End::Looked { detail } => End::Looked { detail: mask(detail) },
            End::Lost { reason } => End::Lost { reason: mask(reason) },
            other => other,
        };
        StepEnded {
            end,
            failure: failure.map(|it| Failure { detail: mask(it.detail), ..it }),
            outputs: values(ended.outputs),
            measured: values(ended.measured),
            stdout: ended.stdout.map(mask),
            ..ended
        }
    }
}
