//! HP603: a backup that nobody has opened is a hope.

use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::finding;
use crate::lint::scene::{Deed, Scene, entry};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP603",
    name: "backup-unverified",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A backup is written and never looked at, or old ones are removed before the new one is \
            known to be good.",
    why: "A dump that was cut short is found on the day it is needed. If the old ones went in the \
          same script, there is nothing to go back to.",
    bad: include_str!("../../examples/HP603.bad.yaml"),
    good: include_str!("../../examples/HP603.good.yaml"),
    source: "https://www.postgresql.org/docs/current/app-pgdump.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let written: Vec<Deed> =
        scene.acts(Kind::BacksUp).filter(|deed| is_backup(scene, *deed)).collect();
    let mut told = None;
    for deed in &written {
        // One finding a script: its dumps share the fault.
        if told == Some(deed.script) || is_checked_after(scene, *deed) {
            continue;
        }
        told = Some(deed.script);
        let script = scene.script(*deed);
        let fact = &scene.command(*deed).facts[deed.fact];
        let message = format!("{}, and nothing shows that it can be read", fact.sentence());
        let found = finding(&RULE, scene, script, &scene.command(*deed).range, message);
        findings.push(found.help(
            "open it in a step after this one: `pg_restore --list`, a restore into a database of \
             its own, or a `file:` probe with `larger_than` at least",
        ));
    }
    for deed in scene.acts(Kind::Destroys) {
        retention(scene, deed, findings);
    }
}

/// What is only moved or copied aside is no backup.
fn is_backup(scene: &Scene<'_>, deed: Deed) -> bool {
    scene.fact(deed).is_none_or(|fact| fact.object.as_deref() != Some("aside"))
}

fn is_checked_after(scene: &Scene<'_>, deed: Deed) -> bool {
    let checked = || scene.nearest_after(deed, scene.deeds(Kind::ChecksBackup));
    let step = scene.step_of(deed).map(|at| &scene.steps[at]);
    let has_own =
        step.is_some_and(|step| step.key("verify").is_some() || step.key("expect").is_some());
    has_own || is_weighed_later(scene, deed) || checked().is_some()
}

/// Whether a later step has a look at a file.
fn is_weighed_later(scene: &Scene<'_>, deed: Deed) -> bool {
    let Some(step) = scene.step_of(deed) else { return false };
    let later = scene.steps[step..].iter().skip(1).take(64);
    later.into_iter().any(|it| it.key("probe").is_some_and(|probe| entry(probe, "file").is_some()))
}

/// Old backups that go before a newer one was looked at.
fn retention(scene: &Scene<'_>, deed: Deed, findings: &mut Findings) {
    let command = scene.command(deed);
    let fact = &command.facts[deed.fact];
    if !is_retention(fact, &command.text()) || is_told(command.facts.as_slice(), deed) {
        return;
    }
    if scene.nearest_before(scene.deeds(Kind::ChecksBackup), deed).is_some() {
        return;
    }
    let message = format!("`{}` removes old backups before the new one was looked at", fact.name);
    let found = finding(&RULE, scene, scene.script(deed), &command.range, message);
    findings.push(found.help("check the new backup first, in a step that this one needs"));
}

/// Whether an earlier fact of the same command was told already.
fn is_told(facts: &[Match<'_>], deed: Deed) -> bool {
    facts[..deed.fact].iter().any(|fact| fact.kind == Kind::Destroys)
}

fn is_retention(fact: &Match<'_>, text: &str) -> bool {
    let lower = text.to_lowercase();
    let is_old = ["-mtime", "-mmin", "-newer", "older", "keep"].iter().any(|it| lower.contains(it));
    let is_backup = ["backup", "dump", ".gz", ".tgz", ".zst"].iter().any(|it| lower.contains(it));
    let removes = ["find", "restic", "borg", "clickhouse-backup", "velero", "wal-g", "barman"];
    let program = fact.name.split(' ').next().unwrap_or_default();
    removes.contains(&program) && (is_old || program != "find") && (is_backup || program != "find")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(steps: &str) -> Vec<String> {
        of("HP603", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn a_backup_that_nobody_opens_is_found() {
        assert_eq!(
            found("  - {id: a, run: pg_dump -Fc -d shop -f /b/a.dump}\n"),
            ["5:18 pg_dump -Fc -d shop -f /b/a.dump"]
        );
    }

    #[test]
    fn old_ones_that_go_first_are_found() {
        let steps = "  - id: a\n    run: |\n      pg_dump -Fc shop > /b/a.dump\n      find /b -name '*.dump' -mtime +7 -delete\n      pg_restore --list /b/a.dump\n";
        assert_eq!(found(steps), ["8:7 find /b -name '*.dump' -mtime +7 -delete"]);
    }

    #[test]
    fn one_that_is_looked_at_is_not() {
        for steps in [
            "  - {id: a, run: pg_dump -Fc shop > /b/a.dump}\n  - {id: b, run: pg_restore --list /b/a.dump}\n",
            "  - {id: a, run: pg_dump -Fc shop > /b/a.dump, verify: [{probe: {file: /b/a.dump, expect: {larger_than: 1KiB}}}]}\n",
            "  - {id: a, run: pg_dump -Fc shop > /b/a.dump}\n  - {id: b, probe: {file: /b/a.dump, expect: {larger_than: 1KiB}}}\n",
            "  - {id: a, title: Move the data aside, run: mv /srv/data /srv/data.broken}\n",
            "  - {id: a, run: pg_restore --list /b/a.dump}\n  - {id: b, run: \"find /b -name '*.dump' -mtime +7 -delete\"}\n",
        ] {
            assert_eq!(found(steps), [""; 0], "{steps}");
        }
    }
}
