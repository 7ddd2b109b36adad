//! HP406: a name is made twice, and differs the second time.

use std::collections::HashMap;
use std::ops::Range;

use crate::lint::rules::{change, facts};
use crate::lint::scene::{Scene, Script};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::{Severity, Span};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP406",
    name: "repeated-nondeterminism",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A name with the time or a random part is made anew where it is used again.",
    why: "`pg_dump > db-$(date +%H%M%S).sql` and then `cp db-$(date +%H%M%S).sql …` are two names: the \
          dump takes longer than a second, and the copy looks for a file that does not exist. With a \
          date it works all day, and not over midnight, when backups run. A step that is tried again \
          makes another name again.",
    bad: include_str!("../../examples/HP406.bad.yaml"),
    good: include_str!("../../examples/HP406.good.yaml"),
    source: "practice: two of the five source documents upload another file than they have written",
    check: Check::Scene(check),
};

/// What gives something else each time.
const CHANGING: &[&str] = &["$(date", "`date", "$(uuidgen", "$(mktemp", "$RANDOM", "${RANDOM"];
/// What prints its words, which need not be the same.
const PRINTING: &[&str] = &["echo", "printf", "logger", "date"];
/// The variable that a fix puts the value into.
const VARIABLE: &str = "stamp";

/// A name with a changing part.
struct Name<'s> {
    script: usize,
    /// The part of a path, such as `db-$(date +%F).gz`.
    text: &'s str,
    whole: &'s str,
    word: &'s Word,
    is_written: bool,
}

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let mut names = Vec::new();
    for (at, script) in scene.scripts.iter().enumerate() {
        collect(at, script, &mut names);
    }
    let mut in_script: HashMap<(usize, &str), usize> = HashMap::new();
    let mut anywhere: HashMap<&str, usize> = HashMap::new();
    for (at, name) in names.iter().enumerate() {
        let first = *in_script.entry((name.script, name.text)).or_insert(at);
        let other = *anywhere.entry(name.whole).or_insert(at);
        // Two that both write are two files.
        let both_write = |first: usize| names[first].is_written && name.is_written;
        let is_again =
            |first: &usize| names[*first].word.range != name.word.range && !both_write(*first);
        let elsewhere = || {
            let first = Some(other).filter(|first| names[*first].script != name.script)?;
            (names[first].is_written && !name.is_written).then_some(first)
        };
        if let Some(first) = Some(first).filter(is_again).or_else(elsewhere) {
            tell(scene, &names[first], name, findings);
        }
    }
}

fn collect<'s>(at: usize, script: &'s Script<'_>, names: &mut Vec<Name<'s>>) {
    for command in script.commands.iter().filter(|it| !PRINTING.contains(&it.program())) {
        let values = command.assignments.iter().map(|assignment| (&assignment.value, false));
        let targets = command.redirects.iter().filter(|redirect| !redirect.operator.contains("<<"));
        let targets = targets.map(|redirect| (&redirect.target, !redirect.reads()));
        let words = command.words.iter().map(|word| (word, false));
        for (word, is_written) in words.chain(values).chain(targets) {
            if word.is_literal || !CHANGING.iter().any(|part| word.text.contains(part)) {
                continue;
            }
            for text in components(&word.text) {
                names.push(Name { script: at, text, whole: &word.text, word, is_written });
            }
        }
    }
}

