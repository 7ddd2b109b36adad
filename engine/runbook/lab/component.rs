//! What a lab starts, as it is written down: components, each of a kind, with their settings.

use std::fmt;

use crate::document::shape::{Form, may};
use crate::document::{Node, Shape};
use crate::runbook::reader::Reader;
use crate::source::Spanned;

use super::kinds::{KINDS, WORDS};
use super::names::WORK;

/// Something real that is started.
#[derive(Clone, Debug, PartialEq)]
pub struct Component {
    /// How the lab calls it.
    pub name: Spanned<String>,
    /// What it is.
    pub kind: &'static Kind,
    /// What is said of it.
    pub settings: Vec<(&'static str, String)>,
}

/// A kind of component.
pub struct Kind {
    /// How a lab names it.
    pub word: &'static str,
    /// What that is.
    pub about: &'static str,
    /// What of a machine it needs: T0 nothing, T1 servers of the distribution, T2 Docker.
    pub tier: &'static str,
    /// Why it starts for root only, where it does.
    pub root: Option<&'static str>,
    /// What it needs of the machine.
    pub programs: &'static [Program],
    /// What can be said of it.
    pub settings: &'static [&'static str],
    /// What a lab learns of it, and what that is.
    pub facts: &'static [(&'static str, &'static str)],
    /// The variables under which programs look for it, each with a fact.
    pub variables: &'static [(&'static str, &'static str)],
}

/// A program, and where it comes from.
#[derive(Debug, Eq, PartialEq)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// The package that has it: one of Debian, where it does not say of what else.
    pub package: &'static str,
    /// Folders in which it is looked for besides those on the PATH; `*` stands for any name.
    pub folders: &'static [&'static str],
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.word == other.word
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

impl Component {
    /// What is said of it, or what goes without saying.
    pub fn setting(&self, key: &str) -> Option<&str> {
        self.settings.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }
}

/// The form of the components of a lab.
pub(super) const FORM: Form = Form::Either(&[
    Form::OneOrMany(&Form::Words(&WORDS)),
    Form::Named("[a-z][a-z0-9_]*", &Form::Either(&[Form::Shape(&COMPONENT), Form::Nothing])),
]);

static COMPONENT: Shape = Shape {
    noun: "a component",
    name: "component",
    about: "Something real that is started for a rehearsal.",
    keys: &[&[
        may("kind", Form::Words(&WORDS))
            .about("What it is; its name says that when this is left out."),
        may("unit", Form::Text).about("The name by which `systemctl` knows it in the lab."),
        may("region", Form::Text)
            .about("Of an aws: the region that is meant; `us-east-1` when left out."),
        may("zone", Form::Text).about("Of a dns: the zone that it has; `lab.test` when left out."),
        may("database", Form::Text)
            .about("Of a postgres: a database that is made; `lab` when left out."),
        may("role", Form::Text).about("Of a postgres: its superuser; `postgres` when left out."),
        may("archive", Form::Boolean)
            .about("Of a postgres: whether its WAL is archived; true when left out."),
        may("size", Form::Text)
            .about("Of a clickhouse: how large its file system is; `200m` when left out."),
        may("aof", Form::Boolean)
            .about("Of a redis: whether it appends every write to a file; false when left out."),
        may("save", Form::Text)
            .about("Of a redis: when it writes a snapshot; `3600 1` when left out."),
        may("replicas", Form::Number)
            .about("Of a redis_cluster: how many replicas each master has; 1 when left out."),
    ]],
    rules: &[],
};

/// Reads a list of kinds, or a mapping of names to settings.
pub(super) fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Component> {
    reader.check(node, &FORM);
    let Some(entries) = node.as_mapping() else {
        let texts = node.as_sequence().unwrap_or(std::slice::from_ref(node)).iter();
        let named = texts.filter_map(|node| {
            let name = Spanned::new(node.as_str()?.to_owned(), node.span);
            // What is no kind was reported.
            let kind = kind(&name)?;
            Some(Component { name, kind, settings: Vec::new() })
        });
        return without_doubles(named.collect(), reader);
    };
    let entries = entries.iter();
    entries.filter_map(|entry| one(&entry.key, &entry.value, reader)).collect()
}

fn without_doubles(found: Vec<Component>, reader: &mut Reader<'_>) -> Vec<Component> {
    let mut kept: Vec<Component> = Vec::new();
    for component in found {
        let name = &component.name;
        if kept.iter().any(|it| it.name.value == name.value) {
            let help = "name them, each with its `kind`: `components: {a: {kind: redis}, …}`";
            reader.error_with_help(name.span, format!("`{name}` stands here twice"), help);
            continue;
        }
        kept.push(component);
    }
    kept
}

fn one(name: &Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Component> {
    if !is_name(name) {
        let help = match RESERVED.contains(&name.as_str()) {
            true => format!("use another: `{name}` is taken in the folder of every lab"),
            false => "use at most 32 letters".to_owned(),
        };
        let message = format!("`{name}` cannot be the name of a component");
        reader.error_with_help(name.span, message, help);
        return None;
    }
    let entries = || node.as_mapping().into_iter().flatten();
    let kind = match entries().find(|entry| entry.key.value == "kind") {
        // What is no kind was reported.
        Some(said) => kind(&Spanned::new(said.value.as_str()?.to_owned(), said.value.span))?,
        None => kind(name).or_else(|| {
            let help = format!("say its `kind`: {}", WORDS.join(", "));
            let message = format!("`{name}` is no kind of component");
            reader.error_with_help(name.span, message, help);
            None
        })?,
    };
    let mut settings = Vec::new();
    for entry in entries().filter(|entry| entry.key.value != "kind") {
        let known = kind.settings.iter().find(|key| **key == entry.key.value);
        match (known, entry.value.to_json()) {
            (Some(key), serde_json::Value::String(text)) => settings.push((*key, text)),
            (Some(key), other) => settings.push((*key, other.to_string())),
            (None, _) if COMPONENT.key(&entry.key.value).is_some() => {
                let message = format!("`{}` is no setting of a {}", entry.key, kind.word);
                let help = match kind.settings {
                    [] => "it has none".to_owned(),
                    keys => format!("its settings are {}", keys.join(", ")),
                };
                reader.error_with_help(entry.key.span, message, help);
            }
            (None, _) => {}
        }
    }
    Some(Component { name: name.clone(), kind, settings })
}

fn kind(word: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.word == word).copied()
}

/// The names of what lies in the folder of a lab or beside its facts.
const RESERVED: &[&str] = &[WORK, "bin", "ctl", "lock", "runbook", "ssh", "tmp", "units"];

fn is_name(text: &str) -> bool {
    !RESERVED.contains(&text) && text.len() <= 32
}

/// What of a machine some components need: the most that one does.
pub fn tier(components: &[Component]) -> &'static str {
    components.iter().map(|component| component.kind.tier).max().unwrap_or("T0")
}
