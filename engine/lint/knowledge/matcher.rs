//! Which commands a fact is about: conditions, all of which must hold.

use std::ops::Range;
use std::sync::OnceLock;

use regex::Regex;

use crate::lint::shell::Command;

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

    fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        compiled.as_ref()?.find(text).map(|found| found.as_str())
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
    /// The values of the options that carry statements, and whether standard input is statements.
    pub(super) carried: Vec<String>,
    pub(super) reads_statements: bool,
    pub(super) statements: OnceLock<Vec<String>>,
    /// Commands that it reads line by line, as `redis-cli` does: the operands of each.
    pub(super) piped: Vec<Vec<String>>,
}

impl Looked<'_> {
    fn statements(&self) -> &[String] {
        self.statements.get_or_init(|| {
            let mut all: Vec<String> =
                self.carried.iter().flat_map(|text| sql::statements(text)).collect();
            if self.reads_statements
                && let Input::Text(text) = self.input
            {
                all.extend(sql::statements(text));
            }
            all
        })
    }

    /// Whether something of a name is there.
    fn has(&self, name: &str) -> bool {
        let is_input = name == "input" && *self.input != Input::Nothing;
        is_input
            || self.setting.has(name)
            || self.command.assignments.iter().any(|it| it.name == name)
    }
}

/// What a match is about: its name and its place.
type Found = (String, Range<usize>);

impl Matcher {
    /// What of a command it is about, if it is.
    pub(super) fn find(&self, tool: &str, looked: &Looked<'_>) -> Option<Found> {
        let is_there = self.title.as_ref().is_none_or(|title| title.is_like(&looked.setting.title))
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
            let statements = looked.statements().iter().filter(|it| !is_spared(it));
            *name = statements.into_iter().find_map(|it| pattern.find(it))?.to_owned();
        }
        if let Some(pattern) = &self.redirect {
            let writes = looked.command.redirects.iter().filter(|it| !it.reads());
            let written = writes.into_iter().find(|it| pattern.is_like(&it.target.text))?;
            *at = written.target.range.clone();
            *name = format!("{} {}", written.operator, written.target.text);
        }
        let is_like = |pattern: &Pattern| pattern.is_like(&looked.command.text());
        self.text.as_ref().is_none_or(is_like).then_some(())
    }

    /// Its regular expressions.
    #[cfg(test)]
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let all = [&self.operand, &self.unless_operand, &self.sql, &self.unless_sql];
        all.into_iter().chain([&self.redirect, &self.text, &self.title]).flatten()
    }
}
