//! What a keeper does, one piece of news after the other.
//!
//! It takes requests from one driver at a time: the one with the highest number that has greeted
//! it. Those of an earlier one that are still on their way are ignored, so what a driver has not
//! been told of when another greets is never started after that.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};

use super::attempt::Attempt;
use super::connection::{self, Sender};
use super::log::Log;
use super::outlet::{Batch, Outlet};
use super::protocol::{Over, Reply, Request, Start, Token, VERSION};
use super::{log_in, socket};
use crate::run::event::{Process, StopLevel};
use crate::runtime::identity::boot_id;
use crate::runtime::process::Inherits;
use crate::runtime::raw::Raw;
use crate::runtime::secrets::Secrets;

/// Something that happened.
pub(super) enum News {
    /// Somebody has connected.
    Connected(UnixStream),
    /// A connection said something.
    Said(u64, Request),
    /// A connection is over.
    Gone(u64),
    /// The process of an attempt runs.
    Started(Token, Process),
    /// An attempt has printed something.
    Printed(Token),
    /// Nothing waits any more to be sent.
    Drained,
    /// An attempt is over.
    Ended {
        token: Token,
        over: Box<Over>,
        /// Whether the log has all of it.
        is_on_record: bool,
    },
}

/// The keeper of a run.
pub(super) struct Keeper {
    /// The folder of the run.
    folder: PathBuf,
    run: String,
    log: Arc<Mutex<Log>>,
    /// All that was ever begun.
    begun: BTreeSet<Token>,
    running: BTreeMap<Token, Running>,
    /// What is over and stands in no log, until a driver has put it on record.
    untaken: BTreeMap<Token, Box<Over>>,
    secrets: Secrets,
    connections: BTreeMap<u64, Sender>,
    connected: u64,
    driver: Option<Driver>,
    /// The highest number of a driver so far.
    epoch: u64,
    news: mpsc::UnboundedSender<News>,
}

/// An attempt that runs.
struct Running {
    process: Option<Process>,
    /// The connection that started it or asked for it last: no other is told how it goes, so the
    /// first answer to whoever asks is an answer.
    asker: u64,
    stop: watch::Sender<StopLevel>,
    outlet: Arc<Outlet>,
}

/// Who drives now.
struct Driver {
    connection: u64,
    sender: Sender,
    inherits: Inherits,
    /// How hard it wants things stopped.
    level: StopLevel,
}

/// Serves the run in a folder until nothing is left to do; `first` is the driver that started us.
pub(super) async fn serve(folder: &Path, first: UnixStream) -> io::Result<()> {
    let (news, mut told) = mpsc::unbounded_channel();
    let (log, known) = Log::at(&log_in(folder))?;
    let run = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut keeper = Keeper {
        folder: folder.to_owned(),
        run,
        log: Arc::new(Mutex::new(log)),
        begun: known.tokens().collect(),
        running: BTreeMap::new(),
        untaken: BTreeMap::new(),
        secrets: Secrets::default(),
        connections: BTreeMap::new(),
        connected: 0,
        driver: None,
        epoch: 0,
        news: news.clone(),
    };
    keeper.welcome(first);
    tokio::spawn(accept(socket::listen(folder)?, news));
    while !keeper.is_done() {
        match told.recv().await {
            Some(news) => keeper.hear(news),
            None => break,
        }
    }
    socket::remove(folder);
    Ok(())
}

/// Hands on every caller who runs as the same user.
async fn accept(listener: UnixListener, news: mpsc::UnboundedSender<News>) {
    while let Ok((stream, _)) = listener.accept().await {
        if socket::is_own(&stream) && news.send(News::Connected(stream)).is_err() {
            return;
        }
    }
}

impl Keeper {
    fn is_done(&self) -> bool {
        self.connections.is_empty() && self.running.is_empty() && self.untaken.is_empty()
    }

    fn hear(&mut self, news: News) {
        match news {
            News::Connected(stream) => self.welcome(stream),
            News::Said(connection, request) => self.answer(connection, request),
            News::Gone(connection) => {
                self.connections.remove(&connection);
                if self.driver.as_ref().is_some_and(|it| it.connection == connection) {
                    self.driver = None;
                }
            }
            News::Started(token, process) => {
                if let Some(running) = self.running.get_mut(&token) {
                    running.process = Some(process.clone());
                }
                if let Some(driver) = self.asker(&token) {
                    driver.sender.send(&Reply::Started { token, process });
                }
            }
            News::Printed(token) => self.tell_lines_in_time(&token),
            News::Drained => {
                let tokens: Vec<Token> = self.running.keys().cloned().collect();
                tokens.iter().for_each(|token| self.tell_lines_in_time(token));
            }
            News::Ended { token, over, is_on_record } => self.end(&token, over, is_on_record),
        }
    }

    /// Takes requests from a connection.
    fn welcome(&mut self, stream: UnixStream) {
        self.connected += 1;
        let connection = self.connected;
        let news = self.news.clone();
        let drained = move || drop(news.send(News::Drained));
        let (sender, mut receiver) = connection::split(stream, drained);
        self.connections.insert(connection, sender);
        let news = self.news.clone();
        tokio::spawn(async move {
            while let Some(request) = receiver.next().await {
                // The keeper ends only when all connections have.
                let _ = news.send(News::Said(connection, request));
            }
            let _ = news.send(News::Gone(connection));
        });
    }

