//! What names stand for at one moment of a run.

use serde_json::Value as Json;

use crate::plan::{Index, Plan, SpaceIndex, WHOLE};
use crate::runbook::expression::{Scope, TemplateError};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::target::Target;
use crate::runbook::value::{Quantity, Value};

use super::event::{Mode, Verdict};
use super::state::{RunState, StepState};

/// The names of a run.
pub struct Names<'a> {
    /// The plan that is run.
    pub plan: &'a Plan,
    /// How far it has come.
    pub state: &'a RunState,
    /// The place where they stand.
    pub space: SpaceIndex,
}

impl<'a> Names<'a> {
    /// The names of the runbook itself.
    pub fn of(plan: &'a Plan, state: &'a RunState) -> Names<'a> {
        Names { plan, state, space: WHOLE }
    }

    /// The names at a node.
    pub fn at(plan: &'a Plan, state: &'a RunState, index: Index) -> Names<'a> {
        Names { plan, state, space: plan.nodes[index].space }
    }

    fn input(&self, name: &str) -> Option<&'a Input> {
        self.plan.runbook_at(self.space).input(name)
    }

    /// The same names, at another place.
    fn there(&self, space: SpaceIndex) -> Names<'a> {
        Names { space, ..*self }
    }

    fn input_value(&self, name: &str) -> Option<Value> {
        let around = self.plan.runbook_at(self.space);
        let input = around.input(name)?;
        if around.told.is_none() {
            return Value::typed(self.state.inputs.get(name)?.value.as_ref()?, input.kind).ok();
        }
        self.told(input).ok().flatten()
    }

    /// What an input of an included runbook is told, or why that is refused; its default, when it
    /// is told nothing.
    pub fn told(&self, input: &Input) -> Result<Option<Value>, TemplateError> {
        let around = self.plan.runbook_at(self.space);
        let Some((outer, binding)) = around.binding(&input.name) else {
            return Ok(input.default.clone());
        };
        let refused = |reason: String| TemplateError {
            message: format!("the input `{}` of `{}`: {reason}", input.name, around.runbook.id),
            range: None,
        };
        let value = binding.value(&self.there(outer)).map_err(|error| refused(error.message))?;
        let value = Value::typed(&value.to_json(), input.kind).map_err(refused)?;
        input.admits(&value).map_err(refused)?;
        Ok(Some(value))
    }

    fn step_value(&self, step: &str, rest: &[&str]) -> Option<Value> {
        let index = self.plan.named(step, self.space)?;
        let status = &self.state.steps[index];
        let state = &status.state;
        match rest {
            ["state"] => Some(Value::Text(state.word().into())),
            ["succeeded"] => {
                Some(Value::Bool(matches!(state, StepState::Succeeded | StepState::Satisfied)))
            }
            ["failed"] => Some(Value::Bool(matches!(state, StepState::Failed(..)))),
            ["skipped"] => Some(Value::Bool(matches!(state, StepState::Skipped(_)))),
            ["exit"] => status.exit.map(|code| Value::Int(code.into())),
            ["stdout"] => status.stdout.clone().map(Value::Text),
            ["outputs", name] => self.output_value(index, name),
            _ => None,
        }
    }

    fn output_value(&self, index: Index, name: &str) -> Option<Value> {
        if self.plan.items(index).is_some() {
            let copies = self.state.children(self.plan, index).iter();
            let values: Option<Vec<Value>> =
                copies.map(|copy| self.output_value(*copy, name)).collect();
            return values.map(Value::List);
        }
        let forms = &self.plan.nodes[index].forms;
        let chosen = self.state.form(self.plan, index).or_else(|| forms.first())?;
        if let Some(included) = &chosen.included
            && let Some((_, value)) = included.runbook.outputs.iter().find(|it| it.0.value == name)
        {
            return value.evaluate(&self.there(included.space)).ok();
        }
        let output = chosen.facets.outputs.iter().find(|output| output.name.value == name)?;
        match self.state.steps[index].outputs.get(name) {
            Some(Json::String(text)) => Value::parse(text, output.kind).ok(),
            Some(json) => Some(Value::from_json(json)),
            None => output.default.clone(),
        }
    }

    fn item_value(&self, name: &str) -> Option<Value> {
        let (of, number) = self.plan.item(name, self.space)?;
        let items = self.state.steps[of].items.as_ref()?;
        items.get(number.checked_sub(1)?).map(Value::from_json)
    }

    fn run_value(&self, field: &str) -> Option<Value> {
        if field == "environment" {
            return self.state.environment.clone().map(Value::Text);
        }
        let start = self.state.start.as_ref()?;
        let time = |moment: super::event::Moment| {
            Value::Quantity(Quantity {
                kind: Kind::Timestamp,
                text: moment.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                amount: moment.timestamp_micros() as f64 / 1e6,
            })
        };
        match field {
            "id" => Some(Value::Text(start.run.clone())),
            "started_at" => self.state.started_at.map(time),
            "detected_at" => start.detected_at.or(self.state.started_at).map(time),
            "operator" => Some(Value::Text(self.state.operator.clone())),
            // What is practised is the live run.
            "mode" if start.mode.is_assumed() => Some(Value::Text(Mode::Live.word().into())),
            "mode" => Some(Value::Text(start.mode.word().into())),
            "incident" => start.incident.clone().map(Value::Text),
            "verdict" => Some(match self.state.verdict {
                Some(verdict) => Value::Text(verdict.word().into()),
                None => Value::Null,
            }),
            _ => None,
        }
    }

    fn runbook_value(&self, field: &str) -> Option<Value> {
        let runbook = self.plan.runbook_at(self.space).runbook;
        let knowledge = &runbook.knowledge;
        let text = match field {
            "id" => Some(runbook.id.value.clone()),
            "title" => Some(runbook.title.clone()),
            "summary" => knowledge.summary.clone(),
            "system" => knowledge.system.clone(),
            "owner" => knowledge.owner.clone(),
            "severity" => knowledge.severity.as_ref().map(|severity| severity.value.clone()),
            "impact" => knowledge.impact.clone(),
            _ => None,
        };
        text.map(Value::Text)
    }

    fn objective(&self, field: &str) -> Option<Value> {
        let objectives = &self.plan.runbook_at(self.space).runbook.knowledge.objectives;
        let duration = |duration: std::time::Duration| {
            Value::Quantity(Quantity {
                kind: Kind::Duration,
                text: humantime::format_duration(duration).to_string(),
                amount: duration.as_secs_f64(),
            })
        };
        match field {
            "rto" => objectives.rto.map(duration),
            "rpo" => objectives.rpo.map(duration),
            "estimate" => objectives.estimate.clone().map(|it| Value::Text(it.text)),
            _ => None,
        }
    }
}

