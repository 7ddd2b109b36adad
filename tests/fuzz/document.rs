//! Any text ends in a plan or in diagnostics, each of which can be drawn and stands in the text.

use std::collections::BTreeMap;

use holdpoint::plan::{self, Facts, Plan};
use holdpoint::report::diagnostic::{Look, render};
use holdpoint::run::{Names, RunState, foresee, gate_digests};
use holdpoint::runbook;
use holdpoint::source::{Diagnostic, Problems, Source};

use super::terminal::assert_plain;

pub(crate) fn play(bytes: &[u8]) {
    let source = Source::new("fuzz.yaml", String::from_utf8_lossy(bytes));
    let mut problems = Problems::default();
    let read = runbook::read(&source, &mut problems);
    let plan = read.and_then(|runbook| plan::build(runbook, &mut problems));
    assert!(plan.is_some() || problems.has_errors(), "nothing came of it and nothing was said");
    draw(&source, &problems.sorted());
    if let Some(plan) = plan {
        foretell(plan);
    }
}

/// Every diagnostic stands in the text, and a drawing holds nothing that a terminal would act on.
pub(crate) fn draw(source: &Source, problems: &[Diagnostic]) {
    for found in problems {
        let places = found.related.iter().map(|(span, _)| *span).chain([found.at]);
        for place in places {
            let part = source.text().get(place.start..place.end);
            assert!(part.is_some(), "{place:?} of {:?} is outside of the text", found.message);
        }
    }
    let drawn = render(source, problems, Look::Plain);
    assert_plain(&drawn);
    assert_eq!(drawn.is_empty(), problems.is_empty());
    render(source, problems, Look::Coloured);
}

/// A plan can be shown in every form.
fn foretell(mut plan: Plan) {
    let mut state = RunState::assuming(&plan, None, []);
    foresee(&mut plan, &mut state);
    let plan = &plan;
    let digests = gate_digests(plan, &state);
    let facts = Facts {
        scope_at: &|space| Box::new(Names { plan, state: &state, space }),
        is_given: &|_| false,
        digest: &|path| digests.get(path).cloned().flatten(),
    };
    let outline = plan::outline(plan, &facts);
    plan::text(&outline);
    let json: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&plan::json(&outline)).expect("a plan as JSON is a JSON object");
    assert!(!json.is_empty());
    plan::dot(plan);
    plan::mermaid(plan);
}
