//! What rules share: how they say something of a script, and what is known of its commands.

use std::ops::Range;

use crate::lint::knowledge::{Kind, Match};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Finding, Rule};

/// The first fact of a kind about a command.
pub(super) fn first<'c, 's>(command: &'c Known<'s>, kind: Kind) -> Option<&'c Match<'s>> {
    command.facts.iter().find(|fact| fact.kind == kind)
}

/// The facts of a kind about a command, one for each place: a command may carry many statements.
pub(super) fn each<'c, 's>(command: &'c Known<'s>, kind: Kind) -> Vec<&'c Match<'s>> {
    let mut each: Vec<&Match<'s>> = Vec::new();
    for fact in command.facts.iter().filter(|fact| fact.kind == kind) {
        if !each.iter().any(|told| told.at == fact.at) {
            each.push(fact);
        }
    }
    each
}

/// The facts of a kind about a command and about what runs it, the outermost first.
pub(super) fn with_wrappers<'s>(
    scene: &Scene<'s>,
    script: &Script<'s>,
    command: &Known<'s>,
    kind: Kind,
) -> Vec<Match<'s>> {
    let outer = command.wrappers.iter();
    let outer = outer.flat_map(|wrapper| scene.knowledge.of_wrapper(wrapper, &script.setting));
    let own = command.facts.iter().filter(|fact| fact.kind == kind).cloned();
    outer.filter(|fact| fact.kind == kind).chain(own).collect()
}

/// What a rule says about a place of a script, in its step.
pub(super) fn finding(
    rule: &'static Rule,
    scene: &Scene<'_>,
    script: &Script<'_>,
    at: &Range<usize>,
    message: impl Into<String>,
) -> Finding {
    let finding = Finding::new(rule, script.place(at, scene.source), message);
    scene.in_step(finding, script.step)
}

/// With the way out that is known, if one is.
pub(super) fn instead(finding: Finding, fact: &Match<'_>) -> Finding {
    match &fact.instead {
        Some(instead) => finding.help(instead.clone()),
        None => finding,
    }
}

/// Words of who wants to know whether something is as it should be.
const CHECKS: [&str; 12] = [
    "check",
    "checks",
    "verify",
    "verifies",
    "verification",
    "validate",
    "validates",
    "validation",
    "ensure",
    "prove",
    "make sure",
    "confirm",
];

/// Words of who wants to know something.
const LOOKS: [&str; 7] =
    ["identify", "assess", "audit", "diagnose", "inspect", "smoke test", "find out"];

/// Whether a text says that something is looked at to see whether it is as it should be.
pub(super) fn is_check(title: &str) -> bool {
    has_word(title, &CHECKS)
}

/// Whether a text says that something is to be found out.
pub(super) fn is_look(title: &str) -> bool {
    is_check(title) || has_word(title, &LOOKS)
}

fn has_word(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let is_letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
            !is_letter(lower[..at].chars().next_back())
                && !is_letter(lower[at + word.len()..].chars().next())
        })
    })
}

/// Whether a fact is told wherever it is found, not only in what calls itself a check.
pub(super) fn is_anywhere(fact: &Match<'_>) -> bool {
    fact.object.as_deref() == Some("anywhere")
}

#[cfg(test)]
mod tests {
    use super::{is_check, is_look};

    #[test]
    fn a_title_is_that_of_a_check_by_whole_words() {
        assert!(is_check("Verify the data") && is_check("make-sure\nMake sure that it runs"));
        assert!(is_look("Identify the key") && !is_check("Identify the key"));
        assert!(!is_check("Write a checkpoint") && !is_check("Take the invalidated keys away"));
    }
}
