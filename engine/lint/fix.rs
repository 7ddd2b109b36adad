//! Fixes: changes of a text that settle findings.
//!
//! A fix is made whole or not at all, and none touches what another has changed in the same round;
//! what is left over is for the next round, when the text has been looked at again. A fix that was
//! made once is not made again, so that rounds come to an end. All that no edit names stays as it is:
//! comments, blanks, line breaks.

use std::collections::HashSet;

use crate::document;
use crate::source::{Problems, Source, Span};

use super::finding::{Edit, Finding, Safety};
use super::review::Review;

/// How many rounds there are at most.
pub const ROUNDS: usize = 10;

/// The fixes that were made of one file.
#[derive(Clone, Debug, Default)]
pub struct Made {
    known: HashSet<Key>,
    /// How many there are.
    pub number: usize,
}

/// What a fix is known by, wherever its place has gone.
type Key = (String, Option<String>, String, Vec<String>);

/// A text after a round of fixes.
#[derive(Debug)]
pub struct Round {
    /// The text.
    pub text: String,
    /// Which of the findings were settled, by their place in the list.
    pub settled: Vec<usize>,
}

impl Review {
    /// The findings that fixes of some safety can settle.
    pub fn fixable(&self, up_to: Safety) -> Vec<&Finding> {
        let may_be = |finding: &&Finding| finding.fix.as_ref().is_some_and(|it| it.safety <= up_to);
        self.findings.iter().filter(may_be).collect()
    }

    /// Whether `run` refuses nothing here that it did not refuse in the text before.
    pub fn is_no_worse_than(&self, before: &Review) -> bool {
        let known: HashSet<(&str, &str)> = before.refused().collect();
        self.refused().all(|it| known.contains(&it))
    }

    /// What `run` refuses, without its place.
    fn refused(&self) -> impl Iterator<Item = (&str, &str)> {
        let refused = self.findings.iter().filter(|finding| finding.is_refused);
        refused.map(|finding| (finding.rule.code, finding.message.as_str()))
    }
}

/// The text with the fixes of some findings that do not touch each other, the first ones first;
/// none when nothing is to be done.
pub fn round(source: &Source, findings: &[&Finding], made: &Made) -> Option<Round> {
    let mut chosen: Vec<&Edit> = Vec::new();
    let mut settled = Vec::new();
    for (place, finding) in findings.iter().enumerate() {
        let edits = finding.fix.as_ref().map(|fix| fix.edits.as_slice()).unwrap_or_default();
        let is_free = |edit: &Edit| {
            is_in(source, edit.at) && !chosen.iter().any(|other| touches(edit.at, other.at))
        };
        let is_sound = edits.iter().enumerate().all(|(at, edit)| {
            is_free(edit) && !edits[..at].iter().any(|other| touches(edit.at, other.at))
        });
        if edits.is_empty() || !is_sound || made.known.contains(&key(source, finding)) {
            continue;
        }
        chosen.extend(edits);
        settled.push(place);
    }
    let text = applied(source.text(), chosen);
    // What the fixes would make unreadable is no fix.
    let is_sound = text != source.text() && is_yaml(source.name(), &text);
    (!settled.is_empty() && is_sound).then_some(Round { text, settled })
}

impl Made {
    /// Keeps in mind a fix that must not be made.
    pub fn pass_over(&mut self, source: &Source, finding: &Finding) {
        self.known.insert(key(source, finding));
    }

    /// Keeps in mind what a round has settled.
    pub fn keep(&mut self, source: &Source, findings: &[&Finding], round: &Round) {
        let settled = round.settled.iter().filter_map(|place| findings.get(*place));
        self.known.extend(settled.map(|finding| key(source, finding)));
        self.number += round.settled.len();
    }
}

fn key(source: &Source, finding: &Finding) -> Key {
    let marked = source.text().get(finding.at.start..finding.at.end).unwrap_or_default();
    let edits = finding.fix.as_ref().map(|fix| fix.edits.as_slice()).unwrap_or_default();
    let texts = edits.iter().map(|edit| edit.text.clone()).collect();
    (finding.code(), finding.step.clone(), marked.to_owned(), texts)
}

fn is_in(source: &Source, at: Span) -> bool {
    source.text().get(at.start..at.end).is_some()
}

