//! Looking at the world: one look, or looking until it holds.
//!
//! A look that could not see is an error. It is never a "no", and `not` does not make it a "yes".

use std::fs;
use std::future::Future;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::run::event::StopLevel;
use crate::run::hex;
use crate::runbook::Requires;
use crate::runbook::dns::Query;
use crate::runbook::expect::{FileFacts, FileSight, Judgement, Sight, Text};
use crate::runbook::output::MOST;
use crate::runbook::probe::{LOOK_EVERY, Observation, View};
use crate::runbook::script::Command;

use super::dns;
use super::http;
use super::process::{self, End, Sink};
use super::require::missing;
use super::target::{self, Fate};
use super::world::Live;

/// How long after TERM a look is killed.
const GRACE: Duration = Duration::from_secs(1);

/// What one look amounts to, before it is turned round by `not`.
enum Glance {
    Judged(Judgement),
    /// There was no answer: that is a no, but not one that `not` may turn into a yes.
    NoAnswer(String),
}

impl Live {
    /// Looks as long as the observation says; none when it was given up because of a stop. In a
    /// symptom, no answer at all is what one may well be looking for.
    pub(super) async fn look(
        &self,
        observation: &Observation,
        is_symptom: bool,
    ) -> Option<Judgement> {
        let patience = observation.patience;
        let every = patience.every.unwrap_or(LOOK_EVERY);
        let began = Instant::now();
        let mut held_since: Option<Instant> = None;
        loop {
            let looked_at = Instant::now();
            let halt = watch::Sender::new(StopLevel::None);
            let look = self.look_once(observation, is_symptom, &halt);
            let judgement = self.unless_stopped(look, &halt).await?;
            tracing::debug!(look = observation.shown(), ?judgement, "looked");
            let holds = matches!(judgement, Judgement::Holds | Judgement::Warns(_));
            held_since = if holds { held_since.or(Some(looked_at)) } else { None };
            let has_held = match (held_since, patience.hold_for) {
                (Some(since), Some(wanted)) => since.elapsed() >= wanted,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if has_held {
                return Some(judgement);
            }
            // What began to hold in time may go on holding beyond it.
            let is_over = began.elapsed() + every > patience.within.unwrap_or_default();
            if held_since.is_none() && is_over {
                return Some(judgement);
            }
            tokio::select! {
                () = sleep(every) => {}
                () = self.stopped() => return None,
            }
        }
    }

    /// The outcome of a look; none when somebody asks to stop. Its command is ended then, and not
    /// left behind.
    async fn unless_stopped<T>(
        &self,
        look: impl Future<Output = T>,
        halt: &watch::Sender<StopLevel>,
    ) -> Option<T> {
        let mut look = std::pin::pin!(look);
        tokio::select! {
            outcome = &mut look => return Some(outcome),
            () = self.stopped() => {}
        }
        for level in [StopLevel::Interrupt, StopLevel::Kill] {
            halt.send_replace(level);
            // A request that cannot be broken off is left to its own timeout.
            if tokio::time::timeout(GRACE, &mut look).await.is_ok() {
                break;
            }
        }
        None
    }

    fn look_once<'a>(
        &'a self,
        observation: &'a Observation,
        is_symptom: bool,
        halt: &'a watch::Sender<StopLevel>,
    ) -> Pin<Box<dyn Future<Output = Judgement> + Send + 'a>> {
        Box::pin(async move {
            if let View::Not(inner) = &observation.view {
                return turned(self.glance_at(inner, halt).await, is_symptom);
            }
            match self.glance_at(observation, halt).await {
                Glance::Judged(judgement) => judgement,
                Glance::NoAnswer(reason) => Judgement::Fails(reason),
            }
        })
    }

    async fn glance_at(
        &self,
        observation: &Observation,
        halt: &watch::Sender<StopLevel>,
    ) -> Glance {
        let sight = match &observation.view {
            View::Run(command) => match self.glance(command, observation.timeout, halt).await {
                Ok(sight) => sight,
                Err(judgement) => return Glance::Judged(judgement),
            },
            View::FileThere { command, .. } => {
                match self
                    .glance(command, observation.timeout, halt)
                    .await
                    .and_then(|it| file_there(&it))
                {
                    Ok(file) => Sight { file, ..Sight::default() },
                    Err(judgement) => return Glance::Judged(judgement),
                }
            }
            View::Http(url) => match fetch(url.clone(), observation.timeout).await {
                Ok(sight) => sight,
                Err(glance) => return glance,
            },
            View::File(path) => {
                let path = self.place.cwd.join(path);
                let wants_digest = observation.expect.file.wants_digest();
                match tokio::task::spawn_blocking(move || file(&path, wants_digest)).await {
                    Ok(Ok(file)) => Sight { file, ..Sight::default() },
                    Ok(Err(error)) => {
                        return Glance::Judged(Judgement::Error(error.to_string()));
                    }
                    Err(_) => {
                        return Glance::Judged(Judgement::Error("the look broke off".into()));
                    }
                }
            }
            View::Dns(query) => match records(query, observation.timeout).await {
                Ok(sight) => sight,
                Err(glance) => return glance,
            },
            View::Requires(requires) => return self.look_for(requires.clone()).await,
            View::Tcp(address) => return connect(address.clone(), observation.timeout).await,
            View::Not(_) => {
                return Glance::Judged(self.look_once(observation, false, halt).await);
            }
        };
        Glance::Judged(observation.judge(&sight))
    }

    /// Whether all is there that an included runbook requires.
    async fn look_for(&self, requires: Requires) -> Glance {
        let hidden = self.secret_variables.clone();
        let found = tokio::task::spawn_blocking(move || missing(&requires, &hidden)).await;
        Glance::Judged(match found {
            Ok(missing) if missing.is_empty() => Judgement::Holds,
            Ok(missing) => Judgement::Fails(missing.join("; ")),
            Err(_) => Judgement::Error("the look broke off".into()),
        })
    }

    /// Runs a command that only observes; none when somebody asks to stop.
    pub(super) async fn peek(
        &self,
        command: &Command,
        timeout: Duration,
    ) -> Option<Result<Sight, String>> {
        let halt = watch::Sender::new(StopLevel::None);
        let seen = self.unless_stopped(self.glance(command, timeout, &halt), &halt).await?;
        Some(seen.map_err(|judgement| match judgement {
            Judgement::Fails(reason) | Judgement::Error(reason) => reason,
            Judgement::Holds | Judgement::Warns(_) => String::new(),
        }))
    }

    /// Runs a command that only observes, and keeps what it prints in memory. Where it could not be
    /// started, that is an error; where its target is not there, that is an answer, and a "no".
    async fn glance(
        &self,
        command: &Command,
        timeout: Duration,
        halt: &watch::Sender<StopLevel>,
    ) -> Result<Sight, Judgement> {
        let error = |reason: String| Err(Judgement::Error(reason));
        let spawn = self.spawn(command, Some(timeout), GRACE).map_err(Judgement::Error)?;
        let (mut out, mut err) = (Memory::default(), Memory::default());
        let over = process::run(spawn, &mut out, &mut err, |_| {}, halt.subscribe()).await;
        let code = match over.end {
            End::Exit(code) => code,
            End::Signal(signal) => return error(format!("it was ended by signal {signal}")),
            End::TimedOut => {
                let limit = humantime::format_duration(timeout);
                return error(format!("it took longer than {limit}"));
            }
            End::Stopped(_) => return error("the operator stopped it".into()),
            End::Spawn(reason) | End::Lost(reason) => return error(reason),
        };
        let redactor = self.secrets.redactor();
        let stderr = err.text(|bytes| redactor.mask(bytes).into_owned());
        match target::fate(&command.target, &over.end, &stderr.whole("").unwrap_or_default()) {
            Fate::Seen => {}
            Fate::Absent(reason) => return Err(Judgement::Fails(reason)),
            Fate::NotStarted(reason) | Fate::Unseen(reason) => return error(reason),
        }
        Ok(Sight {
            exit: Some(i64::from(code)),
            stdout: out.text(|bytes| redactor.mask(bytes).into_owned()),
            stderr,
            ..Sight::default()
        })
    }
}

