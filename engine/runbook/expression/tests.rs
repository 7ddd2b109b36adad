//! What comparisons in expressions answer, and which they refuse.

use super::*;
use crate::runbook::kind::Kind;

/// One value of every type, under `inputs`.
struct Desk;

impl Scope for Desk {
    fn value(&self, name: &str) -> Option<Value> {
        let read = |text, kind| Value::parse(text, kind).ok();
        let text = |text: &str| Value::Text(text.into());
        match name.strip_prefix("inputs.")? {
            "n" => Some(Value::Int(3)),
            "f" => Some(Value::Number(2.5)),
            "huge" => Some(Value::Int(9_007_199_254_740_993)),
            "s" => Some(text("one")),
            "age" => Some(text("2h")),
            "b" => Some(Value::Bool(true)),
            "d" => read("90m", Kind::Duration),
            "size" => read("5MiB", Kind::Size),
            "t" => read("2026-01-31T03:00:00Z", Kind::Timestamp),
            "nothing" => Some(Value::Null),
            "ports" => Some(Value::List(vec![Value::Int(80), Value::Int(443)])),
            "hosts" => Some(Value::List(vec![text("a"), text("b")])),
            "mixed" => Some(Value::List(vec![text("a"), Value::Int(3)])),
            "map" => Some(Value::Map(vec![("k".into(), Value::Int(1))])),
            _ => None,
        }
    }

    fn secret(&self, _: &str) -> Option<String> {
        None
    }

    fn is_multiline(&self, _: &str) -> bool {
        false
    }
}

fn value(code: &str) -> Result<Value, String> {
    let expression = Expression::parse(code).map_err(|error| error.message)?;
    expression.evaluate(&Desk).map_err(|error| error.message)
}

#[track_caller]
fn check(table: &[(&str, Result<bool, &str>)]) {
    for (code, expected) in table {
        let expected = expected.map(Value::Bool).map_err(str::to_owned);
        assert_eq!(value(code), expected, "{code}");
    }
}

#[test]
fn one_sign_where_two_compare_is_named() {
    let found = Expression::parse("inputs.s = \"one\"").expect_err("it is no comparison");
    assert_eq!(found.message, "`=` compares nothing: write `==`");
    assert_eq!(found.range, Some(9..10));
    let other = Expression::parse("inputs.s \"one\"").expect_err("it is no comparison");
    assert_eq!(other.message, "unexpected input after expression");
}

#[test]
fn values_of_one_type_compare() {
    check(&[
        ("1 == 1", Ok(true)),
        ("1 == 1.0", Ok(true)),
        ("inputs.n > inputs.f", Ok(true)),
        ("inputs.f >= 2.5", Ok(true)),
        ("inputs.n != 3", Ok(false)),
        ("-1 < 0.5", Ok(true)),
        ("-1 < -1.5", Ok(false)),
        ("-1.5 <= -1", Ok(true)),
        ("inputs.huge == 9007199254740992.0", Ok(false)),
        ("inputs.huge > 9007199254740992.0", Ok(true)),
        ("inputs.huge < 1e300", Ok(true)),
        ("-1e300 < inputs.huge", Ok(true)),
        ("inputs.s == 'one'", Ok(true)),
        ("inputs.s < \"p\"", Ok(true)),
        ("inputs.s != 'it\\'s \"one\"'", Ok(true)),
        ("inputs.b == true", Ok(true)),
        ("inputs.b != false", Ok(true)),
        ("inputs.ports == [80, 443]", Ok(true)),
        ("inputs.ports == (80, 443.0)", Ok(true)),
        ("inputs.ports != [443, 80]", Ok(true)),
        ("inputs.ports == ['a']", Ok(false)),
        ("inputs.map == {'k': 1}", Ok(true)),
        ("inputs.map == {'k': 1, 'l': 2}", Ok(false)),
        ("inputs.map == {'l': 1}", Ok(false)),
    ]);
}

