//! The runbooks that are shipped, as their library has them.

use std::fs;

use crate::harness::{Bench, shipped};

#[test]
fn every_shipped_runbook_is_clean_under_the_strict_profile() {
    let (bench, runbooks) = (Bench::new(), shipped("runbooks"));
    // On another day a review may be due.
    let args = ["lint", "--profile", "strict", "--today", "2026-11-28", "--format", "concise"];
    bench.args(args.into_iter().chain([runbooks.as_str()])).exit(0);
}

#[test]
fn every_recovery_has_a_lab_in_which_it_is_rehearsed() {
    let systems = ["agenttrace", "agentverse", "ai-workflow-platform", "aragora", "cogitator"];
    for system in systems {
        let folder = fs::read_dir(shipped(&format!("runbooks/{system}"))).expect("it is shipped");
        for path in folder.flatten().map(|entry| entry.path()) {
            let text = fs::read_to_string(&path).expect("it can be read");
            let is_test = path.to_string_lossy().ends_with(".test.yaml");
            assert_eq!(text.contains("\nlab:\n"), !is_test, "{}", path.display());
        }
    }
}
