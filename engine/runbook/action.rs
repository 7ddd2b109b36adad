//! An action: the one thing that a step does.

mod shape;

use crate::document::{Fields, Node};
use crate::source::Spanned;

use super::checklist::Checklist;
use super::choose::Choose;
use super::expression::Expression;
use super::include::Include;
use super::manual::{self, Manual};
use super::output::Output;
use super::probe::Probe;
use super::reader::Reader;
use super::request::Request;
use super::script::Script;
use super::step::{Facets, Step};
use super::wait::{Wait, Watch};

use shape::{CASE, NOTIFY};
pub(super) use shape::{KEYS, RULES};

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Runs a script or a program.
    Run(Script),
    /// Looks at something.
    Probe(Box<Probe>),
    /// Sends a request.
    Http(Box<Request>),
    /// Hands a message over, or shows it to be passed on.
    Notify(Notify),
    /// Lets time pass.
    Wait(Wait),
    /// Looks again and again for a while.
    Watch(Box<Watch>),
    /// Something that a person does by hand.
    Manual(Box<Manual>),
    /// Items that a person ticks.
    Checklist(Checklist),
    /// A question with options.
    Choose(Box<Choose>),
    /// A phase: steps of its own.
    Steps(Vec<Step>),
    /// Rungs, tried in order until one succeeds.
    Ladder(Vec<Step>),
    /// The action of the case that a value chooses.
    Switch(Switch),
    /// Another runbook.
    Include(Include),
    /// Nothing but the gate before it.
    Decision,
}

/// A choice between actions by a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The value that chooses.
    pub on: Expression,
    /// The cases by the text of the value, in file order.
    pub cases: Vec<(Spanned<String>, Facets)>,
}

/// A message made from a template and the facts of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// The name of the template.
    pub template: Spanned<String>,
    /// The channel that it is handed to, or whom it is for where there is no such channel.
    pub to: Option<Spanned<String>>,
}

impl Action {
    /// The probe that it looks by, if it only looks.
    pub fn probe(&self) -> Option<&Probe> {
        match self {
            Action::Probe(probe) => Some(probe),
            Action::Wait(wait) => wait.probe(),
            Action::Watch(watch) => Some(&watch.probe),
            _ => None,
        }
    }

    /// What it does as it is written, templates and all.
    pub fn written(&self) -> String {
        match self {
            Action::Run(script) => script.written(),
            Action::Probe(_) => "a probe".into(),
            Action::Http(request) => request.written(),
            Action::Notify(notify) => format!("notify {}", notify.template),
            Action::Wait(wait) => wait.text(|_| "a probe".into()),
            Action::Watch(watch) => watch.text(|_| "a probe".into()),
            Action::Manual(manual) => manual.text.to_string().trim_end().to_owned(),
            Action::Choose(choose) => format!("choose: {}", choose.ask),
            Action::Checklist(checklist) => {
                let items = checklist.items.iter().map(|item| item.name.as_str());
                format!("checklist: {}", items.collect::<Vec<_>>().join("; "))
            }
            Action::Steps(_) => "steps".into(),
            Action::Ladder(_) => "ladder".into(),
            Action::Switch(_) => "switch".into(),
            Action::Include(include) => format!("include {}", include.path),
            Action::Decision => "decision".into(),
        }
    }

    /// What it hands to later steps by itself.
    pub fn outputs(&self) -> Vec<Output> {
        match self {
            Action::Manual(manual) => manual.outputs(),
            Action::Choose(choose) => vec![choose.output()],
            _ => Vec::new(),
        }
    }

    /// Whether a person does it.
    pub fn is_by_hand(&self) -> bool {
        matches!(self, Action::Manual(_) | Action::Checklist(_) | Action::Choose(_))
    }
}

/// The templates that every runbook has.
pub const TEMPLATES: &[&str] = &["start", "update", "resolved"];

/// The keys of the actions.
pub const ACTIONS: &[&str] = &[
    "run",
    "http",
    "probe",
    "wait",
    "watch",
    "notify",
    "manual",
    "checklist",
    "choose",
    "steps",
    "ladder",
    "switch",
    "include",
];

/// Reads the one action among `fields`; a gate may stand without one.
pub fn read(
    fields: &mut Fields<'_>,
    node: &Node,
    has_gate: bool,
    reader: &mut Reader<'_>,
) -> Option<Action> {
    let named: Vec<&str> = ACTIONS.iter().copied().filter(|key| fields.peek(key)).collect();
    let action = read_each(fields, reader);
    match named.len() {
        1 => action,
        0 if has_gate => Some(Action::Decision),
        0 => {
            let help = format!("give it one of {}, or a gate", ACTIONS.join(", "));
            reader.error_with_help(node.span, "this step does nothing", help);
            None
        }
        _ => {
            let message = format!("a step does one thing, not {}", named.join(" and "));
            reader.error_with_help(node.span, message, "make a step of each");
            None
        }
    }
}

