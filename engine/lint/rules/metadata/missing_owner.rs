//! HP501: somebody must keep a runbook.

use crate::document::Node;
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::head;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP501",
    name: "missing-owner",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A runbook does not say whose it is.",
    why: "A runbook without an owner is repaired by nobody. Whoever finds a wrong command in it at \
          night has nobody to tell, and the next one finds it again.",
    bad: include_str!("../../examples/HP501.bad.yaml"),
    good: include_str!("../../examples/HP501.good.yaml"),
    source: "practice: of the five source documents one names an owner, and it is the one that \
             was kept up to date",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let owner = scene.key("owner").and_then(|(_, owner)| Node::as_str(owner));
    if owner.is_some_and(|owner| !owner.trim().is_empty()) {
        return;
    }
    let finding = Finding::new(&RULE, head(scene), "nobody is named as the owner of this runbook");
    findings.push(finding.help("name the team or person that keeps it: `owner: platform-team`"));
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    #[test]
    fn an_owner_must_be_named() {
        let book = |owner: &str| format!("holdpoint: 1\nid: x\ntitle: X\n{owner}steps: []\n");
        assert_eq!(of("HP501", &book("")), ["1:1 holdpoint: 1"]);
        assert_eq!(of("HP501", &book("owner: ' '\n")), ["1:1 holdpoint: 1"]);
        assert!(of("HP501", &book("owner: ops\n")).is_empty());
    }
}
