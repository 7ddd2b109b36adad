//! The runbooks that are driven on a storage that fails.

/// How many of them are driven each time; all of them where `HOLDPOINT_ROUNDS` is set.
pub(super) const EACH_TIME: usize = 5;

/// Each with the steps that fail in it.
pub(super) const BOOKS: [(&str, &[&str]); 20] = [
    ("steps: [{id: a, run: x}, {id: b, run: x}, {id: c, run: x}]", &[]),
    (
        "preconditions: [{id: p, probe: {file: /x}}]
steps:
  - {id: a, run: x, gate: {ask: 'Sure?'}, verify: [{probe: {file: /x}}]}
  - {id: b, done_when: {file: /y}, run: x}
exit_criteria: [{probe: {file: /x}}]
finally: [{id: z, run: x}]",
        &[],
    ),
    (
        "steps:
  - id: all
    steps: [{id: a, needs: [], run: x}, {id: b, needs: [], run: x}, {id: c, needs: [], run: x}]
  - {id: d, run: x}",
        &[],
    ),
    (
        "steps:
  - {id: stop, run: x, undo: {run: x, paired: true}}
  - {id: up, ladder: [{id: a, run: x}, {id: b, run: x}]}
  - {id: last, run: x}",
        &["up/a"],
    ),
    (
        "steps:
  - {id: a, run: x, retry: {times: 2, every: 1s, on_exit: [75]}}
  - {id: b, run: x, on_failure: continue}
finally: [{id: z, run: x}]",
        &["b"],
    ),
    ("steps: [{id: a, run: x}]", &[]),
    ("steps: [{id: a, run: x}, {id: b, run: x}]", &[]),
    ("steps: [{id: a, run: x, gate: {ask: 'A?'}}, {id: b, run: x, gate: {ask: 'B?'}}]", &[]),
    ("steps: [{id: a, steps: [{id: b, steps: [{id: c, run: x}]}]}]", &[]),
    ("steps: [{id: a, run: x, on_failure: abort}, {id: b, run: x}]", &["a"]),
    ("steps: [{id: a, run: x}, {id: b, needs: [], run: x}, {id: c, needs: [a, b], run: x}]", &[]),
    ("steps: [{id: a, each: {in: '[1, 2, 3]'}, run: x}]", &[]),
    ("steps: [{id: a, when: 'false', run: x}, {id: b, run: x}]", &[]),
    ("steps: [{id: a, run: x, verify: [{probe: {file: /x}}, {probe: {file: /y}}]}]", &[]),
    ("steps: [{id: a, require: [{probe: {file: /x}}], run: x}]\nfinally: [{id: z, run: x}]", &[]),
    ("invariants: [{id: i, probe: {file: /x}}]\nsteps: [{id: a, run: x}, {id: b, run: x}]", &[]),
    ("confirm: [{probe: {file: /x}}]\nsteps: [{id: a, run: x}]", &[]),
    ("steps: [{id: a, title: A, manual: Do it}, {id: b, run: x}]", &[]),
    ("steps: [{id: a, checklist: [{item: One}, {item: Two}]}, {id: b, run: x}]", &[]),
    ("steps: [{id: a, run: x, undo: {run: x}}, {id: b, run: x, on_failure: abort}]", &["b"]),
];
