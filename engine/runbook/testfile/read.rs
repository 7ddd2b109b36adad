//! Reading a file of tests: first its form as a whole, then what stands in it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use crate::document::shape::Form;
use crate::document::{self, Node};
use crate::runbook::answers::{self, Prepared};
use crate::runbook::reader::Reader;
use crate::source::{Problems, Source, Spanned};

use super::{
    BREAKS, Case, Crash, DECISIONS, Expect, LEFT, Mock, Named, PARALLEL, SHAPE, SIGHTS, Seen,
    Shown, TestFile, When,
};

/// Reports what is wrong with a file of tests, as far as that can be told without its runbook.
pub fn check(source: &Source, problems: &mut Problems) {
    read(source, problems);
}

/// The same for a text that was parsed already.
pub fn check_document(source: &Source, node: &Node, problems: &mut Problems) {
    read_document(source, node, problems);
}

/// Reads a file of tests; none when something is wrong with its form.
pub fn read(source: &Source, problems: &mut Problems) -> Option<TestFile> {
    read_document(source, &document::parse(source, problems)?, problems)
}

/// Reads a file of tests whose text was parsed already.
pub fn read_document(source: &Source, node: &Node, problems: &mut Problems) -> Option<TestFile> {
    let mut own = Problems::default();
    let mut reader = Reader::new(source, &mut own);
    reader.check(node, &Form::Shape(&SHAPE));
    let file = match reader.problems.has_errors() {
        true => None,
        false => test_file(node, &mut reader),
    };
    let is_good = !own.has_errors();
    own.sorted().into_iter().for_each(|problem| problems.push(problem));
    file.filter(|_| is_good)
}

fn test_file(node: &Node, reader: &mut Reader<'_>) -> Option<TestFile> {
    let runbook = reader.text(at(node, "runbook")?)?;
    let cases = at(node, "cases")?.as_sequence().unwrap_or_default();
    let cases: Vec<Case> = cases.iter().filter_map(|node| case(node, reader)).collect();
    for (place, case) in cases.iter().enumerate() {
        let first = cases.iter().take(place).find(|other| other.name == case.name);
        if first.is_some() {
            let message = format!("the name `{}` stands here twice", case.name);
            let help = "a case is known by its name: give each its own";
            reader.error_with_help(case.name.span, message, help);
        }
    }
    Some(TestFile { runbook, cases })
}

/// What stands under a key.
fn at<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let entries = node.as_mapping()?;
    entries.iter().find(|entry| entry.key.as_str() == key).map(|entry| &entry.value)
}

fn case(node: &Node, reader: &mut Reader<'_>) -> Option<Case> {
    let flag = |key: &str, reader: &mut Reader<'_>| {
        at(node, key).and_then(|it| reader.boolean(it).map(|flag| Spanned::new(flag, it.span)))
    };
    let parallel = at(node, "parallel").and_then(|node| reader.integer(node));
    Some(Case {
        name: reader.text(at(node, "name")?)?,
        environment: at(node, "environment").and_then(|node| reader.text(node)),
        inputs: named(at(node, "inputs"), reader, json),
        choices: named(at(node, "choices"), reader, |node, reader| {
            texts(node, reader).into_iter().map(|text| text.value).collect()
        }),
        is_attended: flag("attended", reader).is_none_or(|flag| flag.value),
        parallel: parallel.and_then(|it| usize::try_from(it).ok()).unwrap_or(PARALLEL),
        starts: at(node, "starts").and_then(|node| moment(node, reader)),
        yes: flag("yes", reader).filter(|flag| flag.value),
        waive: named(at(node, "waive"), reader, |node, _| text(node)),
        mocks: named(at(node, "mocks"), reader, |node, reader| each(node, reader, mock)),
        checks: named(at(node, "checks"), reader, |node, reader| each(node, reader, shown)),
        crashes: at(node, "crashes")
            .and_then(Node::as_sequence)
            .map(|all| all.iter().filter_map(|node| crash(node, reader)).collect())
            .unwrap_or_default(),
        answers: at(node, "answers").map(|node| answers(node, reader)).unwrap_or_default(),
        decisions: named(at(node, "decisions"), reader, |node, reader| {
            let decide = |node: &Node, reader: &mut Reader<'_>| reader.one_of(node, DECISIONS);
            let all = each(node, reader, decide);
            let known = |it: Spanned<Option<_>>| Some(Spanned::new(it.value?, it.span));
            all.into_iter().filter_map(known).collect()
        }),
        expect: expect(at(node, "expect")?, reader),
    })
}

/// The entries of a mapping.
fn named<T>(
    node: Option<&Node>,
    reader: &mut Reader<'_>,
    read: impl Fn(&Node, &mut Reader<'_>) -> T,
) -> Named<T> {
    let entries = node.and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.clone(), read(&entry.value, reader))).collect()
}

