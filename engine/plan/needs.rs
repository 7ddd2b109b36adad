//! What a step of a list needs: what it names, or everything above it.
//!
//! A step without `needs` needs every step above it. The edges kept are the fewest that say the
//! same: a step needs what nothing above it waits for yet.

use std::collections::HashMap;

use petgraph::algo::tarjan_scc;
use petgraph::graph::DiGraph;

use crate::document::nearest;
use crate::runbook::step::Step;
use crate::source::{Diagnostic, Problems, Span};

use super::{Index, Node};

/// Connects the nodes of one list.
pub fn connect(nodes: &mut [Node], steps: &[Step], indices: &[Index], problems: &mut Problems) {
    let by_id: HashMap<&str, Index> =
        steps.iter().zip(indices).map(|(step, index)| (step.id.as_str(), *index)).collect();
    let mut loose: Vec<Index> = Vec::new();
    for (step, index) in steps.iter().zip(indices) {
        let needed = match &step.needs {
            None => {
                let above = std::mem::take(&mut loose);
                loose.push(*index);
                above
            }
            Some(_) => {
                loose.push(*index);
                named(step, &by_id, problems)
            }
        };
        for need in &needed {
            nodes[*need].dependents.push(*index);
        }
        nodes[*index].needs = needed;
        nodes[*index].needs_all_above = step.needs.is_none();
    }
    if steps.iter().any(|step| step.needs.as_ref().is_some_and(|needs| !needs.is_empty())) {
        report_cycles(nodes, steps, indices, problems);
    }
}

fn named(step: &Step, by_id: &HashMap<&str, Index>, problems: &mut Problems) -> Vec<Index> {
    let mut found = Vec::new();
    for need in step.needs.iter().flatten() {
        match by_id.get(need.as_str()) {
            Some(index) if !found.contains(index) => found.push(*index),
            Some(_) => {}
            None => problems.push(unknown(&need.value, need.span, by_id)),
        }
    }
    found
}

fn unknown(name: &str, at: Span, by_id: &HashMap<&str, Index>) -> Diagnostic {
    let message = format!("there is no step `{name}` in this list");
    let problem = Diagnostic::error(at, message).code("HP105");
    match nearest(name, by_id.keys().copied()) {
        Some(near) => problem.did_you_mean(name, near),
        None => problem.help("`needs` names steps or phases of the same list"),
    }
}

/// Names every cycle, step by step.
fn report_cycles(nodes: &[Node], steps: &[Step], indices: &[Index], problems: &mut Problems) {
    let mut graph = DiGraph::<usize, ()>::new();
    let place: HashMap<Index, _> = indices
        .iter()
        .enumerate()
        .map(|(position, index)| (*index, graph.add_node(position)))
        .collect();
    for index in indices {
        for need in &nodes[*index].needs {
            graph.add_edge(place[index], place[need], ());
        }
    }
    for group in tarjan_scc(&graph) {
        let members: Vec<usize> = group.iter().map(|node| graph[*node]).collect();
        let first = members.iter().copied().min().unwrap_or_default();
        let is_cycle = members.len() > 1 || nodes[indices[first]].needs.contains(&indices[first]);
        if is_cycle {
            problems.push(cycle(nodes, steps, indices, first, &members));
        }
    }
}

/// Walks from `first` along needs inside the group until it comes round.
fn cycle(
    nodes: &[Node],
    steps: &[Step],
    indices: &[Index],
    first: usize,
    members: &[usize],
) -> Diagnostic {
    let inside: HashMap<Index, usize> =
        members.iter().map(|position| (indices[*position], *position)).collect();
    let mut walk = vec![first];
    loop {
        let at = walk[walk.len() - 1];
        let onward = nodes[indices[at]].needs.iter().filter_map(|need| inside.get(need)).copied();
        let Some(next) = onward.min_by_key(|next| (walk.contains(next), *next)) else { break };
        let is_round = walk.contains(&next);
        walk.push(next);
        if is_round {
            break;
        }
    }
    let start = walk.iter().position(|at| Some(at) == walk.last()).unwrap_or_default();
    let names: Vec<String> =
        walk[start..].iter().map(|at| format!("`{}`", steps[*at].id.value)).collect();
    let message = format!("these steps wait for each other: {}", names.join(" needs "));
    let mut diagnostic = Diagnostic::error(steps[walk[start]].id.span, message)
        .code("HP106")
        .help("a step without `needs` needs every step above it; name its needs to free it");
    for at in &walk[start + 1..walk.len().saturating_sub(1)] {
        diagnostic = diagnostic.related(steps[*at].id.span, "part of the cycle");
    }
    diagnostic
}
