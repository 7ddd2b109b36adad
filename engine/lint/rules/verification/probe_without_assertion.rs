//! HP601: a check can fail.

use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::{self, finding, instead, is_anywhere, is_check, is_look};
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
    let prints = |it: &Known<'_>| facts::first(it, Kind::PrintsOnly).is_some();
    for script in scene.scripts.iter().filter(|script| script.commands.iter().any(prints)) {
        let Some(trust) = trust(scene, script) else { continue };
        let is_idle = script.commands.iter().all(proves_nothing);
        for pipeline in script.commands.chunk_by(|one, next| one.pipe.number == next.pipe.number) {
            let Some(last) = pipeline.last() else { continue };
            let is_told = |fact: &&Match<'_>| trust == Trust::Full && is_idle || is_anywhere(fact);
            let facts = pipeline.iter().filter_map(|it| facts::first(it, Kind::PrintsOnly));
            let Some(fact) = facts.into_iter().rfind(is_told) else { continue };
            if facts::first(last, Kind::PrintsOnly).is_none() {
                continue;
            }
            let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
            findings.push(instead(found, fact));
        }
    }
}

/// How much what a script says is taken for proof.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Trust {
    /// It is a check, and nothing is expected of its output.
    Full,
    /// It does something, and nothing is expected of its output.
    Blind,
}

fn trust(scene: &Scene<'_>, script: &Script<'_>) -> Option<Trust> {
    if script.key("expect").is_some() || script.role == Role::Choices {
        return None;
    }
    let Some(step) = script.step.map(|at| &scene.steps[at]) else { return Some(Trust::Full) };
    if script.role != Role::Action {
        return Some(Trust::Full);
    }
    if ["outputs", "verify", "expect"].iter().any(|key| step.key(key).is_some()) {
        return None;
    }
    let words = format!("{}\n{}", step.id.as_str(), step.title());
    // What a person wants to look at says that it only reads.
    let is_for_a_person = step.text("effect") == Some("read");
    let is_proof = is_check(&words) || (is_look(&words) && !is_for_a_person);
    Some(if is_proof { Trust::Full } else { Trust::Blind })
}

fn proves_nothing(command: &Known<'_>) -> bool {
    const SETTINGS: [&str; 7] = ["", "cd", "export", "set", "local", "true", ":"];
    let program = command.program();
    // A comment of SQL, and the rest of a statement that goes on over several lines.
    let is_rest = program == "--" || program.bytes().all(|byte| byte.is_ascii_uppercase());
    SETTINGS.contains(&program) || is_rest || facts::first(command, Kind::PrintsOnly).is_some()
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
            "title: Identify the key, run: \"psql -d a -c 'select * from keys'\"",
            "title: Revoke the key, run: \"psql -d a -c \\\"update keys set a = 1 where id = 'x'\\\"\"",
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
            "title: Identify the key, effect: read, run: \"psql -d a -c 'select * from keys'\"",
            "title: Look at the data, run: \"psql -d a -c 'select * from b'\"",
            "title: Check the data, run: \"psql -d a -c 'select 1 from b'\", outputs: {a: {from: stdout}}",
            "probe: {run: \"psql -d a -c 'select 1'\"}",
        ] {
            assert_eq!(found(step), [""; 0], "{step}");
        }
    }
}
