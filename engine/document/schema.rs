//! JSON Schema, draft 2020-12, made from the shapes that the readers read by.
//!
//! A schema never refuses what a reader takes. What a table cannot say (that an id is used once, that
//! a name exists) only the reader finds. Nothing in a schema goes beyond what editors know of it.

pub mod of_type;
mod pattern;

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Value as Json, json};

use super::shape::{Form, Rule, Shape};

/// The dialect that every schema is written in.
pub const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// What a schema is called.
#[derive(Clone, Copy, Debug)]
pub struct Heading {
    /// One word, which the name of its file begins with.
    pub name: &'static str,
    /// What an editor shows.
    pub title: &'static str,
    /// What such a document is for, in a sentence.
    pub about: &'static str,
}

impl Heading {
    /// The keys that every schema begins with. Its name is a URN, since it has no address.
    fn keys(&self) -> Map<String, Json> {
        let mut keys = Map::new();
        keys.insert("$schema".into(), DIALECT.into());
        keys.insert("$id".into(), format!("urn:holdpoint:{}:1", self.name).into());
        keys.insert("title".into(), self.title.into());
        keys.insert("description".into(), self.about.into());
        keys
    }
}

/// The schema of documents that have a form.
pub fn of_form(heading: &Heading, root: &Form) -> Json {
    let mut schema = heading.keys();
    let mut book = Book::default();
    let body = match root {
        Form::Shape(shape) => book.shape(shape),
        form => book.form(form),
    };
    schema.extend(body.into_iter().filter(|(key, _)| key != "description"));
    let definitions = book.definitions();
    schema.insert("$defs".into(), definitions);
    Json::Object(schema)
}

/// What is defined once and referred to by name: the shapes, and the texts with a pattern.
#[derive(Default)]
struct Book {
    shapes: Vec<&'static Shape>,
    texts: BTreeMap<&'static str, Json>,
}

impl Book {
    /// All definitions by their names. The texts have capital letters, and the shapes have none.
    fn definitions(mut self) -> Json {
        let mut found = BTreeMap::new();
        let mut at = 0;
        while let Some(shape) = self.shapes.get(at).copied() {
            let definition = self.shape(shape).into();
            debug_assert!(!found.contains_key(shape.name), "two shapes are `{}`", shape.name);
            found.insert(shape.name, definition);
            at += 1;
        }
        found.append(&mut self.texts);
        found.into_iter().map(|(name, definition)| (name.to_owned(), definition)).collect()
    }

    fn shape(&mut self, shape: &'static Shape) -> Map<String, Json> {
        let rules: Vec<&Rule> = shape.rules.iter().copied().flatten().collect();
        let never = |name: &str| {
            rules.iter().any(|rule| matches!(rule, Rule::Never(keys) if keys.contains(&name)))
        };
        let mut properties = Map::new();
        let mut required = Vec::new();
        for key in shape.keys().filter(|key| !never(key.name)) {
            let mut property = self.form(&key.form);
            property.shift_insert(0, "description".into(), key.about.into());
            properties.insert(key.name.into(), property.into());
            if key.is_required {
                required.push(key.name);
            }
        }
        let mut schema = object(json!({ "description": shape.about, "type": "object" }));
        schema.insert("properties".into(), properties.into());
        if !required.is_empty() {
            schema.insert("required".into(), json!(required));
        }
        schema.insert("additionalProperties".into(), false.into());
        let demands = self.demands(&rules);
        if !demands.is_empty() {
            schema.insert("allOf".into(), demands.into());
        }
        schema
    }

    /// What the rules demand. All that is demanded where one key stands is said together.
    fn demands(&mut self, rules: &[&Rule]) -> Vec<Json> {
        let mut demands = Vec::new();
        let mut besides = Besides::default();
        for rule in rules {
            match rule {
                Rule::Any(keys) => demands.push(json!({ "anyOf": each_required(keys) })),
                Rule::One(keys) => {
                    demands.push(json!({ "anyOf": each_required(keys) }));
                    besides.add_exclusive(keys);
                }
                Rule::OneOr(keys, other) => {
                    demands.push(json!({ "anyOf": each_required(&[*keys, &[*other]].concat()) }));
                    besides.add_exclusive(keys);
                }
                Rule::Never(_) => {}
                Rule::Needs(key, others) => besides.of(key).needs.push(any_required(others)),
                Rule::Excludes(key, others) => besides.of(key).exclude(others),
                Rule::Narrows(key, other, form) => {
                    let form = self.form(form).into();
                    besides.of(key).properties.insert((*other).to_owned(), form);
                }
            }
        }
        demands.extend(besides.0.into_iter().map(|(key, beside)| beside.into_schema(key)));
        demands
    }

