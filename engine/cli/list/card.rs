//! A card: what of a runbook helps to find it.
//!
//! A broken runbook has a card too, with as much on it as can be read: whoever looks for it must
//! not believe that there is none.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::string::FromUtf8Error;

use crate::cli::failure::Failure;
use crate::cli::{library, load};
use crate::document::{self, Node, TEXT_LIMIT};
use crate::source::{Problems, Source};

/// What of a runbook helps to find it, and whether it can be run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The path to type.
    pub path: String,
    /// Its id; of one without, the name of its file.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// What it does.
    pub summary: Option<String>,
    /// The system it belongs to.
    pub system: Option<String>,
    /// Who keeps it.
    pub owner: Option<String>,
    /// How bad the incident is.
    pub severity: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What is seen from outside.
    pub symptoms: Vec<String>,
    /// The alerts that set it off.
    pub alerts: Vec<String>,
    /// The tools, systems and places that it names.
    pub services: Vec<String>,
    /// Why it cannot be run, in short.
    pub problem: Option<String>,
}

/// The card of a file that is typed as `path`; none when it is no runbook.
pub fn read(path: &Path) -> Option<Card> {
    let text = match text(path) {
        Ok(text) => text?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        // It may be the one that is looked for: nobody can tell from here.
        Err(error) => return Some(Card::broken(path, format!("it cannot be read: {error}"))),
    };
    let source = Source::new(path.to_string_lossy(), text);
    let tree = document::parse(&source, &mut Problems::default());
    if !is_runbook(&source, tree.as_ref()) {
        return None;
    }
    let card = tree.map_or_else(|| Card::broken(path, String::new()), |it| Card::of(path, &it));
    Some(Card { problem: problem(path), ..card })
}

/// Whether a text, of which that is the tree, is a runbook or was meant to be one.
pub fn is_runbook(source: &Source, tree: Option<&Node>) -> bool {
    match tree {
        Some(tree) => tree.has(KEY),
        // What is no YAML has no keys, but was meant to have this one.
        None => source.text().lines().any(is_the_key),
    }
}

/// What makes a file a runbook, at its top.
const KEY: &str = "holdpoint";

/// Whether a line may be that of the key: enough to leave the others unread.
fn may_be_the_key(line: &str) -> bool {
    line.trim_start_matches(|c: char| c.is_whitespace() || "{'\"\u{feff}".contains(c))
        .starts_with(KEY)
}

fn is_the_key(line: &str) -> bool {
    let line = line.trim_start_matches(['\u{feff}', '{']);
    line.strip_prefix(KEY).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// How far into a file the key is looked for.
const HEAD: u64 = 1 << 20;

/// The text of a file, as far as a runbook may reach; none where nothing of it can be the key. What
/// is no UTF-8 is told when it is checked.
pub fn text(path: &Path) -> io::Result<Option<String>> {
    let mut file = File::open(path)?;
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut bytes)?;
    if !String::from_utf8_lossy(&bytes).lines().any(may_be_the_key) {
        return Ok(None);
    }
    file.take(TEXT_LIMIT as u64 - HEAD).read_to_end(&mut bytes)?;
    let lossy = |no: FromUtf8Error| String::from_utf8_lossy(no.as_bytes()).into_owned();
    Ok(Some(String::from_utf8(bytes).unwrap_or_else(lossy)))
}

/// Why a runbook cannot be run in any environment of its library: the first thing that is wrong with
/// it or what it needs.
fn problem(path: &Path) -> Option<String> {
    let shared = match library::find(path) {
        Ok(shared) => shared,
        Err(failure) => return Some(said(failure)),
    };
    let environments = shared.iter().flat_map(|shared| &shared.library.environments);
    let mut places: Vec<_> = environments.map(|(name, _)| Some(name.value.clone())).collect();
    if places.is_empty() {
        places.push(None);
    }
    let check = |place| load::bundle(path, library::of(shared.as_ref(), place)).err();
    let failures: Option<Vec<Failure>> = places.into_iter().map(check).collect();
    failures.and_then(|failures| failures.into_iter().next()).map(said)
}

/// A failure in short.
fn said(failure: Failure) -> String {
    match failure {
        Failure::Invalid(drawn) => first_problem(&console::strip_ansi_codes(&drawn)),
        Failure::Unreadable { source, .. } => format!("it cannot be read: {source}"),
        other => flat(&other.to_string()),
    }
}

/// The first of the problems that were drawn: its message, and where it stands.
fn first_problem(drawn: &str) -> String {
    let mut lines = drawn.lines();
    let first = lines.next().unwrap_or_default();
    let message = first.strip_prefix("error: ").unwrap_or(first);
    let place = lines.next().and_then(|line| line.trim_start().strip_prefix("--> "));
    place.map_or_else(|| message.to_owned(), |place| format!("{message} ({place})"))
}

impl Card {
    fn broken(path: &Path, problem: String) -> Card {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let path = path.to_string_lossy().into_owned();
        Card { path, id, problem: Some(problem), ..Card::default() }
    }

