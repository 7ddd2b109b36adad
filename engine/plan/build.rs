//! Building a plan: names become indices, groups become nodes, defaults reach every step.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::runbook::Runbook;
use crate::runbook::action::{Action, Switch};
use crate::runbook::each::Each;
use crate::runbook::expression::Expression;
use crate::runbook::include::Include;
use crate::runbook::probe::Check;
use crate::runbook::script::Setting;
use crate::runbook::step::{Facets, OnFailure, Step};
use crate::runbook::template::Template;
use crate::runbook::undo::Undo;
use crate::source::Problems;

use super::each::PATTERN;
use super::space::{Space, SpaceIndex, SpaceKind, WHOLE};
use super::{
    Form, Included, Index, Inside, Items, Node, Plan, ROOT, Role, library, needs, references,
    retry, tabletop,
};
use super::{asked, include};

/// Builds the plan of a runbook; none when something in it does not fit together.
pub fn build(runbook: Runbook, problems: &mut Problems) -> Option<Plan> {
    let spaces = vec![Space::new(None, SpaceKind::Whole)];
    let mut builder = Builder { nodes: Vec::new(), spaces, problems };
    let setting = runbook.defaults.setting.clone();
    let place = Place {
        parent: None,
        path: String::new(),
        setting: &setting,
        on_failure: None,
        space: WHOLE,
        patterns: 0,
        is_closing: false,
        runbook: &runbook,
    };
    builder.whole("", &runbook.steps, Role::Whole, &place);
    let closing = Place { on_failure: Some(OnFailure::Continue), is_closing: true, ..place };
    let finally = (!runbook.finally.is_empty())
        .then(|| builder.whole("finally", &runbook.finally, Role::Whole, &closing));
    let (nodes, spaces) = (builder.nodes, builder.spaces);
    let (by_path, by_id) = names(&nodes);
    let pairs = nodes.iter().enumerate().filter_map(|(undo, node)| match node.role {
        Role::Undo { of, is_paired: true } => Some((undo, of)),
        _ => None,
    });
    let pairs = pairs.collect();
    let (early_inputs, criteria_inputs) = (Vec::new(), Vec::new());
    let mut plan = Plan {
        runbook: Arc::new(runbook),
        nodes,
        finally,
        pairs,
        early_inputs,
        criteria_inputs,
        spaces,
        by_path,
        by_id,
    };
    include::check(&plan, problems);
    asked::mark(&mut plan);
    references::check(&mut plan, problems);
    library::check(&plan, problems);
    tabletop::check(&plan, problems);
    (!problems.has_errors()).then_some(plan)
}

/// The nodes by path, and by id where that means one node.
fn names(nodes: &[Node]) -> (HashMap<String, Index>, HashMap<String, Index>) {
    let is_run = |node: &Node| node.role != Role::Whole && node.patterns == 0;
    let steps = || nodes.iter().enumerate().filter(|(_, node)| is_run(node));
    let by_path = steps().map(|(index, node)| (node.path.clone(), index)).collect();
    // An id that several runbooks use means the step of the run's own, or none.
    let mut by_id: HashMap<String, Index> = HashMap::new();
    let mut shared: HashSet<&str> = HashSet::new();
    for (index, node) in steps().filter(|(_, node)| !matches!(node.role, Role::Undo { .. })) {
        match by_id.get(&node.id) {
            Some(first) if nodes[*first].space != WHOLE && node.space != WHOLE => {
                shared.insert(&node.id);
            }
            Some(first) if nodes[*first].space == WHOLE => {}
            _ => {
                by_id.insert(node.id.clone(), index);
            }
        }
    }
    by_id.retain(|id, index| nodes[*index].space == WHOLE || !shared.contains(id.as_str()));
    (by_path, by_id)
}

/// The most steps that a plan may have through its includes.
const MOST_NODES: usize = 1_000_000;

struct Builder<'p> {
    nodes: Vec<Node>,
    spaces: Vec<Space>,
    problems: &'p mut Problems,
}

/// Where a list of steps stands, and what reaches into it.
#[derive(Clone)]
struct Place<'s> {
    /// Whose step it is.
    runbook: &'s Runbook,
    parent: Option<Index>,
    path: String,
    setting: &'s Setting,
    /// What a failure leads to where a step does not say; the run's default when none.
    on_failure: Option<OnFailure>,
    /// What names mean there.
    space: SpaceIndex,
    /// In how many patterns it stands.
    patterns: usize,
    /// Whether it is among closing steps.
    is_closing: bool,
}

