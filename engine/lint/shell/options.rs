//! The options of a command: which it has, what value one has, and which words are operands.
//!
//! A word such as `-it` is read letter by letter up to the first letter that takes a value, as far
//! as that is known of the program. Some programs have long options with one dash; theirs are words.

use std::ops::Range;

use super::{Command, Word};

/// The options of a program that take a value.
#[derive(Clone, Copy)]
pub(super) struct Taking {
    /// Those of one letter.
    pub(super) letters: &'static str,
    /// The long ones, without their dashes.
    pub(super) names: &'static [&'static str],
}

/// The letters that take a value.
static LETTERS: &[(&str, &str)] = &[
    ("curl", "AbcCdDeEFhHKmoPQrtTuUwxXyYz"),
    ("date", "dfr"),
    ("docker", "acehlmpuvw"),
    ("git", "Cc"),
    ("grep", "efmABCDd"),
    ("kubectl", "ncflo"),
    ("mariadb", "uhPSDep"),
    ("mysql", "uhPSDep"),
    ("mysqldump", "uhPSp"),
    ("pg_basebackup", "DFrtRTXlcZhpUdsS"),
    ("pg_dump", "fFjnNtTZdhpUESe"),
    ("pg_dumpall", "fhpUElrS"),
    ("pg_restore", "dfFIjLnNPStTUhp"),
    ("podman", "acehlmpuvw"),
    ("psql", "cdfvFPRTLUhpo"),
    ("redis-cli", "hpaunriDd"),
    ("rsync", "efMBT"),
    ("scp", "cDFiJloPSX"),
    ("sed", "efl"),
    ("sort", "ktoST"),
    ("ssh", "BbcDEeFIiJLlmOopQRSWw"),
    ("stat", "cft"),
    ("tar", "fCTXbgIKLNV"),
    ("wget", "OoPeUtTwQBaix"),
];

/// Programs whose long options have one dash.
const ONE_DASH: &[&str] = &["find", "java", "openssl", "terraform", "tofu", "vault", "consul"];

impl Command {
    /// The word with one of these options, such as `-t` or `--tty`; also as one of `-it`, and with a
    /// value in the same word. Behind `--` there are none.
    pub fn has_option(&self, names: &[&str]) -> Option<&Word> {
        let program = self.program();
        options(self.arguments()).find(|word| names.iter().any(|name| has(word, name, program)))
    }

    /// The value of one of these options and where it stands: the next word, what follows `=`, or
    /// what is glued to its letter.
    pub fn option_value(&self, names: &[&str]) -> Option<(String, Range<usize>)> {
        self.option_values(names).into_iter().next()
    }

    /// The values of these options, each time that one is given.
    pub fn option_values(&self, names: &[&str]) -> Vec<(String, Range<usize>)> {
        let taking = Taking { letters: letters(self.program()), names: &[] };
        values(self.arguments(), names, taking)
    }

    /// The words that are no options; those of `with_value` take the next word as theirs.
    pub fn operands(&self, with_value: &[&str]) -> Vec<&Word> {
        let program = self.program();
        let mut operands = Vec::new();
        let mut words = self.arguments().iter();
        let mut is_over = false;
        while let Some(word) = words.next() {
            let text = word.text.as_str();
            if is_over || !text.starts_with('-') || text == "-" {
                operands.push(word);
            } else if text == "--" {
                is_over = true;
            } else if with_value.iter().any(|name| takes_next(text, name, program)) {
                words.next();
            }
        }
        operands
    }
}

impl super::Wrapper {
    /// The word with one of these options among its own.
    pub fn has_option(&self, names: &[&str]) -> Option<&Word> {
        let words = self.words.get(1..).unwrap_or_default();
        options(words).find(|word| names.iter().any(|name| has(word, name, &self.program)))
    }
}

/// The words that could be options.
fn options(words: &[Word]) -> impl Iterator<Item = &Word> {
    let words = words.iter().take_while(|word| word.text != "--");
    words.filter(|word| word.text.len() > 1 && word.text.starts_with('-'))
}

fn letters(program: &str) -> &'static str {
    let known = LETTERS.iter().find(|(name, _)| *name == program);
    known.map_or("", |(_, letters)| letters)
}

