//! HP221: what only reads changes nothing.

use crate::lint::knowledge::Match;
use crate::lint::rules::facts::finding;
use crate::lint::scene::{Known, Role, Scene, Script};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::{Severity, Span};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP221",
    name: "read-step-that-changes",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A probe, or a step with `effect: read`, runs a command that changes something.",
    why: "What reads is repeated without a question: after a crash, by every look of a probe, and in \
          a rehearsal with `--observe`. A change that hides there is made again and again.",
    bad: include_str!("../../examples/HP221.bad.yaml"),
    good: include_str!("../../examples/HP221.good.yaml"),
    source: "practice: a look that changes something hides what it looks at",
    check: Check::Scene(check),
};

/// The scripts that must only read, and hold a command that is known to change something.
pub fn changing<'a, 's>(scene: &'a Scene<'s>) -> impl Iterator<Item = &'a Script<'s>> {
    let must_read = |script: &&Script<'s>| why_it_reads(scene, script).is_some();
    let has_change = |script: &&Script<'s>| {
        script.commands.iter().any(|it| change(it).is_some() || written(it).is_some())
    };
    scene.scripts.iter().filter(must_read).filter(has_change)
}

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        let Some((reason, at)) = why_it_reads(scene, script) else { continue };
        for command in &script.commands {
            let (what, is_mild) = match (change(command), written(command)) {
                (Some(fact), _) => (fact.sentence(), fact.is_mild),
                (None, Some(file)) => (format!("this writes into {}", file.text), true),
                (None, None) => continue,
            };
            let message = format!("{what}, but {reason}");
            let severity = if is_mild { Severity::Warning } else { RULE.severity };
            let found = finding(&RULE, scene, script, &command.range, message).severity(severity);
            let found = found.help("make it a `run` step of its own, with the effect that it has");
            findings.push(match at {
                Some(at) => found.related(at, "this says that it only reads"),
                None => found,
            });
        }
    }
}

/// The worst change: one for which there is no good reason.
fn change<'c, 's>(command: &'c Known<'s>) -> Option<&'c Match<'s>> {
    let changes = || command.facts.iter().filter(|fact| fact.kind.is_change());
    changes().find(|fact| !fact.is_mild).or_else(|| changes().next())
}

/// The file that a command writes what it prints into, where its name is known.
fn written<'c>(command: &'c Known<'_>) -> Option<&'c Word> {
    let is_file = |file: &&Word| file.is_literal && !file.text.starts_with("/dev/");
    let kept = command.redirects.iter().filter(|redirect| redirect.keeps_output());
    kept.map(|redirect| &redirect.target).find(is_file)
}

/// Why a script must only read, and where that is said.
fn why_it_reads(scene: &Scene<'_>, script: &Script<'_>) -> Option<(&'static str, Option<Span>)> {
    match script.role {
        Role::Action => {
            let own = scene.around(script.step?).map(|at| &scene.steps[at]);
            let step = own.into_iter().find(|step| step.text("effect").is_some())?;
            let is_read = step.text("effect") == Some("read");
            is_read.then(|| ("its step says that it only reads", step.key_span("effect")))
        }
        Role::Choices => Some(("`choices_from` must only look", None)),
        _ => Some(("a probe must only look", None)),
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{of, review};
    use crate::source::Severity;

    fn book(step: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, {step}}}\n")
    }

    #[test]
    fn a_change_in_what_only_reads_is_found() {
        for step in [
            "effect: read, run: systemctl restart api",
            "effect: read, switch: inputs.x, cases: {y: {run: systemctl restart api}}",
            "probe: {run: redis-cli SET a b}",
            "run: ls, verify: [{probe: {run: kubectl -n a delete pod b}}]",
            "effect: read, run: echo seen > /srv/seen",
            "run: ls, done_when: {run: \"psql -d a -c 'insert into b values (1)'\"}",
        ] {
            assert_eq!(of("HP221", &book(step)).len(), 1, "{step}");
        }
        let choices = "holdpoint: 1\nid: x\ntitle: X\ninputs:\n  a: {choices_from: rm /srv/x}\nsteps: [{id: a, run: ls}]\n";
        assert_eq!(of("HP221", choices).len(), 1);
    }

    #[test]
    fn a_look_is_none() {
        for step in [
            "effect: read, run: systemctl status api",
            "effect: idempotent, run: systemctl restart api",
            "run: systemctl restart api",
            "probe: {run: redis-cli PING}",
            "effect: read, run: \"ls > /dev/null 2>&1; ls > \\\"$seen\\\"\"",
            "effect: read, run: \"dir=$(mktemp -d); rm -rf \\\"$dir\\\"\"",
        ] {
            assert_eq!(of("HP221", &book(step)), [""; 0], "{step}");
        }
    }

    #[test]
    fn what_may_have_its_reason_is_a_warning() {
        let found = review(&book("probe: {run: curl -f -X POST http://127.0.0.1/search}"));
        let found: Vec<_> = found.iter().filter(|it| it.rule.code == "HP221").collect();
        assert_eq!(found.iter().map(|it| it.severity).collect::<Vec<_>>(), [Severity::Warning]);
    }
}
