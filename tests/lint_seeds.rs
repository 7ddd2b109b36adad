//! The five source documents as they stand: lint finds the defects that are known of them, each at
//! its line.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

/// The day on which the documents are reviewed.
const TODAY: &str = "2026-11-28";

const DOCUMENTS: [&str; 5] =
    ["agenttrace", "agentverse", "ai-workflow-platform", "aragora", "cogitator"];

/// The defects of one document.
#[derive(Deserialize)]
struct Table {
    defect: Vec<Defect>,
}

/// One defect: a rule, and the line that it must name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Defect {
    /// The lines of the document.
    seed: String,
    code: String,
    file: String,
    /// A piece of the line.
    at: String,
    /// The line, where the piece stands on several.
    line: Option<u64>,
    /// Why the rules cannot find it.
    missed: Option<String>,
}

/// A range of lines of a file with a finding of a code.
type Found = BTreeMap<(String, String), BTreeSet<(u64, u64)>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/seeds-verbatim")
}

fn defects(document: &str) -> Vec<Defect> {
    let path = folder().join(format!("{document}.toml"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let table: Table = toml::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    table.defect
}

/// All findings of lint on all documents.
fn found() -> Found {
    let lint = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .args(["lint", "--format", "json", "--today", TODAY, "--profile", "strict", "."])
        .current_dir(folder())
        .output()
        .expect("the program can be started");
    let told: Value = serde_json::from_slice(&lint.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(&lint.stderr));
    });
    let mut found = Found::new();
    for finding in told["findings"].as_array().expect("findings are a list") {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let path = text("path").trim_start_matches("./").to_owned();
        let line = |key: &str| finding[key].as_u64().expect("a line is a number");
        let whole = format!("{}[{}]", text("code"), text("part"));
        for code in [text("code"), whole] {
            let lines = (line("line"), line("end_line"));
            found.entry((path.clone(), code)).or_default().insert(lines);
        }
    }
    found
}

impl Defect {
    /// The line of its file, from 1.
    fn line(&self) -> u64 {
        if let Some(line) = self.line {
            return line;
        }
        let text = fs::read_to_string(folder().join(&self.file)).expect("the file is there");
        let lines = text.lines().zip(1..).filter(|(line, _)| line.contains(&self.at));
        let lines: Vec<u64> = lines.map(|(_, number)| number).collect();
        assert_eq!(lines.len(), 1, "{}: `{}` stands on the lines {lines:?}", self.file, self.at);
        lines[0]
    }

    fn is_in(&self, found: &Found) -> bool {
        let (line, key) = (self.line(), (self.file.clone(), self.code.clone()));
        found.get(&key).is_some_and(|at| at.iter().any(|(from, to)| (*from..=*to).contains(&line)))
    }

    fn told(&self, document: &str) -> String {
        format!(
            "{document} {}: {} at {}:{} `{}`",
            self.seed,
            self.code,
            self.file,
            self.line(),
            self.at
        )
    }
}

#[test]
fn nearly_every_known_defect_is_found_at_its_line_and_each_miss_has_its_reason() {
    let found = found();
    let (mut wrong, mut all, mut missed) = (Vec::new(), 0, 0);
    for document in DOCUMENTS {
        for defect in defects(document) {
            all += 1;
            missed += usize::from(defect.missed.is_some());
            let told = defect.told(document);
            match (defect.is_in(&found), &defect.missed) {
                (true, None) | (false, Some(_)) => {}
                (false, None) => wrong.push(format!("not found: {told}")),
                (true, Some(reason)) => {
                    wrong.push(format!("found, but called missed ({reason}): {told}"))
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {all}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(missed * 20 <= all, "{missed} of {all} known defects are missed");
}

#[test]
fn every_document_has_its_table_and_every_file_of_the_tables_is_there() {
    for document in DOCUMENTS {
        let defects = defects(document);
        assert!(!defects.is_empty(), "{document}");
        for defect in &defects {
            assert!(defect.file.starts_with(document), "{}", defect.file);
            assert!(defect.line() > 0);
        }
    }
}
