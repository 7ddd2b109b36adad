//! HP404: a script of SQL goes on after an error.

use crate::lint::rules::{change, facts};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP404",
    name: "sql-errors-ignored",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A client that reads several statements goes on after one has failed.",
    why: "`psql` that reads a script goes on after an error and exits with 0: a dump that could be \
          loaded by half is a restore that succeeded. With `-v ON_ERROR_STOP=1` it stops at the first \
          error and exits with 3. Of several `-c` only the last one decides.\n\n`pg_restore` goes on as \
          well, and exits with 1 at its end, long after the first thing went wrong; \
          `--exit-on-error` stops it there.",
    bad: include_str!("../../examples/HP404.bad.yaml"),
    good: include_str!("../../examples/HP404.good.yaml"),
    source: "https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-EXIT-STATUS",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            match command.program() {
                "psql" => psql(scene, script, command, findings),
                "pg_restore" => pg_restore(scene, script, command, findings),
                _ => {}
            }
        }
    }
}

fn psql(scene: &Scene<'_>, script: &Script<'_>, command: &Known<'_>, findings: &mut Findings) {
    let Some(what) = statements(script, command).filter(|_| !stops(command)) else { return };
    let message = format!("`psql` reads {what}, goes on after an error in it, and exits with 0");
    let title = "add `-v ON_ERROR_STOP=1`";
    let finding = facts::finding(&RULE, scene, script, &command.range, message).help(title);
    let options = ["-v", "ON_ERROR_STOP=1"];
    findings.push(match change::behind(scene, script, &command.words[0], &options) {
        Some(edits) => finding.fix(Safety::Safe, title, edits),
        None => finding,
    });
}

/// What psql reads, where that is more than one `-c`.
fn statements(script: &Script<'_>, command: &Known<'_>) -> Option<&'static str> {
    let given = command.option_values(&["-c", "--command"]).len();
    if command.has_option(&["-f", "--file"]).is_some() {
        return Some("a file");
    }
    if given > 1 {
        return Some("several commands");
    }
    let idle = ["-l", "--list", "-V", "--version", "-?", "--help"];
    if given == 1 || command.has_option(&idle).is_some() {
        return None;
    }
    let input = command.redirects.iter().rev().find(|redirect| redirect.reads());
    match input {
        Some(redirect) if redirect.operator.starts_with("<<") => Some("a script"),
        Some(redirect) if redirect.operator == "<" => {
            (redirect.target.text != "/dev/null").then_some("a file")
        }
        Some(_) => None,
        None if command.reads_a_pipe() => Some("a script"),
        None => script.key("stdin").map(|_| "a script"),
    }
}

/// Whether psql stops at the first error.
fn stops(command: &Known<'_>) -> bool {
    let is_on = |value: &str| {
        let value = value.trim().trim_matches('\'').to_ascii_lowercase();
        !matches!(value.as_str(), "0" | "off" | "false" | "no")
    };
    let mut by_option = command.option_values(&["-v", "--set", "--variable"]).into_iter();
    let by_option = by_option.any(|(value, _)| {
        let (name, value) = value.split_once('=').unwrap_or((&value, ""));
        name == "ON_ERROR_STOP" && is_on(value)
    });
    let in_text = |text: &str| {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix("\\set"))
            .any(|rest| rest.trim().strip_prefix("ON_ERROR_STOP").is_some_and(&is_on))
    };
    by_option
        || command.redirects.iter().any(|redirect| in_text(&redirect.target.text))
        || command.option_values(&["-c", "--command"]).iter().any(|(text, _)| in_text(text))
}

fn pg_restore(
    scene: &Scene<'_>,
    script: &Script<'_>,
    command: &Known<'_>,
    findings: &mut Findings,
) {
    let stops = ["-e", "--exit-on-error", "-1", "--single-transaction", "-l", "--list"];
    let has_database = command.has_option(&["-d", "--dbname"]).is_some();
    if !has_database || command.has_option(&stops).is_some() {
        return;
    }
    let message = "`pg_restore` goes on after an error, and tells of it only at its end";
    let finding = facts::finding(&RULE, scene, script, &command.range, message);
    // It ends with 1, so the failure itself is seen.
    let finding = finding.severity(Severity::Warning);
    let drops = command.has_option(&["-c", "--clean"]).is_some();
    let drops_nothing = drops && command.has_option(&["--if-exists"]).is_none();
    let title = if drops_nothing {
        // What is not there cannot be dropped, which would be the first error.
        "add `--exit-on-error --if-exists`"
    } else {
        "add `--exit-on-error`"
    };
    let finding = finding.help(title);
    let options: &[&str] =
        if drops_nothing { &["--exit-on-error", "--if-exists"] } else { &["--exit-on-error"] };
    findings.push(match change::behind(scene, script, &command.words[0], options) {
        Some(edits) => finding.fix(Safety::Safe, title, edits),
        None => finding,
    });
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fixed, of_script};

    fn script(script: &str) -> Vec<String> {
        of_script("HP404", script)
    }

    #[test]
    fn psql_that_reads_statements_must_stop_at_an_error() {
        for (text, marked) in [
            ("psql -f a.sql db", "psql -f a.sql db"),
            ("psql db < a.sql", "psql db < a.sql"),
            ("gunzip -c a | psql db", "psql db"),
            ("gunzip -c a | docker exec -i db psql x", "docker exec -i db psql x"),
            ("gunzip -c a | docker exec -i db sh -c 'psql x'", "psql x"),
            ("psql -c 'a' -c 'b' db", "psql -c 'a' -c 'b' db"),
            ("psql -v ON_ERROR_STOP=0 -f a", "psql -v ON_ERROR_STOP=0 -f a"),
        ] {
            let column = 7 + text.find(marked).unwrap_or_default();
            assert_eq!(script(text), [format!("7:{column} {marked}")], "{text}");
        }
        assert_eq!(script("psql <<E\n      select 1;\n      E").len(), 1);
    }

    #[test]
    fn psql_that_stops_or_reads_one_statement_is_silent() {
        for text in [
            "psql -c 'select 1; select 2' db",
            "psql -v ON_ERROR_STOP=1 -f a",
            "psql -vON_ERROR_STOP=on -f a",
            "psql --set=ON_ERROR_STOP=1 < a",
            "psql --set ON_ERROR_STOP=1 < a",
            "psql <<E\n      \\set ON_ERROR_STOP on\n      select 1;\n      E",
            "cat a | while read x; do psql -c \"$x\"; done",
            "psql db",
            "psql -l < a",
        ] {
            assert!(script(text).is_empty(), "{text}: {:?}", script(text));
        }
    }

    #[test]
    fn pg_restore_into_a_database_must_stop_as_well() {
        assert_eq!(script("pg_restore -d x a"), ["7:7 pg_restore -d x a"]);
        for text in [
            "pg_restore -e -d x a",
            "pg_restore --exit-on-error -d x a",
            "pg_restore -1 -d x a",
            "pg_restore -l a",
            "pg_restore -f out.sql a",
        ] {
            assert!(script(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn the_options_are_put_in() {
        let book = |run: &str| {
            format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: {run}\n")
        };
        for (before, after) in [
            ("psql -f a", "psql -v ON_ERROR_STOP=1 -f a"),
            ("pg_restore -d x a", "pg_restore --exit-on-error -d x a"),
            ("pg_restore -cd x a", "pg_restore --exit-on-error --if-exists -cd x a"),
        ] {
            assert_eq!(fixed("HP404", &book(before)), book(after));
        }
    }
}
