//! Every name in a plan exists, and what it refers to is settled before it is needed.

use std::collections::HashSet;
use std::sync::Arc;

use crate::document::nearest;
use crate::runbook::Runbook;
use crate::runbook::expression::{Expression, Scope};
use crate::runbook::facts;
use crate::runbook::output::From as Source;
use crate::runbook::probe::Check;
use crate::runbook::script::Script;
use crate::runbook::step::Facets;
use crate::runbook::target::TargetRef;
use crate::runbook::template::Template;
use crate::runbook::value::Value;
use crate::source::{Diagnostic, Problems, Span};

use super::space::{SpaceIndex, WHOLE};
use super::targets;
use super::{Form, Included, Index, Inside, Plan, Role};

const STEP_FIELDS: &[&str] =
    &["state", "succeeded", "failed", "skipped", "exit", "stdout", "outputs"];

/// The rules of lint: a name that is not there, and one that may not be settled yet.
const UNDEFINED: &str = "HP108";
const NOT_UPSTREAM: &str = "HP109";

/// Checks every reference, and notes which inputs each form uses.
pub fn check(plan: &mut Plan, problems: &mut Problems) {
    for index in 0..plan.nodes.len() {
        for form in 0..plan.nodes[index].forms.len() {
            let node = &plan.nodes[index];
            let borrowed = super::library::borrowed(plan, &node.forms[form]);
            let mut found = node.forms[form].facets.expressions();
            found.extend(&borrowed);
            found.extend(&node.switch);
            found.extend(node.forms[form].inside.list());
            found.extend(node.title.iter().flat_map(Template::expressions));
            let settings = node.forms[form].facets.settings();
            let runbook = plan.runbook_at(node.space).runbook;
            found.extend(targets::expressions(runbook, settings));
            // An included runbook was checked by itself.
            let is_included = plan.runbook_at(node.space).told.is_some();
            let mut known = Problems::default();
            let problems = if is_included { &mut known } else { &mut *problems };
            let mut used = used_inputs(plan, &found, Some(index), problems);
            used.extend(node.forms[form].included.iter().flat_map(|it| told_inputs(plan, it)));
            used.sort_unstable();
            used.dedup();
            plan.nodes[index].forms[form].inputs = used;
        }
    }
    used_inputs(plan, &targets::unused(plan), None, problems);
    targets::check(plan, problems);
    check_whole(plan, problems);
    mark_words(plan, problems);
}

/// Marks the inputs that begin a word of a command, and refuses defaults that may not.
fn mark_words(plan: &mut Plan, problems: &mut Problems) {
    let runbook = &plan.runbook;
    let checks = runbook.confirm.iter().chain(&runbook.preconditions).chain(&runbook.invariants);
    let checks = checks.chain(&runbook.exit_criteria);
    let forms = plan.nodes.iter().flat_map(|node| &node.forms);
    let scripts = forms
        .flat_map(|form| form.facets.scripts())
        .chain(checks.flat_map(|check| check.probe.scripts()))
        .chain(runbook.inputs.iter().filter_map(|input| input.choices_from.as_ref()));
    let templates = scripts.flat_map(Script::templates).chain(targets::templates(plan));
    let slots = templates.flat_map(Template::slots);
    let words: HashSet<String> = slots
        .filter(|slot| slot.begins_word && !slot.is_raw)
        .filter_map(|slot| slot.expression.bare_name()?.strip_prefix("inputs."))
        .map(str::to_owned)
        .collect();
    for input in &mut Arc::make_mut(&mut plan.runbook).inputs {
        input.begins_word = words.contains(&input.name.value);
        let refused = input.default.as_ref().and_then(|value| input.admits(value).err());
        if let Some(reason) = refused.filter(|_| input.begins_word) {
            problems.error(input.name.span, format!("the default is refused: {reason}"));
        }
    }
}

/// The checks of the run itself, and the commands that list choices.
fn check_whole(plan: &mut Plan, problems: &mut Problems) {
    let runbook = &plan.runbook;
    let checks = runbook.confirm.iter().chain(&runbook.preconditions).chain(&runbook.invariants);
    let checks: Vec<&Check> = checks.collect();
    let early = checks.iter().flat_map(|check| check.probe.expressions());
    let choices = runbook.inputs.iter().filter_map(|input| input.choices_from.as_ref());
    let mut early: Vec<&Expression> =
        early.chain(choices.flat_map(|it| it.expressions())).collect();
    early.extend(places(runbook, &checks));
    let early = used_inputs(plan, &early, Some(super::ROOT), problems);
    let criteria: Vec<&Check> = runbook.exit_criteria.iter().collect();
    let late = criteria.iter().flat_map(|check| check.probe.expressions());
    let late: Vec<&Expression> = late.chain(places(runbook, &criteria)).collect();
    let late = used_inputs(plan, &late, None, problems);
    let outputs: Vec<&Expression> = runbook.outputs.iter().map(|(_, value)| value).collect();
    used_inputs(plan, &outputs, None, problems);
    plan.early_inputs = early;
    plan.criteria_inputs = late;
}

