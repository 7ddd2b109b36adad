//! A step: one action and what stands around it.

mod shape;

use std::time::Duration;

use crate::document::{Fields, Node};
use crate::source::Spanned;

use super::action::{self, Action};
use super::each::Each;
use super::estimate::Estimate;
use super::expect::{Expectations, Seen};
use super::expression::Expression;
use super::gate::Gate;

use super::output::{From, Output};
use super::probe::{Check, Probe};
use super::reader::Reader;
use super::request::ANSWERED;
use super::retry::Retry;
use super::script::{Script, Setting};
use super::simulate::Simulate;
use super::template::Template;
use super::undo::Undo;

pub(super) use shape::{FACETS, STEP};

/// One step as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unique in the file.
    pub id: Spanned<String>,
    /// What a person calls it.
    pub title: Option<Template>,
    /// Why it is there, in Markdown.
    pub why: Option<String>,
    /// Who usually does it.
    pub role: Option<String>,
    /// How long it usually takes.
    pub estimate: Option<Estimate>,
    /// What must be settled before; everything above it when nothing is said.
    pub needs: Option<Vec<Spanned<String>>>,
    /// How long a group should take, at most.
    pub budget: Option<Duration>,
    /// What a rehearsal or a test assumes of it.
    pub simulate: Option<Simulate>,
    /// What is talked about at this point of an exercise.
    pub discuss: Vec<String>,
    /// Whether the operator decides if it is needed.
    pub is_optional: bool,
    /// The list that it is repeated over.
    pub each: Option<Each>,
    /// The action and what stands around it.
    pub facets: Facets,
}

/// An action and what stands around it; a case of a switch has these too.
#[derive(Clone, Debug, PartialEq)]
pub struct Facets {
    /// The condition without which it is skipped.
    pub when: Option<Expression>,
    /// The condition of the case that was chosen, beside that of the step.
    pub case_when: Option<Expression>,
    /// What must hold right before it.
    pub require: Vec<Check>,
    /// What promises that its effect is complete.
    pub done_when: Option<Probe>,
    /// The question that is asked before it.
    pub gate: Option<Gate>,
    /// What it does.
    pub action: Action,
    /// Whether it may be repeated.
    pub effect: Option<Repeat>,
    /// Whether what it does cannot be taken back.
    pub is_destructive: bool,
    /// Where and how it runs.
    pub setting: Setting,
    /// What counts as success of the action.
    pub expect: Option<Expectations>,
    /// How it is tried again when it failed.
    pub retry: Option<Retry>,
    /// Where it is said that it has the operator's terminal, if it has.
    pub tty: Option<Spanned<()>>,
    /// What must hold afterwards.
    pub verify: Vec<Check>,
    /// What a failure leads to.
    pub on_failure: Option<OnFailure>,
    /// How it is taken back.
    pub undo: Option<Undo>,
    /// What it hands to later steps.
    pub outputs: Vec<Output>,
}

/// Whether an action may be repeated: its effect class, `effect` in a runbook.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Repeat {
    /// It only observes.
    Read,
    /// Doing it again changes nothing more.
    Idempotent,
    /// It is never repeated without a person's word.
    Once,
}

/// What a failure leads to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OnFailure {
    /// A person decides.
    Hold,
    /// It counts as failed; in a ladder the next rung is tried.
    Fail,
    /// It is recorded and the run goes on.
    Continue,
    /// The run ends.
    Abort,
}

/// The words of `effect`.
pub(super) const REPEATS: &[(&str, Repeat)] =
    &[("read", Repeat::Read), ("idempotent", Repeat::Idempotent), ("once", Repeat::Once)];

/// The words of `on_failure`.
pub(super) const ON_FAILURE: &[(&str, OnFailure)] = &[
    ("hold", OnFailure::Hold),
    ("fail", OnFailure::Fail),
    ("continue", OnFailure::Continue),
    ("abort", OnFailure::Abort),
];

