//! A place: the step, the check or the question that a name in a test means.

use crate::document::nearest;
use crate::plan::{Around, Index, Node, Plan, Role};
use crate::run::event::{CheckRef, Purpose, Question};
use crate::runbook::probe::Check;
use crate::source::{Diagnostic, Spanned};

/// What an undo has behind the path of its step.
const UNDO: &str = "~undo";

/// A step of a plan. Where its path has a `*`, it is every item of a fan-out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// The node, or the pattern of what will be there.
    pub node: Index,
    path: String,
}

/// A check of the run or of a step, or all of a list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CheckPlace {
    /// The step; none for a check of the run.
    pub step: Option<Place>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its place in its list; all of them when there is none.
    pub index: Option<usize>,
}

/// What somebody is asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Matter {
    /// A step: itself, and where it acts.
    Step(Place, Place),
    /// An invariant, by its id, and its place among them.
    Invariant(String, usize),
    /// The verdict.
    Verdict,
    /// A check that does not hold.
    Checks(Vec<CheckPlace>),
}

impl Place {
    /// The place of a node itself.
    pub fn of(plan: &Plan, node: Index) -> Place {
        Place { node, path: plan.nodes[node].path.clone() }
    }

    /// The step that a name means.
    pub fn named(plan: &Plan, name: &Spanned<String>) -> Result<Place, Box<Diagnostic>> {
        find(plan, name).map_err(|several| Box::new(unknown_step(plan, name, &several)))
    }

    /// Where the step acts: of a fan-out, every item.
    #[must_use]
    pub fn acting(self, plan: &Plan) -> Place {
        match plan.items(self.node) {
            Some(items) => {
                let place = Place { node: items.pattern.start, path: format!("{}/*", self.path) };
                place.acting(plan)
            }
            None => self,
        }
    }

    /// Whether a step of the run, by its path, is meant.
    pub fn holds(&self, path: &str) -> bool {
        if !self.path.contains('*') {
            return self.path == path;
        }
        let (mine, parts) = (self.path.split('/'), path.split('/'));
        mine.clone().count() == parts.clone().count()
            && mine.zip(parts).all(|(mine, part)| is_it(mine, part))
    }

    /// The path, with `*` in place of any item.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it has no `*`.
    pub fn is_one(&self) -> bool {
        !self.path.contains('*')
    }
}

/// Whether a part of a path is meant by a part of a place.
fn is_it(mine: &str, part: &str) -> bool {
    match mine.strip_prefix('*') {
        Some(behind) => part.strip_suffix(behind).is_some_and(|number| {
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        }),
        None => mine == part,
    }
}

/// The step of a name, or the paths of the several ones that it could be.
fn find(plan: &Plan, name: &str) -> Result<Place, Vec<String>> {
    let at = |path: &str| {
        let is_there = |node: &Node| node.path == path && node.role != Role::Whole;
        plan.nodes.iter().position(is_there)
    };
    if let Some(node) = at(name) {
        return Ok(Place::of(plan, node));
    }
    if let Some(node) = plan.pattern_of(name) {
        return Ok(Place { node, path: name.to_owned() });
    }
    if let Some(undone) = name.strip_suffix(UNDO) {
        let of = find(plan, undone)?.acting(plan);
        let undo = plan.nodes[of.node].forms.iter().find_map(|form| form.undo);
        let node = undo.ok_or_else(Vec::new)?;
        return Ok(Place { node, path: format!("{}{UNDO}", of.path) });
    }
    if let Some(node) = plan.find(name) {
        return Ok(Place::of(plan, node));
    }
    let is_called = |node: &&Index| {
        let node = &plan.nodes[**node];
        node.id == name && !matches!(node.role, Role::Undo { .. } | Role::Whole)
    };
    let indices: Vec<Index> = (0..plan.nodes.len()).collect();
    match indices.iter().filter(is_called).collect::<Vec<_>>().as_slice() {
        [only] => Ok(Place::of(plan, **only)),
        several => Err(several.iter().map(|it| plan.nodes[**it].path.clone()).collect()),
    }
}

fn unknown_step(plan: &Plan, name: &Spanned<String>, several: &[String]) -> Diagnostic {
    if !several.is_empty() {
        let problem = Diagnostic::error(name.span, format!("several steps are called `{name}`"));
        return problem.help(format!("name it by its path: {}", several.join(", ")));
    }
    let problem = Diagnostic::error(name.span, format!("there is no step `{name}`"));
    match nearest(name, plan.names()) {
        Some(near) => problem.did_you_mean(name, near),
        None => problem.help("name a step by its id or path"),
    }
}

