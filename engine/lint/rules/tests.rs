//! Every rule proves itself on its own examples.

use std::collections::BTreeSet;
use std::path::Path;

use super::RULES;
use crate::lint::finding::Finding;
use crate::lint::library::{across, tests::runbook};
use crate::lint::rule::{Check, Rule};
use crate::lint::suppress::Comments;
use crate::lint::testing;
use crate::lint::{Policy, Profile};
use crate::source::{Severity, Source};

/// What is found in an example, as its rule would see it.
fn found(rule: &Rule, yaml: &str, is_good: bool) -> Vec<Finding> {
    let findings = testing::review(yaml);
    match rule.check {
        Check::Library => findings.into_iter().chain(among_others(yaml, is_good)).collect(),
        Check::Suppressions => {
            let source = Source::new("a.yaml", yaml);
            let comments = testing::with_scene(yaml, |scene| {
                Comments::of(&source, scene.document, Some(scene))
            });
            comments.apply(&source, findings, false).0
        }
        _ => findings,
    }
}

/// What is said of a runbook beside one that is called `restart-api`; a good one has tests.
fn among_others(yaml: &str, is_good: bool) -> Vec<Finding> {
    let id = yaml.lines().find_map(|line| line.strip_prefix("id: ")).expect("it has an id");
    let files = [runbook("a/one.yaml", "restart-api"), runbook("a/two.yaml", id)];
    across(&files, |_| is_good).pop().expect("there are two files")
}

fn codes(findings: &[Finding]) -> BTreeSet<&str> {
    findings.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn every_bad_example_makes_its_rule_speak() {
    let mut silent = Vec::new();
    for rule in RULES.iter().filter(|rule| !matches!(rule.check, Check::Shellcheck)) {
        let findings = found(rule, rule.bad, false);
        if !codes(&findings).contains(rule.code) {
            silent.push(format!("{}: {:?}", rule.code, codes(&findings)));
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn a_rule_offers_the_fix_that_it_promises_in_its_bad_example() {
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| !matches!(rule.check, Check::Shellcheck)) {
        let findings = found(rule, rule.bad, false);
        let own = findings.iter().filter(|finding| finding.rule.code == rule.code);
        let offered = own.filter_map(|finding| finding.fix.as_ref()).map(|fix| fix.safety).min();
        if offered != rule.fix {
            wrong.push(format!("{}: promises {:?}, offers {offered:?}", rule.code, rule.fix));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_rule_speaks_in_a_good_example() {
    let policy = Policy::default();
    assert_eq!(policy.profile, Profile::Standard);
    let mut loud = Vec::new();
    for rule in RULES {
        for finding in policy.settle(found(rule, rule.good, true)) {
            loud.push(format!("{} good: {}: {}", rule.code, finding.code(), finding.message));
        }
    }
    assert!(loud.is_empty(), "{}", loud.join("\n"));
}

#[test]
fn codes_and_names_are_given_once_and_in_order() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
    let mut sorted = codes.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(codes, sorted);
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn every_rule_says_what_it_finds_and_why_in_whole_sentences() {
    for rule in RULES {
        for text in [rule.about, rule.why] {
            assert!(text.ends_with(['.', '`']) && text.len() > 20, "{}: {text}", rule.code);
        }
        assert!(!rule.source.is_empty() && !rule.bad.is_empty(), "{}", rule.code);
    }
}

/// Every error of a runbook that no comment answers for.
fn errors(yaml: &str) -> Vec<String> {
    let source = Source::new("a.yaml", yaml);
    let comments =
        testing::with_scene(yaml, |scene| Comments::of(&source, scene.document, Some(scene)));
    let (left, _) = comments.apply(&source, testing::review(yaml), false);
    // Whether a page's runbook can be read, with the files that it names, is tested elsewhere.
    let is_error = |finding: &Finding| {
        finding.severity == Severity::Error && !matches!(finding.rule.check, Check::Reading)
    };
    let left = left.into_iter().filter(is_error);
    left.map(|finding| format!("{}: {}", finding.code(), finding.message)).collect()
}

fn project_file(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("the files of the project can be read")
}

#[test]
fn the_runbooks_of_the_project_and_of_its_pages_have_no_error() {
    for path in ["runbooks/quickstart.yaml", "runbooks/aragora/postgres-complete-failure.yaml"] {
        assert_eq!(errors(&project_file(path)), [""; 0], "{path}");
    }
    let page = project_file("docs/language.md");
    let blocks = page.split("\n```yaml").skip(1).filter_map(|rest| rest.split("\n```").next());
    let texts = blocks.filter_map(|block| Some(block.split_once('\n')?.1));
    // What another file of the page belongs to cannot be read here.
    let is_whole = |text: &&str| {
        let is_runbook = text.contains("holdpoint: 1") && text.contains("\nsteps:");
        is_runbook && !text.contains(" include: ")
    };
    let runbooks: Vec<&str> = texts.filter(is_whole).collect();
    assert!(runbooks.len() > 30, "{} examples were found", runbooks.len());
    let id = |text: &str| text.lines().find(|line| line.starts_with("id:")).map(str::to_owned);
    let wrong = runbooks.iter().map(|text| (id(text), errors(text)));
    let wrong: Vec<_> = wrong.filter(|(_, errors)| !errors.is_empty()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_chain_of_ten_thousand_steps_is_reviewed_in_one_go() {
    const STEPS: usize = 10_000;
    const COMMANDS: [&str; 8] = [
        "systemctl stop api-N",
        "pg_restore -d shop backup-N.dump",
        "docker volume rm shop_data_N",
        "kubectl scale deployment web-N --replicas=0",
        "redis-cli FLUSHDB",
        "psql -d shop -c 'REVOKE ALL ON t FROM app'",
        "pg_ctl -D /srv/N promote",
        "docker compose stop redis",
    ];
    let mut book = "holdpoint: 1\nid: long\ntitle: Long\nsteps:\n".to_owned();
    for at in 0..STEPS {
        let needs = at.checked_sub(1).map_or("[]".to_owned(), |before| format!("[s{before}]"));
        let command = COMMANDS[at % COMMANDS.len()].replace('N', &at.to_string());
        book += &format!("  - {{id: s{at}, needs: {needs}, run: \"{command}\"}}\n");
    }
    let found = testing::with_scene(&book, crate::lint::lint);
    let count = |code: &str| found.iter().filter(|finding| finding.rule.code == code).count();
    assert_eq!(count("HP204"), STEPS);
    assert_eq!(count("HP209"), STEPS * 5 / 8);
    assert_eq!(count("HP219"), STEPS / 8);
}
