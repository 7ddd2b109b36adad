//! One step between what it needs and what it does, in every combination, against a table that is
//! worked out by hand.

use crate::harness::machine::kind_world;

/// What stands above.
const ABOVE: &[Above] = &[
    Above { step: "run: 'true'", fails: false, state: "succeeded", is_good: true },
    Above {
        step: "on_failure: fail, run: 'true'",
        fails: true,
        state: "failed{exit}",
        is_good: false,
    },
    Above {
        step: "on_failure: continue, run: 'true'",
        fails: true,
        state: "failed{exit} continue",
        is_good: true,
    },
    Above {
        step: "when: 1 == 2, run: 'true'",
        fails: false,
        state: "skipped{when}",
        is_good: true,
    },
];

/// How a step is bound to the one above.
const NEEDS: &[(&str, bool)] = &[("", true), ("needs: [a], ", true), ("needs: [], ", false)];

const WHENS: &[(&str, When)] = &[
    ("", When::True),
    ("when: 1 == 1, ", When::True),
    ("when: 1 == 2, ", When::False),
    ("when: inputs.nothing, ", When::Error),
    // Only a step that needs the other may look at it.
    ("when: steps.a.succeeded, ", When::Above),
];

const KEYS: &[&str] = &["hold", "fail", "continue", "abort"];

struct Above {
    step: &'static str,
    fails: bool,
    state: &'static str,
    is_good: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum When {
    True,
    False,
    Error,
    Above,
}

/// What becomes of the step in the middle, and whether what needs it may go on; none while it is
/// held, when the rest waits.
fn due(
    above: &Above,
    is_bound: bool,
    when: When,
    key: &str,
    fails: bool,
) -> (String, Option<bool>) {
    if is_bound && !above.is_good {
        return ("not_reached".into(), Some(false));
    }
    match when {
        When::Error => return ("held{when}".into(), None),
        When::False => return ("skipped{when}".into(), Some(true)),
        When::Above if above.state != "succeeded" => return ("skipped{when}".into(), Some(true)),
        _ => {}
    }
    match (fails, key) {
        (false, _) => ("succeeded".into(), Some(true)),
        (true, "hold") => ("held{exit}".into(), None),
        (true, "continue") => ("failed{exit} continue".into(), Some(true)),
        (true, _) => ("failed{exit}".into(), Some(false)),
    }
}

fn outcome(above: &Above, middle: &str, key: &str) -> &'static str {
    match () {
        () if middle == "failed{exit}" && key == "abort" => "failed",
        () if !above.is_good || ["failed{exit}", "not_reached"].contains(&middle) => "failed",
        () if middle.ends_with("continue") || above.state.ends_with("continue") => {
            "succeeded_with_exceptions"
        }
        () => "succeeded",
    }
}

#[test]
fn every_combination_of_needs_conditions_and_failures_comes_out_as_the_table_says() {
    let mut cases = 0;
    for above in ABOVE {
        for (needs, is_bound) in NEEDS {
            for (condition, when) in WHENS {
                for key in KEYS {
                    for fails in [false, true] {
                        if *when == When::Above && !is_bound {
                            continue;
                        }
                        cases += 1;
                        case(above, (needs, *is_bound), (condition, *when), key, fails);
                    }
                }
            }
        }
    }
    assert_eq!(cases, 4 * (2 * 5 + 4) * 4 * 2);
}

fn case(above: &Above, needs: (&str, bool), when: (&str, When), key: &str, fails: bool) {
    let runbook = format!(
        "
        inputs: {{nothing: {{optional: true}}}}
        steps:
          - {{id: a, {}}}
          - {{id: b, {}{}on_failure: {key}, run: 'true'}}
          - {{id: c, needs: [b], run: 'true'}}
        ",
        above.step, needs.0, when.0
    );
    let run = kind_world(&runbook).with(|script| {
        if above.fails {
            script.fails("a");
        }
        if fails {
            script.fails("b");
        }
    });
    // Each by itself, so that an abort meets the other one settled.
    let run = run.parallel(1).play();
    let (middle, goes_on) = due(above, needs.1, when.1, key, fails);
    let below = match goes_on {
        None => "pending",
        Some(true) => "succeeded",
        Some(false) => "not_reached",
    };
    let ended = goes_on.map(|_| outcome(above, &middle, key));
    let found = run.outcome().map(|outcome| {
        serde_json::to_value(outcome).ok().and_then(|it| it.as_str().map(str::to_owned))
    });
    run.states(&[("a", above.state), ("b", &middle), ("c", below)]);
    assert_eq!(found.flatten().as_deref(), ended, "{runbook}\n{}", run.tale());
}
