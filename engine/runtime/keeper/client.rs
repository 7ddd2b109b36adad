//! The keeper of a run as its driver sees it.
//!
//! It is started when the first command is, or found where an earlier driver left it. When it is
//! killed, whatever it watched over is lost to the driver, and the next command gets a new one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::connection::{self, Receiver, Sender};
use super::launch::{self, Right};
use super::log::{Known, Trace};
use super::protocol::{Over, Reply, Request, Start, Token, VERSION};
use super::{log_in, socket};
use crate::run::event::{Process, StopLevel};
use crate::runtime::identity::boot_id;
use crate::runtime::process::inherited;
use crate::runtime::secrets::Secrets;

/// How long a keeper may take to answer the first time: the disk of a machine in trouble may stand
/// still for a while.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a keeper may take to end once nothing runs.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many keepers may be started until one greets us.
const LAUNCHES: u32 = 3;

const AGAIN: Duration = Duration::from_millis(10);

/// Whose keeper it is.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder of the run, as an absolute path.
    pub folder: PathBuf,
    /// The program that can be a keeper.
    pub program: PathBuf,
    /// The number of this driver among those of the run.
    pub epoch: u64,
    /// Variables that commands do not inherit.
    pub hidden: Vec<String>,
}

/// The keeper of a run.
pub struct Client {
    home: Home,
    link: tokio::sync::Mutex<Option<Link>>,
    /// For requests that cannot wait for the link.
    sender: Mutex<Option<Sender>>,
}

/// Where replies about attempts go; none once the connection is over.
type Waiting = Arc<Mutex<Option<BTreeMap<Token, mpsc::UnboundedSender<Reply>>>>>;

/// A keeper that has greeted us.
struct Link {
    sender: Sender,
    waiting: Waiting,
    listening: JoinHandle<()>,
    /// Ours to reap, if we started it.
    child: Option<Child>,
    /// Which of the secrets it has.
    masked: Option<u64>,
}

/// An attempt that a keeper watches over.
pub struct Watched {
    replies: mpsc::UnboundedReceiver<Reply>,
    /// Its process, as far as it was told.
    pub process: Option<Process>,
}

/// What was found out about an attempt that somebody else began.
pub enum Found {
    /// It runs, or its end is about to be told.
    Watched(Watched),
    /// No keeper watches over it; this is left of it.
    Left(Trace),
    /// A keeper lives, and cannot be asked for this reason.
    Unreachable(String),
}

/// Why a keeper does not do what is asked.
enum NoLink {
    Refused(String),
    Failed(io::Error),
}

impl Client {
    /// The keeper of a run, which need not be there yet.
    pub fn of(home: Home) -> Client {
        Client { home, link: tokio::sync::Mutex::default(), sender: Mutex::default() }
    }

    /// Hands an attempt to the keeper. An error means that it was certainly not begun.
    pub async fn start(&self, start: Start, secrets: &Secrets) -> Result<Watched, String> {
        let mut link = self.link.lock().await;
        let link = match self.linked(&mut link).await {
            Ok(link) => link,
            Err(NoLink::Refused(reason)) => return Err(format!("its keeper refused it: {reason}")),
            Err(NoLink::Failed(error)) => return Err(format!("it has no keeper: {error}")),
        };
        if let Some((version, secrets)) = secrets.newer_than(link.masked) {
            link.masked = Some(version);
            link.sender.send(&Request::Mask { secrets });
        }
        let watched = link.watch(&start.token).ok_or("its keeper is gone")?;
        link.sender.send(&Request::Start(Box::new(start)));
        Ok(watched)
    }