fn read_each(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<Action> {
    let run = fields.take("run").and_then(|node| Script::read(node, reader)).map(Action::Run);
    let http = fields.take("http").and_then(|node| Request::read(node, reader));
    let http = http.map(|request| Action::Http(Box::new(request)));
    let probe = fields.take("probe").and_then(|node| Probe::read(node, reader));
    let probe = probe.map(|probe| Action::Probe(Box::new(probe)));
    let wait = fields.take("wait").and_then(|node| Wait::read(node, reader)).map(Action::Wait);
    let watch = fields.take("watch").and_then(|node| Watch::read(node, reader));
    let watch = watch.map(|watch| Action::Watch(Box::new(watch)));
    let notify = fields.take("notify").and_then(|node| notify(node, reader)).map(Action::Notify);
    let manual = fields.take("manual").and_then(|node| Manual::read(node, fields, reader));
    let manual = manual.map(|manual| Action::Manual(Box::new(manual)));
    let checklist = fields.take("checklist").and_then(|node| Checklist::read(node, reader));
    let checklist = checklist.map(Action::Checklist);
    let choose = fields.take("choose").and_then(|node| Choose::read(node, reader));
    let choose = choose.map(|choose| Action::Choose(Box::new(choose)));
    for key in manual::BESIDE {
        if let Some(node) = fields.take(key) {
            reader.error(node.span, format!("only a `manual` step has `{key}`"));
        }
    }
    let steps = fields.take("steps").map(|node| group(node, reader)).map(Action::Steps);
    let ladder = fields.take("ladder").map(|node| group(node, reader)).map(Action::Ladder);
    let inputs = fields.take("inputs");
    let include = match (fields.take("include"), inputs) {
        (Some(path), inputs) => Include::read(path, inputs, reader).map(Action::Include),
        (None, Some(inputs)) => {
            reader.error(inputs.span, "`inputs` of a step needs an `include` beside it");
            None
        }
        (None, None) => None,
    };
    let cases = fields.take("cases");
    let switch = match (fields.take("switch"), cases) {
        (Some(on), Some(cases)) => switch(on, cases, reader).map(Action::Switch),
        (Some(on), None) => {
            reader.error(on.span, "`switch` needs `cases` beside it");
            None
        }
        (None, Some(cases)) => {
            reader.error(cases.span, "`cases` needs a `switch` beside it");
            None
        }
        (None, None) => None,
    };
    let by_hand = manual.or(checklist).or(choose);
    let acts = run.or(http).or(probe).or(wait).or(watch).or(notify).or(by_hand);
    acts.or(steps).or(ladder).or(switch).or(include)
}

fn group(node: &Node, reader: &mut Reader<'_>) -> Vec<Step> {
    let steps = Step::read_all(node, reader);
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        reader.error(node.span, "a group needs at least one step");
    }
    steps
}

fn notify(node: &Node, reader: &mut Reader<'_>) -> Option<Notify> {
    let mut fields = reader.open(node, &NOTIFY)?;
    let template = fields.require("template", reader.problems);
    let template = template.and_then(|node| reader.text(node));
    let to = fields.take("to").and_then(|node| reader.text(node));
    reader.finish(fields);
    Some(Notify { template: template?, to })
}

fn switch(on: &Node, cases: &Node, reader: &mut Reader<'_>) -> Option<Switch> {
    let expression = reader.expression(on);
    let entries = reader.entries(cases, "`cases`");
    if entries.is_empty() {
        reader.error(cases.span, "a switch needs at least one case");
    }
    let cases = entries.into_iter().filter_map(|(name, node)| case(name, &node, reader)).collect();
    Some(Switch { on: expression?, cases })
}

fn case(
    name: Spanned<String>,
    node: &Node,
    reader: &mut Reader<'_>,
) -> Option<(Spanned<String>, Facets)> {
    let mut fields = reader.open(node, &CASE)?;
    let facets = Facets::read(&mut fields, node, reader);
    reader.finish(fields);
    if matches!(facets.action, Action::Switch(_)) {
        reader.error(node.span, "a case may not be a switch itself");
        return None;
    }
    Some((name, facets))
}
