//! Handing a message to its channel: a command that reads it, or a server that it is posted to.
//!
//! A message arrives once at most. Whatever goes wrong is a failure with its reason, never a doubt
//! that a person would have to settle; the text stays where it can be copied.

mod again;

use std::time::Instant;

use crate::document::millis;
use crate::drive::Tell;
use crate::journal::{Undelivered, output_name};
use crate::run::event::{End, Failure, FailureKind, StepEnded, StopLevel};
use crate::run::{Execution, digest, ended};
use crate::runbook::library::{Delivery, Way};

use again::Fate;

use super::http;
use super::world::Live;

/// The header that says which message it is.
const KEY: &str = "Idempotency-Key";

/// What stands in the file of a message until it is known how it went.
const ON_ITS_WAY: &str = "it was on its way when the driver ended, so it may have arrived";

impl Live {
    /// Hands a message over; none when its end was not seen, which is told then. Until it was taken
    /// its text lies in the folder of the run.
    pub(super) async fn send(
        &self,
        execution: &Execution,
        delivery: &Delivery,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let undelivered = Undelivered::of(&self.place.run);
        let name = |attempt| output_name(&execution.step, attempt);
        let keep = |why: &str| {
            let text = letter(&self.run_id(), execution, delivery, why);
            undelivered.keep(&name(execution.attempt), &text)
        };
        let is_kept = keep(ON_ITS_WAY);
        let mut ended = match &delivery.withheld {
            Some(reason) => withheld(execution, delivery, reason),
            None => self.take_to(execution, delivery, tell).await?,
        };
        match &ended.failure {
            None => (1..=execution.attempt).for_each(|attempt| undelivered.forget(&name(attempt))),
            // What was written down before is there all the same where this cannot be.
            Some(failure) => ended.notes.push(match keep(&failure.detail).or(is_kept) {
                Ok(file) => format!("kept in {file}"),
                Err(error) => format!("it could not be kept in a file: {error}"),
            }),
        }
        Some(ended)
    }

    async fn take_to(
        &self,
        execution: &Execution,
        delivery: &Delivery,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let end = sent(delivery);
        let command = match &delivery.way {
            Way::Run(command) => command,
            Way::Post { url, headers, body } => {
                let request = self.post_of(execution, delivery, (url, headers, body));
                return Some(self.post(execution, delivery, request).await);
            }
        };
        let timeout = Some(delivery.timeout);
        let execution = Execution { timeout, ..execution.clone() };
        let mut ended = StepEnded { end, ..self.run(&execution, command, tell).await? };
        if let Some(failure) = &mut ended.failure
            && failure.kind == FailureKind::Unseen
        {
            failure.kind = FailureKind::Expect;
        }
        Some(ended)
    }

    fn post_of(
        &self,
        execution: &Execution,
        delivery: &Delivery,
        (url, headers, body): (&str, &[(String, String)], &str),
    ) -> http::Request {
        let mut headers = headers.to_vec();
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(KEY)) {
            headers.push((KEY.to_owned(), key(&self.run_id(), execution)));
        }
        http::Request {
            method: "POST".into(),
            url: url.to_owned(),
            headers,
            body: Some(body.as_bytes().to_vec()),
            timeout: delivery.timeout,
            connect: None,
            // What points elsewhere would be asked there, and not told.
            follows_redirects: false,
        }
    }

    /// Posts until the message is taken, may have been taken, or will not be.
    async fn post(
        &self,
        execution: &Execution,
        delivery: &Delivery,
        request: http::Request,
    ) -> StepEnded {
        let began = Instant::now();
        let mut tries = 0;
        let fate = loop {
            tries += 1;
            let left = delivery.timeout.saturating_sub(began.elapsed());
            let request = http::Request { timeout: left, ..request.clone() };
            let posted = tokio::task::spawn_blocking(move || http::send(request));
            let posted = tokio::select! {
                posted = posted => posted,
                () = self.interrupted() => {
                    let why = "the operator stopped it before an answer, so it may have arrived";
                    return stopped(execution, delivery, why);
                }
            };
            let broken = http::Failure::Other("the request broke off".to_owned());
            let posted = posted.unwrap_or(Err(broken));
            let fate = Fate::of(posted, self.place.clock.read().wall);
            let left = delivery.timeout.saturating_sub(began.elapsed());
            let Some(pause) = fate.pause(tries, left) else { break fate };
            tracing::debug!(step = execution.step, tries, ?pause, "a message was not taken");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.interrupted() => {
                    return stopped(execution, delivery, "the operator stopped it");
                }
            }
        };
        let failure = fate.problem(tries);
        let failure = failure.map(|detail| Failure::new(FailureKind::Expect, detail));
        let mut ended = ended(execution, sent(delivery));
        ended.took_ms = millis(began.elapsed());
        if failure.is_none() && tries > 1 {
            ended.notes.push(format!("taken at try {tries}"));
        }
        StepEnded { failure, ..ended }
    }

    /// Waits until somebody asks to stop what is under way.
    pub(super) async fn interrupted(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as we do, so this only ends when the level has risen.
        let _ = stop.wait_for(|level| *level >= StopLevel::Interrupt).await;
    }
}

fn sent(delivery: &Delivery) -> End {
    End::Sent { to: delivery.to.clone(), text: delivery.text.clone() }
}

fn stopped(execution: &Execution, delivery: &Delivery, why: &str) -> StepEnded {
    let failure = Failure::new(FailureKind::Stopped, why);
    StepEnded { failure: Some(failure), ..ended(execution, sent(delivery)) }
}

fn withheld(execution: &Execution, delivery: &Delivery, reason: &str) -> StepEnded {
    let failure = Failure::new(FailureKind::Expect, reason);
    StepEnded { failure: Some(failure), ..ended(execution, sent(delivery)) }
}

/// By which a server that looks knows a message that it has had before.
fn key(run: &str, execution: &Execution) -> String {
    let place = format!("{run}/{}/{}", execution.step, execution.attempt);
    digest(place.as_bytes()).get(..32).unwrap_or_default().to_owned()
}

/// What is kept of a message that is not known to have arrived.
fn letter(run: &str, execution: &Execution, delivery: &Delivery, why: &str) -> String {
    let Execution { step, attempt, .. } = execution;
    format!(
        "This message is not known to have arrived; nothing sends it again.\n\
         run:  {run}\n\
         step: {step}, attempt {attempt}\n\
         to:   {}\n\
         why:  {why}\n\
         \n{}\n",
        delivery.to, delivery.text
    )
}
