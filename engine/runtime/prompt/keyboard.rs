//! Single keys, while nothing is asked.
//!
//! A thread of its own reads them, unseen, and hands them on. It gives way at once to a question
//! and to a command that has the terminal, and takes the terminal again afterwards; what was typed
//! meanwhile is thrown away. Several keys at once are no key: they were pasted, or typed before.
//! Ctrl-C and Ctrl-Z remain signals. However it ends, the terminal is as it was.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use tokio::sync::mpsc::UnboundedSender;

use super::keys::{Decoder, Key};
use super::terminal::{self, Heard, Mode, Terminal, Typed};
use super::{Interrupt, is_attended, turn};

/// Reads single keys until it is dropped, or the terminal is gone.
pub struct Keyboard {
    over: Interrupt,
    is_over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

impl Keyboard {
    /// Hands on each key that is typed once this returns; none when nobody is there. When the
    /// terminal is gone the channel is closed.
    pub fn open(keys: UnboundedSender<char>) -> io::Result<Option<Keyboard>> {
        if !is_attended() {
            return Ok(None);
        }
        let (over, is_over) = (Interrupt::new()?, Arc::<AtomicBool>::default());
        let (begun, has_begun) = mpsc::channel();
        let reader = thread::Builder::new().name("keyboard".to_owned()).spawn({
            let (over, is_over) = (over.clone(), Arc::clone(&is_over));
            move || read(&over, &is_over, &keys, &begun)
        })?;
        // Where somebody else has the terminal, it begins when that is over.
        let _ = has_begun.recv_timeout(terminal::LOOK);
        Ok(Some(Keyboard { over, is_over, reader: Some(reader) }))
    }
}

impl Drop for Keyboard {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.over.raise_for_good();
        turn::look_again();
        if let Some(reader) = self.reader.take() {
            // That it panicked has been told, and the terminal was put back on the way.
            let _ = reader.join();
        }
    }
}

fn read(
    over: &Interrupt,
    is_over: &AtomicBool,
    keys: &UnboundedSender<char>,
    begun: &mpsc::Sender<()>,
) {
    while let Some(turn) = turn::take_idle(|| is_over.load(Ordering::SeqCst)) {
        // Another program has it: whoever asks meanwhile must not wait for us.
        if !terminal::is_foreground() {
            drop(turn);
            let _ = begun.send(());
            terminal::pause(over);
            continue;
        }
        let Some(terminal) = Terminal::take_in_turn(Mode::Quiet, over, turn) else { return };
        terminal.forget_typed();
        let _ = begun.send(());
        if !listen(&terminal, keys) {
            return;
        }
    }
}

/// Hands on keys until somebody else wants the terminal; false when there will be none any more.
fn listen(terminal: &Terminal<'_>, keys: &UnboundedSender<char>) -> bool {
    loop {
        match terminal.read_or_give_way() {
            // It is taken anew, as whoever had it meanwhile has left it.
            Heard::GiveWay | Heard::Typed(Typed::Again) => return true,
            Heard::Typed(Typed::Interrupted | Typed::Nothing) => return false,
            Heard::Typed(Typed::Bytes(bytes)) => {
                let (bytes, is_whole) = terminal.burst(bytes);
                let key = only_key(&bytes).filter(|_| is_whole);
                if key.is_some_and(|key| keys.send(key).is_err()) {
                    return false;
                }
            }
        }
    }
}

/// The key that some bytes are, where they are only one.
fn only_key(bytes: &[u8]) -> Option<char> {
    let mut decoder = Decoder::default();
    let mut keys = decoder.take(bytes);
    keys.extend(decoder.settle());
    match keys.as_slice() {
        [Key::Char(key)] => Some(*key),
        [Key::Enter] => Some('\n'),
        [Key::Escape] => Some('\x1b'),
        [Key::Leave] => Some('\x04'),
        _ => None,
    }
}
