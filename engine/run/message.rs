//! Messages to the people who wait: those of the library, and the three that every runbook has.

use crate::plan::{Index, Plan};
use crate::runbook::action::Notify;
use crate::runbook::expression::TemplateError;
use crate::runbook::library::{Delivery, Way};
use crate::runbook::rendered::Quoting;

use super::effect::Task;
use super::event::{Mode, Moment, Stage, Verdict};
use super::scope::Names;
use super::state::{RunState, StepState};
use super::walk::Walk;

/// The name of the message that tells how far a recovery has come.
const UPDATE: &str = "update";

/// How many steps are named of those that are done now.
const NAMED: usize = 3;

/// What becomes of a message: it goes to its channel, or it is shown to be copied.
pub fn task(notify: &Notify, names: &Names<'_>) -> Result<Task, TemplateError> {
    let library = &names.plan.runbook.library;
    let text = match library.template(&notify.template) {
        Some(template) => template.render(names, Quoting::Text)?.shown().trim_end().to_owned(),
        None => built_in(&notify.template, names.plan, names.state),
    };
    // A rehearsal shows what a live run would send.
    let mode = match names.state.mode() {
        Mode::Rehearsal => Mode::Live,
        mode => mode,
    };
    let text = mode.stamped(&text);
    let to = notify.to.as_deref();
    match to.and_then(|to| Some((to, library.channel(to)?))) {
        Some((to, channel)) => {
            let delivery = channel.deliver(to, text, names)?;
            let withheld = withheld(mode, &delivery.way);
            Ok(Task::Send(Box::new(Delivery { withheld, ..delivery })))
        }
        None => Ok(Task::Show(text)),
    }
}

/// Why a message must not leave: what is sent from an exercise bears its stamp, wherever it arrives.
fn withheld(mode: Mode, way: &Way) -> Option<String> {
    let stamp = mode.stamp()?;
    match way {
        // A command reads the message itself.
        Way::Run(_) => None,
        Way::Post { body, .. } => (!body.contains(stamp)).then(|| {
            format!("nothing was sent: the `json` of this channel leaves out the message, and so the word {stamp}")
        }),
    }
}

/// The update that may be sent now, with a sentence of where the run stands.
pub fn update(plan: &Plan, state: &RunState) -> String {
    let names = Names::of(plan, state);
    let template = plan.runbook.library.template(UPDATE);
    // It may name what this run does not have, or not yet.
    let text = template.and_then(|template| template.render(&names, Quoting::Text).ok());
    let text = match text {
        Some(text) => text.shown().trim_end().to_owned(),
        None => built_in(UPDATE, plan, state),
    };
    format!("{}\n{}", state.mode().stamped(&text), standing(plan, state))
}

/// How far the steps have come, and what is done now.
fn standing(plan: &Plan, state: &RunState) -> String {
    if state.stage < Stage::Steps {
        return "No step has begun yet.".to_owned();
    }
    let is_step = |index: &Index| {
        let is_of_end = plan.is_in_undo(*index) || plan.nodes[*index].is_closing;
        state.is_leaf(plan, *index) && !is_of_end
    };
    let steps: Vec<Index> = plan.listed().map(|(index, _)| index).filter(is_step).collect();
    let is_done = |index: &&Index| state.steps[**index].state.is_good();
    let done = steps.iter().filter(is_done).count();
    let now = steps.iter().filter(|index| state.active.contains(index));
    let now: Vec<String> = now.map(|index| standing_of(plan, state, *index)).collect();
    let (named, more) = now.split_at(now.len().min(NAMED));
    let now = match (named, more.len()) {
        ([], _) => String::new(),
        (named, 0) => format!("; now: {}", named.join(", ")),
        (named, more) => format!("; now: {} and {more} more", named.join(", ")),
    };
    let next =
        Walk::of(plan, state).next.map(|next| format!("; next: {}", title(plan, state, next)));
    format!("{done} of {} steps are done{now}{}.", steps.len(), next.unwrap_or_default())
}

/// One of the steps that are done now.
fn standing_of(plan: &Plan, state: &RunState, index: Index) -> String {
    let title = title(plan, state, index);
    match state.steps[index].state {
        StepState::AtGate(_) | StepState::AtPerson(_) => format!("{title} (waits for a person)"),
        StepState::Held(_) | StepState::InDoubt(_) => format!("{title} (waits for a decision)"),
        _ => title,
    }
}

fn title(plan: &Plan, state: &RunState, index: Index) -> String {
    let node = &plan.nodes[index];
    let names = Names::at(plan, state, index);
    let title = node.title.as_ref().and_then(|title| title.render(&names, Quoting::Text).ok());
    title.map_or_else(|| node.id.clone(), |title| title.shown())
}

/// The text of a message that every runbook has, from the facts of the run.
fn built_in(template: &str, plan: &Plan, state: &RunState) -> String {
    let runbook = &plan.runbook;
    let time = |moment: Option<Moment>| {
        moment.map(|at| at.format("%H:%M UTC").to_string()).unwrap_or_else(|| "?".into())
    };
    let what = runbook.knowledge.system.as_deref().unwrap_or("the service");
    let impact = runbook.knowledge.impact.as_deref().unwrap_or("not known yet");
    let detected = state.start.as_ref().and_then(|start| start.detected_at);
    let since = time(detected.or(state.started_at));
    let now = time(state.last_at);
    match template {
        "start" => format!(
            "[Investigating] {what}: {}\nSince {since}. Impact: {impact}.\nWe are on it and will write again.",
            runbook.title
        ),
        "resolved" => format!(
            "[{}] {what}: {}\nFrom {since} to {now}. Impact: {impact}.",
            verdict(state.verdict),
            runbook.title
        ),
        _ => format!(
            "[Update] {what}: {}\nSince {since}, as of {now}. Impact: {impact}.\nRecovery is under way.",
            runbook.title
        ),
    }
}

fn verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Recovered) => "Resolved",
        Some(Verdict::NotRecovered) => "Not resolved",
        Some(Verdict::Unverified) | None => "Monitoring",
    }
}