#[test]
fn values_of_different_types_are_refused() {
    check(&[
        ("1 == 'one'", Err("`1` is a number and \"one\" is text: they cannot be compared")),
        ("0 > 'x'", Err("`0` is a number and \"x\" is text: they cannot be compared")),
        (
            "inputs.n == \"3\"",
            Err("`inputs.n` is a number and \"3\" is text: they cannot be compared"),
        ),
        (
            "\"3\" != inputs.n",
            Err("\"3\" is text and `inputs.n` is a number: they cannot be compared"),
        ),
        (
            "inputs.b == 'true'",
            Err("`inputs.b` is true or false and \"true\" is text: they cannot be compared"),
        ),
        (
            "inputs.b == 1",
            Err("`inputs.b` is true or false and `1` is a number: they cannot be compared"),
        ),
        (
            "inputs.ports == 80",
            Err("`inputs.ports` is a list and `80` is a number: they cannot be compared"),
        ),
        (
            "inputs.ports == ['a', 443]",
            Err("a part of `inputs.ports` is a number and a part of the right side is text: \
                 they cannot be compared"),
        ),
        (
            "inputs.ports == [1, 'a']",
            Err("a part of `inputs.ports` is a number and a part of the right side is text: \
                 they cannot be compared"),
        ),
        (
            "inputs.map == []",
            Err("`inputs.map` is a mapping and the right side is a list: they cannot be compared"),
        ),
        (
            "inputs.hosts | length > '1'",
            Err("`inputs.hosts | length` is a number and \"1\" is text: they cannot be compared"),
        ),
        (
            "inputs.hosts[0] == 1",
            Err("`inputs.hosts[0]` is text and `1` is a number: they cannot be compared"),
        ),
        (
            "inputs.n + 1 == 'x'",
            Err("the left side is a number and \"x\" is text: they cannot be compared"),
        ),
    ]);
}

#[test]
fn only_numbers_texts_and_quantities_have_an_order() {
    let unordered = |side: &str, noun: &str, operator: &str| {
        format!("{side} is {noun}: `{operator}` cannot be asked of it, only `==` and `!=`")
    };
    for (code, expected) in [
        ("inputs.b < false", unordered("`inputs.b`", "true or false", "<")),
        ("inputs.ports <= inputs.ports", unordered("`inputs.ports`", "a list", "<=")),
        ("inputs.map > inputs.map", unordered("`inputs.map`", "a mapping", ">")),
        ("inputs.nothing < 1", unordered("`inputs.nothing`", "nothing", "<")),
        ("inputs.d >= none", unordered("`none`", "nothing", ">=")),
    ] {
        assert_eq!(value(code), Err(expected), "{code}");
    }
}

#[test]
fn anything_may_be_asked_whether_it_is_nothing() {
    check(&[
        ("inputs.nothing == 'recovered'", Ok(false)),
        ("inputs.nothing != 'recovered'", Ok(true)),
        ("inputs.nothing == none", Ok(true)),
        ("inputs.n != none", Ok(true)),
        ("none == inputs.d", Ok(false)),
        ("inputs.ports == [none, 443]", Ok(false)),
    ]);
}

#[test]
fn quantities_compare_by_amount_with_their_own_kind_and_its_text() {
    check(&[
        ("inputs.d > \"10h\"", Ok(false)),
        ("inputs.d > '9m'", Ok(true)),
        ("inputs.d == \"1h30m\"", Ok(true)),
        ("inputs.d == '5400s'", Ok(true)),
        ("'1h' < inputs.d", Ok(true)),
        ("inputs.d < inputs.age", Ok(true)),
        ("inputs.d == inputs.d", Ok(true)),
        ("inputs.size < \"10MiB\"", Ok(true)),
        ("inputs.size == '5120KiB'", Ok(true)),
        ("inputs.t < '2026-01-31T04:30:00+01:00'", Ok(true)),
        ("inputs.t == '2026-01-31T04:00:00+01:00'", Ok(true)),
        (
            "inputs.d > inputs.size",
            Err("`inputs.d` is a duration and `inputs.size` is a size: they cannot be compared"),
        ),
        (
            "inputs.t == inputs.d",
            Err("`inputs.t` is a time and `inputs.d` is a duration: they cannot be compared"),
        ),
        (
            "inputs.d > 10",
            Err("`inputs.d` is a duration and `10` is a number: they cannot be compared"),
        ),
        (
            "inputs.d > '10'",
            Err("the duration `10` has no unit: it cannot be compared with `inputs.d`, \
                 which is a duration"),
        ),
        (
            "'soon' == inputs.d",
            Err("`soon` is not a duration: it cannot be compared with `inputs.d`, \
                 which is a duration"),
        ),
        (
            "inputs.size < '10h'",
            Err("`10h` is not a size: it cannot be compared with `inputs.size`, which is a size"),
        ),
    ]);
}

