//! The reader: lists, pipelines and compound commands of a script, in one pass.
//!
//! It reads what a shell would read and goes on behind what no shell would: it never refuses. Its
//! time grows with the text alone, and what is nested too deep is left unread.

use std::ops::Range;

use super::{Around, Command, Pipe};

/// How deep brackets, quotes and compound commands may stand in each other.
const MAX_DEPTH: usize = 48;

/// Reads one script.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) slots: &'t [Range<usize>],
    pub(super) at: usize,
    /// Where the part that is being read ends.
    pub(super) end: usize,
    /// Where the line goes on after its here-documents.
    pub(super) here_from: Option<usize>,
    depth: usize,
    pub(super) around: Around,
    /// The stage of a pipeline that what is read now is part of.
    pub(super) stage: Option<Pipe>,
    /// How many pipelines there are so far.
    pub(super) pipelines: usize,
    /// The commands so far, an inner one before the one that it stands in.
    pub(super) found: Vec<Command>,
}

/// What ends a list of commands.
#[derive(Clone, Copy)]
pub(super) enum Until {
    /// The end of the text.
    End,
    /// `)`.
    Bracket,
    /// One of these words where a command could begin.
    Words(&'static [&'static str]),
    /// `;;` and its kin, or `esac`.
    Case,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, slots: &'t [Range<usize>]) -> Reader<'t> {
        Reader {
            text,
            slots,
            at: 0,
            end: text.len(),
            here_from: None,
            depth: 0,
            around: Around::default(),
            stage: None,
            pipelines: 0,
            found: Vec::new(),
        }
    }

    /// All commands, in the order of the text.
    pub(super) fn read(&mut self) -> Vec<Command> {
        self.list(Until::End);
        let mut found = std::mem::take(&mut self.found);
        found.sort_by_key(|command| command.range.start);
        found
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.byte(0)
    }

    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        (at < self.end).then(|| self.text.as_bytes().get(at).copied()).flatten()
    }

    pub(super) fn starts(&self, with: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at.min(self.end)..self.end);
        rest.is_some_and(|rest| rest.starts_with(with.as_bytes()))
    }

    /// Reads something nested, unless it is too deep.
    pub(super) fn enter(&mut self, read: impl FnOnce(&mut Self)) {
        if self.depth == MAX_DEPTH {
            self.at = self.end;
            return;
        }
        self.depth += 1;
        read(self);
        self.depth -= 1;
    }

    /// Reads with something else around.
    pub(super) fn within(
        &mut self,
        change: impl FnOnce(&mut Around),
        read: impl FnOnce(&mut Self),
    ) {
        let before = self.around;
        change(&mut self.around);
        self.enter(read);
        self.around = before;
    }

    /// Reads with something else around, outside of any pipeline.
    pub(super) fn apart(&mut self, change: impl FnOnce(&mut Around), read: impl FnOnce(&mut Self)) {
        let stage = self.stage.take();
        self.within(change, read);
        self.stage = stage;
    }

    /// Reads commands up to what ends them, which stays.
    pub(super) fn list(&mut self, until: Until) {
        loop {
            self.separators(until);
            if self.at >= self.end || self.is_over(until) {
                return;
            }
            let before = self.at;
            self.and_or();
            if self.at == before {
                self.at += 1;
            }
        }
    }

    fn is_over(&self, until: Until) -> bool {
        match until {
            Until::End => false,
            Until::Bracket => self.peek() == Some(b')'),
            Until::Words(words) => words.contains(&self.keyword()),
            Until::Case => self.starts(";;") || self.starts(";&") || self.keyword() == "esac",
        }
    }

    fn separators(&mut self, until: Until) {
        loop {
            self.lines();
            let is_case = matches!(until, Until::Case) && self.is_over(until);
            if is_case || !matches!(self.peek(), Some(b';' | b'&')) || self.starts("&>") {
                return;
            }
            self.at += 1;
        }
    }

    /// Skips blanks, comments and the ends of lines, with the here-documents behind them.
    pub(super) fn lines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.at += 1;
            if let Some(after) = self.here_from.take() {
                self.at = self.at.max(after.min(self.end));
            }
        }
    }

    /// Skips blanks, joined lines and a comment.
    pub(super) fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.at += 1,
                Some(b'\\') if self.byte(1) == Some(b'\n') => self.at += 2,
                Some(b'#') => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    /// The plain word that begins here, if it could be one that means something to the shell.
    pub(super) fn keyword(&self) -> &'t str {
        let rest = self.text.get(self.at.min(self.end)..self.end).unwrap_or_default();
        let is_part = |byte: &u8| byte.is_ascii_lowercase() || b"{}![".contains(byte);
        let length = rest.bytes().take(9).take_while(is_part).count();
        match rest.as_bytes().get(length) {
            None | Some(b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')') => {
                &rest[..length]
            }
            Some(b'<' | b'>') => &rest[..length],
            _ => "",
        }
    }

    fn skip_keyword(&mut self) {
        self.at += self.keyword().len();
    }

    fn and_or(&mut self) {
        let whole = self.found.len();
        loop {
            let first = self.found.len();
            self.pipeline();
            self.blanks();
            if !self.starts("&&") && !self.starts("||") {
                break;
            }
            self.at += 2;
            for command in &mut self.found[first..] {
                command.around.is_tested = true;
            }
            self.lines();
        }
        if self.peek() == Some(b'&') {
            for command in &mut self.found[whole..] {
                command.around.is_background = true;
            }
            self.at += 1;
        }
    }

    fn pipeline(&mut self) {
        let before = (self.around, self.stage);
        self.blanks();
        while self.keyword() == "!" {
            self.skip_keyword();
            self.around.is_tested = true;
            self.blanks();
        }
        let own = Pipe { number: self.pipelines, place: 0, length: 1 };
        self.pipelines += 1;
        let inherited = *self.stage.get_or_insert(own);
        let first = self.found.len();
        self.command();
        self.blanks();
        if self.peek() == Some(b'|') && !self.starts("||") {
            self.stages(first, inherited.number, own);
        }
        (self.around, self.stage) = before;
    }

    /// Reads the other stages of a pipeline; its first one began at `first`.
    fn stages(&mut self, first: usize, inherited: usize, own: Pipe) {
        let tagged = |commands: &mut [Command], number: usize, pipe: Pipe| {
            for command in commands.iter_mut().filter(|command| command.pipe.number == number) {
                command.pipe = Pipe { place: command.pipe.place.max(pipe.place), ..pipe };
            }
        };
        for command in &mut self.found[first..] {
            if command.pipe.number == inherited {
                command.pipe = own;
            }
        }
        let mut place = 0;
        while self.peek() == Some(b'|') && !self.starts("||") {
            self.at += if self.starts("|&") { 2 } else { 1 };
            self.lines();
            place += 1;
            self.stage = Some(Pipe { place, ..own });
            self.command();
            self.blanks();
        }
        tagged(&mut self.found[first..], own.number, Pipe { length: place + 1, ..own });
    }

    fn command(&mut self) {
        let first = self.found.len();
        match self.keyword() {
            "if" => self.enter(Self::conditional),
            "while" | "until" => self.within(|around| around.is_repeated = true, Self::while_loop),
            "for" | "select" => self.enter(Self::for_loop),
            "case" => self.enter(Self::case),
            "function" => self.function(),
            "{" => {
                self.at += 1;
                self.enter(|reader| reader.list(Until::Words(&["}"])));
                self.skip_keyword();
            }
            "[[" => return self.double_bracket(),
            _ if self.starts("((") => {
                self.at += 2;
                self.enter(Self::arithmetic);
            }
            _ if self.peek() == Some(b'(') => {
                self.at += 1;
                self.enter(|reader| reader.list(Until::Bracket));
                self.at += usize::from(self.peek() == Some(b')'));
            }
            _ => return self.simple(),
        }
        self.redirects_of_compound(first);
    }

    fn conditional(&mut self) {
        loop {
            self.skip_keyword();
            self.condition(&["then"]);
            self.skip_keyword();
            self.list(Until::Words(&["elif", "else", "fi"]));
            if self.keyword() == "else" {
                self.skip_keyword();
                self.list(Until::Words(&["fi"]));
            }
            if self.keyword() != "elif" {
                return self.skip_keyword();
            }
        }
    }

    fn condition(&mut self, words: &'static [&'static str]) {
        self.within(|around| around.is_tested = true, |reader| reader.list(Until::Words(words)));
    }

    fn while_loop(&mut self) {
        self.skip_keyword();
        self.condition(&["do"]);
        self.body();
    }

    fn for_loop(&mut self) {
        self.skip_keyword();
        self.blanks();
        if self.starts("((") {
            self.at += 2;
            self.enter(Self::arithmetic);
        }
        while self.at < self.end && !matches!(self.peek(), Some(b';' | b'\n')) {
            let before = self.at;
            if self.keyword() == "do" {
                break;
            }
            self.word();
            self.blanks();
            if self.at == before {
                break;
            }
        }
        self.separators(Until::End);
        self.within(|around| around.is_repeated = true, Self::body);
    }

    /// Reads `do … done`.
    fn body(&mut self) {
        if self.keyword() == "do" {
            self.skip_keyword();
            self.list(Until::Words(&["done"]));
            self.skip_keyword();
        }
    }

    fn case(&mut self) {
        self.skip_keyword();
        self.blanks();
        self.word();
        self.lines();
        self.skip_keyword();
        loop {
            self.lines();
            if self.at >= self.end || self.keyword() == "esac" {
                return self.skip_keyword();
            }
            self.patterns();
            self.list(Until::Case);
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.at += 1;
            }
        }
    }

    /// Reads the patterns of a case with the bracket behind them.
    fn patterns(&mut self) {
        loop {
            self.blanks();
            match self.peek() {
                Some(b'(' | b'|') => self.at += 1,
                Some(b')') => {
                    self.at += 1;
                    return;
                }
                _ => {
                    let before = self.at;
                    self.word();
                    if self.at == before {
                        return;
                    }
                }
            }
        }
    }

    fn function(&mut self) {
        self.skip_keyword();
        self.blanks();
        self.word();
        self.function_body();
    }

    /// Reads `()`, where it stands, and the body of a function.
    pub(super) fn function_body(&mut self) {
        self.blanks();
        if self.peek() == Some(b'(') {
            self.at += 1;
            self.blanks();
            self.at += usize::from(self.peek() == Some(b')'));
        }
        self.lines();
        self.apart(|around| around.is_in_function = true, Self::command);
    }
}
