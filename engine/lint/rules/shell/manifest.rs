//! A manifest in a here-document, and the pipelines in the scripts that its containers run.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::document::{self, Node};
use crate::lint::scene::entry;
use crate::lint::shell;
use crate::source::{Problems, Source};

/// A pipeline in a script of a manifest, in a shell that was not given `pipefail`.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Pipeline {
    /// The program of its first command.
    pub(super) first: String,
    /// Where it stands in the manifest.
    pub(super) range: Range<usize>,
}

/// The pipelines in a manifest; there are none in what is no YAML.
pub(super) fn pipelines(text: &str) -> Vec<Pipeline> {
    let mut found = Vec::new();
    if !text.contains('|') || !text.contains("-c") {
        return found;
    }
    let source = Source::new("manifest", text);
    let Some(tree) = document::parse(&source, &mut Problems::default()) else { return found };
    let mut open = vec![&tree];
    while let Some(node) = open.pop() {
        open.extend(node.as_sequence().unwrap_or_default());
        open.extend(node.as_mapping().unwrap_or_default().iter().map(|entry| &entry.value));
        if let Some(script) = script(node) {
            found.extend(of_script(script, &source));
        }
    }
    found
}

/// What the shell of a container is given: the word behind `-c` in its command and arguments.
fn script(container: &Node) -> Option<&Node> {
    let list = |key: &str| entry(container, key).and_then(|(_, node)| node.as_sequence());
    let words = list("command").unwrap_or_default().iter();
    let words: Vec<&Node> = words.chain(list("args").unwrap_or_default()).collect();
    let texts: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
    let program = texts.first()?.rsplit('/').next()?;
    let at = texts.iter().position(|text| text.starts_with('-') && text.ends_with('c'))?;
    let is_bare = matches!(program, "sh" | "bash" | "ash" | "dash") && !texts.contains(&"pipefail");
    words.get(at + 1).copied().filter(|_| is_bare)
}

fn of_script(script: &Node, source: &Source) -> Vec<Pipeline> {
    let text = script.as_str().unwrap_or_default();
    let commands = shell::commands(text, &[]);
    let sets = |command: &shell::Command| {
        command.program() == "set" && command.words.iter().any(|word| word.text == "pipefail")
    };
    if commands.iter().any(sets) {
        return Vec::new();
    }
    let mut pipelines: BTreeMap<usize, (&shell::Command, usize)> = BTreeMap::new();
    for command in commands.iter().filter(|command| command.pipe.length > 1) {
        let (_, end) = pipelines.entry(command.pipe.number).or_insert((command, 0));
        *end = command.range.end.max(*end);
    }
    let pipeline = |(first, end): (&shell::Command, usize)| {
        let span = script.span_at(first.range.start..end, source);
        Pipeline { first: first.program().to_owned(), range: span.start..span.end }
    };
    pipelines.into_values().map(pipeline).collect()
}
