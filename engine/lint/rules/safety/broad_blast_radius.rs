//! HP214: only what the incident is about is touched.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding, instead};
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP214",
    name: "broad-blast-radius",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A command hits more than the object of the incident.",
    why: "`docker network prune` cleans every project on the host, an UPDATE without WHERE every \
          customer. One broken service becomes an outage of all of them, and the second incident \
          has no runbook. Behind a gate this is a warning: a person has seen what is hit.",
    bad: include_str!("../../examples/HP214.bad.yaml"),
    good: include_str!("../../examples/HP214.good.yaml"),
    source: "practice: what is named is hit, and nothing else",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| !script.role.is_look()) {
        let is_asked = script.step.is_some_and(|step| scene.gate(step).is_some());
        for command in &script.commands {
            for fact in facts::each(command, Kind::Broad) {
                let is_mild = is_asked || fact.is_mild;
                let severity = if is_mild { Severity::Warning } else { RULE.severity };
                let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
                findings.push(instead(found, fact).severity(severity));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::review;
    use crate::source::Severity;

    fn found(step: &str) -> Vec<Severity> {
        let text = format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, {step}}}\n");
        let all = review(&text).into_iter().filter(|it| it.rule.code == "HP214");
        all.map(|it| it.severity).collect()
    }

    #[test]
    fn what_hits_everything_is_found() {
        for command in [
            "docker network prune -f",
            "docker rm -f $(docker ps -q --filter name=sandbox)",
            "psql -d shop -c \"UPDATE orders SET state = 1\"",
            "redis-cli FLUSHALL",
            "aws s3 sync s3://backups-dr/ s3://primary/",
            "find /backups -mtime +7 -delete",
            "kubectl -n shop delete pods --all",
            "pkill -f worker",
        ] {
            assert_eq!(found(&format!("run: '{command}'")), [Severity::Error], "{command}");
        }
    }

    #[test]
    fn what_names_its_object_is_not() {
        for command in [
            "docker rm -f sandbox-1",
            "psql -d shop -c \"UPDATE orders SET state = 1 WHERE id = 7\"",
            "find /backups -name \"shop-*.dump\" -mtime +7 -delete",
        ] {
            assert_eq!(found(&format!("run: '{command}'")), [], "{command}");
        }
    }

    #[test]
    fn behind_a_gate_it_is_a_warning() {
        assert_eq!(found("gate: true, run: redis-cli FLUSHALL"), [Severity::Warning]);
    }
}
