//! The setting of a script: what reads it, where it runs and which variables it has, by its own
//! keys, those around it, and the defaults of the runbook and its library.

use std::collections::HashSet;

use crate::document::Node;
use crate::lint::scene::{Scene, Script, entry};
use crate::runbook::target::LOCAL;
use crate::source::Spanned;

/// What reads a script.
pub(in crate::lint) struct Interpreter<'s> {
    /// The program and its arguments.
    pub(in crate::lint) words: Vec<String>,
    /// The key that says so, where the runbook does.
    pub(in crate::lint) node: Option<&'s Node>,
}

/// What a script finds at a key of its own, around it, or in the defaults.
pub(super) fn inherited<'s>(
    scene: &'s Scene<'_>,
    script: &'s Script<'_>,
    key: &str,
) -> Option<&'s Node> {
    let around = || match script.step {
        Some(step) => scene.inherited(step, key),
        None => entry(entry(scene.document, "defaults")?.1, key).map(|(_, node)| node),
    };
    script.key(key).or_else(around)
}

/// Whether a script runs on the machine that drives the run.
pub(super) fn is_local(scene: &Scene<'_>, script: &Script<'_>) -> bool {
    match inherited(scene, script, "target") {
        Some(target) => target.as_str() == Some(LOCAL),
        None => scene.library.defaults.setting.target.as_ref().is_none_or(|it| it.is_local()),
    }
}

/// What reads a script.
pub(in crate::lint) fn interpreter<'s>(
    scene: &'s Scene<'_>,
    script: &'s Script<'_>,
) -> Interpreter<'s> {
    let node = inherited(scene, script, "shell");
    let said = node.and_then(Node::as_str);
    let words = match (said, &scene.library.defaults.setting.shell) {
        (Some(said), _) => said.split_whitespace().map(str::to_owned).collect(),
        (None, Some(words)) => words.clone(),
        (None, None) if is_local(scene, script) => {
            ["bash", "-euo", "pipefail"].map(str::to_owned).to_vec()
        }
        (None, None) => ["sh", "-eu"].map(str::to_owned).to_vec(),
    };
    Interpreter { words, node }
}

/// The variables that a runbook sets for a script, the nearest of a name first.
pub(in crate::lint) fn variables<'s>(
    scene: &'s Scene<'_>,
    script: &'s Script<'_>,
) -> Vec<(&'s Spanned<String>, &'s Node)> {
    let around = script.step.into_iter().flat_map(|step| scene.around(step));
    let around = around.filter_map(|at| scene.steps[at].key("env"));
    let defaults = entry(scene.document, "defaults").and_then(|(_, node)| entry(node, "env"));
    let all = script.key("env").into_iter().chain(around).chain(defaults.map(|(_, node)| node));
    let mut seen = HashSet::new();
    let all = all.filter_map(Node::as_mapping).flatten();
    let nearest = all.filter(|entry| seen.insert(entry.key.as_str()));
    nearest.map(|entry| (&entry.key, &entry.value)).collect()
}
