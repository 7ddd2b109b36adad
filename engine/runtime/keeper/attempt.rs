//! One attempt under its keeper: from the start of its command to its end on record.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};

use super::log::Log;
use super::outlet::Outlet;
use super::protocol::{Over, Start, Token};
use super::serve::News;
use crate::run::event::{Process, StopLevel};
use crate::runtime::capture::{Capture, Captured};
use crate::runtime::identity::Identity;
use crate::runtime::process::{self, End, Ended, Inherits, Sink, Spawn};
use crate::runtime::raw::Raw;
use crate::runtime::redact::Redactor;
use crate::runtime::target;

/// What an attempt needs.
pub(super) struct Attempt {
    pub(super) start: Start,
    /// The variables that its command inherits.
    pub(super) inherits: Inherits,
    /// The folder for what it prints.
    pub(super) output: PathBuf,
    pub(super) redactor: Arc<Redactor>,
    pub(super) outlet: Arc<Outlet>,
    pub(super) log: Arc<Mutex<Log>>,
    pub(super) stop: watch::Receiver<StopLevel>,
    pub(super) news: mpsc::UnboundedSender<News>,
}

impl Attempt {
    /// Sees it through, and tells its end in any case.
    pub(super) async fn see_through(self) {
        let (token, news) = (self.start.token.clone(), self.news.clone());
        let lost = Over::lost("its keeper failed to watch over it");
        let done = tokio::spawn(self.watch_over()).await;
        let (over, is_on_record) = done.unwrap_or((lost, false));
        // The keeper listens for as long as something runs.
        let _ = news.send(News::Ended { token, over: Box::new(over), is_on_record });
    }

    /// Runs the command; how it ended, and whether the log has that.
    async fn watch_over(self) -> (Over, bool) {
        let mut out = self.capture("out");
        let mut err = self.capture("err");
        let Attempt { start: Start { token, command, is_private, log: client, .. }, .. } = self;
        let spawn =
            Spawn { inherits: self.inherits, leads: process::Leads::Group, ..command.spawn() };
        let (log, news) = (Arc::clone(&self.log), self.news);
        let spawned = |identity: Identity| tell_start(&token, identity, &log, &news);
        let ended = process::run(spawn, &mut out, &mut err, spawned, self.stop).await;
        let said =
            client.map(|path| target::take_log(&PathBuf::from(std::ffi::OsString::from(path))));
        let said = self.redactor.mask(&said.unwrap_or_default()).into_owned();
        err.take(&said);
        let over = Over { ended, out: out.finish(), err: err.finish(), said: Raw(said) };
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let is_on_record = log.ended(&token, &over, is_private).is_ok();
        (over, is_on_record && !is_private)
    }

    fn capture(&self, ending: &str) -> Capture<'static> {
        if self.start.is_private {
            return Capture::private();
        }
        let file = self.output.join(format!("{}.{ending}", self.start.name));
        let (outlet, news) = (Arc::clone(&self.outlet), self.news.clone());
        let token = self.start.token.clone();
        Capture::new(self.redactor.stream(), file, move |line| {
            if outlet.push(line) {
                // The keeper listens for as long as something runs.
                let _ = news.send(News::Printed(token.clone()));
            }
        })
    }
}

/// Puts a process on record, then tells of it.
fn tell_start(
    token: &Token,
    Identity { pid, start_time, boot_id }: Identity,
    log: &Mutex<Log>,
    news: &mpsc::UnboundedSender<News>,
) {
    let process = Process { pid, start_time, boot_id };
    let written = log.lock().unwrap_or_else(PoisonError::into_inner).started(token, &process);
    if let Err(error) = written {
        // It runs, and its end will be told; only a keeper that is killed leaves more in doubt.
        tracing::warn!(%error, "the log could not be written");
    }
    let _ = news.send(News::Started(token.clone(), process));
}

impl Over {
    /// An attempt of which nothing is known but that its end was not seen.
    pub(super) fn lost(reason: &str) -> Over {
        Over::without_output(End::Lost(reason.to_owned()))
    }

    /// An attempt that was not started, for this reason.
    pub(super) fn not_started(reason: String) -> Over {
        Over::without_output(End::Spawn(reason))
    }

    fn without_output(end: End) -> Over {
        let ended = Ended { end, took: std::time::Duration::ZERO, streams_left_open: false };
        let (out, err) = (Captured::default(), Captured::default());
        Over { ended, out, err, said: Raw::default() }
    }

    /// The same without what was printed, which stands in its files.
    pub(super) fn without_text(&self) -> Over {
        Over { out: self.out.without_text(), err: self.err.without_text(), ..self.clone() }
    }

    /// The same with what was printed, read again from its files in a folder.
    pub(in crate::runtime) fn with_text_from(self, folder: &std::path::Path) -> Over {
        let out = self.out.with_text_from(folder);
        Over { out, err: self.err.with_text_from(folder), ..self }
    }
}