/// The expressions of the targets on which some checks of the run itself look.
fn places<'r>(runbook: &'r Runbook, checks: &[&'r Check]) -> Vec<&'r Expression> {
    let Some(default) = (!checks.is_empty()).then_some(&runbook.defaults.setting) else {
        return Vec::new();
    };
    let own = checks.iter().flat_map(|check| check.probe.settings());
    let mut found = targets::expressions(runbook, own.chain([default]));
    let inline = default.target.iter().flat_map(TargetRef::templates);
    found.extend(inline.flat_map(Template::expressions));
    found
}

/// Checks every name of some expressions, and finds the inputs among them.
fn used_inputs(
    plan: &Plan,
    expressions: &[&Expression],
    from: Option<Index>,
    problems: &mut Problems,
) -> Vec<usize> {
    let mut used = Vec::new();
    let space = from.map_or(WHOLE, |from| plan.nodes[from].space);
    for expression in expressions {
        let mut wrong = Vec::new();
        for name in expression.names() {
            let found =
                known(plan, name, from).and_then(|()| is_ever_there(plan, name, expression, space));
            wrong.extend(found.err().map(|wrong| (name, *wrong)));
            if plan.is_secret(space, name) && !expression.is_private {
                let message = format!("the secret `{name}` may not stand here");
                let help =
                    "a secret stands by itself in `env`, in `stdin`, or in what a request carries";
                problems.push(Diagnostic::error(expression.span, message).help(help));
            }
            if let Some(input) = name.strip_prefix("inputs.") {
                plan.inputs_behind(space, input, &mut used);
            }
        }
        // The parts of an id that was taken for a subtraction are no names of their own.
        let dashes = super::dashes::found(plan, expression.code(), space);
        let is_part = |name: &str| dashes.as_ref().is_some_and(|it| it.are_behind(name));
        let (parts, names): (Vec<_>, Vec<_>) =
            wrong.into_iter().partition(|(name, _)| is_part(name));
        let named = dashes.filter(|_| !parts.is_empty()).map(|dashes| dashes.problem);
        let at = expression.span;
        for wrong in named.into_iter().chain(names.into_iter().map(|(_, wrong)| wrong)) {
            problems.push(Diagnostic { at, ..wrong });
        }
    }
    used
}

/// The inputs of the run that the checks around an include ask for.
fn told_inputs(plan: &Plan, included: &Included) -> Vec<usize> {
    let runbook = &included.runbook;
    let checks = runbook.preconditions.iter().chain(&runbook.exit_criteria);
    let expressions = checks.flat_map(|check| check.probe.expressions());
    let names = expressions.flat_map(|expression| expression.names());
    let mut used = Vec::new();
    for name in names.filter_map(|name| name.strip_prefix("inputs.")) {
        plan.inputs_behind(included.space, name, &mut used);
    }
    used
}

/// What is wrong with a name; its place is that of the expression.
type Unknown = Box<Diagnostic>;

fn unknown(message: impl Into<String>) -> Unknown {
    Box::new(Diagnostic::error(Span::default(), message).code(UNDEFINED))
}

fn unknown_with(message: impl Into<String>, help: impl Into<String>) -> Unknown {
    Box::new(Diagnostic::error(Span::default(), message).code(UNDEFINED).help(help))
}

fn too_early(message: impl Into<String>) -> Unknown {
    Box::new(Diagnostic::error(Span::default(), message).code(NOT_UPSTREAM))
}

/// With the known word that is nearest to the part of `name` at a place, counted from 0.
fn with_hint<'a>(
    problem: Unknown,
    (name, place): (&str, usize),
    known: impl Iterator<Item = &'a str>,
) -> Unknown {
    let mut parts: Vec<&str> = name.split('.').collect();
    let Some(near) = parts.get(place).and_then(|part| nearest(part, known)) else {
        return problem;
    };
    parts[place] = near;
    let help = format!("did you mean `{near}`?");
    Box::new(problem.did_you_mean(name, &parts.join(".")).help(help))
}

