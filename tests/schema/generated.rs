//! Every key of every shape, with all that may stand there and much that may not: the reader and
//! the validator say the same. A new key is tried here without a word about it.

use std::collections::BTreeSet;

use holdpoint::document::Shape;
use holdpoint::document::shape::Form;
use holdpoint::runbook::{self, answers, library, testfile};
use serde_json::{Map, Value as Json, json};

use super::sample::{Maker, Way, complete, form_beside, ways};
use super::{VALIDATORS, assert_none, problems};

/// What no schema can say, as parts of messages.
const BEYOND: &[&str] = &[
    // Expressions and regular expressions have a grammar of their own.
    "unexpected input after expression",
    "this is no regular expression",
    // What an input or an output may be depends on its type.
    "is not text",
    "is not a whole number",
    "an input of type `choice` needs `choices` or `choices_from`",
    "an answer of type `choice` needs `choices`",
    "the default is refused",
    "a secret may not have a default",
    "`from: regex` needs a `pattern`",
    "pauses that do not grow need no `max`",
    "any number would do here",
    // What a template becomes is known only later.
    "this part of a target",
    // A library is read for many runbooks.
    "may not stand here: not every ru",
    // A lab names what stands elsewhere in its runbook, and some things by what they are.
    "there is no input",
    "is no kind of component",
    "is no setting of a",
    "is not known in a lab",
    "is no fact of a lab",
    "is not known before the fault shows",
    // Texts that must differ may become equal only when they are read.
    "stands here twice",
    // A path is text in which no template may stand.
    "no template may stand in this path",
    // Which days and hours there are no pattern says.
    "is no moment",
];

/// The forms of what can be written by hand.
fn forms() -> [(&'static str, Form); 4] {
    [
        ("runbook", Form::Shape(&runbook::SHAPE)),
        ("library", Form::Shape(&library::SHAPE)),
        ("test", Form::Shape(&testfile::SHAPE)),
        ("answers", answers::FORM),
    ]
}

/// What is put everywhere, wherever it fits and wherever it does not.
fn probes() -> Vec<Json> {
    let texts = [
        "",
        " ",
        "words",
        "Upper Case",
        "true",
        "5",
        "5s",
        "5x",
        "1KiB",
        "-1",
        "2026-01-31",
        "2026-1-31",
        "${{ inputs.a }}",
        "${{ inputs.a",
        "a: b",
        "a-b",
        "-a",
        "line\nline",
    ];
    let others = [
        Json::Null,
        json!(true),
        json!(0),
        json!(7),
        json!(-7),
        json!(2.5),
        json!(4_000_000_000_u32),
        json!([]),
        json!([7]),
        json!(["words"]),
        json!(["words", "words"]),
        json!([[]]),
        json!([null]),
        json!({}),
        json!({ "unheard-of": "words" }),
        json!({ "a": null }),
        json!([{}]),
    ];
    texts.iter().map(|text| json!(text)).chain(others).collect()
}

/// Compares what is said about documents, and gathers where it differs.
#[derive(Default)]
struct Comparison {
    complaints: Vec<String>,
    beyond: BTreeSet<&'static str>,
    documents: usize,
    refused: usize,
}

impl Comparison {
    fn of(&mut self, name: &str, document: &Json) {
        let text = document.to_string();
        let problems = problems(name, &text);
        let fits = VALIDATORS.get(name).expect("there is such a schema").is_valid(document);
        self.documents += 1;
        self.refused += usize::from(!problems.is_empty());
        if !fits && problems.is_empty() {
            self.complaints.push(format!("only the schema refuses {text}"));
        }
        for problem in problems.iter().filter(|_| fits) {
            match BEYOND.iter().find(|part| problem.contains(**part)) {
                Some(part) => drop(self.beyond.insert(part)),
                None => self.complaints.push(format!("only the reader refuses {text}: {problem}")),
            }
        }
    }
}

/// The documents for one key: all that may stand there, much that may not, and nothing.
fn about_key(shape: &'static Shape, key: &'static str, call: &mut impl FnMut(&mut Maker, Json)) {
    let Some(keys) = complete(shape, &[key], None) else { return };
    let form = form_beside(shape, key, &keys);
    let values = Maker::apart().samples(&form).into_iter().chain(probes());
    for value in values {
        let mut maker = Maker::default();
        let mut mapping = maker.mapping(shape, &keys);
        mapping.insert(key.to_owned(), value);
        call(&mut maker, mapping.into());
    }
    for left_out in &keys {
        let rest: Vec<_> = keys.iter().copied().filter(|key| key != left_out).collect();
        let mut maker = Maker::default();
        let mapping = maker.mapping(shape, &rest).into();
        call(&mut maker, mapping);
    }
}

/// The documents for two keys beside each other, whether or not they may stand so.
fn about_pair(
    shape: &'static Shape,
    (one, other): (&'static str, &'static str),
    call: &mut impl FnMut(&mut Maker, Json),
) {
    let keys = complete(shape, &[one], None).unwrap_or_else(|| vec![one]);
    let keys: Vec<_> = keys.into_iter().filter(|key| *key != other).chain([other]).collect();
    let mut maker = Maker::default();
    let mapping = maker.mapping(shape, &keys).into();
    call(&mut maker, mapping);
}

fn about_shape(way: &Way, call: &mut impl FnMut(&mut Maker, Json)) {
    let shape = way.end;
    let names: Vec<&'static str> = shape.keys().map(|key| key.name).collect();
    for one in &names {
        about_key(shape, one, call);
        for other in names.iter().filter(|other| *other != one) {
            about_pair(shape, (one, other), call);
        }
    }
    let mut maker = Maker::default();
    let keys = complete(shape, &[], None).expect("a shape can be kept to");
    let mut mapping = maker.mapping(shape, &keys);
    mapping.insert("unheard-of".to_owned(), json!("words"));
    call(&mut maker, mapping.into());
    for value in probes() {
        call(&mut Maker::default(), value);
    }
    call(&mut Maker::default(), Map::new().into());
}

#[test]
fn the_reader_and_the_schema_say_the_same_of_every_key() {
    let mut comparison = Comparison::default();
    for (name, form) in forms() {
        for way in ways(&form) {
            about_shape(&way, &mut |maker, mapping| {
                comparison.of(name, &maker.document(&form, &way, mapping));
            });
        }
    }
    assert_none(&comparison.complaints);
    let unused: Vec<_> = BEYOND.iter().filter(|part| !comparison.beyond.contains(*part)).collect();
    assert_eq!(unused, Vec::<&&str>::new(), "no document is beyond the schema in this way");
    let Comparison { documents, refused, .. } = comparison;
    assert!(refused > 5_000 && documents - refused > 2_000, "{refused} of {documents} refused");
}