/// The parts of a path with something before or behind what changes.
fn components(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    let parts = text.split(move |sign| {
        depth += match sign {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0 && matches!(sign, '/' | '=')
    });
    parts.filter(|part| {
        changing(part).is_some_and(|range| {
            let rest = [&part[..range.start], &part[range.end..]].concat();
            !rest.is_empty() && !rest.contains(char::is_whitespace)
        })
    })
}

/// Where what changes stands in a text.
fn changing(text: &str) -> Option<Range<usize>> {
    let start = CHANGING.iter().filter_map(|part| text.find(part)).min()?;
    let rest = &text[start..];
    let length = if rest.starts_with("$(") {
        let mut depth = 0;
        rest.char_indices().find_map(|(at, sign)| {
            depth += i32::from(sign == '(') - i32::from(sign == ')');
            (sign == ')' && depth == 0).then_some(at + 1)
        })
    } else if let Some(rest) = rest.strip_prefix('`') {
        rest.find('`').map(|at| at + 2)
    } else {
        Some(if rest.starts_with("${") { rest.find('}')? + 1 } else { "$RANDOM".len() })
    };
    Some(start..start + length?)
}

fn tell(scene: &Scene<'_>, first: &Name<'_>, again: &Name<'_>, findings: &mut Findings) {
    let script = &scene.scripts[again.script];
    let what = changing(again.text).map_or("", |range| &again.text[range]);
    let message = format!("`{what}` is evaluated again, and may name another file than before");
    let finding = facts::finding(&RULE, scene, script, &again.word.range, message);
    let at = scene.scripts[first.script].place(&first.word.range, scene.source);
    let is_one = first.script == again.script;
    let finding = finding.related(at, "the first time").help(if is_one {
        format!("evaluate it once: `{VARIABLE}={what}`, and then use `${{{VARIABLE}}}`")
    } else {
        "hand the name on as an output of the first step".to_owned()
    });
    let fix = is_one.then(|| hoisted(scene, script, what)).flatten();
    let title = format!("evaluate `{what}` once");
    findings.push(match fix {
        Some(edits) => finding.fix(Safety::Unsafe, title, edits),
        None => finding,
    });
}

/// The script with a variable at its beginning in place of each of what changes.
fn hoisted(scene: &Scene<'_>, script: &Script<'_>, what: &str) -> Option<Vec<Edit>> {
    if !script.is_shell || script.text.contains(VARIABLE) || !script.text.contains('\n') {
        return None;
    }
    let start = script.exact(&(0..0), scene.source)?.start;
    let line = scene.source.text().get(..start)?.rfind('\n')? + 1;
    let indent = scene.source.text().get(line..start)?;
    let mut edits =
        vec![Edit { at: Span::new(start, start), text: format!("{VARIABLE}={what}\n{indent}") }];
    for (at, _) in script.text.match_indices(what) {
        edits.extend(change::replaced(scene, script, &(at..at + what.len()), "${stamp}")?);
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::{fixed, of_script};

    fn script(script: &str) -> Vec<String> {
        of_script("HP406", script)
    }

    #[test]
    fn the_second_evaluation_is_found() {
        assert_eq!(
            script("a > f-$(date +%S).gz\n      cp f-$(date +%S).gz x"),
            ["8:10 f-$(date +%S).gz"]
        );
        assert_eq!(
            script("a > /b/f-$(date +%F)\n      aws s3 cp \"/b/f-$(date +%F)\" s3://x"),
            ["8:17 \"/b/f-$(date +%F)\""]
        );
        assert_eq!(script("a -f x`date +%s`; b x`date +%s`"), ["7:27 x`date +%s`"]);
        assert_eq!(script("a > f$RANDOM; b f$RANDOM"), ["7:23 f$RANDOM"]);
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {id: a, run: a > f-$(date +%s)}\n  \
                    - {id: b, run: cp f-$(date +%s) x}\n";
        assert_eq!(of("HP406", book), ["6:21 f-$(date +%s)"]);
    }

    #[test]
    fn what_is_only_printed_or_made_once_is_silent() {
        for text in [
            "echo \"begin-$(date +%s)\"; a; echo \"begin-$(date +%s)\"",
            "stamp=$(date +%s); a > f-$stamp; b f-$stamp",
            "a > f-$(date +%s); b > g-$(date +%s)",
            "a > f-$(date +%s); b > f-$(date +%s)",
            "a '$(date)-x'; b '$(date)-x'",
            "x=$(date +%s); y=$(date +%s)",
            "a --since \"$(date +%F) 00:00\"; b --since \"$(date +%F) 00:00\"",
        ] {
            assert!(script(text).is_empty(), "{text}: {:?}", script(text));
        }
    }

    #[test]
    fn it_is_put_into_a_variable() {
        let book = |run: &str| {
            format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n      {run}\n")
        };
        assert_eq!(
            fixed("HP406", &book("a > f-$(date +%S)\n      cp \"f-$(date +%S)\" x")),
            book("stamp=$(date +%S)\n      a > f-${stamp}\n      cp \"f-${stamp}\" x")
        );
    }
}
