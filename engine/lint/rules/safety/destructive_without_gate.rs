//! HP201: what destroys must be agreed to.

use crate::lint::knowledge::Kind;
use crate::lint::scene::Scene;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule, Safety};
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
    for script in scene.scripts.iter().filter(|script| !script.role.is_look()) {
        let Some(step) = script.step.filter(|step| scene.gate(*step).is_none()) else { continue };
        for command in &script.commands {
            if command.facts.iter().any(|fact| fact.kind == Kind::Destroys) {
                let at = script.place(&command.range, scene.source);
                let message = "this destroys, and nobody is asked before".to_owned();
                findings.push(Finding::new(&RULE, at, message).step(&scene.steps[step].path));
            }
        }
    }
}