/// The lists of checks of the run, by their keys.
const LISTS: &[(&str, Purpose)] = &[
    ("confirm", Purpose::Confirm),
    ("preconditions", Purpose::Precondition),
    ("invariants", Purpose::Invariant),
    ("exit_criteria", Purpose::ExitCriterion),
];

/// What stands behind the name of a step where one of its checks is meant.
const OF_A_STEP: &[(&str, Purpose)] =
    &[("verify", Purpose::Verify), ("require", Purpose::Require), ("done_when", Purpose::DoneWhen)];

impl CheckPlace {
    /// The checks that a name means.
    pub fn named(plan: &Plan, name: &Spanned<String>) -> Result<Vec<CheckPlace>, Box<Diagnostic>> {
        if let Some(found) = listed(plan, name).or_else(|| of_a_step(plan, name)) {
            return found.map(|place| vec![place]);
        }
        match by_id(plan, name) {
            found if found.is_empty() => Err(Box::new(unknown_check(plan, name))),
            found => Ok(found),
        }
    }

    /// The checks of an id that can be let pass.
    pub fn of_id(plan: &Plan, id: &Spanned<String>) -> Result<Vec<CheckPlace>, Box<Diagnostic>> {
        let may_pass =
            |place: &CheckPlace| !matches!(place.purpose, Purpose::ExitCriterion | Purpose::Verify);
        let found: Vec<CheckPlace> = by_id(plan, id).into_iter().filter(may_pass).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let problem = Diagnostic::error(id.span, format!("there is no check `{id}` to waive"));
        let ids = ids(plan);
        Err(Box::new(match nearest(id, ids.iter().copied()) {
            Some(near) => problem.did_you_mean(id, near),
            None => problem.help("a check that can be waived has an `id`"),
        }))
    }

    /// Whether a check of the run is meant.
    pub fn holds(&self, check: &CheckRef) -> bool {
        let is_there = match (&self.step, &check.step) {
            (None, None) => true,
            (Some(place), Some(path)) => place.holds(path),
            _ => false,
        };
        is_there
            && self.purpose == check.purpose
            && self.index.is_none_or(|index| index == check.index)
    }

    /// The probes behind it, with what the check is called.
    pub fn checks<'p>(&self, plan: &'p Plan) -> Vec<&'p Check> {
        let all = checks_of(plan, self.step.as_ref().map(|place| place.node), self.purpose);
        let is_meant = |place: usize| self.index.is_none_or(|index| index == place);
        all.into_iter().filter(|(place, _)| is_meant(*place)).map(|(_, check)| check).collect()
    }
}

/// The checks for a purpose, of the run or in any form of a step, each with its place.
fn checks_of(plan: &Plan, step: Option<Index>, purpose: Purpose) -> Vec<(usize, &Check)> {
    let runbook = &plan.runbook;
    let forms = step.map(|step| plan.nodes[step].forms.as_slice()).unwrap_or_default();
    match purpose {
        Purpose::Confirm => runbook.confirm.iter().enumerate().collect(),
        Purpose::Precondition => runbook.preconditions.iter().enumerate().collect(),
        Purpose::Invariant => runbook.invariants.iter().enumerate().collect(),
        Purpose::ExitCriterion => runbook.exit_criteria.iter().enumerate().collect(),
        Purpose::Require => forms.iter().flat_map(|it| numbered_from(it.required())).collect(),
        Purpose::Verify => forms.iter().flat_map(|it| numbered_from(it.verified())).collect(),
        Purpose::DoneWhen => Vec::new(),
    }
}

/// Checks with their places.
fn numbered_from<'p>(
    all: impl Iterator<Item = Around<'p>>,
) -> impl Iterator<Item = (usize, &'p Check)> {
    all.map(|around| around.check).enumerate()
}

/// The place of `confirm/1` and the like; none where the name is of another kind.
fn listed(plan: &Plan, name: &Spanned<String>) -> Option<Result<CheckPlace, Box<Diagnostic>>> {
    let (list, number) = name.split_once('/')?;
    let (_, purpose) = LISTS.iter().find(|(known, _)| *known == list)?;
    let count = checks_of(plan, None, *purpose).len();
    Some(match numbered(number, count) {
        Some(index) => Ok(CheckPlace { step: None, purpose: *purpose, index: Some(index) }),
        None => Err(Box::new(out_of_range(name, list, count))),
    })
}

