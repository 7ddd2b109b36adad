//! The terminal of a run for what somebody else puts there, in its turn among the questions.

use std::sync::Arc;

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
}
