//! Findings as a person reads them: with an excerpt each, and a line that counts them.

use crate::lint::{Count, Finding, Review};
use crate::report::diagnostic::{Frame, Look, SHOWN, draw};
use crate::source::Diagnostic;

/// Every finding with its excerpt, the first ones of each file, and a line that counts all.
pub fn text(reviews: &[Review], look: Look) -> String {
    let mut text = String::new();
    for review in reviews {
        for finding in review.findings.iter().take(SHOWN) {
            text.push_str(&draw(&review.source, &diagnostic(finding), &frame(finding), look));
            text.push_str("\n\n");
        }
        if let Some(more) = review.findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            let name = crate::report::visible_str(review.source.name()).into_owned();
            text.push_str(&format!("and {more} more in {name}; --format concise shows all\n\n"));
        }
    }
    text + &Count::of(reviews).words() + "\n"
}

/// The finding as what `report` draws.
fn diagnostic(finding: &Finding) -> Diagnostic {
    Diagnostic {
        severity: finding.severity,
        label: finding.label.clone(),
        help: finding.help.clone(),
        related: finding.related.clone(),
        is_private: finding.is_private,
        ..Diagnostic::error(finding.at, finding.message.clone())
    }
}

fn frame(finding: &Finding) -> Frame {
    let code = finding.rule.code;
    let explain = format!("holdpoint explain {code}");
    let mut notes = vec![format!("confidence {}; `{explain}`", finding.rule.confidence.word())];
    if let Some(fix) = &finding.fix {
        let option = match fix.safety {
            crate::lint::Safety::Safe => "--fix",
            crate::lint::Safety::Unsafe => "--unsafe-fixes",
        };
        notes.insert(0, format!("{option} can {}", fix.title));
    }
    Frame {
        id: Some(finding.code()),
        beside: finding.step.as_ref().map(|step| format!("step {step}")),
        notes,
    }
}
