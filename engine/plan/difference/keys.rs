//! Which keys of a step differ.

use std::collections::BTreeMap;

use crate::plan::{Form, Included, Index, Inside, Node, Plan, Role};
use crate::runbook::action::Action;
use crate::runbook::each::Each;
use crate::runbook::library::Channel;
use crate::runbook::output::Output;
use crate::runbook::request::ANSWERED;
use crate::runbook::script::Setting;
use crate::runbook::step::Facets;
use crate::runbook::target::{Target, TargetRef};
use crate::runbook::template::Template;
use crate::runbook::undo::Undo;

/// The most of a command that is shown.
const WIDEST: usize = 72;

/// The keys of one step that differ in two plans, in a fixed order.
pub(super) fn differing(old: (&Plan, Index), new: (&Plan, Index)) -> Vec<&'static str> {
    let (before, now) = (&old.0.nodes[old.1], &new.0.nodes[new.1]);
    let mut keys = around(old.0, before, new.0, now);
    if cases(before) != cases(now) || before.switch != now.switch {
        keys.push(if now.switch.is_some() { "cases" } else { word(now) });
    }
    for (one, other) in before.forms.iter().zip(&now.forms) {
        inside(old.0, one, new.0, other, &mut keys);
    }
    if !same_undo(old, new) {
        keys.push("undo");
    }
    let mut seen = Vec::new();
    keys.retain(|key| {
        !seen.contains(key) && {
            seen.push(*key);
            true
        }
    });
    keys
}

/// Whether a step is taken back in the same way, whichever form it takes.
pub fn same_undo(old: (&Plan, Index), new: (&Plan, Index)) -> bool {
    let undos = |(plan, index): (&Plan, Index)| -> Vec<(Option<String>, Option<Index>)> {
        let forms = plan.nodes[index].forms.iter();
        forms.map(|form| (form.case.clone(), form.undo)).collect()
    };
    let now = undos(new);
    undos(old).iter().all(|(case, before)| {
        let other = now.iter().find(|(name, _)| name == case).and_then(|(_, undo)| *undo);
        match (before, other) {
            (Some(before), Some(now)) => same_inside((old.0, *before), (new.0, now)),
            (before, now) => before.is_none() && now.is_none(),
        }
    })
}

/// Whether two undos, or two parts of them, do the same.
fn same_inside(old: (&Plan, Index), new: (&Plan, Index)) -> bool {
    let is_paired = |node: &Node| matches!(node.role, Role::Undo { is_paired: true, .. });
    let (before, now) = (&old.0.nodes[old.1], &new.0.nodes[new.1]);
    let inner: (Vec<Index>, Vec<Index>) = (before.drawn(), now.drawn());
    is_paired(before) == is_paired(now)
        && before.id == now.id
        && inner.0.len() == inner.1.len()
        && differing(old, new).iter().all(|key| ["title", "why", "estimate"].contains(key))
        && inner.0.iter().zip(&inner.1).all(|(a, b)| same_inside((old.0, *a), (new.0, *b)))
}

/// What a step does, before and now: the first lines that differ.
pub(super) fn command(old: (&Plan, Index), new: (&Plan, Index)) -> Option<(String, String)> {
    let text = |(plan, index): (&Plan, Index)| {
        let forms = plan.nodes[index].forms.iter();
        let lines = forms.flat_map(|form| lines_of(&form.facets.action));
        lines.collect::<Vec<String>>()
    };
    let (before, now) = (text(old), text(new));
    let at = (0..before.len().max(now.len())).find(|at| before.get(*at) != now.get(*at))?;
    let line = |lines: &[String]| match lines.get(at) {
        Some(line) => shortened(line),
        None => "(nothing)".to_owned(),
    };
    Some((line(&before), line(&now)))
}

fn lines_of(action: &Action) -> Vec<String> {
    action.written().lines().map(str::trim_end).map(str::to_owned).collect()
}

fn shortened(line: &str) -> String {
    let line = line.trim();
    match line.char_indices().nth(WIDEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}

fn cases(node: &Node) -> Vec<Option<&String>> {
    node.forms.iter().map(|form| form.case.as_ref()).collect()
}

/// The keys of a step itself, whatever form it takes.
fn around(old: &Plan, before: &Node, new: &Plan, now: &Node) -> Vec<&'static str> {
    let needs = |plan: &Plan, node: &Node| -> Option<Vec<String>> {
        let ids = node.needs.iter().map(|need| plan.nodes[*need].id.clone());
        (!node.needs_all_above).then(|| ids.collect())
    };
    let differ = [
        ("title", before.title != now.title),
        ("why", before.why != now.why),
        ("estimate", before.estimate != now.estimate),
        ("needs", needs(old, before) != needs(new, now)),
        ("optional", before.is_optional != now.is_optional),
        ("budget", before.budget != now.budget),
        ("on_failure", before.on_failure != now.on_failure),
    ];
    differ.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

/// The keys of one form.
fn inside(old: &Plan, before: &Form, new: &Plan, now: &Form, keys: &mut Vec<&'static str>) {
    let (one, other) = (&before.facets, &now.facets);
    let differ = [
        ("when", one.when != other.when || one.case_when != other.case_when),
        ("require", one.require != other.require),
        ("done_when", one.done_when != other.done_when),
        ("gate", one.gate != other.gate),
        ("each", each(before) != each(now)),
        (action_word(now), one.action != other.action || kind(before) != kind(now)),
        ("notify", message(old, one) != message(new, other)),
        ("effect", one.effect != other.effect),
        ("destructive", one.is_destructive != other.is_destructive),
        ("expect", one.expect != other.expect),
        ("retry", one.retry != other.retry),
        ("tty", one.tty != other.tty),
        ("verify", one.verify != other.verify),
        ("on_failure", one.on_failure != other.on_failure),
        ("undo", no_way_back(one) != no_way_back(other)),
        ("outputs", !outputs(one).eq(outputs(other))),
    ];
    keys.extend(differ.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key));
    setting(&one.setting, &other.setting, keys);
    if has_other_target(old, one, new, other) {
        keys.push("target");
    }
    if let (Some(before), Some(now)) = (&before.included, &now.included) {
        included(before, now, keys);
    }
}