    fn of(path: &Path, tree: &Node) -> Card {
        let text = |key| tree.under(key).and_then(Node::as_str).map(flat);
        let bare = Card::broken(path, String::new());
        let requires = tree.under("requires");
        let needed = |key| requires.map(|it| texts(it, key)).unwrap_or_default();
        let services =
            [names(tree, "versions"), names(tree, "targets"), needed("tools"), needed("reachable")];
        Card {
            id: text("id").unwrap_or(bare.id),
            title: text("title").unwrap_or_default(),
            summary: text("summary"),
            system: text("system"),
            owner: text("owner"),
            severity: text("severity"),
            tags: texts(tree, "tags"),
            symptoms: texts(tree, "symptoms"),
            alerts: alerts(tree),
            services: services.concat(),
            problem: None,
            path: bare.path,
        }
    }
}

/// One or many: what stands under a key, as a list.
fn items<'t>(tree: &'t Node, key: &str) -> Vec<&'t Node> {
    let found = tree.under(key);
    let one = found.into_iter().filter(|node| node.as_sequence().is_none());
    let many = found.and_then(Node::as_sequence).unwrap_or_default();
    one.chain(many).collect()
}

fn texts(tree: &Node, key: &str) -> Vec<String> {
    items(tree, key).into_iter().filter_map(Node::as_str).map(flat).collect()
}

/// The names that a mapping under a key gives.
fn names(tree: &Node, key: &str) -> Vec<String> {
    let entries = tree.under(key).and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().map(|entry| entry.key.value.clone()).collect()
}

/// The alerts among what sets it off; a trigger that is only a text is taken for the name of one.
fn alerts(tree: &Node) -> Vec<String> {
    let triggers = items(tree, "triggers").into_iter();
    let alert = |trigger: &Node| {
        let named = trigger.under("alert").and_then(Node::as_str);
        named.or_else(|| trigger.as_str()).map(flat)
    };
    triggers.filter_map(alert).collect()
}

/// A text in one line.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The card of a file with this text.
    fn card(text: &[u8]) -> Option<Card> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("down.yaml");
        fs::write(&path, text).unwrap();
        read(&path).map(|card| Card { path: "down.yaml".into(), ..card })
    }

    fn problem_of(text: &str) -> String {
        let problem = card(text.as_bytes()).unwrap().problem.unwrap();
        problem.split(" (").next().unwrap().to_owned()
    }

    #[test]
    fn all_that_helps_to_find_a_runbook_is_on_its_card() {
        let text = "
holdpoint: 1
id: pg-down
title: PostgreSQL is down
summary: |
  Restart it;
  else restore it.
system: billing
owner: dba
severity: critical
tags: [database, 12]
symptoms: connections are refused
triggers: [{alert: PostgresDown, expr: up == 0}, PostgresSlow, {schedule: daily}]
versions: {postgresql: 16}
requires: {tools: [sh], reachable: [\"db-1:5432\"]}
steps: [{id: a, run: 'true'}]
";
        let list = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let expected = Card {
            path: "down.yaml".into(),
            id: "pg-down".into(),
            title: "PostgreSQL is down".into(),
            summary: Some("Restart it; else restore it.".into()),
            system: Some("billing".into()),
            owner: Some("dba".into()),
            severity: Some("critical".into()),
            tags: list(&["database", "12"]),
            symptoms: list(&["connections are refused"]),
            alerts: list(&["PostgresDown", "PostgresSlow"]),
            services: list(&["postgresql", "sh", "db-1:5432"]),
            problem: None,
        };
        assert_eq!(card(text.as_bytes()), Some(expected));
    }

    #[test]
    fn a_file_without_the_key_at_its_top_is_no_runbook() {
        for text in [
            "",
            "a: 1\n",
            "a:\n  holdpoint: 1\n",
            "- holdpoint: 1\n",
            "# holdpoint: 1\n",
            "\0\u{1}",
        ] {
            assert_eq!(card(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(card(b"\xff\xfe\0h\0o"), None);
    }

    #[test]
    fn a_broken_runbook_says_why_and_keeps_what_can_be_read() {
        let text = "holdpoint: 1\nid: pg-down\ntitle: Down\nstepss: []\n";
        let found = card(text.as_bytes()).unwrap();
        assert_eq!((found.id.as_str(), found.title.as_str()), ("pg-down", "Down"));
        assert_eq!(problem_of(text), "a runbook needs `steps`");
        assert_eq!(
            problem_of("{holdpoint: 2, id: a, title: A}"),
            "format `2` is not known to this version"
        );
        let torn = "holdpoint: 1\nid: [a\ntitle: 'A\n";
        let found = card(torn.as_bytes()).unwrap();
        assert_eq!((found.id.as_str(), found.problem.is_some()), ("down", true));
        let latin = card(b"holdpoint: 1\nid: a\ntitle: gr\xfc\xdfe\nsteps: []\n").unwrap();
        assert_eq!(
            latin.problem.as_deref(),
            Some("it cannot be read: it is not UTF-8 text: byte 28 does not fit")
        );
    }
}
