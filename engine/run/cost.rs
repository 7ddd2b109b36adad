//! What it costs to pass a step over, or to count it as failed.
//!
//! It says what is known from the plan and the state: which steps go on without it or are not
//! reached, whose outputs are missing, and which exit criteria cannot be judged any more. A step
//! that may yet be passed over by its own condition is counted in.

use std::collections::BTreeSet;
use std::fmt;

use crate::plan::{Index, Inside, Plan, ROOT, Role, SpaceIndex, WHOLE};
use crate::runbook::expression::Expression;
use crate::runbook::rendered::Quoting;
use crate::runbook::step::OnFailure;
use crate::runbook::template::Template;

use super::decide::on_failure;
use super::scope::Names;
use super::state::RunState;

/// The most names in one line.
const NAMED: usize = 5;

/// What a decision about a step costs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Cost {
    /// The rung that is tried instead.
    pub next: Option<Affected>,
    /// The steps that go on without it, destructive ones first.
    pub without: Vec<Affected>,
    /// The steps that are not reached, in file order.
    pub unreached: Vec<Affected>,
    /// The outputs that will be missing where they are used.
    pub missing: Vec<Missing>,
    /// The exit criteria that can no longer hold, as a person knows them.
    pub criteria: Vec<String>,
}

/// A step that a decision about another one touches.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Affected {
    /// Its path.
    pub path: String,
    /// What a person calls it.
    pub title: String,
    /// Whether what it does cannot be taken back.
    pub is_destructive: bool,
}

/// An output that will not be there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Missing {
    /// The path of the step that would have given it.
    pub step: String,
    /// Its name.
    pub output: String,
    /// The paths of the open steps that use it.
    pub users: Vec<String>,
}

/// What it costs to pass a step over.
pub fn skip_cost(plan: &Plan, state: &RunState, index: Index) -> Cost {
    let graph = Graph { plan, state };
    let mut cost = Cost::default();
    graph.miss(index, &mut cost);
    if let Some(ladder) = graph.ladder_of(index) {
        match graph.next_rung(index, ladder) {
            Some(next) => cost.next = Some(graph.affected(next)),
            None => cost.unreached = graph.lost_with(ladder).1,
        }
        return cost;
    }
    cost.without = graph.steps(&graph.downstream(index));
    cost.without.sort_by_key(|step| !step.is_destructive);
    cost
}

/// What it costs to count a step as failed.
pub fn failure_cost(plan: &Plan, state: &RunState, index: Index) -> Cost {
    let graph = Graph { plan, state };
    let (next, unreached) = graph.lost_with(index);
    Cost { next: next.map(|next| graph.affected(next)), unreached, ..Cost::default() }
}

/// The rung that is tried once a step counts as failed, if there is one.
pub(super) fn rung_after(plan: &Plan, state: &RunState, index: Index) -> Option<Index> {
    Graph { plan, state }.lost_with(index).0
}

/// What a person calls a node: its title as far as it can be rendered, else its id.
pub fn title(plan: &Plan, state: &RunState, index: Index) -> String {
    let node = &plan.nodes[index];
    let names = Names::at(plan, state, index);
    let title = node.title.as_ref().map(|title| title.partly(&names, Quoting::Text));
    title.unwrap_or_else(|| node.id.clone())
}

/// A plan, and how far it has come.
#[derive(Clone, Copy)]
struct Graph<'a> {
    plan: &'a Plan,
    state: &'a RunState,
}

