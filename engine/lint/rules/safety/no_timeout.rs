//! HP204: what hangs must end.

use crate::document::{Node, Style};
use crate::lint::scene::{Known, Role, Scene};
use crate::lint::shell::Command;
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::Severity;

use super::change::is_statement;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP204",
    name: "no-timeout",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A command may take as long as it likes: neither its step nor what stands around it has \
            a `timeout`.",
    why: "A client that waits for a server which does not answer waits for ever. Nothing is printed, \
          nobody dares to stop it, and the recovery time is spent on watching.",
    bad: include_str!("../../examples/HP204.bad.yaml"),
    good: include_str!("../../examples/HP204.good.yaml"),
    source: "practice: no step of the five source documents has a timeout",
    check: Check::Scene(check),
};

/// Programs that end at once, or when what they read ends.
const QUICK: [&str; 70] = [
    "",
    "--",
    ":",
    ".",
    "[",
    "[[",
    "awk",
    "base64",
    "basename",
    "break",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cksum",
    "cmp",
    "command",
    "continue",
    "cp",
    "cut",
    "date",
    "df",
    "diff",
    "dirname",
    "echo",
    "env",
    "exit",
    "export",
    "false",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "jq",
    "kill",
    "let",
    "ln",
    "local",
    "ls",
    "mkdir",
    "mktemp",
    "mv",
    "od",
    "printf",
    "pwd",
    "readonly",
    "return",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "set",
    "sha256sum",
    "shift",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tee",
    "test",
    "touch",
    "tr",
    "trap",
    "true",
    "uname",
    "uniq",
    "wc",
    "whoami",
];

/// Options by which a command limits its own time.
const LIMITS: [&str; 7] = [
    "--timeout",
    "--max-time",
    "--request-timeout",
    "--wait-timeout",
    "--statement-timeout",
    "--connect-timeout",
    "--cli-read-timeout",
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    if scene.library.defaults.setting.timeout.is_some() {
        return;
    }
    let mut fix = default_for_all(scene);
    for (at, step) in scene.steps.iter().enumerate() {
        let Some(key) = step.key_span("run") else { continue };
        let has_terminal = step.key("tty").and_then(Node::as_bool) == Some(true);
        if has_terminal || scene.inherited(at, "timeout").is_some() {
            continue;
        }
        for script in scene.scripts_of(at).filter(|script| script.role == Role::Action) {
            for slow in slow(&script.commands) {
                let at = script.place(&slow.range, scene.source);
                let program = slow.program();
                let message = format!("`{program}` may take for ever: the step has no timeout");
                let mut finding = Finding::new(&RULE, at, message)
                    .related(key, "it has no `timeout`")
                    .step(&step.path)
                    .help("say how long it may take: `timeout: 5m`, here or once in `defaults`");
                if let Some(edit) = fix.take() {
                    let title = "give every step ten minutes, unless it says otherwise";
                    finding = finding.fix(Safety::Unsafe, title, vec![edit]);
                }
                findings.push(finding);
            }
        }
    }
}

/// The first command that is not quick, and each that waits for something else.
fn slow<'c, 's>(commands: &'c [Known<'s>]) -> impl Iterator<Item = &'c Known<'s>> {
    let waits = |command: &Known<'_>| {
        let waits = |text: &str| matches!(text, "wait" | "rollout");
        matches!(command.program(), "curl" | "wget")
            || command.arguments().iter().any(|word| waits(&word.text))
    };
    let mut is_first = true;
    let slow = commands.iter().filter(|command| !is_limited(command));
    slow.filter(move |command| std::mem::take(&mut is_first) || waits(command))
}

fn is_limited(command: &Command) -> bool {
    let is_elsewhere = !command.wrappers.is_empty();
    let is_timed = command.wrappers.iter().any(|wrapper| wrapper.program == "timeout");
    let has_limit = command.arguments().iter().any(|word| {
        let is_curl = command.program() == "curl" && word.text == "-m";
        is_curl || LIMITS.iter().any(|limit| word.text.split('=').next() == Some(limit))
    });
    let is_quick = QUICK.contains(&command.program()) && !follows(command);
    // What is no command at all, such as SQL or YAML, ends at once, with an error.
    let is_none = is_statement(command) || command.program().ends_with(':');
    is_timed || has_limit || is_none || command.around.is_background || (is_quick && !is_elsewhere)
}

