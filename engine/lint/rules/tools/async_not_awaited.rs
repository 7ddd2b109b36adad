//! HP704: what is only begun is waited for.

use std::collections::HashMap;

use crate::document::{Node, Value};
use crate::lint::knowledge::{Fact, Kind};
use crate::lint::rules::facts::{finding, instead};
use crate::lint::scene::{Deed, Scene};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP704",
    name: "async-not-awaited",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command returns before its work is done, and nothing waits for that.",
    why: "`BGSAVE` says \"started\" and the next line copies the old file; `kubectl apply` says \
          \"configured\" and the pods never come up. A fixed `sleep` is too short on the day it matters.",
    bad: include_str!("../../examples/HP704.bad.yaml"),
    good: include_str!("../../examples/HP704.good.yaml"),
    source: "https://redis.io/docs/latest/commands/bgsave/",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut awaiting: HashMap<Option<&str>, Vec<Deed>> = HashMap::new();
    let is_awaited_at_the_end = scene.key("exit_criteria").is_some_and(|(_, it)| is_patient(it));
    if is_awaited_at_the_end {
        return;
    }
    let last_wait = last_wait(scene);
    for deed in scene.acts(Kind::Async) {
        let fact = &scene.command(deed).facts[deed.fact];
        let waits =
            awaiting.entry(fact.fact.object.as_deref()).or_insert_with(|| all(scene, fact.fact));
        let step = scene.step_of(deed);
        let is_polled = step.is_some_and(|step| last_wait > Some(step) || is_polled(scene, step));
        if is_polled || scene.nearest_after(deed, waits).is_some() || is_told(scene, deed) {
            continue;
        }
        let script = scene.script(deed);
        let message = format!("{}, and nothing waits for it", fact.sentence());
        let found = finding(&RULE, scene, script, &scene.command(deed).range, message);
        findings.push(instead(found, fact));
    }
}

/// Every command that waits for what is asynchronous, in the order of the file.
fn all(scene: &Scene<'_>, fact: &Fact) -> Vec<Deed> {
    let mut waits = Vec::new();
    for (script, read) in scene.scripts.iter().enumerate() {
        for (command, known) in read.commands.iter().enumerate() {
            if fact.is_awaited_by(&known.text()) {
                waits.push(Deed { script, command, fact: 0 });
            }
        }
    }
    waits
}

/// Whether an earlier fact of the same command was told already.
fn is_told(scene: &Scene<'_>, deed: Deed) -> bool {
    scene.command(deed).facts[..deed.fact].iter().any(|fact| fact.kind == Kind::Async)
}

/// Whether a check of the entry, or of one around it, looks until it holds.
fn is_polled(scene: &Scene<'_>, step: usize) -> bool {
    let verified = scene.around(step).filter_map(|at| scene.steps[at].key("verify"));
    verified.into_iter().any(is_patient)
}

/// The last step that waits for something to become true.
fn last_wait(scene: &Scene<'_>) -> Option<usize> {
    let waits = |at: &usize| {
        let step = &scene.steps[*at];
        step.key("wait").is_some_and(|wait| wait.has("until"))
            || step.action == "watch"
            || ["probe", "require"].iter().filter_map(|key| step.key(key)).any(is_patient)
    };
    (0..scene.steps.len()).rev().find(waits)
}

/// Whether a probe is told how long to look.
fn is_patient(node: &Node) -> bool {
    match &node.value {
        Value::Mapping(entries) => entries.iter().any(|entry| {
            matches!(entry.key.as_str(), "within" | "hold_for") || is_patient(&entry.value)
        }),
        Value::Sequence(items) => items.iter().any(is_patient),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP704", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn what_is_only_begun_is_found() {
        let steps =
            "  - id: a\n    run: |\n      redis-cli BGSAVE\n      sleep 5\n      cp dump.rdb /b/\n";
        assert_eq!(found(steps), ["7:7 redis-cli BGSAVE"]);
        assert_eq!(found("  - {id: a, run: kubectl -n a rollout restart deploy/b}\n").len(), 1);
        let before = "  - {id: w, wait: {until: {tcp: \"db:1\"}}}\n  - {id: a, run: kubectl -n a apply -f b}\n";
        assert_eq!(found(before).len(), 1);
    }

    #[test]
    fn what_is_waited_for_is_not() {
        for steps in [
            "  - {id: a, run: kubectl -n a apply -f b && kubectl -n a rollout status deploy/b}\n",
            "  - {id: a, run: kubectl -n a apply -f b}\n  - {id: b, run: kubectl -n a rollout status deploy/b}\n",
            "  - {id: a, run: redis-cli BGSAVE}\n  - {id: b, wait: {until: {run: [redis-cli, LASTSAVE], within: 5m}}}\n",
            "  - {id: a, run: kubectl -n a apply -f b, verify: [{probe: {http: \"https://x/\", within: 5m}}]}\n",
            "  - {id: a, run: docker compose up -d --wait db}\n",
        ] {
            assert_eq!(found(steps), [""; 0], "{steps}");
        }
    }
}
