//! A shipped runbook that is driven to its end in its lab, and then taken back with `holdpoint undo`.
//!
//! As where a driver is killed, the lab is that of a *frame*, whose only step drives the runbook as a
//! live run. What proves a recovery is not what proves that it was taken back, so a test says that.

use serde_json::{Value, json};

use super::killed::{Killed, frame};
use super::rehearsed::PATIENCE;
use crate::harness::{Bench, Journal, shipped};

/// What the frame's step does.
const DRIVE: &str = r#"
set -eu
place=$1
shift 3
export HOLDPOINT_STATE="$place/inner"
unset HOLDPOINT_LAB
holdpoint run "$place/book.yaml" --non-interactive --answers "$place/answers.yaml" "$@"
sh -eu "$place/meanwhile.sh"
run=$(ls "$place/inner/runs")
code=0
holdpoint undo "$run" --reason "it was rehearsed" --answers "$place/back.yaml" || code=$?
# A run that was taken back has ended, and has not recovered.
[ "$code" = 4 ]
"#;

/// How a run is taken back, and what shows that.
pub(crate) struct Back<'a> {
    /// What is done between the end of the run and that.
    pub(crate) meanwhile: &'a str,
    /// Who answers the gates of the way back, by the path of the undo.
    pub(crate) answers: Value,
    /// Commands that succeed once all is back.
    pub(crate) proofs: &'a [&'a str],
}

/// Drives it to its end, takes it back, and has the lab prove that; the journal of the run.
#[track_caller]
pub(crate) fn take_back(runbook: &str, changes: &[(&str, &str)], back: &Back<'_>) -> Journal {
    let mut text = std::fs::read_to_string(shipped(runbook)).expect("it is shipped");
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in the runbook");
        text = text.replace(from, to);
    }
    let book: Value = serde_yaml::from_str(&text).expect("it is YAML");
    let answers = book["lab"]["answers"].to_string();
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.write("answers.yaml", &answers);
    bench.write("back.yaml", &back.answers.to_string());
    bench.write("meanwhile.sh", back.meanwhile);
    bench.write("drive.sh", DRIVE);
    let place = bench.path("answers.yaml").parent().expect("it has a folder").to_owned();
    let mut frame = frame(&book, &place.to_string_lossy(), Killed::Driver);
    let proofs = back.proofs.iter().map(|it| json!({"run": it, "timeout": "1m"}));
    frame["lab"]["prove"] = proofs.collect();
    if let Some(lab) = frame["lab"].as_object_mut() {
        // Nothing is lost where all is as it was.
        lab.remove("lost");
    }
    bench.write("frame.yaml", &frame.to_string());
    let args = ["rehearse", "frame.yaml", "--lab", "--non-interactive"];
    let call = bench.args(args).within(PATIENCE).stdout_contains("").stderr_contains("");
    let printed = call.exit(0);
    assert!(printed.stdout.contains(": rehearsed and recovered"), "{}", printed.stdout);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    let runs = std::fs::read_dir(place.join("inner/runs")).expect("it was run");
    let runs: Vec<_> = runs.flatten().map(|entry| entry.path()).collect();
    let [run] = runs.try_into().expect("there is one run");
    Journal::read(&run.join("journal.jsonl"))
}
