//! A runbook: what its document means, with every name, type and template checked for itself.
//!
//! All problems of a file are gathered, not only the first. Whether steps fit together (needs,
//! references, cycles) is the plan's concern.

pub mod action;
pub mod answers;
pub mod cadence;
pub mod checklist;
pub mod choose;
pub mod dns;
pub mod each;
pub mod escalation;
pub mod estimate;
pub mod expect;
pub mod expression;
pub mod facts;
mod form;
pub mod gate;
pub mod include;
pub mod input;
pub mod kind;
mod knowledge;
pub mod lab;
pub mod library;
pub mod manual;
pub mod output;
pub mod pattern;
pub mod probe;
mod reader;
pub mod rendered;
pub mod request;
pub mod retry;
pub mod script;
mod shape;
pub mod shell;
pub mod simulate;
pub mod step;
pub mod tabletop;
pub mod target;
pub mod template;
pub mod testfile;
pub mod tool;
pub mod undo;
pub mod value;
pub mod wait;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::document::{self, Fields, Node};
use crate::source::{Problems, Source, Spanned};

use escalation::Call;
use estimate::Estimate;
use expression::Expression;
use input::Input;
use lab::Lab;
use library::Library;
use probe::{Check, INVARIANT};
use reader::Reader;
use retry::Retry;
use script::Setting;
use step::{OnFailure, Step};
use tabletop::Tabletop;
use target::Target;
use tool::Tool;

pub use reader::is_id;
pub use shape::SHAPE;
use shape::{DEFAULTS, OBJECTIVES, REQUIRES};

/// One runbook.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// Its name in its library.
    pub id: Spanned<String>,
    /// What a person calls it.
    pub title: String,
    /// What it knows besides its steps.
    pub knowledge: Knowledge,
    /// What must be there before anything runs.
    pub requires: Requires,
    /// What it must be told.
    pub inputs: Vec<Input>,
    /// Where commands can run, by name.
    pub targets: Vec<(Spanned<String>, Target)>,
    /// What every step says unless it says otherwise.
    pub defaults: Defaults,
    /// The symptom as it must be seen.
    pub confirm: Vec<Check>,
    /// What must hold before the first step.
    pub preconditions: Vec<Check>,
    /// What must hold all along.
    pub invariants: Vec<Check>,
    /// What is done.
    pub steps: Vec<Step>,
    /// What gives the verdict.
    pub exit_criteria: Vec<Check>,
    /// What is done at the end, however it went.
    pub finally: Vec<Step>,
    /// What a runbook that includes it sees.
    pub outputs: Vec<(Spanned<String>, Expression)>,
    /// The files that it includes, as they are named, and where.
    pub includes: Vec<Spanned<String>>,
    /// The runbooks in those files, checked; whoever reads files puts them here.
    pub included: BTreeMap<String, Arc<Runbook>>,
    /// What it shares with others; empty until its library is found.
    pub library: Arc<Library>,
}

/// What the responder reads, and what the record keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knowledge {
    /// What it does, in a sentence or two.
    pub summary: Option<String>,
    /// The system it belongs to.
    pub system: Option<String>,
    /// Who keeps it.
    pub owner: Option<String>,
    /// How bad the incident is.
    pub severity: Option<Spanned<String>>,
    /// What is seen from outside.
    pub symptoms: Vec<String>,
    /// What it means for users.
    pub impact: Option<String>,
    /// What was promised.
    pub objectives: Objectives,
    /// Whom to call, where that falls due after a while.
    pub calls: Vec<Call>,
    /// An exercise at a table.
    pub tabletop: Option<Tabletop>,
    /// A rehearsal against real components.
    pub lab: Option<Lab>,
    /// Every other key of knowledge, as it was written.
    pub more: Vec<(&'static str, Json)>,
}

/// What was promised for this scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objectives {
    /// The most time until service is restored.
    pub rto: Option<Duration>,
    /// The most data, in time, that may be lost.
    pub rpo: Option<Duration>,
    /// How long it usually takes.
    pub estimate: Option<Estimate>,
}

/// What must be there before anything runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requires {
    /// Programs that must be found, some of them in a version.
    pub tools: Vec<Spanned<Tool>>,
    /// Variables that must be set.
    pub env: Vec<Spanned<String>>,
    /// Places, as `host:port`, where something must answer.
    pub reachable: Vec<Spanned<String>>,
}

impl Requires {
    /// Whether nothing need be there.
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty() && self.env.is_empty() && self.reachable.is_empty()
    }

    /// All of it, as a person reads it.
    pub fn shown(&self) -> String {
        let tools = self.tools.iter().map(|tool| tool.value.to_string());
        let env = self.env.iter().map(|name| format!("${name}"));
        let places = self.reachable.iter().map(|place| place.value.clone());
        tools.chain(env).chain(places).collect::<Vec<_>>().join(", ")
    }
}

