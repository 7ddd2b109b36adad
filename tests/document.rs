//! The YAML parser against files that other projects wrote, against another parser, and against
//! noise. Whatever comes in, a document or a diagnostic comes out, and every span is inside.

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Once;

use holdpoint::document::{self, Node, Value};
use holdpoint::source::{Diagnostic, Problems, Source, Span};
use proptest::prelude::*;

/// Cases that the test suite calls wrong and that are read here, with the reason.
const LENIENT: &[(&str, &str)] =
    &[("9C9N/0", "people close a bracket in the first column, and nothing else can be meant")];

/// Cases that the test suite calls right and that the parser refuses, with the reason.
const STRICT: &[(&str, &str)] =
    &[("ZYU8/2", "a directive with two versions, which the suite itself skips")];

/// What other parsers may take and a runbook may not, as it begins in the message.
const HOUSE_RULES: &[&str] = &[
    "the tag ",
    "a second document ",
    "the file is empty",
    "this entry has no key",
    "a key must be text",
];

/// Texts that the other parser reads differently, with the reason why it is not followed.
const DIFFERENT: &[(&str, &str)] = &[
    ("652Z/0", "it takes a `?` before a letter for the mark of a key; YAML 1.2 wants a blank"),
    ("HM87/1", "it takes a `?` before a letter for the mark of a key; YAML 1.2 wants a blank"),
    ("JEF9/2", "it drops the last line of a block when the text ends without a line feed"),
    ("L24T/1", "it drops the last line feed of a block when the text ends without one"),
    ("Y2GN/0", "it ends the name of an anchor at a colon"),
    (
        "core_src_test_resources_flows_valids_working-directory-cache",
        "it drops the last line feed of a block when the text ends without one",
    ),
];

/// A text from the folder and the name it is known by: its file, and its number for a case.
struct Case {
    name: String,
    text: String,
    /// What the test suite says that it means.
    json: Option<serde_json::Value>,
    /// Whether the test suite says that it is no YAML.
    is_wrong: bool,
    is_of_suite: bool,
}

/// So that a missing folder is named once and not by every test.
static SAID: Once = Once::new();

/// The folder of files that others wrote, unless it is not on this machine.
fn corpora() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpora");
    let folder = env::var_os("HOLDPOINT_CORPORA").map_or_else(beside, PathBuf::from);
    if folder.is_dir() {
        return Some(folder);
    }
    SAID.call_once(|| {
        let said = writeln!(
            std::io::stderr(),
            "corpora left out: no folder {}; HOLDPOINT_CORPORA names another",
            folder.display()
        );
        said.expect("standard error takes a line");
    });
    None
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be listed") {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            files.extend(yaml_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "yml" || kind == "yaml") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// Every file, and every case that a file of the YAML test suite holds.
fn cases(folder: &Path) -> Vec<Case> {
    let mut cases = Vec::new();
    for path in yaml_files(folder) {
        let bytes = fs::read(&path).expect("a file of the corpora can be read");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.parent().is_some_and(|parent| parent.ends_with("yaml-test-suite")) {
            cases.extend(inner_cases(&name, &text));
        }
        cases.push(Case { name, text, json: None, is_wrong: false, is_of_suite: false });
    }
    cases
}

fn inner_cases(file: &str, text: &str) -> Vec<Case> {
    let (node, _) = read(text);
    let node = node.unwrap_or_else(|| panic!("{file} is a list of cases"));
    let cases = node.as_sequence().unwrap_or_default().iter().enumerate();
    let case = |(number, case): (usize, &Node)| {
        let field = |name: &str| {
            let entries = case.as_mapping().unwrap_or_default();
            entries.iter().find(|entry| entry.key.value == name).map(|entry| &entry.value)
        };
        let json = field("json").and_then(Node::as_str);
        Some(Case {
            name: format!("{}/{number}", file.trim_start_matches("src_")),
            text: undrawn(field("yaml")?.as_str()?),
            json: json.and_then(|json| serde_json::from_str(json).ok()),
            is_wrong: field("fail").and_then(Node::as_bool) == Some(true),
            is_of_suite: true,
        })
    };
    cases.filter_map(case).collect()
}

/// The text of a case, in which white space is drawn with symbols.
fn undrawn(text: &str) -> String {
    let mut plain = String::new();
    let mut drawn = text.chars().peekable();
    while let Some(symbol) = drawn.next() {
        match symbol {
            '␣' => plain.push(' '),
            '—' => {}
            '»' => plain.push('\t'),
            '←' => plain.push('\r'),
            '⇔' => plain.push('\u{feff}'),
            '↵' => {}
            '∎' => {
                drawn.next_if_eq(&'\n');
            }
            other => plain.push(other),
        }
    }
    plain
}

/// Reads a text and checks that something came of it and that all spans lie in it.
fn read(text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let source = Source::new("case.yaml", text);
    let mut problems = Problems::default();
    let node = document::parse(&source, &mut problems);
    let problems = problems.sorted();
    assert!(node.is_some() || !problems.is_empty(), "nothing came of {text:?}");
    for found in &problems {
        assert_inside(found.at, text);
        found.related.iter().for_each(|(span, _)| assert_inside(*span, text));
    }
    if let Some(node) = &node {
        assert_spans_inside(node, text, &source);
    }
    (node, problems)
}

fn assert_inside(span: Span, text: &str) {
    assert!(text.get(span.start..span.end).is_some(), "{span:?} is not a part of {text:?}");
}

