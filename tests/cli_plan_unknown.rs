//! What is not known before a run is UNKNOWN in its plan, and so is what depends on it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::harness::Bench;

/// What a plan says of each step: `path happens; because…`.
fn prospects(plan: &Value) -> Vec<String> {
    let steps = plan["steps"].as_array().expect("a plan lists steps");
    let line = |step: &Value| {
        let happens = match step["happens"].as_bool() {
            Some(true) => "happens",
            Some(false) => "is skipped",
            None => "UNKNOWN",
        };
        let mut line = format!("{} {happens}", step["path"].as_str().unwrap_or_default());
        let because = step["because"].as_array().expect("reasons are a list");
        for reason in because.iter().chain(&step["failure"].as_str().map(|why| json!(why))) {
            let _ = write!(line, "; {}", reason.as_str().unwrap_or_default());
        }
        line
    };
    steps.iter().map(line).collect()
}

/// What the plan of these steps says of each.
#[track_caller]
fn assert_prospects(steps: &str, expected: &[&str]) {
    let text = format!(
        "holdpoint: 1\nid: book\ntitle: Book\n\
         inputs: {{mode: {{type: string, default: quick}}, left: {{type: string, optional: true}}}}\n\
         steps:\n{steps}"
    );
    let bench = Bench::new().runbook("book.yaml", &text);
    let plan = bench.args(["plan", "book.yaml", "--format", "json"]).json();
    assert_eq!(prospects(&plan), expected);
}

#[test]
fn what_depends_on_what_is_not_known_is_unknown() {
    let steps = "
  - {id: look, run: x, outputs: {n: {from: stdout}, d: {from: stdout, default: z}}}
  - {id: maybe, when: steps.look.outputs.n == '1', run: x, outputs: {n: {from: stdout}, d: {from: stdout, default: z}}}
  - {id: after, needs: [maybe], run: x}
  - {id: refers, needs: [maybe], run: 'x ${{ steps.maybe.outputs.n }}'}
  - {id: defaulted, needs: [maybe], run: 'x ${{ steps.maybe.outputs.d }}'}
  - {id: filtered, needs: [maybe], when: 'steps.maybe.outputs.n | default(\"z\") == \"z\"', run: x}
  - {id: defined, needs: [maybe], when: steps.maybe.outputs.n is defined, run: x}
  - {id: went, needs: [look], when: steps.look.succeeded, run: x}
  - {id: state, needs: [look], when: steps.look.state == 'failed', run: x}
  - {id: either, needs: [look], when: inputs.mode == 'quick' or steps.look.failed, run: x}
  - {id: neither, needs: [look], when: inputs.mode == 'slow' and steps.look.failed, run: x}
  - id: phase
    when: steps.look.exit == 0
    steps:
      - {id: inner, run: x, outputs: {n: {from: stdout}}}
      - {id: beside, run: 'x ${{ steps.inner.outputs.n }}'}
  - {id: outside, run: 'x ${{ steps.inner.outputs.n }}', undo: {run: back}}
";
    assert_prospects(
        steps,
        &[
            "look happens",
            "maybe UNKNOWN; its condition is UNKNOWN",
            "after happens",
            "refers UNKNOWN; it refers to `maybe`, which is UNKNOWN",
            "defaulted happens",
            "filtered UNKNOWN; its condition is UNKNOWN",
            "defined UNKNOWN; its condition is UNKNOWN",
            "went UNKNOWN; its condition is UNKNOWN",
            "state UNKNOWN; its condition is UNKNOWN",
            "either happens",
            "neither is skipped; its condition is false",
            "phase UNKNOWN; its condition is UNKNOWN",
            "phase/inner UNKNOWN; `phase` is UNKNOWN",
            "phase/beside UNKNOWN; `phase` is UNKNOWN",
            "outside UNKNOWN; it refers to `phase/inner`, which is UNKNOWN",
            "outside~undo UNKNOWN; `outside` is UNKNOWN; only when a person takes `outside` back",
        ],
    );
}

