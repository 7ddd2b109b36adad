//! HP219: what is read must have been written.

use std::collections::HashMap;

use crate::lint::scene::{Deed, Known, Role, Scene};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::{Severity, Span};

use super::recovery::{pipeline, restores};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP219",
    name: "artifact-name-mismatch",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A restore reads a file under a name that no step writes, and no input and no check names.",
    why: "The backup is written as `shop-20260131.dump.gz`, and the restore reads `backup.dump`. \
          Somebody then renames files by hand at night, and picks the one that looks right.",
    bad: include_str!("../../examples/HP219.bad.yaml"),
    good: include_str!("../../examples/HP219.good.yaml"),
    source: "practice: three of the five source documents restore a name that their backups never have",
    check: Check::Scene(check),
};

/// What the names of backups end in.
const ENDINGS: [&str; 14] = [
    ".dump", ".sql", ".gz", ".rdb", ".tar", ".tgz", ".zst", ".bak", ".snap", ".aof", ".db", ".xz",
    ".bz2", ".lz4",
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let written = Written::of(scene);
    for deed in restores(scene) {
        let script = scene.script(deed);
        let words = pipeline(script, deed.command).flat_map(operands);
        for word in words.filter(|word| is_backup(word)) {
            let path = word.text.as_str();
            let is_relative = !path.starts_with(['/', '~']) && !path.contains("://");
            // A name that moves on, or that is of some day, is of no use in the next incident.
            let is_passing = is_relative || moves(last_name(path)) || has_date(last_name(path));
            let near = written.like(path);
            if written.has(path)
                || is_required(scene, deed, path)
                || (!is_passing && near.is_none())
            {
                continue;
            }
            let message = format!("`{path}` is read here, and nothing writes a file of that name");
            let at = script.place(&word.range, scene.source);
            let mut finding = Finding::new(&RULE, at, message)
                .help("make the backup an input: `backup: {type: path, choices_from: …}`");
            if let Some((name, place)) = near {
                finding = finding.related(place, format!("`{name}` is written here"));
            }
            findings.push(scene.in_step(finding, script.step));
        }
    }
}

/// The words that a command reads: its operands, and the file on its standard input. Of a copy, the
/// last operand is where it goes.
fn operands<'c>(command: &'c Known<'_>) -> Vec<&'c Word> {
    let plain = command.arguments().iter().filter(|word| !word.text.starts_with('-'));
    let mut words: Vec<&Word> = plain.collect();
    if is_copy(command) {
        words.pop();
    }
    let read = command.redirects.iter().filter(|it| it.operator == "<").map(|it| &it.target);
    words.into_iter().chain(read).collect()
}

fn is_copy(command: &Known<'_>) -> bool {
    let copies = |word: &&Word| matches!(word.text.as_str(), "cp" | "mv" | "sync" | "copy");
    matches!(command.program(), "cp" | "mv" | "scp" | "rsync" | "install")
        || command.arguments().iter().take(2).any(|word| copies(&word))
}

/// Whether a word is a backup by its name, written out.
fn is_backup(word: &Word) -> bool {
    let text = word.text.as_str();
    let has_blank = text.contains(char::is_whitespace);
    word.is_literal && !has_blank && ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// Whether a check of the step or before all steps names the file.
fn is_required(scene: &Scene<'_>, deed: Deed, path: &str) -> bool {
    let step = scene.step_of(deed).into_iter().flat_map(|step| scene.around(step));
    let own = step.filter_map(|at| scene.steps[at].key("require"));
    let early = scene.key("preconditions").map(|(_, checks)| checks);
    own.chain(early).any(|checks| {
        let text = scene.source.text().get(checks.span.start..checks.span.end);
        text.is_some_and(|text| text.contains(path))
    })
}

/// Whether a name says that it is the newest, whichever that is.
fn moves(name: &str) -> bool {
    ["latest", "last", "newest", "current"].iter().any(|word| name.contains(word))
}

/// Whether a name has a day in it, as eight digits.
fn has_date(name: &str) -> bool {
    let digits = name.split(|c: char| !c.is_ascii_digit());
    digits.into_iter().any(|digits| digits.len() == 8 && digits.starts_with("20"))
}

/// The files that the scripts of a scene write, by their last names, expansions as `*`.
struct Written {
    /// Names written out, whatever their folder.
    exact: HashMap<String, Span>,
    /// The other names, with what their folder is.
    patterns: Vec<(String, String, Span)>,
}

impl Written {
    fn of(scene: &Scene<'_>) -> Written {
        let mut written = Written { exact: HashMap::new(), patterns: Vec::new() };
        for script in scene.scripts.iter().filter(|script| script.role == Role::Action) {
            for command in &script.commands {
                for word in targets(command) {
                    let name = globbed(last_name(&word.text));
                    let place = script.place(&word.range, scene.source);
                    if name.contains('*') {
                        let folder = folder(&word.text).to_owned();
                        written.patterns.push((folder, name, place));
                    } else {
                        written.exact.insert(name, place);
                    }
                }
            }
        }
        written
    }

    fn has(&self, path: &str) -> bool {
        let name = last_name(path);
        // `gzip F` makes `F.gz`, and `gunzip F.gz` makes `F`.
        let unpacked = name.strip_suffix(".gz").unwrap_or(name);
        // What a script puts into a name is a date or a number, and never such a word.
        let is_word = moves(name);
        self.exact.contains_key(name)
            || self.exact.contains_key(unpacked)
            || self.patterns.iter().take(64).any(|(_, pattern, _)| {
                !is_word && (matches(pattern, name) || matches(pattern, unpacked))
            })
    }

    /// A file that is written beside it, and begins as it does.
    fn like(&self, path: &str) -> Option<(&str, Span)> {
        let stem = |name: &str| {
            let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
            name[..end].to_owned()
        };
        let (folder, own) = (folder(path), stem(last_name(path)));
        let found =
            self.patterns.iter().take(64).find(|(beside, pattern, _)| {
                own.len() > 1 && beside == folder && stem(pattern) == own
            });
        found.map(|(_, pattern, place)| (pattern.as_str(), *place))
    }
}

/// What a command writes: where its output goes, the last operand of a copy, `-f FILE` and `-o FILE`.
fn targets<'c>(command: &'c Known<'_>) -> Vec<&'c Word> {
    let output = command.redirects.iter().filter(|it| it.keeps_output()).map(|it| &it.target);
    let mut found: Vec<&Word> = output.collect();
    let arguments = command.arguments();
    if is_copy(command) || matches!(command.program(), "curl" | "wget") {
        found.extend(arguments.last());
        // A copy into a folder keeps the name.
        let is_folder = arguments.last().is_some_and(|word| {
            word.text.ends_with('/') || word.text == "." || !word.text.contains('.')
        });
        let from = arguments.len().checked_sub(2).and_then(|at| arguments.get(at));
        found.extend(from.filter(|_| is_folder));
    }
    let named = arguments.windows(2).filter(|pair| {
        matches!(pair[0].text.as_str(), "-f" | "--file" | "-o" | "--output" | "-O" | "czf" | "-czf")
    });
    let writes = !matches!(command.program(), "psql" | "pg_restore" | "kubectl" | "docker");
    found.extend(named.filter(|_| writes).map(|pair| &pair[1]));
    if matches!(command.program(), "gzip" | "gunzip" | "touch" | "tee" | "zstd" | "ln") {
        found.extend(arguments.iter().filter(|word| !word.text.starts_with('-')));
    }
    found
}

fn last_name(path: &str) -> &str {
    last_stroke(path).map_or(path, |at| &path[at + 1..])
}

fn folder(path: &str) -> &str {
    last_stroke(path).map_or("", |at| &path[..at])
}

/// Where the last `/` stands that is in no expansion.
fn last_stroke(path: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut found = None;
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'(' | b'{' => depth += 1,
            b')' | b'}' => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => found = Some(at),
            _ => {}
        }
    }
    found
}

