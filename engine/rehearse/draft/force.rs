//! What makes a run go a certain way: an action that fails, a gate that is refused, a value that
//! leads into another case.

use serde_json::{Value as Json, json};

use crate::plan::{Form, Index, Plan, Role, SpaceIndex};
use crate::runbook::action::Action;
use crate::runbook::expression::Expression;
use crate::runbook::value::Value;

use super::super::coverage::{Edge, Place, Way};
use super::kindly::{name, name_of_check};
use super::placeholder::others;
use super::sketch::{Sketch, set};

/// The most steps that are made to fail, one after the other, to come to an undo.
const MOST: usize = 20;

/// Sketches that may walk an edge, made from one that comes to where it begins; the likeliest first.
pub fn candidates(plan: &Plan, edge: &Edge, base: &Sketch) -> Vec<Sketch> {
    let looks = |key: String| {
        let mut sketch = base.clone();
        set(&mut sketch.checks, &key, json!("fails"));
        sketch
    };
    match &edge.from {
        Place::Verdict if edge.way == Way::Recovered => vec![base.clone()],
        Place::Verdict => vec![looks("exit_criteria/1".into())],
        Place::Check { check, .. } => vec![looks(name_of_check(plan, check))],
        Place::Step(index) => of_step(plan, *index, &edge.way, base),
    }
}

fn of_step(plan: &Plan, index: Index, way: &Way, base: &Sketch) -> Vec<Sketch> {
    let step = name(plan, index);
    let with = |change: &dyn Fn(&mut Sketch)| {
        let mut sketch = base.clone();
        change(&mut sketch);
        vec![sketch]
    };
    match way {
        Way::Succeeds | Way::Approved => {
            let mut found = vec![base.clone()];
            found.extend(with(&|sketch| sketch.forget(&step)));
            found.extend(taken_back(plan, index, base));
            found
        }
        Way::Fails | Way::Exhausted => {
            let mut found = failing(plan, index, base);
            for base in taken_back(plan, index, base) {
                found.extend(failing(plan, index, &base));
            }
            found
        }
        Way::Unverified => {
            with(&|it| set(&mut it.checks, &format!("{step}/verify"), json!("fails")))
        }
        Way::Satisfied => {
            with(&|it| set(&mut it.checks, &format!("{step}/done_when"), json!("holds")))
        }
        Way::Declined => with(&|it| {
            set(&mut it.answers, &step, json!({"needed": false, "reason": "it is not needed"}));
        }),
        Way::Rejected => with(&|it| {
            let no = json!({"reject": true, "reason": "not like this"});
            set(&mut it.answers, &step, no);
        })
        .into_iter()
        .flat_map(|sketch| allowed(plan, index, &step, sketch))
        .collect(),
        Way::Expires => with(&|it| {
            it.answers.retain(|(name, _)| *name != step);
            set(&mut it.decisions, &step, json!(["expires"]));
        }),
        Way::Skipped | Way::Case(_) => Vec::new(),
        Way::Recovered | Way::NotRecovered => Vec::new(),
    }
}

/// The same answer by nobody, and by each who may give it.
fn allowed(plan: &Plan, index: Index, step: &str, sketch: Sketch) -> Vec<Sketch> {
    let gates = plan.nodes[index].forms.iter().filter_map(|form| form.facets.gate.as_ref());
    let approver = gates.flat_map(|gate| &gate.approvers).map(|name| name.value.clone()).next();
    let mut by = sketch.clone();
    by.answer(step, &json!({"by": approver.unwrap_or_else(|| "colleague 1".into())}));
    vec![sketch, by]
}

/// Sketches in which the action of a node fails, or what is inside it.
fn failing(plan: &Plan, index: Index, base: &Sketch) -> Vec<Sketch> {
    if plan.nodes[index].is_leaf() {
        return broken(plan, index, base);
    }
    let leaves: Vec<Index> = (0..plan.nodes.len())
        .filter(|at| plan.nodes[*at].is_leaf() && plan.is_inside(*at, index))
        .filter(|at| !plan.is_in_undo(*at) || plan.is_in_undo(index))
        .collect();
    let mut all = base.clone();
    let mut found = Vec::new();
    for leaf in leaves {
        let mut broken_one = broken(plan, leaf, base);
        found.extend((!broken_one.is_empty()).then(|| broken_one.remove(0)));
        all = broken(plan, leaf, &all).into_iter().next().unwrap_or(all);
    }
    found.push(all);
    found
}

