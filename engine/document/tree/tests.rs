//! What the tree keeps, what it leaves out, and where it stops.

use super::super::parse::tests::{complaints, document, read};
use super::*;

fn json(text: &str) -> String {
    read(text).0.map(|node| node.to_json().to_string()).unwrap_or_default()
}

#[test]
fn a_key_that_comes_twice_is_reported_and_the_first_is_kept() {
    let text = "a: 1\nb: 2\n\"a\": 3\na: 4\n";
    assert_eq!(complaints(text), ["\"a\": the key `a` comes twice", "a: the key `a` comes twice"]);
    assert_eq!(json(text), r#"{"a":1,"b":2}"#);
    let (_, problems) = read(text);
    assert_eq!(problems[0].label.as_deref(), Some("again"));
    assert_eq!(problems[0].related, [(Span::new(0, 1), "first here".to_owned())]);
}

#[test]
fn a_key_that_comes_twice_among_many_is_found() {
    let mut text: String = (0..50_000).map(|at| format!("k{at}: {at}\n")).collect();
    assert_eq!(complaints(&text), [""; 0]);
    text.push_str("k49999: x\nk7: y\n");
    let found = ["k49999: the key `k49999` comes twice", "k7: the key `k7` comes twice"];
    assert_eq!(complaints(&text), found);
}

#[test]
fn reading_stops_after_too_many_problems() {
    let found = complaints(&"a: 1\n".repeat(5_000));
    assert_eq!(found.len(), PROBLEM_LIMIT + 1);
    assert_eq!(
        found.last().map(String::as_str),
        Some("a: too many problems: what follows was not read")
    );
    assert_eq!(json(&"a: 1\n".repeat(5_000)), "");
}

#[test]
fn merge_keys_and_keys_that_are_no_text_are_left_out() {
    let merge = "<<: merge keys are not part of YAML 1.2: write the keys out";
    assert_eq!(complaints("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n"), [merge]);
    assert_eq!(json("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n"), r#"{"a":{"x":1},"b":{"y":2}}"#);
    assert_eq!(json("'<<': 1\n"), r#"{"<<":1}"#);
    assert_eq!(complaints("[a]: b\nc: d"), ["[a]: a key must be text"]);
    assert_eq!(complaints("a: {{x}}\n"), ["{x}: a key must be text"]);
    assert_eq!(complaints("? - a\n  - b\n: c\nd: e"), ["- a\n  - b: a key must be text"]);
    assert_eq!(json("? - a\n  - b\n: c\nd: e"), r#"{"d":"e"}"#);
    assert_eq!(complaints(": b\nc: d"), [": this entry has no key"]);
    assert_eq!(json(": b\nc: d"), r#"{"c":"d"}"#);
    assert_eq!(json("1: a\ntrue: b\n~: c\n"), r#"{"1":"a","true":"b","~":"c"}"#);
}

#[test]
fn tags_are_reported_and_their_values_kept() {
    let text = "a: !!int 3\nb: !mine [c]\n! d: e\n";
    let found = ["!!int", "!mine", "!"]
        .map(|tag| format!("{tag}: the tag `{tag}` is not part of a runbook"));
    assert_eq!(complaints(text), found);
    assert_eq!(json(text), r#"{"a":3,"b":["c"],"d":"e"}"#);
}

#[test]
fn an_alias_has_its_own_place_and_its_anchors_value() {
    let text = "a: &x [1, &y 2]\nb: *x\n*y : *y\n";
    let (_, node) = document(text);
    assert_eq!(node.to_json().to_string(), r#"{"a":[1,2],"b":[1,2],"2":2}"#);
    let entries = node.as_mapping().unwrap_or_default();
    let spans: Vec<_> = entries.iter().map(|entry| entry.value.span).collect();
    let slices: Vec<_> = spans.iter().map(|span| &text[span.start..span.end]).collect();
    assert_eq!(slices, ["[1, &y 2]", "*x", "*y"]);
}

#[test]
fn an_alias_without_an_anchor_is_left_out() {
    let text = "a: &ready 1\nb: *raedy\nc: [*b, 2]\n*d : 3\n";
    let found =
        ["raedy", "b", "d"].map(|name| format!("*{name}: no anchor `&{name}` stands before this"));
    assert_eq!(complaints(text), found);
    assert_eq!(read(text).1[0].help.as_deref(), Some("did you mean `*ready`?"));
    assert_eq!(json(text), r#"{"a":1,"c":[2]}"#);
}

#[test]
fn an_alias_inside_of_its_own_anchor_is_refused() {
    for text in ["&a [b, *a]", "x: &a\n  y: {z: *a}\n", "&a {*a : b}"] {
        let found = "*a: the alias `*a` stands inside of what it stands for";
        assert_eq!(complaints(text), [found], "{text}");
        assert!(read(text).0.is_none());
    }
}

#[test]
fn an_alias_bomb_is_refused_at_the_alias_that_goes_too_far() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let below = level - 1;
        let aliases = vec![format!("*a{below}"); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    assert_eq!(complaints(&bomb), ["*a3: the aliases stand for more than 10000 nodes"]);
    let many = format!("a: &a [1, 2, 3]\nb: [{}]\n", vec!["*a"; 2_500].join(", "));
    assert_eq!(complaints(&many), [""; 0]);
    let more = format!("a: &a [1, 2, 3]\nb: [{}]\n", vec!["*a"; 2_501].join(", "));
    assert_eq!(complaints(&more), ["*a: the aliases stand for more than 10000 nodes"]);
}

#[test]
fn collections_nest_to_the_limit_and_no_deeper() {
    let deep = "lists and mappings nest deeper than 64 levels";
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(complaints(&nested(DEPTH_LIMIT)), [""; 0]);
    assert_eq!(complaints(&nested(DEPTH_LIMIT + 1)), [format!("[: {deep}")]);
    assert_eq!(complaints(&nested(100_000)), [format!("[: {deep}")]);
    assert_eq!(complaints(&"[".repeat(100_000)), [format!("[: {deep}")]);
    assert_eq!(complaints(&"- ".repeat(100_000)), [format!("-: {deep}")]);
    assert_eq!(complaints(&"{a: ".repeat(100_000)), [format!("{{: {deep}")]);
}

#[test]
fn aliases_cannot_nest_deeper_than_collections() {
    let mut chain = "- &a0 [x]\n".to_owned();
    for level in 1..200 {
        chain.push_str(&format!("- &a{level} [*a{}]\n", level - 1));
    }
    let deep = "*a62: lists and mappings nest deeper than 64 levels";
    assert_eq!(complaints(&chain), [deep]);
}

#[test]
fn nodes_are_counted_and_limited() {
    let text = "[a, b]";
    for (before, complaints) in [(3, 0), (2, 1)] {
        let mut problems = Problems::default();
        let mut tree = Tree::new(text, &mut problems);
        tree.nodes = NODE_LIMIT - before;
        for event in granit_parser::Parser::new_from_str(text) {
            let (event, marks) = event.expect("the text is YAML");
            if tree.grow(event, &marks).is_break() {
                break;
            }
        }
        assert_eq!(tree.finish().is_none(), complaints == 1);
        let found: Vec<_> =
            problems.sorted().into_iter().map(|found| (found.at, found.message)).collect();
        let expected = (Span::new(4, 5), "the document has more than 4000000 nodes".to_owned());
        assert_eq!(found, vec![expected; complaints]);
    }
}
