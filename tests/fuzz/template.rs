//! Any text is a template or is refused; what stands in it has a value or a reason why not.
//!
//! A secret is never asked for its value, and what a shell is given is quoted: with all that is
//! between single quotes taken away, nothing of a value is left.

use holdpoint::runbook::expression::{Expression, Scope, TemplateError};
use holdpoint::runbook::kind::Kind;
use holdpoint::runbook::rendered::Quoting;
use holdpoint::runbook::shell::{Place, places};
use holdpoint::runbook::template::Template;
use holdpoint::runbook::value::{Quantity, Value};

/// A value that a shell would act on, and that stands nowhere else.
const HOSTILE: &str = "h0st1le; $(touch x) `y` \"z\" 'h0st1le' \\";

pub(crate) fn play(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    evaluate(&text);
    match Template::parse(&text) {
        Ok(template) => render(&template, &text),
        Err(error) => assert_inside(&error, &text),
    }
}

/// The whole text as an expression, and as one about the rows of a list.
fn evaluate(text: &str) {
    match Expression::parse(text) {
        Ok(expression) => {
            let value = expression.evaluate(&Fixed);
            let same = expression.evaluate(&Fixed);
            assert_eq!(format!("{value:?}"), format!("{same:?}"), "it has two values");
            if let Ok(value) = value {
                assert!(!value.noun().is_empty());
                let _ = (value.text(), value.to_json());
            }
            let _ = expression.holds(&Fixed);
            let _ = expression.over_rows().evaluate(&Fixed);
        }
        Err(error) => assert_inside(&error, text),
    }
}

fn assert_inside(error: &TemplateError, text: &str) {
    assert!(!error.message.is_empty());
    if let Some(range) = &error.range {
        assert!(text.get(range.clone()).is_some(), "{range:?} is outside of the text");
    }
}

fn render(template: &Template, text: &str) {
    let slots: Vec<_> = template.slots().map(|slot| slot.range.clone()).collect();
    for quoting in [Quoting::Shell, Quoting::Argument, Quoting::Text, Quoting::Private] {
        match template.render(&Fixed, quoting) {
            Ok(rendered) => {
                assert_eq!(rendered.shown(), template.partly(&Fixed, quoting));
                assert_quoted(template, &rendered.shown(), quoting);
            }
            Err(error) => assert_inside(&error, text),
        }
        template.partly(&Fixed, quoting);
    }
    let found = places(text, &slots);
    assert_eq!(found.len(), slots.len(), "each slot has one place");
    let script = template.to_string();
    let again = Template::parse(&script).expect("what was written out is a template");
    assert_eq!(again.slots().count(), slots.len());
    // A template alone is the word that a command begins with.
    if let ([Place::Refused(why)], Some(_)) = (found.as_slice(), template.whole()) {
        panic!("a word alone may not stand {why}");
    }
}

/// Nothing of a hostile value is outside of single quotes, unless the runbook asks for that.
fn assert_quoted(template: &Template, shown: &str, quoting: Quoting) {
    let is_plain = |slot: &holdpoint::runbook::template::Slot| {
        !slot.is_raw && slot.expression.code().trim() == "inputs.hostile"
    };
    if quoting == Quoting::Shell && template.whole().is_some_and(is_plain) {
        let bare: String = shown.replace(r"'\''", "").split('\'').step_by(2).collect();
        assert!(!bare.contains("h0st1le"), "{shown} is not quoted");
    }
}

/// Some names with values of every kind.
struct Fixed;

impl Scope for Fixed {
    fn value(&self, name: &str) -> Option<Value> {
        let quantity = |kind, text: &str, amount| {
            Value::Quantity(Quantity { kind, text: text.to_owned(), amount })
        };
        Some(match name {
            "inputs.hostile" => Value::Text(HOSTILE.into()),
            "inputs.name" => Value::Text("orders".into()),
            "inputs.lines" => Value::Text("a\nb".into()),
            "inputs.option" => Value::Text("-rf".into()),
            "inputs.count" => Value::Int(3),
            "inputs.least" => Value::Int(i64::MIN),
            "inputs.share" => Value::Number(0.5),
            "inputs.not_a_number" => Value::Number(f64::NAN),
            "inputs.is_on" => Value::Bool(true),
            "inputs.none" => Value::Null,
            "inputs.hosts" => Value::List(vec![Value::Text("a".into()), Value::Int(2)]),
            "inputs.map" => Value::Map(vec![("a".into(), Value::Int(1))]),
            "inputs.rows" => Value::List(vec![Value::Map(vec![("id".into(), Value::Int(1))])]),
            "inputs.pause" => quantity(Kind::Duration, "5m", 300.0),
            "inputs.volume" => quantity(Kind::Size, "1GiB", 1_073_741_824.0),
            "steps.look.succeeded" => Value::Bool(false),
            "item" => Value::Text("one".into()),
            "inputs.secret" => panic!("a secret was asked for its value"),
            _ => return None,
        })
    }

    fn secret(&self, name: &str) -> Option<String> {
        (name == "inputs.secret").then(|| "secret".to_owned())
    }

    fn is_multiline(&self, name: &str) -> bool {
        name == "inputs.lines"
    }
}