#[test]
fn what_is_in_something_compares_by_the_same_rules() {
    check(&[
        ("'n' in inputs.s", Ok(true)),
        ("'x' not in inputs.s", Ok(true)),
        ("80 in inputs.ports", Ok(true)),
        ("81 in inputs.ports", Ok(false)),
        ("81 not in inputs.ports", Ok(true)),
        ("inputs.n in inputs.mixed", Ok(true)),
        ("inputs.s in inputs.mixed", Ok(false)),
        ("3 in []", Ok(false)),
        ("none in inputs.ports", Ok(false)),
        ("none in [1, none]", Ok(true)),
        ("inputs.d in ['1h', '90m']", Ok(true)),
        ("inputs.d not in ['1h', inputs.d]", Ok(false)),
        ("'k' in inputs.map", Ok(true)),
        ("2 in range(3)", Ok(true)),
        (
            "'80' in inputs.ports",
            Err("\"80\" is text and a part of `inputs.ports` is a number: they cannot be compared"),
        ),
        (
            "'80' not in inputs.ports",
            Err("\"80\" is text and a part of `inputs.ports` is a number: they cannot be compared"),
        ),
        (
            "'a' in [1, none]",
            Err("\"a\" is text and a part of the right side is a number: they cannot be compared"),
        ),
        (
            "inputs.d in ['90m', 'never']",
            Err("`never` is not a duration: it cannot be compared with `inputs.d`, \
                 which is a duration"),
        ),
        (
            "3 in '123'",
            Err("`3` is a number and \"123\" is text: `in` asks for text in text, an item in a \
                 list, or a name in a mapping"),
        ),
        (
            "'a' in inputs.nothing",
            Err("\"a\" is text and `inputs.nothing` is nothing: `in` asks for text in text, an \
                 item in a list, or a name in a mapping"),
        ),
    ]);
}

#[test]
fn an_error_is_the_answer_of_the_whole_but_what_is_not_asked_cannot_fail() {
    let mismatch = Err("`1` is a number and \"x\" is text: they cannot be compared");
    check(&[
        ("not 1 == 'x'", mismatch),
        ("1 == 'x' or true", mismatch),
        ("true and 1 == 'x'", mismatch),
        ("false and 1 == 'x'", Ok(false)),
        ("true or 1 == 'x'", Ok(true)),
        ("true if inputs.b else 1 == 'x'", Ok(true)),
        ("[1 == 'x'] | length == 1", mismatch),
        ("1 < 2 < 3", Ok(true)),
        ("1 < 3 < 2", Ok(false)),
        ("3 > inputs.f > 1 == 1.0", Ok(true)),
        ("2 < 1 < 'x'", Ok(false)),
        ("0 < 1 < 'x'", mismatch),
        ("'1h' < inputs.d < '2h'", Ok(true)),
        (
            "1 in [1] == true",
            Err("the left side is a list and `true` is true or false: \
                                  they cannot be compared"),
        ),
        ("1 < 2 not in [3]", Ok(true)),
        ("(1 < 2) == true", Ok(true)),
        ("inputs.b | default(1 == 'x')", mismatch),
    ]);
}

#[test]
fn a_name_without_a_value_is_not_compared() {
    check(&[
        ("inputs.gone == 1", Err("`inputs.gone` has no value")),
        ("inputs.gone == none", Err("`inputs.gone` has no value")),
        ("1 in inputs.gone", Err("`inputs.gone` has no value")),
        ("[inputs.gone] == [1]", Err("a part of it has no value")),
        ("inputs.gone is defined", Ok(false)),
        ("inputs.gone is defined and inputs.gone == 1", Ok(false)),
        ("inputs.gone | default(3) == inputs.n", Ok(true)),
        (
            "(inputs.gone | default('3')) == inputs.n",
            Err("the left side is text and `inputs.n` is a number: they cannot be compared"),
        ),
    ]);
}