/// Whether a name can be known from a node; from everywhere at the end, when none.
fn known(plan: &Plan, name: &str, from: Option<Index>) -> Result<(), Unknown> {
    let around = plan.runbook_at(from.map_or(WHOLE, |from| plan.nodes[from].space));
    let parts: Vec<&str> = name.split('.').collect();
    match parts.as_slice() {
        ["inputs", input] if around.input(input).is_some() => Ok(()),
        ["inputs", input] => {
            let known = around.runbook.inputs.iter().map(|input| input.name.as_str());
            Err(with_hint(unknown(format!("there is no input `{input}`")), (name, 1), known))
        }
        ["steps", step, rest @ ..] => known_step(plan, (name, step), rest, from),
        ["run", field] if *field == "verdict" && !is_closing(plan, from) => {
            Err(too_early("`run.verdict` is known only in `finally`"))
        }
        ["run", field] if facts::RUN.contains(field) => Ok(()),
        ["run", field] => {
            let problem = unknown(format!("a run has no `{field}`"));
            Err(with_hint(problem, (name, 1), facts::RUN.iter().copied()))
        }
        ["objectives", field] if facts::OBJECTIVES.contains(field) => Ok(()),
        ["runbook", field] if facts::RUNBOOK.contains(field) => Ok(()),
        ["runbook", field] => {
            let problem = unknown(format!("a runbook has no `{field}` that can be named"));
            Err(with_hint(problem, (name, 1), facts::RUNBOOK.iter().copied()))
        }
        [item] if is_item(plan, item, from) => Ok(()),
        _ => {
            let help = "names begin with inputs, steps, run, runbook or objectives";
            Err(unknown_with(format!("`{name}` is not known"), help))
        }
    }
}

fn is_item(plan: &Plan, name: &str, from: Option<Index>) -> bool {
    from.is_some_and(|from| plan.item(name, plan.nodes[from].space).is_some())
}

fn is_closing(plan: &Plan, from: Option<Index>) -> bool {
    from.is_some_and(|from| plan.nodes[from].is_closing)
}

/// Whether an output may come to exist: not when its step is never begun, unless the output has a
/// default or the expression sees to it.
fn is_ever_there(
    plan: &Plan,
    name: &str,
    expression: &Expression,
    space: SpaceIndex,
) -> Result<(), Unknown> {
    let Some((step, "outputs", output)) = parts_of(name) else { return Ok(()) };
    let Some(target) = plan.named(step, space).filter(|_| !expression.heeds_absence()) else {
        return Ok(());
    };
    let mut around = std::iter::successors(Some(target), |at| plan.nodes[*at].parent);
    let never = |at: Index| plan.nodes[at].forms.first().is_some_and(|it| is_never(&it.facets));
    let Some(never) = around.find(|at| never(*at)) else { return Ok(()) };
    let forms = plan.nodes[target].forms.iter();
    let mut outputs = forms.flat_map(|form| &form.facets.outputs);
    match outputs.find(|it| it.name.value == output).is_some_and(|it| it.default.is_some()) {
        true => Ok(()),
        false => {
            let id = &plan.nodes[never].id;
            let message = format!("`{id}` is never begun, so that there is no `{name}`");
            let help = "its `when` is always false; give the output a `default`";
            Err(unknown_with(message, help))
        }
    }
}

fn parts_of(name: &str) -> Option<(&str, &str, &str)> {
    let mut parts = name.strip_prefix("steps.")?.splitn(3, '.');
    Some((parts.next()?, parts.next()?, parts.next()?))
}

/// Whether the condition refers to nothing and is false.
fn is_never(facets: &Facets) -> bool {
    let constant = facets.when.as_ref().filter(|when| when.names().is_empty());
    constant.is_some_and(|when| when.holds(&Nothing) == Ok(false))
}

/// No name has a value.
struct Nothing;

impl Scope for Nothing {
    fn value(&self, _: &str) -> Option<Value> {
        None
    }

    fn secret(&self, _: &str) -> Option<String> {
        None
    }

    fn is_multiline(&self, _: &str) -> bool {
        false
    }
}

/// A secret output is that of one step; and what it stands in, whole, is no output.
fn refuse_secret(plan: &Plan, target: Index, output: &str) -> Result<(), Unknown> {
    let id = &plan.nodes[target].id;
    if plan.items(target).is_some() && plan.secret_output_of(target, output) {
        let message = format!("`{id}` is repeated, and a list of secrets cannot be named");
        return Err(unknown_with(message, "use each inside the step that is repeated"));
    }
    if ["body", "json"].contains(&output) && has_secrets(plan, target) {
        let message = format!("what `{id}` is answered is not kept: an output of it is a secret");
        return Err(unknown_with(message, "name the outputs of it that are none"));
    }
    Ok(())
}