impl Graph<'_> {
    fn is_open(&self, index: Index) -> bool {
        !self.state.steps[index].state.is_settled()
    }

    fn affected(&self, index: Index) -> Affected {
        let node = &self.plan.nodes[index];
        let chosen = self.state.form(self.plan, index);
        let is_destructive = match chosen {
            Some(form) => form.facets.is_destructive,
            None => node.forms.iter().any(|form| form.facets.is_destructive),
        };
        let title = title(self.plan, self.state, index);
        Affected { path: node.path.clone(), title, is_destructive }
    }

    /// The ladder that a node is a rung of.
    fn ladder_of(&self, index: Index) -> Option<Index> {
        let node = &self.plan.nodes[index];
        node.parent.filter(|_| node.role == Role::Rung)
    }

    fn next_rung(&self, index: Index, ladder: Index) -> Option<Index> {
        let rungs = self.state.children(self.plan, ladder);
        let below = rungs.iter().skip_while(|rung| **rung != index).skip(1);
        below.copied().find(|rung| self.is_open(*rung))
    }

    /// The rung that is tried when a node fails, and the steps that are not reached then. A group
    /// that somebody is asked about before it fails ends the search.
    fn lost_with(&self, index: Index) -> (Option<Index>, Vec<Affected>) {
        let (mut at, mut lost) = (index, BTreeSet::new());
        loop {
            lost.extend(self.waiting_for(at));
            let Some(parent) = self.plan.nodes[at].parent.filter(|parent| *parent != ROOT) else {
                break;
            };
            let is_rung = self.plan.nodes[at].role == Role::Rung;
            if let Some(next) = self.next_rung(at, parent).filter(|_| is_rung) {
                return (Some(next), self.steps(&lost));
            }
            match on_failure(self.plan, self.state, parent) {
                OnFailure::Continue | OnFailure::Abort => break,
                // Of a phase somebody has decided already; of a ladder it is asked.
                OnFailure::Hold if is_rung => break,
                OnFailure::Hold | OnFailure::Fail => at = parent,
            }
        }
        (None, self.steps(&lost))
    }

    /// The open nodes that wait for one, directly or through others, in its own group.
    fn waiting_for(&self, index: Index) -> BTreeSet<Index> {
        let (mut found, mut open) = (BTreeSet::new(), vec![index]);
        while let Some(at) = open.pop() {
            let late = self.state.late.get(&at).into_iter().flatten();
            let waiting = self.plan.nodes[at].dependents.iter().chain(late).copied();
            open.extend(waiting.filter(|it| self.is_open(*it) && found.insert(*it)));
        }
        found
    }

    /// The open nodes that come after one: what waits for it, and for the groups around it.
    fn downstream(&self, index: Index) -> BTreeSet<Index> {
        let around = std::iter::successors(Some(index), |at| self.plan.nodes[*at].parent);
        around.flat_map(|at| self.waiting_for(at)).collect()
    }

    /// The steps that some nodes stand for: of a group what is inside, of a ladder its first rung.
    fn steps(&self, nodes: &BTreeSet<Index>) -> Vec<Affected> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        let mut open: Vec<Index> = nodes.iter().rev().copied().collect();
        while let Some(at) = open.pop() {
            if !seen.insert(at) || self.plan.nodes[at].patterns > 0 {
                continue;
            }
            let inside = self.open_inside(at);
            match inside.is_empty() {
                true => found.push(at),
                false => open.extend(inside.into_iter().rev()),
            }
        }
        found.sort_unstable();
        found.into_iter().map(|index| self.affected(index)).collect()
    }

    fn open_inside(&self, index: Index) -> Vec<Index> {
        let node = &self.plan.nodes[index];
        let is_ladder = node.forms.iter().any(|form| matches!(form.inside, Inside::Ladder(_)));
        let chosen = self.state.form(self.plan, index);
        let inside: Vec<Index> = match chosen {
            Some(_) => self.state.children(self.plan, index).to_vec(),
            None => node.children().collect(),
        };
        let is_real = |at: &Index| self.is_open(*at) && self.plan.nodes[*at].patterns == 0;
        let most = if is_ladder { 1 } else { usize::MAX };
        inside.into_iter().filter(is_real).take(most).collect()
    }

    /// Adds the outputs that are missing when a node is passed over, and what cannot be judged then.
    fn miss(&self, index: Index, cost: &mut Cost) {
        let gone = self.all_inside(index);
        for of in &gone {
            for output in self.outputs(*of) {
                self.miss_output(*of, &output, &gone, cost);
            }
        }
    }

    fn miss_output(&self, of: Index, output: &str, gone: &BTreeSet<Index>, cost: &mut Cost) {
        let uses = |expressions: Vec<&Expression>, space| {
            expressions.into_iter().any(|it| self.is_use(it, space, of, output))
        };
        let is_user = |at: &Index| {
            self.is_open(*at) && !gone.contains(at) && self.plan.nodes[*at].patterns == 0
        };
        let nodes = (0..self.plan.nodes.len()).filter(is_user);
        let users: Vec<String> = nodes
            .filter(|at| uses(self.expressions(*at), self.plan.nodes[*at].space))
            .map(|at| self.plan.nodes[at].path.clone())
            .collect();
        let criteria = self.plan.runbook.exit_criteria.iter().zip(1..);
        let unjudged = criteria.filter(|(check, _)| uses(check.probe.expressions(), WHOLE));
        let unjudged: Vec<String> = unjudged
            .map(|(check, number)| match (&check.title, &check.id) {
                (Some(title), _) => format!("\"{title}\""),
                (None, Some(id)) => format!("\"{id}\""),
                (None, None) => number.to_string(),
            })
            .collect();
        if !users.is_empty() || !unjudged.is_empty() {
            let (step, output) = (self.plan.nodes[of].path.clone(), output.to_owned());
            cost.missing.push(Missing { step, output, users });
        }
        let new = unjudged.into_iter().filter(|it| !cost.criteria.contains(it));
        let new: Vec<String> = new.collect();
        cost.criteria.extend(new);
    }

    /// A node and all that is inside it.
    fn all_inside(&self, index: Index) -> BTreeSet<Index> {
        let (mut found, mut open) = (BTreeSet::new(), vec![index]);
        while let Some(at) = open.pop() {
            if found.insert(at) {
                open.extend(self.plan.nodes[at].within());
            }
        }
        found
    }

    /// What a node hands on that nothing stands in for.
    fn outputs(&self, index: Index) -> BTreeSet<String> {
        let forms = &self.plan.nodes[index].forms;
        let has_default = |name: &str| {
            let mut own = forms.iter().flat_map(|form| &form.facets.outputs);
            own.any(|output| output.name.value == name && output.default.is_some())
        };
        let names = forms.iter().flat_map(|form| form.output_names());
        names.filter(|name| !has_default(name)).map(str::to_owned).collect()
    }

    fn expressions(&self, index: Index) -> Vec<&Expression> {
        let node = &self.plan.nodes[index];
        let forms = node.forms.iter();
        let own =
            forms.flat_map(|form| form.facets.expressions().into_iter().chain(form.inside.list()));
        let title = node.title.iter().flat_map(Template::expressions);
        own.chain(&node.switch).chain(title).collect()
    }

    /// Whether an expression cannot do without an output.
    fn is_use(&self, expression: &Expression, space: SpaceIndex, of: Index, output: &str) -> bool {
        let is_it = |name: &String| {
            let mut parts = name.split('.');
            let is_output = parts.next() == Some("steps");
            let step = parts.next().filter(|_| is_output);
            let is_named = parts.next() == Some("outputs") && parts.next() == Some(output);
            is_named && step.and_then(|step| self.plan.named(step, space)) == Some(of)
        };
        !expression.heeds_absence() && expression.names().iter().any(is_it)
    }
}

