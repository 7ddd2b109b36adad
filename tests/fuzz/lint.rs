//! Any text ends in a review, which can be told in every format, and mended without end or harm.
//!
//! Every place of a finding and of a fix is in the text; what is told a person holds nothing that a
//! terminal would act on; what is told a program can be read; a mended text is YAML, and is told as
//! well.

use chrono::NaiveDate;
use serde_json::Value as Json;

use holdpoint::lint::fix::{self, Made, ROUNDS};
use holdpoint::lint::knowledge::Knowledge;
use holdpoint::lint::policy::Policy;
use holdpoint::lint::reading::{self, SCHEMA, SYNTAX};
use holdpoint::lint::review::{Found, Place, Review};
use holdpoint::lint::scene::{self, Scene};
use holdpoint::lint::shellcheck::{Comment, Subject, read};
use holdpoint::lint::suppress::Comments;
use holdpoint::lint::{Baseline, Finding, Profile, Safety};
use holdpoint::report::diagnostic::Look;
use holdpoint::report::findings;
use holdpoint::runbook::library::Library;
use holdpoint::source::{Problems, Source};
use holdpoint::{document, plan, runbook};

use super::terminal::assert_plain;

pub(crate) fn play(bytes: &[u8]) {
    let mut source = Source::new("fuzz.yaml", String::from_utf8_lossy(bytes));
    let mut made = Made::default();
    for _ in 0..=ROUNDS {
        let review = review(&source);
        assert_sound(&review);
        tell(std::slice::from_ref(&review));
        let findings = review.fixable(Safety::Unsafe);
        let Some(round) = fix::round(&source, &findings, &made) else { return };
        made.keep(&source, &findings, &round);
        source = Source::new("fuzz.yaml", round.text);
        let tree = document::parse(&source, &mut Problems::default());
        assert!(tree.is_some(), "a fix left no YAML");
    }
}

/// What is said of a text that stands alone, by the strictest reviewer.
fn review(source: &Source) -> Review {
    let mut problems = Problems::default();
    let tree = document::parse(source, &mut problems);
    let mut findings = reading::findings(source, None, problems.sorted(), SYNTAX);
    let (mut comments, mut scripts) = (Comments::default(), Vec::new());
    if let Some(tree) = &tree {
        let mut problems = Problems::default();
        let read = runbook::read_document(source, tree, &mut problems);
        let plan = read.clone().and_then(|read| plan::build(read, &mut problems));
        let (library, knowledge) = (Library::default(), Knowledge::built_in());
        let scene = Scene::new(scene::Subject {
            source,
            document: tree,
            runbook: read.as_ref(),
            plan: plan.as_ref(),
            library: &library,
            knowledge: &knowledge,
            today: NaiveDate::default(),
        });
        findings.extend(reading::findings(source, Some(&scene), problems.sorted(), SCHEMA));
        findings.extend(holdpoint::lint::lint(&scene));
        comments = Comments::of(source, tree, Some(&scene));
        scripts = Subject::all(&scene);
    }
    let mut policy = Policy::default();
    policy.profile = Profile::Strict;
    let mut found = Found {
        source: source.clone(),
        place: Place::default(),
        policy,
        comments,
        findings,
        scripts,
        has_asked_shellcheck: false,
        card: None,
    };
    let answer = answer();
    found.hear(|_| Some(&answer));
    Review::new(found, None)
}

/// What shellcheck might say of any script: places and a fix that may be nowhere.
fn answer() -> Vec<Comment> {
    let comment = |line: usize, column: usize| {
        format!(
            r#"{{"line":{line},"endLine":{line},"column":{column},"endColumn":{},"level":"info",
                "code":2086,"message":"so.","fix":{{"replacements":[{{"line":{line},
                "endLine":{line},"column":{column},"endColumn":{column},"precedence":1,
                "replacement":"\""}}]}}}}"#,
            column + 3
        )
    };
    let comments = [comment(1, 1), comment(2, 1), comment(2, 4), comment(3, 2), comment(99, 99)];
    let text = format!(r#"{{"comments":[{}]}}"#, comments.join(","));
    read(text.as_bytes()).expect("this is an answer")
}

fn assert_sound(review: &Review) {
    let text = review.source.text();
    let told = review.findings.iter().chain(review.suppressed.iter().map(|it| &it.finding));
    for finding in told {
        let Finding { at, message, related, fix, .. } = finding;
        let edits = fix.iter().flat_map(|fix| &fix.edits).map(|edit| edit.at);
        for place in related.iter().map(|(place, _)| *place).chain([*at]).chain(edits) {
            let part = text.get(place.start..place.end);
            assert!(part.is_some(), "{place:?} of {message:?} is outside of the text");
        }
        assert!(!message.is_empty());
    }
    let mut prints = review.fingerprints();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), review.findings.len(), "a fingerprint comes twice");
}

fn tell(reviews: &[Review]) {
    assert_plain(&findings::text(reviews, Look::Plain));
    assert_plain(&findings::concise(reviews));
    assert_plain(&findings::md(reviews));
    assert_plain(&findings::junit(reviews));
    assert_plain(&findings::github(reviews));
    findings::text(reviews, Look::Coloured);
    let documents = [
        findings::json(reviews),
        findings::sarif(reviews),
        findings::gitlab(reviews),
        findings::rdjson(reviews),
    ];
    for document in documents {
        let read: Result<Json, _> = serde_json::from_str(&document);
        assert!(read.is_ok(), "this is no JSON: {document}");
    }
    for line in findings::jsonl(reviews).lines() {
        assert!(serde_json::from_str::<Json>(line).is_ok(), "this is no JSON: {line}");
    }
    let baseline = Baseline::write(reviews);
    assert!(Baseline::read(&baseline).is_ok(), "this is no baseline: {baseline}");
}
