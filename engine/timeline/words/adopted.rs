//! What a changed runbook means for the steps of a run, in words.

use crate::run::event::RunbookAdopted;

/// What became of the steps, a line for each sort.
pub fn taken_over(adopted: &RunbookAdopted) -> Vec<String> {
    let moved: Vec<String> =
        adopted.moved.iter().map(|(now, before)| format!("{before} to {now}")).collect();
    let sorts = [
        ("added", &adopted.added),
        ("changed", &adopted.changed),
        ("moved", &moved),
        ("removed", &adopted.removed),
        ("done before, and its result counts", &adopted.kept),
        ("done before, and to be done again", &adopted.redone),
    ];
    let said = sorts.into_iter().filter(|(_, steps)| !steps.is_empty());
    said.map(|(sort, steps)| format!("{sort}: {}", steps.join(", "))).collect()
}
