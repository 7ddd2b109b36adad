//! A probe: it looks at the world, changes nothing, and holds, does not hold, or could not see.

mod judge;
mod shape;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::document::{Fields, Node, Shape};
use crate::source::{Span, Spanned};

use super::Requires;
use super::dns::{Dns, Query};
use super::expect::{Expectations, Seen};
use super::expression::{Expression, Scope, TemplateError};
use super::reader::Reader;
use super::rendered::{Quoting, Rendered, shell_quote};
use super::script::{Command, Line, Script, Setting};
use super::template::Template;

pub(super) use shape::{CHECK, INVARIANT, PROBE};

/// How long one look may take when nothing is said.
pub const LOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long between two looks when nothing is said.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Prints what is known of the file `$f`, as GNU and BusyBox do; messages in words that are known.
const LOOK_AT_FILE: &str = "export LC_ALL=C\nstat -L -c '%a %s %Y' -- \"$f\"\ndate +%s\n";

/// A probe as it is written.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What it looks at.
    pub look: Look,
    /// What must be seen.
    pub expect: Expectations,
    /// Where it looks from.
    pub setting: Setting,
    /// How long it goes on looking.
    pub patience: Patience,
    /// Where it stands in its file.
    pub span: Span,
}

impl PartialEq for Probe {
    /// Two are equal wherever they stand.
    fn eq(&self, other: &Probe) -> bool {
        let Probe { look, expect, setting, patience, span: _ } = self;
        (look, expect) == (&other.look, &other.expect)
            && (setting, patience) == (&other.setting, &other.patience)
    }
}

/// What a probe looks at.
#[derive(Clone, Debug, PartialEq)]
pub enum Look {
    /// What a command prints and exits with.
    Run(Script),
    /// What a URL answers.
    Http(Template),
    /// A file.
    File(Template),
    /// Whether something answers at `host:port`.
    Tcp(Template),
    /// Which records a name has.
    Dns(Dns),
    /// Whether all is there that an included runbook requires. No key of a probe.
    Requires(Requires),
    /// The opposite of another probe.
    Not(Box<Probe>),
    /// The probe of the case that a value chooses.
    Switch(Expression, Vec<(Spanned<String>, Probe)>),
}

/// How long a probe goes on looking until it holds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Patience {
    /// Until when it may begin to hold; one look when nothing is said.
    pub within: Option<Duration>,
    /// How long between two looks.
    pub every: Option<Duration>,
    /// How long it must hold without a break.
    pub hold_for: Option<Duration>,
}

/// A probe whose templates are rendered and whose case is chosen.
#[derive(Clone, Debug)]
pub struct Observation {
    /// What is looked at.
    pub view: View,
    /// What must be seen.
    pub expect: Expectations<String>,
    /// How long one look may take.
    pub timeout: Duration,
    /// How long to go on looking.
    pub patience: Patience,
}

/// What is looked at, rendered.
#[derive(Clone, Debug)]
pub enum View {
    /// A command.
    Run(Command),
    /// A URL.
    Http(String),
    /// A path.
    File(String),
    /// A path on another machine.
    FileThere {
        /// The path.
        path: String,
        /// What prints its mode, size and time of change, the time there, and its digest.
        command: Command,
    },
    /// A host and a port.
    Tcp(String),
    /// A name.
    Dns(Query),
    /// What an included runbook requires.
    Requires(Requires),
    /// The opposite.
    Not(Box<Observation>),
}

/// A probe with a name and a purpose: a precondition, a verification, an exit criterion.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The name by which a person may waive it.
    pub id: Option<Spanned<String>>,
    /// What it says when it holds.
    pub title: Option<String>,
    /// What is looked at.
    pub probe: Probe,
}

