//! The page about plans shows what is printed, and names every field of the JSON.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::{Bench, shipped};

fn read(name: &str) -> String {
    fs::read_to_string(shipped(name)).expect("the project's own files can be read")
}

/// The first block of a language.
fn block<'t>(page: &'t str, language: &str) -> &'t str {
    let (_, rest) = page.split_once(&format!("```{language}\n")).expect("the block is there");
    rest.split_once("```\n").expect("the block ends").0
}

#[test]
fn the_plan_in_the_documentation_is_the_plan_of_its_runbook() {
    let page = read("docs/plan.md");
    let bench = Bench::new().runbook("cache.yaml", block(&page, "yaml"));
    bench.args(["plan", "cache.yaml"]).stdout(block(&page, "text")).exit(0);
}

#[test]
fn every_field_of_a_plan_is_documented() {
    let page = read("docs/plan.md");
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let mut fields = BTreeSet::new();
    for file in ["engine/plan/outline.rs", "engine/plan/critical.rs"] {
        let code = read(file);
        let mut is_skipped = false;
        for line in code.lines().map(str::trim) {
            if let Some((name, _)) = line.strip_prefix("pub ").and_then(|it| it.split_once(": ")) {
                if !is_skipped && !name.contains(' ') {
                    fields.insert(name.to_owned());
                }
                is_skipped = false;
            }
            is_skipped |= line == "#[serde(skip)]";
        }
    }
    let missing: Vec<&String> =
        fields.iter().filter(|field| !named.contains(field.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert!(fields.len() > 50, "only {} fields were found", fields.len());
}
