//! What comments answer for.

use std::fmt::Write;

use crate::document;
use crate::lint::{Finding, Rule, testing};
use crate::source::{Problems, Severity, Source, Span};

use super::Comments;

/// What is left of findings of `code` at every `BAD` of a text, as lines, and what is said of the
/// comments.
fn left(yaml: &str, code: &str) -> Vec<String> {
    let (left, _) = applied(yaml, code);
    let source = Source::new("a.yaml", yaml);
    let shown = |finding: &Finding| {
        let line = source.position(finding.at.start).line;
        let mut text = format!("{line} {}", finding.rule.code);
        if finding.rule.code == "HP901" {
            let _ = write!(text, " {} {}", finding.severity.word(), finding.message);
        }
        text
    };
    left.iter().map(shown).collect()
}

fn applied(yaml: &str, code: &str) -> (Vec<Finding>, Vec<Option<String>>) {
    let source = Source::new("a.yaml", yaml);
    let rule = Rule::find(code).expect("the rule is there");
    let finding =
        |(at, word): (usize, &str)| Finding::new(rule, Span::new(at, at + word.len()), "so");
    let findings = yaml.match_indices("BAD").map(finding).collect();
    let comments =
        testing::with_scene(yaml, |scene| Comments::of(&source, scene.document, Some(scene)));
    let (left, suppressed) = comments.apply(&source, findings, false);
    (left, suppressed.into_iter().map(|it| it.reason).collect())
}

const HEAD: &str = "holdpoint: 1\nsteps:\n";

fn steps(steps: &str) -> Vec<String> {
    left(&format!("{HEAD}{steps}"), "HP201")
}

#[test]
fn a_comment_at_the_end_of_a_line_is_for_what_begins_there() {
    let comment = "# holdpoint: ignore[HP201] -- it is empty";
    assert_eq!(steps(&format!("  - id: a {comment}\n    run: BAD\n  - run: BAD\n")), ["5 HP201"]);
    assert_eq!(steps(&format!("  - id: BAD\n    run: BAD {comment}\n")), ["3 HP201"]);
    assert_eq!(steps(&format!("  - id: a\n    run: | {comment}\n      BAD\n")), [""; 0]);
    assert_eq!(steps(&format!("  - {{id: a, run: BAD}} {comment}\n")), [""; 0]);
}

#[test]
fn a_comment_alone_on_a_line_is_for_what_begins_on_the_next() {
    let comment = "# holdpoint: ignore[HP201] -- it is empty";
    assert_eq!(
        steps(&format!("  {comment}\n  - id: a\n    run: BAD\n  - run: BAD\n")),
        ["6 HP201"]
    );
    assert_eq!(
        steps(&format!("  - id: BAD\n    {comment}\n    # so\n\n    run: BAD\n")),
        ["3 HP201"]
    );
    assert_eq!(steps(&format!("  - {comment}\n    id: a\n    run: BAD\n")), [""; 0]);
    let top = format!("{comment}\nholdpoint: BAD\nsteps: BAD\n");
    assert_eq!(left(&top, "HP201"), ["3 HP201"]);
}

#[test]
fn a_comment_in_a_script_is_for_its_line_or_the_next() {
    let comment = "# holdpoint: ignore[HP201] -- it is empty";
    let script = |lines: &str| steps(&format!("  - id: a\n    run: |\n{lines}"));
    assert_eq!(script(&format!("      BAD {comment}\n      BAD\n")), ["6 HP201"]);
    assert_eq!(
        script(&format!("      {comment}\n      # so\n      BAD\n      BAD\n")),
        ["8 HP201"]
    );
}

#[test]
fn a_comment_behind_the_last_line_of_a_command_is_for_all_of_it() {
    let run = "  - run: |\n      BAD \\\n        x # holdpoint: ignore[HP201] -- r\n";
    assert_eq!(steps(run), [""; 0]);
}

#[test]
fn a_comment_may_be_for_the_whole_file_and_for_several_rules() {
    let file = "# holdpoint: ignore-file[HP303, destructive-without-gate] -- a lab\n";
    let yaml = format!("{HEAD}  - run: BAD\n{file}");
    let unused = "4 HP901 warning `HP303` is left out here, and nothing is found";
    assert_eq!(left(&yaml, "HP201"), [unused]);
    let (_, reasons) = applied(&yaml, "HP201");
    assert_eq!(reasons, [Some("a lab".to_owned())]);
}

