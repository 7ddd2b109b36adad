//! The kinds of components that a lab can start, as data: what each needs of the machine, which
//! settings it has, and which facts it hands on.

use std::fmt;

use crate::document::shape::{Form, Key, may};
use crate::document::{Node, Shape, nearest};
use crate::runbook::reader::Reader;
use crate::source::Spanned;

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
    /// What it needs of the machine.
    pub programs: &'static [Program],
    /// What can be said of it.
    pub settings: Shape,
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
    /// The package of Debian that has it.
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

/// Every kind there is.
pub static KINDS: &[&Kind] = &[&FOLDER, &POSTGRES, &REDIS];

const KIND: Key =
    may("kind", Form::Text).about("What it is; its name says that when this is left out.");
const UNIT: Key =
    may("unit", Form::Text).about("The name by which `systemctl` knows it in the lab.");

static FOLDER: Kind = Kind {
    word: "folder",
    about: "A folder, for what needs nothing but files.",
    tier: "T0",
    programs: &[],
    settings: Shape {
        noun: "a folder of a lab",
        name: "lab_folder",
        about: "A folder, for what needs nothing but files.",
        keys: &[&[KIND]],
        rules: &[],
    },
    facts: &[("folder", "the folder, which is empty at first")],
    variables: &[],
};

static POSTGRES: Kind = Kind {
    word: "postgres",
    about: "A cluster of PostgreSQL with an archive of its WAL.",
    tier: "T1",
    programs: &[Program {
        name: "initdb",
        package: "postgresql",
        folders: &["/usr/lib/postgresql/*/bin"],
    }],
    settings: Shape {
        noun: "a postgres of a lab",
        name: "lab_postgres",
        about: "A cluster of PostgreSQL with an archive of its WAL.",
        keys: &[&[
            KIND,
            may("database", Form::Text).about("A database that is made; `lab` when left out."),
            may("role", Form::Text).about("The superuser; `postgres` when left out."),
            may("archive", Form::Boolean).about("Whether its WAL is archived; true when left out."),
            UNIT,
        ]],
        rules: &[],
    },
    facts: &[
        ("folder", "all that belongs to it"),
        ("data", "its data directory"),
        ("archive", "the folder of its archived WAL"),
        ("socket", "the folder of its socket, where nobody needs a password"),
        ("host", "where it listens: 127.0.0.1, with a password"),
        ("port", "its port"),
        ("database", "the database that was made"),
        ("role", "its superuser"),
        ("password", "the password of that"),
        ("user", "the user whose processes and files are its own"),
        ("bin", "the folder of its programs"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[
        ("PGHOST", "socket"),
        ("PGPORT", "port"),
        ("PGUSER", "role"),
        ("PGDATABASE", "database"),
        ("PGPASSWORD", "password"),
    ],
};

static REDIS: Kind = Kind {
    word: "redis",
    about: "A Redis server with a password.",
    tier: "T1",
    programs: &[
        Program { name: "redis-server", package: "redis-server", folders: &[] },
        Program { name: "redis-cli", package: "redis-tools", folders: &[] },
    ],
    settings: Shape {
        noun: "a redis of a lab",
        name: "lab_redis",
        about: "A Redis server with a password.",
        keys: &[&[
            KIND,
            may("aof", Form::Boolean)
                .about("Whether it appends every write to a file; false when left out."),
            may("save", Form::Text).about("When it writes a snapshot; `3600 1` when left out."),
            UNIT,
        ]],
        rules: &[],
    },
    facts: &[
        ("folder", "all that belongs to it"),
        ("data", "the folder of its snapshot, dump.rdb"),
        ("config", "its configuration"),
        ("host", "where it listens: 127.0.0.1"),
        ("port", "its port"),
        ("password", "its password"),
        ("pidfile", "the file with its process id"),
        ("log", "its log"),
        ("ctl", "starts, stops and restarts it"),
    ],
    variables: &[("REDIS_HOST", "host"), ("REDIS_PORT", "port"), ("REDISCLI_AUTH", "password")],
};

/// Reads a list of kinds, or a mapping of names to settings.
pub(super) fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Component> {
    if node.as_mapping().is_none() {
        let texts = reader.texts(node);
        let read = texts.into_iter().filter_map(|name| {
            let kind = kind(&name, reader)?;
            Some(Component { name, kind, settings: Vec::new() })
        });
        return without_doubles(read.collect(), reader);
    }
    let entries = reader.entries(node, "components by name");
    entries.into_iter().filter_map(|(name, node)| one(name, &node, reader)).collect()
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

fn one(name: Spanned<String>, node: &Node, reader: &mut Reader<'_>) -> Option<Component> {
    if !is_name(&name) {
        let help =
            "use lower-case letters, digits and `_`, beginning with a letter, and not `work`";
        reader.error_with_help(
            name.span,
            format!("`{name}` cannot be the name of a component"),
            help,
        );
        return None;
    }
    let said = node.as_mapping().and_then(|it| it.iter().find(|it| it.key.value == "kind"));
    let said = said.and_then(|entry| reader.text(&entry.value));
    let kind = kind(said.as_ref().unwrap_or(&name), reader)?;
    let is_nothing = node.as_mapping().is_none() && node.to_json().is_null();
    if is_nothing {
        return Some(Component { name, kind, settings: Vec::new() });
    }
    let keys = kind.settings.keys.iter().copied().flatten();
    reader.check(node, &Form::Shape(&kind.settings));
    let entries = node.as_mapping().into_iter().flatten();
    let settings = entries.filter_map(|entry| {
        let key = keys.clone().find(|key| key.name == entry.key.value)?;
        let value = match entry.value.to_json() {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Some((key.name, value))
    });
    Some(Component { name, kind, settings: settings.collect() })
}

fn kind(word: &Spanned<String>, reader: &mut Reader<'_>) -> Option<&'static Kind> {
    let found = KINDS.iter().find(|kind| kind.word == word.value);
    if found.is_none() {
        let words = || KINDS.iter().map(|kind| kind.word);
        let help = match nearest(word, words()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the components are {}", words().collect::<Vec<_>>().join(", ")),
        };
        let message = format!("a lab has no component `{word}`");
        reader.error_with_help(word.span, message, help);
    }
    found.copied()
}

fn is_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    text != WORK
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 32
        && text.chars().all(is_word)
}

/// What of a machine some components need: the most that one does.
pub fn tier(components: &[Component]) -> &'static str {
    components.iter().map(|component| component.kind.tier).max().unwrap_or("T0")
}
