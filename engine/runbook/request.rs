//! A request over HTTP: what is sent where, as templates until it is rendered.
//!
//! A secret may stand in a header and in what is carried, by itself; the URL is for everybody to
//! see. Whether it may be sent twice follows from its method.

mod content;

use std::convert::Infallible;
use std::time::Duration;

use serde::Serialize;

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Node, Shape};

use super::expression::{Scope, TemplateError};
use super::reader::Reader;
use super::rendered::{Piece, Quoting, Rendered};
use super::script::private;
use super::template::Template;

pub use content::{Content, Tree};

/// How long a request may take when nothing is said.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The outputs that every answer has.
pub const ANSWERED: &[&str] = &["status", "body", "json"];

/// A request. Rendered, its canonical JSON is what a gate hashes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request<T = Template> {
    /// Such as `POST`.
    pub method: String,
    /// Where it goes.
    pub url: T,
    /// Names and values, in the order in which they are sent.
    pub headers: Vec<(String, T)>,
    /// What it carries.
    #[serde(flatten)]
    pub content: Option<Content<T>>,
}

pub(super) static REQUEST: Shape = Shape {
    noun: "`http`",
    name: "http",
    about: "A request over HTTP.",
    keys: &[&[
        may("method", Form::Matching("[A-Z]+")).about(
            "Such as `POST`; `GET` when left out. What is neither `GET` nor `HEAD` has the effect \
             `once`, unless the step says otherwise.",
        ),
        must("url", Form::Url).about("Where it goes: `https://…`."),
        may("headers", Form::Named(TOKEN, &Form::Template))
            .about("What it says about itself, by name. A secret may stand here."),
        may("body", Form::Template).about("What it carries, as text. A secret may stand here."),
        may("json", Form::Json).about(
            "What it carries, as JSON. A text that is nothing but one `${{ … }}` keeps the type \
             of its value. A secret may stand here.",
        ),
    ]],
    rules: &[&[
        Rule::Excludes("body", &["json"]),
        Rule::Needs("body", &["method"]),
        Rule::Needs("json", &["method"]),
    ]],
};

/// The names that a header may have.
const TOKEN: &str = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

/// Headers that follow from what is carried.
const OURS: &[&str] = &["content-length", "transfer-encoding", "connection"];

impl Request {
    /// Reads `{method: …, url: …, headers: {…}, body: … or json: …}`.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Request> {
        let mut fields = reader.open(node, &REQUEST)?;
        let method_node = fields.take("method");
        let method = method_node.and_then(|node| method(node, reader));
        let url = fields.require("url", reader.problems);
        let url = url.and_then(|node| url_of(node, reader));
        let headers = fields.take("headers").map(|node| headers(node, reader));
        let (body, json) = (fields.take("body"), fields.take("json"));
        if let (Some(_), Some(json)) = (body, json) {
            reader.error(json.span, "a request carries `body` or `json`, not both");
        }
        let carried = body.or(json);
        let method = method.unwrap_or_else(|| "GET".into());
        if let Some(carried) = carried.filter(|_| matches!(method.as_str(), "GET" | "HEAD")) {
            match method_node {
                None => {
                    let help = "for example: method: POST";
                    reader.error_with_help(carried.span, "say how this is sent", help);
                }
                Some(node) => reader.error(node.span, format!("a {method} carries nothing")),
            }
        }
        let body = body.and_then(|node| private(node, reader)).map(Content::Body);
        let json = json.and_then(|node| Tree::read(node, reader)).map(Content::Json);
        reader.finish(fields);
        let headers = headers.unwrap_or_default();
        Some(Request { method, url: url?, headers, content: body.or(json) })
    }

    /// The request with its templates rendered.
    pub fn render(&self, scope: &dyn Scope) -> Result<Request<Rendered>, TemplateError> {
        let header = |(name, value): &(String, Template)| {
            Ok((name.clone(), value.render(scope, Quoting::Private)?))
        };
        let mut headers =
            self.headers.iter().map(header).collect::<Result<Vec<_>, TemplateError>>()?;
        let is_json = matches!(self.content, Some(Content::Json(_)));
        let is_type = |(name, _): &(String, Rendered)| name.eq_ignore_ascii_case("content-type");
        if is_json && !headers.iter().any(is_type) {
            headers.push(("Content-Type".into(), Rendered::plain("application/json")));
        }
        Ok(Request {
            method: self.method.clone(),
            url: self.url.render(scope, Quoting::Text)?,
            headers,
            content: self.content.as_ref().map(|content| content.render(scope)).transpose()?,
        })
    }

    /// What it is, with the values that are known.
    pub fn partly(&self, scope: &dyn Scope) -> String {
        self.text(|template| template.partly(scope, Quoting::Private))
    }

    /// What it is as it is written, templates and all.
    pub fn written(&self) -> String {
        self.text(|template| template.to_string())
    }
}