impl Step {
    /// Reads a list of steps.
    pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Step> {
        reader.list(node).iter().filter_map(|node| Step::read(node, reader)).collect()
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Step> {
        let mut fields = reader.open(node, &STEP)?;
        let id = fields.require("id", reader.problems).and_then(|node| reader.id(node));
        let title = fields.take("title").and_then(|node| reader.template(node));
        let why = fields.take("why").and_then(|node| reader.string(node));
        let role = fields.take("role").and_then(|node| reader.string(node));
        let estimate = fields.take("estimate").and_then(|node| Estimate::read(node, reader));
        let needs = fields.take("needs").map(|node| reader.texts(node));
        let budget = fields.take("budget").and_then(|node| reader.duration(node));
        let budget_span = fields.key_span("budget");
        let simulate = fields.take("simulate").and_then(|node| Simulate::read(node, reader));
        let discuss = fields.take("discuss").map(|node| reader.texts(node)).unwrap_or_default();
        let is_optional = reader.flag(&mut fields, "optional");
        let each = fields.take("each").and_then(|node| Each::read(node, reader));
        let facets = Facets::read(&mut fields, node, reader);
        reader.finish(fields);
        let is_group =
            matches!(facets.action, Action::Steps(_) | Action::Ladder(_) | Action::Include(_));
        if let Some(span) = budget_span.filter(|_| !is_group) {
            let help = "a single step has a `timeout`, and an `estimate`";
            reader.error_with_help(span, "only a group of steps has a `budget`", help);
        }
        let discuss = discuss.into_iter().map(|text| text.value).collect();
        Some(Step {
            budget,
            simulate,
            discuss,
            id: id?,
            title,
            why,
            role,
            estimate,
            needs,
            is_optional,
            each,
            facets,
        })
    }
}

impl Facets {
    /// Reads an action and what stands around it; the caller finishes the fields.
    pub fn read(fields: &mut Fields<'_>, node: &Node, reader: &mut Reader<'_>) -> Facets {
        let when = fields.take("when").and_then(|node| reader.expression(node));
        let checks = |node: Option<&Node>, reader: &mut Reader<'_>| {
            node.map(|node| Check::read_all(node, reader)).unwrap_or_default()
        };
        let require = checks(fields.take("require"), reader);
        let verify = checks(fields.take("verify"), reader);
        let done_when = fields.take("done_when").and_then(|node| Probe::read(node, reader));
        let gate = fields.take("gate").and_then(|node| Gate::read(node, reader));
        let setting = Setting::read(fields, reader);
        let expect_node = fields.take("expect");
        let seen = if fields.peek("http") { Seen::Answer } else { Seen::Command };
        let expect = expect_node.map(|node| Expectations::read(node, seen, reader));
        let retry = fields.take("retry").and_then(|node| Retry::read(node, reader));
        let outputs_node = fields.take("outputs");
        let outputs = outputs_node.map(|node| Output::read_all(node, reader));
        let undo = fields.take("undo").and_then(|node| Undo::read(node, reader));
        let effect = fields.take("effect").and_then(|node| reader.one_of(node, REPEATS));
        let on_failure = fields.take("on_failure").and_then(|node| reader.one_of(node, ON_FAILURE));
        let is_destructive = reader.flag(fields, "destructive");
        let tty = tty(fields, reader);
        // A stand-in for an action that could not be read lets the rest be checked all the same.
        let action = action::read(fields, node, gate.is_some(), reader);
        let given = action.as_ref().map(Action::outputs).unwrap_or_default();
        let prints =
            matches!(action, None | Some(Action::Run(_) | Action::Http(_) | Action::Switch(_)));
        for (key, node) in [("expect", expect_node), ("outputs", outputs_node)] {
            if let Some(node) = node.filter(|_| !prints) {
                let message = format!("only a `run` or `http` step has `{key}`");
                reader.error(node.span, message);
            }
        }
        if let Some(Action::Http(_)) = action {
            check_request(node, &setting, outputs.as_deref().unwrap_or_default(), reader);
        }
        Facets {
            when,
            case_when: None,
            require,
            done_when,
            gate,
            action: action.unwrap_or(Action::Decision),
            effect,
            is_destructive,
            setting,
            expect,
            retry,
            tty,
            verify,
            on_failure,
            undo,
            outputs: outputs.unwrap_or(given),
        }
    }

    /// These facets of a case with what the switch around it says beside them.
    pub fn over(&self, base: &Facets) -> Facets {
        let joined = |base: &[Check], own: &[Check]| [base, own].concat();
        Facets {
            when: base.when.clone(),
            case_when: self.when.clone(),
            require: joined(&base.require, &self.require),
            done_when: self.done_when.clone().or_else(|| base.done_when.clone()),
            gate: self.gate.clone().or_else(|| base.gate.clone()),
            action: self.action.clone(),
            effect: self.effect.or(base.effect),
            is_destructive: self.is_destructive || base.is_destructive,
            setting: self.setting.over(&base.setting),
            expect: self.expect.clone().or_else(|| base.expect.clone()),
            retry: self.retry.clone().or_else(|| base.retry.clone()),
            tty: self.tty.clone().or_else(|| base.tty.clone()),
            verify: joined(&base.verify, &self.verify),
            on_failure: self.on_failure.or(base.on_failure),
            undo: self.undo.clone().or_else(|| base.undo.clone()),
            outputs: [base.outputs.as_slice(), &self.outputs].concat(),
        }
    }

    /// What of these facets belongs to a fan-out as a whole, and what to each of its items.
    pub fn divided(self) -> (Facets, Facets) {
        let whole = Facets {
            when: self.when.clone(),
            require: self.require.clone(),
            gate: self.gate.clone(),
            verify: self.verify.clone(),
            on_failure: self.on_failure,
            is_destructive: self.is_destructive,
            setting: self.setting.clone(),
            ..Facets::of(Action::Steps(Vec::new()))
        };
        let item = Facets {
            when: None,
            require: Vec::new(),
            gate: None,
            verify: Vec::new(),
            on_failure: None,
            ..self
        };
        (whole, item)
    }

