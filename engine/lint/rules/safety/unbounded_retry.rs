//! HP205: what is tried again must end.

use std::ops::Range;

use crate::lint::scene::{Role, Scene, Script, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP205",
    name: "unbounded-retry",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A loop tries something again for ever: `until …; do …; done`, `while true`, with no \
            count, no way out and no timeout around it.",
    why: "A service that is down is asked again and again: an outage becomes a load test, and the \
          step never ends, so that nobody is asked what to do next.",
    bad: include_str!("../../examples/HP205.bad.yaml"),
    good: include_str!("../../examples/HP205.good.yaml"),
    source: "practice: a retry has a count and a pause, or it is an outage of its own",
    check: Check::Scene(check),
};

/// What in the body of a loop ends it, or counts.
const ENDS: [&str; 12] = [
    "break", "exit", "return", "((", "-lt", "-le", "-gt", "-ge", "SECONDS", "timeout", "expr",
    "kill",
];

/// How many loops of a script are looked at.
const MOST: usize = 64;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let has_default = scene.library.defaults.setting.timeout.is_some();
    for script in scene.scripts.iter().filter(|it| it.is_shell && it.role == Role::Action) {
        let is_limited = script.step.is_some_and(|step| scene.inherited(step, "timeout").is_some());
        if is_limited || has_default || !script.commands.iter().any(|it| it.around.is_repeated) {
            continue;
        }
        for range in endless_loops(script) {
            let message =
                "this is tried again for ever: it has no count, no way out and no timeout";
            let at = script.place(&range, scene.source);
            let help = "make it a probe with `within`, or count: \
                        `for try in 1 2 3; do … && break; sleep 5; done`";
            let finding = Finding::new(&RULE, at, message).help(help);
            findings.push(scene.in_step(finding, script.step));
        }
    }
    waits(scene, findings);
}

/// A `wait` until something holds, however long that takes.
fn waits(scene: &Scene<'_>, findings: &mut Findings) {
    for step in &scene.steps {
        let until = step.key("wait").and_then(|wait| entry(wait, "until"));
        let Some((key, probe)) = until else { continue };
        let says = |node: &crate::document::Node| node.has("within");
        if says(probe) || entry(probe, "not").is_some_and(|(_, inner)| says(inner)) {
            continue;
        }
        let message = "this waits for ever when it never holds";
        let finding = Finding::new(&RULE, key, message).severity(Severity::Warning);
        let help = "say how long it may take to hold: `within: 10m`";
        findings.push(finding.step(&step.path).help(help));
    }
}

/// The conditions of loops that nothing ends.
fn endless_loops(script: &Script<'_>) -> Vec<Range<usize>> {
    let text = &script.text;
    let mut found = Vec::new();
    for keyword in ["until ", "while "] {
        for (at, _) in text.match_indices(keyword).take(MOST) {
            if !begins_a_command(script, at) {
                continue;
            }
            let rest = &text[at..];
            let Some(body) =
                ["; do", ";do", "\ndo", "\n"].iter().filter_map(|it| rest.find(it)).min()
            else {
                continue;
            };
            let condition = rest[..body].trim_end();
            let end = rest.find("done").unwrap_or(rest.len());
            let is_endless =
                is_patient(condition) && !ENDS.iter().any(|word| rest[..end].contains(word));
            if is_endless {
                found.push(at..at + condition.len());
            }
        }
    }
    found.sort_by_key(|range| range.start);
    found
}

/// Whether a condition can stay as it is for ever: any of `until`, and `while` of what is always so
/// or of a failure.
fn is_patient(condition: &str) -> bool {
    let Some(condition) = condition.strip_prefix("while ").map(str::trim) else { return true };
    matches!(condition, "true" | ":" | "[ 1 ]" | "[ true ]" | "[[ 1 ]]")
        || condition.starts_with('!')
}

/// Whether a keyword stands where a shell reads one: neither in a comment nor in a word.
fn begins_a_command(script: &Script<'_>, at: usize) -> bool {
    let before = script.text[..at].trim_end_matches([' ', '\t']);
    let is_first = before.is_empty()
        || before.ends_with(['\n', ';', '&', '|', '(', '{'])
        || ["do", "then", "else"].iter().any(|word| before.ends_with(word));
    let is_in = |range: &Range<usize>| range.start < at && at < range.end;
    let is_text = script.commands.iter().any(|command| {
        command.words.iter().any(|word| is_in(&word.range))
            || command.redirects.iter().any(|redirect| is_in(&redirect.target.range))
            || command.assignments.iter().any(|it| is_in(&it.value.range))
    });
    is_first && !is_text
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(lines: &[&str]) -> Vec<String> {
        let script: String = lines.iter().map(|line| format!("      {line}\n")).collect();
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n";
        of("HP205", &format!("{head}{script}"))
    }

    #[test]
    fn a_loop_that_nothing_ends_is_found() {
        assert_eq!(found(&["until pg_isready; do sleep 1; done"]), ["7:7 until pg_isready"]);
        assert_eq!(found(&["while true", "do", "  curl -f x", "done"]), ["7:7 while true"]);
        assert_eq!(
            found(&["start; while ! nc -z db 5432; do sleep 1; done"]),
            ["7:14 while ! nc -z db 5432"]
        );
    }

    #[test]
    fn a_loop_that_counts_or_gives_up_is_none() {
        for lines in [
            &["for try in 1 2 3; do pg_isready && break; done"] as &[&str],
            &["until pg_isready; do n=$((n + 1)); [ $n -lt 5 ] || exit 1; done"],
            &["while read -r line; do echo $line; done < file"],
            &["while [ -e lock ]; do sleep 1; done"],
            &["cat <<'EOF'", "until it is over; do nothing; done", "EOF"],
            &["echo \"until x; do y; done\""],
            &["# until pg_isready; do sleep 1; done", "echo a"],
        ] {
            assert!(found(lines).is_empty(), "{lines:?}");
        }
    }

    #[test]
    fn a_timeout_around_it_ends_a_loop() {
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    timeout: 1m\n    \
                    run: until pg_isready; do sleep 1; done\n";
        assert!(of("HP205", book).is_empty());
    }

    #[test]
    fn a_wait_says_how_long() {
        let wait = |probe: &str| {
            let step = format!("  - {{id: a, wait: {{until: {{{probe}}}}}}}\n");
            of("HP205", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{step}"))
        };
        assert_eq!(wait("tcp: \"db:5432\""), ["5:20 until"]);
        assert!(wait("tcp: \"db:5432\", within: 5m").is_empty());
    }
}
