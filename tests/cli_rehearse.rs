//! `rehearse`: a runbook from start to end with nothing changed, and what that shows.

mod alone;
mod observed;
mod people;
mod refused;
mod trace;
mod truth;

use crate::harness::Bench;

/// Something of everything that can be assumed.
const BOOK: &str = "
    holdpoint: 1
    id: book
    title: Restore the books
    objectives: {rto: 10m}
    defaults: {shell: sh -eu}
    inputs:
      shelf: {type: string, prompt: Which shelf?}
    preconditions:
      - {id: room, title: there is room, probe: {run: 'true'}}
    steps:
      - {id: count, title: Count the books, effect: read, run: echo 7, outputs: {books: {from: stdout, type: int}}}
      - id: restore
        title: Bring them back
        why: They are gone.
        gate: {ask: \"Bring ${{ steps.count.outputs.books }} books back?\", word: books}
        run: echo restore ${{ inputs.shelf }} >> effects
        simulate: {takes: 4m}
        verify:
          - {id: back, title: the books are back, probe: {run: 'false'}}
        undo: {run: echo undo >> effects}
      - {id: polish, title: Polish the shelf, run: echo polish >> effects, on_failure: hold}
    exit_criteria: [{title: everything can be read, probe: {run: 'false'}}]
    finally: [{id: close, run: echo close >> effects}]
";

fn bench() -> Bench {
    Bench::new().env("USER", "ann").runbook("book.yaml", BOOK)
}

/// A file of the only rehearsal, with what differs from one to the next taken out.
fn report(bench: &Bench, file: &str) -> String {
    let folder = bench.rehearsals().remove(0);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(folder.join(file)).expect("it is kept");
    text.replace(&name.unwrap_or_default(), "[REHEARSAL]")
}