impl Probe {
    /// Reads a mapping such as `{run: …, expect: …, within: 1m}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Probe> {
        let mut fields = reader.open(node, &PROBE)?;
        let expect = read_expect(&mut fields, reader);
        let look = look(&mut fields, reader);
        let setting = Setting::read(&mut fields, reader);
        let patience = Patience {
            within: fields.take("within").and_then(|node| reader.duration(node)),
            every: fields.take("every").and_then(|node| reader.duration(node)),
            hold_for: fields.take("hold_for").and_then(|node| reader.duration(node)),
        };
        let runs = !["file", "http", "tcp", "dns"].iter().any(|key| fields.peek(key));
        if !runs && setting.is_for_commands() {
            let message = "`env`, `shell` and `stdin` are for commands, and this probe runs none";
            reader.error(node.span, message);
        }
        let is_elsewhere = setting.target.as_ref().is_some_and(|target| !target.is_local());
        if is_elsewhere && ["http", "tcp", "dns"].iter().any(|key| fields.peek(key)) {
            let message = "`http`, `tcp` and `dns` look from this machine, whatever the target";
            reader.error_with_help(node.span, message, "use `run` to look from there");
        }
        reader.finish(fields);
        let look = look.found(node, reader)?;
        Some(Probe { look, expect: expect.unwrap_or_default(), setting, patience, span: node.span })
    }

    /// The probe with its templates rendered; `base` is where it looks from unless it says.
    pub fn render(&self, base: &Setting, scope: &dyn Scope) -> Result<Observation, TemplateError> {
        let setting = self.setting.over(base);
        let text = |template: &Template| Ok(template.render(scope, Quoting::Text)?.shown());
        let view = match &self.look {
            Look::Run(script) => View::Run(script.render(&setting, scope)?),
            Look::Http(url) => View::Http(text(url)?),
            Look::File(path) => self.file(text(path)?, &setting, scope)?,
            Look::Tcp(address) => View::Tcp(text(address)?),
            Look::Dns(dns) => View::Dns(dns.render(scope)?),
            Look::Requires(requires) => View::Requires(requires.clone()),
            Look::Not(inner) => View::Not(Box::new(inner.render(&setting, scope)?)),
            Look::Switch(on, cases) => {
                let value = on.evaluate(scope)?.text().unwrap_or_default();
                let case = cases.iter().find(|(name, _)| name.value == value);
                let (_, probe) =
                    case.ok_or_else(|| no_case(&value, cases.iter().map(|(n, _)| n)))?;
                let mut chosen = probe.render(&setting, scope)?;
                if self.patience != Patience::default() {
                    chosen.patience = self.patience;
                }
                return Ok(chosen);
            }
        };
        Ok(Observation {
            view,
            expect: self.expect.render(scope)?,
            timeout: setting.timeout.unwrap_or(LOOK_TIMEOUT),
            patience: self.own_patience(),
        })
    }

    /// A look at a file, which on another machine takes a command.
    fn file(
        &self,
        path: String,
        setting: &Setting,
        scope: &dyn Scope,
    ) -> Result<View, TemplateError> {
        let target = setting.destination(scope)?;
        if target.is_local() {
            return Ok(View::File(path));
        }
        let cwd = setting.cwd.as_ref().map(|cwd| cwd.render(scope, Quoting::Text)).transpose()?;
        let digest = if self.expect.file.sha256.is_some() { "sha256sum < \"$f\"\n" } else { "" };
        let script = format!("f={}\n{LOOK_AT_FILE}{digest}", shell_quote(&path));
        let line = Line::Shell {
            shell: ["sh", "-eu"].map(str::to_owned).to_vec(),
            script: Rendered::plain(script),
        };
        let env = BTreeMap::new();
        Ok(View::FileThere { path, command: Command { line, env, cwd, stdin: None, target } })
    }

    /// How long it goes on looking; `within` stands inside `not`, and means the whole.
    fn own_patience(&self) -> Patience {
        match &self.look {
            Look::Not(inner) if self.patience == Patience::default() => inner.own_patience(),
            _ => self.patience,
        }
    }

    /// The commands in it.
    pub fn scripts(&self) -> Vec<&Script> {
        match &self.look {
            Look::Run(script) => vec![script],
            Look::Not(inner) => inner.scripts(),
            Look::Switch(_, cases) => cases.iter().flat_map(|(_, probe)| probe.scripts()).collect(),
            Look::Http(_) | Look::File(_) | Look::Tcp(_) | Look::Dns(_) | Look::Requires(_) => {
                Vec::new()
            }
        }
    }

    /// The settings in it, its own first.
    pub fn settings(&self) -> Vec<&Setting> {
        let mut found = vec![&self.setting];
        match &self.look {
            Look::Not(inner) => found.extend(inner.settings()),
            Look::Switch(_, cases) => {
                found.extend(cases.iter().flat_map(|(_, probe)| probe.settings()));
            }
            Look::Run(_)
            | Look::Http(_)
            | Look::File(_)
            | Look::Tcp(_)
            | Look::Dns(_)
            | Look::Requires(_) => {}
        }
        found
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found = match &self.look {
            Look::Run(script) => script.expressions(),
            Look::Http(template) | Look::File(template) | Look::Tcp(template) => {
                template.expressions().collect()
            }
            Look::Dns(dns) => dns.expressions(),
            Look::Requires(_) => Vec::new(),
            Look::Not(inner) => inner.expressions(),
            Look::Switch(on, cases) => {
                let cases = cases.iter().flat_map(|(_, probe)| probe.expressions());
                std::iter::once(on).chain(cases).collect()
            }
        };
        let templates = self.setting.templates().chain(self.expect.templates());
        found.extend(templates.flat_map(Template::expressions));
        found
    }
}

impl Check {
    /// Whether all is there that an included runbook requires; none when it requires nothing.
    pub fn of_requires(requires: &Requires, span: Span) -> Option<Check> {
        let probe = Probe {
            look: Look::Requires(requires.clone()),
            expect: Expectations::default(),
            setting: Setting::default(),
            patience: Patience::default(),
            span,
        };
        let title = Some("what it requires is there".to_owned());
        (!requires.is_empty()).then_some(Check { id: None, title, probe })
    }
}

