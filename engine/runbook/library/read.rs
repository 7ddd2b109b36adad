//! Reading a library from its document.

use serde_json::Value as Json;

use crate::document::{self, Fields, Node, Value as NodeValue};
use crate::runbook::expression::Expression;
use crate::runbook::facts;
use crate::runbook::reader::Reader;
use crate::runbook::request::url_of;
use crate::runbook::script::{Script, Setting};
use crate::runbook::target;
use crate::runbook::template::Template;
use crate::source::{Problems, Source, Spanned};

use super::lint;
use super::shape::{BACKUP, CHANNEL, COMMUNICATIONS, CONTACT, ENVIRONMENT, SEVERITY, SHAPE};
use super::{Backup, Channel, Contact, Environment, FILE, Form, Library, Severity, Taker};

/// The keys by which a runbook is known.
const OF_A_RUNBOOK: &[&str] = &["id", "title", "steps"];

/// The keys that only a library has.
const OF_A_LIBRARY: &[&str] =
    &["severities", "contacts", "communications", "channels", "environments", "backups"];

/// Reads a library; none when too little of it could be read to go on.
pub fn read(source: &Source, problems: &mut Problems) -> Option<Library> {
    read_document(source, &document::parse(source, problems)?, problems)
}

/// Reads a library whose text was parsed already.
pub fn read_document(source: &Source, node: &Node, problems: &mut Problems) -> Option<Library> {
    let mut reader = Reader::new(source, problems);
    let mut fields = reader.open(node, &SHAPE)?;
    if let Some(key) = OF_A_RUNBOOK.iter().find(|key| fields.peek(key)) {
        let at = fields.key_span(key).unwrap_or(node.span);
        let message = format!("a file called {FILE} is a library, and a library has no `{key}`");
        reader.error_with_help(at, message, "a runbook needs another name");
        return None;
    }
    if !crate::runbook::check_format(&mut fields, node, "a library", &mut reader) {
        return None;
    }
    let reader = &mut reader;
    let mut library = Library {
        severities: list(fields.take("severities"), reader, severity),
        contacts: list(fields.take("contacts"), reader, contact),
        channels: named(fields.take("channels"), "`channels`", reader, channel),
        environments: named(fields.take("environments"), "`environments`", reader, environment),
        backups: list(fields.take("backups"), reader, backup),
        ..Library::default()
    };
    if let Some(node) = fields.take("communications") {
        communications(node, &mut library, reader);
    }
    if let Some(node) = fields.take("defaults") {
        library.defaults = crate::runbook::defaults(node, reader);
        refuse_foreign(library.defaults.setting.templates(), &[], reader);
    }
    library.lint = fields.take("lint").and_then(|node| lint::read(node, reader));
    let names: Vec<&Spanned<String>> = library.severities.iter().map(|it| &it.name).collect();
    for (place, name) in names.iter().enumerate() {
        if names.iter().take(place).any(|before| before == name) {
            reader.error(name.span, format!("the severity `{name}` is declared twice"));
        }
    }
    reader.finish(fields);
    Some(library)
}

/// Whether a text says that it is one of ours, and is no runbook.
pub fn looks_like_one(source: &Source) -> bool {
    let node = document::parse(source, &mut Problems::default());
    let entries = node.as_ref().and_then(Node::as_mapping).unwrap_or_default();
    let has = |key: &&str| entries.iter().any(|entry| entry.key.value == **key);
    has(&"holdpoint") && !OF_A_RUNBOOK.iter().any(has)
}

/// Whether a mapping is a library where a runbook was wanted.
pub(in crate::runbook) fn is_library(fields: &Fields<'_>) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| fields.peek(key));
    has(OF_A_LIBRARY) && !has(OF_A_RUNBOOK)
}

