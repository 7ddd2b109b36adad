//! The schemas: they are those of the code, they say what every key is for, and an independent
//! validator says with them what the readers say.

mod corpus;
mod generated;
mod records;
mod sample;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use holdpoint::runbook::{self, answers, library, testfile};
use holdpoint::source::{Problems, Source};
use jsonschema::Validator;
use serde_json::{Map, Value as Json};
use serde_yaml::Value as Yaml;

use crate::docs::{blocks, files_under, pages, read, root};
use crate::harness::Bench;

/// The validators of all schemas, by the name of the schema. They look at days and moments too.
static VALIDATORS: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let made = |(name, schema): (String, Json)| {
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let validator = options.build(&schema);
        (name, validator.expect("a schema in schemas/ can be used"))
    };
    schemas().into_iter().map(made).collect()
});

/// Reads a text, and reports what is wrong with it.
type Read = fn(&Source, &mut Problems);

/// What can be written by hand, and has a reader and a schema.
const WRITTEN: &[(&str, Read)] = &[
    ("runbook", |source, problems| drop(runbook::read(source, problems))),
    ("library", |source, problems| drop(library::read(source, problems))),
    ("test", testfile::check),
    ("answers", |source, problems| drop(answers::read(source, problems))),
];

/// The schemas of the repository by their names.
fn schemas() -> BTreeMap<String, Json> {
    let schema = |path: &std::path::PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".schema.json")?.to_owned();
        let text = fs::read_to_string(path).ok()?;
        Some((name, serde_json::from_str(&text).expect("a schema is JSON")))
    };
    files_under("schemas", "json").iter().filter_map(schema).collect()
}

/// Complains when a document does not fit its schema.
#[track_caller]
pub(crate) fn assert_valid(name: &str, document: &Json) {
    let complaints = complaints(name, document);
    assert!(complaints.is_empty(), "{name}: {}\n{document:#}", complaints.join("\n"));
}

