//! One word: its quotes taken away, its escapes resolved, its expansions as they are written. The
//! commands in its substitutions are read on the way.

use super::Word;
use super::reader::{Reader, Until};

/// What has been read of a word.
#[derive(Default)]
pub(super) struct Piece {
    text: Vec<u8>,
    is_known: bool,
    is_quoted: bool,
    /// Whether `[`, `{` and a comma after it stand open, each of which may begin a pattern.
    open: [bool; 3],
}

impl Piece {
    pub(super) fn new() -> Piece {
        Piece { is_known: true, ..Piece::default() }
    }

    fn push(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
    }

    /// Takes an unquoted byte that could be part of a pattern.
    fn plain(&mut self, byte: u8) {
        let [bracket, brace, comma] = &mut self.open;
        match byte {
            b'*' | b'?' => self.is_known = false,
            b'~' if self.text.is_empty() => self.is_known = false,
            b'[' => *bracket = true,
            b']' if *bracket => self.is_known = false,
            b'{' => *brace = true,
            b',' if *brace => *comma = true,
            b'.' if *brace && self.text.ends_with(b".") => *comma = true,
            b'}' if *comma => self.is_known = false,
            _ => {}
        }
        self.text.push(byte);
    }

    fn text(self) -> String {
        // Only whole characters of a text went in, but for a byte that an escape names.
        String::from_utf8(self.text)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
    }
}

