//! HP302: a secret that stands in the file.

use std::sync::LazyLock;

use regex::RegexSet;

use super::names;
use crate::document::{Entry, Node};
use crate::lint::reading::Ground;
use crate::lint::rules::facts;
use crate::lint::scene::{Known, Scene};
use crate::lint::shell::Word;
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP302",
    name: "hardcoded-secret",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A secret is written in the runbook.",
    why: "A runbook is in a repository, on a wiki and in every copy of both, and so is a password in \
          it, for as long as these exist; changing it means changing every runbook. Declare an input \
          with `secret: true`: it is asked for, kept out of every file of the run, and masked in all \
          that is printed.\n\nThe line is not shown in the output.",
    bad: include_str!("../../examples/HP302.bad.yaml"),
    good: include_str!("../../examples/HP302.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/798.html",
    check: Check::Scene(check),
};

const HELP: &str = "declare an input with `secret: true`, hand it on by `env`, and change the secret, which \
                    is known now";

/// What secrets of well known issuers look like.
static ISSUED: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = [
        r"\b(AKIA|ASIA)[0-9A-Z]{16}\b",
        r"\bgh[pousr]_[0-9A-Za-z]{36}",
        r"\bgithub_pat_[0-9A-Za-z_]{40}",
        r"\bglpat-[0-9A-Za-z_-]{20}",
        r"\bxox[abprs]-[0-9A-Za-z-]{10}",
        r"\b[rs]k_live_[0-9A-Za-z]{16}",
        r"\bAIza[0-9A-Za-z_-]{35}",
        r"\bnpm_[0-9A-Za-z]{36}",
        r"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
        r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}",
        r"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----",
        r"https://hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{16}",
        r"\bdop_v1_[0-9a-f]{64}",
        r"\bhvs\.[0-9A-Za-z_-]{24}",
    ];
    RegexSet::new(patterns).expect("the patterns are written above")
});

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    nodes(scene, findings);
    for script in &scene.scripts {
        for command in &script.commands {
            if let Some((word, what)) = on_command_line(command) {
                let message = format!("{what} is written in the runbook");
                let finding = facts::finding(&RULE, scene, script, &word.range, message);
                findings.push(finding.help(HELP).private());
            }
        }
    }
}

/// Every text of the document: what an issuer has made, and what stands at a key for secrets.
fn nodes(scene: &Scene<'_>, findings: &mut Findings) {
    let ground = Ground::of(scene);
    let mut open: Vec<(Option<&Entry>, &Node)> = vec![(None, scene.document)];
    while let Some((key, node)) = open.pop() {
        open.extend(node.as_sequence().unwrap_or_default().iter().map(|item| (None, item)));
        open.extend(node.as_mapping().unwrap_or_default().iter().map(|it| (Some(it), &it.value)));
        let Some(text) = node.as_str() else { continue };
        let message = if ISSUED.is_match(text) || has_password_in_url(text) {
            "a secret is written in the runbook".to_owned()
        } else if let Some(entry) = key.filter(|entry| is_given(entry, text)) {
            format!("the value of `{}` is written in the runbook", entry.key)
        } else {
            continue;
        };
        let finding = Finding::new(&RULE, node.span, message).help(HELP).private();
        findings.push(scene.in_step(finding, ground.step_at(node.span.start)));
    }
    defaults(scene, findings);
}

/// Whether a key that is called like a secret is given its value.
fn is_given(entry: &Entry, text: &str) -> bool {
    if entry.key.eq_ignore_ascii_case("authorization") {
        let value = text.split_once(' ').map_or(text, |(_, value)| value);
        return is_value(value);
    }
    names::is_secret(&entry.key) && entry.value.as_bool().is_none() && is_value(text)
}

/// The default of an input that is called like a secret.
fn defaults(scene: &Scene<'_>, findings: &mut Findings) {
    let inputs = scene.key("inputs").and_then(|(_, node)| node.as_mapping()).unwrap_or_default();
    for input in inputs.iter().filter(|input| names::is_secret(&input.key)) {
        let default = crate::lint::scene::entry(&input.value, "default").map(|(_, node)| node);
        let Some(default) = default else { continue };
        if default.as_str().is_some_and(is_value) {
            let message = format!("the value of `{}` is written in the runbook", input.key);
            findings.push(Finding::new(&RULE, default.span, message).help(HELP).private());
        }
    }
}

/// Whether a text is the value itself, rather than a template, a variable, a file or a gap.
fn is_value(text: &str) -> bool {
    let text = text.trim();
    let is_gap = text.starts_with('<') || text.bytes().all(|byte| b"*.xX".contains(&byte));
    let is_elsewhere =
        text.contains('$') || text.starts_with(['/', '@', '~']) || text.contains("://");
    text.len() > 2 && !is_gap && !is_elsewhere && !text.contains(char::is_whitespace)
}

/// Whether a text has an address with a user and a password.
fn has_password_in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, sign)| {
        let rest = &text[at + sign.len()..];
        let end = rest.find(|sign: char| sign.is_whitespace() || "/\"'<>`?#".contains(sign));
        let authority = &rest[..end.unwrap_or(rest.len())];
        let user = authority.rsplit_once('@').and_then(|(user, _)| user.split_once(':'));
        user.is_some_and(|(_, password)| is_value(password))
    })
}

