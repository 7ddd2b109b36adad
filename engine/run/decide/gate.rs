//! The question of a gate: what would happen, frozen and hashed when it is put.

use serde_json::{Value as Json, json};

use crate::plan::{Form, Index};
use crate::runbook::action::Action;
use crate::runbook::expression::TemplateError;
use crate::runbook::gate::{Gate, Reading};
use crate::runbook::library::Way;
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;

use crate::run::effect::Effect;
use crate::run::effect::Task;
use crate::run::event::{GateQuestion, Question, Timer, TimerKind, ValueWanted, later};

use super::{Next, Run};

impl Run<'_> {
    /// The question that a gate puts, with everything behind it rendered.
    pub(super) fn gate_question(
        &self,
        index: Index,
        gate: &Gate,
    ) -> Result<GateQuestion, TemplateError> {
        let names = self.names_at(index);
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
        let (commands, shown): (Vec<Json>, Vec<String>) = self.behind(index)?.into_iter().unzip();
        let frozen = json!({ "commands": commands, "path": node.path, "question": ask });
        Ok(GateQuestion {
            step: node.path.clone(),
            ask,
            word,
            approvers: gate.approvers.iter().map(|name| name.value.clone()).collect(),
            commands: shown,
            digest: digest(&frozen),
            quorum: gate.least(),
            barred: gate.is_not_operator.then(|| self.state.operator.clone()),
            value: gate.value.as_ref().map(|it| self.reading(index, it)).transpose()?,
            may_bypass: gate.may_bypass,
        })
    }

    /// The number that a gate asks for, with its range rendered.
    fn reading(&self, index: Index, reading: &Reading) -> Result<ValueWanted, TemplateError> {
        let names = self.names_at(index);
        let text = |template: &Template| Ok(template.render(&names, Quoting::Text)?.shown());
        Ok(ValueWanted {
            prompt: text(&reading.prompt)?,
            at_least: reading.at_least.as_ref().map(text).transpose()?,
            at_most: reading.at_most.as_ref().map(text).transpose()?,
        })
    }

    /// What comes next at a gate: its time begins to run, and it is asked.
    pub(super) fn at_gate(&self, index: Index, question: &GateQuestion) -> Next {
        let form = self.state.form(self.plan, index);
        let expires = form.and_then(|form| form.facets.gate.as_ref()?.expires);
        let timer = Timer { step: self.path(index), kind: TimerKind::Expiry };
        if let (Some(limit), None) = (expires, self.state.timers.due(&timer))
            && let Some(now) = self.state.last_at
        {
            return Next::Begin(Effect::Wake { timer, due: later(now, limit) });
        }
        Next::ask_with(self, Question::Gate(question.clone()), || self.about_gate(index))
    }

    /// What would run behind a gate: the action, or every action inside the group. Inside a group
    /// a template that has no value yet stands as its text.
    fn behind(&self, index: Index) -> Result<Vec<(Json, String)>, TemplateError> {
        let Some(form) = self.state.form(self.plan, index) else { return Ok(Vec::new()) };
        if let Some(task) = self.task(index, form) {
            let task = task?;
            return Ok(vec![(canonical(&task), describe(&task).0)]);
        }
        if let Some(told) = self.told(index, form) {
            return Ok(vec![told?]);
        }
        let mut found = Vec::new();
        let mut open: Vec<Index> =
            self.known_inside(index, &form.inside).iter().rev().copied().collect();
        while let Some(inner) = open.pop() {
            let forms = self.possible_forms(inner);
            let is_open = forms.len() > 1;
            for form in &forms {
                let case = form.case.as_ref().filter(|_| is_open);
                found.extend(self.inside_action(inner, form, case));
            }
            let inside: Vec<Index> =
                forms.iter().flat_map(|it| self.known_inside(inner, &it.inside)).copied().collect();
            open.extend(inside.into_iter().rev());
        }
        Ok(found)
    }

    /// The form that a node takes, or will take as far as that is known; else all of them.
    fn possible_forms(&self, index: Index) -> Vec<&Form> {
        let node = &self.plan.nodes[index];
        if let Some(form) = self.state.form(self.plan, index) {
            return vec![form];
        }
        let value = node.switch.as_ref().and_then(|on| on.evaluate(&self.names_at(index)).ok());
        let value = value.and_then(|value| value.text());
        match node.forms.iter().find(|form| value.is_some() && form.case == value) {
            Some(form) => vec![form],
            None => node.forms.iter().collect(),
        }
    }

    fn inside_action(
        &self,
        index: Index,
        form: &Form,
        case: Option<&String>,
    ) -> Option<(Json, String)> {
        let task = self
            .task(index, form)
            .map(|task| task.map(|task| (canonical(&task), describe(&task).0)));
        let (command, shown) = match task.or_else(|| self.told(index, form))? {
            Ok(action) => action,
            Err(_) => {
                let action = &form.facets.action;
                let place = match action {
                    // It is sent from here, whatever target stands around it.
                    Action::Http(_) => String::new(),
                    action if action.is_by_hand() => String::new(),
                    _ => form.facets.setting.place(&self.names_at(index)).prefix(),
                };
                let text = format!("{place}{}", action.written());
                (Json::from(text.as_str()), text)
            }
        };
        Some(match case {
            Some(case) => {
                (json!({ "case": case, "then": command }), format!("case {case}: {shown}"))
            }
            None => (command, shown),
        })
    }
}

/// What a task is, as a person reads it, and its digest.
pub(super) fn describe(task: &Task) -> (String, String) {
    let shown = match task {
        Task::Run(command) => command.shown(),
        Task::Http(request) => request.shown(),
        Task::Look(observation) => observation.shown(),
        Task::Wait { waiting, .. } => waiting.shown(),
        Task::Watch { watching, .. } => watching.shown(),
        Task::Show(text) => format!("show: {}", text.lines().next().unwrap_or_default()),
        Task::Send(delivery) => {
            let first = delivery.text.lines().next().unwrap_or_default();
            format!("send to {}: {first}\n{}", delivery.to, delivery.way.shown())
        }
    };
    (shown, digest(&canonical(task)))
}

fn canonical(task: &Task) -> Json {
    match task {
        Task::Run(command) => serde_json::to_value(command).unwrap_or_default(),
        Task::Http(request) => serde_json::to_value(request).unwrap_or_default(),
        Task::Look(observation) => json!({ "probe": observation.shown() }),
        Task::Wait { waiting, .. } => json!({ "wait": waiting.shown() }),
        Task::Watch { watching, .. } => json!({ "watch": watching.shown() }),
        Task::Show(text) => json!({ "show": text }),
        Task::Send(delivery) => {
            let way = match &delivery.way {
                Way::Run(command) => serde_json::to_value(command).unwrap_or_default(),
                Way::Post { url, headers, body } => {
                    json!({ "post": url, "headers": headers, "body": body })
                }
            };
            json!({ "send": delivery.text, "to": delivery.to, "by": way })
        }
    }
}

/// The SHA-256 of canonical JSON: keys sorted, no spaces.
fn digest(json: &Json) -> String {
    crate::run::digest(sorted(json).to_string().as_bytes())
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