fn assert_spans_inside(node: &Node, text: &str, source: &Source) {
    assert_inside(node.span, text);
    match &node.value {
        Value::Null => {}
        Value::Scalar(scalar) => {
            let middle = scalar.text.floor_char_boundary(scalar.text.len() / 2);
            for range in [0..scalar.text.len(), 0..middle, middle..scalar.text.len()] {
                let found = node.span_at(range.clone(), source);
                assert_inside(found, text);
                let exact = found != node.span && !scalar.text[range.clone()].contains('\n');
                assert!(
                    !exact || text[found.start..found.end] == scalar.text[range.clone()],
                    "{range:?} of {scalar:?} is not at {found:?} in {text:?}"
                );
            }
        }
        Value::Sequence(items) => {
            for item in items.iter() {
                assert_nested(item.span, node.span, text);
                assert_spans_inside(item, text, source);
            }
        }
        Value::Mapping(entries) => {
            for entry in entries.iter() {
                assert_nested(entry.key.span, node.span, text);
                assert_nested(entry.value.span, node.span, text);
                assert_spans_inside(&entry.value, text, source);
            }
        }
    }
}

/// An alias has its own place, its parts have the anchor's.
fn assert_nested(part: Span, whole: Span, text: &str) {
    let is_alias = text.get(whole.start..).is_some_and(|rest| rest.starts_with('*'));
    let is_nested = whole.start <= part.start && part.end <= whole.end;
    assert!(is_alias || is_nested, "{part:?} is not in {whole:?} of {text:?}");
}

/// What a text means when nothing is wrong with it.
fn meaning(text: &str) -> Option<serde_json::Value> {
    let (node, problems) = read(text);
    problems.is_empty().then(|| node.map(|node| node.to_json())).flatten()
}

fn names(list: &[(&str, &str)]) -> Vec<String> {
    list.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[test]
fn files_of_other_projects_end_in_a_document_or_a_diagnostic() {
    let Some(folder) = corpora() else { return };
    let cases = cases(&folder);
    assert!(cases.len() > 1_000, "only {} files and cases", cases.len());
    for case in &cases {
        read(&case.text);
    }
}

#[test]
fn the_yaml_test_suite_is_read_as_its_authors_read_it() {
    let Some(folder) = corpora() else { return };
    let mut lenient = Vec::new();
    let mut strict = Vec::new();
    let mut compared = 0;
    for case in cases(&folder).iter().filter(|case| case.is_of_suite) {
        let (node, problems) = read(&case.text);
        if case.is_wrong {
            if problems.is_empty() {
                lenient.push(case.name.clone());
            }
        } else if problems.is_empty() {
            let Some(json) = &case.json else { continue };
            assert_eq!(node.map(|node| node.to_json()).as_ref(), Some(json), "{}", case.name);
            compared += 1;
        } else {
            let is_ours =
                |found: &Diagnostic| HOUSE_RULES.iter().any(|rule| found.message.starts_with(rule));
            if !problems.iter().all(is_ours) {
                strict.push(case.name.clone());
            }
        }
    }
    lenient.sort();
    assert_eq!(lenient, names(LENIENT));
    strict.sort();
    assert_eq!(strict, names(STRICT));
    assert!(compared > 200, "only {compared} cases compared");
}

#[test]
fn another_parser_reads_the_same() {
    let Some(folder) = corpora() else { return };
    let mut different = Vec::new();
    let mut compared = 0;
    for case in cases(&folder) {
        let Some(found) = meaning(&case.text) else { continue };
        let Ok(other) = serde_yaml::from_str::<serde_json::Value>(&case.text) else { continue };
        compared += 1;
        if found != other {
            different.push(case.name);
        }
    }
    different.sort();
    assert_eq!(different, names(DIFFERENT));
    assert!(compared > 900, "only {compared} texts compared");
}

/// Pieces that make most of what a YAML parser decides.
const PIECES: &[&str] = &[
    "a",
    "é",
    "0x1F",
    "~",
    "<<",
    " ",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    ": ",
    ":",
    "- ",
    "-",
    "? ",
    "|",
    "|2-\n",
    ">",
    ">+\n",
    "'",
    "\"",
    "\\",
    "[",
    "]",
    "{",
    "}",
    ",",
    "&a ",
    "*a",
    "*a ",
    "!t ",
    "!!str ",
    "# ",
    "---",
    "--- ",
    "...\n",
    "%YAML 1.2\n",
    "\u{feff}",
    "\u{85}",
    "\u{2028}",
    "\0",
    "@",
    "`",
    "${{ x }}",
];

fn soup() -> impl Strategy<Value = String> {
    proptest::collection::vec(proptest::sample::select(PIECES), 0..40)
        .prop_map(|pieces| pieces.concat())
}

/// Values of every kind, as another writer would write them.
fn values() -> impl Strategy<Value = serde_json::Value> {
    let text = || "[a-z0-9:#'\"|> \\-\n\té~.]{0,12}";
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        (-1e9..1e9_f64).prop_map(serde_json::Value::from),
        text().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            proptest::collection::hash_map(text(), inner, 0..6)
                .prop_map(serde_json::Value::from_iter),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_a_document_or_a_diagnostic(text: String) {
        read(&text);
    }

    #[test]
    fn any_soup_of_yaml_ends_in_a_document_or_a_diagnostic(text in soup()) {
        read(&text);
    }

    #[test]
    fn what_another_writer_wrote_is_read_back(value in values()) {
        let text = serde_yaml::to_string(&value).expect("any value can be written");
        prop_assert_eq!(meaning(&text), Some(value));
    }
}
