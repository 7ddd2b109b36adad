//! Runs of every released version, which are read for ever.
//!
//! Each is a folder as that version left it. What is made of it today is compared with what is
//! kept beside it; `just bless` accepts a change of that, and never touches a run.

use std::fs;
use std::path::{Path, PathBuf};

use crate::harness::{Bench, shipped};

/// What is looked at: the arguments, and the file that keeps what they print.
const LOOKS: [(&[&str], &str); 8] = [
    (&["status", "--format", "json"], "status.json"),
    (&["timeline"], "timeline.md"),
    (&["timeline", "--format", "json"], "timeline.json"),
    (&["timeline", "--format", "csv"], "timeline.csv"),
    (&["timeline", "--format", "text"], "timeline.txt"),
    (&["timeline", "--view", "raw"], "timeline.raw.md"),
    (&["verify"], "verify.txt"),
    (&["handover", "--format", "json"], "handover.json"),
];

/// The folders of a folder, in order.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("it is part of the project").flatten();
    let mut found: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

/// Every golden run, with the version that made it.
fn runs() -> Vec<(String, PathBuf)> {
    let versions = folders(Path::new(&shipped("tests/data/golden")));
    let runs = versions.iter().flat_map(|version| {
        let name = version.file_name().unwrap_or_default().to_string_lossy().into_owned();
        folders(version).into_iter().map(move |run| (name.clone(), run))
    });
    runs.collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("the bench can be written to");
    for entry in fs::read_dir(from).expect("it is there").flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(&from, &to).expect("the bench can be written to")),
        }
    }
}

/// A bench on which a golden run lies in the store.
fn bench(run: &Path) -> (Bench, String) {
    let bench = Bench::new();
    let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let at = bench.path("state/runs").join(&name);
    // Where nothing was printed there is nothing to be kept.
    fs::create_dir_all(at.join("output")).expect("the bench can be written to");
    let parts = ["journal.jsonl", "keeper.jsonl", "runbook", "runbook-2", "output"];
    for part in parts.into_iter().filter(|part| run.join(part).exists()) {
        let (from, to) = (run.join(part), at.join(part));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(fs::copy(&from, &to).expect("the bench can be written to")),
        }
    }
    // Folders of a project are open to others; those of a store are not.
    bench.shell("chmod -R go= state").exit(0);
    (bench, name)
}

#[test]
fn p17_golden_runs_of_every_version_read_as_they_always_did() {
    let is_blessing = std::env::var_os("HOLDPOINT_BLESS").is_some();
    let runs = runs();
    assert!(runs.len() >= 9, "only {} golden runs are there", runs.len());
    let mut changed = Vec::new();
    for (version, run) in &runs {
        let (bench, name) = bench(run);
        for (look, file) in LOOKS {
            let (command, more) = look.split_first().expect("a command is looked with");
            let args = [*command, &name].into_iter().chain(more.iter().copied());
            let printed = bench.args(args).stdout_contains("").exit(0).stdout;
            let printed = printed.replace("[RUN]", &name);
            let kept = run.join("expected").join(file);
            if is_blessing {
                fs::create_dir_all(run.join("expected")).expect("the project can be written to");
                fs::write(&kept, &printed).expect("the project can be written to");
            } else if fs::read_to_string(&kept).unwrap_or_default() != printed {
                changed.push(format!("{version}/{name}: {file} is now\n{printed}"));
            }
        }
    }
    assert!(changed.is_empty(), "`just bless` accepts this:\n{}", changed.join("\n"));
}

#[test]
fn p17_a_golden_run_that_is_open_is_gone_on_with() {
    for (version, run) in runs() {
        let name = run.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A step that failed and was marked done is an exception; one whose end was unknown is not.
        let code = match name.as_str() {
            "held" => 8,
            "in-doubt" => 0,
            _ => continue,
        };
        let (bench, _) = bench(&run);
        let resolve = ["resume", &name, "--resolve", "two=done", "--reason", "it was looked at"];
        bench.args(resolve).stdout_contains("unverified: succeeded").exit(code);
        bench.args(["verify"]).stdout_contains("the run has ended").exit(0);
        let end = bench.sound_journal().events("run_ended").len();
        assert_eq!(end, 1, "{version}/{name}");
    }
}
