//! Checks a node against a form where its value is kept as it is written.
//!
//! Most readers make something of what they read, and report on the way what does not fit. This one
//! only reports, for forms that no step needs: knowledge, and files that are used later.

use chrono::NaiveDate;

use crate::document::shape::{Form, Rule};
use crate::document::{Fields, Node, Shape, Value as NodeValue, read};

use super::input::whole;
use super::reader::{Reader, is_id};
use super::script::Script;

impl Reader<'_> {
    /// Reports what does not have this form.
    pub fn check(&mut self, node: &Node, form: &Form) {
        match form {
            Form::Any => {}
            Form::Nothing if node.is_null() => {}
            Form::Nothing => {
                self.error(node.span, format!("nothing may stand here, found {}", node.kind()));
            }
            Form::Json => self.check_json(node),
            Form::Text | Form::Scalar => drop(self.text(node)),
            Form::Url => self.check_text(node, "is no URL: it needs http:// or https://", is_url),
            Form::Template => drop(self.template(node)),
            Form::Expression => drop(self.expression(node)),
            Form::Script => drop(Script::read(node, self)),
            Form::Regex => drop(self.regex(node, regex::Regex::new)),
            Form::Integer => drop(self.integer(node)),
            Form::Number => drop(read::number(node, self.problems)),
            Form::Boolean => drop(self.boolean(node)),
            Form::Duration => drop(self.duration(node)),
            Form::Size => drop(self.size(node)),
            Form::Day => self.check_text(node, "is not a day such as 2026-01-31", is_day),
            Form::Id => self.check_text(node, "cannot be an id", is_id),
            Form::Matching(pattern) => {
                let is_match = |text: &str| whole(pattern).is_ok_and(|it| it.is_match(text));
                self.check_text(node, "does not have the form that it must have here", is_match);
            }
            Form::Words(words) => {
                let table: Vec<_> = words.words().into_iter().map(|word| (word, ())).collect();
                self.one_of(node, &table);
            }
            Form::Range(least, greatest) => self.check_range(node, *least, *greatest),
            Form::List(item) => self.check_items(node, item),
            Form::Items(count, item) => {
                self.check_items(node, item);
                if node.as_sequence().is_some_and(|items| items.len() != *count) {
                    self.error(node.span, format!("it must be a list of {count}"));
                }
            }
            Form::OneOrMany(Form::Text) => drop(self.texts(node)),
            Form::OneOrMany(item) => match node.as_sequence() {
                Some(_) => self.check_items(node, item),
                None => self.check(node, item),
            },
            Form::Map(value) => self.check_entries(node, None, value),
            Form::Named(pattern, value) => self.check_entries(node, Some(pattern), value),
            Form::Filled(inner) => {
                self.check(node, inner);
                if is_empty(node) {
                    self.error(node.span, "it must not be empty");
                }
            }
            Form::Shape(shape) => self.check_shape(node, shape),
            Form::Either(forms) => self.check_either(node, forms),
        }
    }

    fn check_json(&mut self, node: &Node) {
        match &node.value {
            NodeValue::Null => {}
            NodeValue::Scalar(_) => drop(self.template(node)),
            NodeValue::Sequence(_) => self.check_items(node, &Form::Json),
            NodeValue::Mapping(_) => self.check_entries(node, None, &Form::Json),
        }
    }

    fn check_range(&mut self, node: &Node, least: i64, greatest: i64) {
        let number = self.integer(node);
        if number.is_some_and(|number| !(least..=greatest).contains(&number)) {
            self.error(node.span, format!("it must be from {least} to {greatest}"));
        }
    }

    /// Takes the first form that is meant: of several mappings one whose required keys are there.
    fn check_either(&mut self, node: &Node, forms: &[Form]) {
        let is_whole = |form: &&Form| match form {
            Form::Shape(shape) => shape.keys().all(|key| !key.is_required || node.has(key.name)),
            _ => true,
        };
        let fitting = || forms.iter().filter(|form| fits(form, node));
        match fitting().find(is_whole).or_else(|| fitting().next()) {
            Some(form) => self.check(node, form),
            None => self.error(node.span, format!("{} cannot stand here", node.kind())),
        }
    }

    fn check_text(&mut self, node: &Node, complaint: &str, is_good: impl Fn(&str) -> bool) {
        if let Some(text) = self.text(node).filter(|text| !is_good(text)) {
            self.error(text.span, format!("`{text}` {complaint}"));
        }
    }

    fn check_items(&mut self, node: &Node, item: &Form) {
        for node in self.list(node) {
            self.check(node, item);
        }
    }

    fn check_entries(&mut self, node: &Node, pattern: Option<&str>, value: &Form) {
        for (name, node) in self.entries(node, "this") {
            if pattern.is_some_and(|it| !whole(it).is_ok_and(|it| it.is_match(&name))) {
                self.error(name.span, format!("`{name}` cannot be a name here"));
            }
            self.check(&node, value);
        }
    }

    fn check_shape(&mut self, node: &Node, shape: &'static Shape) {
        let Some(mut fields) = self.open(node, shape) else { return };
        for key in shape.keys().filter(|key| key.is_required) {
            if !fields.peek(key.name) {
                fields.require(key.name, self.problems);
            }
        }
        let mut narrower = Vec::new();
        for rule in shape.rules.iter().copied().flatten() {
            match rule {
                Rule::Narrows(key, other, form) if fields.peek(key) => {
                    narrower.push((*other, form))
                }
                rule => self.check_rule(rule, &fields, shape.noun),
            }
        }
        for (name, node) in fields.take_in_order() {
            let narrowed = narrower.iter().find(|(key, _)| *key == name).map(|(_, form)| *form);
            if let Some(form) = narrowed.or_else(|| shape.key(name).map(|key| &key.form)) {
                self.check(node, form);
            }
        }
        self.finish(fields);
    }

    fn check_rule(&mut self, rule: &Rule, fields: &Fields<'_>, noun: &str) {
        let there = |keys: &[&'static str]| -> Vec<&'static str> {
            keys.iter().copied().filter(|key| fields.peek(key)).collect()
        };
        let complaint = match rule {
            Rule::Any(keys) if there(keys).is_empty() => {
                format!("{noun} needs one of {}", keys.join(", "))
            }
            Rule::One(keys) if there(keys).len() != 1 => {
                format!("{noun} needs exactly one of {}", keys.join(", "))
            }
            Rule::OneOr(keys, _) if there(keys).len() > 1 => {
                format!("{noun} needs only one of {}", keys.join(", "))
            }
            Rule::OneOr(keys, other) if there(keys).is_empty() && !fields.peek(other) => {
                format!("{noun} needs one of {}, {other}", keys.join(", "))
            }
            Rule::Needs(key, others) if fields.peek(key) && there(others).is_empty() => {
                format!("`{key}` needs {} beside it", others.join(" or "))
            }
            Rule::Excludes(key, others) if fields.peek(key) && !there(others).is_empty() => {
                format!("`{key}` and {} cannot stand together", there(others).join(", "))
            }
            Rule::Never(keys) if !there(keys).is_empty() => {
                format!("{} may not stand in {noun}", there(keys).join(", "))
            }
            _ => return,
        };
        self.error(fields.span(), complaint);
    }
}

