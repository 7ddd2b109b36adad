//! A library: what the runbooks of one system share, in a file called `holdpoint.yaml`.
//!
//! It has the `holdpoint: 1` of a runbook and no steps. Its templates are read for many runbooks,
//! so what they name is checked where a runbook uses them. All problems of the file are gathered.

mod inputs;
pub mod lint;
mod read;
mod shape;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::source::Spanned;

use super::expression::{Expression, Scope, TemplateError};
use super::rendered::{Quoting, Rendered};
use super::script::{Command, Script, Setting};
use super::target::{Target, TargetRef};
use super::template::Template;
use super::{Defaults, Runbook};

use lint::Lint;

pub use inputs::Misgiven;
pub(super) use read::is_library;
pub use read::{looks_like_one, read, read_document};
pub use shape::SHAPE;

/// The name of the file.
pub const FILE: &str = "holdpoint.yaml";

/// How long a message may take to be handed over when nothing is said.
pub const HAND_OVER: Duration = Duration::from_secs(30);

/// What the runbooks of one system share.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// How bad an incident can be, the worst first.
    pub severities: Vec<Severity>,
    /// Who can be reached, and in which role.
    pub contacts: Vec<Contact>,
    /// How often those who wait are written to.
    pub update_every: Option<Duration>,
    /// Messages by their names.
    pub templates: Vec<(Spanned<String>, Template)>,
    /// Ways to hand a message over, by their names.
    pub channels: Vec<(Spanned<String>, Channel)>,
    /// Where the runbooks can run, by name.
    pub environments: Vec<(Spanned<String>, Environment)>,
    /// What every step says unless its runbook says otherwise.
    pub defaults: Defaults,
    /// The backups that there are.
    pub backups: Vec<Backup>,
    /// What is said to the linter.
    pub lint: Option<Lint>,
    /// The environment that was chosen, if any was.
    pub chosen: Option<String>,
}

/// A class of incidents.
#[derive(Clone, Debug, PartialEq)]
pub struct Severity {
    /// Such as `P1`.
    pub name: Spanned<String>,
    /// What it means.
    pub description: Option<String>,
    /// How soon somebody must be at it.
    pub response: Option<Duration>,
}

/// Somebody who can be reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Contact {
    /// What they do, such as `database-admin`; several may have the same role.
    pub role: Spanned<String>,
    /// Who they are.
    pub name: Option<String>,
    /// How they are reached.
    pub channel: Option<String>,
}

/// A way to hand a message over.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// What takes it.
    pub taker: Taker,
    /// Where and how a command runs, and how long either may take.
    pub setting: Setting,
}

/// What takes a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Taker {
    /// A command, on its standard input.
    Run(Script),
    /// A server, as the body of a POST.
    Http {
        /// Where.
        url: Template,
        /// Headers beside those that the body needs.
        headers: Vec<(String, Template)>,
        /// The body as JSON; the message as plain text when there is none.
        json: Option<Form>,
    },
}

/// JSON with templates in its texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A text.
    Text(Template),
    /// Anything else without a text in it.
    Plain(Json),
    /// A list.
    List(Vec<Form>),
    /// A mapping, in order.
    Map(Vec<(String, Form)>),
}

/// A place where runbooks can run, such as staging.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// The values of inputs there; a runbook takes those that it declares.
    pub inputs: Vec<(Spanned<String>, Spanned<Json>)>,
    /// The targets there, by name; they stand over those of a runbook.
    pub targets: Vec<(Spanned<String>, Target)>,
}

/// One kind of backup.
#[derive(Clone, Debug, PartialEq)]
pub struct Backup {
    /// Of what.
    pub component: Spanned<String>,
    /// How often it is made.
    pub schedule: Option<String>,
    /// How long it is kept.
    pub retention: Option<String>,
    /// Where it lies.
    pub location: Option<String>,
}

/// A message with the way it goes, everything rendered.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The message.
    pub text: String,
    /// The name of the channel.
    pub to: String,
    /// The way.
    pub way: Way,
    /// How long it may take.
    pub timeout: Duration,
    /// Why it must not leave, if it must not.
    pub withheld: Option<String>,
}

/// The way of a message.
#[derive(Clone, Debug)]
pub enum Way {
    /// A command, which reads it.
    Run(Command),
    /// A POST.
    Post {
        /// Where.
        url: String,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
}

impl Library {
    /// A runbook with this library around it: what is said here stands under what it says itself.
    pub fn around(self: &Arc<Self>, runbook: Runbook) -> Runbook {
        let mut shared = self.defaults.clone();
        if let Some(TargetRef::Named(name)) = &mut shared.setting.target {
            // Where a runbook does not know it, that is said in the file of the runbook.
            name.span = runbook.id.span;
        }
        let defaults = runbook.defaults.over(&shared);
        let chosen = self.chosen.as_ref().and_then(|name| self.environment(name));
        let mut targets = chosen.map(|chosen| chosen.targets.clone()).unwrap_or_default();
        let is_new = |name: &Spanned<String>| !targets.iter().any(|(known, _)| known == name);
        let own: Vec<_> = runbook.targets.into_iter().filter(|(name, _)| is_new(name)).collect();
        targets.extend(own);
        Runbook { defaults, targets, library: Arc::clone(self), ..runbook }
    }

    /// This library where an environment was chosen.
    #[must_use]
    pub fn within(self, environment: Option<String>) -> Library {
        Library { chosen: environment, ..self }
    }

