//! Knowledge: what is known about tools, as data. The files beside this one come along; a library
//! adds its own without code.
//!
//! A [`Fact`] says which commands it is about and what they do. A [`Program`] says how a command
//! line is to be read: which options take a value, and which carry statements. A command is looked
//! up by the name of its program, so what is known of other tools costs nothing.

mod fact;
mod file;
mod line;
mod matcher;
mod program;
mod setting;
mod sql;
mod versions;
mod written;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, OnceLock};

use crate::lint::shell::{Command, Word, Wrapper};
use crate::source::{Diagnostic, Source};

pub use fact::{Fact, Kind, Match};
pub use line::{Given, Line, Operand};
pub use program::{Alternatives, Program, Style};
pub use setting::{Input, Setting};

use matcher::Looked;

/// What is known about many tools.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    facts: Vec<Arc<Fact>>,
    programs: Vec<Arc<Program>>,
    /// The facts about a program, by its name.
    facts_of: HashMap<String, Vec<usize>>,
    /// The facts about any program.
    facts_of_any: Vec<usize>,
    /// The facts about statements, whatever program takes them.
    facts_of_statements: Vec<usize>,
    none: Vec<usize>,
    programs_of: HashMap<String, Vec<usize>>,
    /// What a name means: `docker compose` of `docker-compose`.
    same: HashMap<String, Vec<String>>,
}

/// An option that a program does not have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownOption {
    /// The command with the words that lead to the subcommand.
    pub command: String,
    /// The option as it is written, without its value.
    pub name: String,
    /// Where it stands in the script.
    pub at: Range<usize>,
    /// The one that was probably meant.
    pub nearest: Option<String>,
}

/// The files that come along, with what they are called.
const FILES: &[(&str, &str)] = &[
    ("argocd.toml", include_str!("argocd.toml")),
    ("aws.toml", include_str!("aws.toml")),
    ("clickhouse.toml", include_str!("clickhouse.toml")),
    ("curl.toml", include_str!("curl.toml")),
    ("docker.toml", include_str!("docker.toml")),
    ("etcd.toml", include_str!("etcd.toml")),
    ("files.toml", include_str!("files.toml")),
    ("git.toml", include_str!("git.toml")),
    ("kubernetes.toml", include_str!("kubernetes.toml")),
    ("mongodb.toml", include_str!("mongodb.toml")),
    ("mysql.toml", include_str!("mysql.toml")),
    ("openssl.toml", include_str!("openssl.toml")),
    ("postgresql.toml", include_str!("postgresql.toml")),
    ("redis.toml", include_str!("redis.toml")),
    ("sql.toml", include_str!("sql.toml")),
    ("system.toml", include_str!("system.toml")),
    ("systemd.toml", include_str!("systemd.toml")),
    ("terraform.toml", include_str!("terraform.toml")),
];

/// What comes along, read when it is first needed.
static BUILT_IN: LazyLock<Arc<Knowledge>> = LazyLock::new(|| {
    let mut knowledge = Knowledge::default();
    for (name, text) in FILES {
        // A test reads each of them.
        if let Ok(file) = file::read(&Source::new(*name, *text), false) {
            knowledge.take(file);
        }
    }
    Arc::new(knowledge)
});

impl Knowledge {
    /// What comes along.
    pub fn built_in() -> Arc<Knowledge> {
        Arc::clone(&BUILT_IN)
    }

    /// What files of knowledge say. All that is wrong with the first bad one is the answer
    /// otherwise.
    pub fn read(files: &[&Source]) -> Result<Knowledge, Vec<Diagnostic>> {
        let mut knowledge = Knowledge::default();
        for source in files {
            knowledge.take(file::read(source, true)?);
        }
        Ok(knowledge)
    }

    /// With what a file of a library says beside it.
    pub fn with(&self, source: &Source) -> Result<Knowledge, Vec<Diagnostic>> {
        let file = file::read(source, true)?;
        let mut knowledge = self.clone();
        knowledge.take(file);
        Ok(knowledge)
    }

    fn take(&mut self, file: file::File) {
        for fact in file.facts {
            let at = self.facts.len();
            for program in &fact.matcher.programs {
                self.facts_of.entry(program.clone()).or_default().push(at);
            }
            if fact.matcher.programs.is_empty() {
                self.facts_of_any.push(at);
            }
            if fact.matcher.sql.is_some() {
                self.facts_of_statements.push(at);
            }
            self.facts.push(Arc::new(fact));
        }
        for program in file.programs {
            for name in &program.names {
                self.programs_of.entry(name.clone()).or_default().push(self.programs.len());
            }
            self.programs.push(Arc::new(program));
        }
        self.same.extend(file.same);
    }

