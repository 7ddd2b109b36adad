//! One connection, as both sides use it: messages go out in order, and come in as they arrive.
//!
//! What is sent never waits for the other side. A connection ends when either side is dropped, when
//! the other side is gone, or with the first frame that means nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;

use super::protocol::{Frames, frame};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// The sending side. A clone shares it.
#[derive(Clone)]
pub(super) struct Sender {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    /// How many bytes wait to be sent.
    waiting: Arc<AtomicUsize>,
}

/// The receiving side.
pub(super) struct Receiver {
    half: OwnedReadHalf,
    frames: Frames,
    chunk: Vec<u8>,
}

/// Both sides of a connection. `drained` is called whenever nothing waits any more to be sent.
pub(super) fn split(stream: UnixStream, drained: impl Fn() + Send + 'static) -> (Sender, Receiver) {
    let (read, write) = stream.into_split();
    let (frames, outgoing) = mpsc::unbounded_channel();
    let waiting = Arc::new(AtomicUsize::new(0));
    tokio::spawn(send_all(write, outgoing, Arc::clone(&waiting), drained));
    let receiver = Receiver { half: read, frames: Frames::default(), chunk: Vec::new() };
    (Sender { frames, waiting }, receiver)
}

async fn send_all(
    mut half: OwnedWriteHalf,
    mut outgoing: mpsc::UnboundedReceiver<Vec<u8>>,
    waiting: Arc<AtomicUsize>,
    drained: impl Fn(),
) {
    while let Some(frame) = outgoing.recv().await {
        if half.write_all(&frame).await.is_err() {
            return;
        }
        if waiting.fetch_sub(frame.len(), Ordering::Relaxed) == frame.len() {
            drained();
        }
    }
}

impl Sender {
    /// Sends a message; whether the connection is still there, as far as is known.
    pub(super) fn send<T: Serialize>(&self, message: &T) -> bool {
        match frame(message) {
            Ok(frame) => {
                self.waiting.fetch_add(frame.len(), Ordering::Relaxed);
                self.frames.send(frame).is_ok()
            }
            Err(error) => {
                tracing::warn!(%error, "a message could not be sent");
                false
            }
        }
    }

    /// Whether all that was sent is on its way.
    pub(super) fn is_drained(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) == 0
    }
}

impl Receiver {
    /// The next message; none when the connection is over.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Option<T> {
        loop {
            match self.frames.read() {
                Ok(Some(message)) => return Some(message),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "the other side makes no sense");
                    return None;
                }
            }
            self.chunk.clear();
            self.chunk.reserve(CHUNK);
            match self.half.read_buf(&mut self.chunk).await {
                Ok(count) if count > 0 => self.frames.push(&self.chunk),
                Ok(_) | Err(_) => return None,
            }
        }
    }
}
