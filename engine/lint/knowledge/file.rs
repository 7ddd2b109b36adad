//! A file of knowledge: its form in TOML, and what is wrong with one.

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use crate::document::nearest;
use crate::source::{Diagnostic, Source, Span};

use super::fact::{Fact, Kind};
use super::matcher::{Matcher, Pattern};
use super::program::{Alternatives, Program, Style};
use super::versions::Versions;

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) facts: Vec<Fact>,
    pub(super) programs: Vec<Program>,
    /// Names of programs that mean another with its leading words.
    pub(super) same: Vec<(String, Vec<String>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// The tool or system that its facts are about.
    tool: String,
    /// Where they are known from.
    source: Option<String>,
    #[serde(default)]
    fact: Vec<WrittenFact>,
    #[serde(default)]
    program: Vec<WrittenProgram>,
    #[serde(default)]
    same: Vec<WrittenSame>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    kind: Spanned<Kinds>,
    tool: Option<String>,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    without: Vec<String>,
    operand: Option<Spanned<String>>,
    unless_operand: Option<Spanned<String>>,
    #[serde(default)]
    bare: bool,
    sql: Option<Spanned<String>>,
    unless_sql: Option<Spanned<String>>,
    redirect: Option<Spanned<String>>,
    text: Option<Spanned<String>>,
    title: Option<Spanned<String>>,
    scenario: Option<Spanned<String>>,
    versions: Option<Spanned<String>>,
    #[serde(default)]
    unless: Vec<String>,
    #[serde(default)]
    unless_temporary: bool,
    does: Spanned<String>,
    instead: Option<String>,
    source: Option<String>,
    object: Option<Spanned<String>>,
    #[serde(default)]
    mild: bool,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(default)]
    silent: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Kinds {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenProgram {
    names: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    style: Option<Spanned<String>>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    statements: Vec<String>,
    #[serde(default)]
    reads_statements: bool,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    abbreviates: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSame {
    programs: Vec<String>,
    #[serde(rename = "as")]
    means: String,
}

/// Reads a file; what is wrong with it is all of it, but for a text that is no TOML. Of the files
/// that come along a test compiles the regular expressions, and the start of the engine does not.
pub(super) fn read(source: &Source, is_checked: bool) -> Result<File, Vec<Diagnostic>> {
    let written: Written = toml::from_str(source.text()).map_err(|fault| {
        let at = fault.span().unwrap_or_default();
        vec![Diagnostic::error(Span::new(at.start, at.end), lower(fault.message()))]
    })?;
    let mut reading =
        Reading { tool: written.tool, source: written.source, is_checked, ..Reading::default() };
    for fact in &written.fact {
        reading.fact(fact);
    }
    for program in written.program {
        reading.program(program);
    }
    for same in written.same {
        let means: Vec<String> = same.means.split_whitespace().map(str::to_owned).collect();
        reading.file.same.extend(same.programs.into_iter().map(|name| (name, means.clone())));
    }
    if reading.faults.is_empty() { Ok(reading.file) } else { Err(reading.faults) }
}

fn lower(text: &str) -> String {
    let text = text.lines().next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[derive(Default)]
struct Reading {
    tool: String,
    source: Option<String>,
    is_checked: bool,
    file: File,
    faults: Vec<Diagnostic>,
}

impl Reading {
    fn fact(&mut self, written: &WrittenFact) {
        let kinds = self.kinds(&written.kind);
        let matcher = self.matcher(written);
        let is_async = kinds.contains(&Kind::Async);
        let awaited = self.pattern(written.object.as_ref().filter(|_| is_async), "");
        // A fact of several kinds is matched for each.
        for kind in kinds {
            let fact = Fact {
                kind,
                tool: written.tool.clone().unwrap_or_else(|| self.tool.clone()),
                does: written.does.get_ref().clone(),
                instead: written.instead.clone(),
                source: written.source.clone().or_else(|| self.source.clone()),
                object: written.object.as_ref().map(|object| object.get_ref().clone()),
                is_mild: written.mild,
                awaited: awaited.clone(),
                matcher: matcher.clone(),
                examples: written.examples.clone(),
                silent: written.silent.clone(),
            };
            self.file.facts.push(fact);
        }
    }

    fn kinds(&mut self, written: &Spanned<Kinds>) -> Vec<Kind> {
        let words = match written.get_ref() {
            Kinds::One(word) => std::slice::from_ref(word),
            Kinds::Many(words) => words,
        };
        let mut kinds = Vec::new();
        for word in words {
            match Kind::of(word) {
                Some(kind) => kinds.push(kind),
                None => {
                    let known = Kind::ALL.map(|(word, _)| word);
                    let help = match nearest(word, known) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("one of {}", known.join(", ")),
                    };
                    self.fault(written.span(), format!("`{word}` is no kind of fact"), help);
                }
            }
        }
        kinds
    }

    fn matcher(&mut self, written: &WrittenFact) -> Matcher {
        let words = written.words.iter().map(|words| Alternatives::new(words)).collect();
        Matcher {
            programs: written.programs.clone(),
            words,
            with: written.with.clone(),
            without: written.without.clone(),
            operand: self.pattern(written.operand.as_ref(), ""),
            unless_operand: self.pattern(written.unless_operand.as_ref(), ""),
            is_bare: written.bare,
            sql: self.pattern(written.sql.as_ref(), "(?i)"),
            unless_sql: self.pattern(written.unless_sql.as_ref(), "(?i)"),
            redirect: self.pattern(written.redirect.as_ref(), ""),
            text: self.pattern(written.text.as_ref(), ""),
            title: self.pattern(written.title.as_ref(), "(?i)"),
            scenario: self.pattern(written.scenario.as_ref(), "(?i)"),
            versions: self.versions(written.versions.as_ref()),
            unless: written.unless.clone(),
            spares_temporary: written.unless_temporary,
        }
    }

    fn pattern(&mut self, written: Option<&Spanned<String>>, flags: &str) -> Option<Pattern> {
        let written = written?;
        let pattern = Pattern::new(format!("{flags}{}", written.get_ref()));
        if self.is_checked
            && let Some(fault) = pattern.fault()
        {
            let fault = fault.lines().last().unwrap_or_default().trim_start_matches("error: ");
            let message = format!("this is no regular expression: {fault}");
            self.fault(written.span(), message, "write it in '…', where `\\` stands for itself");
        }
        Some(pattern)
    }

    fn versions(&mut self, written: Option<&Spanned<String>>) -> Option<Versions> {
        let written = written?;
        let versions = Versions::read(written.get_ref());
        if versions.is_none() {
            let message = format!("`{}` is no range of versions", written.get_ref());
            self.fault(written.span(), message, "write it as `>=12` or `>=3.5, <3.6`");
        }
        versions
    }

    fn program(&mut self, written: WrittenProgram) {
        let style = match written.style.as_ref().map(|it| (it.get_ref().as_str(), it.span())) {
            None | Some(("gnu", _)) => Style::Gnu,
            Some(("single", _)) => Style::Single,
            Some(("leading", _)) => Style::Leading,
            Some((other, at)) => {
                let message = format!("`{other}` is no style of options");
                self.fault(at, message, "write `gnu`, `single` or `leading`");
                Style::Gnu
            }
        };
        let mut options = HashMap::new();
        for line in &written.options {
            let takes_value = line.ends_with('=');
            let names = line.split([' ', ',']).map(|name| name.trim_end_matches('='));
            let names = names.filter(|name| !name.is_empty());
            options.extend(names.map(|name| (name.to_owned(), takes_value)));
        }
        let words = written.words.iter().map(|words| Alternatives::new(words)).collect();
        self.file.programs.push(Program {
            names: written.names,
            words,
            style,
            options,
            statements: written.statements,
            reads_statements: written.reads_statements,
            is_complete: written.complete,
            abbreviates: written.abbreviates,
        });
    }

    fn fault(&mut self, at: std::ops::Range<usize>, message: String, help: impl Into<String>) {
        let fault = Diagnostic::error(Span::new(at.start, at.end), message);
        self.faults.push(fault.help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong, each with the text it is about.
    fn faults(text: &str) -> Vec<String> {
        let source = Source::new("own.toml", text);
        let faults = read(&source, true).err().unwrap_or_default();
        let told = faults.iter().map(|it| {
            let help = it.help.as_deref().unwrap_or_default();
            format!("{} [{}] {help}", it.message, &text[it.at.start..it.at.end])
        });
        told.collect()
    }

    #[test]
    fn every_fault_has_its_place_and_a_way_out() {
        let text = "tool = 'x'\n\
            [[fact]]\nkind = 'destroy'\ndoes = 'x'\noperand = '('\nversions = '12'\n\
            [[program]]\nnames = ['x']\nstyle = 'dos'\n";
        assert_eq!(
            faults(text),
            [
                "`destroy` is no kind of fact ['destroy'] did you mean `destroys`?",
                "this is no regular expression: unclosed group ['('] write it in '…', where `\\` \
                 stands for itself",
                "`12` is no range of versions ['12'] write it as `>=12` or `>=3.5, <3.6`",
                "`dos` is no style of options ['dos'] write `gnu`, `single` or `leading`",
            ]
        );
    }

    #[test]
    fn what_is_no_toml_is_one_fault_at_its_place() {
        assert_eq!(faults("tool = x").len(), 1);
        assert_eq!(
            faults("tool = 'x'\n[[fact]]\nkind = 'reads'\ndoes = 'x'\nword = ['y']\n").len(),
            1
        );
    }

    #[test]
    fn a_fact_of_two_kinds_is_two_facts() {
        let source = Source::new(
            "own.toml",
            "tool = 'x'\nsource = 'practice'\n[[fact]]\nkind = ['broad', 'destroys']\ndoes = 'x'\n",
        );
        let facts = read(&source, true).map(|file| file.facts).unwrap_or_default();
        let kinds: Vec<Kind> = facts.iter().map(|fact| fact.kind).collect();
        assert_eq!(kinds, [Kind::Broad, Kind::Destroys]);
        assert_eq!(facts[0].source.as_deref(), Some("practice"));
    }
}
