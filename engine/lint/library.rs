//! What can be said of a runbook only beside the others of its library.

use std::collections::HashMap;

use crate::source::{Source, Span, Spanned};

use super::finding::Finding;
use super::rules::{metadata, structure};

/// One runbook among others.
#[derive(Clone, Debug)]
pub struct Member<'m> {
    /// Its text.
    pub source: &'m Source,
    /// The library that it belongs to: the place of its `holdpoint.yaml`, or the folder looked at.
    pub library: &'m str,
    /// Its id.
    pub id: &'m Spanned<String>,
    /// Whether a file of tests names it.
    pub is_tested: bool,
}

/// What is to be said of each member, by its place in the list.
pub fn across(members: &[Member<'_>]) -> Vec<(usize, Finding)> {
    let mut findings = Vec::new();
    let mut first: HashMap<(&str, &str), usize> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        match first.get(&(member.library, member.id.as_str())) {
            Some(before) => findings.push((at, same_id(member, &members[*before]))),
            None => {
                first.insert((member.library, member.id.as_str()), at);
            }
        }
        if !member.is_tested {
            findings.push((at, untested(member)));
        }
    }
    findings
}

fn same_id(member: &Member<'_>, before: &Member<'_>) -> Finding {
    let (id, other) = (member.id, before.source.name());
    let message = format!("`{id}` is the id of another runbook of this library, {other}");
    let help = "runs, lists and escalations name a runbook by its id: give it one of its own";
    Finding::new(&structure::duplicate_runbook_id::RULE, id.span, message).help(help)
}

fn untested(member: &Member<'_>) -> Finding {
    let stem = file_stem(member.source.name());
    let message = "no file of tests names this runbook";
    let help = format!("write `{stem}.test.yaml` beside it: its cases say which way it goes");
    let at = Span::new(member.id.span.start, member.id.span.end);
    Finding::new(&metadata::untested::RULE, at, message).help(help)
}

/// The name of a file without folders and ending.
fn file_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each finding as `the place in the list: its code: its message`.
    fn said(members: &[(&str, &str, &str, bool)]) -> Vec<String> {
        let sources: Vec<Source> = members.iter().map(|it| Source::new(it.0, "id: x\n")).collect();
        let ids: Vec<Spanned<String>> =
            members.iter().map(|it| Spanned::new(it.2.to_owned(), Span::new(4, 5))).collect();
        let listed = members.iter().zip(&sources).zip(&ids);
        let listed =
            listed.map(|((it, source), id)| Member { source, library: it.1, id, is_tested: it.3 });
        let found = across(&listed.collect::<Vec<_>>());
        found.iter().map(|(at, it)| format!("{at}: {}: {}", it.rule.code, it.message)).collect()
    }

    #[test]
    fn an_id_is_given_once_in_a_library() {
        let members = [
            ("a/one.yaml", "a", "restore", true),
            ("a/two.yaml", "a", "restore", true),
            ("b/one.yaml", "b", "restore", true),
            ("a/three.yaml", "a", "failover", true),
        ];
        let message = "`restore` is the id of another runbook of this library, a/one.yaml";
        assert_eq!(said(&members), [format!("1: HP113: {message}")]);
    }

    #[test]
    fn a_runbook_without_tests_is_named() {
        let members = [("a/one.yaml", "a", "one", false), ("a/two.yaml", "a", "two", true)];
        assert_eq!(said(&members), ["0: HP509: no file of tests names this runbook"]);
    }
}
