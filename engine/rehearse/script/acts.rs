//! Mocks: whether a step can do what a test says of it, and how its action goes then.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::document::nearest;
use crate::plan::{Inside, Node, Plan};
use crate::run::event::{Failure, FailureKind};
use crate::run::{Execution, Task};
use crate::runbook::action::Action;
use crate::runbook::expect::{Judgement, Sight, Text};
use crate::runbook::testfile::{Breaks, Mock, Seen, Sees};
use crate::runbook::wait::Wait;
use crate::source::{Diagnostic, Problems, Spanned};

use crate::rehearse::simulate::text_of;

use super::super::cast::{Act, Goes};
use super::place::Place;

/// What is said of what a test makes up.
pub const SAID: &str = "as the test says";

/// What the action of a step does, attempt by attempt.
#[derive(Clone, Debug)]
pub struct Mocked {
    /// The step.
    pub place: Place,
    /// The name as it is written.
    pub name: Spanned<String>,
    /// The attempts; the last holds for all further ones.
    pub attempts: Vec<Spanned<Mock>>,
}

/// What can be mocked of an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Command,
    Request,
    Look,
    Watch,
    Message,
    Pause,
    Person,
    Decision,
    Group,
}

/// The mocks of a case, each for a step that can do what it says.
pub fn mocked(
    plan: &Plan,
    mocks: &[(Spanned<String>, Vec<Spanned<Mock>>)],
    problems: &mut Problems,
) -> Vec<Mocked> {
    let mut found: Vec<Mocked> = Vec::new();
    for (name, attempts) in mocks {
        let place = match Place::named(plan, name) {
            Ok(place) => place.acting(plan),
            Err(problem) => {
                problems.push(*problem);
                continue;
            }
        };
        let node = &plan.nodes[place.node];
        if let Some(before) = found.iter().find(|before| before.place == place) {
            let message = format!("`{}` and `{name}` are the same step", before.name);
            problems.push(
                Diagnostic::error(name.span, message).related(before.name.span, "mocked here"),
            );
        }
        match refusal(node, name) {
            Some(problem) => problems.push(problem),
            None => {
                let misfit = |mock: &Spanned<Mock>| {
                    misfit(node, name, mock).or_else(|| unsent(plan, node, name, mock))
                };
                attempts.iter().filter_map(misfit).for_each(|problem| problems.push(problem));
                attempts.iter().for_each(|mock| check_outputs(node, name, mock, problems));
            }
        }
        found.push(Mocked { place, name: name.clone(), attempts: attempts.clone() });
    }
    // Of several that mean one step, the one that names a single item counts.
    found.sort_by_key(|mocked| !mocked.place.is_one());
    found
}

fn kinds(node: &Node) -> Vec<Kind> {
    let kind = |form: &crate::plan::Form| match (&form.inside, &form.facets.action) {
        (Inside::Phase(_) | Inside::Ladder(_) | Inside::Each(_), _) => Kind::Group,
        (_, Action::Run(_)) => Kind::Command,
        (_, Action::Http(_)) => Kind::Request,
        (_, Action::Probe(_)) => Kind::Look,
        (_, Action::Wait(Wait::Until(_))) => Kind::Look,
        (_, Action::Wait(Wait::For(_))) => Kind::Pause,
        (_, Action::Watch(_)) => Kind::Watch,
        (_, Action::Notify(_)) => Kind::Message,
        (_, Action::Manual(_) | Action::Checklist(_) | Action::Choose(_)) => Kind::Person,
        (_, Action::Decision) => Kind::Decision,
        (_, _) => Kind::Group,
    };
    node.forms.iter().map(kind).collect()
}

/// Whether a step has an action that the world performs.
pub fn acts(node: &Node) -> bool {
    let is_other = |kind: &Kind| matches!(kind, Kind::Group | Kind::Person | Kind::Decision);
    kinds(node).iter().any(|kind| !is_other(kind))
}

/// Whether a person does a step.
pub fn is_by_hand(node: &Node) -> bool {
    kinds(node).contains(&Kind::Person)
}

/// Whether a step is a group.
pub fn is_group(node: &Node) -> bool {
    kinds(node).iter().all(|kind| *kind == Kind::Group)
}

/// Whether a step passes a message on.
pub fn is_message(node: &Node) -> bool {
    kinds(node).contains(&Kind::Message)
}