    /// Finds out what became of an attempt that another driver began, by its number.
    pub async fn find(&self, token: &Token, begun_by: u64) -> Found {
        let mut link = self.link.lock().await;
        let has_keeper = link.as_ref().is_some_and(Link::is_alive);
        if !has_keeper && matches!(Right::take(&self.home.folder), Ok(Some(_))) {
            return Found::Left(self.left(token, begun_by));
        }
        let link = match self.linked(&mut link).await {
            Ok(link) => link,
            Err(NoLink::Refused(reason)) => return Found::Unreachable(reason),
            Err(NoLink::Failed(error)) => return Found::Unreachable(error.to_string()),
        };
        let Some(mut watched) = link.watch(token) else {
            return Found::Left(self.left(token, begun_by));
        };
        link.sender.send(&Request::Attach { token: token.clone() });
        match watched.replies.recv().await {
            Some(Reply::Found { process, .. }) => Found::Watched(Watched { process, ..watched }),
            Some(reply @ Reply::Ended { .. }) => Found::Watched(watched.with(reply)),
            // It came to its end meanwhile, or its keeper did; either way this is what is known.
            _ => Found::Left(self.left(token, begun_by)),
        }
    }

    /// Asks the keeper to stop what runs.
    pub fn stop(&self, level: StopLevel) {
        if let Some(sender) = &*self.sender.lock().unwrap_or_else(PoisonError::into_inner) {
            sender.send(&Request::Stop { level });
        }
    }

    /// Takes leave; a keeper of which nothing runs is gone then. Unless all that it told is on
    /// record, it keeps what nobody else knows.
    pub async fn leave(&self, is_on_record: bool) {
        self.remember(None);
        let mut link = self.link.lock().await.take();
        if link.is_none() && is_on_record {
            link = self.found().await;
        }
        let Some(Link { sender, listening, child, .. }) = link else { return };
        if is_on_record {
            sender.send(&Request::Leave);
        }
        drop(sender);
        let gone = async {
            // Only a listener that panicked ends otherwise.
            let _ = listening.await;
            if let Some(mut child) = child {
                let _ = child.wait().await;
            }
        };
        if timeout(FAREWELL, gone).await.is_err() {
            tracing::debug!("the keeper stays");
        }
    }

    fn left(&self, token: &Token, begun_by: u64) -> Trace {
        match Known::read(&log_in(&self.home.folder)) {
            Ok(known) => known.trace(token, begun_by, &boot_id()),
            // Runs from before there were keepers have no log.
            Err(error) => {
                tracing::debug!(%error, "there is no log of a keeper");
                Trace::Unknown
            }
        }
    }

    /// The keeper; started or found, unless it is there.
    async fn linked<'l>(&self, link: &'l mut Option<Link>) -> Result<&'l mut Link, NoLink> {
        let is_alive = link.as_ref().is_some_and(Link::is_alive);
        if !is_alive {
            *link = None;
            let new = self.join().await?;
            self.remember(Some(new.sender.clone()));
            *link = Some(new);
        }
        link.as_mut().ok_or_else(|| NoLink::Failed(io::ErrorKind::NotConnected.into()))
    }

    /// The keeper that an earlier driver left behind, if one lives.
    async fn found(&self) -> Option<Link> {
        let stream = socket::connect(&self.home.folder).await.ok()?;
        self.greet(stream, &inherited(&self.home.hidden), None).await.ok()
    }

    fn remember(&self, sender: Option<Sender>) {
        *self.sender.lock().unwrap_or_else(PoisonError::into_inner) = sender;
    }

    async fn join(&self) -> Result<Link, NoLink> {
        let folder = &self.home.folder;
        let env = inherited(&self.home.hidden);
        let end = Instant::now() + PATIENCE;
        let mut launches = 0;
        loop {
            let (child, stream) = match Right::take(folder).map_err(NoLink::Failed)? {
                Some(right) => {
                    launches += 1;
                    let launched = launch::launch(&self.home.program, folder, right, &env);
                    launched.map(|(child, stream)| (Some(child), stream)).map_err(NoLink::Failed)?
                }
                // One that was just started does not listen yet; one that ends listens no more.
                None => match socket::connect(folder).await {
                    Ok(stream) => (None, stream),
                    Err(error) if Instant::now() > end => return Err(NoLink::Failed(error)),
                    Err(_) => {
                        sleep(AGAIN).await;
                        continue;
                    }
                },
            };
            match self.greet(stream, &env, child).await {
                Err(NoLink::Failed(error))
                    if is_over(&error) && launches < LAUNCHES && Instant::now() < end =>
                {
                    sleep(AGAIN).await;
                }
                greeted => return greeted,
            }
        }
    }

    async fn greet(
        &self,
        stream: UnixStream,
        env: &[(OsString, OsString)],
        child: Option<Child>,
    ) -> Result<Link, NoLink> {
        let (sender, mut receiver) = connection::split(stream, || {});
        let run = self.home.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let env = env.iter().map(|(name, value)| (name.clone().into(), value.clone().into()));
        let epoch = self.home.epoch;
        sender.send(&Request::Hello { version: VERSION, run, epoch, env: env.collect() });
        match timeout(PATIENCE, receiver.next()).await {
            Ok(Some(Reply::Welcome)) => {}
            Ok(Some(Reply::Refused { reason, .. })) => return Err(NoLink::Refused(reason)),
            Ok(Some(_) | None) => return Err(NoLink::Failed(io::ErrorKind::BrokenPipe.into())),
            Err(_) => return Err(NoLink::Failed(io::ErrorKind::TimedOut.into())),
        }
        let waiting: Waiting = Arc::new(Mutex::new(Some(BTreeMap::new())));
        let listening = tokio::spawn(listen(receiver, Arc::clone(&waiting)));
        Ok(Link { sender, waiting, listening, child, masked: None })
    }
}

