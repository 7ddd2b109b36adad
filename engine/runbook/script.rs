//! What a `run` says: a script for a shell, or an argument list without one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::document::shape::{Form, Key, may};
use crate::document::{Fields, Node, Value as NodeValue};
use crate::source::Diagnostic;

use super::expression::{Expression, Scope, TemplateError};
use super::reader::Reader;
use super::rendered::{Quoting, Rendered, typed_word};
use super::shell::{self, Place};
use super::target::{self, Destination, TargetRef};
use super::template::Template;

/// A script or an argument list, with its templates.
#[derive(Clone, Debug, PartialEq)]
pub enum Script {
    /// Text that a shell reads.
    Shell(Template),
    /// A program and its arguments.
    Arguments(Vec<Template>),
}

/// Where and how something runs: what an action, a probe or a case says about it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// Where it runs; on this machine when nothing is said.
    pub target: Option<TargetRef>,
    /// Variables set for the command.
    pub env: Vec<(String, Template)>,
    /// The folder it runs in.
    pub cwd: Option<Template>,
    /// The shell and its arguments.
    pub shell: Option<Vec<String>>,
    /// What it reads.
    pub stdin: Option<Template>,
    /// How long one attempt may take.
    pub timeout: Option<Duration>,
    /// How long after TERM it is killed.
    pub grace: Option<Duration>,
}

/// A rendered command: what runs, and nothing else. Its canonical JSON is what a gate hashes.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Command {
    /// What runs.
    #[serde(flatten)]
    pub line: Line,
    /// Variables set for it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, Rendered>,
    /// The folder it runs in; the run's own when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<Rendered>,
    /// What it reads; nothing when nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<Rendered>,
    /// Where it runs.
    pub target: Destination,
}

/// The words that are executed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Line {
    /// A script handed to a shell.
    Shell {
        /// The shell and its arguments.
        shell: Vec<String>,
        /// The text it reads.
        script: Rendered,
    },
    /// A program and its arguments.
    Arguments {
        /// The program first.
        argv: Vec<Rendered>,
    },
}

/// The keys that say where and how something runs.
pub(super) static SETTING: &[Key] = &[
    may("env", Form::Named("[^=\\x00]+", &Form::Template))
        .about("Variables set for the command, by name. A secret may stand here."),
    may("target", Form::Either(target::FORMS))
        .about("Where it runs: a name, or a place. On this machine when it is left out."),
    may("cwd", Form::Template)
        .about("The folder it runs in; where the run was started when it is left out."),
    may("shell", Form::Matching("\\s*[^\\s'\"$\\\\][^'\"$\\\\]*"))
        .about("The shell and its arguments, such as `sh -eu`, in place of `bash -euo pipefail`."),
    may("stdin", Form::Template).about(
        "What the command reads, with templates unquoted: the way to SQL and to \
         secrets. Nothing when it is left out.",
    ),
    may("timeout", Form::Duration)
        .about("How long one attempt may take; then its process group gets TERM."),
    may("grace", Form::Duration).about("How long after TERM it gets KILL; `10s` when left out."),
];

