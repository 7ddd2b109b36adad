//! What the bytes from a terminal mean as keys.
//!
//! Bytes come in any portions: what may be the beginning of a key waits for the rest of it, and
//! [`Decoder::settle`] says that there is none. No bytes are an error; what means nothing is
//! [`Key::Unknown`].

/// One key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Key {
    /// It stands for a character that can be seen, or a space.
    Char(char),
    Enter,
    Backspace,
    /// Ctrl-U: what was typed is not wanted.
    Clear,
    Escape,
    Up,
    Down,
    PageUp,
    PageDown,
    Home,
    End,
    /// Ctrl-D.
    Leave,
    /// Something that a terminal marks as pasted.
    Pasted,
    /// A key that means nothing here, or bytes that are no key.
    Unknown,
}

/// The bytes that begin a key and do not end it yet.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
    is_pasting: bool,
}

const PASTE_ENDS: &[u8] = b"\x1b[201~";

/// The longest that a key is, in bytes.
const LONGEST: usize = 16;

impl Decoder {
    /// The keys that some bytes are, with those that waited.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.pending.extend(bytes);
        let mut keys = Vec::new();
        loop {
            if self.is_pasting && !self.end_paste() {
                return keys;
            }
            match first(&self.pending) {
                Some((Key::Pasted, length)) => {
                    keys.push(Key::Pasted);
                    self.is_pasting = true;
                    self.pending.drain(..length);
                }
                Some((key, length)) => {
                    keys.push(key);
                    self.pending.drain(..length);
                }
                None => return keys,
            }
        }
    }

    /// Whether something has begun that may go on.
    pub(super) fn is_waiting(&self) -> bool {
        !self.pending.is_empty() && !self.is_pasting
    }

    /// What has begun does not go on.
    pub(super) fn settle(&mut self) -> Option<Key> {
        if !self.is_waiting() {
            return None;
        }
        let key = if self.pending == b"\x1b" { Key::Escape } else { Key::Unknown };
        self.pending.clear();
        Some(key)
    }

    /// Throws away what was pasted, and says whether that has ended.
    fn end_paste(&mut self) -> bool {
        let end = self.pending.windows(PASTE_ENDS.len()).position(|part| part == PASTE_ENDS);
        match end {
            Some(at) => {
                self.pending.drain(..at + PASTE_ENDS.len());
                self.is_pasting = false;
            }
            None => {
                let kept = self.pending.len().saturating_sub(PASTE_ENDS.len() - 1);
                self.pending.drain(..kept);
            }
        }
        end.is_some()
    }
}

/// The first key of some bytes, and how many it takes; none while it is not whole.
fn first(bytes: &[u8]) -> Option<(Key, usize)> {
    let key = match bytes.first()? {
        b'\n' | b'\r' => Key::Enter,
        0x7f | 0x08 => Key::Backspace,
        0x04 => Key::Leave,
        0x15 => Key::Clear,
        0x1b => return escaped(bytes),
        byte if byte.is_ascii_control() => Key::Unknown,
        byte if byte.is_ascii() => Key::Char(char::from(*byte)),
        _ => return character(bytes),
    };
    Some((key, 1))
}

/// A key that begins with an escape: an arrow, or another one that means something here.
fn escaped(bytes: &[u8]) -> Option<(Key, usize)> {
    match bytes.get(1)? {
        b'[' => {
            let end = bytes.iter().skip(2).position(|byte| (0x40..=0x7e).contains(byte));
            let Some(end) = end else {
                return (bytes.len() > LONGEST).then_some((Key::Unknown, bytes.len()));
            };
            let sequence = bytes.get(2..=2 + end).unwrap_or_default();
            Some((named(sequence), 3 + end))
        }
        b'O' => bytes.get(2).map(|last| (named(&[*last]), 3)),
        // The escape key, and another one right after it.
        0x1b => Some((Key::Escape, 1)),
        _ => Some((Key::Unknown, 2)),
    }
}