fn list<T>(
    node: Option<&Node>,
    reader: &mut Reader<'_>,
    read: impl Fn(&Node, &mut Reader<'_>) -> Option<T>,
) -> Vec<T> {
    let items = node.map(|node| reader.list(node)).unwrap_or_default();
    items.iter().filter_map(|item| read(item, reader)).collect()
}

fn named<T>(
    node: Option<&Node>,
    what: &'static str,
    reader: &mut Reader<'_>,
    read: impl Fn(&Node, &mut Reader<'_>) -> Option<T>,
) -> Vec<(Spanned<String>, T)> {
    let entries = node.map(|node| reader.entries(node, what)).unwrap_or_default();
    let mut found = Vec::new();
    for (name, node) in entries {
        if name.trim().is_empty() || name.contains(char::is_control) {
            reader.error(name.span, format!("{what} need names that can be read aloud"));
        }
        found.extend(read(&node, reader).map(|it| (name, it)));
    }
    found
}

fn optional(fields: &mut Fields<'_>, key: &'static str, reader: &mut Reader<'_>) -> Option<String> {
    fields.take(key).and_then(|node| reader.string(node))
}

fn required(
    fields: &mut Fields<'_>,
    key: &'static str,
    reader: &mut Reader<'_>,
) -> Option<Spanned<String>> {
    fields.require(key, reader.problems).and_then(|node| reader.text(node))
}

fn severity(node: &Node, reader: &mut Reader<'_>) -> Option<Severity> {
    let mut fields = reader.open(node, &SEVERITY)?;
    let name = required(&mut fields, "name", reader);
    let description = optional(&mut fields, "description", reader);
    let response = fields.take("response").and_then(|node| reader.duration(node));
    reader.finish(fields);
    Some(Severity { name: name?, description, response })
}

fn contact(node: &Node, reader: &mut Reader<'_>) -> Option<Contact> {
    let mut fields = reader.open(node, &CONTACT)?;
    let role = required(&mut fields, "role", reader);
    let name = optional(&mut fields, "name", reader);
    let channel = optional(&mut fields, "channel", reader);
    reader.finish(fields);
    Some(Contact { role: role?, name, channel })
}

fn backup(node: &Node, reader: &mut Reader<'_>) -> Option<Backup> {
    let mut fields = reader.open(node, &BACKUP)?;
    let component = required(&mut fields, "component", reader);
    let schedule = optional(&mut fields, "schedule", reader);
    let retention = optional(&mut fields, "retention", reader);
    let location = optional(&mut fields, "location", reader);
    reader.finish(fields);
    Some(Backup { component: component?, schedule, retention, location })
}

fn communications(node: &Node, library: &mut Library, reader: &mut Reader<'_>) {
    let Some(mut fields) = reader.open(node, &COMMUNICATIONS) else { return };
    library.update_every = fields.take("update_every").and_then(|node| reader.duration(node));
    let templates = fields.take("templates");
    library.templates =
        named(templates, "`templates`", reader, |node, reader| reader.template(node));
    reader.finish(fields);
}

fn environment(node: &Node, reader: &mut Reader<'_>) -> Option<Environment> {
    if node.is_null() {
        return Some(Environment::default());
    }
    let mut fields = reader.open(node, &ENVIRONMENT)?;
    let inputs = fields.take("inputs").map(|node| reader.entries(node, "`inputs`"));
    let value =
        |(name, node): (Spanned<String>, Node)| (name, Spanned::new(node.to_json(), node.span));
    let inputs = inputs.unwrap_or_default().into_iter().map(value).collect();
    let targets = fields.take("targets").map(|node| target::read_all(node, reader));
    let targets = targets.unwrap_or_default();
    refuse_foreign(targets.iter().flat_map(|(_, target)| target.templates()), &[], reader);
    reader.finish(fields);
    Some(Environment { inputs, targets })
}

fn channel(node: &Node, reader: &mut Reader<'_>) -> Option<Channel> {
    let mut fields = reader.open(node, &CHANNEL)?;
    let run = fields.take("run");
    let http = fields.take("http");
    let headers = fields.take("headers");
    let json = fields.take("json");
    let given = ["stdin", "target"].map(|key| (key, fields.key_span(key)));
    let setting = Setting::read(&mut fields, reader);
    reader.finish(fields);
    for (key, at) in given {
        if let Some(at) = at {
            let message = format!("a channel has no `{key}`: it reads the message, and runs here");
            reader.error(at, message);
        }
    }
    let taker = match (run, http) {
        (Some(run), None) => {
            for node in [headers, json].into_iter().flatten() {
                reader.error(node.span, "only a channel with `http` has this");
            }
            Script::read(run, reader).map(Taker::Run)
        }
        (None, Some(url)) => {
            if setting.is_for_commands() {
                let message = "`env`, `shell` and `stdin` are for commands";
                reader.error(node.span, message);
            }
            let headers = headers.map(|node| reader.entries(node, "`headers`")).unwrap_or_default();
            let header =
                |(name, node): (Spanned<String>, Node)| Some((name.value, reader.template(&node)?));
            let headers = headers.into_iter().filter_map(header).collect();
            let json = json.and_then(|node| form(node, reader));
            url_of(url, reader).map(|url| Taker::Http { url, headers, json })
        }
        _ => {
            let help = "a command that reads the message, or the URL that it is posted to";
            reader.error_with_help(node.span, "a channel has either `run` or `http`", help);
            None
        }
    };
    let channel = Channel { taker: taker?, setting };
    refuse_expressions(&channel.expressions(), &["message"], reader);
    Some(channel)
}

fn form(node: &Node, reader: &mut Reader<'_>) -> Option<Form> {
    Some(match &node.value {
        NodeValue::Sequence(items) => {
            Form::List(items.iter().filter_map(|item| form(item, reader)).collect())
        }
        NodeValue::Mapping(entries) => {
            let entry = |entry: &document::Entry| {
                Some((entry.key.value.clone(), form(&entry.value, reader)?))
            };
            Form::Map(entries.iter().filter_map(entry).collect())
        }
        NodeValue::Scalar(_) | NodeValue::Null => match node.to_json() {
            Json::String(_) => Form::Text(reader.template(node)?),
            plain => Form::Plain(plain),
        },
    })
}

fn refuse_foreign<'t>(
    templates: impl Iterator<Item = &'t Template>,
    more: &[&str],
    reader: &mut Reader<'_>,
) {
    let expressions: Vec<&Expression> = templates.flat_map(Template::expressions).collect();
    refuse_expressions(&expressions, more, reader);
}

/// Refuses names that only one runbook knows, where every runbook must. What is refused here would
/// be reported in the wrong file later.
fn refuse_expressions(expressions: &[&Expression], more: &[&str], reader: &mut Reader<'_>) {
    let is_known = |name: &str| {
        let known = facts::ALL.iter().find(|(root, _)| name.split('.').next() == Some(root));
        let field = name.split('.').nth(1).unwrap_or_default();
        name != "run.verdict" && known.is_some_and(|(_, fields)| fields.contains(&field))
    };
    for expression in expressions {
        for name in expression.names() {
            if is_known(name) || more.contains(&name.as_str()) {
                continue;
            }
            let roots = facts::ALL.iter().map(|(root, _)| *root);
            let known = roots.chain(more.iter().copied()).collect::<Vec<_>>().join(", ");
            let message = format!("`{name}` may not stand here: not every run has it");
            let help = format!("what may be named stands in {known}");
            reader.error_with_help(expression.span, message, help);
        }
    }
}