/// Whether a keeper ended before it greeted us: it had nothing left to do, or was killed.
fn is_over(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::BrokenPipe
}

/// Hands each reply to whoever waits for it, until the connection is over.
async fn listen(mut receiver: Receiver, waiting: Waiting) {
    while let Some(reply) = receiver.next::<Reply>().await {
        let Some(token) = token_of(&reply) else { continue };
        let mut waiting = lock(&waiting);
        let Some(waiting) = waiting.as_mut() else { return };
        let is_last =
            matches!(reply, Reply::Ended { .. } | Reply::Absent { .. } | Reply::Known { .. });
        let whoever = match is_last {
            true => waiting.remove(&token),
            false => waiting.get(&token).cloned(),
        };
        if let Some(whoever) = whoever {
            // Whoever waited may have given up.
            let _ = whoever.send(reply);
        }
    }
    *lock(&waiting) = None;
}

fn lock(
    waiting: &Waiting,
) -> MutexGuard<'_, Option<BTreeMap<Token, mpsc::UnboundedSender<Reply>>>> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner)
}

fn token_of(reply: &Reply) -> Option<Token> {
    match reply {
        Reply::Welcome | Reply::Refused { .. } => None,
        Reply::Started { token, .. }
        | Reply::Lines { token, .. }
        | Reply::Ended { token, .. }
        | Reply::Found { token, .. }
        | Reply::Absent { token }
        | Reply::Known { token } => Some(token.clone()),
    }
}

impl Link {
    fn is_alive(&self) -> bool {
        lock(&self.waiting).is_some()
    }

    /// The replies about an attempt from now on; none when the connection is over.
    fn watch(&self, token: &Token) -> Option<Watched> {
        let (whoever, replies) = mpsc::unbounded_channel();
        lock(&self.waiting).as_mut()?.insert(token.clone(), whoever);
        Some(Watched { replies, process: None })
    }
}

impl Watched {
    /// Waits for the end; none when the keeper was killed before, or had started it earlier.
    /// `started` is told the process, `show` lines, and how many before them were left out.
    pub async fn end(
        mut self,
        mut started: impl FnMut(Process),
        mut show: impl FnMut(&[String], u64),
    ) -> Option<Over> {
        while let Some(reply) = self.replies.recv().await {
            match reply {
                Reply::Started { process, .. } => started(process),
                Reply::Lines { lines, left_out, .. } => show(&lines, left_out),
                Reply::Ended { over, .. } => return Some(*over),
                _ => return None,
            }
        }
        None
    }

    /// The same, with a reply that came already.
    fn with(self, reply: Reply) -> Watched {
        let (whoever, replies) = mpsc::unbounded_channel();
        // We hold the other end.
        let _ = whoever.send(reply);
        Watched { replies, ..self }
    }
}