/// Whether two places have something in common, or begin at the same byte, so that it would not be
/// clear which text comes first.
fn touches(one: Span, other: Span) -> bool {
    one.start == other.start || (one.start < other.end && other.start < one.end)
}

/// The text with edits that do not touch each other; new lines end as those of the text do.
fn applied(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| edit.at.start);
    let ending = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result.push_str(text.get(at..edit.at.start).unwrap_or_default());
        result.push_str(&edit.text.replace("\r\n", "\n").replace('\n', ending));
        at = edit.at.end;
    }
    result + text.get(at..).unwrap_or_default()
}

fn is_yaml(name: &str, text: &str) -> bool {
    document::parse(&Source::new(name, text), &mut Problems::default()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::Rule;

    /// A finding at a word, with a fix that puts another in its place.
    fn finding(text: &str, word: &str, becomes: &str) -> Finding {
        let start = text.find(word).expect("the text has the word");
        let at = Span::new(start, start + word.len());
        let rule = Rule::find("HP901").expect("the rule is there");
        let edits = vec![Edit::replace(at, becomes)];
        Finding::new(rule, at, "so").fix(Safety::Safe, "change it", edits)
    }

    fn fixed(text: &str, changes: &[(&str, &str)]) -> Option<(String, Vec<usize>)> {
        let findings: Vec<Finding> =
            changes.iter().map(|(word, becomes)| finding(text, word, becomes)).collect();
        let findings: Vec<&Finding> = findings.iter().collect();
        let round = round(&Source::new("a.yaml", text), &findings, &Made::default())?;
        Some((round.text, round.settled))
    }

    #[test]
    fn all_that_no_edit_names_stays_as_it_is() {
        let (text, _) =
            fixed("a:  b # c\n\nd: e\n", &[("b", "x"), ("e", "y")]).expect("it is fixed");
        assert_eq!(text, "a:  x # c\n\nd: y\n");
        let (text, _) = fixed("a: b\r\nd: e\r\n", &[("b", "b\nc: d")]).expect("it is fixed");
        assert_eq!(text, "a: b\r\nc: d\r\nd: e\r\n");
    }

    #[test]
    fn of_fixes_that_touch_the_first_is_made_and_the_other_left_for_later() {
        let (text, settled) =
            fixed("a: b c d\n", &[("b c", "x"), ("c d", "y")]).expect("it is fixed");
        assert_eq!((text.as_str(), settled), ("a: x d\n", vec![0]));
    }

    #[test]
    fn a_fix_is_made_whole_or_not_at_all() {
        let text = "a: b c\n";
        let mut both = finding(text, "b", "x");
        let other = finding(text, "c", "y");
        if let Some(fix) = &mut both.fix {
            fix.edits.extend(other.fix.iter().flat_map(|fix| fix.edits.clone()));
        }
        let source = Source::new("a.yaml", text);
        let findings = [&other, &both];
        let round = round(&source, &findings, &Made::default()).expect("it is fixed");
        assert_eq!((round.text.as_str(), round.settled), ("a: b y\n", vec![0]));
    }

    #[test]
    fn what_would_be_no_yaml_any_more_is_no_fix() {
        assert_eq!(fixed("a: b\n", &[("b", "\"")]), None);
        assert_eq!(fixed("a: b\n", &[("b", "b")]), None);
    }

    #[test]
    fn a_fix_that_was_made_is_not_made_again() {
        let text = "a: b\n";
        let finding = finding(text, "b", "b b");
        let (source, findings) = (Source::new("a.yaml", text), [&finding]);
        let mut made = Made::default();
        let first = round(&source, &findings, &made).expect("it is fixed");
        made.keep(&source, &findings, &first);
        assert_eq!(made.number, 1);
        assert!(round(&source, &findings, &made).is_none());
    }

    #[test]
    fn a_place_that_is_not_in_the_text_is_passed_over() {
        let mut wrong = finding("a: b\n", "b", "x");
        if let Some(fix) = &mut wrong.fix {
            fix.edits[0].at = Span::new(3, 300);
        }
        let source = Source::new("a.yaml", "a: b\n");
        assert!(round(&source, &[&wrong], &Made::default()).is_none());
    }
}
