//! What a request carries: text, or JSON whose texts are templates.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use crate::document::{Node, Value as NodeValue};
use crate::runbook::expression::{Scope, TemplateError};
use crate::runbook::reader::Reader;
use crate::runbook::rendered::{Quoting, Rendered};
use crate::runbook::script::private;
use crate::runbook::template::Template;

/// What a request carries.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Content<T = Template> {
    /// Text as it is.
    Body(T),
    /// JSON.
    Json(Tree<T>),
}

/// JSON in which texts are not made yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Tree<T = Template> {
    /// A value that is known.
    Plain(Json),
    /// A text.
    Text(T),
    /// A list.
    List(Vec<Tree<T>>),
    /// A mapping, in its order.
    #[serde(serialize_with = "as_mapping")]
    Map(Vec<(String, Tree<T>)>),
}

fn as_mapping<T: Serialize, S: Serializer>(
    entries: &[(String, Tree<T>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

impl<T> Content<T> {
    /// The same with each text changed.
    pub fn map<U, E>(&self, change: &impl Fn(&T) -> Result<U, E>) -> Result<Content<U>, E> {
        Ok(match self {
            Content::Body(text) => Content::Body(change(text)?),
            Content::Json(tree) => Content::Json(tree.map(change)?),
        })
    }

    /// Its texts.
    pub fn texts(&self) -> Vec<&T> {
        match self {
            Content::Body(text) => vec![text],
            Content::Json(tree) => tree.texts(),
        }
    }
}

impl Content {
    /// What it carries now.
    pub fn render(&self, scope: &dyn Scope) -> Result<Content<Rendered>, TemplateError> {
        Ok(match self {
            Content::Body(text) => Content::Body(text.render(scope, Quoting::Private)?),
            Content::Json(tree) => Content::Json(tree.render(scope)?),
        })
    }
}

impl Content<String> {
    /// The bytes that are sent.
    pub fn written(self) -> String {
        match self {
            Content::Body(text) => text,
            Content::Json(tree) => tree.json().to_string(),
        }
    }
}

impl<T> Tree<T> {
    fn map<U, E>(&self, change: &impl Fn(&T) -> Result<U, E>) -> Result<Tree<U>, E> {
        Ok(match self {
            Tree::Plain(json) => Tree::Plain(json.clone()),
            Tree::Text(text) => Tree::Text(change(text)?),
            Tree::List(items) => {
                Tree::List(items.iter().map(|item| item.map(change)).collect::<Result<_, E>>()?)
            }
            Tree::Map(entries) => {
                let entries = entries.iter().map(|(key, it)| Ok((key.clone(), it.map(change)?)));
                Tree::Map(entries.collect::<Result<_, E>>()?)
            }
        })
    }

    fn texts(&self) -> Vec<&T> {
        match self {
            Tree::Plain(_) => Vec::new(),
            Tree::Text(text) => vec![text],
            Tree::List(items) => items.iter().flat_map(Tree::texts).collect(),
            Tree::Map(entries) => entries.iter().flat_map(|(_, value)| value.texts()).collect(),
        }
    }
}

impl Tree {
    /// Reads any value; every text in it may hold templates.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Tree> {
        Some(match &node.value {
            NodeValue::Sequence(items) => {
                Tree::List(items.iter().filter_map(|item| Tree::read(item, reader)).collect())
            }
            NodeValue::Mapping(entries) => {
                let entries = entries.iter().filter_map(|entry| {
                    Some((entry.key.value.clone(), Tree::read(&entry.value, reader)?))
                });
                Tree::Map(entries.collect())
            }
            NodeValue::Null | NodeValue::Scalar(_) => match node.to_json() {
                Json::String(_) => Tree::Text(private(node, reader)?),
                plain => Tree::Plain(plain),
            },
        })
    }

    /// A text that is nothing but one template keeps the type of its value.
    fn render(&self, scope: &dyn Scope) -> Result<Tree<Rendered>, TemplateError> {
        Ok(match self {
            Tree::Plain(json) => Tree::Plain(json.clone()),
            Tree::Text(template) => {
                let whole = template.whole().map(|slot| &slot.expression);
                let is_secret = |name: &String| scope.secret(name).is_some();
                match whole.filter(|expression| !expression.names().iter().any(is_secret)) {
                    Some(expression) => Tree::Plain(expression.evaluate(scope)?.to_json()),
                    None => Tree::Text(template.render(scope, Quoting::Private)?),
                }
            }
            Tree::List(items) => {
                let items = items.iter().map(|item| item.render(scope));
                Tree::List(items.collect::<Result<_, TemplateError>>()?)
            }
            Tree::Map(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| Ok((key.clone(), value.render(scope)?)));
                Tree::Map(entries.collect::<Result<_, TemplateError>>()?)
            }
        })
    }
}

impl Tree<String> {
    fn json(self) -> Json {
        match self {
            Tree::Plain(json) => json,
            Tree::Text(text) => Json::String(text),
            Tree::List(items) => items.into_iter().map(Tree::json).collect(),
            Tree::Map(entries) => {
                entries.into_iter().map(|(key, value)| (key, value.json())).collect()
            }
        }
    }
}