/// The place of `STEP/verify` and the like; none where the name is of another kind.
fn of_a_step(plan: &Plan, name: &Spanned<String>) -> Option<Result<CheckPlace, Box<Diagnostic>>> {
    let (step, kind, number) = split(name)?;
    let (_, purpose) = OF_A_STEP.iter().find(|(known, _)| *known == kind)?;
    let place = match Place::named(plan, &Spanned::new(step.to_owned(), name.span)) {
        Ok(place) => place,
        Err(problem) => return Some(Err(problem)),
    };
    // Whether the effect is there is asked of each item; the rest once for all of them.
    let place = if *purpose == Purpose::DoneWhen { place.acting(plan) } else { place };
    let node = &plan.nodes[place.node];
    let count = match purpose {
        Purpose::DoneWhen => {
            usize::from(node.forms.iter().any(|form| form.facets.done_when.is_some()))
        }
        purpose => {
            let all = checks_of(plan, Some(place.node), *purpose);
            all.into_iter().map(|(index, _)| index + 1).max().unwrap_or(0)
        }
    };
    let index = match number {
        _ if count == 0 => {
            let message = format!("the step `{step}` has no `{kind}`");
            return Some(Err(Box::new(Diagnostic::error(name.span, message))));
        }
        None => None,
        Some(number) => match numbered(number, count) {
            Some(index) => Some(index),
            None => {
                let list = format!("{step}/{kind}");
                return Some(Err(Box::new(out_of_range(name, &list, count))));
            }
        },
    };
    Some(Ok(CheckPlace { step: Some(place), purpose: *purpose, index }))
}

/// A name as its step, the kind of the check and, where there is one, its number.
fn split(name: &str) -> Option<(&str, &str, Option<&str>)> {
    let (front, last) = name.rsplit_once('/')?;
    let is_kind = |text: &str| OF_A_STEP.iter().any(|(known, _)| *known == text);
    if is_kind(last) {
        return Some((front, last, None));
    }
    let (step, kind) = front.rsplit_once('/')?;
    (is_kind(kind) && last.bytes().all(|byte| byte.is_ascii_digit())).then_some((
        step,
        kind,
        Some(last),
    ))
}

fn numbered(number: &str, count: usize) -> Option<usize> {
    let number: usize = number.parse().ok()?;
    (1..=count).contains(&number).then(|| number - 1)
}

fn out_of_range(name: &Spanned<String>, list: &str, count: usize) -> Diagnostic {
    let problem = Diagnostic::error(name.span, format!("there is no check `{name}`"));
    problem.help(match count {
        0 => format!("`{list}` is empty"),
        1 => format!("`{list}` has one check: `{list}/1`"),
        count => format!("`{list}` has {count} checks, counted from 1"),
    })
}

/// The checks of an id.
fn by_id(plan: &Plan, name: &str) -> Vec<CheckPlace> {
    let is_it = |check: &Check| check.id.as_ref().is_some_and(|id| id.value == name);
    let mut found = Vec::new();
    for (_, purpose) in LISTS {
        let all = checks_of(plan, None, *purpose).into_iter();
        found.extend(all.filter(|(_, check)| is_it(check)).map(|(index, _)| CheckPlace {
            step: None,
            purpose: *purpose,
            index: Some(index),
        }));
    }
    for node in 0..plan.nodes.len() {
        for purpose in [Purpose::Require, Purpose::Verify] {
            for (index, check) in checks_of(plan, Some(node), purpose) {
                let step = Some(Place::of(plan, node));
                let place = CheckPlace { step, purpose, index: Some(index) };
                if is_it(check) && !found.contains(&place) {
                    found.push(place);
                }
            }
        }
    }
    found
}

fn unknown_check(plan: &Plan, name: &Spanned<String>) -> Diagnostic {
    let problem = Diagnostic::error(name.span, format!("there is no check `{name}`"));
    let ids = ids(plan);
    match nearest(name, ids.iter().copied()) {
        Some(near) => problem.did_you_mean(name, near),
        None => problem.help(
            "name a check by its id, its list and number (`confirm/1`) or its step \
             (`load/verify`, `load/done_when`)",
        ),
    }
}

/// The ids of all checks.
fn ids(plan: &Plan) -> Vec<&str> {
    let runs = LISTS.iter().flat_map(|(_, purpose)| checks_of(plan, None, *purpose));
    let steps = (0..plan.nodes.len()).flat_map(|node| {
        let required = checks_of(plan, Some(node), Purpose::Require);
        required.into_iter().chain(checks_of(plan, Some(node), Purpose::Verify))
    });
    let checks = runs.chain(steps).map(|(_, check)| check);
    checks.filter_map(|check| check.id.as_ref()).map(|id| id.value.as_str()).collect()
}