/// Sketches in which a single action fails, by each of its forms.
fn broken(plan: &Plan, index: Index, base: &Sketch) -> Vec<Sketch> {
    let step = name(plan, index);
    let mut found: Vec<Sketch> = Vec::new();
    for form in &plan.nodes[index].forms {
        let mut sketch = base.clone();
        match &form.facets.action {
            Action::Run(_) => set(&mut sketch.mocks, &step, json!({"exit": bad_exit(form)})),
            Action::Http(_) => {
                set(&mut sketch.mocks, &step, json!({"status": bad_status(form)}));
            }
            Action::Probe(_) | Action::Wait(_) | Action::Watch(_) => {
                set(&mut sketch.mocks, &step, json!({"looks": "fails"}));
            }
            Action::Manual(_) | Action::Checklist(_) | Action::Choose(_) => sketch.give_up(&step),
            _ => continue,
        }
        if !found.contains(&sketch) {
            found.push(sketch);
        }
    }
    if plan.nodes[index].forms.iter().any(|form| form.verified().next().is_some()) {
        let mut sketch = base.clone();
        set(&mut sketch.checks, &format!("{step}/verify"), json!("fails"));
        found.push(sketch);
    }
    found
}

/// An exit code that is none of those that are expected.
fn bad_exit(form: &Form) -> i64 {
    let good = form.facets.expect.as_ref().and_then(|expect| expect.exit.clone());
    let good = good.unwrap_or_else(|| vec![0]);
    [1, 2, 3, 0].into_iter().chain(4..256).find(|code| !good.contains(code)).unwrap_or(1)
}

/// A status that is none of those that are expected.
fn bad_status(form: &Form) -> i64 {
    let good = form.facets.expect.as_ref().and_then(|expect| expect.status.clone());
    let good = good.unwrap_or_default();
    [500, 503, 404].into_iter().chain(400..600).find(|it| !good.contains(it)).unwrap_or(500)
}

/// Sketches in which what a step did is taken back; none where the node is no undo.
fn taken_back(plan: &Plan, undo: Index, base: &Sketch) -> Vec<Sketch> {
    let mut around = std::iter::successors(Some(undo), |at| plan.nodes[*at].parent);
    let role = around.find_map(|at| match plan.nodes[at].role {
        Role::Undo { of, is_paired } => Some((of, is_paired)),
        _ => None,
    });
    let Some((of, false)) = role else { return Vec::new() };
    let mut found = Vec::new();
    if !plan.runbook.exit_criteria.is_empty() {
        let mut sketch = base.clone();
        set(&mut sketch.checks, "exit_criteria/1", json!("fails"));
        set(&mut sketch.decisions, "verdict", json!("undo"));
        found.push(sketch);
    }
    let later = (0..plan.nodes.len())
        .filter(|at| plan.nodes[*at].is_leaf() && !plan.is_above(*at, of) && !plan.is_in_undo(*at));
    for at in later.take(MOST) {
        for mut sketch in broken(plan, at, base) {
            set(&mut sketch.decisions, &name(plan, at), json!("undo"));
            found.push(sketch);
        }
    }
    found
}

/// Sketches that may come to a node, or past it, by other values in the conditions and switches of
/// the node and of the groups around it.
pub fn variations(plan: &Plan, index: Index, way: &Way, base: &Sketch) -> Vec<Sketch> {
    let mut around: Vec<Index> =
        std::iter::successors(Some(index), |at| match plan.nodes[*at].role {
            Role::Undo { of, .. } => Some(of),
            _ => plan.nodes[*at].parent,
        })
        .collect();
    around.reverse();
    let mut found = Vec::new();
    for (place, at) in around.iter().enumerate() {
        let node = &plan.nodes[*at];
        let first = node.forms.first().and_then(|form| form.facets.when.as_ref());
        let cases = node.forms.iter().filter_map(|form| form.facets.case_when.as_ref());
        for when in first.into_iter().chain(cases) {
            found.extend(by_names(plan, when, node.space, None, base));
        }
        if let Some(items) = plan.items(*at) {
            found.extend(by_names(plan, &items.each.list, node.space, None, base));
        }
        let Some(on) = &node.switch else { continue };
        let inner = around.get(place + 1).copied();
        let leads = |form: &&Form| match (way, inner) {
            (Way::Case(case), None) => form.case.as_ref() == Some(case),
            (_, None) => true,
            (_, Some(inner)) => form.inside.drawn().contains(&inner) || form.undo == Some(inner),
        };
        for case in node.forms.iter().filter(leads).filter_map(|form| form.case.as_deref()) {
            found.extend(by_names(plan, on, node.space, Some(case), base));
        }
    }
    found
}

