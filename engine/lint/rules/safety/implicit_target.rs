//! HP215: where a command goes is written down.

use std::ops::Range;

use crate::lint::knowledge::{Kind, Match};
use crate::lint::rules::facts::{finding, instead, with_wrappers};
use crate::lint::scene::{Scene, Script};
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP215",
    name: "implicit-target",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A command goes wherever the shell of the on-call person happens to point: a namespace, \
            a database, a workspace.",
    why: "The same line that mends staging at noon deletes production at night, because somebody \
          changed the context in between. What is written in the command is the same for everybody.",
    bad: include_str!("../../examples/HP215.bad.yaml"),
    good: include_str!("../../examples/HP215.good.yaml"),
    source: "https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut namespace = None;
    for script in &scene.scripts {
        // What runs a whole script is told once.
        let mut told: Vec<Range<usize>> = Vec::new();
        for command in &script.commands {
            for fact in with_wrappers(scene, script, command, Kind::ImplicitTarget) {
                if told.contains(&fact.at) {
                    continue;
                }
                told.push(fact.at.clone());
                let found = finding(&RULE, scene, script, &fact.at, fact.sentence());
                let found = instead(found, &fact);
                let used = namespace.get_or_insert_with(|| used_namespace(scene));
                findings.push(with_namespace(found, scene, script, &fact, used.as_deref()));
            }
        }
    }
}

/// The finding with the namespace that the runbook uses elsewhere.
fn with_namespace(
    found: Finding,
    scene: &Scene<'_>,
    script: &Script<'_>,
    fact: &Match<'_>,
    used: Option<&str>,
) -> Finding {
    let Some(used) = used.filter(|_| fact.tool == "kubernetes" && script.is_shell) else {
        return found;
    };
    let program = fact.name.split(' ').next().unwrap_or_default();
    let Range { start, .. } = fact.at;
    let end = start + program.len();
    if script.text.get(start..end) != Some(program) {
        return found;
    }
    let at = script.place(&(start..end), scene.source);
    let title = format!("use `-n {used}`, as another command of this runbook does");
    found.fix(Safety::Unsafe, title, vec![Edit::insert(at.end, format!(" -n {used}"))])
}

/// The first namespace that a command of the runbook names.
fn used_namespace(scene: &Scene<'_>) -> Option<String> {
    let commands = scene.scripts.iter().flat_map(|script| &script.commands);
    let lines = commands.flat_map(|command| {
        let outer = command.wrappers.iter().map(|wrapper| wrapper.words.as_slice());
        outer.chain(std::iter::once(command.words.as_slice()))
    });
    lines.into_iter().find_map(|words| {
        let program =
            words.first().filter(|word| matches!(word.text.as_str(), "kubectl" | "oc"))?;
        let (_, line) = scene.knowledge.line(&program.text, &words[1..]);
        let given = line.given("-n").or_else(|| line.given("--namespace"))?;
        given.value.filter(|value| !value.contains(['$', '{', ' '])).map(str::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};

    fn found(steps: &str) -> Vec<String> {
        of("HP215", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn what_depends_on_a_context_is_found() {
        let steps = "  - id: a\n    run: |\n      kubectl get pods\n      kubectl get svc\n      terraform plan\n";
        assert_eq!(
            found(steps),
            ["7:7 kubectl get pods", "8:7 kubectl get svc", "9:7 terraform plan"]
        );
        let steps = "  - {id: a, run: \"kubectl exec -i db-0 -- psql -U shop -c 'select 1'\"}\n";
        assert_eq!(found(steps).len(), 2);
    }

    #[test]
    fn what_is_said_anywhere_around_settles_it() {
        for step in [
            "run: kubectl -n shop get pods",
            "run: kubectl get pods, env: {KUBECONFIG: /srv/kubeconfig}",
            "run: terraform plan, cwd: /srv/infra",
            "run: cd infra && terraform plan",
            "run: \"psql -c 'select 1'\", env: {PGDATABASE: shop}",
            "run: \"psql -c 'select 1'\", env: {PGSERVICE: shop}",
            "run: kubectl get pods, target: {kubernetes: {context: a, namespace: b, pod: c}}",
        ] {
            assert_eq!(found(&format!("  - {{id: a, {step}}}\n")), [""; 0], "{step}");
        }
    }

    #[test]
    fn its_fix_takes_the_namespace_that_is_used_elsewhere() {
        let text = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: kubectl -n shop get pods\n  \
                    - id: b\n    run: kubectl scale deploy/api --replicas=2\n";
        let fixes = review(text).into_iter().filter(|it| it.rule.code == "HP215");
        let fixes: Vec<_> = fixes.filter_map(|it| it.fix).collect();
        assert_eq!(fixes.len(), 1);
        let edit = &fixes[0].edits[0];
        assert_eq!(text[..edit.at.start].lines().last(), Some("    run: kubectl"));
        assert_eq!(edit.text, " -n shop");
    }
}
