//! Which names are those of secrets: of variables and keys by their words, and of the variables that
//! a runbook fills with its secrets.

use std::collections::HashSet;

use crate::document::Node;
use crate::lint::rules::setting;
use crate::lint::scene::{Scene, Script, entry};
use crate::lint::shell::Word;

/// The last words of a name that say that a secret stands there.
const SECRET: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "api_key",
    "apikey",
    "secret_key",
    "private_key",
    "access_key",
    "pgpassword",
    "mysql_pwd",
    "rediscli_auth",
];
/// Names that end so, and are of something else.
const HARMLESS: &[&str] = &["next_token", "page_token", "continuation_token", "sync_token"];

/// Whether a name is that of a secret: `DB_PASSWORD`, `--api-key`, `x-auth-token`.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    let ends = |word: &&str| {
        name.strip_suffix(*word).is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    SECRET.iter().any(ends) && !HARMLESS.iter().any(ends)
}

/// What a runbook says is a secret, as expressions call it: `inputs.token`, `steps.a.outputs.key`.
pub(super) fn declared(scene: &Scene<'_>) -> HashSet<String> {
    let is_secret =
        |node: &Node| entry(node, "secret").and_then(|(_, node)| node.as_bool()) == Some(true);
    let inputs = scene.key("inputs").and_then(|(_, node)| node.as_mapping());
    let inputs = inputs.unwrap_or_default().iter().filter(|input| is_secret(&input.value));
    let mut found: HashSet<String> =
        inputs.map(|input| format!("inputs.{}", dashless(&input.key))).collect();
    for step in &scene.steps {
        let outputs = step.key("outputs").and_then(Node::as_mapping).unwrap_or_default();
        for output in outputs.iter().filter(|output| is_secret(&output.value)) {
            found.insert(format!("steps.{}.outputs.{}", dashless(&step.id), dashless(&output.key)));
        }
    }
    found
}

fn dashless(name: &str) -> String {
    name.replace('-', "_")
}

/// The variables of a script that hold a secret of the runbook.
pub(super) fn variables(
    scene: &Scene<'_>,
    script: &Script<'_>,
    declared: &HashSet<String>,
) -> HashSet<String> {
    if declared.is_empty() {
        return HashSet::new();
    }
    let holds = |node: &Node| {
        let text = node.as_str().unwrap_or_default();
        templates(text).any(|expression| declared.contains(expression))
    };
    let all = setting::variables(scene, script).into_iter();
    all.filter(|(_, node)| holds(node)).map(|(name, _)| name.value.clone()).collect()
}

/// The names that the templates of a text begin with.
pub(super) fn templates(text: &str) -> impl Iterator<Item = &str> {
    text.split("${{").skip(1).map(|rest| {
        let rest = rest.trim_start();
        let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_' || sign == '.';
        &rest[..rest.find(|sign| !is_name(sign)).unwrap_or(rest.len())]
    })
}

/// The variables that a word expands.
pub(super) fn expanded(word: &Word) -> impl Iterator<Item = &str> {
    let text = if word.is_literal { "" } else { word.text.as_str() };
    // What `<( … )` stands for is the name of a pipe; its commands are looked at by themselves.
    let text = text.find("<(").map_or(text, |at| &text[..at]);
    text.split('$').skip(1).map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
        &rest[..rest.find(|sign| !is_name(sign)).unwrap_or(rest.len())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_by_their_last_words() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "--api-key",
            "X-Auth-Token",
            "PGPASSWORD",
            "aws_secret_access_key",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PASSWORD_FILE", "TOKENS", "NEXT_TOKEN", "MONKEY", "KEY", "tokenizer"] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn the_names_in_a_text_are_found() {
        let found: Vec<&str> = templates("a ${{ inputs.a | x }} ${{steps.b.outputs.c}}").collect();
        assert_eq!(found, ["inputs.a", "steps.b.outputs.c"]);
        let text = "a$B${C:-x}\"$D\"".to_owned();
        let word = Word { text, ..Word::default() };
        assert_eq!(expanded(&word).collect::<Vec<_>>(), ["B", "C", "D"]);
    }
}
