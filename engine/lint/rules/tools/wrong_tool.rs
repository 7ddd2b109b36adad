//! HP703: a command does what its step is for.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{self, finding, instead};
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP703",
    name: "wrong-tool",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A command does something else than what its step says.",
    why: "`pg_basebackup` takes a backup and restores nothing, and `BGREWRITEAOF` writes what is in \
          memory, which may be nothing. Both end with 0, so the step is green and the data is gone.",
    bad: include_str!("../../examples/HP703.bad.yaml"),
    good: include_str!("../../examples/HP703.good.yaml"),
    source: "https://www.postgresql.org/docs/current/app-pgbasebackup.html",
    check: Check::Scene(check),
};

/// How many lines a command is marked whole.
const FEW_LINES: usize = 6;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            let Some(fact) = facts::first(command, Kind::WrongTool) else { continue };
            // Of a program that is written into a word, the line that it is about.
            let lines = script.text.get(command.range.clone()).unwrap_or_default().lines().count();
            let at = if lines > FEW_LINES { &fact.at } else { &command.range };
            let found = finding(&RULE, scene, script, at, fact.sentence());
            let severity = if fact.is_mild { Severity::Warning } else { RULE.severity };
            findings.push(instead(found, fact).severity(severity));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(title: &str, command: &str) -> Vec<String> {
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n";
        of("HP703", &format!("{head}  - {{id: a, title: {title}, run: '{command}'}}\n"))
    }

    #[test]
    fn a_command_that_does_something_else_is_found() {
        for (title, command) in [
            ("Restore the base backup", "pg_basebackup -D /srv/data"),
            ("Restore Redis", "redis-cli BGREWRITEAOF"),
            ("Restart with fresh state", "docker compose restart api"),
            ("Load it", "pg_restore -d shop shop.dump.gz"),
        ] {
            assert_eq!(found(title, command).len(), 1, "{title}");
        }
    }

    #[test]
    fn one_that_does_what_is_said_is_not() {
        for (title, command) in [
            ("Take a base backup", "pg_basebackup -D /b"),
            ("Make the file smaller", "redis-cli BGREWRITEAOF"),
            ("Restart", "docker compose restart api"),
        ] {
            assert_eq!(found(title, command), [""; 0], "{title}");
        }
    }
}
