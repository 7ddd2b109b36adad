//! A runtime in which time passes as it does, on a thread of its own.

use std::io;
use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The runtime, until it is ended.
pub struct RealTime {
    handle: Handle,
    end: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl RealTime {
    /// Begins it.
    pub fn begin() -> io::Result<RealTime> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        let thread = std::thread::Builder::new().spawn(move || {
            // That its owner is gone ends it too.
            let _ = runtime.block_on(ended);
            // A thread that still waits at a question must not keep the process.
            runtime.shutdown_background();
        })?;
        Ok(RealTime { handle, end, thread })
    }

    /// By which it is used.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Ends it.
    pub fn end(self) {
        let _ = self.end.send(());
        let _ = self.thread.join();
    }
}
