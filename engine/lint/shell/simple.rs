//! Simple commands: assignments, words and redirections, with the here-documents that these begin.

use std::ops::Range;

use super::reader::Reader;
use super::word::Piece;
use super::{Assignment, Command, Pipe, Redirect, Word};

/// What declares variables: its arguments may be assignments.
const DECLARING: &[&str] = &["export", "declare", "local", "readonly", "typeset"];

/// The operators of redirections, a longer one before its beginning.
const OPERATORS: &[&str] =
    &["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", "<", ">>", ">&", ">|", ">"];

impl Reader<'_> {
    /// Reads the simple command, or the definition of a function, that begins here.
    pub(super) fn simple(&mut self) {
        let start = self.at;
        let mut end = start;
        let mut command = Command {
            pipe: self.stage.unwrap_or(Pipe { number: self.pipelines, place: 0, length: 1 }),
            around: self.around,
            ..Command::default()
        };
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect() {
                command.redirects.push(redirect);
            } else if self.is_word() {
                self.argument(&mut command);
                if command.words.len() == 1 && self.is_definition() {
                    return self.function_body();
                }
            } else {
                break;
            }
            end = self.at;
        }
        if end > start {
            command.range = start..end;
            self.found.push(command);
        }
    }

    fn is_definition(&self) -> bool {
        let rest = self.text.get(self.at.min(self.end)..self.end).unwrap_or_default();
        rest.trim_start_matches([' ', '\t']).starts_with('(')
    }

    fn argument(&mut self, command: &mut Command) {
        let word = self.word();
        let may_assign = match command.words.first() {
            None => true,
            Some(program) => DECLARING.contains(&program.text.as_str()),
        };
        let Some(name) = may_assign.then(|| self.name_of_assignment(&word)).flatten() else {
            command.words.push(word);
            return;
        };
        let word = if word.text.ends_with('=') && self.peek() == Some(b'(') {
            self.array(&word)
        } else {
            word
        };
        let taken = name.end - word.range.start;
        let value = Word {
            text: word.text.get(taken..).unwrap_or_default().to_owned(),
            range: name.end..word.range.end,
            ..word
        };
        let name = self.text[name].trim_end_matches('=').trim_end_matches('+').to_owned();
        command.assignments.push(Assignment { name, value });
    }

    /// The range of `NAME=` with which a word begins.
    fn name_of_assignment(&self, word: &Word) -> Option<Range<usize>> {
        let written = self.text.get(word.range.clone())?;
        let length = written.find('=')?;
        let name = written[..length].trim_end_matches('+');
        let (name, index) = name.split_once('[').unwrap_or((name, "]"));
        let mut bytes = name.bytes();
        let is_name = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_plain = !index.contains(['\'', '"', '\\']);
        let start = word.range.start;
        (is_name && index.ends_with(']') && is_plain).then(|| start..start + length + 1)
    }

    /// Reads the words of an array behind `NAME=`; they are one value, as written.
    fn array(&mut self, head: &Word) -> Word {
        self.at += 1;
        loop {
            self.lines();
            if !self.is_word() {
                break;
            }
            self.word();
        }
        self.at += usize::from(self.peek() == Some(b')'));
        let range = head.range.start..self.at;
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        Word { text, range, is_literal: false, is_quoted: false }
    }

    /// Reads the redirection that begins here, if one does.
    fn redirect(&mut self) -> Option<Redirect> {
        let mut digits = 0;
        while self.byte(digits).is_some_and(|byte| byte.is_ascii_digit()) {
            digits += 1;
        }
        let number = self.text.get(self.at..self.at + digits)?;
        self.at += digits;
        let is_substitution = digits == 0 && self.is_word();
        let sign = OPERATORS.iter().find(|sign| self.starts(sign)).filter(|_| !is_substitution);
        let Some(sign) = sign.filter(|sign| digits == 0 || !sign.starts_with('&')) else {
            self.at -= digits;
            return None;
        };
        self.at += sign.len();
        let number = match (number, sign.as_bytes()[0]) {
            ("0", b'<') | ("1", b'>') => "",
            _ => number,
        };
        self.blanks();
        let target = match *sign {
            "<<" | "<<-" => self.here_document(*sign == "<<-"),
            _ => self.word(),
        };
        Some(Redirect { operator: format!("{number}{sign}"), target })
    }

    /// Reads what ends a here-document, and its text, which begins on the next line.
    fn here_document(&mut self, has_tabs: bool) -> Word {
        let delimiter = self.word();
        let written = self.text.get(delimiter.range.clone()).unwrap_or_default();
        let is_quoted = written.contains(['\'', '"', '\\']);
        let body = self.here_text(&delimiter.text, has_tabs);
        if !is_quoted {
            self.substitutions(body.clone());
        }
        let text = self.text.get(body.clone()).unwrap_or_default().to_owned();
        let next = self.slots.partition_point(|slot| slot.end <= body.start);
        let has_slot = self.slots.get(next).is_some_and(|slot| slot.start < body.end);
        let is_literal = !has_slot && (is_quoted || !text.contains(['$', '`']));
        Word { text, range: body, is_literal, is_quoted }
    }

    /// Where the text of a here-document stands; the line goes on behind it.
    fn here_text(&mut self, delimiter: &str, has_tabs: bool) -> Range<usize> {
        let rest = self.text.get(self.at..self.end).unwrap_or_default();
        let next_line = rest.find('\n').map_or(self.end, |length| self.at + length + 1);
        let start = self.here_from.unwrap_or(next_line).min(self.end);
        let mut at = start;
        for line in self.text.get(start..self.end).unwrap_or_default().split_inclusive('\n') {
            let bare = line.trim_end_matches(['\n', '\r']);
            let bare = if has_tabs { bare.trim_start_matches('\t') } else { bare };
            if bare == delimiter {
                self.here_from = Some(at + line.len());
                return start..at;
            }
            at += line.len();
        }
        self.here_from = Some(self.end);
        start..self.end
    }

    /// Reads the commands that are substituted in the text of a here-document.
    fn substitutions(&mut self, text: Range<usize>) {
        let before = (self.at, self.end, self.here_from.take());
        (self.at, self.end) = (text.start, text.end);
        let mut piece = Piece::new();
        while let Some(byte) = self.peek() {
            match byte {
                b'\\' => self.at += 2,
                b'$' => self.dollar(&mut piece, true),
                b'`' => self.backticks(&mut piece),
                _ => self.at += 1,
            }
        }
        (self.at, self.end, self.here_from) = before;
    }

    /// Reads `[[ … ]]`, where brackets and signs are words.
    pub(super) fn double_bracket(&mut self) {
        let start = self.at;
        let mut words = Vec::new();
        loop {
            self.lines();
            let from = self.at;
            if self.is_word() && !matches!(self.peek(), Some(b'<' | b'>')) {
                words.push(self.word());
            } else if matches!(self.peek(), Some(b'<' | b'>' | b'(' | b')' | b'&' | b'|')) {
                self.at += if self.starts("&&") || self.starts("||") { 2 } else { 1 };
                let text = self.text.get(from..self.at).unwrap_or_default().to_owned();
                let range = from..self.at;
                words.push(Word { text, range, is_literal: true, is_quoted: false });
            } else {
                break;
            }
            if words.last().is_some_and(|word| word.text == "]]" && !word.is_quoted) {
                break;
            }
        }
        let pipe = self.stage.unwrap_or_default();
        let (range, around) = (start..self.at, self.around);
        self.found.push(Command { words, range, around, pipe, ..Command::default() });
    }

    /// Reads the redirections of a compound command that began at `first`: its first command reads
    /// what it reads, and its last one writes what it writes.
    pub(super) fn redirects_of_compound(&mut self, first: usize) {
        loop {
            self.blanks();
            let last = self.found.len();
            let Some(redirect) = self.redirect() else { return };
            let is_substituted = self.around.is_substituted;
            let own = |command: &Command| command.around.is_substituted == is_substituted;
            let inner = &self.found[first..last];
            let at = if redirect.reads() {
                inner.iter().position(own)
            } else {
                inner.iter().rposition(own)
            };
            if let Some(at) = at {
                self.found[first + at].redirects.push(redirect);
            }
        }
    }
}
