//! Which commands a fact is about: conditions, all of which must hold.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use crate::lint::shell::{Command, Redirect, Word};

use super::line::Line;
use super::program::Alternatives;
use super::setting::{Input, Setting};
use super::sql;
use super::versions::Versions;

/// The conditions of a fact.
#[derive(Clone, Debug, Default)]
pub(super) struct Matcher {
    /// The programs; none means any.
    pub(super) programs: Vec<String>,
    /// The leading operands.
    pub(super) words: Vec<Alternatives>,
    /// Any of these options is given.
    pub(super) with: Vec<String>,
    /// None of these options is given.
    pub(super) without: Vec<String>,
    /// One of the operands after the words is like this.
    pub(super) operand: Option<Pattern>,
    /// None of the operands after the words is like this.
    pub(super) unless_operand: Option<Pattern>,
    /// There is no operand after the words.
    pub(super) is_bare: bool,
    /// One of the statements it carries is like this.
    pub(super) sql: Option<Pattern>,
    /// And that statement is not like this.
    pub(super) unless_sql: Option<Pattern>,
    /// It writes to a file like this.
    pub(super) redirect: Option<Pattern>,
    /// Its words, with a blank between them, are like this.
    pub(super) text: Option<Pattern>,
    /// The title, the id or the reason of its step is like this.
    pub(super) title: Option<Pattern>,
    /// The title or the id of the runbook is like this.
    pub(super) scenario: Option<Pattern>,
    /// The versions of the tool.
    pub(super) versions: Option<Versions>,
    /// None of this is there: a variable, `cwd`, `input`, the kind of a target.
    pub(super) unless: Vec<String>,
    /// Not all it names is the script's own and temporary.
    pub(super) spares_temporary: bool,
}

/// A regular expression that is compiled when it is first needed.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: impl Into<String>) -> Pattern {
        Pattern { text: text.into(), compiled: OnceLock::new() }
    }

    /// Why it is no regular expression.
    pub(super) fn fault(&self) -> Option<String> {
        Regex::new(&self.text).err().map(|fault| fault.to_string())
    }

    fn place(&self, text: &str) -> Option<Range<usize>> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref()?.find(text).map(|found| found.range())
    }

    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.place(text).map(|at| &text[at])
    }

    pub(super) fn is_like(&self, text: &str) -> bool {
        self.find(text).is_some()
    }
}

/// A command as facts are matched against it; what few facts ask for is worked out on demand.
pub(super) struct Looked<'c> {
    pub(super) command: &'c Command,
    pub(super) line: Line<'c>,
    pub(super) input: &'c Input,
    pub(super) setting: &'c Setting,
    /// The statements that it carries, each with its place in the script where that is known.
    pub(super) statements: OnceLock<Vec<(String, Option<Range<usize>>)>>,
    /// The words of the options that carry statements, with the part that is their value.
    pub(super) carried: Vec<(&'c Word, Range<usize>)>,
    /// Whether standard input is statements.
    pub(super) reads_statements: bool,
    /// Commands that it reads line by line, as `redis-cli` does: the operands of each.
    pub(super) piped: Vec<Vec<String>>,
}

impl Looked<'_> {
    fn statements(&self) -> &[(String, Option<Range<usize>>)] {
        self.statements.get_or_init(|| {
            let mut all = Vec::new();
            for (word, value) in &self.carried {
                let place =
                    |at: Range<usize>| inside(word, value.start + at.start..value.start + at.end);
                let text = word.text.get(value.clone()).unwrap_or_default();
                all.extend(sql::statements(text).into_iter().map(|it| (it.text, place(it.at))));
            }
            if self.reads_statements
                && let Input::Text(text) = self.input
            {
                let mut redirects = self.command.redirects.iter().rev();
                let own = redirects.find(|it| it.reads()).map(|it| &it.target);
                let place =
                    |at| own.filter(|word| word.text == *text).and_then(|it| inside(it, at));
                all.extend(sql::statements(text).into_iter().map(|it| (it.text, place(it.at))));
            }
            all
        })
    }

    /// Whether something of a name is there.
    fn has(&self, name: &str) -> bool {
        let is_input = name == "input" && !matches!(self.input, Input::Nothing);
        let is_redirected =
            || name == "redirected" && self.command.redirects.iter().any(Redirect::reads);
        is_input
            || is_redirected()
            || self.setting.has(name)
            || self.command.assignments.iter().any(|it| it.name == name)
    }
}

/// Where a part of the text of a word stands in the script; nothing where quotes within it hide that.
fn inside(word: &Word, part: Range<usize>) -> Option<Range<usize>> {
    let start = match word.range.len().checked_sub(word.text.len())? {
        0 => word.range.start,
        2 if word.is_quoted => word.range.start + 1,
        _ => return None,
    };
    Some(start + part.start..start + part.end)
}

