//! HP702: what a tool never had.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding, instead};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP702",
    name: "unknown-flag-or-syntax",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A command has an option or a syntax that its tool does not have.",
    why: "It was never run: a restore that ends with \"unrecognized option\" is found in the middle of \
          the incident. Options are checked for tools whose every option is known.",
    bad: include_str!("../../examples/HP702.bad.yaml"),
    good: include_str!("../../examples/HP702.good.yaml"),
    source: "https://www.postgresql.org/docs/current/app-pgrestore.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            options(scene, script, command, findings);
            let Some(fact) = facts::first(command, Kind::Unknown) else { continue };
            let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
            findings.push(instead(found, fact));
        }
    }
}

fn options(scene: &Scene<'_>, script: &Script<'_>, command: &Known<'_>, findings: &mut Findings) {
    for unknown in scene.knowledge.unknown_options(command) {
        let (name, tool) = (&unknown.name, &unknown.command);
        let message = format!("`{tool}` has no option `{name}`");
        let found = finding(&RULE, scene, script, &unknown.at, message);
        let Some(nearest) = unknown.nearest else {
            findings.push(found.help(format!("look it up in the manual of {tool}")));
            continue;
        };
        let found = found.help(format!("did you mean `{nearest}`?"));
        let end = unknown.at.start + name.len();
        let is_there = script.text.get(unknown.at.start..end) == Some(name.as_str());
        let at = script.place(&(unknown.at.start..end), scene.source);
        findings.push(if is_there && script.is_shell {
            let title = format!("write `{nearest}`");
            found.fix(Safety::Unsafe, title, vec![Edit::replace(at, nearest)])
        } else {
            found
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};

    fn book(command: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, run: '{command}'}}\n")
    }

    #[test]
    fn an_option_that_is_not_there_is_found() {
        for (command, marked) in [
            ("pg_restore --target-time=\"12:00\" -d a b.dump", "--target-time=\"12:00\""),
            ("argocd app wait --all --health --timeout 60", "--all"),
            ("docker exec db pg_restore --clena -d a b.dump", "--clena"),
            (
                "clickhouse-client -q \"ALTER TABLE a DROP PARTITION WHERE b < 1\"",
                "ALTER TABLE a DROP PARTITION WHERE b < 1",
            ),
        ] {
            let found = of("HP702", &book(command));
            assert_eq!(found.len(), 1, "{command}: {found:?}");
            assert!(found[0].ends_with(&format!(" {marked}")), "{command}: {found:?}");
        }
    }

    #[test]
    fn what_is_there_or_cannot_be_told_is_not() {
        for command in [
            "pg_restore --exit-on-error -j4 -d a b.dump",
            "pg_restore \"$EXTRA\" -d a b.dump",
            "kubectl --nothing-like-that",
        ] {
            assert_eq!(of("HP702", &book(command)), [""; 0], "{command}");
        }
    }

    #[test]
    fn its_fix_writes_the_nearest() {
        let text = book("clickhouse-backup restore --restore-table=a:b daily");
        let fix =
            review(&text).into_iter().find(|it| it.rule.code == "HP702").and_then(|it| it.fix);
        let edit = fix.expect("there is a fix").edits.remove(0);
        assert_eq!(&text[edit.at.start..edit.at.end], "--restore-table");
        assert_eq!(edit.text, "--restore-table-mapping");
    }
}
