//! A script as a shell reads it: its simple commands with their words, what wraps them, and where
//! each stands. Nothing is expanded and nothing is run.
//!
//! What runs something else (`sudo`, `env`, `timeout`, `xargs`, `docker exec`, `kubectl exec --`,
//! `ssh`, `sh -c`) is unwrapped: the inner command is a command, and the outer ones are its
//! [`Wrapper`]s. `echo "rm -rf /"` is a command of `echo`.
//!
//! The reader is our own: it finds what a rule marks to the byte, takes a template as a part
//! of a word, goes on behind what no shell would read, and needs time that grows with the text alone.

mod inner;
mod options;
mod reader;
mod simple;
#[cfg(test)]
mod tests;
mod word;
mod wrapper;

use std::ops::Range;
use std::sync::Arc;

use reader::Reader;

pub use inner::slots;

/// The longest script that is read, in bytes; a longer one has no commands.
pub const MAX_LENGTH: usize = 64 * 1024;

/// One simple command.
#[derive(Clone, Debug, Default)]
pub struct Command {
    /// The program and its arguments, wrappers taken away.
    pub words: Vec<Word>,
    /// Variables set before it, and those of `env`.
    pub assignments: Vec<Assignment>,
    /// Where it reads and writes.
    pub redirects: Vec<Redirect>,
    /// Where it stands in the script, wrappers included; of an inner script, where it stands in that.
    pub range: Range<usize>,
    /// What runs it, the outermost first.
    pub wrappers: Vec<Arc<Wrapper>>,
    /// Its place in its pipeline.
    pub pipe: Pipe,
    /// What stands around it.
    pub around: Around,
}

/// One word, as written and as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// The text without its quotes; expansions and templates stand in it as they are written.
    pub text: String,
    /// Where it stands in the script.
    pub range: Range<usize>,
    /// Whether it holds no expansion, substitution, template or pattern of file names.
    pub is_literal: bool,
    /// Whether any of it is quoted.
    pub is_quoted: bool,
}

/// `NAME=value` before a command, or by itself.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Word,
}

/// A redirection.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// `<`, `>`, `>>`, `<<`, `<<<`, `2>`, `2>&` and so on.
    pub operator: String,
    /// A file, or the text of a here-document or here-string.
    pub target: Word,
}

/// What runs another command.
#[derive(Clone, Debug)]
pub struct Wrapper {
    /// Its program by its last name: `sudo`, `docker`, `ssh`.
    pub program: String,
    /// Its own words, without the command that it runs.
    pub words: Vec<Word>,
    /// Where the inner command runs.
    pub place: Place,
    /// Its own place in its pipeline.
    pub pipe: Pipe,
}

/// Where a command runs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum Place {
    /// Where the wrapper runs.
    #[default]
    Same,
    /// In a container of Docker or Compose.
    Container(String),
    /// In a pod.
    Pod(String),
    /// On another host.
    Host(String),
}

/// The place of a command in its pipeline.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Pipe {
    /// Which pipeline of the script.
    pub number: usize,
    /// Its place, from 0.
    pub place: usize,
    /// How many commands there are.
    pub length: usize,
}

/// What stands around a command.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Around {
    /// It stands in `$(…)`, backticks or `<(…)`.
    pub is_substituted: bool,
    /// Its failure is looked at: by `if`, `while`, `until`, `!`, or it is not the last of `&&`, `||`.
    pub is_tested: bool,
    /// It stands in a loop.
    pub is_repeated: bool,
    /// It stands in a function.
    pub is_in_function: bool,
    /// It goes on in the background.
    pub is_background: bool,
}

/// The commands of a script in the order of the text; slots are the templates in it, which are
/// taken as parts of words.
pub fn commands(script: &str, slots: &[Range<usize>]) -> Vec<Command> {
    if script.len() > MAX_LENGTH {
        return Vec::new();
    }
    let mut reader = Reader::new(script, slots);
    let found = reader.read();
    let mut unwrapping = wrapper::Unwrapping::new(reader.pipelines);
    found.into_iter().flat_map(|command| unwrapping.of(command, Some(script))).collect()
}

/// The command that a list of arguments is, unwrapped as well; ranges are those of `words`.
pub fn from_words(words: Vec<Word>) -> Vec<Command> {
    let range = words.first().map_or(0, |word| word.range.start)
        ..words.last().map_or(0, |word| word.range.end);
    let pipe = Pipe { number: 0, place: 0, length: 1 };
    let command = Command { words, range, pipe, ..Command::default() };
    wrapper::Unwrapping::new(1).of(command, None)
}

impl Command {
    /// The program by its last name; nothing for a mere assignment or redirection.
    pub fn program(&self) -> &str {
        let name = self.words.first().map_or("", |word| &word.text);
        name.rsplit('/').next().unwrap_or(name)
    }

    /// What follows the program.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Its words as one text.
    pub fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// Whether it reads what another command writes, here or around what runs it.
    pub fn reads_a_pipe(&self) -> bool {
        self.pipe.place > 0 || self.wrappers.iter().any(|wrapper| wrapper.pipe.place > 0)
    }

    /// What runs it, of these programs, the innermost first.
    pub fn run_by(&self, programs: &[&str]) -> Option<&Wrapper> {
        let mut wrappers = self.wrappers.iter().rev().map(AsRef::as_ref);
        wrappers.find(|wrapper| programs.contains(&wrapper.program.as_str()))
    }
}

impl Redirect {
    /// Whether something is read, rather than written.
    pub fn reads(&self) -> bool {
        self.operator.trim_start_matches(|byte: char| byte.is_ascii_digit()).starts_with('<')
    }

    /// Whether it takes what is printed, errors aside, to a file.
    pub fn keeps_output(&self) -> bool {
        matches!(self.operator.as_str(), ">" | ">>" | ">|" | "&>" | "&>>")
    }
}
