//! The secrets that a case gives, so that none of them is shown.

use serde_json::Value as Json;

use crate::plan::{Form, Plan};
use crate::runbook::action::Action;
use crate::runbook::answers::{ByHand, Prepared};
use crate::runbook::testfile::Case;
use crate::source::Spanned;

use super::place::Place;
use crate::rehearse::simulate::text_of;

/// The values of a case that are secrets: of inputs, of answers, of outputs.
pub fn secrets(plan: &Plan, case: &Case) -> Vec<String> {
    let inputs = &plan.runbook.inputs;
    let is_input = |name: &str| inputs.iter().any(|it| it.name.value == name && it.is_secret);
    let given = case.inputs.iter().filter(|(name, _)| is_input(name)).map(|(_, value)| value);
    let mut found: Vec<String> = given.filter_map(|value| text(value)).collect();
    for (name, mocks) in &case.mocks {
        let is_secret = |output: &str| {
            any(plan, name, &|form| {
                form.facets.outputs.iter().any(|it| it.name.value == output && it.is_secret)
            })
        };
        let outputs = mocks.iter().flat_map(|mock| &mock.outputs);
        let secret = outputs.filter(|(output, _)| is_secret(output));
        found.extend(secret.filter_map(|(_, value)| text(value)));
        // What an output is found in holds the secret.
        let is_private = |form: &Form| form.facets.outputs.iter().any(|it| it.is_secret);
        if any(plan, name, &is_private) {
            let seen = mocks.iter().map(|mock| &mock.seen);
            let texts = seen.flat_map(|seen| [&seen.stdout, &seen.stderr, &seen.body]);
            let lines = texts.flatten().flat_map(|text| text.lines().map(str::trim));
            found.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
        }
    }
    case.answers.iter().for_each(|prepared| answered(plan, prepared, &mut found));
    // A longer one may hold a shorter one.
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    found
}

fn answered(plan: &Plan, prepared: &Prepared, found: &mut Vec<String>) {
    let Some(ByHand::Done(handed_in)) = &prepared.by_hand else { return };
    let is_secret = |answer: &str| {
        any(plan, &prepared.step, &|form| match &form.facets.action {
            Action::Manual(manual) => {
                manual.answers.iter().any(|it| it.name.value == answer && it.is_secret)
            }
            _ => false,
        })
    };
    let secret = handed_in.answers.iter().filter(|(answer, _)| is_secret(answer));
    found.extend(secret.filter_map(|(_, value)| text(value)));
}

/// Whether something is so of any form of the step that a name means.
fn any(plan: &Plan, name: &Spanned<String>, is: &dyn Fn(&Form) -> bool) -> bool {
    let place = Place::named(plan, name).map(|place| place.acting(plan));
    place.is_ok_and(|place| plan.nodes[place.node].forms.iter().any(is))
}

fn text(value: &Json) -> Option<String> {
    let text = text_of(value);
    (!text.is_empty()).then_some(text)
}
