//! What can be said of a runbook only beside the other files of its library.

use std::collections::{HashMap, HashSet};

use super::finding::Finding;
use super::review::{Card, Found, Place};
use super::rules::{metadata, structure};
use crate::source::Spanned;

/// What is to be said of each file, in their order. `is_tested` knows of tests that are not among
/// the files.
pub fn across(files: &[Found], is_tested: impl Fn(&Found) -> bool) -> Vec<Vec<Finding>> {
    let tested: HashSet<String> = files.iter().filter_map(tested).collect();
    let mut first: HashMap<(&str, &str), &Found> = HashMap::new();
    let mut said = Vec::new();
    for file in files {
        let mut findings = Vec::new();
        if let Some(Card::Runbook(id)) = &file.card {
            let key = (library(&file.place), id.as_str());
            match first.get(&key) {
                Some(before) => findings.push(same_id(id, before)),
                None => drop(first.insert(key, file)),
            }
            if !tested.contains(&file.place.in_repository) && !is_tested(file) {
                findings.push(untested(id, file));
            }
        }
        said.push(findings);
    }
    said
}

/// Where a library is: what its files have in common.
fn library(place: &Place) -> &str {
    place.in_repository.strip_suffix(&*place.in_library).unwrap_or_default()
}

/// The runbook that a file tests, by its path in the repository.
fn tested(file: &Found) -> Option<String> {
    let Some(Card::Tests(runbook)) = &file.card else { return None };
    let mut path: Vec<&str> = file.place.in_repository.split('/').collect();
    path.pop();
    for part in runbook.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(path.pop()),
            other => path.push(other),
        }
    }
    Some(path.join("/"))
}

fn same_id(id: &Spanned<String>, before: &Found) -> Finding {
    let other = before.source.name();
    let message = format!("`{id}` is the id of another runbook of this library, {other}");
    let help = "runs, lists and alerts name a runbook by its id: give it one of its own";
    Finding::new(&structure::duplicate_runbook_id::RULE, id.span, message).help(help)
}

fn untested(id: &Spanned<String>, file: &Found) -> Finding {
    let name = file.source.name().rsplit('/').next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let help = format!("write `{stem}.test.yaml` beside it: its cases say which way it goes");
    let message = "no tests are known of this runbook";
    Finding::new(&metadata::untested::RULE, id.span, message).help(help)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lint::Policy;
    use crate::lint::suppress::Comments;
    use crate::source::{Source, Span};

    /// A file with nothing found in it, of the library in the folder `in`.
    pub(crate) fn file(path: &str, card: Card) -> Found {
        let in_library = path.split_once('/').map_or(path, |(_, inner)| inner);
        Found {
            source: Source::new(path, "id: x\n"),
            place: Place { in_repository: path.to_owned(), in_library: in_library.to_owned() },
            policy: Policy::default(),
            comments: Comments::default(),
            findings: Vec::new(),
            scripts: Vec::new(),
            has_asked_shellcheck: false,
            card: Some(card),
        }
    }

    pub(crate) fn runbook(path: &str, id: &str) -> Found {
        file(path, Card::Runbook(Spanned::new(id.to_owned(), Span::new(4, 5))))
    }

    /// Each finding as `its file: its code: its message`.
    fn said(files: &[Found], is_tested: bool) -> Vec<String> {
        let said = across(files, |_| is_tested);
        let told = said.iter().zip(files).flat_map(|(findings, file)| {
            let name = file.source.name().to_owned();
            findings.iter().map(move |it| format!("{name}: {}: {}", it.rule.code, it.message))
        });
        told.collect()
    }

    #[test]
    fn an_id_is_given_once_in_a_library() {
        let files = [
            runbook("a/one.yaml", "restore"),
            runbook("a/two.yaml", "restore"),
            runbook("b/one.yaml", "restore"),
            runbook("a/three.yaml", "failover"),
        ];
        let message = "`restore` is the id of another runbook of this library, a/one.yaml";
        assert_eq!(said(&files, true), [format!("a/two.yaml: HP113: {message}")]);
    }

    #[test]
    fn a_runbook_that_no_tests_name_is_named() {
        let files = [
            runbook("a/one.yaml", "one"),
            runbook("a/two.yaml", "two"),
            file("a/tests/two.test.yaml", Card::Tests("../two.yaml".into())),
        ];
        let message = "no tests are known of this runbook";
        assert_eq!(said(&files, false), [format!("a/one.yaml: HP509: {message}")]);
        assert_eq!(said(&files, true), [""; 0]);
    }
}
