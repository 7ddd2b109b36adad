//! A person's consent to what a command is about to do, and the reason that goes on record with it.

use crate::runtime::ask_alone;
use crate::runtime::prompt::{self, Answer};

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
    if is_agreed(question)? != Some(true) {
        return Ok(None);
    }
    match reason {
        Some(reason) => Ok(Some(reason)),
        None => typed("Reason", prompt::is_reason),
    }
}

/// Whether a person says yes; none when the question was broken off.
pub fn is_agreed(question: &str) -> Result<Option<bool>, Failure> {
    let question = question.to_owned();
    let answer = ask_alone(move |interrupt| prompt::confirm(&question, interrupt));
    Ok(match answer.map_err(Failure::Setup)? {
        Answer::Given(answer) => Some(answer),
        Answer::Nobody => Some(false),
        Answer::Interrupted => None,
    })
}

/// What a person types, once it passes a check; none when the question was broken off.
pub fn typed(
    question: &str,
    check: impl Fn(&str) -> Result<(), String> + Send + 'static,
) -> Result<Option<String>, Failure> {
    let question = question.to_owned();
    let answer = ask_alone(move |interrupt| prompt::line(&question, check, None, interrupt));
    Ok(match answer.map_err(Failure::Setup)? {
        Answer::Given(text) => Some(text.trim().to_owned()),
        Answer::Nobody | Answer::Interrupted => None,
    })
}
