//! What stands around a script and decides what its commands mean: the words of its step, what is
//! set for it, where it runs, and the versions it is written for.

use std::collections::BTreeMap;

use crate::document::Node;
use crate::lint::knowledge::Setting;

use super::{Step, entry};

/// What stands around the scripts of a document.
pub(super) struct Surroundings<'d> {
    document: &'d Node,
    steps: &'d [Step],
    versions: BTreeMap<String, String>,
    scenario: String,
}

impl<'d> Surroundings<'d> {
    pub(super) fn new(document: &'d Node, steps: &'d [Step]) -> Surroundings<'d> {
        let versions = entry(document, "versions").and_then(|(_, versions)| versions.as_mapping());
        let versions = versions
            .unwrap_or_default()
            .iter()
            .filter_map(|entry| Some((entry.key.value.clone(), entry.value.as_str()?.to_owned())));
        let text =
            |key| entry(document, key).and_then(|(_, node)| node.as_str()).unwrap_or_default();
        let scenario = format!("{}\n{}", text("id"), text("title"));
        Surroundings { document, steps, versions: versions.collect(), scenario }
    }

    /// What stands around a script; `near` is the mapping that its `run` stands in.
    pub(super) fn setting(&self, step: Option<usize>, near: &Node) -> Setting {
        let mut setting = Setting::of_versions(self.versions.clone());
        setting.scenario.clone_from(&self.scenario);
        let own = step.map(|at| &self.steps[at]);
        let texts = own.map(|own| [own.id.as_str(), own.title(), own.text("why").unwrap_or("")]);
        setting.title = texts.map(|texts| texts.join("\n")).unwrap_or_default();
        let mut has_target = false;
        for node in self.nodes(step, near) {
            let env = entry(node, "env").and_then(|(_, env)| env.as_mapping()).unwrap_or_default();
            setting.given.extend(env.iter().map(|entry| entry.key.value.clone()));
            setting.given.extend(node.has("cwd").then(|| "cwd".to_owned()));
            if let Some((_, target)) = entry(node, "target").filter(|_| !has_target) {
                has_target = true;
                setting.given.extend(self.kind_of(target));
            }
        }
        setting
    }

    /// The mappings around a script, the nearest first, and the defaults.
    fn nodes<'n>(&'n self, step: Option<usize>, near: &'n Node) -> impl Iterator<Item = &'n Node> {
        let around = std::iter::successors(step, |at| self.steps[*at].parent);
        let defaults = entry(self.document, "defaults").map(|(_, defaults)| defaults);
        std::iter::once(near).chain(around.map(|at| &self.steps[at].node)).chain(defaults)
    }

    /// The kind of a target that is given by name or as it is: `docker`, `kubernetes`, `ssh`.
    fn kind_of(&self, target: &Node) -> Option<String> {
        let declared = || entry(entry(self.document, "targets")?.1, target.as_str()?);
        let target = declared().map_or(target, |(_, declared)| declared);
        target.as_mapping()?.first().map(|entry| entry.key.value.clone())
    }
}
