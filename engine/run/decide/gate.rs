//! The question of a gate: what would happen, frozen and hashed when it is put.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::plan::Index;
use crate::runbook::expression::TemplateError;
use crate::runbook::gate::Gate;
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;

use crate::run::effect::Task;
use crate::run::event::GateQuestion;

use super::Run;

impl Run<'_> {
    /// The question that a gate puts, with everything behind it rendered.
    pub(super) fn gate_question(
        &self,
        index: Index,
        gate: &Gate,
    ) -> Result<GateQuestion, TemplateError> {
        let names = self.names();
        let text = |template: &Template| Ok(template.render(&names, Quoting::Text)?.shown());
        let node = &self.plan.nodes[index];
        let ask = match (&gate.ask, &node.title) {
            (Some(ask), _) => text(ask)?,
            (None, Some(title)) => format!("{}?", text(title)?),
            (None, None) => format!("Go on with {}?", node.id),
        };
        let word = gate.word.as_ref().map(text).transpose()?;
        if word.as_ref().is_some_and(|word| word.trim().is_empty()) {
            let message = "the word of the gate is empty".to_owned();
            return Err(TemplateError { message, range: None });
        }
        let mut commands = Vec::new();
        let mut shown = Vec::new();
        self.behind(index, &mut commands, &mut shown)?;
        let frozen = json!({ "commands": commands, "path": node.path, "question": ask });
        Ok(GateQuestion {
            step: node.path.clone(),
            ask,
            word,
            approvers: gate.approvers.iter().map(|name| name.value.clone()).collect(),
            commands: shown,
            digest: digest(&frozen),
        })
    }

    /// What would run behind a gate: the action, or every action inside the group. Inside a group
    /// a template that has no value yet stands as its text.
    fn behind(
        &self,
        index: Index,
        commands: &mut Vec<Json>,
        shown: &mut Vec<String>,
    ) -> Result<(), TemplateError> {
        let Some(form) = self.state.form(self.plan, index) else { return Ok(()) };
        match self.task(form) {
            Some(Ok(task)) => {
                let (line, _) = describe(&task);
                shown.push(line);
                commands.push(canonical(&task));
            }
            Some(Err(error)) => return Err(error),
            None => {
                let mut open: Vec<Index> = form.inside.children().to_vec();
                open.reverse();
                while let Some(inner) = open.pop() {
                    let inside: Vec<Index> = self.plan.nodes[inner].children().collect();
                    open.extend(inside.into_iter().rev());
                    let Some(form) = self.state.form(self.plan, inner) else { continue };
                    match self.task(form) {
                        Some(Ok(task)) => {
                            shown.push(describe(&task).0);
                            commands.push(canonical(&task));
                        }
                        Some(Err(_)) => {
                            let text = form.facets.action.written();
                            commands.push(Json::from(text.as_str()));
                            shown.push(text);
                        }
                        None => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a task is, as a person reads it, and its digest.
pub(super) fn describe(task: &Task) -> (String, String) {
    let shown = match task {
        Task::Run(command) => command.shown(),
        Task::Look(observation) => observation.shown(),
        Task::Show(text) => format!("show: {}", text.lines().next().unwrap_or_default()),
    };
    (shown, digest(&canonical(task)))
}

fn canonical(task: &Task) -> Json {
    match task {
        Task::Run(command) => serde_json::to_value(command).unwrap_or_default(),
        Task::Look(observation) => json!({ "probe": observation.shown() }),
        Task::Show(text) => json!({ "show": text }),
    }
}

/// The SHA-256 of canonical JSON: keys sorted, no spaces.
fn digest(json: &Json) -> String {
    let mut hash = Sha256::new();
    hash.update(sorted(json).to_string().as_bytes());
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sorted(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            entries.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect()
        }
        Json::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}
