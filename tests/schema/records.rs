//! What runs write, and what is printed of them: the schemas take it, and take nothing else than the
//! reader of the journal does.

use holdpoint::run::Event;
use serde_json::{Map, Value as Json, json};

use super::{VALIDATORS, assert_none, assert_valid, schemas};
use crate::docs::{blocks, read};
use crate::harness::Bench;

/// A run with a failing rung, a gate, outputs, a message and a paired undo.
const RUNBOOK: &str = r#"
    holdpoint: 1
    id: orders
    title: The orders are gone
    inputs:
      table: {default: orders}
      password: {secret: true, env: PASSWORD}
    confirm:
      - {title: they are gone, probe: {not: {file: orders}}}
    steps:
      - {id: look, effect: read, run: echo 7, outputs: {rows: {type: int}}}
      - id: stop
        run: echo stopped
        undo: {run: echo started, paired: true}
      - id: bring-back
        ladder:
          - {id: restart, run: exit 3}
          - id: restore
            gate: {ask: "Write ${{ inputs.table }}?"}
            run: touch orders
            env: {PASSWORD: "${{ inputs.password }}"}
            verify: [{title: they are there, probe: {file: orders}}]
      - {id: each-one, each: {in: "[1, 2]"}, run: "echo ${{ item }}"}
      - {id: other, when: steps.look.outputs.rows < 7, run: echo never}
    exit_criteria:
      - {title: they are there, probe: {file: orders}}
    finally:
      - {id: tell, notify: {template: resolved, to: everybody}}
"#;

fn bench() -> Bench {
    let bench = Bench::new().runbook("orders.yaml", RUNBOOK).env("PASSWORD", "correct horse");
    bench
        .args(["run", "orders.yaml", "--non-interactive"])
        .stdout_contains("the run waits for a person")
        .exit(5);
    bench
}

#[test]
fn every_record_of_a_run_fits_the_schema_and_so_does_what_is_printed_of_it() {
    let bench = bench();
    bench.status();
    bench.timeline();
    let bench = bench.file("answers.yaml", "restore: approve\n");
    bench
        .args(["resume", "--non-interactive", "--answers", "answers.yaml"])
        .stdout_contains("recovered: succeeded")
        .exit(0);
    bench.status();
    bench.timeline();
    let records = bench.sound_journal();
    assert!(records.records().len() > 50, "only {} records", records.records().len());
}

#[test]
fn every_event_of_the_documentation_fits_the_schema() {
    let page = read("docs/journal.md");
    let mut kinds = Vec::new();
    for block in blocks(&page).iter().filter(|block| block.language == "json") {
        let json: Json = serde_json::from_str(&block.text).expect("the example is JSON");
        let record = if json.get("hash").is_some() { json } else { recorded(&json) };
        assert_valid("event", &record);
        kinds.push(record["event"]["type"].as_str().unwrap_or_default().to_owned());
    }
    let known = events();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, known, "each event of the schema has an example");
}

/// An event as the only record of a journal, without a hash that fits.
fn recorded(event: &Json) -> Json {
    let zeros = "0".repeat(64);
    json!({
        "v": 1, "seq": 1, "epoch": 1, "at": "2026-01-31T03:00:00.000000Z", "prev": zeros,
        "event": event, "hash": zeros,
    })
}

/// The words for the events that the schema knows, in the order of the alphabet.
fn events() -> Vec<String> {
    let schema = schemas().remove("event").expect("there is such a schema");
    let variants = schema["$defs"]["Event"]["oneOf"].as_array().cloned().unwrap_or_default();
    let word = |variant: &Json| variant["properties"]["type"]["const"].as_str().map(str::to_owned);
    let mut words: Vec<String> = variants.iter().filter_map(word).collect();
    words.sort();
    words
}

#[test]
fn the_journal_and_the_schema_refuse_the_same_changes_of_an_event() {
    let page = read("docs/journal.md");
    let mut complaints = Vec::new();
    let mut tried = 0;
    for block in blocks(&page).iter().filter(|block| block.language == "json") {
        let json: Json = serde_json::from_str(&block.text).expect("the example is JSON");
        let event = if json.get("hash").is_some() { json["event"].clone() } else { json };
        for changed in changes(&event) {
            tried += 1;
            let is_read = serde_json::from_value::<Event>(changed.clone()).is_ok();
            let is_valid = VALIDATORS["event"].is_valid(&recorded(&changed));
            if is_read != is_valid {
                complaints.push(format!("read: {is_read}, valid: {is_valid}: {changed}"));
            }
        }
    }
    assert_none(&complaints);
    assert!(tried > 500, "only {tried} changes were tried");
}

/// An event with one thing changed: a key left out, made nothing or something else, or added.
fn changes(value: &Json) -> Vec<Json> {
    let mut found = Vec::new();
    match value {
        Json::Object(map) => {
            found.push(with(map, "unheard_of", json!("words")));
            for (key, inner) in map {
                found.push(map.iter().filter(|(other, _)| *other != key).map(cloned).collect());
                let others = [json!(null), json!("words"), json!(-1), json!([]), json!({})];
                let changed = changes(inner).into_iter().chain(others);
                found.extend(changed.map(|other| with(map, key, other)));
            }
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                found.extend(changes(item).into_iter().map(|other| {
                    let mut items = items.clone();
                    items[at] = other;
                    Json::Array(items)
                }));
            }
        }
        _ => {}
    }
    found
}

fn cloned((key, value): (&String, &Json)) -> (String, Json) {
    (key.clone(), value.clone())
}

fn with(map: &Map<String, Json>, key: &str, value: Json) -> Json {
    let mut map = map.clone();
    map.insert(key.to_owned(), value);
    Json::Object(map)
}