#[test]
fn what_stands_in_a_text_is_no_comment() {
    let text = "'# holdpoint: ignore[HP201] -- x'";
    assert_eq!(steps(&format!("  - title: {text}\n    run: BAD\n")), ["4 HP201"]);
    assert_eq!(steps("  - title: 'a#holdpoint: ignore[HP201]'\n    run: BAD\n"), ["4 HP201"]);
    assert_eq!(
        steps("  - manual: |\n      # holdpoint: ignore[HP201] -- x\n      BAD\n"),
        ["5 HP201"]
    );
}

#[test]
fn an_error_needs_a_reason_and_is_found_without_one() {
    let lacks = "3 HP901 error `HP201` is an error, and is not left out without a reason";
    for end in ["", " --", " -- "] {
        let found = steps(&format!("  - run: BAD # holdpoint: ignore[HP201]{end}\n"));
        assert_eq!(found.first().map(String::as_str), Some("3 HP201"), "{end}");
        assert!(found.contains(&lacks.to_owned()), "{end}: {found:?}");
    }
    let told = "3 HP901 error a reason stands behind ` -- `";
    assert!(steps("  - run: BAD # holdpoint: ignore[HP201] so\n").contains(&told.to_owned()));
}

#[test]
fn a_comment_that_is_for_nothing_or_names_nothing_is_told() {
    let of = |comment: &str| steps(&format!("  - run: x # holdpoint: {comment}\n"));
    assert_eq!(of("ignore[HP2O1] -- x"), ["3 HP901 error there is no rule `HP2O1`"]);
    assert_eq!(of("ignore"), ["3 HP901 error this comment names no rule"]);
    assert_eq!(of("ignore[]"), ["3 HP901 error this comment names no rule"]);
    assert_eq!(of("ignore[HP201"), ["3 HP901 error this bracket is not closed"]);
    assert_eq!(of("ingore[HP201]"), ["3 HP901 error `ingore` is not known here"]);
    assert_eq!(
        of("ignore[HP105] -- x"),
        ["3 HP901 error `HP105` cannot be left out: `run` refuses it too"]
    );
    assert_eq!(
        of("ignore[HP201, HP303] -- x"),
        ["3 HP901 warning `HP201`, `HP303` are left out here, and nothing is found"]
    );
    assert_eq!(of("1 is the format"), [""; 0]);
}

#[test]
fn what_is_for_nothing_can_be_taken_out() {
    let fixed = |yaml: &str| {
        let (left, _) = applied(yaml, "HP201");
        let edits = left.iter().filter_map(|it| it.fix.as_ref()).flat_map(|fix| &fix.edits);
        let mut text = yaml.to_owned();
        for edit in edits.collect::<Vec<_>>().into_iter().rev() {
            text.replace_range(edit.at.start..edit.at.end, &edit.text);
        }
        text
    };
    assert_eq!(fixed("a: b # holdpoint: ignore[HP201] -- x\nc: d\n"), "a: b\nc: d\n");
    assert_eq!(fixed("a: b\n  # holdpoint: ignore[HP201] -- x\nc: d\n"), "a: b\nc: d\n");
    assert_eq!(
        fixed("a: BAD # holdpoint: ignore[HP303, HP201] -- x\n"),
        "a: BAD # holdpoint: ignore[HP201] -- x\n"
    );
}

#[test]
fn a_finding_that_weighs_more_than_its_rule_needs_a_reason_too() {
    let source = Source::new("a.yaml", "a: BAD # holdpoint: ignore[HP901]\n");
    let tree = document::parse(&source, &mut Problems::default()).expect("the text is YAML");
    let rule = Rule::find("HP901").expect("the rule is there");
    let finding = Finding::new(rule, Span::new(3, 6), "so");
    let numbers = |finding: Finding| {
        let comments = Comments::of(&source, &tree, None);
        let (left, suppressed) = comments.apply(&source, vec![finding], true);
        (left.len(), suppressed.len())
    };
    assert_eq!(numbers(finding.clone()), (0, 1));
    assert_eq!(numbers(finding.severity(Severity::Error)), (2, 0));
}
