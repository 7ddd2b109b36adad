//! HP504: what was promised.

use crate::lint::knowledge::Kind;
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::head;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP504",
    name: "missing-rto-rpo",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A runbook does not say within which time it must bring the service back, or one that \
            restores data does not say how much of it may be lost.",
    why: "Without an RTO nobody can say whether the recovery is late, whom to call next, or when to \
          give up on a repair and restore. Without an RPO nobody can say whether a backup is too \
          old to be restored. A range such as `4-8 hours` is no promise: it cannot be missed.",
    bad: include_str!("../../examples/HP504.bad.yaml"),
    good: include_str!("../../examples/HP504.good.yaml"),
    source: "practice: recovery objectives are what a recovery is measured against",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let objectives = scene.key("objectives");
    let at = objectives.map_or(head(scene), |(key, _)| key);
    let says = |key| objectives.is_some_and(|(_, value)| value.has(key));
    if !says("rto") {
        let message = "no `rto` says within which time the service must be back";
        let help = "write one time, not a range: `objectives: {rto: 4h}`";
        findings.push(Finding::new(&RULE, at, message).help(help));
    }
    let restore = scene.acts(Kind::Restores).next();
    if let Some(restore) = restore.filter(|_| !says("rpo")) {
        let message = "no `rpo` says how much data may be lost, and this runbook restores data";
        let finding = Finding::new(&RULE, at, message).related(scene.place(restore), "restores");
        findings.push(finding.help("write the most that may be lost, in time: `rpo: 1h`"));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    #[test]
    fn a_recovery_time_must_be_promised() {
        let book = |key: &str| format!("holdpoint: 1\nid: x\ntitle: X\n{key}steps: []\n");
        assert_eq!(of("HP504", &book("")), ["1:1 holdpoint: 1"]);
        assert_eq!(of("HP504", &book("objectives: {estimate: 4h..8h}\n")), ["4:1 objectives"]);
        assert!(of("HP504", &book("objectives: {rto: 4h}\n")).is_empty());
    }
}