/// What the validator has against a document.
fn complaints(name: &str, document: &Json) -> Vec<String> {
    let validator = VALIDATORS.get(name).expect("there is such a schema");
    let errors = validator.iter_errors(document);
    errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// What the reader has against a text, as its messages.
fn problems(name: &str, text: &str) -> Vec<String> {
    let (_, read) = WRITTEN.iter().find(|(known, _)| *known == name).expect("it has a reader");
    let source = Source::new(format!("{name}.yaml"), text);
    let mut problems = Problems::default();
    read(&source, &mut problems);
    problems.sorted().into_iter().map(|problem| problem.message).collect()
}

/// Complains when the reader takes a file of a test, and its schema does not.
#[track_caller]
pub(crate) fn assert_agreement(file: &str, text: &str) {
    let name = match file.rsplit('/').next() {
        Some("holdpoint.yaml") => "library",
        Some(name) if name.ends_with(".test.yaml") => "test",
        Some(name) if name.ends_with(".yaml") && text.starts_with("holdpoint:") => "runbook",
        _ => return,
    };
    if let Ok(yaml) = serde_yaml::from_str(text)
        && problems(name, text).is_empty()
    {
        assert_valid(name, &json_of(yaml));
    }
}

/// A text as another YAML parser reads it.
pub(crate) fn json(text: &str) -> Json {
    json_of(serde_yaml::from_str(text).expect("the text is YAML"))
}

fn json_of(yaml: Yaml) -> Json {
    match yaml {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => Json::Bool(value),
        Yaml::Number(number) => {
            let text = number.to_string();
            serde_json::from_str(&text).unwrap_or(Json::String(text))
        }
        Yaml::String(text) => Json::String(text),
        Yaml::Sequence(items) => items.into_iter().map(json_of).collect(),
        Yaml::Mapping(entries) => {
            let name = |key: Yaml| match json_of(key) {
                Json::String(text) => text,
                other => other.to_string(),
            };
            let entries = entries.into_iter().map(|(key, value)| (name(key), json_of(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => json_of(tagged.value),
    }
}

#[track_caller]
fn assert_none(complaints: &[String]) {
    let shown: Vec<_> = complaints.iter().take(20).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), shown.join("\n"));
}

#[test]
fn the_schemas_of_the_repository_are_those_of_the_code() {
    let bench = Bench::new();
    bench.args(["schema", "--output", "schemas"]).exit(0);
    let made = fs::read_dir(bench.path("schemas")).expect("the folder was made");
    let mut count = 0;
    for entry in made {
        count += 1;
        let path = entry.expect("the folder can be read").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("it has a name");
        let made = fs::read_to_string(&path).expect("the file was just written");
        let kept = fs::read_to_string(root().join("schemas").join(name)).unwrap_or_default();
        assert!(made == kept, "schemas/{name} is not what the code says: run `just schemas`");
    }
    let kept = fs::read_dir(root().join("schemas")).expect("the folder is there").count();
    assert_eq!(kept, count, "schemas/ holds what no command writes");
    assert_eq!(count, VALIDATORS.len());
}

#[test]
fn every_schema_is_one_by_the_schema_of_schemas() {
    for (name, schema) in schemas() {
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        assert_eq!(schema["$id"], format!("urn:holdpoint:{name}:1"));
    }
}

#[test]
fn every_key_of_every_schema_is_described_and_no_other_is_taken() {
    let mut found = 0;
    let mut complaints = Vec::new();
    for (name, schema) in schemas() {
        each_object(&schema, &name, &mut |place, object| {
            if object.get("additionalProperties") != Some(&Json::Bool(false)) {
                complaints.push(format!("{place}: takes keys that it does not name"));
            }
            for (key, property) in object["properties"].as_object().into_iter().flatten() {
                found += 1;
                let about = property["description"].as_str().unwrap_or_default();
                if about.len() < 10 || !about.ends_with(['.', '?']) {
                    complaints.push(format!("{place}: `{key}` is described by {about:?}"));
                }
            }
        });
    }
    assert_none(&complaints);
    assert!(found > 400, "only {found} keys were found");
}

/// Calls back with each schema that says what keys an object has. What stands under `then` narrows
/// such a schema, and says nothing of other keys.
fn each_object(schema: &Json, place: &str, call: &mut impl FnMut(&str, &Json)) {
    let Json::Object(entries) = schema else { return };
    if schema.get("properties").is_some() {
        call(place, schema);
    }
    for (key, value) in entries.iter().filter(|(key, _)| *key != "then") {
        let place = format!("{place}/{key}");
        match value {
            Json::Array(items) => items.iter().for_each(|item| each_object(item, &place, call)),
            other => each_object(other, &place, call),
        }
    }
}

/// What a file of the repository is, by its name.
fn form_of(path: &Path) -> &'static str {
    match path.to_string_lossy() {
        path if path.ends_with("/holdpoint.yaml") => "library",
        path if path.ends_with(".test.yaml") => "test",
        _ => "runbook",
    }
}

#[test]
fn every_runbook_of_the_repository_fits_the_schema() {
    let files = files_under("runbooks", "yaml");
    for path in &files {
        let text = fs::read_to_string(path).expect("the project's own files can be read");
        assert_valid(form_of(path), &json(&text));
        assert_eq!(problems(form_of(path), &text), Vec::<String>::new());
    }
    assert!(files.len() > 1, "only {} runbooks were found", files.len());
}

#[test]
fn every_runbook_of_the_repository_tells_editors_where_its_schema_is() {
    for path in files_under("runbooks", "yaml") {
        let text = fs::read_to_string(&path).expect("the project's own files can be read");
        let first = text.lines().next().unwrap_or_default();
        let named = first.strip_prefix("# yaml-language-server: $schema=").unwrap_or_default();
        let folder = path.parent().expect("a file is in a folder");
        let found = folder.join(named).canonicalize().ok();
        let schema = format!("schemas/{}.schema.json", form_of(&path));
        let wanted = root().join(schema).canonicalize().ok();
        assert_eq!(found, wanted, "{}: {first}", path.display());
    }
}

#[test]
fn every_example_of_the_documentation_fits_its_schema() {
    let mut found = 0;
    for page in pages() {
        for block in blocks(&page.text) {
            let word = block.language.split_whitespace().next().unwrap_or_default();
            let name = match (word, block.text.lines().next()) {
                ("yaml", Some("holdpoint: 1")) => "runbook",
                ("yaml", Some(line)) if line.starts_with("runbook: ") => "test",
                _ => continue,
            };
            found += 1;
            let place = format!("{}:{}", page.name, block.line);
            assert_eq!(complaints(name, &json(&block.text)), Vec::<String>::new(), "{place}");
            assert_eq!(problems(name, &block.text), Vec::<String>::new(), "{place}");
        }
    }
    assert!(found > 20, "only {found} examples were found");
}

#[test]
fn a_schema_is_printed_by_its_name_and_that_of_runbooks_without_one() {
    let bench = Bench::new();
    for name in VALIDATORS.keys() {
        let text = read(&format!("schemas/{name}.schema.json"));
        bench.args(["schema", name]).stdout(&text).exit(0);
    }
    bench.args(["schema"]).stdout(&read("schemas/runbook.schema.json")).exit(0);
}

#[test]
fn a_schema_that_cannot_be_written_is_said_with_a_way_out() {
    let bench = Bench::new().file("taken", "no folder\n");
    bench
        .args(["schema", "--output", "taken/schemas"])
        .stderr(
            "
            error: cannot write to taken/schemas: Not a directory (os error 20)
              help: name a folder that can be written to
            ",
        )
        .exit(2);
    bench.args(["schema", "event", "--output", "one"]).exit(0);
    let one: Vec<_> = fs::read_dir(bench.path("one"))
        .expect("the folder was made")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    assert_eq!(one, ["event.schema.json"]);
}