    /// Whether the action may be repeated.
    pub fn repeat(&self) -> Repeat {
        self.effect.unwrap_or(match self.action {
            Action::Probe(_)
            | Action::Wait(_)
            | Action::Watch(_)
            | Action::Choose(_)
            | Action::Decision => Repeat::Read,
            Action::Http(ref request) if request.is_safe() => Repeat::Read,
            _ => Repeat::Once,
        })
    }

    /// How long one attempt may take, when it is limited.
    pub fn timeout(&self) -> Option<Duration> {
        self.setting.timeout
    }

    /// Facets with nothing around the action.
    pub fn of(action: Action) -> Facets {
        Facets {
            when: None,
            case_when: None,
            require: Vec::new(),
            done_when: None,
            gate: None,
            action,
            effect: None,
            is_destructive: false,
            setting: Setting::default(),
            expect: None,
            retry: None,
            tty: None,
            verify: Vec::new(),
            on_failure: None,
            undo: None,
            outputs: Vec::new(),
        }
    }

    /// The commands in these facets; inner steps and the undo speak for themselves.
    pub fn scripts(&self) -> Vec<&Script> {
        let checks = self.require.iter().chain(&self.verify).map(|check| &check.probe);
        let mut found: Vec<&Script> =
            checks.chain(&self.done_when).flat_map(Probe::scripts).collect();
        match &self.action {
            Action::Run(script) => found.push(script),
            other => found.extend(other.probe().into_iter().flat_map(Probe::scripts)),
        }
        found
    }

    /// The settings in these facets, their own first; inner steps and the undo speak for themselves.
    pub fn settings(&self) -> Vec<&Setting> {
        let checks = self.require.iter().chain(&self.verify).map(|check| &check.probe);
        let mut found = vec![&self.setting];
        found.extend(checks.chain(&self.done_when).flat_map(Probe::settings));
        found.extend(self.action.probe().into_iter().flat_map(Probe::settings));
        found
    }

    /// The expressions in these facets; inner steps and the undo speak for themselves.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found: Vec<&Expression> = Vec::new();
        match &self.action {
            Action::Run(script) => found.extend(script.expressions()),
            Action::Http(request) => {
                found.extend(request.texts().into_iter().flat_map(Template::expressions));
            }
            Action::Switch(switch) => found.push(&switch.on),
            Action::Include(include) => found.extend(include.expressions()),
            Action::Manual(manual) => found.extend(manual.expressions()),
            Action::Checklist(checklist) => found.extend(checklist.expressions()),
            Action::Choose(choose) => found.extend(choose.expressions()),
            other => found.extend(other.probe().into_iter().flat_map(Probe::expressions)),
        }
        let checks = self.require.iter().chain(&self.verify).map(|check| &check.probe);
        found.extend(checks.chain(&self.done_when).flat_map(Probe::expressions));
        found.extend(self.when.iter().chain(&self.case_when));
        let gate = self.gate.iter().flat_map(Gate::templates);
        let expected = self.expect.iter().flat_map(Expectations::templates);
        let templates = gate.chain(self.setting.templates()).chain(expected);
        found.extend(templates.flat_map(Template::expressions));
        found
    }
}

/// Whether the action has the terminal: only a command here has, and nothing of it is captured.
fn tty(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<Spanned<()>> {
    let others = ["stdin", "outputs"].into_iter().filter(|key| fields.peek(key));
    let others: Vec<&str> = others.collect();
    let has_run = fields.peek("run");
    let span = fields.key_span("tty");
    let is_tty = reader.flag(fields, "tty");
    if let Some(span) = span {
        if !has_run {
            reader.error(span, "only a command can have the terminal");
        }
        for key in others {
            reader.error(span, format!("what has the terminal has no `{key}`"));
        }
    }
    span.filter(|_| is_tty).map(|span| Spanned::new((), span))
}

/// What may not stand around a request, and what its outputs may not be.
fn check_request(node: &Node, setting: &Setting, outputs: &[Output], reader: &mut Reader<'_>) {
    if setting.is_for_commands() || setting.cwd.is_some() || setting.target.is_some() {
        let message =
            "`target`, `env`, `cwd`, `shell` and `stdin` are for commands, and a request is none";
        reader.error(node.span, message);
    }
    for output in outputs {
        let name = &output.name;
        if ANSWERED.contains(&name.as_str()) {
            let message = format!("`{name}` is an output that every request has");
            reader.error_with_help(name.span, message, "give this one another name");
        }
        if matches!(output.from, From::Stderr) {
            reader.error(name.span, "an answer has no `stderr`");
        }
    }
}
