//! Handing a message to its channel: a command that reads it, or a server that it is posted to.
//!
//! A message is handed over once. Whatever goes wrong is a failure with its reason, never a doubt
//! that a person would have to settle.

use std::time::Instant;

use crate::drive::Tell;
use crate::run::event::{End, Failure, FailureKind, StepEnded, StopLevel};
use crate::run::{Execution, ended};
use crate::runbook::library::{Delivery, Way};

use super::http;
use super::world::Live;

impl Live {
    /// Hands a message over; none when its end was not seen, which is told then.
    pub(super) async fn send(
        &self,
        execution: &Execution,
        delivery: &Delivery,
        tell: &Tell,
    ) -> Option<StepEnded> {
        let end = End::Sent { to: delivery.to.clone(), text: delivery.text.clone() };
        match &delivery.way {
            Way::Run(command) => {
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
            Way::Post { url, headers, body } => {
                let began = Instant::now();
                let request = http::Request {
                    method: "POST".into(),
                    url: url.clone(),
                    headers: headers.clone(),
                    body: Some(body.clone().into_bytes()),
                    timeout: delivery.timeout,
                    connect: None,
                    // What points elsewhere would be asked there, and not told.
                    follows_redirects: false,
                };
                let posted = tokio::task::spawn_blocking(move || http::send(request));
                let posted = tokio::select! {
                    posted = posted => posted,
                    () = self.interrupted() => {
                        let failure = Failure::new(FailureKind::Stopped, "the operator stopped it");
                        let ended = ended(execution, end);
                        return Some(StepEnded { failure: Some(failure), ..ended });
                    }
                };
                let failure = match posted {
                    Ok(Ok(response)) if (200..300).contains(&response.status) => None,
                    Ok(Ok(response)) => Some(format!("it answered {}", response.status)),
                    Ok(Err(failure)) => Some(failure.to_string()),
                    Err(_) => Some("the request broke off".to_owned()),
                };
                let failure = failure.map(|detail| Failure::new(FailureKind::Expect, detail));
                let took_ms = super::action::millis(began.elapsed());
                Some(StepEnded { failure, took_ms, ..ended(execution, end) })
            }
        }
    }

    /// Waits until somebody asks to stop what is under way.
    pub(super) async fn interrupted(&self) {
        let mut stop = self.stop.subscribe();
        // The sender lives as long as we do, so this only ends when the level has risen.
        let _ = stop.wait_for(|level| *level >= StopLevel::Interrupt).await;
    }
}