/// Why a step cannot be mocked at all.
fn refusal(node: &Node, name: &Spanned<String>) -> Option<Diagnostic> {
    if acts(node) && kinds(node).iter().any(|kind| *kind != Kind::Pause) {
        return None;
    }
    let (message, help) = match kinds(node).first() {
        Some(Kind::Person) => (
            format!("a mock for `{name}`, which a person does"),
            "say what the person does under `answers`",
        ),
        Some(Kind::Decision) => {
            (format!("a mock for `{name}`, which is only a gate"), "answer it under `answers`")
        }
        Some(Kind::Pause) => (
            format!("a mock for `{name}`, which only lets time pass"),
            "leave it out: the clock of the test passes that time at once",
        ),
        _ => (
            format!("a mock for `{name}`, which is a group"),
            "mock the steps inside it; a group does nothing itself",
        ),
    };
    Some(Diagnostic::error(name.span, message).help(help))
}

/// Why a step cannot do what one entry says.
fn misfit(node: &Node, name: &Spanned<String>, mock: &Spanned<Mock>) -> Option<Diagnostic> {
    let mut misfits = kinds(node).into_iter().map(|kind| misfit_of(kind, node, mock));
    let first = misfits.next()?;
    // The case that it will take is not known yet.
    let (key, why) = first.filter(|_| misfits.all(|other| other.is_some()))?;
    Some(Diagnostic::error(mock.span, format!("`{key}` cannot be for `{name}`: {why}")))
}

/// Why a message that is only shown cannot fail.
fn unsent(
    plan: &Plan,
    node: &Node,
    name: &Spanned<String>,
    mock: &Spanned<Mock>,
) -> Option<Diagnostic> {
    let is_shown = |action: &Action| match action {
        Action::Notify(notify) => {
            notify.to.as_ref().and_then(|to| plan.runbook.library.channel(to)).is_none()
        }
        _ => false,
    };
    mock.fails?;
    let mut actions = node.forms.iter().map(|form| &form.facets.action);
    let message = format!("`fails` cannot be for `{name}`: its message is only shown");
    let help = "leave it out: it is handed to no channel that could refuse it";
    actions.all(is_shown).then(|| Diagnostic::error(mock.span, message).help(help))
}

/// A key that does not fit a kind of action, and why.
fn misfit_of(kind: Kind, node: &Node, mock: &Mock) -> Option<(&'static str, &'static str)> {
    let seen = &mock.seen;
    let of_command = ["exit", "stdout", "stderr"]
        .into_iter()
        .zip([seen.exit.is_some(), seen.stdout.is_some(), seen.stderr.is_some()])
        .find_map(|(key, is_there)| is_there.then_some(key));
    let of_answer = ["status", "body", "headers"]
        .into_iter()
        .zip([seen.status.is_some(), seen.body.is_some(), !seen.headers.is_empty()])
        .find_map(|(key, is_there)| is_there.then_some(key));
    let looks = mock.looks.map(|_| "looks");
    let outputs = (!mock.outputs.is_empty()).then_some("outputs");
    let fails = mock.fails.map(|_| "fails");
    let takes = seen.takes.map(|_| "takes");
    let said = |key: Option<&'static str>, why: &'static str| key.map(|key| (key, why));
    match kind {
        Kind::Command => said(of_answer.or(looks), "it runs a command")
            .or_else(|| said(fails.filter(|_| out_of_time(node, mock)), "it has no `timeout`")),
        Kind::Request => said(of_command.or(looks), "it sends a request").or_else(|| {
            let is_signal = mock.fails == Some(Breaks::Signal);
            said(fails.filter(|_| is_signal), "a signal ends no request")
        }),
        Kind::Look => said(of_command.or(of_answer).or(outputs).or(fails), "it only looks"),
        Kind::Watch => said(of_command.or(of_answer).or(outputs).or(fails), "it only looks")
            .or_else(|| said(takes, "it watches for as long as the runbook says")),
        Kind::Message => {
            said(of_command.or(of_answer).or(looks).or(outputs), "it passes a message on").or_else(
                || {
                    let is_unseen = mock.fails == Some(Breaks::Unseen);
                    let why = "a message that is in doubt counts as failed";
                    said(fails.filter(|_| is_unseen), why)
                },
            )
        }
        Kind::Pause => Some(("mocks", "it only lets time pass")),
        Kind::Person | Kind::Decision | Kind::Group => Some(("mocks", "it does not act")),
    }
}

/// Whether a command is said to run out of time that has no limit.
fn out_of_time(node: &Node, mock: &Mock) -> bool {
    let is_limited = node.forms.iter().any(|form| form.facets.timeout().is_some());
    mock.fails == Some(Breaks::Timeout) && !is_limited
}

