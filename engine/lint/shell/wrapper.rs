//! What runs another command, and how to take it away: which of its options take a value, what
//! stands before the inner command, and where that runs.

use std::ops::Range;
use std::sync::Arc;

use super::inner::{Text, slots};
use super::options::first_operand;
use super::reader::Reader;
use super::{Assignment, Command, Place, Wrapper};

mod split;

use split::{Inner, Split, split};

/// How many wrappers are taken from one command, and how deep scripts may stand in each other.
const MAX_WRAPPERS: usize = 16;
/// How many commands of one `find` are told.
const MAX_EXECS: usize = 8;
/// What runs a text that it is given.
pub(super) const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "yash"];

/// Takes wrappers from the commands of one script.
pub(super) struct Unwrapping {
    /// How many pipelines there are so far, those of inner scripts included.
    pipelines: usize,
    depth: usize,
}

impl Unwrapping {
    pub(super) fn new(pipelines: usize) -> Unwrapping {
        Unwrapping { pipelines, depth: 0 }
    }

    /// The commands that a command runs in the end.
    pub(super) fn of(&mut self, mut command: Command, script: Option<&str>) -> Vec<Command> {
        let mut at = 0;
        let mut executed = Vec::new();
        while command.wrappers.len() < MAX_WRAPPERS {
            let words = &command.words[at..];
            let program = program(words);
            if let Some(input) = script_on_input(&command, &program, words) {
                let redirect = command.redirects.remove(input);
                let text = Text::of(std::slice::from_ref(&redirect.target), script);
                let own = at..command.words.len();
                let place = split::place_of(&program, words);
                wrap(&mut command, &program, own, place);
                return self.script(&command, &text, script);
            }
            if program == "find" {
                executed = execs(&command, at);
                break;
            }
            let Some(Split { own, inner, place, sets }) = split(&program, words) else { break };
            let shift = |range: Range<usize>| range.start + at..range.end + at;
            let sets = shift(sets);
            wrap(&mut command, &program, shift(own), place);
            set(&mut command, sets);
            match inner {
                Inner::Words(from) => at += from,
                Inner::Script(range) => {
                    let text = Text::of(&command.words[shift(range)], script);
                    return self.script(&command, &text, script);
                }
            }
        }
        command.words.drain(..at);
        let mut found = vec![command];
        for inner in executed {
            found.extend(self.of(inner, script));
        }
        found
    }

    /// The commands of an inner script, each with what runs that.
    fn script(&mut self, outer: &Command, text: &Text, script: Option<&str>) -> Vec<Command> {
        if self.depth == MAX_WRAPPERS {
            return Vec::new();
        }
        let slots = slots(&text.text);
        let mut reader = Reader::new(&text.text, &slots);
        let mut read = reader.read();
        for command in &mut read {
            command.pipe.number += self.pipelines;
            text.place(command);
            enclose(command, outer);
        }
        hand_on(&mut read, outer);
        self.pipelines += reader.pipelines;
        self.depth += 1;
        let found = read.into_iter().flat_map(|command| self.of(command, script)).collect();
        self.depth -= 1;
        found
    }
}

/// Puts a wrapper around a command; `own` are its words.
fn wrap(command: &mut Command, program: &str, own: Range<usize>, place: Place) {
    let words = command.words[own].to_vec();
    let (program, pipe) = (program.to_owned(), command.pipe);
    command.wrappers.push(Arc::new(Wrapper { program, words, place, pipe }));
}

/// Takes words such as `NAME=value` as assignments.
fn set(command: &mut Command, words: Range<usize>) {
    for word in &command.words[words] {
        let Some((name, value)) = word.text.split_once('=') else { continue };
        let start = if word.range.len() == word.text.len() {
            word.range.start + name.len() + 1
        } else {
            word.range.start
        };
        let value =
            super::Word { text: value.to_owned(), range: start..word.range.end, ..word.clone() };
        command.assignments.push(Assignment { name: name.to_owned(), value });
    }
}

/// Puts what is around a script around one of its commands.
fn enclose(command: &mut Command, outer: &Command) {
    command.wrappers.clone_from(&outer.wrappers);
    let (own, around) = (&mut command.around, outer.around);
    own.is_substituted |= around.is_substituted;
    own.is_tested |= around.is_tested;
    own.is_repeated |= around.is_repeated;
    own.is_in_function |= around.is_in_function;
    own.is_background |= around.is_background;
}

/// Gives the redirections and variables of what runs a script to its commands: the first one reads,
/// and the last one writes. A script of one command stands in the pipeline of what runs it.
fn hand_on(found: &mut [Command], outer: &Command) {
    if let [only] = found {
        only.pipe = outer.pipe;
    }
    let is_substituted = outer.around.is_substituted;
    let own = |command: &Command| command.around.is_substituted == is_substituted;
    let last = found.iter().rposition(own).unwrap_or_default();
    for redirect in &outer.redirects {
        if let Some(command) = found.get_mut(if redirect.reads() { 0 } else { last }) {
            command.redirects.push(redirect.clone());
        }
    }
    if let Some(first) = found.first_mut() {
        first.assignments.extend(outer.assignments.iter().cloned());
    }
}

/// Which redirection is the script of a shell that was given none.
fn script_on_input(command: &Command, program: &str, words: &[super::Word]) -> Option<usize> {
    let is_idle = if program == "ssh" {
        first_operand(words, 1, split::SSH) + 1 == words.len()
    } else {
        let reads = |word: &super::Word| word.text.starts_with('-') && !word.text.contains('c');
        SHELLS.contains(&program) && words[1..].iter().all(reads)
    };
    let is_text = |operator: &str| matches!(operator, "<<" | "<<-" | "<<<");
    let input = command.redirects.iter().rposition(|redirect| redirect.reads())?;
    (is_idle && is_text(&command.redirects[input].operator)).then_some(input)
}

/// The commands that `find` runs.
fn execs(command: &Command, at: usize) -> Vec<Command> {
    let words = &command.words[at..];
    let is_exec = |text: &str| matches!(text, "-exec" | "-execdir" | "-ok" | "-okdir");
    let mut found = Vec::new();
    let mut from = 0;
    while found.len() < MAX_EXECS {
        let Some(start) = words[from..].iter().position(|word| is_exec(&word.text)) else { break };
        let start = from + start;
        let rest = &words[start + 1..];
        let end = rest.iter().position(|word| matches!(word.text.as_str(), ";" | "+"));
        let Some(length) = end.filter(|length| *length > 0) else { break };
        from = start + 1 + length;
        let mut inner = Command {
            words: rest[..length].to_vec(),
            range: command.range.clone(),
            wrappers: command.wrappers.clone(),
            pipe: command.pipe,
            around: command.around,
            ..Command::default()
        };
        let (words, pipe) = (words[..=start].to_vec(), command.pipe);
        let wrapper = Wrapper { program: "find".into(), words, place: Place::Same, pipe };
        inner.wrappers.push(Arc::new(wrapper));
        found.push(inner);
    }
    found
}

/// The program of a command by its last name.
fn program(words: &[super::Word]) -> String {
    let name = words.first().map_or("", |word| &word.text);
    name.rsplit('/').next().unwrap_or(name).to_owned()
}
