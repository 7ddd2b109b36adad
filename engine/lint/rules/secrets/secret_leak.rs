//! HP304: a secret gets into what is kept.

use std::collections::HashSet;

use super::names;
use crate::lint::rules::{facts, setting};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::{Check, Confidence, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP304",
    name: "secret-leak",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "A command prints secrets, or copies them to where others can read them.",
    why: "What a step prints is kept in the records of the run, and ends up in a review that many \
          people read. Only the secrets that a runbook declares are masked there: what `env`, `set -x` \
          or `kubectl get secret` print is not known to be one. A `.env` in an archive is in every \
          copy of the backup, for as long as that is kept.",
    bad: include_str!("../../examples/HP304.bad.yaml"),
    good: include_str!("../../examples/HP304.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/532.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let declared = names::declared(scene);
    for script in &scene.scripts {
        let held = names::variables(scene, script, &declared);
        let mut leaks: Vec<_> = script
            .commands
            .iter()
            .filter_map(|command| Some((command, leak(command, &held)?)))
            .collect();
        // One trace prints all that follows.
        let trace = script.commands.iter().find(|command| traces(command));
        if let Some(command) = trace.filter(|_| has_secrets(scene, script, &held)) {
            let message =
                format!("`{}` prints every command, and there are secrets", command.text());
            let help = "leave it out, or switch it off with `set +x` around the secrets";
            leaks.push((command, (message, help)));
        }
        for (command, (message, help)) in leaks {
            findings.push(facts::finding(&RULE, scene, script, &command.range, message).help(help));
        }
    }
}

/// What a command gives away, and what to do instead.
fn leak(command: &Known<'_>, held: &HashSet<String>) -> Option<(String, &'static str)> {
    let program = command.program();
    if let Some(file) = copies(command) {
        let message = format!("`{program}` puts `{file}`, which holds secrets, where others read");
        return Some((message, "leave it out, or encrypt it before it leaves the machine"));
    }
    let what = prints(command, held).filter(|_| is_shown(command))?;
    let message = format!("`{program}` prints {what}, which is kept in the records of the run");
    Some((message, "print a fact about it instead, such as whether it is set or how long it is"))
}

/// Whether what a command prints goes to the output of the step.
fn is_shown(command: &Known<'_>) -> bool {
    let is_kept = command
        .redirects
        .iter()
        .any(|redirect| redirect.keeps_output() || redirect.operator == ">&");
    let is_last = command.pipe.place + 1 == command.pipe.length;
    is_last && !is_kept && !command.around.is_substituted
}

fn prints(command: &Known<'_>, held: &HashSet<String>) -> Option<String> {
    let has_operands = !command.arguments().is_empty();
    match command.program() {
        "env" | "printenv" if !has_operands => Some("all variables".to_owned()),
        "export"
            if command.arguments().iter().all(|word| word.text == "-p")
                && command.assignments.is_empty() =>
        {
            Some("all variables".to_owned())
        }
        "echo" | "printf" => secret_of(command, held).map(|name| format!("the value of `${name}`")),
        "cat" | "less" | "head" | "tail" => {
            let word =
                command.operands(&["-n", "-c"]).into_iter().find(|word| is_secret_file(&word.text));
            word.map(|word| format!("`{}`", word.text))
        }
        "kubectl" | "oc" => {
            let operands = command.operands(&["-n", "--namespace", "--context", "-o", "-l"]);
            let mut operands = operands.iter().map(|word| word.text.as_str());
            let is_get = operands.next() == Some("get");
            let kind = operands.next().unwrap_or_default();
            let is_secret = matches!(kind.split('/').next(), Some("secret" | "secrets"));
            let format = command.option_value(&["-o", "--output"]).map(|(format, _)| format)?;
            let tells = !matches!(format.as_str(), "name" | "wide");
            (is_get && is_secret && tells).then(|| "the values of a Secret".to_owned())
        }
        _ => None,
    }
}

/// The variable with a secret that a command expands.
fn secret_of(command: &Known<'_>, held: &HashSet<String>) -> Option<String> {
    let is_secret = |name: &&str| held.contains(*name) || names::is_secret(name);
    // `${#NAME}`, `${NAME:+x}` and `${NAME:?}` do not give the value.
    let gives = |text: &str, name: &str| {
        let inner = format!("${{{name}");
        text.find(&inner).is_none_or(|at| {
            let rest = &text[at + inner.len()..];
            !rest.starts_with(":+") && !rest.starts_with('+') && !rest.starts_with(":?")
        })
    };
    command.arguments().iter().find_map(|word| {
        let mut names = names::expanded(word).filter(is_secret);
        names.find(|name| gives(&word.text, name)).map(str::to_owned)
    })
}

/// Whether every command is printed from here on.
fn traces(command: &Known<'_>) -> bool {
    command.program() == "set"
        && (command.has_option(&["-x"]).is_some()
            || command
                .arguments()
                .windows(2)
                .any(|it| it[0].text.ends_with('o') && it[1].text == "xtrace"))
}

/// Whether there are secrets in what a script expands and sets.
fn has_secrets(scene: &Scene<'_>, script: &Script<'_>, held: &HashSet<String>) -> bool {
    let is_secret = |name: &str| held.contains(name) || names::is_secret(name);
    let expands = script.commands.iter().any(|command| {
        let values = command.assignments.iter().map(|assignment| &assignment.value);
        command.words.iter().chain(values).any(|word| names::expanded(word).any(is_secret))
            || command.assignments.iter().any(|assignment| is_secret(&assignment.name))
    });
    expands || setting::variables(scene, script).iter().any(|(name, _)| is_secret(name))
}

/// A file of secrets that is put into an archive or a bucket.
fn copies<'c>(command: &'c Known<'_>) -> Option<&'c str> {
    let copies = match command.program() {
        "tar" | "zip" | "7z" | "gsutil" | "rclone" | "scp" | "rsync" => true,
        "aws" => command.arguments().first().is_some_and(|word| word.text == "s3"),
        "git" => command.arguments().first().is_some_and(|word| word.text == "add"),
        "cp" => command.arguments().iter().any(|word| word.text.contains("backup")),
        _ => false,
    };
    if !copies || command.has_option(&["--exclude"]).is_some() {
        return None;
    }
    let words = command.arguments().iter().map(|word| word.text.as_str());
    words.filter(|text| !text.starts_with('-')).find(|text| is_secret_file(text))
}

/// Whether a file is one that is known to hold secrets.
fn is_secret_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_env = name == ".env"
        || name
            .strip_prefix(".env.")
            .is_some_and(|rest| !rest.contains("example") && !rest.contains("sample"));
    is_env
        || matches!(name, ".pgpass" | ".netrc" | ".my.cnf" | "id_rsa" | "id_ed25519")
        || path.ends_with(".aws/credentials")
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::of_script;

    #[test]
    fn what_prints_secrets_is_found() {
        for script in [
            "env",
            "printenv",
            "export -p",
            "echo \"$DB_PASSWORD\"",
            "printf '%s' \"${API_TOKEN}\"",
            "cat /srv/app/.env",
            "kubectl -n shop get secret db -o yaml",
            "kubectl get secrets/db -ojson",
            "set -x\n      PGPASSWORD=$X psql",
            "docker exec db env",
        ] {
            assert_eq!(of_script("HP304", script).len(), 1, "{script}");
        }
    }

    #[test]
    fn what_copies_secrets_is_found() {
        for script in [
            "tar czf x.tgz app/.env",
            "aws s3 cp .env s3://x/",
            "cp /backups/.env .env",
            "git add .env.production",
        ] {
            assert_eq!(of_script("HP304", script).len(), 1, "{script}");
        }
    }

    #[test]
    fn what_keeps_them_is_silent() {
        for script in [
            "env | grep PATH",
            "env A=1 b",
            "echo \"$DB_PASSWORD\" | docker login --password-stdin",
            "echo \"${DB_PASSWORD:+set}\"",
            "echo \"$DB_PASSWORD_FILE\"",
            "test -n \"$DB_PASSWORD\"",
            "cat .env.example",
            "kubectl get secret db",
            "kubectl get secret db -o name",
            "kubectl get pods -o yaml",
            "set -x\n      ls",
            "tar czf x.tgz --exclude .env app",
            "grep -q X .env",
        ] {
            assert!(of_script("HP304", script).is_empty(), "{script}");
        }
    }

    #[test]
    fn a_secret_of_the_runbook_is_known_by_its_variable() {
        let book = "holdpoint: 1\nid: x\ntitle: X\ninputs: {code: {secret: true}}\nsteps:\n  - id: a\n    \
                    env: {A: \"${{ inputs.code }}\"}\n    run: echo $A\n";
        assert_eq!(of("HP304", book), ["8:10 echo $A"]);
    }
}
