//! What a runbook itself says is to be assumed of a step.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::plan::Node;
use crate::run::{Execution, Task};
use crate::runbook::expect::{Judgement, Sight, Text};
use crate::runbook::simulate::Simulate;

use super::cast::{Act, Goes};

/// How an action goes by its `simulate`; that it goes well, and takes as long as is estimated, where
/// the runbook says nothing.
pub fn simulated(node: &Node, execution: &Execution) -> Act {
    let estimate = node.estimate.as_ref().map(|estimate| estimate.high).unwrap_or_default();
    let Some(simulate) = &node.simulate else {
        return Act { goes: Goes::Well, takes: estimate, hands_over: BTreeMap::new() };
    };
    let Simulate { exit, stdout, takes, answers } = simulate;
    let hands_over = answers.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
    Act { goes: goes(&execution.task, *exit, stdout), takes: takes.unwrap_or(estimate), hands_over }
}

fn goes(task: &Task, exit: i64, stdout: &str) -> Goes {
    let stdout = match stdout {
        "" => Text::Empty,
        text => Text::Whole(text.to_owned()),
    };
    match task {
        Task::Run(_) => Goes::Seen(Sight { exit: Some(exit), stdout, ..Sight::default() }),
        // Its status is not simulated: zero stands for an answer that is expected.
        Task::Http(_) if exit == 0 => {
            Goes::Seen(Sight { status: Some(200), stdout, ..Sight::default() })
        }
        _ if exit == 0 => Goes::Well,
        _ => Goes::Judged(Judgement::Fails("simulated to fail".to_owned())),
    }
}

fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
