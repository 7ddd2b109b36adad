//! Keys of mappings: which nodes can be one, and which come twice.

use std::collections::HashMap;
use std::collections::hash_map;

use super::node::{Entry, Node, Style, Value};
use crate::source::{Diagnostic, Spanned};

/// Mappings up to this size are searched key by key: no index pays for so few.
pub(super) const FEW: usize = 16;

/// Reads a node of `text` as a key.
pub(super) fn read(text: &str, node: Node) -> Result<Spanned<String>, Box<Diagnostic>> {
    let span = node.span;
    let written = text.get(span.start..span.end).unwrap_or_default();
    match node.value {
        Value::Scalar(scalar) if scalar.style == Style::Plain && &*scalar.text == "<<" => {
            let message = "merge keys are not part of YAML 1.2: write the keys out";
            Err(Box::new(Diagnostic::error(span, message)))
        }
        Value::Scalar(scalar) => Ok(Spanned::new(scalar.text.to_string(), span)),
        Value::Null if written.is_empty() => {
            Err(Box::new(Diagnostic::error(span, "this entry has no key")))
        }
        Value::Null => Ok(Spanned::new(written.to_owned(), span)),
        Value::Sequence(_) | Value::Mapping(_) => {
            let problem = Diagnostic::error(span, "a key must be text");
            Err(Box::new(match written.starts_with('{') {
                true => problem.help("put text that begins with `{` in quotes"),
                false => problem,
            }))
        }
    }
}

/// The places of entries whose key came before, each with the place of the first, in file order.
pub(super) fn repeated(entries: &[Entry]) -> Vec<(usize, usize)> {
    let names = entries.iter().map(|entry| entry.key.as_str()).enumerate();
    if entries.len() <= FEW {
        return names
            .filter_map(|(at, name)| {
                let first = entries.iter().position(|entry| entry.key.as_str() == name)?;
                (first < at).then_some((at, first))
            })
            .collect();
    }
    let mut firsts = HashMap::with_capacity(entries.len());
    names
        .filter_map(|(at, name)| match firsts.entry(name) {
            hash_map::Entry::Occupied(first) => Some((at, *first.get())),
            hash_map::Entry::Vacant(place) => {
                place.insert(at);
                None
            }
        })
        .collect()
}