/// A look turned round by `not`.
fn turned(glance: Glance, is_symptom: bool) -> Judgement {
    match glance {
        Glance::Judged(judgement) => judgement.turned(),
        Glance::NoAnswer(_) if is_symptom => Judgement::Holds,
        Glance::NoAnswer(reason) => Judgement::Error(reason),
    }
}

async fn fetch(url: String, timeout: Duration) -> Result<Sight, Glance> {
    let request = http::Request {
        method: "GET".into(),
        url,
        headers: Vec::new(),
        body: None,
        timeout,
        connect: None,
        follows_redirects: true,
    };
    match tokio::task::spawn_blocking(move || http::send(request)).await {
        Ok(Ok(answer)) => Ok(Sight {
            status: Some(i64::from(answer.status)),
            headers: answer.headers,
            stdout: match answer.is_cut || answer.body.len() > MOST {
                true => Text::TooLong,
                false => Text::Whole(String::from_utf8_lossy(&answer.body).into_owned()),
            },
            ..Sight::default()
        }),
        Ok(Err(http::Failure::Refused(reason))) => Err(Glance::Judged(Judgement::Fails(reason))),
        Ok(Err(
            http::Failure::TimedOut(reason)
            | http::Failure::Unreachable(reason)
            | http::Failure::Lost(reason),
        )) => Err(Glance::NoAnswer(reason)),
        Ok(Err(http::Failure::Unsent(reason) | http::Failure::Other(reason))) => {
            Err(Glance::Judged(Judgement::Error(reason)))
        }
        Err(_) => Err(Glance::Judged(Judgement::Error("the request broke off".into()))),
    }
}

