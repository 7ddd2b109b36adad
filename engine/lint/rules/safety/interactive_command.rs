//! HP216: nobody is at the terminal of a step.

use std::collections::HashSet;

use crate::document::Node;
use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::{finding, instead, with_wrappers};
use crate::lint::scene::{Scene, Script};
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP216",
    name: "interactive-command",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A command waits for somebody at a terminal, and its step has none.",
    why: "The output of a step is captured and its input is empty. An editor, a pager or a question \
          then ends at once with an error, or waits until the timeout. `tty: true` gives a step the \
          operator's terminal; else there is mostly an option that asks nothing.",
    bad: include_str!("../../examples/HP216.bad.yaml"),
    good: include_str!("../../examples/HP216.good.yaml"),
    source: "https://www.sudo.ws/docs/man/sudo.man/",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| !has_terminal(script)) {
        // What runs a whole script is told once.
        let mut told = HashSet::new();
        for command in &script.commands {
            for fact in with_wrappers(scene, script, command, Kind::Interactive) {
                if !told.insert((fact.at.start, fact.name.clone())) {
                    continue;
                }
                let message = format!("{}, and a step has no terminal", fact.sentence());
                let found = instead(finding(&RULE, scene, script, &fact.at, message), &fact);
                findings.push(match edit(scene, script, &fact) {
                    Some((title, edit)) => found.fix(Safety::Safe, title, vec![edit]),
                    None => found,
                });
            }
        }
    }
}

fn has_terminal(script: &Script<'_>) -> bool {
    script.key("tty").and_then(Node::as_bool) == Some(true)
}

/// What makes the command ask nothing: `sudo -n`, or an exec without `-t`.
fn edit(scene: &Scene<'_>, script: &Script<'_>, fact: &Match<'_>) -> Option<(&'static str, Edit)> {
    if !script.is_shell {
        return None;
    }
    let written = script.text.get(fact.at.clone())?;
    if fact.name == "sudo" {
        let at = fact.at.start..fact.at.start + "sudo".len();
        let is_there = written.starts_with("sudo");
        let at = is_there.then(|| script.place(&at, scene.source))?;
        return Some(("add `-n`", Edit::insert(at.end, " -n")));
    }
    let is_exec = ["docker ", "docker-compose ", "podman ", "kubectl ", "oc "];
    if !is_exec.iter().any(|program| fact.name.starts_with(program)) {
        return None;
    }
    let rest = match written {
        "--tty" | "-t" => String::new(),
        _ if written.starts_with('-') && !written.starts_with("--") => written.replacen('t', "", 1),
        _ => return None,
    };
    // An option that goes takes the blank before it along.
    let start = fact.at.start - usize::from(rest.is_empty());
    let is_apart =
        script.text.get(start..fact.at.start).is_none_or(|blank| blank.trim().is_empty());
    let at = is_apart.then(|| script.place(&(start..fact.at.end), scene.source))?;
    Some(("leave the terminal out", Edit::replace(at, rest)))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};

    fn book(step: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, {step}}}\n")
    }

    fn found(step: &str) -> Vec<String> {
        of("HP216", &book(step))
    }

    #[test]
    fn what_waits_for_a_person_is_found() {
        for (command, marked) in [
            ("nano .env", "nano .env"),
            ("sudo systemctl stop api", "sudo"),
            ("docker exec -it db psql -c 1", "-it"),
            ("kubectl exec -ti db-0 -- ls", "-ti"),
            ("terraform apply", "terraform apply"),
            ("read answer", "read answer"),
            ("psql shop", "psql shop"),
        ] {
            let found = found(&format!("run: {command}"));
            assert_eq!(found.len(), 1, "{command}: {found:?}");
            assert!(found[0].ends_with(&format!(" {marked}")), "{command}: {found:?}");
        }
        assert_eq!(found("run: [sudo, systemctl, stop, api]").len(), 1);
    }

    #[test]
    fn what_is_given_its_input_or_a_terminal_is_not() {
        for step in [
            "tty: true, run: nano .env",
            "run: sudo -n systemctl stop api",
            "run: cat a.sql | psql shop",
            "run: psql shop, stdin: select 1",
            "run: terraform apply tfplan",
            "run: docker exec -i db psql -c 1",
            "run: echo nano",
            "run: while read -r line; do echo; done < file",
        ] {
            assert_eq!(found(step), [""; 0], "{step}");
        }
    }

    #[test]
    fn its_fix_asks_nothing() {
        for (command, mended) in [
            ("sudo systemctl stop api", "sudo -n systemctl stop api"),
            ("docker exec -it db ls", "docker exec -i db ls"),
            ("docker exec -t db ls", "docker exec db ls"),
            ("kubectl -n a exec --tty --stdin db-0 -- ls", "kubectl -n a exec --stdin db-0 -- ls"),
        ] {
            let mut text = book(&format!("run: {command}"));
            let fixes = review(&text).into_iter().filter(|it| it.rule.code == "HP216");
            let edits: Vec<_> = fixes.filter_map(|it| it.fix).flat_map(|fix| fix.edits).collect();
            assert_eq!(edits.len(), 1, "{command}");
            text.replace_range(edits[0].at.start..edits[0].at.end, &edits[0].text);
            assert_eq!(text, book(&format!("run: {mended}")));
        }
    }
}
