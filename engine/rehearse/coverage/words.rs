//! What an edge is called: its name for programs, and its sentence for people.

use crate::plan::{Index, Inside, Plan, Role};
use crate::run::event::{CheckRef, Purpose};
use crate::runbook::action::Action;
use crate::runbook::probe::Check;

use super::{Group, Place, Way, list};

impl Way {
    /// The word for it in the name of an edge.
    fn word(&self) -> &str {
        match self {
            Way::Succeeds => "succeeds",
            Way::Fails => "fails",
            Way::Skipped => "skipped",
            Way::Satisfied => "satisfied",
            Way::Declined => "declined",
            Way::Approved => "approved",
            Way::Rejected => "rejected",
            Way::Expires => "expires",
            Way::Case(_) => "case",
            Way::Exhausted => "exhausted",
            Way::Unverified => "unverified",
            Way::Recovered => "recovered",
            Way::NotRecovered => "not_recovered",
        }
    }
}

impl Group {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Group::Rungs => "rungs",
            Group::Gates => "gates",
            Group::Failures => "failures",
            Group::Rollbacks => "rollbacks",
            Group::Branches => "branches",
            Group::Checks => "checks",
            Group::Steps => "steps",
        }
    }
}

/// The name of an edge that begins at a step.
pub fn id_of_step(path: &str, way: &Way) -> String {
    match way {
        Way::Case(case) => format!("{path}:case:{case}"),
        way => format!("{path}:{}", way.word()),
    }
}

/// The name of the edge that is walked when a check does not hold.
pub fn id_of_check(plan: &Plan, place: &Place) -> String {
    let Place::Check { check, case } = place else { return String::new() };
    format!("{}:{}", name_of_check(plan, check, case.as_deref()), Way::Fails.word())
}

/// The name of an edge that begins at the verdict.
pub fn id_of_verdict(way: &Way) -> String {
    format!("verdict:{}", way.word())
}

/// A check by the step around it, its list, and its id or its number there.
fn name_of_check(plan: &Plan, check: &CheckRef, case: Option<&str>) -> String {
    let (list, number) = (list(check.purpose), check.index + 1);
    let Some(step) = &check.step else {
        let id = of_run(plan, check).and_then(|check| check.id.as_ref());
        return id.map_or_else(|| format!("{list}/{number}"), |id| format!("{list}/{id}"));
    };
    let found = required(plan, step, check.index, case);
    match found.and_then(|(check, is_own)| Some((check.id.as_ref()?, is_own))) {
        Some((id, _)) => format!("{step}/{list}/{id}"),
        // What stands beside a switch is the same in all its cases.
        None => match case.filter(|_| is_of_case(plan, step, check.index)) {
            Some(case) => format!("{step}/{list}/{number}({case})"),
            None => format!("{step}/{list}/{number}"),
        },
    }
}

fn of_run<'p>(plan: &'p Plan, check: &CheckRef) -> Option<&'p Check> {
    let runbook = &plan.runbook;
    let checks = match check.purpose {
        Purpose::Confirm => &runbook.confirm,
        Purpose::Precondition => &runbook.preconditions,
        Purpose::Invariant => &runbook.invariants,
        Purpose::ExitCriterion => &runbook.exit_criteria,
        Purpose::Require | Purpose::DoneWhen | Purpose::Verify => return None,
    };
    checks.get(check.index)
}

fn node_at(plan: &Plan, path: &str) -> Option<Index> {
    // What stands in a pattern is known by its path only where it is written.
    plan.at_path(path).or_else(|| plan.nodes.iter().position(|node| node.path == path))
}

/// A requirement of a step in one of its cases, and whether it stands in the file of the step.
fn required<'p>(
    plan: &'p Plan,
    step: &str,
    place: usize,
    case: Option<&str>,
) -> Option<(&'p Check, bool)> {
    let node = &plan.nodes[node_at(plan, step)?];
    let form = node.forms.iter().find(|form| form.case.as_deref() == case);
    let around = form.or_else(|| node.forms.first())?.required().nth(place)?;
    Some((around.check, around.space.is_none()))
}

