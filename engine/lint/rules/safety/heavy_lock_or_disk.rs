//! HP218: the way back does not make the outage worse.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding, instead};
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP218",
    name: "heavy-lock-or-disk",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A command locks out everybody else, or needs much of what is short already.",
    why: "`VACUUM FULL` on a full disk needs the size of the table once more, and keeps even readers \
          out until it is done. What was slow is then down.",
    bad: include_str!("../../examples/HP218.bad.yaml"),
    good: include_str!("../../examples/HP218.good.yaml"),
    source: "https://www.postgresql.org/docs/current/sql-vacuum.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            for fact in facts::each(command, Kind::Heavy) {
                let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
                findings.push(instead(found, fact));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(command: &str) -> Vec<String> {
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n";
        of("HP218", &format!("{head}  - {{id: a, run: '{command}'}}\n"))
    }

    #[test]
    fn what_locks_or_fills_is_found() {
        for command in [
            "psql -d shop -c \"VACUUM FULL orders\"",
            "psql -d shop -c \"REINDEX TABLE orders\"",
            "clickhouse-client -q \"OPTIMIZE TABLE traces FINAL\"",
            "redis-cli KEYS \"*\"",
        ] {
            assert_eq!(found(command).len(), 1, "{command}");
        }
        assert_eq!(found("psql -d shop -c \"REINDEX TABLE CONCURRENTLY orders\""), [""; 0]);
    }

    #[test]
    fn an_old_version_has_no_way_around_it() {
        let text = "holdpoint: 1\nid: x\ntitle: X\nversions: {postgresql: 11}\nsteps:\n  \
                    - {id: a, run: \"psql -d shop -c 'REINDEX TABLE orders'\"}\n";
        assert_eq!(of("HP218", text), [""; 0]);
    }
}