impl Builder<'_> {
    /// Adds a node that has no forms yet.
    fn add(&mut self, id: &str, path: String, role: Role, place: &Place<'_>) -> Index {
        let index = self.nodes.len();
        if matches!(role, Role::Step | Role::Rung) {
            self.spaces[place.space].steps.insert(id.to_owned(), index);
        }
        self.nodes.push(Node {
            id: id.to_owned(),
            path,
            title: None,
            why: None,
            who: None,
            estimate: None,
            parent: place.parent,
            role,
            needs: Vec::new(),
            needs_all_above: false,
            dependents: Vec::new(),
            on_failure: None,
            switch: None,
            forms: Vec::new(),
            keeps_stdout: false,
            space: place.space,
            patterns: place.patterns,
            is_closing: place.is_closing,
            is_optional: false,
            budget: None,
            simulate: None,
            discuss: Vec::new(),
        });
        index
    }

    /// The group around a whole list: the run, or its closing steps.
    fn whole(&mut self, path: &str, steps: &[Step], role: Role, place: &Place<'_>) -> Index {
        let index = self.add(path, path.to_owned(), role, place);
        let inner = Place { parent: Some(index), ..place.clone() };
        let children = self.list(steps, &inner);
        let facets = Facets::of(Action::Steps(Vec::new()));
        self.nodes[index].forms.push(Form::new(facets, Inside::Phase(children)));
        index
    }

    /// A list of steps whose order and needs become edges.
    fn list(&mut self, steps: &[Step], place: &Place<'_>) -> Vec<Index> {
        let indices: Vec<Index> =
            steps.iter().map(|step| self.step(step, Role::Step, place)).collect();
        needs::connect(&mut self.nodes, steps, &indices, self.problems);
        indices
    }

    fn rungs(&mut self, steps: &[Step], place: &Place<'_>) -> Vec<Index> {
        let inner = Place { on_failure: Some(OnFailure::Fail), ..place.clone() };
        for needs in steps.iter().filter_map(|step| step.needs.as_ref()).flatten() {
            self.problems.error(needs.span, "a rung needs nothing: rungs are tried in order");
        }
        steps.iter().map(|step| self.step(step, Role::Rung, &inner)).collect()
    }

    fn step(&mut self, step: &Step, role: Role, place: &Place<'_>) -> Index {
        let path = match place.path.as_str() {
            "" => step.id.value.clone(),
            outer => format!("{outer}/{}", step.id.value),
        };
        let index = self.add(&step.id, path, role, place);
        let node = &mut self.nodes[index];
        node.title.clone_from(&step.title);
        node.why.clone_from(&step.why);
        node.who.clone_from(&step.role);
        node.is_optional = step.is_optional;
        node.budget = step.budget;
        node.simulate.clone_from(&step.simulate);
        node.discuss.clone_from(&step.discuss);
        node.estimate.clone_from(&step.estimate);
        node.on_failure = step.facets.on_failure.or(place.on_failure);
        match &step.each {
            Some(each) => self.fan_out(index, each, step, place),
            None => self.forms(index, &step.facets, place),
        }
        index
    }

    /// Makes a node a fan-out: what is asked and looked at once stays with it, the rest becomes
    /// the pattern of its items.
    fn fan_out(&mut self, index: Index, each: &Each, step: &Step, place: &Place<'_>) {
        let (whole, item) = step.facets.clone().divided();
        let (nodes, spaces) = (self.nodes.len(), self.spaces.len());
        let kind = SpaceKind::Item { of: index, name: each.name.clone(), number: 0 };
        self.spaces.push(Space::new(Some(place.space), kind));
        let inner = Place {
            parent: Some(index),
            path: self.nodes[index].path.clone(),
            on_failure: Some(OnFailure::Fail),
            space: spaces,
            patterns: place.patterns + 1,
            ..place.clone()
        };
        let path = format!("{}/{PATTERN}", inner.path);
        let pattern = self.add(PATTERN, path, Role::Item, &inner);
        self.nodes[pattern].on_failure = Some(OnFailure::Fail);
        let names_item = |title: &&Template| {
            title.expressions().flat_map(Expression::names).any(|name| *name == each.name)
        };
        if step.title.as_ref().filter(names_item).is_some() {
            self.nodes[pattern].title = self.nodes[index].title.take();
        }
        self.forms(pattern, &item, &inner);
        let items = Items {
            each: each.clone(),
            pattern: nodes..self.nodes.len(),
            spaces: spaces..self.spaces.len(),
            copies: Vec::new(),
        };
        let mut facets = whole;
        facets.setting = facets.setting.over(place.setting);
        self.nodes[index].forms.push(Form::new(facets, Inside::Each(Box::new(items))));
    }

    /// Gives a node its forms: one, or one for each case of a switch.
    fn forms(&mut self, index: Index, facets: &Facets, place: &Place<'_>) {
        let shared = facets.undo.as_ref().and_then(|undo| self.undo(index, undo, "~undo", place));
        if let Action::Switch(Switch { on, cases }) = &facets.action {
            self.nodes[index].switch = Some(on.clone());
            for (name, case) in cases {
                let own = case.undo.as_ref();
                let suffix = format!("~undo-{name}");
                let undo = own.and_then(|undo| self.undo(index, undo, &suffix, place));
                let mut form = self.form(index, case.over(facets), place);
                form.case = Some(name.value.clone());
                form.undo = undo.or(shared);
                self.nodes[index].forms.push(form);
            }
        } else {
            let mut form = self.form(index, facets.clone(), place);
            form.undo = shared;
            self.nodes[index].forms.push(form);
        }
    }

    fn form(&mut self, index: Index, mut facets: Facets, place: &Place<'_>) -> Form {
        if let Action::Include(include) = &facets.action {
            let include = Arc::new(include.clone());
            return self.include(index, facets, &include, place);
        }
        facets.setting = facets.setting.over(place.setting);
        retry::settle(&mut facets, place.runbook.defaults.retry.as_ref(), self.problems);
        let setting = facets.setting.clone();
        let inner = Place {
            parent: Some(index),
            path: self.nodes[index].path.clone(),
            setting: &setting,
            on_failure: place.on_failure,
            space: place.space,
            patterns: place.patterns,
            is_closing: place.is_closing,
            runbook: place.runbook,
        };
        let inside = match std::mem::replace(&mut facets.action, Action::Decision) {
            Action::Steps(steps) => {
                let children = self.list(&steps, &inner);
                facets.action = Action::Steps(Vec::new());
                Inside::Phase(children)
            }
            Action::Ladder(steps) => {
                let rungs = self.rungs(&steps, &inner);
                facets.action = Action::Ladder(Vec::new());
                Inside::Ladder(rungs)
            }
            leaf => {
                facets.action = leaf;
                Inside::Leaf
            }
        };
        Form::new(facets, inside)
    }

    /// Puts the steps of another runbook inside a node. They mean there what they mean alone: of
    /// what stands around, only the include's own keys reach in.
    fn include(
        &mut self,
        index: Index,
        mut facets: Facets,
        include: &Arc<Include>,
        place: &Place<'_>,
    ) -> Form {
        let Some(runbook) = place.runbook.included.get(&include.path.value) else {
            let message = format!("`{}` was not read", include.path);
            self.problems.error(include.path.span, message);
            return Form::new(facets, Inside::Phase(Vec::new()));
        };
        if self.nodes.len() > MOST_NODES {
            let message = format!("the includes amount to more than {MOST_NODES} steps");
            self.problems.error(include.path.span, message);
            return Form::new(facets, Inside::Phase(Vec::new()));
        }
        let runbook = Arc::clone(runbook);
        let setting = runbook.defaults.setting.over(&facets.setting.outer());
        let space = self.spaces.len();
        self.spaces.push(Space::new(
            None,
            SpaceKind::Included {
                runbook: Arc::clone(&runbook),
                outer: place.space,
                include: Arc::clone(include),
            },
        ));
        let inner = Place {
            parent: Some(index),
            path: self.nodes[index].path.clone(),
            setting: &setting,
            on_failure: place.on_failure,
            space,
            patterns: place.patterns,
            is_closing: place.is_closing,
            runbook: &runbook,
        };
        let children = self.list(&runbook.steps, &inner);
        let closing =
            Place { on_failure: Some(OnFailure::Continue), is_closing: true, ..inner.clone() };
        let path = format!("{}~finally", inner.path);
        let finally = (!runbook.finally.is_empty())
            .then(|| self.whole(&path, &runbook.finally, Role::Closing, &closing));
        facets.setting = facets.setting.over(place.setting);
        let mut form = Form::new(facets, Inside::Phase(children));
        let setting = setting.clone();
        let requires = Check::of_requires(&runbook.requires, include.path.span);
        let requires = requires.into_iter().collect();
        let runbook = Arc::clone(&runbook);
        form.included = Some(Box::new(Included { runbook, space, setting, requires, finally }));
        form
    }

    /// The node that takes `of` back, if there is a way.
    fn undo(&mut self, of: Index, undo: &Undo, suffix: &str, place: &Place<'_>) -> Option<Index> {
        let Undo::Act { facets, is_paired } = undo else { return None };
        let (id, path) = (self.nodes[of].id.clone(), format!("{}{suffix}", self.nodes[of].path));
        let role = Role::Undo { of, is_paired: *is_paired };
        let index = self.add(&id, path, role, place);
        self.nodes[index].on_failure = Some(facets.on_failure.unwrap_or(OnFailure::Hold));
        // A way back that fails holds the run, wherever it stands.
        self.forms(index, facets, &Place { on_failure: Some(OnFailure::Hold), ..place.clone() });
        Some(index)
    }
}

impl Form {
    fn new(facets: Facets, inside: Inside) -> Form {
        Form { case: None, facets, inside, undo: None, inputs: Vec::new(), included: None }
    }
}

/// The run itself comes first, so that its index is known everywhere.
const _: () = assert!(ROOT == 0);