impl<T> Request<T> {
    /// Whether it only asks, so that it may be sent again.
    pub fn is_safe(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Its texts.
    pub fn texts(&self) -> Vec<&T> {
        let headers = self.headers.iter().map(|(_, value)| value);
        let carried = self.content.iter().flat_map(Content::texts);
        std::iter::once(&self.url).chain(headers).chain(carried).collect()
    }

    /// All of it, line by line.
    fn text(&self, text: impl Fn(&T) -> String) -> String {
        let Ok(request) = self.map(&|part| Ok::<String, Infallible>(text(part)));
        let mut lines = format!("{} {}", request.method, request.url);
        for (name, value) in request.headers {
            lines.push_str(&format!("\n{name}: {value}"));
        }
        if let Some(content) = request.content {
            lines.push_str(&format!("\n{}", content.written().trim_end()));
        }
        lines
    }

    /// The same with each text changed.
    pub fn map<U, E>(&self, change: &impl Fn(&T) -> Result<U, E>) -> Result<Request<U>, E> {
        let headers = self.headers.iter().map(|(name, value)| Ok((name.clone(), change(value)?)));
        Ok(Request {
            method: self.method.clone(),
            url: change(&self.url)?,
            headers: headers.collect::<Result<_, E>>()?,
            content: self.content.as_ref().map(|content| content.map(change)).transpose()?,
        })
    }
}

impl Request<Rendered> {
    /// The request as a person reads it; secrets are `***`.
    pub fn shown(&self) -> String {
        self.text(Rendered::shown)
    }

    /// Whether a secret goes with it.
    pub fn has_secret(&self) -> bool {
        let pieces = self.texts().into_iter().flat_map(Rendered::pieces);
        pieces.into_iter().any(|piece| matches!(piece, Piece::Secret(_)))
    }
}

fn method(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.text(node)?;
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase()) {
        return Some(text.value);
    }
    let help = "write it in capitals, such as GET, POST, PUT, PATCH or DELETE";
    reader.error_with_help(text.span, format!("`{text}` is no method"), help);
    None
}

/// A URL of the web, or one that begins with a template.
pub(super) fn url_of(node: &Node, reader: &mut Reader<'_>) -> Option<Template> {
    let template = reader.template(node)?;
    let text = template.to_string();
    let is_known = ["http://", "https://", "${{"].iter().any(|start| text.starts_with(start));
    if !is_known {
        reader.error(node.span, "a URL begins with http:// or https://");
    }
    Some(template)
}

fn headers(node: &Node, reader: &mut Reader<'_>) -> Vec<(String, Template)> {
    let mut found: Vec<(String, Template)> = Vec::new();
    for (name, node) in reader.entries(node, "`headers`") {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+.^_`|~-".contains(c);
        if name.is_empty() || !name.chars().all(is_token) {
            reader.error(name.span, "this cannot be the name of a header");
        } else if OURS.iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            reader.error(name.span, format!("`{name}` follows from what is carried"));
        } else if found.iter().any(|(other, _)| name.eq_ignore_ascii_case(other)) {
            reader.error(name.span, format!("the header `{name}` comes twice"));
        }
        found.extend(private(&node, reader).map(|value| (name.value, value)));
    }
    found
}

#[cfg(test)]
mod tests;
