//! HP601: a check can fail.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding, instead, is_check};
use crate::lint::scene::{Known, Role, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP601",
    name: "probe-without-assertion",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A check prints something and succeeds whatever that is.",
    why: "`SELECT COUNT(*)` ends with 0 whether it counts a million rows or none. In a document a \
          person reads the number; here the step is green, and nobody does.",
    bad: include_str!("../../examples/HP601.bad.yaml"),
    good: include_str!("../../examples/HP601.good.yaml"),
    source: "practice: no verification of the five source documents says what must be seen",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| must_prove(scene, script)) {
        if !script.commands.iter().all(proves_nothing) {
            continue;
        }
        let Some(last) = script.commands.iter().rfind(|it| !it.around.is_substituted) else {
            continue;
        };
        let Some(fact) = facts::first(last, Kind::PrintsOnly) else { continue };
        let found = finding(&RULE, scene, script, &last.range, fact.sentence());
        findings.push(instead(found, fact));
    }
}

/// Whether what a script says is taken for proof, and nothing is expected of its output.
fn must_prove(scene: &Scene<'_>, script: &Script<'_>) -> bool {
    if script.key("expect").is_some() {
        return false;
    }
    let Some(step) = script.step.map(|at| &scene.steps[at]) else {
        return script.role != Role::Choices;
    };
    match script.role {
        Role::Action => {
            let is_used = ["outputs", "verify", "expect"].iter().any(|key| step.key(key).is_some());
            !is_used && is_check(&format!("{}\n{}", step.id.as_str(), step.title()))
        }
        role => role != Role::Choices,
    }
}

fn proves_nothing(command: &Known<'_>) -> bool {
    const SETTINGS: [&str; 7] = ["", "cd", "export", "set", "local", "true", ":"];
    SETTINGS.contains(&command.program()) || facts::first(command, Kind::PrintsOnly).is_some()
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(step: &str) -> Vec<String> {
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n";
        of("HP601", &format!("{head}  - {{id: a, {step}}}\n"))
    }

    #[test]
    fn a_check_that_only_prints_is_found() {
        for step in [
            "probe: {run: \"psql -d a -c 'SELECT COUNT(*) FROM b'\"}",
            "run: ls, verify: [{probe: {run: redis-cli PING}}]",
            "run: ls, verify: [{probe: {run: [kubectl, -n, a, get, pods]}}]",
            "title: Verify the backup, run: clickhouse-backup list | tail -1",
            "title: Check the data, run: \"psql -d a -c 'select * from b'\"",
            "wait: {until: {run: docker compose ps}}",
        ] {
            assert_eq!(found(step).len(), 1, "{step}");
        }
    }

    #[test]
    fn what_expects_compares_or_can_fail_is_not() {
        for step in [
            "probe: {run: \"psql -d a -Atc 'SELECT COUNT(*) FROM b'\", expect: {stdout: {at_least: 1}}}",
            "probe: {run: redis-cli PING | grep -q PONG}",
            "probe: {run: pg_isready && echo ok}",
            "probe: {run: \"test $(psql -d a -Atc 'select count(*) from b') -gt 0\"}",
            "title: Look at the data, run: \"psql -d a -c 'select * from b'\"",
            "title: Check the data, run: \"psql -d a -c 'select 1 from b'\", outputs: {a: {from: stdout}}",
            "probe: {run: \"psql -d a -c 'select 1'\"}",
        ] {
            assert_eq!(found(step), [""; 0], "{step}");
        }
    }
}
