//! Documents made from shapes: the smallest mapping of a shape that holds a certain key, and the
//! smallest document that holds a certain mapping.

use std::collections::VecDeque;

use holdpoint::document::Shape;
use holdpoint::document::shape::{Form, Key, Rule};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value as Json, json};

/// Texts that are tried where a regular expression says what may stand.
const TEXTS: &[&str] = &["a", "db-1:5432", "sh -eu", "5m", "7", "A", "600", "x=1"];

/// Makes documents whose ids differ.
#[derive(Default)]
pub(super) struct Maker {
    ids: usize,
}

impl Maker {
    /// One whose ids no other has made yet.
    pub(super) fn apart() -> Maker {
        Maker { ids: 1_000 }
    }

    /// Something of a form.
    pub(super) fn sample(&mut self, form: &Form) -> Json {
        match form {
            Form::Text | Form::Template | Form::Scalar | Form::Json | Form::Any => json!("words"),
            Form::Nothing => Json::Null,
            Form::Url => json!("https://example.com/health"),
            Form::Expression => json!("1 == 1"),
            Form::Script => json!(["true"]),
            Form::Regex => json!("a+"),
            Form::Id => {
                self.ids += 1;
                json!(format!("id-{}", self.ids))
            }
            Form::Matching(pattern) => json!(matching(pattern)),
            Form::Words(words) => json!(words.words().first()),
            Form::Integer => json!(1),
            Form::Range(least, _) => json!(least),
            Form::Number => json!(1.5),
            Form::Boolean => json!(true),
            Form::Duration => json!("5s"),
            Form::Size => json!("1KiB"),
            Form::Day => json!("2026-01-31"),
            Form::List(item) => json!([self.sample(item)]),
            Form::Items(count, item) => (0..*count).map(|_| self.sample(item)).collect(),
            Form::OneOrMany(item) => self.sample(item),
            Form::Map(value) => json!({ "a": self.sample(value) }),
            Form::Named(pattern, value) => json!({ matching(pattern): self.sample(value) }),
            Form::Filled(inner) => self.sample(inner),
            Form::Shape(shape) => {
                let keys = complete(shape, &[], None).expect("a shape can be kept to");
                self.mapping(shape, &keys).into()
            }
            Form::Either(forms) => self.sample(forms.first().expect("there is a choice")),
        }
    }

    /// All that a form says may stand there, where that is several things.
    pub(super) fn samples(&mut self, form: &Form) -> Vec<Json> {
        match form {
            Form::Words(words) => words.words().into_iter().map(|word| json!(word)).collect(),
            Form::Either(forms) => forms.iter().flat_map(|form| self.samples(form)).collect(),
            Form::OneOrMany(item) => {
                let one = self.samples(item);
                let many = self.samples(item);
                one.into_iter().chain([json!([]), json!(many)]).collect()
            }
            Form::List(item) => vec![json!([]), json!(self.samples(item))],
            Form::Map(_) | Form::Named(..) => {
                vec![self.sample(form), Json::Null, json!({}), json!({ "Bad name": "words" })]
            }
            Form::Filled(inner) => self.samples(inner),
            Form::Script => vec![json!("true"), json!(["true", "${{ inputs.a }}"])],
            form => vec![self.sample(form)],
        }
    }

    /// A mapping with these keys, each narrowed as the others demand.
    pub(super) fn mapping(&mut self, shape: &'static Shape, keys: &[&str]) -> Map<String, Json> {
        let entry = |key: &&str| {
            let form = form_beside(shape, key, keys);
            ((*key).to_owned(), self.sample(&form))
        };
        keys.iter().map(entry).collect()
    }

    /// The document that holds this mapping, which is of the shape at the end of a way.
    pub(super) fn document(&mut self, root: &Form, way: &Way, mapping: Json) -> Json {
        let mut inner = mapping;
        for (at, (shape, key)) in way.steps.iter().enumerate().rev() {
            let target = way.steps.get(at + 1).map_or(way.end, |(next, _)| *next);
            let keys = complete(shape, &[key.name], Some(target)).expect("the way was found so");
            let mut outer = self.mapping(shape, &keys);
            let form = form_beside(shape, key.name, &keys);
            let placed = place(&form, target, &inner).expect("the way was found so");
            outer.insert(key.name.to_owned(), placed);
            inner = outer.into();
        }
        let first = way.steps.first().map_or(way.end, |(first, _)| *first);
        place(root, first, &inner).expect("the root holds the first shape")
    }
}

/// How one comes from the root to a shape: through which keys of which shapes.
#[derive(Clone)]
pub(super) struct Way {
    steps: Vec<(&'static Shape, &'static Key)>,
    pub(super) end: &'static Shape,
}

/// The shortest way to each shape.
pub(super) fn ways(root: &Form) -> Vec<Way> {
    let mut found: Vec<Way> = Vec::new();
    let mut open: VecDeque<Way> =
        shapes_in(root).into_iter().map(|end| Way { steps: Vec::new(), end }).collect();
    while let Some(way) = open.pop_front() {
        if found.iter().any(|known| std::ptr::eq(known.end, way.end)) {
            continue;
        }
        for key in way.end.keys() {
            for end in shapes_in(&key.form) {
                if complete(way.end, &[key.name], Some(end)).is_some() {
                    let steps = way.steps.iter().copied().chain([(way.end, key)]).collect();
                    open.push_back(Way { steps, end });
                }
            }
        }
        found.push(way);
    }
    found
}

