//! Messages to the people who wait: the three that every runbook has.

use crate::plan::Plan;
use crate::runbook::action::Notify;

use super::event::{Moment, Verdict};
use super::state::RunState;

/// The text of a message, from the facts of the run.
pub fn render(notify: &Notify, plan: &Plan, state: &RunState) -> String {
    let runbook = &plan.runbook;
    let time = |moment: Option<Moment>| {
        moment.map(|at| at.format("%H:%M UTC").to_string()).unwrap_or_else(|| "?".into())
    };
    let what = runbook.knowledge.system.as_deref().unwrap_or("the service");
    let impact = runbook.knowledge.impact.as_deref().unwrap_or("not known yet");
    let detected = state.start.as_ref().and_then(|start| start.detected_at);
    let since = time(detected.or(state.started_at));
    let now = time(state.last_at);
    match notify.template.as_str() {
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
