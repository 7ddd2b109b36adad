//! What rules share that stand on what is known of tools: where it is said, and how.

use std::ops::Range;

use crate::lint::knowledge::{Kind, Match};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Finding, Rule};

/// The first fact of a kind about a command.
pub(super) fn first<'c, 's>(command: &'c Known<'s>, kind: Kind) -> Option<&'c Match<'s>> {
    command.facts.iter().find(|fact| fact.kind == kind)
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
    outer.chain(command.facts.iter().cloned()).filter(|fact| fact.kind == kind).collect()
}

/// What a rule says about a place of a script, in its step.
pub(super) fn finding(
    rule: &'static Rule,
    scene: &Scene<'_>,
    script: &Script<'_>,
    at: &Range<usize>,
    message: String,
) -> Finding {
    let finding = Finding::new(rule, script.place(at, scene.source), message);
    match script.step {
        Some(step) => finding.step(&scene.steps[step].path),
        None => finding,
    }
}

/// With the way out that is known, if one is.
pub(super) fn instead(finding: Finding, fact: &Match<'_>) -> Finding {
    match &fact.instead {
        Some(instead) => finding.help(instead.clone()),
        None => finding,
    }
}

/// Whether a text says that something is looked at to see whether it is as it should be.
pub(super) fn is_check(title: &str) -> bool {
    const WORDS: [&str; 12] = [
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
    let lower = title.to_lowercase();
    WORDS.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let is_letter = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
            !is_letter(lower[..at].chars().next_back())
                && !is_letter(lower[at + word.len()..].chars().next())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::is_check;

    #[test]
    fn a_title_is_that_of_a_check_by_whole_words() {
        assert!(is_check("Verify the data") && is_check("make-sure\nMake sure that it runs"));
        assert!(!is_check("Write a checkpoint") && !is_check("Take the invalidated keys away"));
    }
}
