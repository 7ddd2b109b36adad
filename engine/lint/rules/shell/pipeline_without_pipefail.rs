//! HP402: a pipeline whose first commands may fail unseen.

use std::collections::BTreeMap;

use super::manifest;
use crate::lint::knowledge::Kind;
use crate::lint::rules::{change, facts, setting};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP402",
    name: "pipeline-without-pipefail",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A pipeline ends well although one of its first commands failed.",
    why: "Without `pipefail` a pipeline ends as its last command does: `pg_dump db | gzip > f` exits \
          with 0 when the dump has failed, and `f` is a valid archive of nothing. The step succeeds, \
          and the backup is found to be empty on the day that it is needed.\n\nA script is read by \
          `bash -euo pipefail` unless `shell` says otherwise; on another target by `sh -eu`. What \
          stands in `sh -c '…'` or behind `ssh` is read by a shell of its own, without these options.",
    bad: include_str!("../../examples/HP402.bad.yaml"),
    good: include_str!("../../examples/HP402.good.yaml"),
    source: "https://www.gnu.org/software/bash/manual/bash.html#Pipelines",
    check: Check::Scene(check),
};

/// What does not fail, or whose failure leaves nothing to read that would be taken for something.
const HARMLESS: &[&str] = &["echo", "printf", ":", "true", "yes", "seq"];
/// What fails by itself when it reads nothing.
const CHECKING: &[&str] = &["grep", "egrep", "fgrep", "rg"];
/// What gives a text to a shell of its own.
const INNER: &[&str] =
    &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "yash", "ssh", "su", "runuser"];

/// What others rely on.
const ACTS: &[Kind] =
    &[Kind::BacksUp, Kind::Restores, Kind::Destroys, Kind::TearsDown, Kind::Changes, Kind::Stops];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        let has_pipes = script.commands.iter().any(|command| command.pipe.length > 1);
        if has_pipes {
            pipelines(scene, script, findings);
        }
        errors_off(scene, script, findings);
        errors_never_on(scene, script, findings);
        in_manifests(scene, script, findings);
    }
}

/// What reads a command: where the words of the wrapper begin, or nothing for the script itself.
type Scope = Option<usize>;

fn scope(command: &Known<'_>) -> Scope {
    let inner = command.run_by(INNER)?;
    inner.words.first().map(|word| word.range.start)
}

fn pipelines(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let words = setting::interpreter(scene, script).words;
    let mut safe: BTreeMap<Scope, bool> = BTreeMap::new();
    safe.insert(None, words.iter().any(|word| word == "pipefail"));
    let mut stages: BTreeMap<usize, Vec<&Known<'_>>> = BTreeMap::new();
    for command in &script.commands {
        let scope = scope(command);
        let is_safe = safe.entry(scope).or_insert_with(|| {
            let inner = command.run_by(INNER);
            inner.is_some_and(|it| it.words.iter().any(|word| word.text == "pipefail"))
        });
        if let Some(is_on) = switched(command, "pipefail", None) {
            *is_safe = is_on;
        }
        if command.pipe.length > 1 && !*is_safe {
            stages.entry(command.pipe.number).or_default().push(command);
        }
    }
    for stages in stages.values() {
        pipeline(scene, script, stages, findings);
    }
}

fn pipeline(
    scene: &Scene<'_>,
    script: &Script<'_>,
    stages: &[&Known<'_>],
    findings: &mut Findings,
) {
    let is_last = |command: &Known<'_>| command.pipe.place + 1 == command.pipe.length;
    let matters = |command: &&&Known<'_>| {
        !is_last(command) && !command.words.is_empty() && !HARMLESS.contains(&command.program())
    };
    let Some(first) = stages.iter().find(matters) else { return };
    let Some(last) = stages.iter().find(|command| is_last(command)) else { return };
    let is_checked = CHECKING.contains(&last.program()) && last.has_option(&["-v", "-c"]).is_none();
    if is_checked {
        return;
    }
    let range = first.range.start..last.range.end.max(first.range.end);
    let message = format!(
        "a failure of `{}` is not seen, since this shell has no `pipefail`",
        first.program()
    );
    let finding = facts::finding(&RULE, scene, script, &range, message);
    findings.push(with_a_way_out(scene, script, first, finding));
}

