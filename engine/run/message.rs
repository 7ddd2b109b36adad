//! Messages to the people who wait: those of the library, and the three that every runbook has.

use crate::plan::Plan;
use crate::runbook::action::Notify;
use crate::runbook::expression::TemplateError;
use crate::runbook::rendered::Quoting;

use super::effect::Task;
use super::event::{Moment, Verdict};
use super::scope::Names;
use super::state::RunState;

/// What becomes of a message: it goes to its channel, or it is shown to be copied.
pub fn task(notify: &Notify, names: &Names<'_>) -> Result<Task, TemplateError> {
    let library = &names.plan.runbook.library;
    let text = match library.template(&notify.template) {
        Some(template) => template.render(names, Quoting::Text)?.shown().trim_end().to_owned(),
        None => built_in(&notify.template, names.plan, names.state),
    };
    let to = notify.to.as_deref();
    match to.and_then(|to| Some((to, library.channel(to)?))) {
        Some((to, channel)) => Ok(Task::Send(Box::new(channel.deliver(to, text, names)?))),
        None => Ok(Task::Show(text)),
    }
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
