//! Who a runbook names and nobody could have reached: approvers, those who are to be called, channels.

use serde_json::Value as Json;

use crate::plan::Plan;
use crate::runbook::action::Action;
use crate::runbook::library::Library;

/// Everybody who is missing, each with where they are named.
pub(super) fn missing(plan: &Plan) -> Vec<String> {
    let library = &plan.runbook.library;
    let mut missing = Vec::new();
    let mut add = |found: Option<String>| {
        missing.extend(found.filter(|found| !missing_already(&missing, found)));
    };
    for (_, node) in plan.listed() {
        for form in &node.forms {
            let approvers = form.facets.gate.iter().flat_map(|gate| &gate.approvers);
            for name in approvers {
                add(unreachable(name, library, &format!("approves {}", node.path)));
            }
            if let Action::Notify(notify) = &form.facets.action
                && let Some(to) = notify.to.as_ref().filter(|to| library.channel(to).is_none())
            {
                let to = to.value.as_str();
                add(Some(format!(
                    "{to} ({} tells them): holdpoint.yaml has no such channel",
                    node.path
                )));
            }
        }
    }
    let escalation = plan.runbook.knowledge.more.iter().find(|(key, _)| *key == "escalation");
    for call in escalation.iter().flat_map(|(_, calls)| many(calls)) {
        let to = if call.is_object() { &call["to"] } else { call };
        for name in many(to).iter().filter_map(Json::as_str) {
            add(unreachable(name, library, "is called when it escalates"));
        }
    }
    missing
}

fn missing_already(missing: &[String], found: &String) -> bool {
    missing.contains(found)
}

/// Why somebody could not have been reached, where that is so.
fn unreachable(name: &str, library: &Library, part: &str) -> Option<String> {
    let known = library.called(name);
    let channels: Vec<Option<&str>> = known.map(|contact| contact.channel.as_deref()).collect();
    match channels.as_slice() {
        [] => Some(format!("{name} ({part}): no contact in holdpoint.yaml")),
        channels if channels.iter().any(|channel| channel.is_some_and(|it| !it.is_empty())) => None,
        _ => Some(format!("{name} ({part}): nothing says how they are reached")),
    }
}

fn many(json: &Json) -> &[Json] {
    match json {
        Json::Null => &[],
        Json::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}