fn with_a_way_out(
    scene: &Scene<'_>,
    script: &Script<'_>,
    command: &Known<'_>,
    finding: Finding,
) -> Finding {
    if let Some(inner) = command.run_by(INNER) {
        let flag = inner.has_option(&["-c"]).filter(|_| inner.program == "bash");
        let edits = flag.and_then(|flag| change::before(scene, script, flag, &["-o", "pipefail"]));
        let finding = finding.help(format!(
            "give the inner shell `-o pipefail`, or begin its text with `set -o pipefail;` where \
             `{}` has that",
            inner.program
        ));
        return match edits {
            Some(edits) => finding.fix(Safety::Safe, "add `-o pipefail`", edits),
            None => finding,
        };
    }
    let interpreter = setting::interpreter(scene, script);
    let has_bash = interpreter.words.first().is_some_and(|word| word == "bash");
    match interpreter.node.filter(|_| has_bash) {
        Some(node) if !interpreter.words.iter().any(|word| word == "pipefail") => {
            let edits = vec![Edit::replace(node.span, "bash -euo pipefail")];
            let finding = finding.help("say `shell: bash -euo pipefail`");
            finding.fix(Safety::Safe, "use `bash -euo pipefail`", edits)
        }
        _ if has_bash => finding.help("leave `pipefail` on"),
        _ => finding.help(
            "say `shell: bash -euo pipefail` where there is bash; else write to a file first, and \
             read that with the next command",
        ),
    }
}

/// Whether a command switches an option of its shell on or off.
fn switched(command: &Known<'_>, name: &str, letter: Option<char>) -> Option<bool> {
    if command.program() != "set" || command.around.is_substituted {
        return None;
    }
    let words = command.arguments();
    let found = words.iter().enumerate().find_map(|(at, word)| {
        let sign = word.text.chars().next()?;
        let letters = &word.text[sign.len_utf8()..];
        let is_long = letters.ends_with('o') && words.get(at + 1).is_some_and(|it| it.text == name);
        let is_short = letter.is_some_and(|letter| letters.contains(letter));
        (matches!(sign, '-' | '+') && (is_long || is_short)).then_some(sign)
    });
    found.map(|sign| sign == '-')
}

/// `set +e` that is not taken back, and after which nobody looks at `$?`.
fn errors_off(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let mut off: Option<&Known<'_>> = None;
    for command in script.commands.iter().filter(|command| scope(command).is_none()) {
        match switched(command, "errexit", Some('e')) {
            Some(false) => off = off.or(Some(command)),
            Some(true) => off = None,
            None => {}
        }
    }
    let Some(command) = off else { return };
    let rest = script.text.get(command.range.end..).unwrap_or_default();
    let is_last = !script.commands.iter().any(|it| it.range.start > command.range.end);
    if is_last || rest.contains("$?") || rest.contains("${?") {
        return;
    }
    let message = format!("after `{}` the script goes on whatever fails", command.text());
    let help = "leave it out, and write `|| true` behind the one command that may fail";
    findings.push(facts::finding(&RULE, scene, script, &command.range, message).help(help));
}

/// A shell without `-e`, which goes on after a command that others rely on.
fn errors_never_on(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let words = setting::interpreter(scene, script).words;
    let is_option = |word: &String| {
        let is_short = word.starts_with('-') && !word.starts_with("--") && word.contains('e');
        is_short || word == "errexit"
    };
    if !script.is_shell || words.iter().any(is_option) {
        return;
    }
    for (at, command) in script.commands.iter().enumerate() {
        if switched(command, "errexit", Some('e')) == Some(true) {
            return;
        }
        let is_own = scope(command).is_none() && !command.around.is_substituted;
        let is_seen = command.around.is_tested || command.pipe.length > 1;
        let acts = command.facts.iter().any(|fact| ACTS.contains(&fact.kind));
        let is_last = || script.commands[at + 1..].iter().all(|it| it.around.is_substituted);
        if is_own && acts && !is_seen && !is_last() {
            let message = format!("this shell goes on when `{}` has failed", command.program());
            let finding = facts::finding(&RULE, scene, script, &command.range, message);
            return findings.push(with_a_way_out(scene, script, command, finding));
        }
    }
}