    /// The environment of a name.
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|(known, _)| known.value == name).map(|(_, found)| found)
    }

    /// The message of a name.
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|(known, _)| known.value == name).map(|(_, found)| found)
    }

    /// The channel of a name.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|(known, _)| known.value == name).map(|(_, found)| found)
    }

    /// Every person and role among the contacts.
    pub fn people(&self) -> impl Iterator<Item = &str> {
        let roles = self.contacts.iter().map(|contact| contact.role.value.as_str());
        roles.chain(self.contacts.iter().filter_map(|contact| contact.name.as_deref()))
    }

    /// The contacts whom a person calls so, by role or by name, whatever its case: who is called is found,
    /// which is no leave to approve anything.
    pub fn called(&self, name: &str) -> impl Iterator<Item = &Contact> {
        let is_meant = |own: &str| own.eq_ignore_ascii_case(name);
        self.contacts.iter().filter(move |contact| {
            is_meant(&contact.role) || contact.name.as_deref().is_some_and(is_meant)
        })
    }

    /// Whether a person or role may be named: anybody may where there are no contacts.
    pub fn knows(&self, name: &str) -> bool {
        self.contacts.is_empty() || self.people().any(|known| known == name)
    }

    /// Whether somebody may open a gate: one of the approvers, or a contact with such a role.
    pub fn may_approve(&self, by: &str, approvers: &[String]) -> bool {
        let is_approver = |name: &str| approvers.iter().any(|approver| approver == name);
        let has_role = |contact: &Contact| {
            contact.name.as_deref() == Some(by) && is_approver(&contact.role.value)
        };
        approvers.is_empty() || is_approver(by) || self.contacts.iter().any(has_role)
    }
}

impl Channel {
    /// The message on its way.
    pub fn deliver(
        &self,
        to: &str,
        text: String,
        scope: &dyn Scope,
    ) -> Result<Delivery, TemplateError> {
        let names = Message { text: &text, scope };
        let render = |template: &Template| Ok(template.render(&names, Quoting::Text)?.shown());
        let way = match &self.taker {
            Taker::Run(script) => {
                let mut command = script.render(&self.setting, &names)?;
                command.stdin = Some(Rendered::plain(text.clone() + "\n"));
                Way::Run(command)
            }
            Taker::Http { url, headers, json } => {
                let kind = if json.is_some() { "application/json" } else { "text/plain" };
                let kind = ("Content-Type".to_owned(), format!("{kind}; charset=utf-8"));
                let own = headers.iter().map(|(name, value)| Ok((name.clone(), render(value)?)));
                let own: Vec<(String, String)> = own.collect::<Result<_, TemplateError>>()?;
                let is_typed = own.iter().any(|(name, _)| name.eq_ignore_ascii_case(&kind.0));
                let headers = own.into_iter().chain((!is_typed).then_some(kind)).collect();
                let body = match json {
                    Some(form) => form.filled(&render)?.to_string(),
                    None => text.clone(),
                };
                Way::Post { url: render(url)?, headers, body }
            }
        };
        let timeout = self.setting.timeout.unwrap_or(HAND_OVER);
        Ok(Delivery { text, to: to.to_owned(), way, timeout, withheld: None })
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut templates: Vec<&Template> = self.setting.templates().collect();
        match &self.taker {
            Taker::Run(script) => templates.extend(script.templates()),
            Taker::Http { url, headers, json } => {
                templates.push(url);
                templates.extend(headers.iter().map(|(_, value)| value));
                json.iter().for_each(|form| form.gather(&mut templates));
            }
        }
        templates.into_iter().flat_map(Template::expressions).collect()
    }
}

impl Form {
    /// The JSON with every template rendered.
    fn filled(
        &self,
        render: &impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<Json, TemplateError> {
        Ok(match self {
            Form::Text(template) => Json::from(render(template)?),
            Form::Plain(json) => json.clone(),
            Form::List(items) => {
                items.iter().map(|item| item.filled(render)).collect::<Result<_, _>>()?
            }
            Form::Map(entries) => {
                let filled = |(key, form): &(String, Form)| Ok((key.clone(), form.filled(render)?));
                Json::Object(entries.iter().map(filled).collect::<Result<_, TemplateError>>()?)
            }
        })
    }

    fn gather<'f>(&'f self, found: &mut Vec<&'f Template>) {
        match self {
            Form::Text(template) => found.push(template),
            Form::Plain(_) => {}
            Form::List(items) => items.iter().for_each(|item| item.gather(found)),
            Form::Map(entries) => entries.iter().for_each(|(_, form)| form.gather(found)),
        }
    }
}

impl Way {
    /// The way as a person reads it.
    pub fn shown(&self) -> String {
        match self {
            Way::Run(command) => command.shown(),
            Way::Post { url, .. } => format!("POST {url}"),
        }
    }
}

/// The names of a channel: those of the run, and the message.
struct Message<'a> {
    text: &'a str,
    scope: &'a dyn Scope,
}

impl Scope for Message<'_> {
    fn value(&self, name: &str) -> Option<super::value::Value> {
        match name {
            "message" => Some(super::value::Value::Text(self.text.to_owned())),
            _ => self.scope.value(name),
        }
    }

    fn secret(&self, name: &str) -> Option<String> {
        self.scope.secret(name)
    }

    fn is_multiline(&self, name: &str) -> bool {
        name == "message" || self.scope.is_multiline(name)
    }
}
