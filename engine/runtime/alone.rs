//! Questions that no driver puts: before a run begins, and about one that goes on elsewhere.
//!
//! A signal ends such a question, and the terminal is as it was; Ctrl-Z gives it back meanwhile.

use std::io;

use super::prompt::{self, Answer, Interrupt};
use super::signals::{self, Signal};
use super::suspend;

/// Puts a question. Blocks.
pub fn ask_alone<T: Send + 'static>(
    put: impl FnOnce(&Interrupt) -> Answer<T> + Send + 'static,
) -> io::Result<Answer<T>> {
    let interrupt = Interrupt::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = signals::listen()?;
        let ended = interrupt.clone();
        let mut asking = tokio::task::spawn_blocking(move || put(&ended));
        loop {
            let signal = tokio::select! {
                answer = &mut asking => {
                    // That we go on may not have been heard yet, and others ask after us.
                    prompt::ask_again();
                    return Ok(answer.unwrap_or(Answer::Nobody));
                }
                signal = signals.recv() => signal,
            };
            match signal {
                Some(Signal::Suspend) => {
                    prompt::give_back();
                    if !suspend() {
                        prompt::ask_again();
                    }
                }
                Some(Signal::Continue) => prompt::ask_again(),
                // The terminal is put back before the question ends.
                _ => {
                    interrupt.raise();
                    return Ok(asking.await.unwrap_or(Answer::Nobody));
                }
            }
        }
    })
}

/// Asks which of some items, and gives its place; none when the question was broken off. Blocks.
pub fn pick(question: &str, items: &[String]) -> io::Result<Option<usize>> {
    let (question, items) = (question.to_owned(), items.to_vec());
    let answer = ask_alone(move |interrupt| prompt::select(&question, &items, interrupt))?;
    Ok(match answer {
        Answer::Given(place) => Some(place),
        Answer::Interrupted | Answer::Nobody => None,
    })
}
