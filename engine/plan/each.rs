//! A fan-out in a plan: a pattern, and the copies of it that the items of a list become.
//!
//! The pattern is checked, drawn and planned with the rest, and is never run. Copies are made when
//! the list is known, and stay: a plan only ever grows, the same way for the same list.

use std::ops::Range;
use std::sync::Arc;

use crate::runbook::each::Each;

use super::space::{Space, SpaceIndex, SpaceKind};
use super::{Index, Inside, Node, Plan, Role};

/// The id of a pattern, which no step can have.
pub(super) const PATTERN: &str = "*";

/// A step that is repeated for every item of a list.
#[derive(Clone, Debug)]
pub struct Items {
    /// The list, and what is said about it.
    pub each: Each,
    /// The nodes of the pattern; its own comes first.
    pub pattern: Range<Index>,
    /// The spaces of the pattern; its own comes first.
    pub spaces: Range<SpaceIndex>,
    /// The copies, in the order of the items.
    pub copies: Vec<Index>,
}

impl Plan {
    /// The fan-out that a node is, if it is one.
    pub fn items(&self, index: Index) -> Option<&Items> {
        self.nodes[index].forms.iter().find_map(|form| match &form.inside {
            Inside::Each(items) => Some(&**items),
            _ => None,
        })
    }

    /// The node of a pattern of which the node at a path is or will be a copy.
    pub fn pattern_of(&self, path: &str) -> Option<Index> {
        let is_number =
            |part: &str| part.parse::<usize>().is_ok_and(|n| n > 0 && n.to_string() == part);
        let at = |path: &str| self.nodes.iter().position(|node| node.path == path);
        let mut of = String::new();
        for part in path.split('/') {
            let items = at(&of).and_then(|index| self.items(index));
            match items.filter(|_| is_number(part)) {
                Some(items) => of.clone_from(&self.nodes[items.pattern.start].path),
                None if of.is_empty() => part.clone_into(&mut of),
                None => of = format!("{of}/{part}"),
            }
        }
        at(&of).filter(|_| of != path)
    }

    /// Makes copies until a fan-out has as many as its list has items.
    pub fn grow(&mut self, index: Index, count: usize) {
        while let Some(items) = self.items(index).filter(|items| items.copies.len() < count) {
            let (items, number) = (items.clone(), items.copies.len() + 1);
            let copy = self.copy(index, &items, number);
            for form in &mut self.nodes[index].forms {
                if let Inside::Each(items) = &mut form.inside {
                    items.copies.push(copy);
                }
            }
        }
    }

    /// Adds one copy of a pattern, and gives its place.
    fn copy(&mut self, of: Index, items: &Items, number: usize) -> Index {
        let moved = Moved {
            nodes: (items.pattern.clone(), self.nodes.len()),
            spaces: (items.spaces.clone(), self.spaces.len()),
        };
        for space in items.spaces.clone() {
            let copied = moved.space(&self.spaces[space]);
            self.spaces.push(copied);
        }
        let own = &mut self.spaces[moved.spaces.1];
        if let SpaceKind::Item { number: place, .. } = &mut own.kind {
            *place = number;
        }
        let (from, to) = (
            self.nodes[items.pattern.start].path.len(),
            format!("{}/{number}", self.nodes[of].path),
        );
        for index in items.pattern.clone() {
            let mut node = moved.node(&self.nodes[index]);
            node.path = format!("{to}{}", &node.path[from..]);
            if node.id == PATTERN {
                node.id = number.to_string();
            }
            self.by_path.insert(node.path.clone(), self.nodes.len());
            self.nodes.push(node);
        }
        let pairs: Vec<(Index, Index)> = self
            .pairs
            .iter()
            .filter(|(undo, _)| items.pattern.contains(undo))
            .map(|(undo, of)| (moved.index(*undo), moved.index(*of)))
            .collect();
        self.pairs.extend(pairs);
        moved.nodes.1
    }
}

/// Where the nodes and the spaces of a pattern have their copies.
struct Moved {
    nodes: (Range<Index>, Index),
    spaces: (Range<SpaceIndex>, SpaceIndex),
}

fn shifted((from, to): &(Range<usize>, usize), at: usize) -> usize {
    if from.contains(&at) { at - from.start + to } else { at }
}

impl Moved {
    fn index(&self, at: Index) -> Index {
        shifted(&self.nodes, at)
    }

    fn all(&self, indices: &[Index]) -> Vec<Index> {
        indices.iter().map(|at| self.index(*at)).collect()
    }

    fn node(&self, node: &Node) -> Node {
        let mut node = node.clone();
        node.parent = node.parent.map(|parent| self.index(parent));
        node.needs = self.all(&node.needs);
        node.dependents = self.all(&node.dependents);
        node.space = shifted(&self.spaces, node.space);
        node.patterns -= 1;
        if let Role::Undo { of, .. } = &mut node.role {
            *of = self.index(*of);
        }
        for form in &mut node.forms {
            form.undo = form.undo.map(|undo| self.index(undo));
            if let Some(included) = &mut form.included {
                included.space = shifted(&self.spaces, included.space);
                included.finally = included.finally.map(|finally| self.index(finally));
            }
            form.inside = match &form.inside {
                Inside::Leaf => Inside::Leaf,
                Inside::Phase(inside) => Inside::Phase(self.all(inside)),
                Inside::Ladder(rungs) => Inside::Ladder(self.all(rungs)),
                Inside::Each(items) => Inside::Each(Box::new(Items {
                    each: items.each.clone(),
                    pattern: self.index(items.pattern.start)
                        ..self.index(items.pattern.start) + items.pattern.len(),
                    spaces: shifted(&self.spaces, items.spaces.start)
                        ..shifted(&self.spaces, items.spaces.start) + items.spaces.len(),
                    copies: Vec::new(),
                })),
            };
        }
        node
    }

    fn space(&self, space: &Space) -> Space {
        let kind = match &space.kind {
            SpaceKind::Whole => SpaceKind::Whole,
            SpaceKind::Included { runbook, outer, include } => SpaceKind::Included {
                runbook: Arc::clone(runbook),
                outer: shifted(&self.spaces, *outer),
                include: Arc::clone(include),
            },
            SpaceKind::Item { of, name, number } => {
                SpaceKind::Item { of: self.index(*of), name: name.clone(), number: *number }
            }
        };
        Space {
            around: space.around.map(|around| shifted(&self.spaces, around)),
            kind,
            steps: space.steps.iter().map(|(id, at)| (id.clone(), self.index(*at))).collect(),
        }
    }
}
