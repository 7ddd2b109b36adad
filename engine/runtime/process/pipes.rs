//! What flows between us and a command: its input and its two outputs.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::{Instant, timeout_at};

use super::Sink;

/// The most that is read at once.
const CHUNK: usize = 64 * 1024;

/// How long the outputs may be silent after the end of the command before we stop listening.
const SILENCE: Duration = Duration::from_millis(500);

/// How long we listen after the end of the command at most.
const PATIENCE: Duration = Duration::from_secs(5);

/// The open ends on our side.
pub(super) struct Pipes<'sink> {
    input: Option<(ChildStdin, Vec<u8>)>,
    out: Output<'sink, ChildStdout>,
    err: Output<'sink, ChildStderr>,
}

impl<'sink> Pipes<'sink> {
    /// The pipes of a child that has just been started.
    pub(super) fn of(
        child: &mut Child,
        input: Option<Vec<u8>>,
        out: &'sink mut dyn Sink,
        err: &'sink mut dyn Sink,
    ) -> Pipes<'sink> {
        Pipes {
            input: child.stdin.take().zip(input),
            out: Output {
                reader: child.stdout.take(),
                buffer: Vec::with_capacity(CHUNK),
                sink: out,
            },
            err: Output {
                reader: child.stderr.take(),
                buffer: Vec::with_capacity(CHUNK),
                sink: err,
            },
        }
    }

    /// Moves bytes both ways until it is dropped.
    pub(super) async fn pump(&mut self) -> Infallible {
        let Pipes { input, out, err } = self;
        let feed = async {
            if let Some((mut pipe, text)) = input.take() {
                // A command need not read what it is given; its exit code says what it thinks.
                let _ = pipe.write_all(&text).await;
            }
        };
        let listen = async { while next(out, err).await {} };
        tokio::join!(feed, listen);
        pending().await
    }

    /// Reads what a command that has ended left in the pipes. Whether somebody holds them still.
    pub(super) async fn drain(mut self) -> bool {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let silent = end.min(Instant::now() + SILENCE);
            match timeout_at(silent, next(&mut self.out, &mut self.err)).await {
                Ok(true) => {}
                Ok(false) => return false,
                Err(_) => break,
            }
        }
        // A service that prints into a pipe without a reader is killed by SIGPIPE.
        throw_away(self.out.reader);
        throw_away(self.err.reader);
        true
    }
}

/// One of the two outputs.
struct Output<'sink, R> {
    /// None once it is closed.
    reader: Option<R>,
    buffer: Vec<u8>,
    sink: &'sink mut dyn Sink,
}

impl<R: AsyncRead + Unpin> Output<'_, R> {
    /// Hands the next chunk on. Never returns once it is closed; dropping it loses nothing.
    async fn next(&mut self) {
        let Some(reader) = &mut self.reader else {
            return pending().await;
        };
        self.buffer.clear();
        match reader.read_buf(&mut self.buffer).await {
            Ok(count) if count > 0 => self.sink.take(&self.buffer),
            Ok(_) | Err(_) => self.reader = None,
        }
    }
}

/// Hands on the next chunk of either; false when both are closed.
async fn next(out: &mut Output<'_, ChildStdout>, err: &mut Output<'_, ChildStderr>) -> bool {
    if out.reader.is_none() && err.reader.is_none() {
        return false;
    }
    tokio::select! {
        () = out.next() => {}
        () = err.next() => {}
    }
    true
}

/// Reads on for as long as we live.
fn throw_away<R: AsyncRead + Unpin + Send + 'static>(reader: Option<R>) {
    if let Some(mut reader) = reader {
        tokio::spawn(async move { tokio::io::copy(&mut reader, &mut tokio::io::sink()).await });
    }
}
