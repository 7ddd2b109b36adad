//! HP409: what stands in a script is not for a shell.

use crate::lint::rules::facts;
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP409",
    name: "not-shell",
    severity: Severity::Error,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A line of a script is SQL, a line of a configuration file or of a crontab.",
    why: "A document may show a line of `postgresql.conf` or of a crontab in a block of commands, and a \
          person sees what is meant. A shell runs it: `0 3 * * * /backup.sh` looks for a program \
          called `0`, `*` becomes the names of all files in the folder, and the step fails in the \
          middle of the procedure.",
    bad: include_str!("../../examples/HP409.bad.yaml"),
    good: include_str!("../../examples/HP409.good.yaml"),
    source: "practice: three of the five source documents show configuration in blocks of commands",
    check: Check::Scene(check),
};

/// What a line is, and what to do with it.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Language {
    Crontab,
    Configuration,
    Section,
    Sql,
    Yaml,
}

impl Language {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Language::Crontab => (
                "a line of a crontab",
                "run the command by itself, or install the line with `crontab`",
            ),
            Language::Configuration => {
                ("a line of a configuration file", "write it into the file that it belongs to")
            }
            Language::Section => {
                ("a section of a configuration file", "write it into the file that it belongs to")
            }
            Language::Sql => ("SQL", "give it to a client, such as `psql` with `stdin`"),
            Language::Yaml => ("YAML", "write it into the file that it belongs to"),
        }
    }
}

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| script.is_shell) {
        lines(scene, script, findings);
    }
}

/// Tells of the first line of each language.
fn lines(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let mut told = Vec::new();
    for command in script.commands.iter().filter(|command| command.wrappers.is_empty()) {
        let Some(language) = language(command).filter(|language| !told.contains(language)) else {
            continue;
        };
        told.push(language);
        let (what, help) = language.words();
        let message = format!("`{}` is {what}, and a shell would run it", begin(&command.text()));
        findings.push(facts::finding(&RULE, scene, script, &command.range, message).help(help));
    }
}

/// The first words of a line.
fn begin(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

fn language(command: &Known<'_>) -> Option<Language> {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    let first = command.words.first().filter(|word| !word.is_quoted)?.text.as_str();
    if is_crontab(&words) {
        return Some(Language::Crontab);
    }
    if words.get(1) == Some(&"=") && words.len() > 2 && is_name(first) {
        return Some(Language::Configuration);
    }
    if words.len() == 1 && is_section(first) {
        return Some(Language::Section);
    }
    if is_sql(&words) {
        return Some(Language::Sql);
    }
    let key = first.strip_suffix(':').filter(|key| is_name(key));
    key.map(|_| Language::Yaml)
}

fn is_crontab(words: &[&str]) -> bool {
    let is_field = |field: &&str| {
        !field.is_empty()
            && field.bytes().all(|byte| byte.is_ascii_digit() || b"*/,-".contains(&byte))
    };
    let nicknames = ["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@reboot"];
    let is_timed = words.len() > 5
        && words[..5].iter().all(is_field)
        && words[..5].iter().any(|field| field.contains('*'));
    is_timed || words.len() > 1 && nicknames.contains(&words[0])
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn is_section(text: &str) -> bool {
    let name = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    name.is_some_and(|name| name.len() > 1 && is_name(name))
}

/// Whether words begin a statement, whose first two words leave no doubt.
fn is_sql(words: &[&str]) -> bool {
    let [first, second, ..] = words else { return false };
    let second = second.to_ascii_uppercase();
    let is_object =
        ["TABLE", "DATABASE", "INDEX", "USER", "ROLE", "SCHEMA", "VIEW", "EXTENSION", "SYSTEM"]
            .contains(&second.as_str());
    let third = words.get(2).map(|word| word.to_ascii_uppercase());
    match first.to_ascii_uppercase().as_str() {
        "SELECT" => *first == "SELECT",
        "INSERT" => second == "INTO",
        "DELETE" => second == "FROM",
        "UPDATE" => third.as_deref() == Some("SET"),
        "CREATE" | "DROP" | "ALTER" | "TRUNCATE" | "REINDEX" => is_object,
        "VACUUM" => matches!(second.as_str(), "FULL" | "ANALYZE" | "FULL;"),
        "GRANT" | "REVOKE" => *first == "GRANT" || *first == "REVOKE",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{messages, of_script};

    #[test]
    fn lines_of_other_languages_are_found() {
        for (script, marked) in [
            ("0 3 * * * /backup.sh", "0 3 * * * /backup.sh"),
            ("*/15 * * * * /backup.sh", "*/15 * * * * /backup.sh"),
            ("@daily /backup.sh", "@daily /backup.sh"),
            ("archive_command = 'cp %p x'", "archive_command = 'cp %p x'"),
            ("a; [mysqld]", "[mysqld]"),
            ("DROP TABLE orders;", "DROP TABLE orders"),
            ("update orders set a = 1;", "update orders set a = 1"),
            ("SELECT 1;", "SELECT 1"),
            ("image: postgres:16", "image: postgres:16"),
        ] {
            let column = 7 + script.find(marked).unwrap_or_default();
            assert_eq!(of_script("HP409", script), [format!("7:{column} {marked}")]);
        }
    }

    #[test]
    fn only_the_first_line_of_a_language_is_told() {
        let script = "a_b = 1\n      c_d = 2\n      0 1 * * * /x";
        assert_eq!(of_script("HP409", script), ["7:7 a_b = 1", "9:7 0 1 * * * /x"]);
    }

    #[test]
    fn commands_are_silent() {
        for script in [
            "test a = b",
            "[ a = b ]",
            "a=b",
            "psql -c 'DROP TABLE orders'",
            "psql <<E\n      DROP TABLE orders;\n      E",
            "truncate -s 0 f",
            "update-alternatives --list x",
            "create table-file",
            "echo 0 3 '* * *' x",
            ": \"${x:?}\"",
            "dd if=/dev/zero of=x",
        ] {
            assert!(of_script("HP409", script).is_empty(), "{script}");
        }
    }

    #[test]
    fn a_long_line_is_told_by_its_beginning() {
        let book = format!(
            "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, run: {} = b}}\n",
            "é".repeat(3).replace('é', "long_name_of_something")
        );
        let told = "`long_name_of_somethinglong_name_of_somet…` is a line of a configuration file, and \
                    a shell would run it";
        assert_eq!(messages("HP409", &book), [told]);
    }
}