/// Whether a node is of a kind that a form can have.
fn fits(form: &Form, node: &Node) -> bool {
    let (is_list, is_mapping) = (node.as_sequence().is_some(), node.as_mapping().is_some());
    match form {
        Form::Any | Form::Json => true,
        Form::Nothing => node.is_null(),
        Form::List(_) | Form::Items(..) => is_list,
        Form::Map(_) | Form::Named(..) => is_mapping || node.is_null(),
        Form::Shape(_) => is_mapping,
        Form::OneOrMany(inner) => is_list || fits(inner, node),
        Form::Filled(inner) => fits(inner, node),
        Form::Either(forms) => forms.iter().any(|form| fits(form, node)),
        Form::Boolean => node.as_bool().is_some(),
        _ => matches!(node.value, NodeValue::Scalar(_)),
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.value {
        NodeValue::Null => true,
        NodeValue::Scalar(scalar) => scalar.text.trim().is_empty(),
        NodeValue::Sequence(items) => items.is_empty(),
        NodeValue::Mapping(entries) => entries.is_empty(),
    }
}

fn is_url(text: &str) -> bool {
    ["http://", "https://", "${{"].iter().any(|start| text.starts_with(start))
}

fn is_day(text: &str) -> bool {
    text.len() == "2026-01-31".len() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

#[cfg(test)]
mod tests {
    use crate::document::parse;
    use crate::document::shape::{may, must};
    use crate::source::{Problems, Source};

    use super::*;

    static TOOL: Shape = Shape {
        noun: "a tool",
        name: "tool",
        about: "Does one thing.",
        keys: &[&[
            may("cut", Form::Duration),
            may("glue", Form::Either(&[Form::Boolean, Form::List(&Form::Text)])),
            may("rest", Form::Boolean),
            may("sharp", Form::Json),
            may("size", Form::Items(2, &Form::Range(1, 9))),
            may("never", Form::Any),
        ]],
        rules: &[&[
            Rule::OneOr(&["cut", "glue"], "rest"),
            Rule::Needs("sharp", &["cut", "size"]),
            Rule::Excludes("rest", &["size"]),
            Rule::Narrows("size", "glue", Form::List(&Form::Text)),
            Rule::Never(&["never"]),
        ]],
    };

    static BOX: Shape = Shape {
        noun: "a box",
        name: "box",
        about: "Holds tools.",
        keys: &[&[
            must("tools", Form::Filled(&Form::Named("[a-z]+", &Form::Shape(&TOOL)))),
            may("lid", Form::Either(&[Form::Nothing, Form::Shape(&LID)])),
        ]],
        rules: &[],
    };

    static LID: Shape = Shape {
        noun: "a lid",
        name: "lid",
        about: "Shuts a box.",
        keys: &[&[may("key", Form::Text), may("knob", Form::Text)]],
        rules: &[&[Rule::One(&["key", "knob"])]],
    };

    fn problems(text: &str) -> Vec<String> {
        let source = Source::new("box.yaml", text);
        let mut problems = Problems::default();
        let node = parse(&source, &mut problems).expect("the text is YAML");
        Reader::new(&source, &mut problems).check(&node, &Form::Shape(&BOX));
        problems.sorted().into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn what_has_its_form_is_taken() {
        for text in [
            "tools: {saw: {cut: 5s, sharp: {a: ['${{ run.id }}', 1, null]}}}",
            "tools: {pot: {glue: true}, tube: {glue: [a], size: [1, 9]}}\nlid:",
            "tools: {bench: {rest: true}}\nlid: {knob: round}",
        ] {
            assert_eq!(problems(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn what_has_not_is_reported_with_what_it_should_be() {
        for (text, expected) in [
            ("lid: {key: a}", "a box needs `tools`"),
            ("tools: {}", "it must not be empty"),
            ("tools: {Saw: {cut: 5s}}", "`Saw` cannot be a name here"),
            ("tools: {saw: {cut: 5s, glue: true}}", "a tool needs only one of cut, glue"),
            ("tools: {saw: {}}", "a tool needs one of cut, glue, rest"),
            ("tools: {saw: {rest: true, sharp: 1}}", "`sharp` needs cut or size beside it"),
            ("tools: {saw: {rest: true, size: [1, 2]}}", "`rest` and size cannot stand together"),
            ("tools: {saw: {glue: true, size: [1, 2]}}", "expected a list, found true or false"),
            ("tools: {saw: {cut: 5s, size: [1]}}", "it must be a list of 2"),
            ("tools: {saw: {cut: 5s, size: [1, 10]}}", "it must be from 1 to 9"),
            ("tools: {saw: {cut: 5s, never: 1}}", "never may not stand in a tool"),
            ("tools: {saw: {glue: glue}}", "a string cannot stand here"),
            ("tools: {saw: {cut: 5s, sharp: ['${{ a']}}", "`${{` is never closed by `}}`"),
            ("tools: {saw: {cut: 5s}}\nlid: {}", "a lid needs exactly one of key, knob"),
        ] {
            assert_eq!(problems(text), [expected], "{text}");
        }
    }
}
