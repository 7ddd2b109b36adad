//! A shipped runbook that is driven to its end in its lab, and then taken back with `holdpoint undo`.
//!
//! What proves a recovery is not what proves that it was taken back, so a test says that.

use serde_json::{Value, json};

use super::frame::Frame;
use super::rehearsed::book;
use crate::harness::Journal;

/// What the frame's step does.
const DRIVE: &str = r#"
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
    let mut frame = Frame::of(&book(runbook, changes));
    frame.bench.write("back.yaml", &back.answers.to_string());
    frame.bench.write("meanwhile.sh", back.meanwhile);
    let proofs = back.proofs.iter().map(|it| json!({"run": it, "timeout": "1m"}));
    frame.lab["prove"] = proofs.collect();
    if let Some(lab) = frame.lab.as_object_mut() {
        // Nothing is lost where all is as it was.
        lab.remove("lost");
    }
    frame.drive(DRIVE, &[])
}