/// Why there is no way back, where that is said.
fn no_way_back(facets: &Facets) -> Option<&String> {
    match &facets.undo {
        Some(Undo::None(reason)) => Some(reason),
        _ => None,
    }
}

fn setting(before: &Setting, now: &Setting, keys: &mut Vec<&'static str>) {
    let differ = [
        ("target", before.target != now.target),
        ("env", before.env != now.env),
        ("cwd", before.cwd != now.cwd),
        ("shell", before.shell != now.shell),
        ("stdin", before.stdin != now.stdin),
        ("timeout", before.timeout != now.timeout),
        ("grace", before.grace != now.grace),
    ];
    keys.extend(differ.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key));
}

/// What an included runbook says beside its steps, which are compared themselves.
fn included(before: &Included, now: &Included, keys: &mut Vec<&'static str>) {
    let (one, other) = (&before.runbook, &now.runbook);
    let differ = [
        ("title", one.title != other.title),
        ("why", one.knowledge != other.knowledge),
        ("inputs", one.inputs != other.inputs),
        ("requires", one.requires != other.requires),
        ("preconditions", one.preconditions != other.preconditions),
        ("exit_criteria", one.exit_criteria != other.exit_criteria),
        ("outputs", one.outputs != other.outputs),
    ];
    keys.extend(differ.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key));
}

/// Whether a target that a step names in both plans is another.
fn has_other_target(old: &Plan, before: &Facets, new: &Plan, now: &Facets) -> bool {
    let (before, now) = (targets(old, before), targets(new, now));
    before.iter().any(|(name, target)| now.get(name).is_some_and(|other| other != target))
}

/// What the targets are that a step names.
fn targets<'p>(plan: &'p Plan, facets: &'p Facets) -> BTreeMap<&'p str, Option<&'p Target>> {
    let named =
        facets.settings().into_iter().filter_map(|setting| name_of(setting.target.as_ref()?));
    named.map(|name| (name, declared(plan, name))).collect()
}

fn name_of(target: &TargetRef) -> Option<&str> {
    match target {
        TargetRef::Named(name) => Some(name),
        TargetRef::Inline(_) => None,
        TargetRef::Outer(outer) => name_of(outer),
    }
}

/// The target of a name; the targets of a run are those of its outermost runbook.
fn declared<'p>(plan: &'p Plan, name: &str) -> Option<&'p Target> {
    let mut targets = plan.runbook.targets.iter();
    targets.find(|(known, _)| known.value == name).map(|(_, target)| target)
}

/// A message, and its way.
type Message<'p> = (Option<&'p Template>, Option<&'p Channel>);

/// The message that a step sends, and the way it goes.
fn message<'p>(plan: &'p Plan, facets: &Facets) -> Option<Message<'p>> {
    let Action::Notify(notify) = &facets.action else { return None };
    let library = &plan.runbook.library;
    let way = notify.to.as_ref().and_then(|to| library.channel(to));
    Some((library.template(&notify.template), way))
}

/// What a step hands on by its own words; every request hands on more.
fn outputs(facets: &Facets) -> impl Iterator<Item = &Output> {
    let is_http = matches!(facets.action, Action::Http(_));
    let is_given = move |name: &str| is_http && ANSWERED.contains(&name);
    facets.outputs.iter().filter(move |output| !is_given(&output.name))
}

fn each(form: &Form) -> Option<&Each> {
    match &form.inside {
        Inside::Each(items) => Some(&items.each),
        _ => None,
    }
}

fn kind(form: &Form) -> usize {
    match &form.inside {
        Inside::Leaf => 0,
        Inside::Phase(_) => 1,
        Inside::Ladder(_) => 2,
        Inside::Each(_) => 3,
    }
}

fn word(node: &Node) -> &'static str {
    node.forms.first().map(action_word).unwrap_or("steps")
}

fn action_word(form: &Form) -> &'static str {
    match &form.facets.action {
        Action::Run(_) => "run",
        Action::Probe(_) => "probe",
        Action::Http(_) => "http",
        Action::Notify(_) => "notify",
        Action::Wait(_) => "wait",
        Action::Watch(_) => "watch",
        Action::Manual(_) => "manual",
        Action::Checklist(_) => "checklist",
        Action::Choose(_) => "choose",
        Action::Steps(_) => "steps",
        Action::Ladder(_) => "ladder",
        Action::Switch(_) => "switch",
        Action::Include(_) => "include",
        Action::Decision => "gate",
    }
}
