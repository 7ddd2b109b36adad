//! Which nodes of two plans belong together.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::plan::{Index, Node, Plan, ROOT, Role};

/// For each node of the new plan the one of the old plan that it continues: the one at its path,
/// or at the path that `moved` says it had.
pub fn paired(old: &Plan, new: &Plan, moved: &BTreeMap<String, String>) -> Vec<Option<Index>> {
    let by_path: HashMap<&str, Index> = (0..old.nodes.len())
        .filter(|index| old.nodes[*index].role != Role::Whole)
        .map(|index| (old.nodes[index].path.as_str(), index))
        .collect();
    // What has moved away from a path is not what stands there now.
    let taken: HashSet<&str> = moved.values().map(String::as_str).collect();
    let mut pairs: Vec<Option<Index>> = Vec::with_capacity(new.nodes.len());
    for (index, node) in new.nodes.iter().enumerate() {
        let pair = match (node.role, moved.get(&node.path)) {
            (Role::Whole, _) if index == ROOT => Some(ROOT),
            (Role::Whole, _) => old.finally,
            (_, Some(was)) => by_path.get(was.as_str()).copied(),
            (_, None) => {
                let path = path_before(old, new, node, &pairs);
                let path = path.filter(|path| !taken.contains(path.as_str()));
                path.and_then(|path| by_path.get(path.as_str()).copied())
            }
        };
        pairs.push(pair.filter(|pair| is_alike(&old.nodes[*pair], node)));
    }
    pairs
}

/// The path of a node where what it belongs to had another.
fn path_before(old: &Plan, new: &Plan, node: &Node, pairs: &[Option<Index>]) -> Option<String> {
    let mut base = match node.role {
        Role::Undo { of, .. } => of,
        _ => node.parent?,
    };
    // The steps of a closing group stand under the path of the include itself.
    while new.nodes[base].role == Role::Closing && node.role != Role::Closing {
        base = new.nodes[base].parent?;
    }
    if new.nodes[base].role == Role::Whole {
        return Some(node.path.clone());
    }
    let rest = node.path.get(new.nodes[base].path.len()..)?;
    Some(format!("{}{rest}", old.nodes[pairs[base]?].path))
}

/// Whether one node can continue another: an undo an undo, a pattern a pattern, a closing step a
/// closing step.
fn is_alike(old: &Node, new: &Node) -> bool {
    let part = |node: &Node| match node.role {
        Role::Whole => 0,
        Role::Step | Role::Rung => 1,
        Role::Item => 2,
        Role::Closing => 3,
        Role::Undo { .. } => 4,
    };
    part(old) == part(new)
        && (old.patterns == 0) == (new.patterns == 0)
        && old.is_closing == new.is_closing
}

/// The steps that stand elsewhere now, by their ids: the new path of each, and the old one.
pub(super) fn moved(old: &Plan, new: &Plan) -> BTreeMap<String, String> {
    let pairs = paired(old, new, &BTreeMap::new());
    let kept: HashSet<Index> = pairs.iter().flatten().copied().collect();
    let gone = lone(old, |index| !kept.contains(&index));
    let come = lone(new, |index| pairs[index].is_none());
    let is_both = |(id, now): (&str, Index)| {
        let before = *gone.get(id)?;
        let is_other = old.nodes[before].path != new.nodes[now].path;
        (is_other && is_alike(&old.nodes[before], &new.nodes[now])).then_some(())?;
        Some((new.nodes[now].path.clone(), old.nodes[before].path.clone()))
    };
    let mut moved: BTreeMap<String, String> = come.into_iter().filter_map(is_both).collect();
    // What moved with its group has not moved itself.
    let all = moved.clone();
    moved.retain(|now, before| {
        let around = now.rsplit_once('/').zip(before.rsplit_once('/'));
        around.is_none_or(|((now, _), (before, _))| all.get(now).is_none_or(|was| was != before))
    });
    moved
}

/// The steps outside patterns and undos that no other step of these shares its id with.
fn lone(plan: &Plan, is_wanted: impl Fn(Index) -> bool) -> HashMap<&str, Index> {
    let mut found: HashMap<&str, Option<Index>> = HashMap::new();
    for (index, node) in plan.nodes.iter().enumerate() {
        let is_step = matches!(node.role, Role::Step | Role::Rung) && node.patterns == 0;
        if is_step && is_wanted(index) && !plan.is_in_undo(index) {
            let place = found.entry(node.id.as_str()).or_insert(Some(index));
            if *place != Some(index) {
                *place = None;
            }
        }
    }
    found.into_iter().filter_map(|(id, place)| Some((id, place?))).collect()
}