    fn form(&mut self, form: &Form) -> Map<String, Json> {
        object(match form {
            Form::Text | Form::Scalar | Form::Regex => json!({ "type": SCALAR }),
            Form::Template => self.text("Template"),
            Form::Url => self.text("Url"),
            Form::Expression => self.text("Expression"),
            Form::Script => self.text("Script"),
            Form::Id => self.text("Id"),
            Form::Duration => self.text("Duration"),
            Form::Size => self.text("Size"),
            Form::Day => self.text("Day"),
            Form::Matching(pattern) => matching(pattern),
            Form::Words(words) => json!({ "enum": words.words() }),
            Form::Integer => json!({ "type": "integer" }),
            Form::Range(least, greatest) => range(*least, *greatest),
            Form::Number => json!({ "type": "number" }),
            Form::Boolean => json!({ "type": "boolean" }),
            Form::List(item) => json!({ "type": "array", "items": self.form(item) }),
            Form::Items(count, item) => {
                let items = self.form(item);
                json!({ "type": "array", "items": items, "minItems": count, "maxItems": count })
            }
            Form::OneOrMany(item) => {
                let many = json!({ "type": "array", "items": self.form(item) });
                let mut choices = choices(self.form(item));
                choices.push(many);
                json!({ "anyOf": choices })
            }
            Form::Map(value) => {
                json!({ "type": ["object", "null"], "additionalProperties": self.form(value) })
            }
            Form::Named(pattern, value) => json!({
                "type": ["object", "null"],
                "propertyNames": { "pattern": whole(pattern) },
                "additionalProperties": self.form(value),
            }),
            Form::Filled(inner) => filled(self.form(inner)),
            Form::Shape(shape) => {
                if !self.shapes.iter().any(|known| std::ptr::eq(*known, *shape)) {
                    self.shapes.push(shape);
                }
                refer_to(shape.name)
            }
            Form::Either(forms) => {
                let forms = forms.iter().flat_map(|form| choices(self.form(form)));
                json!({ "anyOf": forms.collect::<Vec<_>>() })
            }
            Form::Nothing => json!({ "type": "null" }),
            Form::Json => self.text("Json"),
            Form::Any => json!({}),
        })
    }

    fn text(&mut self, name: &'static str) -> Json {
        self.texts.entry(name).or_insert_with(|| pattern::definition(name));
        if matches!(name, "Script" | "Json" | "Url") {
            self.text("Template");
        }
        refer_to(name)
    }
}

/// What must be so where certain keys stand, by key.
#[derive(Default)]
struct Besides<'k>(Vec<(&'k str, Beside)>);

/// What must be so where a certain key stands.
#[derive(Default)]
struct Beside {
    properties: Map<String, Json>,
    needs: Vec<Json>,
}

impl<'k> Besides<'k> {
    fn of(&mut self, key: &'k str) -> &mut Beside {
        let at = self.0.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            self.0.push((key, Beside::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    /// Each key refuses those that come after it: an editor then names the one that is too many.
    fn add_exclusive(&mut self, keys: &[&'k str]) {
        for (at, key) in keys.iter().enumerate().take(keys.len().saturating_sub(1)) {
            self.of(key).exclude(keys.get(at + 1..).unwrap_or_default());
        }
    }
}

impl Beside {
    fn exclude(&mut self, others: &[&str]) {
        let refused = others.iter().map(|other| ((*other).to_owned(), Json::Bool(false)));
        self.properties.extend(refused);
    }

    fn into_schema(self, key: &str) -> Json {
        let mut then = Map::new();
        if !self.properties.is_empty() {
            then.insert("properties".into(), self.properties.into());
        }
        match self.needs.as_slice() {
            [] => {}
            [only] => then.extend(object(only.clone())),
            _ => {
                then.insert("allOf".into(), self.needs.into());
            }
        }
        json!({ "if": { "required": [key] }, "then": then })
    }
}

/// What text may be written as in YAML.
const SCALAR: [&str; 3] = ["string", "number", "boolean"];

fn object(schema: Json) -> Map<String, Json> {
    match schema {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn refer_to(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn each_required(keys: &[&str]) -> Vec<Json> {
    keys.iter().map(|key| json!({ "required": [key] })).collect()
}

fn any_required(keys: &[&str]) -> Json {
    match keys {
        [only] => json!({ "required": [only] }),
        _ => json!({ "anyOf": each_required(keys) }),
    }
}

fn whole(pattern: &str) -> String {
    format!("^(?:{pattern})$")
}

/// Text that matches as a whole; also a number or a truth value where one could, as it is written.
fn matching(pattern: &str) -> Json {
    let is_match = |sample: &&str| Regex::new(&whole(pattern)).is_ok_and(|it| it.is_match(sample));
    let mut types = vec!["string"];
    if ["0", "7", "12", "600", "-1", "1.5"].iter().any(is_match) {
        types.push("number");
    }
    if ["true", "false"].iter().any(is_match) {
        types.push("boolean");
    }
    json!({ "type": types, "pattern": whole(pattern) })
}

fn range(least: i64, greatest: i64) -> Json {
    match least == greatest {
        true => json!({ "const": least }),
        false => json!({ "type": "integer", "minimum": least, "maximum": greatest }),
    }
}

/// What a schema offers to choose from: itself, unless it is no more than a choice.
fn choices(schema: Map<String, Json>) -> Vec<Json> {
    match schema.get("anyOf") {
        Some(Json::Array(choices)) if schema.len() == 1 => choices.clone(),
        _ => vec![schema.into()],
    }
}

fn filled(mut schema: Map<String, Json>) -> Json {
    match schema.get("type") {
        Some(Json::String(kind)) if kind == "array" => {
            schema.insert("minItems".into(), 1.into());
        }
        Some(Json::Array(kinds)) if kinds.iter().any(|kind| kind == "object") => {
            schema.insert("type".into(), "object".into());
            schema.insert("minProperties".into(), 1.into());
        }
        _ => {
            schema.insert("pattern".into(), r"\S".into());
        }
    }
    Json::Object(schema)
}

#[cfg(test)]
mod tests;
