//! What a runbook itself says is to be assumed of a step.

use serde_json::Value as Json;

use crate::run::{Execution, Task};
use crate::runbook::expect::{Judgement, Sight, Text};
use crate::runbook::simulate::Simulate;

use super::cast::{Act, Goes};

/// How an action goes by its `simulate`.
pub fn simulated(simulate: &Simulate, execution: &Execution) -> Act {
    let Simulate { exit, stdout, takes, answers } = simulate;
    let hands_over = answers.iter().map(|(name, value)| (name.clone(), text_of(value))).collect();
    let takes = takes.unwrap_or_default();
    Act { goes: goes(&execution.task, *exit, stdout), takes, hands_over }
}

/// How an action goes by its `simulate`: as it should, where that says neither how it ends nor what
/// it prints.
pub fn assumed(simulate: &Simulate, execution: &Execution) -> Act {
    let act = simulated(simulate, execution);
    let is_silent = simulate.exit == 0 && simulate.stdout.is_empty();
    if is_silent { Act { goes: Goes::Well, ..act } } else { act }
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

/// A value as a command would hand it over.
pub(super) fn text_of(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
