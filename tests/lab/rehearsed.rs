//! A shipped runbook that is rehearsed in its own lab, and what that left on record.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Bench, Journal, shipped};

/// How long a rehearsal may take where others work too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// What a rehearsal of the runbook, with some of its lab changed, left on record.
pub(crate) struct Rehearsed {
    pub(crate) bench: Bench,
    pub(crate) report: Value,
    journal: Journal,
}

/// Rehearses it in its lab; each change must be one, in the runbook or in one that it includes.
#[track_caller]
pub(crate) fn rehearse(runbook: &str, changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    let text = read(runbook);
    let (folder, _) = runbook.rsplit_once('/').expect("it lies in the folder of a system");
    let included = text.lines().filter_map(|line| line.trim().strip_prefix("include: "));
    let included = included.map(|name| (name.to_owned(), read(&format!("{folder}/{name}"))));
    let mut files: Vec<_> = included.collect();
    files.push(("book.yaml".to_owned(), text));
    changed(&mut files, changes);
    let bench = files.iter().fold(Bench::new(), |bench, (name, text)| bench.runbook(name, text));
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    let call = bench.args(args).within(PATIENCE).stdout_contains("").stderr_contains("");
    call.exit(exit);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    let [folder] = bench.rehearsals().try_into().expect("there is one rehearsal");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is kept");
    let report = serde_json::from_str(&read("report.json")).expect("it is JSON");
    let journal = Journal::read(&folder.join("journal.jsonl"));
    Rehearsed { bench, report, journal }
}

/// The text of a runbook that includes none, with changes of which each must be one.
#[track_caller]
pub(crate) fn book(runbook: &str, changes: &[(&str, &str)]) -> String {
    let mut files = [(String::new(), read(runbook))];
    changed(&mut files, changes);
    let [(_, text)] = files;
    text
}

fn read(runbook: &str) -> String {
    std::fs::read_to_string(shipped(runbook)).expect("it is shipped")
}

/// Changes files, by their names; each change must be one in one of them.
#[track_caller]
fn changed(files: &mut [(String, String)], changes: &[(&str, &str)]) {
    for (from, to) in changes {
        assert!(files.iter().any(|(_, text)| text.contains(from)), "{from} is in no runbook");
        files.iter_mut().for_each(|(_, text)| *text = text.replace(from, to));
    }
}

impl Rehearsed {
    /// Something that was measured, in milliseconds.
    #[track_caller]
    pub(crate) fn ms(&self, key: &str) -> u64 {
        self.report[key].as_u64().unwrap_or_else(|| panic!("{key}: {}", self.report))
    }

    /// The steps that began, by their ids, in their order.
    pub(crate) fn begun(&self) -> Vec<String> {
        let paths = self.journal.steps("step_started").into_iter();
        paths.map(|path| path.rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }

    /// Those of some steps that began, in their order.
    pub(crate) fn begun_of(&self, steps: &[&str]) -> Vec<String> {
        self.begun().into_iter().filter(|it| steps.contains(&it.as_str())).collect()
    }

    /// It has recovered within its objectives, in a lab of this tier of which nothing is left. What the
    /// lab has lost for certain is given in milliseconds.
    #[track_caller]
    pub(crate) fn assert_recovered(&self, tier: &str, lost: Option<u64>) {
        let report = &self.report;
        assert_eq!((&report["tier"], &report["verdict"]), (&tier.into(), &"recovered".into()));
        assert_eq!(report["left"], Value::Null);
        assert!(self.ms("rto_ms") <= self.ms("rto_objective_ms"), "{report}");
        if let Some(least) = lost {
            let promised = least..self.ms("rpo_objective_ms");
            assert!(promised.contains(&self.ms("rpo_ms")), "{report}");
        }
        assert!(self.bench.run_folders().is_empty());
    }

    /// So many proofs hold, and there is no other.
    #[track_caller]
    pub(crate) fn assert_proofs(&self, expected: usize) {
        let proofs = self.report["proofs"].as_array().expect("there are proofs");
        let hold = proofs.iter().all(|proof| proof["holds"] == true);
        assert!(proofs.len() == expected && hold, "{proofs:?}");
    }

    /// What is on record of it.
    pub(crate) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Its timeline, for programs.
    #[track_caller]
    pub(crate) fn timeline(&self) -> Value {
        let [folder] = self.bench.rehearsals().try_into().expect("there is one rehearsal");
        let run = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
        let state = self.bench.path("state/practice").display().to_string();
        let args = ["--state", &state, "timeline", &run, "--format", "json"];
        let printed = self.bench.args(args).stdout_contains("").exit(0);
        serde_json::from_str(&printed.stdout).expect("it is JSON")
    }

    /// All that its steps have printed.
    pub(crate) fn printed(&self) -> String {
        let [folder] = self.bench.rehearsals().try_into().expect("there is one rehearsal");
        let mut folders = vec![folder.join("output")];
        let mut printed = String::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                match std::fs::read(entry.path()) {
                    Ok(bytes) => printed += &String::from_utf8_lossy(&bytes),
                    Err(_) => folders.push(entry.path()),
                }
            }
        }
        printed
    }
}
