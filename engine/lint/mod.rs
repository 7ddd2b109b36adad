//! Lint: what an experienced reviewer would say about a runbook, without running anything.
//!
//! A [`Scene`] is the runbook as rules see it: its steps in order, each with its
//! commands as a shell would read them and with what is [known](knowledge) about their tools.
//! [`RULES`] is the one table of rules. Nothing here starts a process or opens a connection: what
//! shellcheck says is handed in.

pub mod baseline;
pub mod finding;
pub mod fingerprint;
pub mod fix;
pub mod knowledge;
pub mod library;
pub mod policy;
pub mod reading;
pub mod review;
pub mod rule;
pub mod rules;
pub mod scene;
pub mod select;
pub mod shell;
pub mod shellcheck;
pub mod suppress;
#[cfg(test)]
pub(crate) mod testing;

pub use baseline::Baseline;
pub use finding::{Edit, Finding, Findings, Fix, Safety};
pub use policy::Policy;
pub use review::{Count, Review, Suppressed, counted};
pub use rule::{Check, Confidence, Profile, Rule};
pub use rules::{RULES, changing};

use crate::document::Node;
use crate::source::Source;
use scene::Scene;

/// Every finding of every rule about one runbook, in the order of the text; levels, suppressions
/// and baselines come after.
pub fn lint(scene: &Scene<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    // Of what is no runbook, nothing more is to be said than that.
    for rule in RULES.iter().filter(|_| scene.runbook.is_some()) {
        if let Check::Scene(check) = rule.check {
            check(scene, &mut findings);
        }
    }
    findings.sorted()
}

/// Every finding about a library, in the order of the text.
pub fn lint_library(document: &Node, source: &Source) -> Vec<Finding> {
    let mut findings = Findings::default();
    rules::metadata::unreachable_contact::check_library(document, &mut findings);
    rules::metadata::placeholder_left::check_library(document, source, &mut findings);
    findings.sorted()
}