/// A name with `*` for each expansion and template in it.
fn globbed(name: &str) -> String {
    let mut globbed = String::new();
    let mut rest = name;
    while let Some(at) = rest.find('$') {
        globbed.push_str(&rest[..at]);
        globbed.push('*');
        let tail = &rest[at + 1..];
        let close = match tail.as_bytes().first() {
            Some(b'{') if tail.starts_with("{{") => tail.find("}}").map(|end| end + 2),
            Some(b'{') => tail.find('}').map(|end| end + 1),
            Some(b'(') => tail.rfind(')').map(|end| end + 1),
            _ => tail.find(|c: char| !c.is_alphanumeric() && c != '_').or(Some(tail.len())),
        };
        rest = close.and_then(|end| tail.get(end..)).unwrap_or_default();
    }
    globbed.push_str(rest);
    globbed
}

/// Whether a name fits a pattern, where `*` is any text.
fn matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::of;

    fn found(scripts: &[&str]) -> Vec<String> {
        let step = |(at, script): (usize, &&str)| format!("  - {{id: s{at}, run: '{script}'}}\n");
        let steps: String = scripts.iter().enumerate().map(step).collect();
        of("HP219", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn a_name_that_nothing_writes_is_found() {
        assert_eq!(found(&["pg_restore -d shop backup.dump"]), ["5:39 backup.dump"]);
        assert_eq!(found(&["pg_restore -d shop /b/shop-latest.dump"]).len(), 1);
        assert_eq!(found(&["pg_restore -d shop /b/shop_20241214.dump"]).len(), 1);
        assert_eq!(found(&["pg_restore -d shop < backup.dump"]), ["5:41 backup.dump"]);
        assert_eq!(
            found(&["pg_dump shop > /b/db-$(date +%s).dump", "pg_restore -d shop /b/db-last.dump"]),
            ["6:39 /b/db-last.dump"]
        );
    }

    #[test]
    fn a_name_that_is_written_or_given_is_none() {
        for scripts in [
            &["pg_dump shop > a.dump", "pg_restore -d shop a.dump"] as &[&str],
            &["aws s3 cp s3://b/a.dump .", "pg_restore -d shop a.dump"],
            &["aws s3 cp s3://b/a.dump /tmp/", "pg_restore -d shop /tmp/a.dump"],
            &["pg_restore -d shop \"$backup\""],
            &["pg_restore -d shop /backups/a.dump"],
            &["cp a /b/shop-latest.dump", "pg_restore -d shop /b/shop-latest.dump"],
            &["pg_dump shop > db-$(date +%s).dump", "pg_restore -d shop db-17.dump"],
        ] {
            assert!(found(scripts).is_empty(), "{scripts:?}: {:?}", found(scripts));
        }
    }

    #[test]
    fn expansions_are_any_text() {
        assert_eq!(globbed("a_$(date +%Y)_${X}.$y.gz"), "a_*_*.*.gz");
        assert_eq!(globbed("a-${{ run.id }}.gz"), "a-*.gz");
        assert_eq!(last_name("/b/${D}/a-$x.gz"), "a-$x.gz");
        for (pattern, name, fits) in [
            ("a-*.gz", "a-1.gz", true),
            ("a-*.gz", "b-1.gz", false),
            ("*", "x", true),
            ("a*b*c", "axbyc", true),
            ("a*b*c", "axc", false),
            ("abc", "abc", true),
            ("abc", "abcd", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