impl Cost {
    /// What it costs, a fact a line, the most important first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines
            .extend(self.next.iter().map(|next| format!("the next rung is tried: {}", next.title)));
        let count = |steps: &[Affected], one: &str, more: &str| match steps.len() {
            0 => None,
            1 => Some(format!("1 step {one}: {}", named(steps))),
            many => Some(format!("{many} steps {more}: {}", named(steps))),
        };
        lines.extend(count(&self.without, "goes on without it", "go on without it"));
        lines.extend(count(&self.unreached, "is not reached", "are not reached"));
        for Missing { step, output, users } in &self.missing {
            let used = match users.as_slice() {
                [] => String::new(),
                users => format!(", used by {}", shortened(users.iter().map(String::as_str))),
            };
            lines.push(format!("the output {output} of {step} will be missing{used}"));
        }
        let criteria = self.criteria.iter();
        lines.extend(criteria.map(|name| format!("the exit criterion {name} can no longer hold")));
        if lines.is_empty() {
            lines.push("nothing else waits for it".to_owned());
        }
        lines
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("; "))
    }
}

impl fmt::Display for Affected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let note = if self.is_destructive { " (destructive)" } else { "" };
        write!(f, "{}{note}", self.path)
    }
}

fn named(steps: &[Affected]) -> String {
    let names: Vec<String> = steps.iter().map(Affected::to_string).collect();
    shortened(names.iter().map(String::as_str))
}

fn shortened<'a>(names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let first: Vec<&str> = names.take(NAMED).collect();
    match more {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