/// One, or each of a list.
fn each<T>(
    node: &Node,
    reader: &mut Reader<'_>,
    read: impl Fn(&Node, &mut Reader<'_>) -> T,
) -> Vec<Spanned<T>> {
    let nodes = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    nodes.iter().map(|node| Spanned::new(read(node, reader), node.span)).collect()
}

fn json(node: &Node, _: &mut Reader<'_>) -> Spanned<Json> {
    Spanned::new(node.to_json(), node.span)
}

fn text(node: &Node) -> String {
    node.as_str().unwrap_or_default().to_owned()
}

fn texts(node: &Node, reader: &mut Reader<'_>) -> Vec<Spanned<String>> {
    let items = node.as_sequence().unwrap_or_default();
    items.iter().filter_map(|node| reader.text(node)).collect()
}

fn moment(node: &Node, reader: &mut Reader<'_>) -> Option<DateTime<Utc>> {
    let text = text(node);
    let moment = DateTime::parse_from_rfc3339(&text).map(|moment| moment.to_utc());
    moment.map_err(|_| reader.error(node.span, format!("`{text}` is no moment"))).ok()
}

fn seen(node: &Node, reader: &mut Reader<'_>) -> Seen {
    let integer = |key: &str| at(node, key).and_then(Node::as_integer);
    let written = |key: &str| at(node, key).map(text);
    Seen {
        exit: integer("exit"),
        stdout: written("stdout"),
        stderr: written("stderr"),
        status: integer("status"),
        body: written("body"),
        headers: named(at(node, "headers"), reader, |node, _| text(node))
            .into_iter()
            .map(|(name, value)| (name.value, value))
            .collect(),
        takes: at(node, "takes").and_then(|node| reader.duration(node)),
    }
}

fn mock(node: &Node, reader: &mut Reader<'_>) -> Mock {
    Mock {
        seen: seen(node, reader),
        looks: at(node, "looks").and_then(|node| reader.one_of(node, SIGHTS)),
        fails: at(node, "fails").and_then(|node| reader.one_of(node, BREAKS)),
        outputs: named(at(node, "outputs"), reader, json),
    }
}

fn shown(node: &Node, reader: &mut Reader<'_>) -> Shown {
    match node.as_mapping() {
        Some(_) => Shown::Seen(seen(node, reader)),
        None => reader.one_of(node, SIGHTS).map_or(Shown::Seen(Seen::default()), Shown::Sight),
    }
}

fn crash(node: &Node, reader: &mut Reader<'_>) -> Option<Crash> {
    let moments = [("during", When::During), ("after", When::After), ("asking", When::Asking)];
    let (of, when) = moments.into_iter().find_map(|(key, when)| Some((at(node, key)?, when)))?;
    let process = at(node, "process").and_then(|node| reader.one_of(node, LEFT));
    let of = reader.text(of)?;
    Some(Crash { when, of, process: process.unwrap_or_default(), span: node.span })
}

fn answers(node: &Node, reader: &mut Reader<'_>) -> Vec<Prepared> {
    let mut found = Vec::new();
    for entry in node.as_mapping().unwrap_or_default() {
        for answer in
            each(&entry.value, reader, |node, reader| answers::one(&entry.key, node, reader))
        {
            found.extend(answer.value);
        }
    }
    found
}

fn expect(node: &Node, reader: &mut Reader<'_>) -> Expect {
    let word = |node: &Node, _: &mut Reader<'_>| Spanned::new(text(node), node.span);
    let one = |key: &str| at(node, key).map(|node| Spanned::new(text(node), node.span));
    let list = |key: &str, reader: &mut Reader<'_>| {
        at(node, key).map(|node| Spanned::new(texts(node, reader), node.span))
    };
    let takes = |key: &str, reader: &mut Reader<'_>| -> Option<Spanned<Duration>> {
        let node = at(at(node, "takes")?, key)?;
        reader.duration(node).map(|duration| Spanned::new(duration, node.span))
    };
    Expect {
        outcome: one("outcome"),
        verdict: one("verdict"),
        path: list("path", reader),
        states: named(at(node, "states"), reader, word),
        gates: named(at(node, "gates"), reader, word),
        outputs: named(at(node, "outputs"), reader, |node, reader| named(Some(node), reader, json)),
        undone: list("undone", reader),
        messages: list("messages", reader).map(|it| it.value).unwrap_or_default(),
        timeline: list("timeline", reader).map(|it| it.value).unwrap_or_default(),
        waiting_for: list("waiting_for", reader),
        at_least: takes("at_least", reader),
        at_most: takes("at_most", reader),
    }
}