/// The records of a name. That there is no such name is an answer.
async fn records(query: &Query, timeout: Duration) -> Result<Sight, Glance> {
    let found = dns::ask(query, timeout).await.map_err(|failure| match failure {
        dns::Failure::Refused(reason) => Glance::Judged(Judgement::Fails(reason)),
        dns::Failure::NoAnswer(reason) => Glance::NoAnswer(reason),
        dns::Failure::Unaskable(reason) => Glance::Judged(Judgement::Error(reason)),
    })?;
    let text = found.join("\n");
    let stdout = match text.len() {
        0 => Text::Empty,
        length if length > MOST => Text::TooLong,
        _ => Text::Whole(text),
    };
    Ok(Sight { records: Some(found.len()), stdout, ..Sight::default() })
}

/// Whether something answers at `host:port`. Refused is an answer; silence is none.
async fn connect(address: String, timeout: Duration) -> Glance {
    let no_answer = |reason: String| Glance::NoAnswer(reason);
    let found = tokio::time::timeout(timeout, TcpStream::connect(address.as_str())).await;
    match found {
        Ok(Ok(_)) => Glance::Judged(Judgement::Holds),
        Ok(Err(error)) if error.kind() == io::ErrorKind::ConnectionRefused => {
            Glance::Judged(Judgement::Fails(format!("{address} refuses connections")))
        }
        Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidInput => {
            Glance::Judged(Judgement::Error(format!("{address} is not a host and a port")))
        }
        Ok(Err(error)) => no_answer(format!("{address} cannot be reached: {error}")),
        Err(_) => {
            let limit = humantime::format_duration(timeout);
            no_answer(format!("{address} did not answer within {limit}"))
        }
    }
}

/// What is known of a file on another machine, by what was printed there about it.
fn file_there(sight: &Sight) -> Result<FileSight, Judgement> {
    let unclear = |reason: &str| Judgement::Error(format!("the file could not be seen: {reason}"));
    let stderr = sight.stderr.whole("what it printed").unwrap_or_default();
    if sight.exit != Some(0) {
        let is_missing = ["No such file or directory", "Not a directory"];
        let is_missing = is_missing.iter().any(|words| stderr.contains(words));
        return match sight.exit == Some(1) && is_missing {
            true => Ok(FileSight::Missing),
            false => Err(unclear(stderr.lines().next().unwrap_or_default())),
        };
    }
    let stdout = sight.stdout.whole("what it printed").map_err(|reason| unclear(&reason))?;
    file_facts(&stdout).map(FileSight::Found).ok_or_else(|| unclear(&stdout))
}

/// Reads `MODE SIZE CHANGED`, `NOW` and, where it was asked for, the digest.
fn file_facts(printed: &str) -> Option<FileFacts> {
    let mut words = printed.split_whitespace();
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let size = words.next()?.parse().ok()?;
    let (changed, now): (u64, u64) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let age = Duration::from_secs(now.saturating_sub(changed));
    Some(FileFacts { age, size, mode, sha256: words.next().map(str::to_owned) })
}

/// What is known of a file. One that may not be looked at is an error.
pub(super) fn file(path: &Path, wants_digest: bool) -> io::Result<FileSight> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if is_missing(&error) => return Ok(FileSight::Missing),
        Err(error) => return Err(error),
    };
    let changed = found.modified()?;
    let sha256 = match wants_digest {
        true => Some(digest_of(path)?),
        false => None,
    };
    Ok(FileSight::Found(FileFacts {
        age: SystemTime::now().duration_since(changed).unwrap_or_default(),
        size: found.len(),
        mode: found.permissions().mode() & 0o7777,
        sha256,
    }))
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; MOST];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            length => hash.update(&buffer[..length]),
        }
    }
    Ok(hex(&hash.finalize()))
}

/// The first bytes of an output.
#[derive(Default)]
struct Memory {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl Sink for Memory {
    fn take(&mut self, chunk: &[u8]) {
        let room = MOST - self.bytes.len();
        self.is_cut |= chunk.len() > room;
        self.bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
}

impl Memory {
    fn text(self, mask: impl Fn(&[u8]) -> Vec<u8>) -> Text {
        match (self.is_cut, self.bytes.is_empty()) {
            (true, _) => Text::TooLong,
            (false, true) => Text::Empty,
            (false, false) => Text::Whole(String::from_utf8_lossy(&mask(&self.bytes)).into_owned()),
        }
    }
}
