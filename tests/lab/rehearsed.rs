//! A shipped runbook that is rehearsed in its own lab, and what that left on record.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Bench, shipped};

/// How long a rehearsal may take where others work too.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// What a rehearsal of the runbook, with some of its lab changed, left on record.
pub(crate) struct Rehearsed {
    pub(crate) bench: Bench,
    pub(crate) report: Value,
    journal: String,
}

/// Rehearses it in its lab; each change must be one, in the runbook or in one that it includes.
#[track_caller]
pub(crate) fn rehearse(runbook: &str, changes: &[(&str, &str)], exit: i32) -> Rehearsed {
    let read = |name: &str| std::fs::read_to_string(shipped(name)).expect("it is shipped");
    let text = read(runbook);
    let (folder, _) = runbook.rsplit_once('/').expect("it lies in the folder of a system");
    let included = text.lines().filter_map(|line| line.trim().strip_prefix("include: "));
    let included = included.map(|name| (name.to_owned(), read(&format!("{folder}/{name}"))));
    let mut files: Vec<(String, String)> = included.collect();
    files.push(("book.yaml".to_owned(), text));
    for (from, to) in changes {
        assert!(files.iter().any(|(_, text)| text.contains(from)), "{from} is in no runbook");
        files.iter_mut().for_each(|(_, text)| *text = text.replace(from, to));
    }
    let bench = files.iter().fold(Bench::new(), |bench, (name, text)| bench.runbook(name, text));
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    let call = bench.args(args).within(PATIENCE).stdout_contains("").stderr_contains("");
    call.exit(exit);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    let [folder] = bench.rehearsals().try_into().expect("there is one rehearsal");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is kept");
    let report = serde_json::from_str(&read("report.json")).expect("it is JSON");
    let journal = read("journal.jsonl");
    Rehearsed { bench, report, journal }
}

impl Rehearsed {
    /// Something that was measured, in milliseconds.
    #[track_caller]
    pub(crate) fn ms(&self, key: &str) -> u64 {
        self.report[key].as_u64().unwrap_or_else(|| panic!("{key}: {}", self.report))
    }

    /// The steps that began, by their ids, in their order.
    pub(crate) fn begun(&self) -> Vec<String> {
        let records = self.journal.lines();
        let records = records.map(|it| serde_json::from_str::<Value>(it).expect("it is JSON"));
        let begun = records.filter(|record| record["event"]["type"] == "step_started");
        let path = |record: &Value| record["event"]["step"].as_str().unwrap_or_default().to_owned();
        begun.map(|it| path(&it).rsplit('/').next().unwrap_or_default().to_owned()).collect()
    }
}