#[test]
fn what_is_skipped_takes_along_what_is_inside_it() {
    let steps = "
  - id: off
    when: inputs.mode == 'slow'
    steps:
      - {id: inner, run: x, outputs: {n: {from: stdout}, d: {from: stdout, default: z}}, undo: {run: back, paired: true}}
  - {id: skipped, when: steps.inner.skipped, run: x}
  - {id: state, when: steps.off.state != 'skipped', run: x}
  - {id: lost, run: 'x ${{ steps.inner.outputs.n }}'}
  - {id: kept, when: steps.inner.outputs.d == 'z', run: x}
  - {id: chosen, run: 'x ${{ steps.lost.stdout if steps.off.succeeded else 1 }}'}
  - {id: left, run: 'x ${{ inputs.left }}'}
  - {id: minded, run: 'x ${{ inputs.left | default(1) }}'}
  - {id: compared, when: inputs.mode > 3, run: x}
";
    assert_prospects(
        steps,
        &[
            "off is skipped; its condition is false",
            "off/inner is skipped; `off` is skipped",
            "off/inner~undo is skipped; `off/inner` is skipped",
            "skipped happens",
            "state is skipped; its condition is false",
            "lost happens; `steps.inner.outputs.n` has no value: `off/inner` is skipped",
            "kept happens",
            "chosen happens",
            "left happens; `inputs.left` has no value: it is left out",
            "minded happens",
            "compared UNKNOWN; its condition is UNKNOWN; its condition cannot be told: \
             `inputs.mode` is text and `3` is a number: they cannot be compared",
        ],
    );
}

#[test]
fn a_switch_shows_the_chosen_case_or_all_of_them() {
    let cases =
        "cases: {quick: {steps: [{id: QUICK, run: x}]}, slow: {steps: [{id: SLOW, run: x}]}}";
    let of =
        |id: &str| cases.replace("QUICK", &format!("{id}-q")).replace("SLOW", &format!("{id}-s"));
    let steps = format!(
        "
  - {{id: look, run: x}}
  - {{id: known, switch: inputs.mode, {}}}
  - {{id: open, switch: steps.look.stdout, {}}}
",
        of("k"),
        of("o")
    );
    assert_prospects(
        &steps,
        &[
            "look happens",
            "known happens",
            "known/k-q happens",
            "known/k-s is skipped; the case `slow` is not chosen",
            "open happens",
            "open/o-q UNKNOWN; only in the case `quick`",
            "open/o-s UNKNOWN; only in the case `slow`",
        ],
    );
}

#[test]
fn a_rung_waits_for_those_above_it_to_fail() {
    let steps = "
  - {id: look, run: x}
  - id: ladder
    ladder:
      - {id: off, when: inputs.mode == 'slow', run: x}
      - {id: first, run: x}
      - {id: not, when: inputs.mode == 'slow', run: x}
      - {id: second, steps: [{id: inner, run: x}]}
      - {id: third, when: steps.look.succeeded, run: x}
";
    assert_prospects(
        steps,
        &[
            "look happens",
            "ladder happens",
            "ladder/off is skipped; its condition is false",
            "ladder/first happens",
            "ladder/not is skipped; its condition is false",
            "ladder/second UNKNOWN; only when the rung `first` fails",
            "ladder/second/inner UNKNOWN; `ladder/second` is UNKNOWN",
            "ladder/third UNKNOWN; only when the rung `second` fails; its condition is UNKNOWN",
        ],
    );
}

#[test]
fn the_condition_of_a_case_is_told_with_the_case() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Book
        inputs: {which: {default: x}, mode: {default: quick}}
        steps:
          - id: a
            switch: inputs.which
            cases:
              x: {when: inputs.mode == 'slow', on_failure: continue, run: slowly}
              y: {run: at once}
          - {id: look, run: 'true', outputs: {found: {}}}
          - id: b
            switch: inputs.which
            cases:
              x: {when: steps.look.outputs.found == '1', run: slowly}
              y: {run: at once}
        ",
    );
    let plan = bench.args(["plan", "book.yaml", "--format", "json"]).json();
    let steps = &plan["steps"];
    assert_eq!(steps[0]["happens"], false);
    assert_eq!(steps[0]["because"][0], "the condition of its case is false");
    assert_eq!(steps[0]["actions"][0]["condition"]["value"], false);
    assert_eq!(steps[0]["actions"][0]["on_failure"], "continue");
    assert_eq!(steps[2]["happens"], serde_json::Value::Null);
    assert_eq!(steps[2]["actions"][0]["condition"]["depends_on"][0], "steps.look.outputs.found");
    let with = ["plan", "book.yaml", "--input", "mode=slow", "--format", "json"];
    assert_eq!(bench.args(with).json()["steps"][0]["happens"], true);
}
