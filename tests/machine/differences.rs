//! What differs between two runbooks, step by step, and what makes no difference.

use holdpoint::plan::{Change, How};

use super::adopt::{BOOK, book};
use super::adopt_groups::{EACH, PHASES};
use crate::harness::machine::{flush, kind_world};

/// What differs, a line a step.
fn lines(before: &str, now: &str) -> Vec<String> {
    let differences = kind_world(before).differences(now);
    let line = |change: &Change| match &change.how {
        How::Added => format!("+ {}", change.path),
        How::Removed => format!("- {}", change.path),
        How::Changed { was, is_reordered, keys, .. } => {
            let was = was.as_ref().map(|was| format!(" < {was}")).unwrap_or_default();
            let order = if *is_reordered { " order" } else { "" };
            format!("~ {}{was}{order} {}", change.path, keys.join(" ")).trim_end().to_owned()
        }
    };
    let parts = differences.parts.iter().map(|part| format!("of {part}"));
    differences.steps.iter().map(line).chain(parts).collect()
}

#[track_caller]
fn differ(change: (&str, &str), expected: &[&str]) {
    assert_eq!(lines(BOOK, &book(change)), expected, "{change:?}");
}

#[test]
fn a_layout_makes_no_difference() {
    differ(("{id: a, run: make a}", "{run: 'make a',   id: a}  # a remark"), &[]);
    differ(("      - {id: b", "\n      # another\n\n      - {id: b"), &[]);
    let checks = "
        defaults: {retry: {times: 1}}
        steps: [{id: a, run: x, tty: true, verify: [{probe: {file: /x}}], undo: {run: y}}]
        ";
    assert_eq!(lines(checks, &checks.replace("x, tty", "x,    tty")), [] as [String; 0]);
    assert_eq!(
        lines(checks, &checks.replace("defaults", "# more\n        defaults")),
        [] as [String; 0]
    );
}

#[test]
fn the_keys_of_a_step_that_differ_are_named() {
    for (key, value) in [
        ("when", "1 == 1"),
        ("title", "Make it"),
        ("why", "it must be"),
        ("estimate", "2m"),
        ("needs", "[]"),
        ("optional", "true"),
        ("require", "[{probe: {file: /x}}]"),
        ("done_when", "{file: /x}"),
        ("gate", "true"),
        ("effect", "read"),
        ("destructive", "true"),
        ("target", "{ssh: db}"),
        ("env", "{A: b}"),
        ("cwd", "/tmp"),
        ("shell", "sh -eu"),
        ("stdin", "text"),
        ("timeout", "1m"),
        ("grace", "1s"),
        ("expect", "{exit: 2}"),
        ("retry", "{times: 2, on_exit: [75]}"),
        ("tty", "true"),
        ("verify", "[{probe: {file: /x}}]"),
        ("on_failure", "fail"),
        ("undo", "{run: unmake}"),
        ("undo", "{none: it is gone}"),
        ("outputs", "{rows: {type: int}}"),
    ] {
        let change = format!("{{id: a, {key}: {value}, run: make a}}");
        differ(("{id: a, run: make a}", &change), &[&format!("~ a {key}")]);
    }
    differ(("make b", "make b well"), &["~ b run"]);
    differ(("run: make b", "manual: make it"), &["~ b manual"]);
}

#[test]
fn what_a_step_gets_from_elsewhere_counts_for_it() {
    let text = "
        defaults: {cwd: /one}
        targets: {db: {ssh: one}}
        steps:
          - {id: a, target: db, run: make a}
          - {id: p, env: {A: one}, steps: [{id: b, cwd: /b, run: make b}]}
        ";
    let changed = |from: &str, to: &str| lines(text, &text.replace(from, to));
    assert_eq!(changed("cwd: /one", "cwd: /two"), ["~ a cwd", "~ p cwd", "of defaults"]);
    assert_eq!(changed("ssh: one", "ssh: two"), ["~ a target", "of targets"]);
    assert_eq!(changed("A: one", "A: two"), ["~ p env", "~ p/b env"]);
}

#[test]
fn parts_of_the_runbook_are_named() {
    for (key, value) in [
        ("inputs", "{x: {default: 1}}"),
        ("summary", "what it does"),
        ("severity", "P1"),
        ("tags", "[db]"),
        ("requires", "{tools: [sh]}"),
        ("confirm", "[{probe: {file: /x}}]"),
        ("preconditions", "[{probe: {file: /x}}]"),
        ("invariants", "[{id: x, probe: {file: /x}}]"),
        ("exit_criteria", "[{probe: {file: /x}}]"),
    ] {
        let text = format!("{key}: {value}\n{}", flush(BOOK));
        assert_eq!(lines(BOOK, &text), [format!("of {key}")]);
    }
}

#[test]
fn steps_that_come_go_and_change_places_are_told_apart() {
    differ(("      - {id: b, run: make b}\n", ""), &["- b"]);
    differ(("      - {id: d", "      - {id: x, run: x}\n      - {id: d"), &["+ x"]);
    differ(
        ("{id: b, run: make b}", "{id: p, steps: [{id: b, run: make b}]}"),
        &["+ p", "~ p/b < b"],
    );
    let swapped = book(("      - {id: a, run: make a}\n", ""));
    let swapped = format!("{}  - {{id: a, run: make a}}\n", flush(&swapped));
    assert_eq!(lines(BOOK, &swapped), ["~ a order"]);
    assert_eq!(lines(EACH, &EACH.replace("{id: b,", "{id: x,")), ["+ e/*/x", "- e/*/b"]);
    assert_eq!(lines(EACH, &EACH.replace("'a ${{", "'well ${{")), ["~ e/*/a run"]);
    let phase = PHASES.replace("- id: p", "- id: q");
    assert_eq!(lines(PHASES, &phase), ["+ q", "~ q/a < p/a", "~ q/b < p/b", "- p"]);
}
