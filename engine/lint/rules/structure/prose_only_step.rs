//! HP110: a step that only says what somebody should do.

use crate::lint::scene::{Role, Scene, Script, Step};
use crate::lint::shell::{Command, MAX_LENGTH};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP110",
    name: "prose-only-step",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A step is a sentence: a `manual` that nothing shows to be done, or a script of comments \
            and `echo`.",
    why: "\"Notify affected users\" is ticked by whoever is in a hurry. Nobody can tell afterwards \
          whether it was done, for whom, or how well. A script that only prints a sentence even \
          succeeds by itself. What a person does needs an answer or evidence that it was done, or a \
          check after it.",
    bad: include_str!("../../examples/HP110.bad.yaml"),
    good: include_str!("../../examples/HP110.good.yaml"),
    source: "practice: half of the steps of the five source documents are sentences",
    check: Check::Scene(check),
};

/// Keys by which a step shows that it was done.
const SHOWS: [&str; 5] = ["answers", "evidence", "verify", "done_when", "expect"];

/// How many words make a sentence.
const SENTENCE: usize = 4;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for (at, step) in scene.steps.iter().enumerate() {
        let is_shown = scene.around(at).any(|at| is_shown(&scene.steps[at]));
        if is_shown || step.key("outputs").is_some() {
            continue;
        }
        if let (Some(key), Some(text)) = (step.key_span("manual"), step.key("manual")) {
            let message = "nothing shows that this was done, and how well";
            let help = "ask for what shows it: `evidence`, `answers`, or a `verify` that looks";
            let at = key.to(text.span);
            findings.push(Finding::new(&RULE, at, message).step(&step.path).help(help));
        } else if let Some(key) = step.key_span("run") {
            let mut scripts = scene.scripts_of(at);
            let is_prose = scripts.any(|script| script.role == Role::Action && is_prose(script));
            if is_prose {
                let message = "this prints and does nothing, and succeeds whatever was done";
                let help = "where a person does it, make it `manual` with `evidence` or `answers`";
                findings.push(Finding::new(&RULE, key, message).step(&step.path).help(help));
            }
        }
    }
}

fn is_shown(step: &Step) -> bool {
    SHOWS.iter().any(|key| step.key(key).is_some())
}

/// Whether a script is comments and `echo`, and what it says is a sentence.
fn is_prose(script: &Script<'_>) -> bool {
    let is_silent = |command: &Command| {
        matches!(command.program(), "echo" | "printf" | ":" | "true" | "set" | "exit")
            && command.redirects.iter().all(|redirect| redirect.operator.contains('&'))
            && command.pipe.length <= 1
    };
    let is_read = script.is_shell && script.text.len() <= MAX_LENGTH;
    if !is_read || !script.commands.iter().all(|known| is_silent(&known.command)) {
        return false;
    }
    let comments = script.text.lines().map(str::trim_start);
    let comments = comments.filter(|line| line.starts_with('#') && !line.starts_with("#!"));
    let printed = script.commands.iter().filter(|known| known.program() == "echo");
    let printed = printed.flat_map(|known| known.arguments()).map(|word| word.text.as_str());
    let printed = printed.filter(|text| {
        // Values, and words that begin small, are what a command prints, not what a person reads.
        !text.contains("${{") && text.starts_with(|c: char| c.is_uppercase() || c == '=')
    });
    let words = |text: &str| text.split_whitespace().filter(|word| *word != "#").count();
    comments.chain(printed).map(words).sum::<usize>() >= SENTENCE
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(step: &str) -> Vec<String> {
        of("HP110", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n{step}"))
    }

    #[test]
    fn a_sentence_is_no_step() {
        assert_eq!(
            found("    manual: Notify affected users\n"),
            ["6:5 manual: Notify affected users"]
        );
        assert_eq!(found("    run: |\n      # Edit the environment file by hand\n"), ["6:5 run"]);
        assert_eq!(
            found("    run: |\n      # WARNING\n      echo \"Now edit the file\"\n"),
            ["6:5 run"]
        );
    }

    #[test]
    fn what_shows_that_it_was_done_makes_it_one() {
        for step in [
            "    manual: Notify affected users\n    evidence: [ticket]\n",
            "    manual: Make a key\n    answers: {key: {}}\n",
            "    manual: Start the server\n    verify: [{probe: {tcp: \"127.0.0.1:1\"}}]\n",
        ] {
            assert!(found(step).is_empty(), "{step}");
        }
    }

    #[test]
    fn a_script_that_does_something_is_one() {
        for script in ["echo working", "touch a file of many words", "echo a b c d > file"] {
            assert!(found(&format!("    run: {script}\n")).is_empty(), "{script}");
        }
        assert!(found("    run: echo a b c d\n    outputs: {all: {}}\n").is_empty());
    }
}
