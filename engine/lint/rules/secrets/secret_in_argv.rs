//! HP301: a secret on a command line.

use std::collections::HashSet;
use std::ops::Range;

use super::{hardcoded_secret, names};
use crate::lint::knowledge::Kind;
use crate::lint::rules::{change, facts};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP301",
    name: "secret-in-argv",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A secret stands on the command line of a program.",
    why: "Everybody on the machine can read the arguments of every process with `ps`, and they end up \
          in audit logs and monitoring. What is printed by the command is masked by Holdpoint; what \
          others write down about it is not. Most clients take a secret from a variable, a file or \
          standard input.",
    bad: include_str!("../../examples/HP301.bad.yaml"),
    good: include_str!("../../examples/HP301.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/214.html",
    check: Check::Scene(check),
};

/// What a shell does itself, without a process that others could see.
const BUILTINS: &[&str] = &[
    "echo", "printf", "test", "[", "[[", "export", "read", ":", "local", "declare", "readonly",
    "return", "exit", "eval", "unset", "set", "case", "trap", "command", "exec", "builtin",
];

/// Options that take a secret, for programs that take it from a variable as well.
const VARIABLES: &[(&str, &[&str], &str)] = &[
    ("redis-cli", &["-a", "--pass"], "REDISCLI_AUTH"),
    ("clickhouse-client", &["--password"], "CLICKHOUSE_PASSWORD"),
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let declared = names::declared(scene);
    for script in &scene.scripts {
        let held = names::variables(scene, script, &declared);
        for command in &script.commands {
            let finding =
                known(scene, script, command).or_else(|| expanded(scene, script, command, &held));
            if let Some(finding) = finding {
                findings.push(finding);
            }
        }
    }
}

/// What is known of the tool.
fn known(scene: &Scene<'_>, script: &Script<'_>, command: &Known<'_>) -> Option<Finding> {
    let fact = command.facts.iter().find(|fact| fact.kind == Kind::SecretOption)?;
    let message = format!("`{}` {}, where `ps` shows it", command.program(), fact.does);
    let finding = facts::finding(&RULE, scene, script, &fact.at, message);
    let is_written = hardcoded_secret::on_command_line(command).is_some();
    let finding = if is_written { finding.private() } else { finding };
    let finding = match &fact.instead {
        Some(instead) => finding.help(instead),
        None => finding,
    };
    Some(match by_variable(scene, script, command) {
        Some((variable, edits)) => {
            finding.fix(Safety::Unsafe, format!("set `{variable}` instead"), edits)
        }
        None => finding,
    })
}

/// The same with a variable before the command in place of the option.
fn by_variable(
    scene: &Scene<'_>,
    script: &Script<'_>,
    command: &Known<'_>,
) -> Option<(&'static str, Vec<Edit>)> {
    let (_, names, variable) =
        VARIABLES.iter().find(|(program, ..)| *program == command.program())?;
    let words = &command.words;
    let at = words.iter().position(|word| names.contains(&word.text.as_str()))?;
    let value = words.get(at + 1)?;
    if !command.wrappers.is_empty() || !script.is_shell {
        return None;
    }
    let written = script.text.get(value.range.clone())?;
    let mut edits = change::before(scene, script, &words[0], &[&format!("{variable}={written}")])?;
    let option = Word { range: words[at].range.start..value.range.end, ..Word::default() };
    let before = script.text.get(..option.range.start)?;
    let start = before.trim_end_matches(' ').len();
    edits.extend(change::replaced(scene, script, &(start..option.range.end), "")?);
    Some((variable, edits))
}

/// A variable with a secret among the arguments of a program.
fn expanded(
    scene: &Scene<'_>,
    script: &Script<'_>,
    command: &Known<'_>,
    held: &HashSet<String>,
) -> Option<Finding> {
    let own = command.words.iter().filter(|_| !BUILTINS.contains(&command.program()));
    let wrappers = command.wrappers.iter().filter(|it| !BUILTINS.contains(&it.program.as_str()));
    let (name, range) = wrappers.flat_map(|it| &it.words).chain(own).find_map(|word| {
        let name =
            names::expanded(word).find(|name| held.contains(*name) || names::is_secret(name))?;
        Some((name, word.range.clone()))
    })?;
    let range: Range<usize> = range;
    let message = format!("the value of `${name}` stands on a command line, where `ps` shows it");
    let finding = facts::finding(&RULE, scene, script, &range, message);
    // That a name sounds like a secret is no proof.
    let severity = if held.contains(name) { Severity::Error } else { Severity::Warning };
    let help = "let the program read it from its environment, a file or standard input";
    Some(finding.severity(severity).help(help))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::of_script;

    #[test]
    fn a_secret_of_the_runbook_must_not_be_an_argument() {
        let book = |run: &str| {
            format!(
                "holdpoint: 1\nid: x\ntitle: X\ninputs: {{code: {{secret: true}}, other: {{}}}}\n\
                 defaults: {{env: {{B: \"${{{{ inputs.other }}}}\"}}}}\nsteps:\n  - id: a\n    \
                 env: {{A: \"${{{{ inputs.code }}}}\"}}\n    run: {run}\n"
            )
        };
        assert_eq!(of("HP301", &book("tool --code \"$A\"")), ["9:22 \"$A\""]);
        assert_eq!(of("HP301", &book("docker exec -e C=${A} db tool")), ["9:25 C=${A}"]);
        for silent in [
            "tool \"$B\"",
            "test -n \"$A\"",
            "echo \"$A\" | tool --stdin",
            "tool '$A'",
            "C=$A tool",
        ] {
            assert!(of("HP301", &book(silent)).is_empty(), "{silent}");
        }
    }

    #[test]
    fn a_name_of_a_secret_is_enough_for_a_warning() {
        let script = "curl -fH \"Authorization: Bearer $API_TOKEN\" https://a.example.com";
        assert_eq!(of_script("HP301", script), ["7:16 \"Authorization: Bearer $API_TOKEN\""]);
        assert!(of_script("HP301", "curl -f https://a.example.com?page=$NEXT_TOKEN").is_empty());
        assert!(of_script("HP301", "PGPASSWORD=$DB_PASSWORD psql -c x").is_empty());
    }
}
