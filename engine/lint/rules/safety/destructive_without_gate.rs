//! HP201: what destroys must be agreed to.

use std::collections::HashSet;

use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::{self, finding};
use crate::lint::scene::{Known, Part, Scene};
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP201",
    name: "destructive-without-gate",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A command destroys data or service, and nobody is asked before.",
    why: "At three in the morning the wrong terminal, container or environment is one keystroke \
          away. A gate shows the command with its real values and waits for a person.",
    bad: include_str!("../../examples/HP201.bad.yaml"),
    good: include_str!("../../examples/HP201.good.yaml"),
    source: "practice: every one of the five source documents destroys without asking",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut fixed = HashSet::new();
    for script in scene.scripts.iter().filter(|script| !script.role.is_look()) {
        let Some(step) = script.step.filter(|step| !is_asked_about(scene, *step)) else { continue };
        for command in &script.commands {
            for fact in destroying(command) {
                let message = format!("{}, and nobody is asked before", fact.sentence());
                let at = if fact.is_of_a_statement() { &fact.at } else { &command.range };
                let found = finding(&RULE, scene, script, at, message);
                let mild = if fact.is_mild { Severity::Warning } else { RULE.severity };
                let found = found.severity(mild).help(match &fact.instead {
                    Some(instead) => format!("put a `gate:` before it; better: {instead}"),
                    None => "put a `gate:` before it".to_owned(),
                });
                let gated = gated(scene, step);
                let fix = fixed.insert(gated).then(|| gate(scene, gated, fact)).flatten();
                findings.push(match fix {
                    Some(edit) => found.fix(Safety::Unsafe, "ask before the step", vec![edit]),
                    None => found,
                });
            }
        }
    }
}

/// What is destroyed by a command: data before service, each statement by itself, and what surely
/// destroys before what may.
fn destroying<'c, 's>(command: &'c Known<'s>) -> Vec<&'c Match<'s>> {
    let kinds = [Kind::Destroys, Kind::TearsDown];
    let mut all: Vec<&Match<'s>> =
        kinds.into_iter().flat_map(|kind| facts::each(command, kind)).collect();
    all.sort_by_key(|fact| fact.is_mild);
    let mut each: Vec<&Match<'s>> = Vec::new();
    for fact in all {
        let is_told = each.iter().any(|told| told.at == fact.at || !fact.is_of_a_statement());
        if !is_told {
            each.push(fact);
        }
    }
    each
}

/// Whether a person has agreed before an entry, or picks it by hand: an undo that is not paired.
fn is_asked_about(scene: &Scene<'_>, step: usize) -> bool {
    let is_picked = |at: usize| scene.steps[at].part == Part::Undo { is_paired: false };
    scene.gate(step).is_some() || scene.around(step).any(is_picked)
}

/// The entry that can have a gate: a case and an undo have none of their own.
fn gated(scene: &Scene<'_>, step: usize) -> usize {
    let can_have = |at: &usize| !matches!(scene.steps[*at].part, Part::Case | Part::Undo { .. });
    scene.around(step).find(can_have).unwrap_or(step)
}

/// The edit that puts a gate before the action of an entry.
fn gate(scene: &Scene<'_>, step: usize, fact: &Match<'_>) -> Option<Edit> {
    let step = &scene.steps[step];
    if step.key("gate").is_some() {
        return None;
    }
    let at = step.key_span(step.action)?.start;
    let words = format!("{} {}. Go on?", fact.name, fact.does);
    let ask = words.replace('\\', "\\\\").replace('"', "\\\"").replace("${{", "");
    let text = scene.source.text();
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[line..at];
    let is_in_block = before.chars().all(|found| found == ' ' || found == '-');
    Some(if is_in_block {
        let indent = " ".repeat(before.len());
        Edit::insert(at, format!("gate: {{ask: \"{ask}\"}}\n{indent}"))
    } else {
        Edit::insert(at, format!("gate: {{ask: \"{ask}\"}}, "))
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};

    fn found(steps: &str) -> Vec<String> {
        of("HP201", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn what_destroys_is_found_whatever_runs_it() {
        for command in [
            "docker volume rm shop_data",
            "sudo -n rm -rf /var/lib/postgresql/data",
            "kubectl -n shop exec -i db-0 -- dropdb shop",
            "ssh db1 rm -rf /srv/data",
            "echo \"DROP TABLE users;\" | docker exec -i db psql -U shop shop",
            "terraform -chdir=infra apply -auto-approve",
            "redis-cli -n 2 FLUSHDB",
            "find /backups -name \"*.gz\" -mtime +7 -delete",
        ] {
            let steps = format!("  - {{id: a, run: '{command}'}}\n");
            assert_eq!(found(&steps).len(), 1, "{command}");
        }
    }

    #[test]
    fn what_only_names_it_or_loses_nothing_is_not() {
        for command in [
            "echo \"rm -rf /\"",
            "rm -rf -- \"$(mktemp -d)\"",
            "psql -d shop -c \"BEGIN; DELETE FROM a; ROLLBACK\"",
            "docker compose stop api",
            "kubectl -n shop delete pod x --dry-run=client",
            "grep -r \"docker volume rm\" .",
        ] {
            assert_eq!(found(&format!("  - {{id: a, run: '{command}'}}\n")), [""; 0], "{command}");
        }
    }

    #[test]
    fn a_gate_here_or_around_is_agreement() {
        let run = "run: docker volume rm x";
        for steps in [
            format!("  - {{id: a, gate: true, {run}}}\n"),
            format!(
                "  - id: g\n    gate: {{ask: really?}}\n    steps:\n      - {{id: a, {run}}}\n"
            ),
            format!(
                "  - id: a\n    gate: true\n    switch: inputs.x\n    cases: {{y: {{{run}}}}}\n"
            ),
            format!("  - {{id: a, run: touch /srv/x, undo: {{{run}}}}}\n"),
        ] {
            assert_eq!(found(&steps), [""; 0], "{steps}");
        }
        assert_eq!(found(&format!("  - {{id: a, gate: false, {run}}}\n")).len(), 1);
        let paired = "undo: {paired: true, run: docker volume rm x}";
        assert_eq!(found(&format!("  - {{id: a, run: touch /srv/x, {paired}}}\n")).len(), 1);
    }

    #[test]
    fn its_fix_puts_a_gate_before_the_action_once_for_a_step() {
        for (steps, mended) in [
            (
                "  - id: a\n    title: A\n    run: |\n      docker volume rm x\n      docker volume rm y\n",
                "  - id: a\n    title: A\n    gate: {ask: \"docker volume rm removes a volume with all \
                 that is in it. Go on?\"}\n    run: |\n      docker volume rm x\n      docker volume rm y\n",
            ),
            (
                "  - {id: a, run: docker volume rm x}\n",
                "  - {id: a, gate: {ask: \"docker volume rm removes a volume with all that is in it. \
                 Go on?\"}, run: docker volume rm x}\n",
            ),
        ] {
            let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n";
            let mut text = format!("{head}{steps}");
            let fixes = review(&text).into_iter().filter(|it| it.rule.code == "HP201");
            let edits: Vec<_> = fixes.filter_map(|it| it.fix).flat_map(|fix| fix.edits).collect();
            assert_eq!(edits.len(), 1, "{steps}");
            text.replace_range(edits[0].at.start..edits[0].at.end, &edits[0].text);
            assert_eq!(text, format!("{head}{mended}"));
            assert_eq!(of("HP201", &text), [""; 0]);
        }
    }
}
