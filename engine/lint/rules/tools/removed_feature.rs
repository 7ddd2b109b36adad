//! HP701: what a tool no longer has.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding};
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP701",
    name: "removed-feature",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command uses what was removed from its tool.",
    why: "A runbook is written once and used years later. With PostgreSQL 12 a `recovery.conf` keeps \
          the server from starting at all. What the runbook is written for is declared in \
          `versions: {postgresql: 16}`; without that the newest version counts.",
    bad: include_str!("../../examples/HP701.bad.yaml"),
    good: include_str!("../../examples/HP701.good.yaml"),
    source: "https://www.postgresql.org/docs/current/recovery-config.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            let Some(fact) = facts::first(command, Kind::Removed) else { continue };
            let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
            let is_declared = script.setting.versions.contains_key(&fact.tool);
            let is_doubtful = fact.is_mild && !is_declared;
            let found = found.severity(if is_doubtful { Severity::Warning } else { RULE.severity });
            let or = format!("declare an older version in `versions: {{{}: …}}`", fact.tool);
            findings.push(match (&fact.instead, is_declared) {
                (Some(instead), true) => found.help(instead.clone()),
                (Some(instead), false) => found.help(format!("{instead}; or {or}")),
                (None, true) => found,
                (None, false) => found.help(or),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(versions: &str, command: &str) -> Vec<String> {
        let head = format!("holdpoint: 1\nid: x\ntitle: X\nversions: {versions}\nsteps:\n");
        of("HP701", &format!("{head}  - {{id: a, run: '{command}'}}\n"))
    }

    #[test]
    fn what_was_removed_is_found_unless_an_older_version_is_declared() {
        let restore = "etcdctl snapshot restore a.db";
        assert_eq!(found("{}", restore).len(), 1);
        assert_eq!(found("{etcd: 3.6}", restore).len(), 1);
        assert_eq!(found("{etcd: 3.5.9}", restore), [""; 0]);
        assert_eq!(found("{etcd: 3.6}", "etcdutl snapshot restore a.db"), [""; 0]);
    }

    #[test]
    fn a_file_that_is_not_read_any_more_is_found() {
        assert_eq!(
            found("{postgresql: 16}", "echo x >> /srv/data/recovery.conf"),
            ["6:29 /srv/data/recovery.conf"]
        );
        assert_eq!(found("{postgresql: 11}", "echo x >> /srv/data/recovery.conf"), [""; 0]);
    }
}