fn check_outputs(
    node: &Node,
    name: &Spanned<String>,
    mock: &Spanned<Mock>,
    problems: &mut Problems,
) {
    for (output, _) in &mock.outputs {
        if node.forms.iter().any(|form| form.output_names().any(|known| known == output.value)) {
            continue;
        }
        let message = format!("the step `{name}` has no output `{output}`");
        let problem = Diagnostic::error(output.span, message);
        let known = node.forms.iter().flat_map(|form| form.output_names());
        problems.push(match nearest(output, known) {
            Some(near) => problem.did_you_mean(output, near),
            None => problem,
        });
    }
}

impl Mocked {
    /// The entry for an attempt, from 1.
    pub fn attempt(&self, attempt: u32) -> Option<&Mock> {
        let place = usize::try_from(attempt).unwrap_or(usize::MAX).saturating_sub(1);
        self.attempts.get(place).or(self.attempts.last()).map(|mock| &mock.value)
    }
}

/// How an attempt goes by its mock.
pub fn act(mock: &Mock, execution: &Execution) -> Act {
    let hands_over = mock.outputs.iter().map(|(name, value)| (name.value.clone(), text_of(value)));
    let takes = mock.seen.takes.unwrap_or_default();
    let act = |goes| Act { goes, takes, hands_over: BTreeMap::new() };
    if let Some(breaks) = mock.fails {
        return broken(breaks, takes, execution);
    }
    if let Some(sees) = mock.looks {
        return act(Goes::Judged(judgement(sees)));
    }
    let goes = match mock.seen.is_of_command() || mock.seen.is_of_answer() {
        true => Goes::Seen(sight(&mock.seen)),
        false => unsaid(execution),
    };
    Act { goes, takes, hands_over: hands_over.collect() }
}

/// How an action goes of which nothing is said: well. What it prints is nothing, where that is
/// asked for and no expectation is against it.
pub fn unsaid(execution: &Execution) -> Goes {
    let sight = Sight { exit: Some(0), ..Sight::default() };
    let is_plain = execution.keeps_stdout
        && execution.outputs.is_empty()
        && matches!(execution.task, Task::Run(_))
        && execution.expect.judge(&sight) == Judgement::Holds;
    if is_plain { Goes::Seen(sight) } else { Goes::Well }
}

fn broken(breaks: Breaks, takes: Duration, execution: &Execution) -> Act {
    let badly = |kind, detail: &str| Goes::Badly(Failure::new(kind, detail));
    let is_unsafe = matches!(&execution.task, Task::Http(request) if !request.is_safe());
    let is_safe = matches!(&execution.task, Task::Http(request) if request.is_safe());
    let is_there = matches!(&execution.task, Task::Run(command) if !command.target.is_local());
    let (goes, takes) = match (breaks, execution.limit()) {
        // Longer than it may is what the world says of it.
        (Breaks::Timeout, Some(limit)) => (Goes::Well, limit + Duration::from_millis(1)),
        (Breaks::Timeout, None) if is_unsafe => (Goes::Unseen("no answer in time".into()), takes),
        (Breaks::Timeout, None) => (badly(FailureKind::Timeout, "no answer in time"), takes),
        // What goes on there is not seen.
        (Breaks::Signal, _) if is_there => {
            (Goes::Unseen("its client was ended by a signal".into()), takes)
        }
        (Breaks::Signal, _) => (badly(FailureKind::Signal, "a signal ended it"), takes),
        (Breaks::Spawn, _) => (badly(FailureKind::Spawn, "it could not be started"), takes),
        // What only asks did no harm.
        (Breaks::Unseen, _) if is_safe => {
            (badly(FailureKind::Expect, "the answer was lost"), takes)
        }
        (Breaks::Unseen, _) => (Goes::Unseen("its end was not seen".into()), takes),
    };
    Act { goes, takes, hands_over: BTreeMap::new() }
}

/// What a look amounts to.
pub fn judgement(sees: Sees) -> Judgement {
    match sees {
        Sees::Holds => Judgement::Holds,
        Sees::Warns => Judgement::Warns(SAID.into()),
        Sees::Fails => Judgement::Fails(SAID.into()),
        Sees::Unseen => Judgement::Error(SAID.into()),
    }
}

/// What is seen of a command or an answer.
pub fn sight(seen: &Seen) -> Sight {
    let text = |text: &Option<String>| match text {
        Some(text) if !text.is_empty() => Text::Whole(text.clone()),
        _ => Text::Empty,
    };
    match seen.is_of_answer() {
        true => Sight {
            status: Some(seen.status.unwrap_or(200)),
            headers: seen.headers.clone(),
            stdout: text(&seen.body),
            ..Sight::default()
        },
        false => Sight {
            exit: Some(seen.exit.unwrap_or(0)),
            stdout: text(&seen.stdout),
            stderr: text(&seen.stderr),
            ..Sight::default()
        },
    }
}
