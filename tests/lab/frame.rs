//! A runbook around a shipped one, which is driven in its lab as a live run: the *frame*.
//!
//! A lab ends with its driver, so what happens to a driver cannot be tried in a lab of its own. The
//! frame has the same components, fault and proofs, and its only step does to the shipped runbook
//! what a test wants.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::rehearsed::PATIENCE;
use crate::harness::{Bench, Journal};

/// Where the step of a frame begins: with a store of its own for the run that it drives.
const BEGIN: &str = r#"
set -eu
place=$1
shift
export HOLDPOINT_STATE="$place/inner"
unset HOLDPOINT_LAB
"#;

/// How many bytes of what a driver said are shown where a test fails.
const MOST: usize = 4096;

/// A shipped runbook, and the frame in which it is driven.
pub(crate) struct Frame {
    pub(crate) bench: Bench,
    /// The lab of the frame, which is that of the runbook at first.
    pub(crate) lab: Value,
    book: Value,
    place: PathBuf,
}

impl Frame {
    /// The frame of a runbook.
    #[track_caller]
    pub(crate) fn of(text: &str) -> Frame {
        let book: Value = serde_yaml::from_str(text).expect("it is YAML");
        let answers = book["lab"]["answers"].as_object().cloned().unwrap_or_default();
        let bench = Bench::new().runbook("book.yaml", text);
        bench.write("answers.yaml", &Value::Object(answers).to_string());
        let place = bench.path("answers.yaml").parent().expect("it has a folder").to_owned();
        let mut lab = book["lab"].clone();
        if let Some(lab) = lab.as_object_mut() {
            // Its gates are not those of the frame.
            lab.remove("answers");
        }
        Frame { bench, lab, book, place }
    }

    /// Rehearses the frame, whose step runs this script with these words and then the inputs of the
    /// runbook; the journal of the only run that it has driven.
    #[track_caller]
    pub(crate) fn drive(self, script: &str, words: &[&str]) -> Journal {
        self.bench.write("drive.sh", &format!("{BEGIN}{script}"));
        self.bench.write("frame.yaml", &self.text(words).to_string());
        let args = ["rehearse", "frame.yaml", "--lab", "--non-interactive"];
        let call = self.bench.args(args).within(PATIENCE).stdout_contains("").stderr_contains("");
        let printed = call.exit(0);
        assert!(printed.stdout.contains(": rehearsed and recovered"), "{}", printed.stdout);
        assert_eq!(self.bench.left_behind(), Vec::<String>::new());
        let runs = std::fs::read_dir(self.place.join("inner/runs")).expect("it was run");
        let runs: Vec<_> = runs.flatten().map(|entry| entry.path()).collect();
        let [run] = runs.try_into().expect("there is one run");
        Journal::read(&run.join("journal.jsonl"))
    }

    /// The frame, as a runbook.
    fn text(&self, words: &[&str]) -> Value {
        let Frame { book, lab, place, .. } = self;
        let named = book["lab"]["inputs"].as_object().into_iter().flatten();
        let told = named.flat_map(|(name, _)| {
            let value = match book["inputs"][name]["type"].as_str() {
                Some("list") => format!("[${{{{ inputs.{name} | join(', ') }}}}]"),
                _ => format!("${{{{ inputs.{name} }}}}"),
            };
            ["--input".to_owned(), format!("{name}={value}")]
        });
        let script = place.join("drive.sh").display().to_string();
        let place = place.display().to_string();
        let words = ["sh", &script, &place].into_iter().chain(words.iter().copied());
        let run: Vec<String> = words.map(str::to_owned).chain(told).collect();
        let mut frame = json!({
            "holdpoint": 1,
            "id": "frame",
            "title": format!("{}, driven by another", book["title"].as_str().unwrap_or_default()),
            "inputs": book["inputs"],
            "defaults": book["defaults"],
            "lab": lab,
            "steps": [{"id": "drive", "effect": "once", "timeout": "5m", "run": run}],
        });
        // What the runbook does not say, the frame does not say either.
        if let Some(frame) = frame.as_object_mut() {
            frame.retain(|_, value| !value.is_null());
        }
        frame
    }
}

/// What the drivers said is seen where a test fails, and last of all.
#[allow(clippy::print_stderr, reason = "the test runner shows it with what failed")]
impl Drop for Frame {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let folders = self.bench.rehearsals().into_iter().map(|folder| folder.join("output"));
        for file in folders.flat_map(std::fs::read_dir).flatten().flatten() {
            let said = std::fs::read(file.path()).unwrap_or_default();
            let said = said.get(said.len().saturating_sub(MOST)..).unwrap_or_default();
            eprintln!("{}:\n{}", file.path().display(), String::from_utf8_lossy(said));
        }
    }
}