impl Matter {
    /// What a name means that somebody may be asked about.
    pub fn named(plan: &Plan, name: &Spanned<String>) -> Result<Matter, Box<Diagnostic>> {
        if name.value == "verdict" {
            return Ok(Matter::Verdict);
        }
        if let Some(id) = name.strip_prefix("invariant/") {
            return invariant(plan, name, id);
        }
        let is_check = listed(plan, name).is_some() || of_a_step(plan, name).is_some();
        if !is_check && let Ok(place) = find(plan, name) {
            return Ok(Matter::step(plan, place));
        }
        if is_check || !by_id(plan, name).is_empty() {
            return CheckPlace::named(plan, name).map(Matter::Checks);
        }
        Place::named(plan, name).map(|place| Matter::step(plan, place))
    }

    fn step(plan: &Plan, place: Place) -> Matter {
        let acting = place.clone().acting(plan);
        Matter::Step(place, acting)
    }

    /// Whether it is a step of the run, by its path.
    pub fn is_step(&self, path: &str) -> bool {
        matches!(self, Matter::Step(place, acting) if place.holds(path) || acting.holds(path))
    }

    /// Whether a question is about it.
    pub fn holds(&self, question: &Question) -> bool {
        match (self, question) {
            (Matter::Verdict, Question::Verdict { .. }) => true,
            (Matter::Invariant(id, _), Question::Invariant { id: of, .. }) => id == of,
            (Matter::Checks(places), Question::Check { check, .. }) => {
                places.iter().any(|place| place.holds(check))
            }
            (Matter::Step(..), question) => {
                step_of(question).is_some_and(|path| self.is_step(path))
            }
            _ => false,
        }
    }
}

fn invariant(plan: &Plan, name: &Spanned<String>, id: &str) -> Result<Matter, Box<Diagnostic>> {
    let known = plan.runbook.invariants.iter().map(|check| check.id.as_ref());
    let known: Vec<&str> = known.map(|id| id.map_or("", |id| id.value.as_str())).collect();
    if let Some(place) = known.iter().position(|known| *known == id) {
        return Ok(Matter::Invariant(id.to_owned(), place));
    }
    let problem = Diagnostic::error(name.span, format!("there is no invariant `{id}`"));
    Err(Box::new(match nearest(id, known) {
        Some(near) => problem.help(format!("did you mean `invariant/{near}`?")),
        None => problem,
    }))
}

/// The path of the step that a question is about, where a test answers it by that.
pub fn step_of(question: &Question) -> Option<&str> {
    match question {
        Question::Check { .. } => None,
        other => other.step(),
    }
}

/// A question by the name that a test has for what it is about.
pub fn name_of(question: &Question) -> String {
    match question {
        Question::Input { name } => format!("inputs/{name}"),
        Question::Invariant { id, .. } => format!("invariant/{id}"),
        Question::Verdict { .. } => "verdict".to_owned(),
        Question::Check { check, .. } => {
            let number = check.index + 1;
            match (&check.step, LISTS.iter().find(|(_, purpose)| *purpose == check.purpose)) {
                (None, Some((list, _))) => format!("{list}/{number}"),
                (step, _) => format!("{}/require/{number}", step.as_deref().unwrap_or_default()),
            }
        }
        of_a_step => step_of(of_a_step).unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_with_a_star_is_every_item_and_nothing_else() {
        let place = |path: &str| Place { node: 0, path: path.to_owned() };
        assert!(place("a/b").holds("a/b") && !place("a/b").holds("a/b/1"));
        assert!(place("a/*/b").holds("a/12/b") && !place("a/*/b").holds("a/x/b"));
        assert!(!place("a/*").holds("a/1/b") && !place("a/*").holds("a/"));
        assert!(place("a/*~undo").holds("a/3~undo") && !place("a/*~undo").holds("a/3"));
        assert!(!place("a/*").holds("a/3~undo"));
    }

    #[test]
    fn the_check_of_a_step_is_told_from_the_step() {
        assert_eq!(split("a/b/verify"), Some(("a/b", "verify", None)));
        assert_eq!(split("a/require/2"), Some(("a", "require", Some("2"))));
        assert_eq!(split("a/2"), None);
        assert_eq!(split("verify"), None);
        assert_eq!(split("a/verify/x"), None);
    }
}