/// The name that a secret output is kept under.
pub fn secret_name(path: &str, output: &str) -> String {
    format!("steps/{path}/{output}")
}

impl Scope for Names<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let parts: Vec<&str> = name.split('.').collect();
        match parts.as_slice() {
            ["inputs", name] => self.input_value(name),
            ["steps", step, rest @ ..] => self.step_value(step, rest),
            ["run", field] => self.run_value(field),
            ["objectives", field] => self.objective(field),
            ["runbook", field] => self.runbook_value(field),
            [item] => self.item_value(item),
            _ => None,
        }
    }

    fn secret(&self, name: &str) -> Option<String> {
        if let Some((index, output)) = self.plan.secret_output(self.space, name) {
            let kept = secret_name(&self.plan.nodes[index].path, output);
            let is_to_come = !self.state.steps[index].state.is_settled();
            return (is_to_come || self.state.secrets.contains_key(&kept)).then_some(kept);
        }
        let name = name.strip_prefix("inputs.")?;
        let around = self.plan.runbook_at(self.space);
        if !around.input(name)?.is_secret {
            return None;
        }
        match around.told {
            None => Some(name.to_owned()),
            // What it is told is a secret too, or the plan would not stand.
            Some(_) => {
                let (outer, binding) = around.binding(name)?;
                self.there(outer).secret(binding.expression()?.bare_name()?)
            }
        }
    }

    fn is_multiline(&self, name: &str) -> bool {
        let input = name.strip_prefix("inputs.").and_then(|name| self.input(name));
        input.is_some_and(|input| input.is_multiline)
    }

    fn target(&self, name: &str) -> Option<Target> {
        let mut targets = self.plan.runbook_at(self.space).runbook.targets.iter();
        targets.find(|(declared, _)| declared.value == name).map(|(_, target)| target.clone())
    }

    fn outer(&self) -> Option<Box<dyn Scope + '_>> {
        let (outer, _) = self.plan.runbook_at(self.space).told?;
        Some(Box::new(self.there(outer)))
    }
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Recovered => "recovered",
            Verdict::NotRecovered => "not_recovered",
            Verdict::Unverified => "unverified",
        }
    }
}
