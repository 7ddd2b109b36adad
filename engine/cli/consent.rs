//! A person's consent to what a command is about to do, and the reason that goes on record with it.

use std::io;

use crate::runtime::prompt::{self, Answer, Interrupt};
use crate::runtime::signals::{self, Signal};
use crate::runtime::suspend;

use super::failure::Failure;

/// The reason, once it is certain that it is to be done; none when a person says no. With nobody
/// there a reason is the consent, and `what` needs one.
pub fn consent(
    question: &str,
    what: &str,
    reason: Option<String>,
    is_attended: bool,
) -> Result<Option<String>, Failure> {
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    if !is_attended {
        let help = "say it with --reason; it goes into the timeline";
        let missing = || Failure::usage(format!("{what} needs a reason"), help);
        return reason.ok_or_else(missing).map(Some);
    }
    let interrupt = prompt::Interrupt::new().map_err(Failure::Setup)?;
    if prompt::confirm(question, &interrupt) != Answer::Given(true) {
        return Ok(None);
    }
    let check = |typed: &str| match typed.trim() {
        "" => Err("a reason is needed: it goes into the timeline".to_owned()),
        _ => Ok(()),
    };
    Ok(reason.or_else(|| match prompt::line("Reason", check, None, &interrupt) {
        Answer::Given(reason) => Some(reason),
        Answer::Interrupted | Answer::Nobody => None,
    }))
}

/// Whether a person says yes to what goes on no record; none when the question was broken off.
pub fn is_agreed(question: &str) -> Result<Option<bool>, Failure> {
    let answer = put(question).map_err(Failure::Setup)?;
    Ok(match answer {
        Answer::Given(answer) => Some(answer),
        Answer::Nobody => Some(false),
        Answer::Interrupted => None,
    })
}

/// Puts a question that a signal may end, so that the terminal is left as it was.
fn put(question: &str) -> io::Result<Answer<bool>> {
    let interrupt = Interrupt::new()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut signals = signals::listen()?;
        let (question, ended) = (question.to_owned(), interrupt.clone());
        let mut asking = tokio::task::spawn_blocking(move || prompt::confirm(&question, &ended));
        loop {
            let signal = tokio::select! {
                answer = &mut asking => return Ok(answer.unwrap_or(Answer::Nobody)),
                signal = signals.recv() => signal,
            };
            match signal {
                Some(Signal::Suspend) => {
                    prompt::give_back();
                    suspend();
                    prompt::ask_again();
                }
                Some(Signal::Continue) => prompt::ask_again(),
                _ => {
                    interrupt.raise();
                    return Ok(asking.await.unwrap_or(Answer::Nobody));
                }
            }
        }
    })
}