fn named(sequence: &[u8]) -> Key {
    match sequence {
        b"A" => Key::Up,
        b"B" => Key::Down,
        b"H" | b"1~" | b"7~" => Key::Home,
        b"F" | b"4~" | b"8~" => Key::End,
        b"5~" => Key::PageUp,
        b"6~" => Key::PageDown,
        b"200~" => Key::Pasted,
        _ => Key::Unknown,
    }
}

/// A character of several bytes.
fn character(bytes: &[u8]) -> Option<(Key, usize)> {
    let beginning = bytes.get(..bytes.len().min(4)).unwrap_or_default();
    let text = match std::str::from_utf8(beginning) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => {
            std::str::from_utf8(beginning.get(..error.valid_up_to())?).unwrap_or_default()
        }
        Err(error) => return error.error_len().map(|length| (Key::Unknown, length)),
    };
    let one = text.chars().next()?;
    let key = if one.is_control() { Key::Unknown } else { Key::Char(one) };
    Some((key, one.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys = decoder.take(bytes);
        keys.extend(decoder.settle());
        keys
    }

    #[test]
    fn letters_and_the_keys_that_move_are_told_apart() {
        use Key::{Backspace, Char, Clear, Down, End, Enter, Home, Leave, PageDown, PageUp, Up};
        assert_eq!(keys(b"a \r"), [Char('a'), Char(' '), Enter]);
        assert_eq!(keys(b"\x1b[A\x1bOB\x1b[H\x1b[F"), [Up, Down, Home, End]);
        assert_eq!(keys(b"\x1b[1~\x1b[4~\x1b[5~\x1b[6~"), [Home, End, PageUp, PageDown]);
        assert_eq!(keys(b"\x7f\x08\x15\x04"), [Backspace, Backspace, Clear, Leave]);
        assert_eq!(keys("öß".as_bytes()), [Char('ö'), Char('ß')]);
    }

    #[test]
    fn an_escape_alone_is_the_escape_key() {
        assert_eq!(keys(b"\x1b"), [Key::Escape]);
        assert_eq!(keys(b"\x1b\x1b[A"), [Key::Escape, Key::Up]);
    }

    #[test]
    fn a_key_may_come_in_pieces() {
        let mut decoder = Decoder::default();
        for piece in [b"\x1b".as_slice(), b"[", "ö".as_bytes().get(..0).unwrap_or_default()] {
            assert_eq!(decoder.take(piece), []);
            assert!(decoder.is_waiting());
        }
        assert_eq!(decoder.take(b"B"), [Key::Down]);
        assert_eq!(decoder.take(&[0xc3]), []);
        assert_eq!(decoder.take(&[0xb6]), [Key::Char('ö')]);
        assert_eq!(decoder.settle(), None);
    }

    #[test]
    fn what_is_pasted_is_one_key_whatever_is_in_it() {
        assert_eq!(keys(b"\x1b[200~y\n\x1b[A\x1b[201~x"), [Key::Pasted, Key::Char('x')]);
        let mut decoder = Decoder::default();
        assert_eq!(decoder.take(b"\x1b[200~y\n"), [Key::Pasted]);
        assert_eq!(decoder.take(&[b'y'; 5000]), []);
        assert_eq!(decoder.take(b"\x1b[20"), []);
        assert_eq!(decoder.take(b"1~n"), [Key::Char('n')]);
    }

    #[test]
    fn bytes_that_are_no_keys_mean_nothing() {
        assert_eq!(keys(&[0xff, 0x00, b'a']), [Key::Unknown, Key::Unknown, Key::Char('a')]);
        assert_eq!(keys(b"\x1b[99;99;99Z"), [Key::Unknown]);
        assert_eq!(keys(b"\x1bx"), [Key::Unknown]);
        assert_eq!(keys(&[0xc3]), [Key::Unknown]);
    }
}