/// Where a part of a text stands in the script, if it lies within a word of several lines.
fn in_words(words: &[Word], part: Range<usize>) -> Option<Range<usize>> {
    let mut start = 0;
    for word in words {
        let end = start + word.text.len();
        if (start..end).contains(&part.start) && part.end <= end && word.text.contains('\n') {
            return inside(word, part.start - start..part.end - start);
        }
        start = end + 1;
    }
    None
}

/// What a match is about: its name and its place.
type Found = (String, Range<usize>);

impl Matcher {
    /// What of a command it is about, if it is.
    pub(super) fn find(&self, tool: &str, looked: &Looked<'_>) -> Option<Found> {
        let is_there = self.title.as_ref().is_none_or(|title| title.is_like(&looked.setting.title))
            && self.scenario.as_ref().is_none_or(|it| it.is_like(&looked.setting.scenario))
            && !self.unless.iter().any(|name| looked.has(name))
            && self.versions.as_ref().is_none_or(|versions| looked.setting.is_in(tool, versions))
            && !self.without.iter().any(|option| looked.line.given(option).is_some());
        if !is_there {
            return None;
        }
        let mut name = self.named(looked)?;
        let mut at = looked.command.range.clone();
        self.options(looked, &mut name, &mut at)?;
        self.operands(looked, &mut at)?;
        self.texts(looked, &mut name, &mut at)?;
        Some((name, at))
    }

    /// The program with the leading operands, as they are written.
    fn named(&self, looked: &Looked<'_>) -> Option<String> {
        let own: Vec<&str> = looked.line.operand_texts();
        let piped = looked.piped.iter().map(|words| words.iter().map(String::as_str).collect());
        let lines = std::iter::once(own).chain(piped);
        let is_led = |line: &Vec<&str>| {
            self.words.len() <= line.len()
                && self.words.iter().zip(line).all(|(words, word)| words.has(word))
        };
        let line = lines.into_iter().find(is_led)?;
        let words = line[..self.words.len()].iter().copied();
        let mut name: Vec<&str> = vec![looked.command.program()];
        let implied = looked.line.operands.iter().take_while(|it| it.word.is_none()).count();
        name.extend(words.skip(implied));
        Some(name.join(" "))
    }

    fn options(&self, looked: &Looked<'_>, name: &mut String, at: &mut Range<usize>) -> Option<()> {
        if self.with.is_empty() {
            return Some(());
        }
        let words = self.words.len();
        let given = self.with.iter().find_map(|option| looked.line.given_after(words, option))?;
        let written = given.word.text.split('=').next().unwrap_or_default();
        *name = format!("{name} {written}");
        *at = given.word.range.clone();
        Some(())
    }

    fn operands(&self, looked: &Looked<'_>, at: &mut Range<usize>) -> Option<()> {
        let rest = looked.line.operands.get(self.words.len()..).unwrap_or_default();
        if self.is_bare && !rest.is_empty() {
            return None;
        }
        if let Some(pattern) = &self.operand {
            let found = rest.iter().find(|operand| pattern.is_like(operand.text))?;
            if let Some(word) = found.word {
                *at = word.range.clone();
            }
        }
        if let Some(pattern) = &self.unless_operand
            && rest.iter().any(|operand| pattern.is_like(operand.text))
        {
            return None;
        }
        let is_temporary = self.spares_temporary
            && !rest.is_empty()
            && rest.iter().all(|operand| looked.setting.is_temporary(operand.text));
        (!is_temporary).then_some(())
    }

    fn texts(&self, looked: &Looked<'_>, name: &mut String, at: &mut Range<usize>) -> Option<()> {
        if let Some(pattern) = &self.sql {
            let is_spared = |statement: &str| {
                self.unless_sql.as_ref().is_some_and(|unless| unless.is_like(statement))
            };
            let mut statements = looked.statements().iter().filter(|(text, _)| !is_spared(text));
            let found = statements.find_map(|(text, at)| Some((pattern.find(text)?, at)))?;
            *name = found.0.to_owned();
            if let Some(place) = found.1 {
                *at = place.clone();
            }
        }
        if let Some(pattern) = &self.redirect {
            let writes = looked.command.redirects.iter().filter(|it| !it.reads());
            let written = writes.into_iter().find(|it| pattern.is_like(&it.target.text))?;
            *at = written.target.range.clone();
            *name = format!("{} {}", written.operator, written.target.text);
        }
        if let Some(pattern) = &self.text {
            let found = pattern.place(&looked.command.text())?;
            if let Some(place) = in_words(&looked.command.words, found) {
                *at = place;
            }
        }
        Some(())
    }

    /// Its regular expressions.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let all = [&self.operand, &self.unless_operand, &self.sql, &self.unless_sql];
        all.into_iter().chain([&self.redirect, &self.text, &self.title, &self.scenario]).flatten()
    }
}