/// The letters of a word that are options, and what is left of it behind one that takes a value.
fn cluster<'w>(text: &'w str, program: &str) -> &'w str {
    let Some(cluster) = text.strip_prefix('-').filter(|rest| !rest.starts_with('-')) else {
        return "";
    };
    if ONE_DASH.contains(&program) {
        return "";
    }
    let taking = letters(program);
    let end = cluster.char_indices().find(|(_, letter)| taking.contains(*letter));
    let end = end.map_or(cluster.len(), |(at, letter)| at + letter.len_utf8());
    &cluster[..end]
}

/// The letter of an option such as `-t`.
fn letter(name: &str) -> Option<char> {
    let mut rest = name.strip_prefix('-')?.chars();
    rest.next().filter(|first| *first != '-' && rest.next().is_none())
}

fn has(word: &Word, name: &str, program: &str) -> bool {
    let text = word.text.as_str();
    let Some(letter) = letter(name) else {
        return text
            .strip_prefix(name)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
    };
    text == name || cluster(text, program).contains(letter)
}

/// Whether the word after this one is the value of an option.
fn takes_next(text: &str, name: &str, program: &str) -> bool {
    match letter(name) {
        Some(letter) => text == name || text.len() > 1 && cluster_ends(text, program, letter),
        None => text == name,
    }
}

fn cluster_ends(text: &str, program: &str, letter: char) -> bool {
    let cluster = cluster(text, program);
    cluster.len() + 1 == text.len() && cluster.ends_with(letter)
}

/// The first word from `from` on that is neither an option nor the value of one.
pub(super) fn first_operand(words: &[Word], from: usize, taking: Taking) -> usize {
    let mut at = from;
    while let Some(word) = words.get(at) {
        let text = word.text.as_str();
        if text == "--" {
            return at + 1;
        }
        if !text.starts_with('-') || text == "-" {
            return at;
        }
        at += 1 + usize::from(takes_a_word(text, taking));
    }
    words.len()
}

fn takes_a_word(text: &str, taking: Taking) -> bool {
    match text.strip_prefix("--") {
        Some(long) => taking.names.contains(&long),
        None => text.find(|letter| taking.letters.contains(letter)) == Some(text.len() - 1),
    }
}

/// The first value of one of these options.
pub(super) fn value_of(words: &[Word], names: &[&str], taking: Taking) -> Option<String> {
    values(words, names, taking).into_iter().next().map(|(value, _)| value)
}

fn values(words: &[Word], names: &[&str], taking: Taking) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at).filter(|word| word.text != "--") {
        at += 1;
        match names.iter().find_map(|name| value_in(word, name, taking)) {
            Some(Value::Glued(from)) => {
                found.push((word.text[from..].to_owned(), part(word, from)));
            }
            Some(Value::Next) => {
                if let Some(next) = words.get(at) {
                    found.push((next.text.clone(), next.range.clone()));
                    at += 1;
                }
            }
            None => {}
        }
    }
    found
}

/// Where the value of an option stands.
enum Value {
    /// In the same word, from here on.
    Glued(usize),
    /// In the next word.
    Next,
}

fn value_in(word: &Word, name: &str, taking: Taking) -> Option<Value> {
    let text = word.text.as_str();
    let Some(letter) = letter(name) else {
        let rest = text.strip_prefix(name)?;
        return match rest.strip_prefix('=') {
            Some(_) => Some(Value::Glued(name.len() + 1)),
            None => rest.is_empty().then_some(Value::Next),
        };
    };
    let cluster = text.strip_prefix('-').filter(|rest| !rest.starts_with('-'))?;
    let is_stop = |found: char| found == letter || taking.letters.contains(found);
    let (at, found) = cluster.char_indices().find(|(_, found)| is_stop(*found))?;
    let after = 1 + at + found.len_utf8();
    match found == letter {
        true if after == text.len() => Some(Value::Next),
        true => Some(Value::Glued(after)),
        false => None,
    }
}

/// Where the text of a word from a byte on stands; the word, where quotes or escapes are in the way.
fn part(word: &Word, from: usize) -> Range<usize> {
    if word.range.len() == word.text.len() {
        word.range.start + from..word.range.end
    } else {
        word.range.clone()
    }
}
