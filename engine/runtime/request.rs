//! Performing a request as the action of a step.
//!
//! What is known not to have been sent has failed. What was sent and not answered has failed when
//! it only asked; anything else may have had its effect, and is in doubt.

use std::time::{Duration, Instant};

use crate::document::millis;
use crate::journal::output_name;
use crate::run::event::{End, Failure, FailureKind, StepEnded};
use crate::run::{Execution, ended, judged};
use crate::runbook::expect::Sight;
use crate::runbook::rendered::Rendered;
use crate::runbook::request::{REQUEST_TIMEOUT, Request};

use super::action::{printed, text_of};
use super::capture::{Capture, Captured};
use super::http::{self, Failure as Unanswered, Response};
use super::outputs::hide;
use super::process::Sink;
use super::world::Live;

/// How long it may take at most until something listens.
const CONNECT: Duration = Duration::from_secs(10);

/// How much of a body is handed on at once.
const CHUNK: usize = 64 * 1024;

impl Live {
    /// Sends a request and waits for its answer.
    pub(super) async fn request(
        &self,
        execution: &Execution,
        request: &Request<Rendered>,
    ) -> StepEnded {
        let began = Instant::now();
        let timeout = execution.limit().unwrap_or(REQUEST_TIMEOUT);
        let answer = match request.map(&|text| self.secrets.reveal(text)) {
            Err(reason) => Err(Unanswered::Unsent(reason)),
            Ok(revealed) => {
                let follows = request.is_safe() && !request.has_secret();
                let sending = sending(revealed, timeout, follows);
                let sent = tokio::task::spawn_blocking(move || http::send(sending));
                tokio::select! {
                    answer = sent => answer
                        .unwrap_or_else(|_| Err(Unanswered::Other("the request broke off".into()))),
                    // The thread is left to its own timeout.
                    () = self.interrupted() => {
                        return settled(execution, request, End::Stopped, began);
                    }
                }
            }
        };
        let ended = match answer {
            Ok(answer) => self.answered(execution, &answer),
            Err(unanswered) => settled(execution, request, end_of(unanswered), began),
        };
        StepEnded { took_ms: millis(began.elapsed()), ..ended }
    }

    fn answered(&self, execution: &Execution, answer: &Response) -> StepEnded {
        let captured = self.keep(execution, &answer.body);
        let body = text_of(&captured);
        let redactor = self.secrets.redactor();
        let header = |(name, value): &(String, String)| {
            (name.clone(), redactor.mask_str(value).into_owned())
        };
        let headers: Vec<(String, String)> = answer.headers.iter().map(header).collect();
        let mut ended = ended(execution, End::Answered { status: answer.status });
        if answer.is_cut {
            ended.notes.push("what it answered is longer than 1 MiB; the rest was not read".into());
        }
        let location = headers.iter().find(|(name, _)| name == "location");
        if let Some((_, location)) = location.filter(|_| (300..400).contains(&answer.status)) {
            ended.notes.push(format!("it points to {location}, where this request is not sent"));
        }
        ended.notes.extend(
            captured
                .write_error
                .as_ref()
                .map(|error| format!("it could not be kept whole: {error}")),
        );
        ended.out = printed(&captured);
        let status = Some(i64::from(answer.status));
        let sight = Sight { status, headers, stdout: body.clone(), ..Sight::default() };
        ended.failure = judged(execution, &sight, FailureKind::Expect);
        hide(execution, &mut ended);
        if ended.failure.is_some() {
            return ended;
        }
        self.hand_on(execution, &mut ended, &sight, None);
        if execution.keeps_stdout {
            ended.stdout = body.whole("the body").ok();
        }
        ended
    }

    /// Keeps what was answered, masked.
    fn keep(&self, execution: &Execution, body: &[u8]) -> Captured {
        let name = output_name(&execution.step, execution.attempt);
        let file = self.place.output.join(format!("{name}.out"));
        let mut capture = match execution.is_private() {
            true => Capture::private(),
            false => Capture::new(self.secrets.redactor().stream(), file, |_| {}),
        };
        body.chunks(CHUNK).for_each(|chunk| capture.take(chunk));
        capture.finish()
    }
}

/// What is sent, and how: a request that may change something, or that holds a secret, follows no
/// redirect.
fn sending(request: Request<String>, timeout: Duration, follows: bool) -> http::Request {
    http::Request {
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: request.content.map(|content| content.written().into_bytes()),
        timeout,
        // Less than the whole, so that it is known whether anything was sent.
        connect: Some(CONNECT.min(timeout.mul_f64(0.9))),
        follows_redirects: follows,
    }
}

fn end_of(unanswered: Unanswered) -> End {
    match unanswered {
        Unanswered::Refused(reason)
        | Unanswered::Unreachable(reason)
        | Unanswered::Unsent(reason) => End::NotSpawned { reason },
        Unanswered::TimedOut(_) => End::TimedOut,
        Unanswered::Lost(reason) | Unanswered::Other(reason) => End::Lost { reason },
    }
}

/// The end of a request that was not answered.
fn settled(
    execution: &Execution,
    request: &Request<Rendered>,
    end: End,
    began: Instant,
) -> StepEnded {
    let (kind, detail) = match &end {
        End::NotSpawned { reason } => (FailureKind::Spawn, reason.clone()),
        End::TimedOut => {
            let limit = execution.limit().unwrap_or(REQUEST_TIMEOUT);
            let limit = humantime::format_duration(limit);
            (FailureKind::Timeout, format!("no answer within {limit}"))
        }
        End::Lost { reason } => (FailureKind::Expect, format!("the answer was lost: {reason}")),
        _ => (FailureKind::Stopped, "the operator stopped it".into()),
    };
    let is_unseen = kind != FailureKind::Spawn && !request.is_safe();
    let kind = if is_unseen { FailureKind::Unseen } else { kind };
    let failure = Some(Failure::new(kind, detail));
    StepEnded { failure, is_unseen, took_ms: millis(began.elapsed()), ..ended(execution, end) }
}