/// `tail -f` does not end.
fn follows(command: &Command) -> bool {
    command.program() == "tail"
        && command.arguments().iter().any(|word| {
            matches!(word.text.as_str(), "-f" | "-F" | "--follow") || word.text.starts_with("-fn")
        })
}

/// The edit that gives all steps a timeout.
fn default_for_all(scene: &Scene<'_>) -> Option<Edit> {
    const TIMEOUT: &str = "timeout: 10m";
    let Some((_, defaults)) = scene.key("defaults") else {
        let (steps, _) = scene.key("steps")?;
        return Some(Edit::insert(steps.start, format!("defaults: {{{TIMEOUT}}}\n")));
    };
    let first = defaults.as_mapping()?.first()?;
    let written = scene.source.text().get(defaults.span.start..)?;
    if written.starts_with('{') {
        return Some(Edit::insert(first.key.span.start, format!("{TIMEOUT}, ")));
    }
    let is_plain = first.value.as_scalar().is_none_or(|scalar| scalar.style == Style::Plain);
    let column = scene.source.position(first.key.span.start).column;
    let indent = " ".repeat(column.saturating_sub(1));
    is_plain.then(|| Edit::insert(first.key.span.start, format!("{TIMEOUT}\n{indent}")))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{found_beside, of, with_scene};

    fn book(head: &str, script: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\n{head}steps:\n  - id: a\n    run: {script}\n")
    }

    #[test]
    fn a_command_that_may_hang_needs_a_timeout() {
        assert_eq!(of("HP204", &book("", "echo a; pg_dump shop")), ["6:18 pg_dump shop"]);
        assert_eq!(
            of("HP204", &book("", "kubectl apply -f a.yaml; kubectl rollout status deploy/a")),
            ["6:10 kubectl apply -f a.yaml", "6:35 kubectl rollout status deploy/a"]
        );
        assert_eq!(of("HP204", &book("", "ssh db-1 date")).len(), 1);
    }

    #[test]
    fn a_limit_anywhere_will_do() {
        for (head, script) in [
            ("defaults: {timeout: 5m}\n", "pg_dump shop"),
            ("", "timeout 5m pg_dump shop"),
            ("", "kubectl rollout status deploy/a --timeout=2m"),
            ("", "curl -m 5 http://127.0.0.1/"),
            ("", "echo done; date; mkdir -p a"),
        ] {
            assert!(of("HP204", &book(head, script)).is_empty(), "{script}");
        }
        let library = "holdpoint: 1\ndefaults: {timeout: 5m}\n";
        let found = found_beside(library, &book("", "pg_dump shop"));
        assert!(!found.iter().any(|finding| finding.starts_with("HP204")));
    }

    /// The text after the fix of the first finding.
    fn fixed(text: &str) -> String {
        with_scene(text, |scene| {
            let found = crate::lint::lint(scene);
            let mut fixes = found.into_iter().filter(|it| it.rule.code == "HP204");
            let fix = fixes.next().and_then(|finding| finding.fix).unwrap();
            let edit = &fix.edits[0];
            format!("{}{}{}", &text[..edit.at.start], edit.text, &text[edit.at.end..])
        })
    }

    #[test]
    fn the_fix_gives_a_default_to_all() {
        for (head, expected) in [
            ("", "defaults: {timeout: 10m}\n"),
            ("defaults: {shell: sh -eu}\n", "defaults: {timeout: 10m, shell: sh -eu}\n"),
            ("defaults:\n  shell: sh -eu\n", "defaults:\n  timeout: 10m\n  shell: sh -eu\n"),
        ] {
            assert_eq!(fixed(&book(head, "pg_dump shop")), book(expected, "pg_dump shop"));
        }
    }
}
