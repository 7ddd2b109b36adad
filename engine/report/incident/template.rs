//! A template of a post-incident document, set with the facts of an incident.
//!
//! Whatever a template prints is made inert for Markdown, always: nothing that a command printed or
//! that somebody typed is a link, a tag or a mark on the page. A name that is not known is an error,
//! never empty. A template reads no other file, and takes no more than a certain time and size.

use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};
use regex::Regex;

use crate::document::nearest;
use crate::report::inert::inert_line;

use super::{Incident, VARIABLES};

/// The templates that are always there, by name: the structure of one is that of a report after an
/// incident, of the other that of a post-mortem.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("incident-report", include_str!("templates/incident-report.md")),
    ("post-mortem", include_str!("templates/post-mortem.md")),
];

/// How many instructions a template may take: a hundred thousand entries are told with some each.
const FUEL: u64 = 20_000_000;
/// How large a document may become, in bytes.
const LARGEST: usize = 64 << 20;

/// A template that compiles and names nothing that is not there.
pub struct Template {
    name: String,
    text: String,
    fuel: u64,
}

/// What is wrong with a template.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateProblem {
    /// Where and what, as a lower-case sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Template {
    /// A template under the name that a person knows it by.
    pub fn parse(name: &str, text: &str) -> Result<Template, TemplateProblem> {
        let template = Template { name: name.to_owned(), text: text.to_owned(), fuel: FUEL };
        let environment = template.environment();
        let compiled = environment
            .template_from_named_str(&template.name, &template.text)
            .map_err(|error| template.problem(&error))?;
        let mut unknown: Vec<String> = compiled.undeclared_variables(false).into_iter().collect();
        let is_known =
            |name: &String| name == "range" || VARIABLES.iter().any(|(known, _)| known == name);
        unknown.retain(|name| !is_known(name));
        unknown.sort_unstable();
        match unknown.first() {
            Some(name) => Err(template.unknown(name)),
            None => Ok(template),
        }
    }

    /// The document.
    pub fn set(&self, incident: &Incident) -> Result<String, TemplateProblem> {
        let environment = self.environment();
        let problem = |error: &Error| self.problem(error);
        let compiled = environment
            .template_from_named_str(&self.name, &self.text)
            .map_err(|error| problem(&error))?;
        let mut page = Bounded(Vec::new());
        compiled
            .render_captured_to(Value::from(Serde(incident)), &mut page)
            .map_err(|error| problem(&error))?;
        let mut page = String::from_utf8_lossy(&page.0).into_owned();
        if !page.ends_with('\n') {
            page.push('\n');
        }
        Ok(page)
    }

    fn environment(&self) -> Environment<'static> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(self.fuel));
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .keep_trailing_newline(true)
            .build();
        environment.set_syntax(syntax.expect("its marks are the usual ones"));
        // Nothing a template says makes a text safe: what it prints is always made inert.
        for filter in ["safe", "escape", "e"] {
            environment.remove_filter(filter);
        }
        environment.set_formatter(|out, _, value| {
            let text = match value.as_str() {
                Some(text) => text.to_owned(),
                None => value.to_string(),
            };
            out.write_str(&inert_line(&text)).map_err(Error::from)
        });
        environment
    }

    /// The same with so many instructions.
    #[cfg(test)]
    pub(super) fn with_fuel(self, fuel: u64) -> Template {
        Template { fuel, ..self }
    }

    /// A name at the top that there is not.
    fn unknown(&self, name: &str) -> TemplateProblem {
        let line = self.line_of(name).map(|line| format!(":{line}")).unwrap_or_default();
        let near = nearest(name, VARIABLES.iter().map(|(known, _)| *known));
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        TemplateProblem {
            message: format!("{}{line}: there is no `{name}`", self.name),
            help: format!("{near}there are {}", names()),
        }
    }

    /// The first line whose tags hold a word.
    fn line_of(&self, name: &str) -> Option<usize> {
        let word = Regex::new(&format!(r"\b{}\b", regex::escape(name))).ok()?;
        let mut is_inside = false;
        for (number, line) in (1..).zip(self.text.lines()) {
            let starts = line.contains("{{") || line.contains("{%");
            if (is_inside || starts) && word.is_match(line) {
                return Some(number);
            }
            let last = |marks: [&str; 2]| marks.iter().filter_map(|mark| line.rfind(mark)).max();
            let (opens, closes) = (last(["{{", "{%"]), last(["}}", "%}"]));
            is_inside = opens > closes || (is_inside && closes.is_none());
        }
        None
    }

    fn problem(&self, error: &Error) -> TemplateProblem {
        let line = error.line().map(|line| format!(":{line}")).unwrap_or_default();
        let at = format!("{}{line}", self.name);
        let (what, help) = match error.kind() {
            ErrorKind::UndefinedError => (
                "a name there has no value".to_owned(),
                format!("docs/report.md says what each list holds; there are {}", names()),
            ),
            ErrorKind::OutOfFuel => {
                ("it takes too long".to_owned(), "let it do less for each entry".to_owned())
            }
            ErrorKind::WriteFailure => {
                ("the document becomes too large".to_owned(), "let it print less".to_owned())
            }
            kind => (
                error.detail().map_or_else(|| kind.to_string(), str::to_owned),
                "it is a template of minijinja: `{{ title }}`, `{% for item in action_items %}`"
                    .to_owned(),
            ),
        };
        TemplateProblem { message: format!("{at}: {what}"), help }
    }
}

/// All names that a template can use, in a sentence.
fn names() -> String {
    VARIABLES.iter().map(|(name, _)| *name).collect::<Vec<&str>>().join(", ")
}

/// A page that does not become larger than it may.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST {
            return Err(io::Error::other("the document becomes too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