/// Whether a requirement differs from case to case.
fn is_of_case(plan: &Plan, step: &str, place: usize) -> bool {
    let Some(index) = node_at(plan, step) else { return false };
    let forms = plan.nodes[index].forms.iter();
    let mut spans = forms.map(|form| form.required().nth(place).map(|it| it.check.probe.span));
    let first = spans.next();
    spans.any(|span| Some(span) != first)
}

/// A node by its id where that is enough, else by its path.
pub fn name(plan: &Plan, index: Index) -> String {
    let node = &plan.nodes[index];
    match node.role {
        // An answer to an undo is known by its path alone.
        Role::Undo { .. } => node.path.clone(),
        _ if plan.find(&node.id) == Some(index) => node.id.clone(),
        _ => node.path.clone(),
    }
}

/// What happens, in a sentence.
pub fn sentence(plan: &Plan, from: &Place, way: &Way) -> String {
    match from {
        Place::Step(index) => of_step(plan, *index, way),
        Place::Check { check, case } => of_check(plan, check, case.as_deref()),
        Place::Verdict if *way == Way::Recovered => "service has recovered".into(),
        Place::Verdict => "service has not recovered".into(),
    }
}

fn of_step(plan: &Plan, index: Index, way: &Way) -> String {
    let path = name(plan, index);
    let what = noun(plan, index);
    let is_message =
        plan.nodes[index].forms.iter().any(|form| matches!(form.facets.action, Action::Notify(_)));
    match way {
        Way::Succeeds if is_message => format!("{what} is sent"),
        Way::Succeeds => format!("{what} succeeds"),
        Way::Fails => format!("{what} fails"),
        Way::Skipped => format!("{what} is skipped: its condition is false"),
        Way::Satisfied => format!("{what} finds its effect there already"),
        Way::Declined => format!("{what} is declined"),
        Way::Approved => format!("the gate of `{path}` is approved"),
        Way::Rejected => format!("the gate of `{path}` is rejected"),
        Way::Expires => format!("the gate of `{path}` expires"),
        Way::Case(case) => format!("`{path}` takes the case `{case}`"),
        Way::Exhausted => format!("no rung of `{path}` is left"),
        Way::Unverified => format!("`{path}` is done and does not verify"),
        Way::Recovered | Way::NotRecovered => String::new(),
    }
}

/// What a node is, and its path.
fn noun(plan: &Plan, index: Index) -> String {
    let node = &plan.nodes[index];
    let path = name(plan, index);
    let has_phase = node.forms.iter().any(|form| matches!(form.inside, Inside::Phase(_)));
    match node.role {
        Role::Undo { of, .. } => match path.rsplit_once("~undo-") {
            Some((_, case)) => format!("the undo of `{}` in the case `{case}`", name(plan, of)),
            None => format!("the undo of `{}`", name(plan, of)),
        },
        Role::Rung => format!("the rung `{path}`"),
        Role::Item => format!("an item of `{}`", path.trim_end_matches("/*")),
        _ if has_phase => format!("the phase `{path}`"),
        _ => match node.forms.as_slice() {
            [form] if matches!(form.facets.action, Action::Notify(_)) => {
                format!("the message `{path}`")
            }
            _ => format!("the step `{path}`"),
        },
    }
}

fn of_check(plan: &Plan, check: &CheckRef, case: Option<&str>) -> String {
    let found = match &check.step {
        None => of_run(plan, check),
        Some(step) => required(plan, step, check.index, case).map(|(check, _)| check),
    };
    let id = found.and_then(|check| check.id.as_ref().map(|id| format!("`{id}`")));
    let title = found.and_then(|check| check.title.as_ref().map(|title| format!("\"{title}\"")));
    let name = id.or(title).unwrap_or_else(|| (check.index + 1).to_string());
    let noun = check.purpose.noun();
    match (&check.step, check.purpose) {
        (Some(step), _) => {
            let step = node_at(plan, step).map_or(step.clone(), |index| self::name(plan, index));
            format!("the {noun} {name} of `{step}` does not hold")
        }
        (None, Purpose::Confirm) => format!("the {noun} {name} is not seen"),
        (None, Purpose::Invariant) => format!("the {noun} {name} breaks"),
        (None, _) => format!("the {noun} {name} does not hold"),
    }
}