impl Reader<'_> {
    /// Whether a word begins here.
    pub(super) fn is_word(&self) -> bool {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')') => false,
            Some(b'<' | b'>') => self.byte(1) == Some(b'('),
            Some(_) => true,
        }
    }

    /// Reads the word that begins here; it is empty where none does.
    pub(super) fn word(&mut self) -> Word {
        let start = self.at;
        let mut piece = Piece::new();
        loop {
            let is_extended = self.peek() == Some(b'(')
                && self.at > start
                && matches!(piece.text.last(), Some(b'@' | b'?' | b'*' | b'+' | b'!'));
            if is_extended {
                self.verbatim(&mut piece, |reader| {
                    reader.at += 1;
                    reader.enter(Self::pattern);
                });
            } else if self.is_word() {
                self.part(&mut piece);
            } else {
                break;
            }
        }
        Word {
            is_literal: piece.is_known,
            is_quoted: piece.is_quoted,
            text: piece.text(),
            range: start..self.at,
        }
    }

    fn part(&mut self, piece: &mut Piece) {
        match self.peek() {
            Some(b'\\') => self.escape(piece),
            Some(b'\'') => self.single(piece),
            Some(b'"') => self.double(piece),
            Some(b'`') => self.backticks(piece),
            Some(b'$') => self.dollar(piece, false),
            Some(b'<' | b'>') => self.verbatim(piece, |reader| {
                reader.at += 2;
                reader.substitution();
            }),
            Some(byte) => {
                piece.plain(byte);
                self.at += 1;
            }
            None => {}
        }
    }

    /// Reads something that stays as it is written, and that nobody knows before it is run.
    fn verbatim(&mut self, piece: &mut Piece, read: impl FnOnce(&mut Self)) {
        let start = self.at;
        read(self);
        self.at = self.at.min(self.end);
        piece.push(self.text.get(start..self.at).unwrap_or_default());
        piece.is_known = false;
    }

    fn escape(&mut self, piece: &mut Piece) {
        self.at += 1;
        match self.peek() {
            Some(b'\n') => self.at += 1,
            Some(byte) => {
                piece.text.push(byte);
                self.at += 1;
            }
            None => piece.text.push(b'\\'),
        }
    }

    /// Takes the template that begins here, if one does.
    fn slot(&mut self, piece: &mut Piece) -> bool {
        let Ok(found) = self.slots.binary_search_by_key(&self.at, |slot| slot.start) else {
            return false;
        };
        let end = self.slots[found].end;
        self.verbatim(piece, |reader| reader.at = end);
        true
    }

    fn single(&mut self, piece: &mut Piece) {
        piece.is_quoted = true;
        self.at += 1;
        while let Some(byte) = self.peek() {
            if byte == b'$' && self.slot(piece) {
                continue;
            }
            self.at += 1;
            if byte == b'\'' {
                return;
            }
            piece.text.push(byte);
        }
    }

    fn double(&mut self, piece: &mut Piece) {
        piece.is_quoted = true;
        self.at += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' if matches!(self.byte(1), Some(b'$' | b'`' | b'"' | b'\\' | b'\n')) => {
                    self.escape(piece);
                }
                b'$' => self.dollar(piece, true),
                b'`' => self.backticks(piece),
                _ => {
                    piece.text.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    /// Reads what a dollar sign begins.
    pub(super) fn dollar(&mut self, piece: &mut Piece, is_in_quotes: bool) {
        if self.slot(piece) {
            return;
        }
        match self.byte(1) {
            Some(b'(') if self.byte(2) == Some(b'(') => self.verbatim(piece, |reader| {
                reader.at += 3;
                reader.enter(Self::arithmetic);
            }),
            Some(b'(') => self.verbatim(piece, |reader| {
                reader.at += 2;
                reader.substitution();
            }),
            Some(b'{') => self.verbatim(piece, |reader| {
                reader.at += 2;
                reader.enter(|reader| reader.braces(is_in_quotes));
            }),
            Some(b'\'') if !is_in_quotes => self.ansi(piece),
            Some(b'"') if !is_in_quotes => self.at += 1,
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.verbatim(piece, |reader| {
                    reader.at += 1;
                    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                    while reader.peek().is_some_and(is_name) {
                        reader.at += 1;
                    }
                });
            }
            Some(b'?' | b'!' | b'@' | b'*' | b'#' | b'-' | b'$' | b'0'..=b'9') => {
                self.verbatim(piece, |reader| reader.at += 2);
            }
            _ => {
                piece.text.push(b'$');
                self.at += 1;
            }
        }
    }

    /// Reads the commands of `$(…)` or `<(…)` behind its bracket.
    fn substitution(&mut self) {
        self.apart(|around| around.is_substituted = true, |reader| reader.list(Until::Bracket));
        self.at += usize::from(self.peek() == Some(b')'));
    }

    /// Reads the commands between backticks.
    pub(super) fn backticks(&mut self, piece: &mut Piece) {
        self.verbatim(piece, |reader| {
            let rest = reader.text.as_bytes().get(reader.at + 1..reader.end).unwrap_or_default();
            let mut is_escaped = false;
            let close = rest.iter().position(|byte| {
                let is_end = *byte == b'`' && !is_escaped;
                is_escaped = *byte == b'\\' && !is_escaped;
                is_end
            });
            let end = reader.end;
            reader.at += 1;
            reader.end = close.map_or(end, |length| reader.at + length);
            reader.apart(|around| around.is_substituted = true, |it| it.list(Until::End));
            reader.at = reader.end + usize::from(close.is_some());
            reader.end = end;
        });
    }

    /// Reads `…}` of `${…}`.
    fn braces(&mut self, is_in_quotes: bool) {
        let mut piece = Piece::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'}' => {
                    self.at += 1;
                    return;
                }
                b'\\' => self.at += 2,
                b'\'' if !is_in_quotes => self.single(&mut piece),
                b'"' => self.double(&mut piece),
                b'$' => self.dollar(&mut piece, is_in_quotes),
                b'`' => self.backticks(&mut piece),
                _ => self.at += 1,
            }
        }
    }

    /// Reads `…))` of `((…))`.
    pub(super) fn arithmetic(&mut self) {
        self.brackets(2);
    }

    /// Reads `…)` of a pattern such as `@(a|b)`.
    fn pattern(&mut self) {
        self.brackets(1);
    }

    /// Reads up to the end of brackets of which so many stand open.
    fn brackets(&mut self, mut open: usize) {
        let mut piece = Piece::new();
        while let Some(byte) = self.peek().filter(|_| open > 0) {
            match byte {
                b'$' => self.dollar(&mut piece, false),
                b'`' => self.backticks(&mut piece),
                b'"' => self.double(&mut piece),
                b'\'' => self.single(&mut piece),
                _ => {
                    open = match byte {
                        b'(' => open + 1,
                        b')' => open - 1,
                        _ => open,
                    };
                    self.at += if byte == b'\\' { 2 } else { 1 };
                }
            }
        }
    }

    /// Reads `$'…'`.
    fn ansi(&mut self, piece: &mut Piece) {
        piece.is_quoted = true;
        self.at += 2;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\'' => return,
                b'\\' => {
                    let escaped = self.peek().unwrap_or(b'\\');
                    self.at += 1;
                    match escaped {
                        b'n' => piece.text.push(b'\n'),
                        b't' => piece.text.push(b'\t'),
                        b'r' => piece.text.push(b'\r'),
                        b'e' | b'E' => piece.text.push(0x1b),
                        b'\\' | b'\'' | b'"' | b'?' => piece.text.push(escaped),
                        _ => piece.text.extend([b'\\', escaped]),
                    }
                }
                _ => piece.text.push(byte),
            }
        }
    }
}