    /// What is known of a command that reads something and stands somewhere.
    pub fn of(&self, command: &Command, input: &Input, setting: &Setting) -> Vec<Match<'_>> {
        if let Some(inner) = written::scheduled(command) {
            return self.of(&inner, input, setting);
        }
        let (program, line) = self.line(command.program(), command.arguments());
        let programs = self.programs_for(program, &line);
        let carried = match input {
            Input::Statement(statement) => vec![(statement, 0..statement.text.len())],
            _ => written::carried(&line, &programs),
        };
        let piped = written::piped(&line, &programs, input);
        let reads_statements = programs.iter().any(|it| it.reads_statements);
        let facts = match input {
            Input::Statement(_) => &self.facts_of_statements,
            _ => self.facts_of.get(program).unwrap_or(&self.none),
        };
        let statements = OnceLock::new();
        let looked =
            Looked { command, line, input, setting, carried, reads_statements, statements, piped };
        let facts = facts.iter().chain(&self.facts_of_any).map(|at| &*self.facts[*at]);
        let is_rehearsed = is_rehearsed(program, &looked.line);
        facts
            .filter(|fact| !(is_rehearsed && fact.kind.is_deed()))
            .filter_map(|fact| {
                let (name, at) = fact.matcher.find(&fact.tool, &looked)?;
                Some(Match { fact, name, at })
            })
            .collect()
    }

    /// What is known of what runs another command, as if it stood by itself.
    pub fn of_wrapper(&self, wrapper: &Wrapper, setting: &Setting) -> Vec<Match<'_>> {
        self.of(&by_itself(wrapper), &Input::Unknown, setting)
    }

    /// A command line as its program reads it, and the name by which the program is known.
    pub fn line<'w>(&'w self, program: &'w str, words: &'w [Word]) -> (&'w str, Line<'w>) {
        let (program, leading) = match self.same.get(program).map(Vec::as_slice) {
            Some([program, leading @ ..]) => (program.as_str(), leading),
            _ => (program, [].as_slice()),
        };
        (program, Line::read(&self.programs_of(program), leading, words))
    }

    /// The options that a program does not have; only for those whose every option is known.
    pub fn unknown_options(&self, command: &Command) -> Vec<UnknownOption> {
        let (program, line) = self.line(command.program(), command.arguments());
        let programs = self.programs_for(program, &line);
        let Some(exact) = programs.iter().max_by_key(|it| it.words.len()) else {
            return Vec::new();
        };
        if !exact.is_complete {
            return Vec::new();
        }
        let words = line.operands.iter().take(exact.words.len()).map(|it| it.text);
        let called: Vec<&str> = std::iter::once(program).chain(words).collect();
        let is_unknown = |given: &&Given<'_>| {
            given.word.text.starts_with('-')
                && is_plain(&given.name)
                && !programs.iter().any(|it| it.has(&given.name))
        };
        let unknown = line.options.iter().filter(is_unknown).map(|given| UnknownOption {
            command: called.join(" "),
            name: given.name.clone(),
            at: given.word.range.clone(),
            nearest: exact.nearest(&given.name).map(str::to_owned),
        });
        unknown.collect()
    }

    fn programs_of(&self, program: &str) -> Vec<&Program> {
        let own = self.programs_of.get(program).map(Vec::as_slice).unwrap_or_default();
        own.iter().map(|at| &*self.programs[*at]).collect()
    }

    /// The programs that the operands of a line lead to.
    fn programs_for(&self, program: &str, line: &Line<'_>) -> Vec<&Program> {
        let operands = line.operand_texts();
        let mut programs = self.programs_of(program);
        programs.retain(|it| it.is_about(&operands));
        programs
    }
}

/// Whether a command only shows what it would do.
fn is_rehearsed(program: &str, line: &Line<'_>) -> bool {
    line.options.iter().any(|given| match given.name.as_str() {
        "--dry-run" | "--dryrun" => !matches!(given.value, Some("none" | "false")),
        "-n" => program == "rsync",
        _ => false,
    })
}

/// Whether a name is written out, so that it can be told whether it is known.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What runs another command, as a command of its own.
fn by_itself(wrapper: &Wrapper) -> Command {
    let range = wrapper.words.first().map_or(0, |word| word.range.start)
        ..wrapper.words.last().map_or(0, |word| word.range.end);
    Command { words: wrapper.words.clone(), range, ..Command::default() }
}

#[cfg(test)]
mod tests;
