//! What a runbook itself says is to be assumed of a step.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value as Json;

use crate::plan::Node;
use crate::run::{Execution, Task};
use crate::runbook::expect::{Judgement, Sight, Text};
use crate::runbook::simulate::Simulate;

use super::cast::{Act, Goes};

/// How an action goes by its `simulate`.
pub fn simulated(simulate: &Simulate, execution: &Execution) -> Act {
    let Simulate { exit, stdout, takes, answers } = simulate;
    let hands_over = answers.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
    let takes = takes.unwrap_or_default();
    Act { goes: goes(execution, *exit, stdout), takes, hands_over }
}

/// How an action goes that nobody else speaks for: as its `simulate` says, and as it should where
/// that says neither how it ends nor what it prints.
pub fn assumed(node: &Node, execution: &Execution) -> Act {
    let takes = likely(node);
    let Some(simulate) = &node.simulate else {
        return Act { goes: Goes::Well, takes, hands_over: BTreeMap::new() };
    };
    let act = simulated(simulate, execution);
    let is_silent = simulate.exit == 0 && simulate.stdout.is_empty();
    let goes = if is_silent { Goes::Well } else { act.goes };
    Act { goes, takes, ..act }
}

/// How long an action takes that nobody else speaks for: at most what it is estimated to take.
pub fn likely(node: &Node) -> Duration {
    let said = node.simulate.as_ref().and_then(|simulate| simulate.takes);
    let estimated = || node.estimate.as_ref().map(|estimate| estimate.high);
    said.or_else(estimated).unwrap_or_default()
}

fn goes(execution: &Execution, exit: i64, stdout: &str) -> Goes {
    let stdout = match stdout {
        "" => Text::Empty,
        text => Text::Whole(text.to_owned()),
    };
    match execution.task {
        Task::Run(_) => Goes::Seen(Sight { exit: Some(exit), stdout, ..Sight::default() }),
        // Its status is not simulated: zero stands for an answer that is expected.
        Task::Http(_) => {
            let status = if exit == 0 { good_status(execution) } else { bad_status(execution) };
            Goes::Seen(Sight { status: Some(status), stdout, ..Sight::default() })
        }
        _ if exit == 0 => Goes::Well,
        _ => Goes::Judged(Judgement::Fails("simulated to fail".to_owned())),
    }
}

/// The first status that is a success.
pub fn good_status(execution: &Execution) -> i64 {
    let good = execution.expect.status.as_deref().and_then(|good| good.first());
    good.copied().unwrap_or(200)
}

/// A status that is no success.
pub fn bad_status(execution: &Execution) -> i64 {
    let good = execution.expect.status.as_deref().unwrap_or_default();
    (500..600).find(|status| !good.contains(status)).unwrap_or(400)
}

/// A value as a command would hand it over.
pub(super) fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
