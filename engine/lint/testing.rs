//! What the tests of rules share: a runbook from its text to its findings.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::document;
use crate::plan;
use crate::runbook::{self, library};
use crate::source::{Problems, Severity, Source};

use super::Finding;
use super::knowledge::Knowledge;
use super::scene::{Scene, Subject};

/// The day on which tests review.
pub(crate) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 1).expect("there is such a day")
}

/// Every finding about a runbook, each as "HP201 5:10 marked text".
pub(crate) fn found(yaml: &str) -> Vec<String> {
    found_beside("holdpoint: 1\n", yaml)
}

/// The same with a library around the runbook.
pub(crate) fn found_beside(library: &str, yaml: &str) -> Vec<String> {
    look(library, yaml, |scene| {
        super::lint(scene).iter().map(|finding| shown(finding, scene.source)).collect()
    })
}

/// The findings of one rule, without its code.
pub(crate) fn of(code: &str, yaml: &str) -> Vec<String> {
    let mine = |text: String| text.strip_prefix(code)?.strip_prefix(' ').map(str::to_owned);
    found(yaml).into_iter().filter_map(mine).collect()
}

/// A look at the scene of a runbook.
pub(crate) fn with_scene<T>(yaml: &str, see: impl FnOnce(&Scene<'_>) -> T) -> T {
    look("holdpoint: 1\n", yaml, see)
}

fn look<T>(library: &str, yaml: &str, see: impl FnOnce(&Scene<'_>) -> T) -> T {
    let mut problems = Problems::default();
    let library = library::read(&Source::new("holdpoint.yaml", library), &mut problems);
    let library = Arc::new(library.expect("the library can be read"));
    let source = Source::new("book.yaml", yaml);
    let document = document::parse(&source, &mut problems).expect("the runbook is YAML");
    let runbook = runbook::read(&source, &mut problems).map(|it| library.around(it));
    let plan = runbook.clone().and_then(|runbook| plan::build(runbook, &mut problems));
    let knowledge = Knowledge::built_in();
    let scene = Scene::new(Subject {
        source: &source,
        document: &document,
        runbook: runbook.as_ref(),
        plan: plan.as_ref(),
        library: &library,
        knowledge: &knowledge,
        today: today(),
    });
    see(&scene)
}

fn shown(finding: &Finding, source: &Source) -> String {
    let position = source.position(finding.at.start);
    let marked = source.text().get(finding.at.start..finding.at.end).unwrap_or_default();
    format!("{} {}:{} {marked}", finding.code(), position.line, position.column)
}

/// Every rule that is looked for in the scene fires in its bad example, and nothing of profile
/// `standard` fires in its good one.
#[test]
fn bad_examples_are_found_and_good_ones_are_clean() {
    let mut complaints = Vec::new();
    for rule in super::RULES.iter().filter(|rule| matches!(rule.check, super::Check::Scene(_))) {
        if of(rule.code, rule.bad).is_empty() {
            complaints.push(format!("{} bad: nothing found", rule.code));
        }
        let is_standard = |finding: &String| {
            let code = finding.split([' ', '[']).next().unwrap_or_default();
            super::Rule::find(code).is_none_or(|rule| rule.profile <= super::Profile::Standard)
        };
        if rule.good.is_empty() {
            continue;
        }
        let good: Vec<String> = found(rule.good).into_iter().filter(is_standard).collect();
        complaints.extend(good.into_iter().map(|found| format!("{} good: {found}", rule.code)));
    }
    assert_eq!(complaints, Vec::<String>::new());
}

/// Every finding that is an error.
fn errors(yaml: &str) -> Vec<String> {
    let is_error = |finding: &&Finding| finding.severity == Severity::Error && finding.rule.code != "HP201";
    with_scene(yaml, |scene| {
        let found = super::lint(scene);
        found.iter().filter(is_error).map(|it| shown(it, scene.source)).collect()
    })
}

fn project_file(path: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(path).expect("the files of the project can be read")
}

#[test]
fn the_runbooks_of_the_project_have_no_error() {
    for path in ["runbooks/quickstart.yaml", "runbooks/aragora/postgres-complete-failure.yaml"] {
        assert_eq!(errors(&project_file(path)), Vec::<String>::new(), "{path}");
    }
    let page = project_file("docs/language.md");
    let blocks = page.split("\n```yaml").skip(1).filter_map(|rest| rest.split("\n```").next());
    let books: Vec<&str> = blocks.filter_map(|block| Some(block.split_once('\n')?.1)).collect();
    let books: Vec<&str> =
        books.into_iter().filter(|it| it.contains("holdpoint: 1") && it.contains("\nsteps:")).collect();
    assert!(books.len() > 30, "{} examples were found", books.len());
    for book in books {
        assert_eq!(errors(book), Vec::<String>::new(), "{book}");
    }
}