/// Whether an output of a step is a secret.
fn has_secrets(plan: &Plan, target: Index) -> bool {
    let acting = plan.items(target).map_or(target, |items| items.pattern.start);
    let forms = plan.nodes[acting].forms.iter();
    // What a person answers is no print.
    let mut outputs = forms.flat_map(|form| &form.facets.outputs);
    outputs.any(|output| output.is_secret && !matches!(output.from, Source::Person))
}

fn known_step(
    plan: &Plan,
    (name, step): (&str, &str),
    rest: &[&str],
    from: Option<Index>,
) -> Result<(), Unknown> {
    let space = from.map_or(WHOLE, |from| plan.nodes[from].space);
    let Some(target) = plan.named(step, space) else {
        let names: Vec<String> = plan.names().map(|name| name.replace('-', "_")).collect();
        let problem = unknown(format!("there is no step `{}`", step.replace('_', "-")));
        return Err(with_hint(problem, (name, 1), names.iter().map(String::as_str)));
    };
    let id = &plan.nodes[target].id;
    match rest {
        ["outputs", output] => {
            let acting = plan.items(target).map_or(target, |items| items.pattern.start);
            let declared: Vec<&str> =
                plan.nodes[acting].forms.iter().flat_map(Form::output_names).collect();
            if !declared.contains(output) {
                let problem = unknown(format!("the step `{id}` has no output `{output}`"));
                return Err(with_hint(problem, (name, 3), declared.into_iter()));
            }
            refuse_secret(plan, target, output)?;
        }
        ["stdout"] if has_secrets(plan, target) => {
            let message = format!("what `{id}` prints is not kept: an output of it is a secret");
            return Err(unknown_with(message, "name the outputs of it that are none"));
        }
        ["exit" | "stdout"] if plan.items(target).is_some() => {
            let help = "say in `outputs` what each item hands on; together they are a list";
            return Err(unknown_with(format!("`{id}` is repeated, and has none of its own"), help));
        }
        [field] if STEP_FIELDS.contains(field) => {}
        [] => return Err(unknown(format!("`steps.{step}` is a step: say what of it"))),
        [field, ..] => {
            let problem = unknown(format!("a step has no `{field}`"));
            return Err(with_hint(problem, (name, 2), STEP_FIELDS.iter().copied()));
        }
    }
    match from {
        Some(from) if !is_upstream(plan, target, from) => {
            let wrong = too_early(format!("the step `{id}` is not settled before this one"));
            Err(Box::new(wrong.help("refer only to steps that this one needs")))
        }
        _ => Ok(()),
    }
}

/// Whether `target` is settled, or at least acted, whenever `from` looks at it.
fn is_upstream(plan: &Plan, target: Index, from: Index) -> bool {
    if is_closing(plan, Some(from)) && !is_closing(plan, Some(target)) {
        return true;
    }
    // A step may look at itself, and a group at what is inside it, when it is verified.
    if plan.is_inside(target, from) && from != super::ROOT {
        return true;
    }
    if is_above(plan, target, from) {
        return true;
    }
    let mut seen = HashSet::new();
    let mut open = vec![from];
    let mut around = Some(from);
    while let Some(index) = around {
        open.extend(before(plan, index));
        around = plan.nodes[index].parent;
    }
    while let Some(index) = open.pop() {
        if index != from && plan.is_inside(target, index) {
            return true;
        }
        if seen.insert(index) {
            open.extend(before(plan, index));
        }
    }
    false
}

/// Whether `target` stands above a node, or above a group around it, in a list whose order alone
/// says so; the usual case, for which no needs have to be followed.
fn is_above(plan: &Plan, target: Index, from: Index) -> bool {
    let mut around = std::iter::successors(Some(from), |at| plan.nodes[*at].parent);
    !plan.is_in_undo(target)
        && around.any(|at| {
            let node = &plan.nodes[at];
            let shares_list = |parent: Index| {
                let is_inside = target != parent && plan.is_inside(target, parent);
                is_inside && plan.nodes[parent].switch.is_none()
            };
            node.needs_all_above && target < at && node.parent.is_some_and(shares_list)
        })
}

/// What is settled before a node begins: its needs, the rungs above it, what it takes back.
fn before(plan: &Plan, index: Index) -> Vec<Index> {
    let node = &plan.nodes[index];
    let mut found = node.needs.clone();
    match node.role {
        Role::Undo { of, .. } => found.push(of),
        Role::Rung => {
            let ladder = node.parent.map(|parent| &plan.nodes[parent]);
            for form in ladder.into_iter().flat_map(|ladder| &ladder.forms) {
                if let Inside::Ladder(rungs) = &form.inside {
                    found.extend(rungs.iter().take_while(|rung| **rung < index));
                }
            }
        }
        Role::Step | Role::Item | Role::Closing | Role::Whole => {}
    }
    found
}
