//! A fingerprint: what stays the same of a finding while the file around it changes.
//!
//! It is made of the rule, the file, the step and the marked text, and never of a line number, so
//! that a step that is put in above opens no finding again.

use std::collections::HashMap;

use crate::source::{Source, digest};

use super::finding::Finding;
use super::review::Review;

/// The fingerprint of a finding in a file.
pub fn fingerprint(finding: &Finding, source: &Source, path: &str) -> String {
    let marked = source.text().get(finding.at.start..finding.at.end).unwrap_or_default();
    // A short secret could be guessed from its digest.
    let marked = if finding.is_private { "" } else { marked };
    let marked: Vec<&str> = marked.split_whitespace().collect();
    let parts = [
        finding.rule.code,
        finding.part.as_deref().unwrap_or_default(),
        path,
        finding.step.as_deref().unwrap_or_default(),
        &marked.join(" "),
    ];
    digest(parts.join("\0").as_bytes())
}

impl Review {
    /// The fingerprints of its findings, in their order, each with its number among those that are
    /// the same, from 1.
    pub fn fingerprints(&self) -> Vec<(String, usize)> {
        numbered(self.findings.iter().map(|it| fingerprint(it, &self.source, &self.path)))
    }

    /// The same for what was suppressed.
    pub fn suppressed_fingerprints(&self) -> Vec<(String, usize)> {
        let findings = self.suppressed.iter().map(|it| &it.finding);
        numbered(findings.map(|it| fingerprint(it, &self.source, &self.path)))
    }
}

fn numbered(prints: impl Iterator<Item = String>) -> Vec<(String, usize)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    prints
        .map(|print| {
            let number = seen.entry(print.clone()).or_default();
            *number += 1;
            (print, *number)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Rule;
    use crate::source::Span;

    fn print(text: &str, part: &str, change: impl Fn(Finding) -> Finding) -> String {
        let source = Source::new("typed/a.yaml", text);
        let start = text.find(part).expect("the text has the part");
        let rule = Rule::find("HP201").expect("the rule is there");
        let finding = Finding::new(rule, Span::new(start, start + part.len()), "so").step("a/b");
        fingerprint(&change(finding), &source, "a.yaml")
    }

    #[test]
    fn it_does_not_change_with_the_line_the_name_that_was_typed_or_the_blanks() {
        let first = print("rm -rf x", "rm -rf x", |it| it);
        assert_eq!(first.len(), 64);
        assert_eq!(first, print("\n\n  rm   -rf\n x", "rm   -rf\n x", |it| it));
    }

    #[test]
    fn it_changes_with_the_rule_the_part_the_step_and_the_marked_text() {
        let first = print("rm -rf x", "rm -rf x", |it| it);
        let other = Rule::find("HP303").expect("the rule is there");
        for changed in [
            print("rm -rf y", "rm -rf y", |it| it),
            print("rm -rf x", "rm -rf x", |it| it.step("a/c")),
            print("rm -rf x", "rm -rf x", |it| Finding { rule: other, ..it }),
            print("rm -rf x", "rm -rf x", |it| Finding { part: Some("SC1".into()), ..it }),
        ] {
            assert_ne!(first, changed);
        }
    }

    #[test]
    fn a_secret_is_not_in_it() {
        assert_eq!(
            print("pass: hunter2", "hunter2", Finding::private),
            print("pass: hunter3", "hunter3", Finding::private)
        );
    }
}
