//! HP203: how a change is taken back.

use crate::document::Node;
use crate::lint::scene::{Part, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::change::{self, Weight};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP203",
    name: "no-rollback",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A step changes something, and does not say how that is taken back, or that it cannot be.",
    why: "When the change turns out to be wrong, somebody has to invent the way back, under pressure \
          and without the values that were there before. `undo` is written with a clear head. Where \
          there is no way back, `undo: {none: reason}` or `destructive: true` says so before the \
          step is taken.",
    bad: include_str!("../../examples/HP203.bad.yaml"),
    good: include_str!("../../examples/HP203.good.yaml"),
    source: "practice: none of the five source documents says how one of its steps is taken back",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for (at, step) in scene.steps.iter().enumerate() {
        if is_settled(scene, at) || change::makes_a_backup(scene, at) {
            continue;
        }
        let Some(change) = change::of(scene, at).filter(|it| it.weight >= Weight::Changes) else {
            continue;
        };
        let message = format!("nothing says how this is taken back: it {}", change.does);
        let help = "add an `undo`, or say why there is none: `undo: {none: REASON}`";
        findings.push(Finding::new(&RULE, change.at, message).step(&step.path).help(help));
    }
}

/// Whether the way back is said here or around, or what is done is a way back itself.
fn is_settled(scene: &Scene<'_>, at: usize) -> bool {
    scene.around(at).any(|at| {
        let step = &scene.steps[at];
        step.is_closing
            || matches!(step.part, Part::Undo { .. })
            || step.key("undo").is_some()
            || step.key("destructive").and_then(Node::as_bool) == Some(true)
            || step.text("effect") == Some("read")
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(rest: &str) -> Vec<String> {
        let step = format!("  - {{id: a, run: [kubectl, set, env, deploy/api, URL=x]{rest}}}\n");
        of("HP203", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{step}"))
    }

    #[test]
    fn a_change_says_how_it_is_taken_back_or_that_it_is_not() {
        assert_eq!(found(""), ["5:19 kubectl, set, env, deploy/api, URL=x"]);
        assert!(found(", undo: {run: [kubectl, rollout, undo, deploy/api]}").is_empty());
        assert!(found(", undo: {none: the old address is gone}").is_empty());
        assert!(found(", destructive: true").is_empty());
    }

    #[test]
    fn a_start_needs_no_way_back() {
        let book =
            "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {id: a, run: [systemctl, start, a]}\n";
        assert!(of("HP203", book).is_empty());
    }
}