impl Observation {
    /// What is looked at, as a person reads it.
    pub fn shown(&self) -> String {
        match &self.view {
            View::Run(command) => command.shown(),
            View::Http(url) => format!("GET {url}"),
            View::File(path) => format!("file {path}"),
            View::FileThere { path, command } => format!("{}file {path}", command.target.prefix()),
            View::Tcp(address) => format!("tcp {address}"),
            View::Dns(query) => query.shown(),
            View::Requires(requires) => requires.shown(),
            View::Not(inner) => format!("not: {}", inner.shown()),
        }
    }

    /// What is expected of it, as a person reads it; empty where nothing is said.
    pub fn expected(&self) -> String {
        match &self.view {
            View::Not(inner) => inner.expected(),
            _ => self.expect.shown(),
        }
    }
}

/// Why no case was chosen.
pub fn no_case<'n>(value: &str, cases: impl Iterator<Item = &'n Spanned<String>>) -> TemplateError {
    let cases: Vec<&str> = cases.map(|name| name.value.as_str()).collect();
    TemplateError {
        message: format!("there is no case `{value}`; the cases are {}", cases.join(", ")),
        range: None,
    }
}

impl Check {
    /// Reads a list of checks.
    pub fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<Check> {
        Check::read_all_as(&CHECK, node, reader)
    }

    /// Reads a list of checks of a shape.
    pub(super) fn read_all_as(
        shape: &'static Shape,
        node: &Node,
        reader: &mut Reader<'_>,
    ) -> Vec<Check> {
        reader.list(node).iter().filter_map(|node| Check::read(shape, node, reader)).collect()
    }

    fn read(shape: &'static Shape, node: &Node, reader: &mut Reader<'_>) -> Option<Check> {
        let mut fields = reader.open(node, shape)?;
        let id = fields.take("id").and_then(|node| reader.id(node));
        let title = fields.take("title").and_then(|node| reader.string(node));
        let probe = fields.require("probe", reader.problems);
        let probe = probe.and_then(|node| Probe::read(node, reader));
        reader.finish(fields);
        Some(Check { id, title, probe: probe? })
    }
}

/// What is expected of what this probe looks at; what it only turns round or chooses among
/// carries its own.
fn read_expect(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Option<Expectations> {
    let sorts = [
        ("run", Seen::Command),
        ("http", Seen::Answer),
        ("file", Seen::File),
        ("dns", Seen::Records),
    ];
    let seen = sorts.iter().find(|(key, _)| fields.peek(key)).map(|(_, seen)| *seen);
    let node = fields.take("expect")?;
    match seen {
        Some(seen) => Some(Expectations::read(node, seen, reader)),
        None => {
            let help = "put it into the probe that looks";
            reader.error_with_help(node.span, "nothing is looked at here to expect it of", help);
            None
        }
    }
}

/// The looks that a mapping names; a probe has exactly one.
#[derive(Default)]
struct Looks(Vec<(&'static str, Option<Look>)>);

impl Looks {
    fn found(self, node: &Node, reader: &mut Reader<'_>) -> Option<Look> {
        let mut looks = self.0;
        match looks.len() {
            1 => looks.remove(0).1,
            0 => {
                let help = "give it one of run, http, tcp, dns, file, not, switch";
                reader.error_with_help(node.span, "this probe looks at nothing", help);
                None
            }
            _ => {
                let names: Vec<&str> = looks.iter().map(|(name, _)| *name).collect();
                let message = format!("a probe looks at one thing, not at {}", names.join(" and "));
                reader.error(node.span, message);
                None
            }
        }
    }
}

fn look(fields: &mut Fields<'_>, reader: &mut Reader<'_>) -> Looks {
    let mut looks = Looks::default();
    if let Some(node) = fields.take("run") {
        looks.0.push(("run", Script::read(node, reader).map(Look::Run)));
    }
    if let Some(node) = fields.take("http") {
        looks.0.push(("http", reader.template(node).map(Look::Http)));
    }
    if let Some(node) = fields.take("file") {
        looks.0.push(("file", reader.template(node).map(Look::File)));
    }
    if let Some(node) = fields.take("tcp") {
        looks.0.push(("tcp", reader.template(node).map(Look::Tcp)));
    }
    if let Some(node) = fields.take("dns") {
        looks.0.push(("dns", Dns::read(node, reader).map(Look::Dns)));
    }
    if let Some(node) = fields.take("not") {
        looks.0.push(("not", Probe::read(node, reader).map(|probe| Look::Not(Box::new(probe)))));
    }
    let cases = fields.take("cases");
    if let Some(node) = fields.take("switch") {
        looks.0.push(("switch", switch(node, cases, reader)));
    } else if let Some(cases) = cases {
        reader.error(cases.span, "`cases` needs a `switch` beside it");
    }
    looks
}

fn switch(on: &Node, cases: Option<&Node>, reader: &mut Reader<'_>) -> Option<Look> {
    let expression = reader.expression(on);
    let Some(cases) = cases else {
        reader.error(on.span, "`switch` needs `cases` beside it");
        return None;
    };
    let cases = reader.entries(cases, "`cases`");
    let read = |(name, node): (Spanned<String>, Node)| Some((name, Probe::read(&node, reader)?));
    let cases: Vec<_> = cases.into_iter().filter_map(read).collect();
    Some(Look::Switch(expression?, cases))
}
