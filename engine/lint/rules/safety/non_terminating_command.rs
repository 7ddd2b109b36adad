//! HP217: a step comes to an end.

use crate::lint::knowledge::Kind;
use crate::lint::rules::facts::{finding, instead, with_wrappers};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP217",
    name: "non-terminating-command",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A command never ends by itself.",
    why: "In a terminal a person looks for a while and presses Ctrl-C. A runbook waits for the \
          timeout, and then the step has failed, although nothing was wrong.",
    bad: include_str!("../../examples/HP217.bad.yaml"),
    good: include_str!("../../examples/HP217.good.yaml"),
    source: "https://docs.docker.com/reference/cli/docker/container/logs/",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for (at, command) in script.commands.iter().enumerate() {
            if is_ended(script, at, command) {
                continue;
            }
            let facts = with_wrappers(scene, script, command, Kind::Endless);
            let Some(fact) = facts.first() else { continue };
            let found = instead(finding(&RULE, scene, script, &fact.at, fact.sentence()), fact);
            let begin = script.text.get(command.range.start..).unwrap_or_default();
            let is_plain = script.is_shell && command.assignments.is_empty();
            findings.push(if is_plain && begin.starts_with(|it: char| it.is_ascii_alphabetic()) {
                let at = script.place(&command.range, scene.source).start;
                let edit = Edit::insert(at, "timeout 60 ");
                found.fix(Safety::Unsafe, "end it after a minute", vec![edit])
            } else {
                found
            });
        }
    }
}

/// Whether something else ends it: a time, the end of what reads it, or the end of the script.
fn is_ended(script: &Script<'_>, at: usize, command: &Known<'_>) -> bool {
    let is_timed = command.run_by(&["timeout", "gtimeout"]).is_some();
    let readers = script.commands[at..].iter().skip(1).take(64).take_while(|reader| {
        reader.pipe.number == command.pipe.number || reader.around.is_substituted
    });
    let is_cut = readers.into_iter().any(|reader| {
        let has = |options: &[&str]| {
            reader.arguments().iter().any(|word| options.iter().any(|it| word.text.starts_with(it)))
        };
        match reader.program() {
            "head" => true,
            "grep" | "egrep" | "rg" => has(&["-q", "-m", "--quiet", "--max-count"]),
            "sed" | "awk" => reader.text().contains('q') || reader.text().contains("exit"),
            _ => false,
        }
    });
    is_timed || is_cut || command.around.is_background
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};

    fn book(command: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, run: '{command}'}}\n")
    }

    #[test]
    fn what_goes_on_for_ever_is_found() {
        for command in [
            "docker compose logs -f api",
            "tail -f /var/log/a.log",
            "watch kubectl get pods",
            "ping db1",
            "kubectl -n a get pods -w",
            "journalctl -fu api",
            "docker compose up",
            "redis-cli MONITOR",
        ] {
            assert_eq!(of("HP217", &book(command)).len(), 1, "{command}");
        }
    }

    #[test]
    fn what_is_ended_by_something_else_is_not() {
        for command in [
            "timeout 5 tail -f /var/log/a.log",
            "tail -f /var/log/a.log | grep -m1 ready",
            "kubectl -n a port-forward svc/db 5432 & sleep 1",
            "ping -c 3 db1",
            "docker compose logs --tail 50 api",
            "docker compose up -d",
        ] {
            assert_eq!(of("HP217", &book(command)), [""; 0], "{command}");
        }
    }

    #[test]
    fn its_fix_ends_it_after_a_minute() {
        let text = book("echo; ping db1");
        let fix =
            review(&text).into_iter().find(|it| it.rule.code == "HP217").and_then(|it| it.fix);
        let edit = &fix.expect("there is a fix").edits[0];
        assert!(text[edit.at.start..].starts_with("ping db1"));
        assert_eq!(edit.text, "timeout 60 ");
    }
}
