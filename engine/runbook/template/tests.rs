//! What templates and expressions do, and what they refuse.

use super::*;
use crate::runbook::expression::Expression;

#[test]
fn an_expression_knows_the_names_it_refers_to() {
    let names = |code: &str| Expression::parse(code).unwrap().names().to_vec();
    assert_eq!(names(" inputs.folder "), ["inputs.folder"]);
    assert_eq!(
        names("steps.a.outputs.rows > 3 and inputs.hosts[0] == run.id"),
        ["inputs.hosts", "run.id", "steps.a.outputs.rows"]
    );
}

struct One(&'static str, Value);

impl Scope for One {
    fn value(&self, name: &str) -> Option<Value> {
        (name == self.0).then(|| self.1.clone())
    }

    fn secret(&self, name: &str) -> Option<String> {
        (name == "inputs.password").then(|| "password".to_owned())
    }

    fn is_multiline(&self, _: &str) -> bool {
        false
    }
}

fn rendered(text: &str, quoting: Quoting, value: Value) -> Result<String, String> {
    let mut template = Template::parse(text).unwrap();
    for slot in template.slots_mut() {
        slot.begins_word = true;
    }
    let scope = One("inputs.x", value);
    template.render(&scope, quoting).map(|text| text.shown()).map_err(|error| error.message)
}

#[test]
fn a_value_is_quoted_as_its_place_asks() {
    let hostile = || Value::Text("a b; rm -rf '/'".into());
    let text = "rm ${{ inputs.x }}";
    assert_eq!(rendered(text, Quoting::Shell, hostile()), Ok(r"rm 'a b; rm -rf '\''/'\'''".into()));
    assert_eq!(rendered(text, Quoting::Argument, hostile()), Ok("rm a b; rm -rf '/'".into()));
    assert_eq!(
        rendered("${{ inputs.x | raw }}", Quoting::Shell, hostile()),
        Ok("a b; rm -rf '/'".into())
    );
    let list = Value::List(vec![Value::Text("p q".into()), Value::Int(7)]);
    assert_eq!(rendered(text, Quoting::Shell, list), Ok("rm 'p q' '7'".into()));
}

#[test]
fn a_value_that_could_mean_something_else_is_refused() {
    let refused = |text: &str| {
        rendered("ls ${{ inputs.x }}", Quoting::Shell, Value::Text(text.into())).unwrap_err()
    };
    assert_eq!(
        refused("-rf"),
        "the value of `inputs.x` begins with `-` and could pass as an option"
    );
    assert_eq!(refused("a\nb"), "the value of `inputs.x` holds a newline");
    assert_eq!(refused("a\0b"), "the value of `inputs.x` holds a NUL byte");
}

#[test]
fn a_name_without_a_value_is_an_error_and_never_empty() {
    let error = rendered("ls ${{ inputs.y }}", Quoting::Shell, Value::Null).unwrap_err();
    assert_eq!(error, "`inputs.y` has no value");
}

#[test]
fn a_secret_passes_by_name_where_it_may_and_nowhere_else() {
    let template = Template::parse("p=${{ inputs.password }}").unwrap();
    let scope = One("inputs.x", Value::Null);
    let private = template.render(&scope, Quoting::Private).unwrap();
    assert_eq!(private.shown(), "p=***");
    assert_eq!(serde_json::to_string(&private).unwrap(), r#"["p=",{"secret":"password"}]"#);
    for quoting in [Quoting::Shell, Quoting::Argument, Quoting::Text] {
        assert!(template.render(&scope, quoting).is_err(), "{quoting:?}");
    }
    let changed = Template::parse("${{ inputs.password | upper }}").unwrap();
    assert!(changed.render(&scope, Quoting::Private).is_err());
}

#[test]
fn what_is_wrong_with_a_template_is_told_with_its_place() {
    let error = Template::parse("ab ${{ inputs.x").unwrap_err();
    assert_eq!(error.message, "`${{` is never closed by `}}`");
    assert_eq!(error.range, Some(3..15));
    let error = Template::parse("ab ${{ inputs. }}").unwrap_err();
    assert!(error.range.is_some_and(|range| range.start >= 6 && range.end <= 17));
}

#[test]
fn durations_compare_by_what_they_amount_to() {
    let scope = One("inputs.x", Value::parse("90m", crate::runbook::kind::Kind::Duration).unwrap());
    let render = |text: &str| Template::parse(text).unwrap().render(&scope, Quoting::Text);
    assert_eq!(render("${{ inputs.x }}").unwrap().shown(), "90m");
}

#[test]
fn characters_of_several_bytes_may_stand_anywhere_in_a_slot() {
    let error = |text: &str| Template::parse(text).map(drop).unwrap_err();
    let text = "é ${{ größe }}";
    let range = error(text).range.expect("the place is known");
    assert_eq!(&text[range], "ö");
    assert_eq!(error("${{ é").message, "`${{` is never closed by `}}`");
    let template = Template::parse("${{ 'größe' }}é").unwrap();
    assert_eq!(template.to_string(), "${{ 'größe' }}é");
}