#[test]
fn tests_and_filters_that_compare_follow_the_same_rules() {
    check(&[
        ("inputs.n is eq 3", Ok(true)),
        (
            "inputs.n is eq '3'",
            Err(
                "the value is a number and what it is compared with is text: they cannot be compared",
            ),
        ),
        ("inputs.d is lt '2h'", Ok(true)),
        ("inputs.n is in [1, 3]", Ok(true)),
        ("inputs.ports | select('>', 100) | list == [443]", Ok(true)),
        (
            "inputs.ports | select('eq', '80') | list == []",
            Err(
                "the value is a number and what it is compared with is text: they cannot be compared",
            ),
        ),
    ]);
}

#[test]
fn the_rest_of_the_language_is_as_it_was() {
    assert_eq!(value("inputs.n + 1"), Ok(Value::Int(4)));
    assert_eq!(value("2 ** 3 // 3 - 7 % 4 * 1"), Ok(Value::Int(-1)));
    assert_eq!(value("'a' ~ inputs.n"), Ok(Value::Text("a3".into())));
    assert_eq!(value("-inputs.f"), Ok(Value::Number(-2.5)));
    assert_eq!(value("['a', 'b'][::-1] | join(',')"), Ok(Value::Text("b,a".into())));
    assert_eq!(value("'x' if inputs.n > 5 else 'y'"), Ok(Value::Text("y".into())));
    assert_eq!(value("inputs.s.upper | default('none')"), Ok(Value::Text("none".into())));
    assert_eq!(value("dict(a=inputs.n == 3).a"), Ok(Value::Bool(true)));
    assert_eq!(value("range(*[1, 3]) | list"), Ok(Value::List(vec![Value::Int(1), Value::Int(2)])));
}

#[test]
fn an_expression_keeps_its_names_and_its_text() {
    let code = " inputs.n < inputs.f < steps.a.outputs.rows and 'x' in item ";
    let expression = Expression::parse(code).unwrap();
    assert_eq!(expression.code(), code);
    assert_eq!(expression.names(), ["inputs.f", "inputs.n", "item", "steps.a.outputs.rows"]);
    assert_eq!(value("in(1, [1], 'a', 'b')"), Err("in is unknown".into()));
}

#[test]
fn an_error_points_at_the_comparison() {
    for (code, expected) in [
        ("inputs.b and inputs.n == 'x' or false", "inputs.n == 'x'"),
        ("not inputs.map.k | string > 1", "inputs.map.k | string > 1"),
        ("true and 1 < 2 < 'x'", "2 < 'x'"),
    ] {
        let error = Expression::parse(code).unwrap().evaluate(&Desk).unwrap_err();
        assert_eq!(error.range.map(|range| &code[range]), Some(expected), "{code}");
    }
}

#[test]
fn an_expression_too_large_to_build_is_refused() {
    let refused = Err("the expression is too long or nests too deep".to_owned());
    for long in [
        vec!["1"; 300].join(" + "),
        vec!["1"; 490].join("+"),
        vec!["1"; 100_000].join("+"),
        format!("{}1", "-".repeat(990)),
        format!("{}1", "-".repeat(100_000)),
        format!("{}1", "not ".repeat(990)),
        format!("{}1", "1 if 1 else ".repeat(240)),
        format!("1{}", "|e".repeat(490)),
        format!("a{}", ".b".repeat(490)),
    ] {
        assert_eq!(value(&long), refused);
    }
    let nested = (0..40).fold("1".to_owned(), |inner, _| format!("0 < ({inner}) < 2"));
    assert_eq!(value(&nested), refused);
    let fitting = vec!["inputs.b"; 150].join(" and ");
    assert_eq!(value(&fitting), Ok(Value::Bool(true)));
}
