//! The page about tests: its files are played, and its commands print what it shows.

use std::collections::BTreeSet;

use crate::docs::{blocks, read};
use crate::harness::Bench;

const PAGE: &str = "docs/testing.md";

fn bench() -> Bench {
    let bench = Bench::new();
    for block in blocks(&read(PAGE)) {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    bench
}

#[test]
fn every_case_of_the_page_is_as_it_says_but_the_one_that_fails() {
    let bench = bench();
    for (name, cases) in [("shop", "4 cases"), ("checks", "3 cases")] {
        let expected = format!("ok      {name}.test.yaml  {cases}\n{cases} in 1 file, all ok\n");
        bench.args(["test".to_owned(), format!("{name}.test.yaml")]).stdout(&expected).exit(0);
    }
    let files = bench.args(["test"]).stdout_contains("8 cases in 3 files, 1 FAILED\n").exit(1);
    assert_eq!(files.stdout.matches("\nFAILED  the dump is loaded\n").count(), 1);
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let bench = bench();
    let page = read(PAGE);
    let mut number = 0;
    for block in blocks(&page).iter().filter(|block| block.language == "console") {
        let call = block.text.strip_prefix("$ ").expect("a block begins with its command");
        let (command, output) = call.split_once('\n').expect("a command and its output");
        let call = bench.shell(&format!("{command}; true")).stdout_contains("");
        assert_eq!(call.exit(0).stdout.trim_end(), output.trim_end(), "{command}");
        number += 1;
    }
    assert_eq!(number, 2, "each of them is run here");
}

#[test]
fn every_key_and_word_of_a_test_file_is_on_the_page() {
    let page = read(PAGE);
    let schema: serde_json::Value =
        serde_json::from_str(&read("schemas/test.schema.json")).expect("a schema is JSON");
    let mut words = BTreeSet::new();
    for shape in ["case", "mock", "crash", "expect", "takes"] {
        let keys = schema["$defs"][shape]["properties"].as_object().expect("it has keys");
        words.extend(keys.keys().cloned());
    }
    let is_named = |word: &String| {
        let quoted = page.split('`').skip(1).step_by(2);
        quoted
            .flat_map(|it| it.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
            .any(|it| it == word)
    };
    let missing: Vec<&String> = words.iter().filter(|word| !is_named(word)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert!(words.len() > 30, "only {} keys were found", words.len());
}