/// What every step says unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defaults {
    /// Where and how it runs.
    pub setting: Setting,
    /// What a failure leads to.
    pub on_failure: Option<OnFailure>,
    /// How an action that failed is tried again.
    pub retry: Option<Retry>,
}

const KNOWLEDGE: &[&str] = &[
    "tags",
    "source",
    "triggers",
    "escalation",
    "references",
    "revisions",
    "versions",
    "review",
    "drill",
    "tabletop",
];

/// Reads a runbook; none when too little of it could be read to go on.
pub fn read(source: &Source, problems: &mut Problems) -> Option<Runbook> {
    read_document(source, &document::parse(source, problems)?, problems)
}

/// Reads a runbook whose text was parsed already.
pub fn read_document(source: &Source, node: &Node, problems: &mut Problems) -> Option<Runbook> {
    let mut reader = Reader::new(source, problems);
    let mut fields = reader.open(node, &SHAPE)?;
    if !check_format(&mut fields, node, "a runbook", &mut reader) {
        return None;
    }
    if library::is_library(&fields) {
        let help = "name one of the runbooks beside it";
        reader.error_with_help(node.span, "this is a library, and no runbook", help);
        return None;
    }
    let id = fields.require("id", reader.problems).and_then(|node| reader.text(node));
    if let Some(id) = id.as_ref().filter(|id| !is_id(id)) {
        let help =
            "use lower-case letters and digits in words joined by `-`, at most 64 characters";
        reader.error_with_help(id.span, format!("`{id}` cannot be the id of a runbook"), help);
    }
    let title = fields.require("title", reader.problems).and_then(|node| reader.string(node));
    let steps = fields.require("steps", reader.problems);
    let checks = |node: Option<&Node>, reader: &mut Reader<'_>| {
        node.map(|node| Check::read_all(node, reader)).unwrap_or_default()
    };
    let inputs = fields.take("inputs").map(|node| input::read_all(node, &mut reader));
    let runbook = Runbook {
        id: id.unwrap_or_default(),
        title: title.unwrap_or_default(),
        knowledge: knowledge(&mut fields, &mut reader),
        requires: fields.take("requires").map(|n| requires(n, &mut reader)).unwrap_or_default(),
        inputs: inputs.unwrap_or_default(),
        targets: fields
            .take("targets")
            .map(|n| target::read_all(n, &mut reader))
            .unwrap_or_default(),
        defaults: fields.take("defaults").map(|n| defaults(n, &mut reader)).unwrap_or_default(),
        confirm: checks(fields.take("confirm"), &mut reader),
        preconditions: checks(fields.take("preconditions"), &mut reader),
        invariants: fields
            .take("invariants")
            .map(|n| invariants(n, &mut reader))
            .unwrap_or_default(),
        steps: steps.map(|node| steps_of(node, &mut reader)).unwrap_or_default(),
        exit_criteria: checks(fields.take("exit_criteria"), &mut reader),
        finally: fields.take("finally").map(|n| Step::read_all(n, &mut reader)).unwrap_or_default(),
        outputs: fields.take("outputs").map(|n| outputs(n, &mut reader)).unwrap_or_default(),
        includes: std::mem::take(&mut reader.includes),
        included: BTreeMap::new(),
        library: Arc::default(),
    };
    if let Some(lab) = &runbook.knowledge.lab {
        lab::check_inputs(lab, &runbook.inputs, reader.problems);
    }
    reader.finish(fields);
    Some(runbook)
}

fn check_format(fields: &mut Fields<'_>, node: &Node, what: &str, reader: &mut Reader<'_>) -> bool {
    let help = format!("{what} begins with `holdpoint: 1`");
    match fields.take("holdpoint") {
        None => reader.error_with_help(node.span, format!("this file is not {what}"), help),
        Some(version) if version.as_integer() == Some(1) => return true,
        Some(version) if version.as_str() == Some("1") => {
            let message = "the format is a number, found a string";
            reader.error_with_help(version.span, message, "leave the quotes out");
        }
        Some(version) => {
            let written = version.as_str().unwrap_or_default();
            let message = format!("format `{written}` is not known to this version");
            reader.error_with_help(version.span, message, help);
        }
    }
    false
}

fn steps_of(node: &Node, reader: &mut Reader<'_>) -> Vec<Step> {
    if node.as_sequence().is_some_and(<[Node]>::is_empty) {
        reader.error(node.span, "a runbook needs at least one step");
    }
    Step::read_all(node, reader)
}

