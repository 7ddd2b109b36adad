//! A question to the domain name system: which records does a name have?

use crate::document::shape::{Form, may, must};
use crate::document::{Node, Shape};

use super::expression::{Expression, Scope, TemplateError};
use super::reader::Reader;
use super::rendered::Quoting;
use super::template::Template;

/// A question as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Dns {
    /// The name.
    pub name: Template,
    /// The type of its records.
    pub kind: Record,
    /// Who is asked, as `host` or `host:port`; the system's own servers when nobody is named.
    pub server: Option<Template>,
}

/// A question, rendered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// The name.
    pub name: String,
    /// The type of its records.
    pub kind: Record,
    /// Who is asked.
    pub server: Option<String>,
}

/// The types of records that can be asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Record {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Who may issue certificates.
    Caa,
    /// The name that this one stands for.
    Cname,
    /// Where mail goes.
    Mx,
    /// The servers of a zone.
    Ns,
    /// The name of an address.
    Ptr,
    /// The facts of a zone.
    Soa,
    /// Where a service is.
    Srv,
    /// Text.
    Txt,
}

/// A question.
pub(super) static DNS: Shape = Shape {
    noun: "`dns`",
    name: "dns",
    about: "A question to the domain name system. It holds when there is at least one record.",
    keys: &[&[
        must("name", Form::Template).about("The name that is looked up."),
        may("type", Form::Words(&RECORDS)).about("The type of its records; `A` when left out."),
        may("server", Form::Template)
            .about("Who is asked, as `host` or `host:port`; the system's own servers otherwise."),
    ]],
    rules: &[],
};

const RECORDS: &[(&str, Record)] = &[
    ("A", Record::A),
    ("AAAA", Record::Aaaa),
    ("CAA", Record::Caa),
    ("CNAME", Record::Cname),
    ("MX", Record::Mx),
    ("NS", Record::Ns),
    ("PTR", Record::Ptr),
    ("SOA", Record::Soa),
    ("SRV", Record::Srv),
    ("TXT", Record::Txt),
];

impl Record {
    /// What everybody calls it, such as `AAAA`.
    pub fn word(self) -> &'static str {
        RECORDS.iter().find(|(_, record)| *record == self).map_or("A", |(word, _)| *word)
    }
}

impl Dns {
    /// Reads `{name: …, type: …, server: …}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Dns> {
        let mut fields = reader.open(node, &DNS)?;
        let name = fields.require("name", reader.problems).and_then(|node| reader.template(node));
        let kind = fields.take("type").and_then(|node| reader.one_of(node, RECORDS));
        let server = fields.take("server").and_then(|node| reader.template(node));
        reader.finish(fields);
        Some(Dns { name: name?, kind: kind.unwrap_or(Record::A), server })
    }

    /// The question with its templates rendered.
    pub fn render(&self, scope: &dyn Scope) -> Result<Query, TemplateError> {
        let text = |template: &Template| Ok(template.render(scope, Quoting::Text)?.shown());
        let server = self.server.as_ref().map(text).transpose()?;
        Ok(Query { name: text(&self.name)?, kind: self.kind, server })
    }

    /// The question with the values that are known; what is not known stands as it is written.
    pub fn partly(&self, scope: &dyn Scope) -> Query {
        let text = |template: &Template| template.partly(scope, Quoting::Text);
        Query { name: text(&self.name), kind: self.kind, server: self.server.as_ref().map(text) }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> Vec<&Expression> {
        self.name.expressions().chain(self.server.iter().flat_map(Template::expressions)).collect()
    }
}

impl Query {
    /// The question as a person reads it.
    pub fn shown(&self) -> String {
        let server = self.server.as_ref().map(|server| format!(" at {server}"));
        format!("dns {} {}{}", self.kind.word(), self.name, server.unwrap_or_default())
    }
}
