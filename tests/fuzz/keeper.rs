//! Whatever arrives at a keeper, or from one, is messages or an error, however it is cut; and a
//! message that was read is written and read as the same.
//!
//! Lines of the input that are JSON are put into frames first; all else arrives as it is.

use holdpoint::runtime::keeper::protocol::{Frames, Reply, Request, frame};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Bytes;

/// What came out: each message as a frame again, and how it ended.
#[derive(Debug, Eq, PartialEq)]
struct Heard {
    messages: Vec<Vec<u8>>,
    error: Option<String>,
}

pub(crate) fn play(bytes: &[u8]) {
    let mut bytes = Bytes::new(bytes);
    let cuts = bytes.take(4);
    let mut arriving = Vec::new();
    while !bytes.are_used_up() {
        let line = bytes.take_line();
        match serde_json::from_slice::<serde_json::Value>(line) {
            Ok(json) => arriving.extend(frame(&json).expect("it is short")),
            Err(_) => arriving.extend(line),
        }
    }
    listen::<Request>(&arriving, cuts);
    listen::<Reply>(&arriving, cuts);
}

fn listen<T: Serialize + DeserializeOwned>(arriving: &[u8], cuts: &[u8]) {
    let whole = heard::<T>([arriving]);
    let mut rest = arriving;
    let mut sizes = cuts.iter().map(|size| usize::from(*size)).cycle();
    let chunks = std::iter::from_fn(|| {
        let size = sizes.next().unwrap_or(1).max(1).min(rest.len());
        let (chunk, after) = rest.split_at(size);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    });
    assert_eq!(heard::<T>(chunks), whole, "the cutting makes a difference");
    let again = heard::<T>([whole.messages.concat().as_slice()]);
    assert_eq!(again, Heard { error: None, ..whole }, "what was read is written as another");
}

fn heard<'c, T: Serialize + DeserializeOwned>(chunks: impl IntoIterator<Item = &'c [u8]>) -> Heard {
    let mut frames = Frames::default();
    let mut messages = Vec::new();
    for chunk in chunks {
        frames.push(chunk);
        loop {
            match frames.read::<T>() {
                Ok(Some(message)) => messages.push(frame(&message).expect("it is short")),
                Ok(None) => break,
                Err(error) => return Heard { messages, error: Some(error.to_string()) },
            }
        }
    }
    Heard { messages, error: None }
}