/// Each of them must have an id, since a person may have to decide about it.
fn invariants(node: &Node, reader: &mut Reader<'_>) -> Vec<Check> {
    let checks = Check::read_all_as(&INVARIANT, node, reader);
    for check in checks.iter().filter(|check| check.id.is_none()) {
        let help = "a person may have to say what becomes of it: --resolve invariant/ID=retry";
        reader.error_with_help(check.probe.span, "an invariant needs an `id`", help);
    }
    checks
}

fn outputs(node: &Node, reader: &mut Reader<'_>) -> Vec<(Spanned<String>, Expression)> {
    let entries = reader.entries(node, "`outputs`").into_iter();
    let read = |(name, node): (Spanned<String>, Node)| Some((name, reader.expression(&node)?));
    entries.filter_map(read).collect()
}

fn knowledge(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Knowledge {
    let mut text = |key| fields.take(key).and_then(|node| reader.string(node));
    let (summary, system, owner) = (text("summary"), text("system"), text("owner"));
    let impact = text("impact");
    let severity = fields.take("severity").and_then(|node| reader.text(node));
    let symptoms = fields.take("symptoms").map(|node| reader.texts(node)).unwrap_or_default();
    let objectives = fields.take("objectives").map(|node| objectives(node, reader));
    let mut tabletop = None;
    let more = KNOWLEDGE.iter().filter_map(|key| {
        let (node, form) = (fields.take(key)?, SHAPE.key(key)?.form);
        reader.check(node, &form);
        if *key == "tabletop" {
            tabletop = Some(Tabletop::of(node));
        }
        Some((*key, node.to_json()))
    });
    let mut more: Vec<(&str, Json)> = more.collect();
    let lab = fields.take("lab");
    more.extend(lab.map(|node| ("lab", node.to_json())));
    let lab = lab.and_then(|node| Lab::read(node, reader));
    let written = more.iter().find(|(key, _)| *key == "escalation");
    let calls = written.map(|(_, json)| escalation::calls(json)).unwrap_or_default();
    Knowledge {
        summary,
        system,
        owner,
        severity,
        impact,
        symptoms: symptoms.into_iter().map(|symptom| symptom.value).collect(),
        objectives: objectives.unwrap_or_default(),
        calls,
        tabletop,
        lab,
        more,
    }
}

fn objectives(node: &Node, reader: &mut Reader<'_>) -> Objectives {
    let Some(mut fields) = reader.open(node, &OBJECTIVES) else { return Objectives::default() };
    let objectives = Objectives {
        rto: fields.take("rto").and_then(|node| reader.duration(node)),
        rpo: fields.take("rpo").and_then(|node| reader.duration(node)),
        estimate: fields.take("estimate").and_then(|node| Estimate::read(node, reader)),
    };
    reader.finish(fields);
    objectives
}

fn requires(node: &Node, reader: &mut Reader<'_>) -> Requires {
    let Some(mut fields) = reader.open(node, &REQUIRES) else { return Requires::default() };
    let requires = Requires {
        tools: fields.take("tools").map(|node| Tool::read_all(node, reader)).unwrap_or_default(),
        env: fields.take("env").map(|node| reader.texts(node)).unwrap_or_default(),
        reachable: fields.take("reachable").map(|node| reader.texts(node)).unwrap_or_default(),
    };
    for place in requires.reachable.iter().filter(|place| !is_host_and_port(place)) {
        let message = format!("`{place}` is not a host and a port");
        reader.error_with_help(place.span, message, "for example: reachable: [\"db-1:5432\"]");
    }
    reader.finish(fields);
    requires
}

fn is_host_and_port(text: &str) -> bool {
    let parts = text.rsplit_once(':');
    parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
}

fn defaults(node: &Node, reader: &mut Reader<'_>) -> Defaults {
    let Some(mut fields) = reader.open(node, &DEFAULTS) else { return Defaults::default() };
    let setting = Setting::read(&mut fields, reader);
    let on_failure = fields.take("on_failure");
    let on_failure = on_failure.and_then(|node| reader.one_of(node, step::ON_FAILURE));
    let retry = fields.take("retry").and_then(|node| Retry::read(node, reader));
    reader.finish(fields);
    Defaults { setting, on_failure, retry }
}

impl Defaults {
    /// These defaults where they say something, `base` where they do not.
    pub fn over(&self, base: &Defaults) -> Defaults {
        Defaults {
            setting: self.setting.over(&base.setting),
            on_failure: self.on_failure.or(base.on_failure),
            retry: self.retry.clone().or_else(|| base.retry.clone()),
        }
    }
}
