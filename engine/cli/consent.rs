//! A person's consent to what a command is about to do, and the reason that goes on record with it.

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

/// Whether a person says yes to what nothing goes on record for. Ctrl-C breaks the command off.
pub fn is_agreed(question: &str) -> Result<bool, Failure> {
    let interrupt = prompt::Interrupt::new().map_err(Failure::Setup)?;
    match prompt::confirm(question, &interrupt) {
        Answer::Given(answer) => Ok(answer),
        Answer::Nobody => Ok(false),
        Answer::Interrupted => Err(Failure::BrokenOff),
    }
}