impl Script {
    /// Reads a string as a script and a list as arguments.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Script> {
        if let NodeValue::Sequence(items) = &node.value {
            if items.is_empty() {
                reader.error(node.span, "an empty list runs nothing: name a program");
                return None;
            }
            let arguments: Vec<Template> =
                items.iter().filter_map(|item| argument(item, reader)).collect();
            return (arguments.len() == items.len()).then_some(Script::Arguments(arguments));
        }
        let text = reader.text(node)?;
        if text.trim().is_empty() {
            reader.error(node.span, "an empty script runs nothing");
            return None;
        }
        let mut template = reader.template(node)?;
        let slots: Vec<_> = template.slots().map(|slot| slot.range.clone()).collect();
        let written = node.places(reader.source);
        for (slot, place) in template.slots_mut().zip(shell::places(&text, &slots)) {
            slot.begins_word = place == Place::WordStart;
            if let Place::Refused(reason) = place
                && !slot.is_raw
            {
                let span = written.span(slot.range.clone());
                let message = format!("a template may not stand {reason}");
                let help = shell::way_out(reason);
                reader.problems.push(Diagnostic::error(span, message).code("HP303").help(help));
            }
        }
        Some(Script::Shell(template))
    }

    /// The script as it is written, templates and all.
    pub fn written(&self) -> String {
        match self {
            Script::Shell(template) => template.to_string().trim_end().to_owned(),
            Script::Arguments(arguments) => {
                let words: Vec<String> = arguments.iter().map(Template::to_string).collect();
                words.join(" ")
            }
        }
    }

    /// The script with the values that are known; what is not known stands as it is written.
    pub fn partly(&self, scope: &dyn Scope) -> String {
        match self {
            Script::Shell(template) => template.partly(scope, Quoting::Shell).trim_end().to_owned(),
            Script::Arguments(arguments) => {
                let word = |word: &Template| match word.render(scope, Quoting::Argument) {
                    Ok(known) => typed_word(&known.shown()),
                    Err(_) => word.partly(scope, Quoting::Argument),
                };
                arguments.iter().map(word).collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The templates in it.
    pub fn templates(&self) -> &[Template] {
        match self {
            Script::Shell(template) => std::slice::from_ref(template),
            Script::Arguments(arguments) => arguments,
        }
    }

    /// The expressions in its templates.
    pub fn expressions(&self) -> Vec<&Expression> {
        self.templates().iter().flat_map(Template::expressions).collect()
    }

    /// The command that this script becomes in a setting.
    pub fn render(&self, setting: &Setting, scope: &dyn Scope) -> Result<Command, TemplateError> {
        let private = |template: &Template| template.render(scope, Quoting::Private);
        let target = setting.destination(scope)?;
        let line = match self {
            Script::Shell(template) => Line::Shell {
                shell: setting.shell.clone().unwrap_or_else(|| default_shell(&target)),
                script: template.render(scope, Quoting::Shell)?,
            },
            Script::Arguments(arguments) => Line::Arguments {
                argv: arguments
                    .iter()
                    .map(|argument| argument.render(scope, Quoting::Argument))
                    .collect::<Result<_, _>>()?,
            },
        };
        let env = setting
            .env
            .iter()
            .map(|(name, value)| Ok((variable(name, &target)?, private(value)?)))
            .collect::<Result<_, TemplateError>>()?;
        Ok(Command {
            line,
            env,
            cwd: setting.cwd.as_ref().map(|cwd| cwd.render(scope, Quoting::Text)).transpose()?,
            stdin: setting.stdin.as_ref().map(private).transpose()?,
            target,
        })
    }
}

impl Setting {
    /// Reads the keys that say where and how something runs.
    pub fn read(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Setting {
        let env = fields.take("env").map(|node| variables(node, reader)).unwrap_or_default();
        Setting {
            target: fields.take("target").and_then(|node| TargetRef::read(node, reader)),
            env,
            cwd: fields.take("cwd").and_then(|node| reader.template(node)),
            shell: fields.take("shell").and_then(|node| shell_words(node, reader)),
            stdin: fields.take("stdin").and_then(|node| private(node, reader)),
            timeout: fields.take("timeout").and_then(|node| reader.duration(node)),
            grace: fields.take("grace").and_then(|node| reader.duration(node)),
        }
    }

    /// This setting where it says something, `base` where it does not; variables are joined.
    pub fn over(&self, base: &Setting) -> Setting {
        let mut env = base.env.clone();
        env.retain(|(name, _)| !self.env.iter().any(|(own, _)| own == name));
        env.extend(self.env.iter().cloned());
        Setting {
            target: self.target.clone().or_else(|| base.target.clone()),
            env,
            cwd: self.cwd.clone().or_else(|| base.cwd.clone()),
            shell: self.shell.clone().or_else(|| base.shell.clone()),
            stdin: self.stdin.clone().or_else(|| base.stdin.clone()),
            timeout: self.timeout.or(base.timeout),
            grace: self.grace.or(base.grace),
        }
    }

    /// Whether it says something that only a command can heed.
    pub fn is_for_commands(&self) -> bool {
        !self.env.is_empty() || self.shell.is_some() || self.stdin.is_some()
    }

    /// The templates in it.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let target = self.target.iter().flat_map(TargetRef::templates);
        self.env.iter().map(|(_, value)| value).chain(&self.cwd).chain(&self.stdin).chain(target)
    }

    /// This setting as it reaches into an included runbook.
    pub fn outer(&self) -> Setting {
        let target = self.target.clone().map(|target| TargetRef::Outer(Box::new(target)));
        Setting { target, ..self.clone() }
    }

    /// The place where it runs.
    pub fn destination(&self, scope: &dyn Scope) -> Result<Destination, TemplateError> {
        match &self.target {
            Some(target) => target.render(scope),
            None => Ok(Destination::Local),
        }
    }

    /// Where it runs, as far as that is known.
    pub fn place(&self, scope: &dyn Scope) -> Destination {
        self.target.as_ref().and_then(|target| target.partly(scope)).unwrap_or_default()
    }
}

impl Command {
    /// The command as a person reads it, and where it runs; secrets are `***`.
    pub fn shown(&self) -> String {
        format!("{}{}", self.target.prefix(), self.line.shown())
    }
}

impl Line {
    /// The words as a person reads them; secrets are `***`.
    pub fn shown(&self) -> String {
        match self {
            Line::Shell { script, .. } => script.shown().trim_end().to_owned(),
            Line::Arguments { argv } => {
                let words: Vec<String> =
                    argv.iter().map(|word| typed_word(&word.shown())).collect();
                words.join(" ")
            }
        }
    }
}

fn default_shell(target: &Destination) -> Vec<String> {
    let words: &[&str] = match target {
        Destination::Local => &["bash", "-euo", "pipefail"],
        _ => &["sh", "-eu"],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The name of a variable. On another machine a shell sets it, which takes only plain names.
fn variable(name: &str, target: &Destination) -> Result<String, TemplateError> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name = name.chars().all(is_plain) && !name.starts_with(|c: char| c.is_ascii_digit());
    if target.is_local() || is_name {
        return Ok(name.to_owned());
    }
    let message = format!("the variable `{name}` cannot be set by a shell on the target");
    Err(TemplateError { message, range: None })
}

/// One argument; a template that begins it could pass as an option.
fn argument(node: &Node, reader: &mut Reader<'_>) -> Option<Template> {
    let mut template = reader.template(node)?;
    for slot in template.slots_mut() {
        slot.begins_word = slot.range.start == 0;
    }
    Some(template)
}

fn variables(node: &Node, reader: &mut Reader<'_>) -> Vec<(String, Template)> {
    let mut found = Vec::new();
    for (name, node) in reader.entries(node, "`env`") {
        if name.is_empty() || name.contains(['=', '\0']) {
            reader.error(name.span, "this cannot be the name of a variable");
        }
        found.extend(private(&node, reader).map(|value| (name.value, value)));
    }
    found
}

/// Text that only the command itself, or whom a request goes to, sees: a secret may stand in it.
pub(super) fn private(node: &Node, reader: &mut Reader<'_>) -> Option<Template> {
    let mut template = reader.template(node)?;
    for slot in template.slots_mut() {
        slot.expression.is_private = slot.expression.bare_name().is_some();
    }
    Some(template)
}

/// The shell and its arguments, as words without quotes: `sh -eu`.
fn shell_words(node: &Node, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let text = reader.text(node)?;
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() || text.contains(['\'', '"', '$', '\\']) {
        reader.error_with_help(text.span, "this is no shell", "for example: shell: sh -eu");
        return None;
    }
    Some(words)
}
