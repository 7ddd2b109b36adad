//! HP202: what is changed must be looked at.

use crate::lint::scene::{Part, Role, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

use super::change::{self, Weight};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP202",
    name: "mutation-without-verify",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A step changes something, and nothing looks whether that worked before the next change. \
            An error where it destroys and nothing ever looks.",
    why: "Many tools exit with 0 when they have only begun, or failed halfway: `systemctl restart` of a \
          service that dies a second later, a restore that loaded three tables of forty. The next \
          step then builds on something that is not there.",
    bad: include_str!("../../examples/HP202.bad.yaml"),
    good: include_str!("../../examples/HP202.good.yaml"),
    source: "practice: no recovery of the five source documents asserts a result after a change",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let count = scene.steps.len();
    let looks: Vec<bool> = (0..count).map(|at| change::looks(scene, at)).collect();
    let changes: Vec<_> = (0..count).map(|at| change::of(scene, at)).collect();
    let is_change = |at: usize| changes[at].as_ref().is_some_and(|it| it.weight >= Weight::Starts);
    let last_look = looks.iter().rposition(|looks| *looks);
    let has_criteria = scene.key("exit_criteria").is_some();
    for (at, change) in changes.iter().enumerate() {
        let Some(change) = change.as_ref().filter(|it| it.weight >= Weight::Starts) else {
            continue;
        };
        if is_proven_by_itself(scene, at, &looks) || change::makes_a_backup(scene, at) {
            continue;
        }
        let mut next = past_cases(scene, at);
        while next < count && !looks[next] && !is_change(next) {
            next += 1;
        }
        let is_proven = if next < count { looks[next] } else { has_criteria };
        if is_proven {
            continue;
        }
        let step = &scene.steps[at];
        let is_destructive = change.weight == Weight::Destroys
            || scene.around(at).any(|it| {
                let key = scene.steps[it].key("destructive");
                key.and_then(crate::document::Node::as_bool) == Some(true)
            });
        let is_never_looked_at = !has_criteria && last_look.is_none_or(|last| last <= at);
        let message = format!("nothing looks whether this worked: it {}", change.does);
        let finding = Finding::new(&RULE, change.at, message)
            .step(&step.path)
            .help("add a `verify` with a probe of what must be true now");
        findings.push(if is_destructive && is_never_looked_at {
            finding.severity(Severity::Error)
        } else {
            finding
        });
    }
}

/// Whether the step, or a group around it, says what must be so afterwards, or its script looks
/// after the change.
fn is_proven_by_itself(scene: &Scene<'_>, at: usize, looks: &[bool]) -> bool {
    let says = |at: usize| {
        ["verify", "done_when", "expect"].iter().any(|key| scene.steps[at].key(key).is_some())
    };
    let is_looked_at_by_script = || {
        scene.scripts_of(at).filter(|script| script.role == Role::Action).any(|script| {
            let last = script.commands.last();
            last.is_some_and(|last| change::is_look(last))
        })
    };
    scene.around(at).any(says) || (looks[at] && is_looked_at_by_script())
}

/// The entry after this one; of a case, what comes after all cases; an undo has nothing after it.
fn past_cases(scene: &Scene<'_>, at: usize) -> usize {
    let outer = scene.around(at).filter(|at| scene.steps[*at].part == Part::Case).last();
    let outer = outer.and_then(|case| scene.steps[case].parent).unwrap_or(at);
    scene.steps[outer].end
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP202", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    const RESTART: &str = "  - {id: a, run: [systemctl, restart, api]}\n";

    #[test]
    fn a_change_without_a_look_is_found() {
        assert_eq!(found(RESTART), ["5:19 systemctl, restart, api"]);
        let http = "  - {id: a, http: {method: POST, url: \"http://127.0.0.1/x\"}}\n";
        assert_eq!(found(http), ["5:13 http"]);
    }

    #[test]
    fn a_look_before_the_next_change_will_do() {
        for after in [
            "  - {id: b, probe: {tcp: \"127.0.0.1:80\"}}\n",
            "  - {id: b, run: [date]}\n  - {id: c, probe: {tcp: \"127.0.0.1:80\"}}\n",
            "exit_criteria: [{probe: {tcp: \"127.0.0.1:80\"}}]\n",
        ] {
            assert!(found(&format!("{RESTART}{after}")).is_empty(), "{after}");
        }
        assert!(
            found(
                "  - {id: a, run: [systemctl, restart, api], verify: [{probe: {tcp: \"x:1\"}}]}\n"
            )
            .is_empty()
        );
        assert!(
            found("  - {id: a, run: 'systemctl restart api; systemctl is-active api'}\n")
                .is_empty()
        );
    }

    #[test]
    fn a_look_after_the_next_change_is_too_late_for_the_first() {
        let other = "  - {id: b, run: [systemctl, restart, web], \
                     verify: [{probe: {tcp: \"127.0.0.1:80\"}}]}\n";
        // What the next step must find is a look; what it does is another change.
        assert!(found(&format!("{RESTART}{other}")).is_empty());
        let plain = "  - {id: b, run: [systemctl, restart, web]}\n  \
                     - {id: c, probe: {tcp: \"127.0.0.1:80\"}}\n";
        assert_eq!(found(&format!("{RESTART}{plain}")), ["5:19 systemctl, restart, api"]);
    }
}