    fn answer(&mut self, connection: u64, request: Request) {
        if let Request::Hello { version, run, epoch, env } = request {
            return self.greet(connection, version, &run, epoch, env);
        }
        let Some(driver) = self.driver.as_mut().filter(|it| it.connection == connection) else {
            return;
        };
        match request {
            Request::Hello { .. } => {}
            Request::Mask { secrets } => {
                secrets.into_iter().for_each(|(name, value)| self.secrets.add(&name, value));
            }
            Request::Start(start) => self.start(*start),
            Request::Attach { token } => self.attach(token),
            Request::Leave => self.untaken.clear(),
            Request::Stop { level } => {
                driver.level = driver.level.max(level);
                for running in self.running.values() {
                    running.stop.send_modify(|found| *found = (*found).max(level));
                }
            }
        }
    }

    fn greet(
        &mut self,
        connection: u64,
        version: u32,
        run: &str,
        epoch: u64,
        env: Vec<(Raw, Raw)>,
    ) {
        let Some(sender) = self.connections.get(&connection).cloned() else { return };
        let open = || {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            log.open_for(epoch, &boot_id())
        };
        let reason = if version != VERSION {
            Some(format!("it speaks version {VERSION} of the protocol, not {version}"))
        } else if run != self.run {
            Some(format!("it keeps {}, not {run}", self.run))
        } else if epoch <= self.epoch {
            Some("a later driver has come".to_owned())
        } else {
            open().err().map(|error| format!("its log cannot be written: {error}"))
        };
        if let Some(reason) = reason {
            sender.send(&Reply::Refused { version: VERSION, reason });
            return;
        }
        self.epoch = epoch;
        sender.send(&Reply::Welcome);
        let (inherits, level) = (inherits(env), StopLevel::None);
        self.driver = Some(Driver { connection, sender, inherits, level });
    }

    fn start(&mut self, start: Start) {
        let token = start.token.clone();
        if !self.begun.insert(token.clone()) {
            return self.tell(&Reply::Known { token });
        }
        let Some(driver) = &self.driver else { return };
        let written = self.log.lock().unwrap_or_else(PoisonError::into_inner).starting(&token);
        if let Err(error) = written {
            let reason = format!("its keeper cannot write down that it starts: {error}");
            let over = Box::new(Over::not_started(reason));
            return self.tell(&Reply::Ended { token, over });
        }
        let stop = watch::Sender::new(driver.level);
        let outlet = Arc::new(Outlet::default());
        let attempt = Attempt {
            start,
            inherits: driver.inherits.clone(),
            output: self.folder.join("output"),
            redactor: self.secrets.redactor(),
            outlet: Arc::clone(&outlet),
            log: Arc::clone(&self.log),
            stop: stop.subscribe(),
            news: self.news.clone(),
        };
        let running = Running { process: None, asker: driver.connection, stop, outlet };
        self.running.insert(token, running);
        tokio::spawn(attempt.see_through());
    }

    fn attach(&mut self, token: Token) {
        let Some(driver) = &self.driver else { return };
        if let Some(running) = self.running.get_mut(&token) {
            running.asker = driver.connection;
            let process = running.process.clone();
            self.tell(&Reply::Found { token: token.clone(), process });
            return self.tell_lines(&token);
        }
        match self.untaken.get(&token) {
            Some(over) => self.tell(&Reply::Ended { over: over.clone(), token }),
            None => self.tell(&Reply::Absent { token }),
        }
    }

    fn end(&mut self, token: &Token, over: Box<Over>, is_on_record: bool) {
        self.tell_lines(token);
        if !is_on_record {
            self.untaken.insert(token.clone(), over.clone());
        }
        if let Some(driver) = self.asker(token) {
            driver.sender.send(&Reply::Ended { token: token.clone(), over });
        }
        self.running.remove(token);
    }

    /// Whoever drives, if it is to be told how an attempt goes.
    fn asker(&self, token: &Token) -> Option<&Driver> {
        let running = self.running.get(token)?;
        self.driver.as_ref().filter(|driver| driver.connection == running.asker)
    }

    fn tell(&self, reply: &Reply) {
        if let Some(driver) = &self.driver {
            driver.sender.send(reply);
        }
    }

    /// Sends the lines of an attempt, unless the driver is still busy with earlier ones.
    fn tell_lines_in_time(&self, token: &Token) {
        if self.driver.as_ref().is_some_and(|driver| driver.sender.is_drained()) {
            self.tell_lines(token);
        }
    }

    fn tell_lines(&self, token: &Token) {
        let Some(driver) = self.asker(token) else { return };
        let batch = self.running.get(token).and_then(|running| running.outlet.take());
        if let Some(Batch { lines, left_out }) = batch {
            driver.sender.send(&Reply::Lines { token: token.clone(), lines, left_out });
        }
    }
}

/// What commands of a driver with these variables inherit.
fn inherits(env: Vec<(Raw, Raw)>) -> Inherits {
    let given = env.into_iter().map(|(name, value)| (name.into(), value.into()));
    let given: BTreeMap<OsString, OsString> = given.collect();
    match given == std::env::vars_os().collect::<BTreeMap<_, _>>() {
        true => Inherits::AllOfOurs,
        false => Inherits::Given(Arc::new(given)),
    }
}
