//! What a policy lets count.

use super::*;
use crate::lint::review::Suppressed;
use crate::runbook::library;
use crate::source::{Problems, Source, Span};

fn lint(yaml: &str) -> Lint {
    let source = Source::new("holdpoint.yaml", format!("holdpoint: 1\nlint: {yaml}\n"));
    let mut problems = Problems::default();
    let library = library::read(&source, &mut problems);
    assert_eq!(problems.sorted(), [], "{yaml}");
    library.and_then(|library| library.lint).expect("the library speaks to the linter")
}

fn policy(yaml: &str) -> Policy {
    Policy::of(Some(&lint(yaml)))
}

fn finding(code: &str) -> Finding {
    let rule = Rule::find(code).expect("the rule is there");
    Finding::new(rule, Span::default(), "so").step("bring-back/restore")
}

fn weight(yaml: &str, code: &str) -> Option<Severity> {
    policy(yaml).settle(vec![finding(code)]).first().map(|finding| finding.severity)
}

fn left(yaml: &str, path: &str) -> Vec<&'static str> {
    let (left, _) = policy(yaml).answer(vec![finding("HP201")], path);
    left.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn a_rule_weighs_what_the_library_says() {
    assert_eq!(weight("{}", "HP201"), Some(Severity::Error));
    assert_eq!(weight("{rules: {HP201: note}}", "HP201"), Some(Severity::Note));
    assert_eq!(weight("{rules: {destructive-without-gate: off}}", "HP201"), None);
    assert_eq!(weight("{profile: draft}", "HP201"), None);
    assert_eq!(weight("{profile: draft, rules: {HP201: error}}", "HP201"), Some(Severity::Error));
}

#[test]
fn what_run_refuses_counts_whatever_is_said() {
    assert_eq!(weight("{rules: {HP105: off}}", "HP105"), Some(Severity::Error));
    let other = Selector::several("HP201").expect("the rule is there");
    let policy = Policy { select: other, ..Policy::default() };
    assert_eq!(policy.settle(vec![finding("HP105"), finding("HP303")]).len(), 1);
    let ignored = Selector::several("HP1").expect("there are such rules");
    let policy = Policy { ignore: ignored, ..Policy::default() };
    assert_eq!(policy.settle(vec![finding("HP105")]).len(), 1);
}

#[test]
fn the_rules_that_are_looked_at_are_those_that_count() {
    let codes =
        |policy: &Policy| -> Vec<&str> { policy.rules().iter().map(|rule| rule.code).collect() };
    assert!(codes(&Policy::default()).contains(&"HP201"));
    assert!(!codes(&policy("{rules: {HP201: off}}")).contains(&"HP201"));
    assert!(!codes(&policy("{profile: draft}")).contains(&"HP201"));
    assert!(codes(&policy("{profile: draft}")).contains(&"HP101"));
}

#[test]
fn what_somebody_has_answered_for_is_left_out_with_the_reason() {
    let yaml = "{ignore: [{rule: HP201, path: 'db/*.yaml', step: restore, reason: it is empty}]}";
    let (left, suppressed) = policy(yaml).answer(vec![finding("HP201")], "db/a.yaml");
    assert!(left.is_empty());
    let reasons: Vec<Option<&str>> =
        suppressed.iter().map(|it: &Suppressed| it.reason.as_deref()).collect();
    assert_eq!(reasons, [Some("it is empty")]);
}

#[test]
fn an_answer_is_for_its_rule_its_files_and_its_step_only() {
    let item = |item: &str| format!("{{ignore: [{{{item}, reason: so}}]}}");
    for (answer, path, is_left) in [
        ("rule: HP201", "a.yaml", false),
        ("rule: HP303", "a.yaml", true),
        ("rule: HP201, path: b.yaml", "a.yaml", true),
        ("rule: HP201, step: restore", "a.yaml", false),
        ("rule: HP201, step: bring-back", "a.yaml", false),
        ("rule: HP201, step: bring-back/restore", "a.yaml", false),
        ("rule: HP201, step: store", "a.yaml", true),
    ] {
        assert_eq!(left(&item(answer), path).len(), usize::from(is_left), "{answer}");
    }
}

#[test]
fn an_error_is_not_left_out_without_a_reason() {
    assert_eq!(left("{ignore: [{rule: HP201}]}", "a.yaml"), ["HP201"]);
    assert_eq!(left("{ignore: [{rule: HP201, reason: ' '}]}", "a.yaml"), ["HP201"]);
}

#[test]
fn what_a_library_says_of_rules_that_are_not_there_is_told() {
    let told = |yaml: &str| -> Vec<String> {
        complaints(&lint(yaml)).into_iter().map(|finding| finding.message).collect()
    };
    assert_eq!(told("{rules: {HP201: off, HP2O1: off}}"), ["there is no rule `HP2O1`"]);
    assert_eq!(
        told("{ignore: [{rule: nobody-asked, reason: x}]}"),
        ["there is no rule `nobody-asked`"]
    );
    assert_eq!(
        told("{ignore: [{rule: HP201}]}"),
        ["`HP201` is an error, and nothing says why it is left out"]
    );
    assert_eq!(
        told("{rules: {HP105: off}}"),
        ["`HP105` always counts: what breaks it is refused by `run`"]
    );
}
