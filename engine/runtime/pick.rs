//! One question before a run begins: which of these?

use std::io;

use super::prompt::{self, Answer, Interrupt};
use super::signals;

/// Asks which of some items, and gives its place; none when the question was broken off. Blocks.
pub fn pick(question: &str, items: &[String]) -> io::Result<Option<usize>> {
    let interrupt = Interrupt::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(async {
        let mut signals = signals::listen()?;
        let (question, items, ended) = (question.to_owned(), items.to_vec(), interrupt.clone());
        let put = move || prompt::select(&question, &items, &ended);
        let mut asking = tokio::task::spawn_blocking(put);
        let answer = tokio::select! {
            answer = &mut asking => answer,
            // The terminal is put back before the question ends.
            _ = signals.recv() => {
                interrupt.raise();
                asking.await
            }
        };
        Ok::<_, io::Error>(answer.unwrap_or(Answer::Nobody))
    })?;
    Ok(match answer {
        Answer::Given(place) => Some(place),
        Answer::Interrupted | Answer::Nobody => None,
    })
}