/// The fewest keys that keep the rules and hold those given: with a target, the first of them can
/// hold that shape.
pub(super) fn complete(
    shape: &'static Shape,
    given: &[&'static str],
    target: Option<&'static Shape>,
) -> Option<Vec<&'static str>> {
    let required = shape.keys().filter(|key| key.is_required).map(|key| key.name);
    let mut keys: Vec<&str> = required.filter(|key| !given.contains(key)).collect();
    keys.extend(given);
    let mut open = VecDeque::from([keys]);
    while let Some(keys) = open.pop_front() {
        let broken = shape.rules.iter().copied().flatten().find_map(|rule| repairs(rule, &keys));
        match broken {
            Some(repairs) => {
                open.extend(repairs.into_iter().map(|key| [&keys[..], &[key]].concat()))
            }
            None => {
                let form = given.first().map(|key| form_beside(shape, key, &keys));
                if form.zip(target).is_none_or(|(form, target)| has_shape(&form, target)) {
                    return Some(keys);
                }
            }
        }
    }
    None
}

/// What could be added so that a rule is kept: none when it is kept, nothing when that cannot be.
fn repairs(rule: &Rule, keys: &[&str]) -> Option<Vec<&'static str>> {
    let count = |of: &[&str]| of.iter().filter(|key| keys.contains(key)).count();
    match rule {
        Rule::Any(of) => (count(of) == 0).then(|| of.to_vec()),
        Rule::One(of) => match count(of) {
            1 => None,
            0 => Some(of.to_vec()),
            _ => Some(Vec::new()),
        },
        Rule::OneOr(of, other) => match count(of) {
            1 => None,
            0 if keys.contains(other) => None,
            0 => Some(of.iter().copied().chain([*other]).collect()),
            _ => Some(Vec::new()),
        },
        Rule::Needs(key, others) => {
            (keys.contains(key) && count(others) == 0).then(|| others.to_vec())
        }
        Rule::Excludes(key, others) => (keys.contains(key) && count(others) > 0).then(Vec::new),
        Rule::Never(never) => (count(never) > 0).then(Vec::new),
        Rule::Narrows(..) => None,
    }
}

/// The form of a key where these keys stand beside it.
pub(super) fn form_beside(shape: &'static Shape, key: &str, keys: &[&str]) -> Form {
    let narrowed = shape.rules.iter().copied().flatten().find_map(|rule| match rule {
        Rule::Narrows(beside, narrow, form) if *narrow == key && keys.contains(beside) => {
            Some(*form)
        }
        _ => None,
    });
    narrowed.or_else(|| shape.key(key).map(|key| key.form)).expect("the shape has the key")
}

/// The shapes that a form names itself.
fn shapes_in(form: &Form) -> Vec<&'static Shape> {
    match form {
        Form::Shape(shape) => vec![shape],
        Form::List(inner)
        | Form::Items(_, inner)
        | Form::OneOrMany(inner)
        | Form::Map(inner)
        | Form::Named(_, inner)
        | Form::Filled(inner) => shapes_in(inner),
        Form::Either(forms) => forms.iter().flat_map(shapes_in).collect(),
        _ => Vec::new(),
    }
}

fn has_shape(form: &Form, shape: &'static Shape) -> bool {
    shapes_in(form).iter().any(|found| std::ptr::eq(*found, shape))
}

/// A mapping of a shape, put where a form has room for it.
fn place(form: &Form, target: &'static Shape, mapping: &Json) -> Option<Json> {
    match form {
        Form::Shape(shape) => std::ptr::eq(*shape, target).then(|| mapping.clone()),
        Form::List(inner) => place(inner, target, mapping).map(|it| json!([it])),
        Form::Items(count, inner) => {
            place(inner, target, mapping).map(|it| (0..*count).map(|_| it.clone()).collect())
        }
        Form::OneOrMany(inner) | Form::Filled(inner) => place(inner, target, mapping),
        Form::Map(inner) => place(inner, target, mapping).map(|it| json!({ "a": it })),
        Form::Named(pattern, inner) => {
            place(inner, target, mapping).map(|it| json!({ matching(pattern): it }))
        }
        Form::Either(forms) => forms.iter().find_map(|form| place(form, target, mapping)),
        _ => None,
    }
}

/// A text that matches a regular expression as a whole.
fn matching(pattern: &str) -> String {
    let whole = regex::Regex::new(&format!("^(?:{pattern})$")).expect("the pattern is one");
    let known = TEXTS.iter().find(|text| whole.is_match(text)).map(|text| (*text).to_owned());
    known.unwrap_or_else(|| {
        let texts = proptest::string::string_regex(pattern).expect("the pattern is one");
        let tree = texts.new_tree(&mut TestRunner::deterministic());
        tree.expect("there is such a text").current()
    })
}
