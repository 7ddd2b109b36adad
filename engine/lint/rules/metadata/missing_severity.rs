//! HP502: when a runbook applies.

use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::head;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP502",
    name: "missing-severity",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A runbook has neither a severity nor a trigger.",
    why: "Without either, nobody knows when the runbook applies and how fast somebody must be at \
          it: the alert does not lead to it, and the incident is given a class by feeling.",
    bad: include_str!("../../examples/HP502.bad.yaml"),
    good: include_str!("../../examples/HP502.good.yaml"),
    source: "practice: an alert names its runbook, and a runbook names its alert",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let says = |key| scene.key(key).is_some_and(|(_, value)| !value.is_null());
    if says("severity") || says("triggers") {
        return;
    }
    let message = "nothing says when this runbook applies: it has no severity and no trigger";
    let help = "say how bad it is, or which alert leads here: `severity: P1`, \
                `triggers: [{alert: PostgresDown}]`";
    findings.push(Finding::new(&RULE, head(scene), message).help(help));
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    #[test]
    fn a_severity_or_a_trigger_will_do() {
        let book = |key: &str| format!("holdpoint: 1\nid: x\ntitle: X\n{key}steps: []\n");
        assert_eq!(of("HP502", &book("")), ["1:1 holdpoint: 1"]);
        assert_eq!(of("HP502", &book("severity:\n")), ["1:1 holdpoint: 1"]);
        assert!(of("HP502", &book("severity: P1\n")).is_empty());
        assert!(of("HP502", &book("triggers: [{alert: Down}]\n")).is_empty());
    }
}