/// A secret among the words of a command.
pub(super) fn on_command_line<'c>(command: &'c Known<'_>) -> Option<(&'c Word, String)> {
    let set = command
        .assignments
        .iter()
        .find(|assignment| names::is_secret(&assignment.name) && is_literal(&assignment.value));
    if let Some(assignment) = set {
        return Some((&assignment.value, format!("the value of `{}`", assignment.name)));
    }
    let words = command.wrappers.iter().flat_map(|it| &it.words).chain(&command.words);
    let words: Vec<&Word> = words.collect();
    let named = words.iter().enumerate().find_map(|(at, word)| {
        let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
        let is_named = names::is_secret(name) && word.is_literal;
        let next = words.get(at + 1).filter(|next| is_literal(next) && !next.text.starts_with('-'));
        match is_named {
            true if is_value(value) => Some((*word, name)),
            true if name.starts_with("--") && value.is_empty() => Some((*next?, name)),
            _ => None,
        }
    });
    if let Some((word, name)) = named {
        return Some((word, format!("the value of `{name}`")));
    }
    glued(command).map(|word| (word, "a password".to_owned()))
}

fn is_literal(word: &Word) -> bool {
    word.is_literal && is_value(&word.text)
}

/// A password in the form that a known client takes.
fn glued<'c>(command: &'c Known<'_>) -> Option<&'c Word> {
    let words = command.arguments();
    let after = |names: &[&str]| {
        let at = words.iter().position(|word| names.contains(&word.text.as_str()))?;
        words.get(at + 1)
    };
    let found = match command.program() {
        "mysql" | "mysqldump" | "mysqladmin" | "mariadb" | "mariadb-dump" => {
            words.iter().find(|word| word.text.strip_prefix("-p").is_some_and(is_value))
        }
        "redis-cli" => after(&["-a", "--pass"]).filter(|word| is_literal(word)),
        "curl" => after(&["-u", "--user"]).filter(|word| {
            word.text.split_once(':').is_some_and(|(_, password)| is_value(password))
        }),
        "openssl" => {
            words.iter().find(|word| word.text.strip_prefix("pass:").is_some_and(is_value))
        }
        "sshpass" => words.iter().find(|word| word.text.strip_prefix("-p").is_some_and(is_value)),
        _ => None,
    };
    found.filter(|word| word.is_literal)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::{messages, of_script};

    fn book(keys: &str) -> String {
        format!("holdpoint: 1\nid: x\ntitle: X\n{keys}")
    }

    #[test]
    fn a_secret_at_a_key_is_found() {
        for (keys, marked) in [
            ("steps: [{id: a, env: {DB_PASSWORD: hunter2}, run: b}]", "4:36 hunter2"),
            ("defaults: {env: {TOKEN: 'hunter2'}}\nsteps: []", "4:25 'hunter2'"),
            ("inputs: {api_key: {default: hunter2}}\nsteps: []", "4:29 hunter2"),
            (
                "steps: [{id: a, http: {url: 'http://a', headers: {Authorization: Bearer hunter2}}}]",
                "4:66 Bearer hunter2",
            ),
            (
                "steps: [{id: a, env: {URL: 'postgres://u:hunter2@db/x'}, run: b}]",
                "4:28 'postgres://u:hunter2@db/x'",
            ),
        ] {
            assert_eq!(of("HP302", &book(keys)), [marked], "{keys}");
        }
        let key = "AKIA".to_owned() + "ABCDEFGHIJKLMNOP";
        let steps = format!("steps: [{{id: a, title: {key}, run: b}}]");
        assert_eq!(of("HP302", &book(&steps)), [format!("4:24 {key}")]);
    }

    #[test]
    fn a_secret_on_a_command_line_is_found() {
        for (script, marked) in [
            ("PGPASSWORD=hunter2 psql x", "hunter2"),
            ("export API_TOKEN='hunter2'", "'hunter2'"),
            ("tool --password=hunter2", "--password=hunter2"),
            ("tool --password hunter2", "hunter2"),
            ("docker exec -e PGPASSWORD=hunter2 db psql", "PGPASSWORD=hunter2"),
            ("mysql -phunter2", "-phunter2"),
            ("redis-cli -a hunter2 ping", "hunter2"),
            ("curl -fu me:hunter2 a", ""),
            ("curl -f -u me:hunter2 a", "me:hunter2"),
            ("openssl enc -pass pass:hunter2", "pass:hunter2"),
        ] {
            let column = 7 + script.find(marked).unwrap_or_default();
            let expected =
                if marked.is_empty() { Vec::new() } else { vec![format!("7:{column} {marked}")] };
            assert_eq!(of_script("HP302", script), expected, "{script}");
        }
    }

    #[test]
    fn what_holds_no_secret_is_silent() {
        for keys in [
            "inputs: {token: {secret: true}}\nsteps: []",
            "steps: [{id: a, env: {TOKEN: \"${{ inputs.t }}\", PASSWORD: '$X', SECRET: ''}, run: b}]",
            "steps: [{id: a, env: {PASSWORD: <password>, TOKEN: /run/secrets/x, SECRET: '***'}, run: b}]",
            "steps: [{id: a, env: {URL: 'postgres://u:$PASSWORD@db/x', V: 'http://a:80/b@c'}, run: b}]",
        ] {
            assert!(of("HP302", &book(keys)).is_empty(), "{keys}: {:?}", of("HP302", &book(keys)));
        }
        for script in [
            "PGPASSWORD=$X psql",
            "tool --password \"$X\"",
            "tool --password --next",
            "mysql -p x",
            "mysql -p$X",
            "tool --token-file=/a",
            "read -rs PASSWORD",
        ] {
            assert!(of_script("HP302", script).is_empty(), "{script}");
        }
    }

    #[test]
    fn the_secret_is_not_in_the_message() {
        let yaml = book("steps: [{id: a, run: PGPASSWORD=hunter2 psql}]");
        assert_eq!(
            messages("HP302", &yaml),
            ["the value of `PGPASSWORD` is written in the runbook"]
        );
    }
}