/// Sketches with other values of the names of an expression.
fn by_names(
    plan: &Plan,
    expression: &Expression,
    space: SpaceIndex,
    case: Option<&str>,
    base: &Sketch,
) -> Vec<Sketch> {
    let literals = match case {
        Some(case) => vec![json!(case)],
        None => literals(expression.code()),
    };
    let names = expression.names().iter();
    names.flat_map(|name| by_name(plan, name, space, &literals, base)).collect()
}

fn by_name(
    plan: &Plan,
    dotted: &str,
    space: SpaceIndex,
    literals: &[Json],
    base: &Sketch,
) -> Vec<Sketch> {
    match dotted.split('.').collect::<Vec<_>>().as_slice() {
        ["inputs", input] => by_input(plan, input, space, literals, base),
        ["steps", step, "outputs", output] => match plan.named(step, space) {
            Some(index) => by_output(plan, index, output, literals, base),
            None => Vec::new(),
        },
        ["steps", step, ..] => match plan.named(step, space) {
            Some(index) => failing(plan, index, base),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn by_input(
    plan: &Plan,
    input: &str,
    space: SpaceIndex,
    literals: &[Json],
    base: &Sketch,
) -> Vec<Sketch> {
    let around = plan.runbook_at(space);
    if let Some((outer, binding)) = around.binding(input) {
        let names = binding.expressions().flat_map(|expression| expression.names());
        return names.flat_map(|name| by_name(plan, name, outer, literals, base)).collect();
    }
    let input = plan.runbook.inputs.iter().find(|known| known.name.value == input);
    let Some(input) = input.filter(|_| around.told.is_none()) else { return Vec::new() };
    let given = |value: Json| {
        let mut sketch = base.clone();
        let is_default = input.default.as_ref().map(Value::to_json).as_ref() == Some(&value);
        sketch.inputs.retain(|(name, _)| *name != input.name.value);
        if !is_default {
            set(&mut sketch.inputs, &input.name, value);
        }
        sketch
    };
    others(input, literals).into_iter().map(given).collect()
}

fn by_output(
    plan: &Plan,
    index: Index,
    output: &str,
    literals: &[Json],
    base: &Sketch,
) -> Vec<Sketch> {
    let step = name(plan, index);
    let plain = [json!(true), json!(false), json!(0), json!(1), json!("other"), json!(["one"])];
    let values = literals.iter().cloned().chain(plain);
    let is_by_hand = plan.nodes[index]
        .forms
        .iter()
        .any(|form| matches!(form.facets.action, Action::Manual(_) | Action::Choose(_)));
    let given = |value: Json| {
        let mut sketch = base.clone();
        match (is_by_hand, output) {
            (true, "choice") => sketch.answer(&step, &json!({"choice": value})),
            (true, output) => {
                let known = super::sketch::at(&sketch.answers, &step);
                let answers = known.and_then(|answer| answer.get("answers"));
                let mut answers = answers.and_then(Json::as_object).cloned().unwrap_or_default();
                answers.insert(output.to_owned(), value);
                sketch.answer(&step, &json!({"answers": answers}));
            }
            (false, output) => sketch.hand_on(&step, output, value),
        }
        sketch
    };
    values.map(given).collect()
}

/// The values that stand in the code of an expression, and the numbers beside them.
fn literals(code: &str) -> Vec<Json> {
    let mut found = Vec::new();
    for quote in ['\'', '"'] {
        found.extend(code.split(quote).skip(1).step_by(2).map(|text| json!(text)));
    }
    let is_number = |sign: char| sign.is_ascii_digit();
    for number in code.split(|sign| !is_number(sign)).filter_map(|text| text.parse::<i64>().ok()) {
        let near = [Some(number), number.checked_add(1), number.checked_sub(1)];
        found.extend(near.into_iter().flatten().map(Json::from));
    }
    found
}
