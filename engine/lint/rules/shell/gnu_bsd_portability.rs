//! HP408: an option that only some systems have.

use crate::lint::rules::{facts, setting};
use crate::lint::scene::{Known, Scene};
use crate::lint::shell::Place;
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP408",
    name: "gnu-bsd-portability",
    severity: Severity::Note,
    confidence: Confidence::High,
    profile: Profile::Strict,
    fix: None,
    about: "A command on the operator's machine works on some systems only.",
    why: "A runbook is started from whatever machine the operator has at hand, and that may be a Mac. \
          `date -d`, `stat -c` and `sed -i` are other commands there, or errors, and the responder \
          finds that out in the middle of the incident.",
    bad: include_str!("../../examples/HP408.bad.yaml"),
    good: include_str!("../../examples/HP408.good.yaml"),
    source: "https://pubs.opengroup.org/onlinepubs/9799919799/utilities/contents.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| setting::is_local(scene, script)) {
        for command in &script.commands {
            let is_here = command.wrappers.iter().all(|wrapper| wrapper.place == Place::Same);
            let Some((what, help)) = special(command).filter(|_| is_here) else { continue };
            let message = format!("{what} is not the same on every system");
            findings.push(facts::finding(&RULE, scene, script, &command.range, message).help(help));
        }
    }
}

/// What of a command is special to some systems, and what to do instead.
fn special(command: &Known<'_>) -> Option<(&'static str, &'static str)> {
    let has = |names: &[&str]| command.has_option(names).is_some();
    match command.program() {
        "date" if has(&["-d", "--date"]) => {
            Some(("`date -d`", "let an input of type `timestamp` or `duration` say it"))
        }
        "stat" if has(&["-c", "--format", "-f", "--printf"]) => {
            Some(("`stat` with a format", "use `wc -c < file`, or a probe `file`"))
        }
        "sed" if has(&["-i", "--in-place"]) => {
            Some(("`sed -i`", "write to a new file, and move it over the old one"))
        }
        "sed" if has(&["-r"]) => Some(("`sed -r`", "use `sed -E`")),
        "grep" if has(&["-P", "--perl-regexp"]) => Some(("`grep -P`", "use `grep -E`")),
        "grep" if is_gnu_pattern(command) => {
            Some((r"`\|`, `\+` or `\?` in a basic pattern", "use `grep -E` without the backslash"))
        }
        "find" if has(&["-printf"]) => Some(("`find -printf`", "use `-exec`")),
        "base64" if has(&["-w", "--wrap"]) => Some(("`base64 -w`", "use `base64 | tr -d '\\n'`")),
        "du" if has(&["-b", "--bytes"]) => Some(("`du -b`", "use `du -k`")),
        "head" if command.arguments().iter().any(|word| is_from_the_end(&word.text)) => {
            Some(("`head` that counts from the end", "use `sed '$d'`"))
        }
        _ => None,
    }
}

fn is_from_the_end(word: &str) -> bool {
    let number = word.strip_prefix("-n").unwrap_or(word);
    word.starts_with("-n-")
        || number.starts_with('-') && number.len() > 1 && word != number
        || word.starts_with("--lines=-")
}

fn is_gnu_pattern(command: &Known<'_>) -> bool {
    let is_other = ["-E", "-F", "-P", "--extended-regexp", "--fixed-strings"];
    let operands = command.operands(&["-e", "-f", "-m", "-A", "-B", "-C"]);
    let named = command.option_values(&["-e", "--regexp"]);
    let pattern = match named.first() {
        Some((pattern, _)) => pattern.as_str(),
        None => operands.first().map_or("", |word| &word.text),
    };
    command.has_option(&is_other).is_none()
        && [r"\|", r"\+", r"\?"].iter().any(|sign| pattern.contains(sign))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::of_script;

    #[test]
    fn what_differs_between_systems_is_noted() {
        for script in [
            "date -d yesterday",
            "date --date=yesterday +%F",
            "stat -c %s f",
            "sed -i s/a/b/ f",
            r#"grep -i "error\|corrupt" f"#,
            r"grep -e 'a\+' f",
            "grep -oP 'a' f",
            "find . -printf %s",
            "head -n -1 f",
        ] {
            assert_eq!(
                of_script("HP408", script).len(),
                usize::from(script != "head -n -1 f"),
                "{script}"
            );
        }
        assert_eq!(of_script("HP408", "head -n-1 f").len(), 1);
    }

    #[test]
    fn what_is_the_same_everywhere_is_silent() {
        for script in [
            "date +%F",
            "grep -E 'a|b' f",
            r"grep -F 'a\|b' f",
            "sed -e s/a/b/ f",
            "docker exec db date -d yesterday",
            "echo date -d",
            "head -n 1 f",
        ] {
            assert!(of_script("HP408", script).is_empty(), "{script}");
        }
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {id: a, target: {ssh: h}, run: date -d x}\n";
        assert!(of("HP408", book).is_empty());
    }
}