/// Pipelines in the scripts of a manifest that stands in a here-document.
fn in_manifests(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let redirects = script.commands.iter().flat_map(|command| &command.redirects);
    for redirect in redirects.filter(|redirect| redirect.operator.starts_with("<<")) {
        for pipeline in manifest::pipelines(&redirect.target.text) {
            if HARMLESS.contains(&pipeline.first.as_str()) {
                continue;
            }
            let start = redirect.target.range.start;
            let range = start + pipeline.range.start..start + pipeline.range.end;
            let message = format!(
                "a failure of `{}` is not seen by the job, since its shell has no `pipefail`",
                pipeline.first
            );
            let help = "begin the script with `set -o pipefail` where its shell has that";
            findings.push(facts::finding(&RULE, scene, script, &range, message).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn step(keys: &str, script: &str) -> Vec<String> {
        let text = script.replace('\n', "\n      ");
        of(
            "HP402",
            &format!(
                "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n{keys}    run: |\n      {text}\n"
            ),
        )
    }

    #[test]
    fn the_shell_that_nobody_chose_has_pipefail() {
        assert!(step("", "pg_dump a | gzip > f").is_empty());
        assert!(step("    target: local\n", "pg_dump a | gzip > f").is_empty());
    }

    #[test]
    fn another_shell_or_place_has_none() {
        let found = ["8:7 pg_dump a | gzip > f"];
        assert_eq!(step("    shell: sh -eu\n", "pg_dump a | gzip > f"), found);
        assert_eq!(step("    target: {docker: db}\n", "pg_dump a | gzip > f"), found);
        assert!(step("    shell: bash -o pipefail\n", "pg_dump a | gzip > f").is_empty());
        assert!(step("    shell: sh -eu\n", "set -euo pipefail\npg_dump a | gzip > f").is_empty());
    }

    #[test]
    fn an_inner_shell_has_none_either() {
        assert_eq!(step("", "docker exec db sh -c 'pg_dump a | gzip'"), ["7:29 pg_dump a | gzip"]);
        assert_eq!(step("", "ssh h 'pg_dump a | gzip > f'"), ["7:14 pg_dump a | gzip > f"]);
        assert!(step("", "bash -o pipefail -c 'pg_dump a | gzip > f'").is_empty());
        assert!(step("", "sh -c 'set -o pipefail; pg_dump a | gzip > f'").is_empty());
        assert!(step("", "ssh h pg_dump a | gzip > f").is_empty());
    }

    #[test]
    fn a_list_of_arguments_is_read_as_well() {
        let book =
            "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: [sh, -c, \"a | b\"]\n";
        assert_eq!(of("HP402", book), ["6:19 \"a | b\""]);
    }

    #[test]
    fn a_script_that_switches_it_off_is_found() {
        assert_eq!(step("", "set +o pipefail\na | b"), ["8:7 a | b"]);
        assert_eq!(step("", "set +e\na\nb"), ["7:7 set +e"]);
        assert!(step("", "set +e\na\ncode=$?\nset -e").is_empty());
        assert!(step("", "set +e\na\nexit $?").is_empty());
    }

    #[test]
    fn a_shell_without_errexit_hides_a_failed_backup() {
        let script = "d=/x\npg_dump -Fc a > $d\nrm $d.old";
        assert_eq!(step("    shell: bash\n", script), ["9:7 pg_dump -Fc a > $d"]);
        for shell in ["bash -e", "sh -eu", "bash -o errexit"] {
            assert!(step(&format!("    shell: {shell}\n"), script).is_empty(), "{shell}");
        }
        assert!(step("    shell: bash\n", &format!("set -e\n{script}")).is_empty());
        assert!(step("    shell: bash\n", "pg_dump -Fc a > f").is_empty());
        assert!(step("    shell: bash\n", "pg_dump a > f || exit 1\nls").is_empty());
    }

    #[test]
    fn a_script_in_a_manifest_is_read_as_well() {
        let script = "kubectl apply -f - <<EOF\nspec:\n  command: [/bin/sh, -c]\n  args:\n  - |\n    \
                      pg_dump a | gzip > f\nEOF";
        assert_eq!(step("", script), ["12:11 pg_dump a | gzip > f"]);
        let safe = script.replace("pg_dump a |", "set -o pipefail; pg_dump a |");
        assert!(step("", &safe).is_empty());
        assert!(step("", &script.replace("-c]", "-e]")).is_empty());
    }

    #[test]
    fn what_cannot_hide_a_failure_is_silent() {
        for script in ["echo a | sort", "ps | grep -q b", "printf x | nc h 1", "a || b"] {
            assert!(step("    shell: sh\n", script).is_empty(), "{script}");
        }
        assert_eq!(step("    shell: sh\n", "ps | grep -vq b"), ["8:7 ps | grep -vq b"]);
    }
}
