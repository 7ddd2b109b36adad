//! What is found while a file is read, as findings: each diagnostic under its rule, at its step.

use crate::source::{Diagnostic, Meant, Source, Span};

use super::finding::{Edit, Finding, Safety};
use super::rule::Rule;
use super::scene::{Scene, Step};

/// The rule of a text that is no YAML, or has something that no runbook may have.
pub const SYNTAX: &str = "HP101";

/// The rule of what the language does not have.
pub const SCHEMA: &str = "HP103";

/// Diagnostics as findings; `otherwise` is the rule of those that name none.
pub fn findings(
    source: &Source,
    scene: Option<&Scene<'_>>,
    diagnostics: Vec<Diagnostic>,
    otherwise: &'static str,
) -> Vec<Finding> {
    let ground = scene.map(Ground::of);
    let finding = |diagnostic| {
        let finding = finding(source, diagnostic, otherwise)?;
        let step = ground.as_ref().and_then(|ground| ground.step_at(finding.at.start));
        let path = step.and_then(|at| Some(scene?.steps[at].path.clone()));
        Some(Finding { step: path, ..finding })
    };
    diagnostics.into_iter().filter_map(finding).collect()
}

fn finding(source: &Source, diagnostic: Diagnostic, otherwise: &'static str) -> Option<Finding> {
    let rule = Rule::find(diagnostic.code.unwrap_or(otherwise)).or(Rule::find(otherwise))?;
    let edit = diagnostic.meant.as_ref().and_then(|meant| edit(source, diagnostic.at, meant));
    let finding = Finding {
        severity: diagnostic.severity,
        label: diagnostic.label,
        related: diagnostic.related,
        help: diagnostic.help,
        is_private: diagnostic.is_private,
        is_refused: true,
        ..Finding::new(rule, diagnostic.at, diagnostic.message)
    };
    Some(match (edit, diagnostic.meant) {
        (Some(edit), Some(meant)) => {
            finding.fix(Safety::Unsafe, format!("write `{}`", meant.known), vec![edit])
        }
        _ => finding,
    })
}

/// The change from the word that is written to the one that was meant, if it is clear which that is.
fn edit(source: &Source, at: Span, meant: &Meant) -> Option<Edit> {
    let text = source.text().get(at.start..at.end)?;
    let is_part = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let is_whole = |start: &usize| {
        let (before, rest) = text.split_at(*start);
        let after = &rest[meant.written.len()..];
        !before.ends_with(is_part) && !after.starts_with(is_part)
    };
    let starts = text.match_indices(meant.written.as_str()).map(|(start, _)| start);
    let mut whole = starts.filter(is_whole);
    let start = at.start + whole.next().filter(|_| !meant.written.is_empty())?;
    let is_only = whole.next().is_none();
    let place = Span::new(start, start + meant.written.len());
    is_only.then(|| Edit::replace(place, meant.known.as_str()))
}

/// The entries of a scene by where they begin, so that one is found without a look at each.
pub struct Ground<'g> {
    steps: &'g [Step],
    /// Where each begins, and which it is.
    starts: Vec<(usize, usize)>,
}

impl<'g> Ground<'g> {
    /// The ground of a scene.
    pub fn of(scene: &'g Scene<'_>) -> Ground<'g> {
        let starts = scene.steps.iter().enumerate().map(|(at, step)| (step.node.span.start, at));
        let mut starts: Vec<_> = starts.collect();
        starts.sort_unstable();
        Ground { steps: &scene.steps, starts }
    }

    /// The innermost entry that a byte of the text stands in.
    pub fn step_at(&self, offset: usize) -> Option<usize> {
        let last = self.starts.partition_point(|(start, _)| *start <= offset).checked_sub(1)?;
        let outward = |at: &usize| self.steps[*at].parent;
        std::iter::successors(Some(self.starts[last].1), outward).find(|at| {
            let span = self.steps[*at].node.span;
            span.start <= offset && offset < span.end
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{found, review};

    const HEAD: &str = "holdpoint: 1\nid: a\ntitle: A\n";

    fn fixes(steps: &str) -> Vec<String> {
        let review = review(&format!("{HEAD}inputs: {{backup: {{}}}}\nsteps:\n{steps}"));
        let fixes = review.iter().filter_map(|finding| finding.fix.as_ref());
        let edits = fixes.flat_map(|fix| fix.edits.iter().map(|edit| edit.text.clone()));
        edits.collect()
    }

    #[test]
    fn closing_steps_may_stand_above_the_others() {
        let closing = "finally:\n  - {id: b, run: echo 1, env: {API_KEY: hunter2secret}}\n";
        let found =
            review(&format!("{HEAD}{closing}steps:\n  - {{id: c, run: 'curl <pod-name>'}}\n"));
        let step = |code: &str| {
            found.iter().find(|it| it.rule.code == code).and_then(|it| it.step.as_deref())
        };
        assert_eq!((step("HP302"), step("HP503")), (Some("b"), Some("c")));
    }

    #[test]
    fn what_names_no_rule_is_of_the_syntax_or_of_the_schema() {
        assert_eq!(found("a: b: c\n"), ["HP101 1:5 :"]);
        assert_eq!(found("a: 1\n"), ["HP103 1:1 a: 1"]);
    }

    #[test]
    fn a_key_that_comes_twice_and_an_id_that_is_used_twice_have_rules_of_their_own() {
        let steps = "steps:\n  - {id: b, manual: c, id: d}\n  - {id: b, manual: c}\n";
        let found = found(&format!("{HEAD}{steps}"));
        let codes: Vec<&str> = found.iter().map(String::as_str).collect();
        assert!(codes.contains(&"HP102 5:24 id"), "{codes:?}");
        assert!(codes.contains(&"HP104 6:10 b"), "{codes:?}");
    }

    #[test]
    fn the_known_word_is_a_fix_where_the_wrong_one_stands_once() {
        assert_eq!(fixes("  - {id: b, manul: c}\n"), ["manual"]);
        assert_eq!(fixes("  - {id: b, run: 'echo ${{ inputs.bakup }}'}\n"), ["inputs.backup"]);
        assert_eq!(fixes("  - {id: b, manual: c, when: inputs.bakup == inputs.bakup}\n"), [""; 0]);
    }

    #[test]
    fn a_finding_knows_the_innermost_step_around_it() {
        let steps = "steps:\n  - id: b\n    steps:\n      - {id: c, manul: d}\n";
        let review = review(&format!("{HEAD}{steps}"));
        let wrong = review.iter().find(|finding| finding.message.contains("manul"));
        assert_eq!(wrong.and_then(|finding| finding.step.as_deref()), Some("b/c"));
    }
}
