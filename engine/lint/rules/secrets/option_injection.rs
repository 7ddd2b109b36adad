//! HP306: a value that could be taken for an option.

use std::collections::HashSet;

use super::names;
use crate::document::Node;
use crate::lint::rules::{change, facts, setting};
use crate::lint::scene::{Known, Scene, Script, entry};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP306",
    name: "option-injection",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A value from outside, handed on by a variable, could begin with `-` and be an option.",
    why: "A value in a template is refused when it begins with `-` and would be a word. In `env` it may \
          be any text, and `rm \"$FILE\"` takes `-rf` for an option, quotes or not. `--` says that there \
          are no more options.",
    bad: include_str!("../../examples/HP306.bad.yaml"),
    good: include_str!("../../examples/HP306.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/88.html",
    check: Check::Scene(check),
};

/// The programs that are looked at, and whether `--` may stand before any of their operands.
const PROGRAMS: &[(&str, bool)] = &[
    ("rm", true),
    ("mv", true),
    ("cp", true),
    ("tar", false),
    ("kubectl", false),
    ("psql", false),
    ("git", false),
    ("find", false),
];

/// Types of inputs whose values never begin with `-`.
const SAFE_TYPES: &[&str] = &["bool", "duration", "size", "timestamp", "url", "choice"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| script.is_shell) {
        let is_about =
            |it: &Known<'_>| PROGRAMS.iter().any(|(program, _)| *program == it.program());
        if !script.commands.iter().any(is_about) {
            continue;
        }
        let free = free_variables(scene, script);
        for command in &script.commands {
            look(scene, script, command, &free, findings);
        }
    }
}

fn look(
    scene: &Scene<'_>,
    script: &Script<'_>,
    command: &Known<'_>,
    free: &HashSet<&str>,
    findings: &mut Findings,
) {
    let known = PROGRAMS.iter().find(|(program, _)| *program == command.program());
    let Some((program, has_end)) = known else { return };
    let words = command.arguments();
    let operands = words.iter().enumerate().take_while(|(_, word)| word.text != "--");
    let mut operands = operands.filter(|(at, _)| !is_value(program, words, *at));
    let found_word = operands.find_map(|(_, word)| Some((word, variable(word)?)));
    let Some((word, name)) = found_word.filter(|(_, name)| free.contains(name)) else { return };
    let message = format!("`{program}` takes `${name}` for an option when it begins with `-`");
    let finding = facts::finding(&RULE, scene, script, &word.range, message);
    let finding = if *has_end {
        finding.help("put `--` before it")
    } else {
        finding.help(
            "give its input a `pattern` that no option matches, such as \"[a-z0-9][a-z0-9-]*\"",
        )
    };
    let edits = has_end.then(|| change::before(scene, script, word, &["--"])).flatten();
    findings.push(match edits {
        Some(edits) => finding.fix(Safety::Safe, "put `--` before it", edits),
        None => finding,
    });
}

/// The variable that a word is, and nothing more.
fn variable(word: &Word) -> Option<&str> {
    let name = word.text.strip_prefix('$')?;
    let name = match name.strip_prefix('{') {
        Some(inner) => inner.strip_suffix('}')?,
        None => name,
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!word.is_literal && !name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

/// Whether a word may be the value of the option before it.
fn is_value(program: &str, words: &[Word], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|at| words[at].text.as_str()) else { return false };
    let takes_none = matches!(program, "rm" | "mv" | "cp");
    !takes_none && before.starts_with('-') && !before.contains('=')
}

/// The variables whose value comes from outside, and may be anything.
fn free_variables<'s>(scene: &'s Scene<'_>, script: &'s Script<'_>) -> HashSet<&'s str> {
    let is_free = |node: &Node| {
        let text = node.as_str().unwrap_or_default().trim_start();
        let first = text.strip_prefix("${{").and_then(|_| names::templates(text).next());
        first.is_some_and(|expression| is_anything(scene, expression))
    };
    let all = setting::variables(scene, script).into_iter();
    let free = all.filter(|(_, node)| is_free(node)).map(|(name, _)| name.value.as_str());
    // What the script itself sets is its own.
    let set = |name: &&str| {
        let mut commands = script.commands.iter().filter(|command| command.words.is_empty());
        commands.any(|it| it.assignments.iter().any(|assignment| assignment.name == *name))
    };
    free.filter(|name| !set(name)).collect()
}

/// Whether an expression is an input or an output without bounds.
fn is_anything(scene: &Scene<'_>, expression: &str) -> bool {
    if let Some(name) = expression.strip_prefix("inputs.") {
        let inputs = scene.key("inputs").map(|(_, node)| node);
        let all = inputs.and_then(Node::as_mapping).unwrap_or_default();
        let Some(input) = all.iter().find(|input| input.key.replace('-', "_") == name) else {
            return false;
        };
        let text = |key: &str| entry(&input.value, key).and_then(|(_, node)| node.as_str());
        let has_bounds = input.value.has("pattern") || input.value.has("choices");
        return !has_bounds && !text("type").is_some_and(|it| SAFE_TYPES.contains(&it));
    }
    expression.starts_with("steps.") && expression.contains(".outputs.")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::fixed;
    use crate::lint::testing::of;

    fn book(input: &str, run: &str) -> String {
        format!(
            "holdpoint: 1\nid: x\ntitle: X\ninputs: {{file: {{{input}}}}}\nsteps:\n  - id: a\n    \
             env: {{FILE: \"${{{{ inputs.file }}}}\", OWN: x}}\n    run: {run}\n"
        )
    }

    #[test]
    fn a_whole_word_from_outside_needs_an_end_of_options() {
        for (run, marked) in [
            ("rm -f \"$FILE\"", "\"$FILE\""),
            ("mv ${FILE} x", "${FILE}"),
            ("kubectl delete pod $FILE", "$FILE"),
            ("find $FILE -name x", "$FILE"),
        ] {
            let column = 10 + run.find(marked).unwrap_or_default();
            assert_eq!(of("HP306", &book("", run)), [format!("8:{column} {marked}")], "{run}");
        }
    }

    #[test]
    fn what_cannot_be_an_option_is_silent() {
        for run in [
            "rm -f -- \"$FILE\"",
            "rm -f ./\"$FILE\"",
            "rm \"$OWN\"",
            "rm \"$OTHER\"",
            "kubectl -n $FILE get pods",
            "echo $FILE",
            "FILE=x; rm $FILE",
            "rm '$FILE'",
        ] {
            assert!(of("HP306", &book("", run)).is_empty(), "{run}");
        }
        for input in ["pattern: '[a-z]+'", "type: duration", "type: choice, choices: [a]"] {
            assert!(of("HP306", &book(input, "rm $FILE")).is_empty(), "{input}");
        }
    }

    #[test]
    fn the_end_of_options_is_put_in() {
        assert_eq!(fixed("HP306", &book("", "rm -f \"$FILE\"")), book("", "rm -f -- \"$FILE\""));
    }
}
