//! A Docker engine in a lab, and nothing that is left of it: no container, no group of the kernel, no bridge,
//! no mount.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::{Bench, Call, eventually};
use crate::lab::engine;

/// Containers that want to go on: one that is always started again, and one that stands still by order.
const BOOK: &str = r#"
    holdpoint: 1
    id: containers
    title: Containers that want to go on
    defaults: {shell: sh -eu}
    steps:
      - {id: go-on, run: 'touch "$LAB/work/runs"; sleep 600'}
    lab:
      components: [docker]
      seed:
        - |
          docker network create inner > network
          docker run -d --name always --restart always --network host -v /usr:/usr:ro lab/host sleep 600
          docker run -d --name still --network inner -v /usr:/usr:ro lab/host sleep 600
          docker pause still
      inject: ['touch broken']
      symptoms: [{file: "${{ lab.work }}/broken"}]
      prove: [{run: [docker, inspect, always]}]
"#;

const OTHER: &str = r#"
    holdpoint: 1
    id: other
    title: Another lab
    steps: [{id: look, run: 'true'}]
    exit_criteria: [{probe: {run: 'true'}}]
    lab:
      components: [folder]
      inject: ['touch broken']
      symptoms: [{file: "${{ lab.work }}/broken"}]
      prove: [{run: 'true'}]
"#;

/// A bench whose labs have their folders in it.
fn bench(book: &str) -> Bench {
    let bench = Bench::new();
    fs::create_dir(bench.path("t")).expect("the bench can be written to");
    let folder = bench.path("t").display().to_string();
    bench.env("TMPDIR", &folder).runbook("book.yaml", book).runbook("other.yaml", OTHER)
}

fn rehearse<'b>(bench: &'b Bench, book: &str) -> Call<'b> {
    let args = ["rehearse", book, "--lab", "--non-interactive"];
    bench.args(args).stdout_contains("").stderr_contains("LAB: starting ")
}

/// The folder of the lab, whose step runs by now.
#[track_caller]
fn lab(bench: &Bench) -> PathBuf {
    let labs = || fs::read_dir(bench.path("t")).into_iter().flatten().flatten();
    let running = || labs().map(|it| it.path()).find(|it| it.join("work/runs").exists());
    eventually("the step runs", || running().is_some());
    running().expect("it was just there")
}

/// What the kernel has of a lab: groups with its name, and a bridge.
struct Traces {
    name: String,
    bridge: PathBuf,
}

impl Traces {
    fn of(lab: &Path) -> Traces {
        let network = fs::read_to_string(lab.join("work/network")).expect("there is a network");
        let name = lab.file_name().expect("it has a name").to_string_lossy().into_owned();
        let id: String = network.chars().take(12).collect();
        Traces { name, bridge: Path::new("/sys/class/net").join(format!("br-{id}")) }
    }

    fn groups(&self) -> Vec<PathBuf> {
        let root = Path::new("/sys/fs/cgroup");
        let hierarchies = fs::read_dir(root).into_iter().flatten().flatten();
        let places = hierarchies.map(|it| it.path()).chain([root.to_owned()]);
        places.map(|it| it.join(&self.name)).filter(|it| it.exists()).collect()
    }

    /// The processes in its groups.
    fn processes(&self) -> Vec<String> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        // What has ended, and whose parent has not asked yet, has no command line any more.
        let runs = |it: &PathBuf| fs::read(it.join("cmdline")).is_ok_and(|it| !it.is_empty());
        let living = entries.map(|it| it.path()).filter(runs);
        let groups = living.filter_map(|it| fs::read_to_string(it.join("cgroup")).ok());
        groups.filter(|it| it.contains(&self.name)).collect()
    }

    #[track_caller]
    fn assert_there(&self) {
        assert!(self.processes().len() >= 2, "{:?}", self.processes());
        assert!(!self.groups().is_empty() && self.bridge.exists());
    }

    #[track_caller]
    fn assert_gone(&self) {
        assert_eq!(self.processes(), Vec::<String>::new());
        assert_eq!(self.groups(), Vec::<PathBuf>::new());
        assert!(!self.bridge.exists());
    }
}

#[test]
fn a_driver_that_is_killed_leaves_nothing_of_an_engine() {
    if engine::is_left_out() {
        return;
    }
    let bench = bench(BOOK);
    let driver = rehearse(&bench, "book.yaml").start();
    let lab = lab(&bench);
    let traces = Traces::of(&lab);
    traces.assert_there();
    driver.kill();
    eventually("the guard clears everything away", || !lab.exists());
    traces.assert_gone();
    bench.wait_for_quiet();
}

#[test]
fn what_a_killed_guard_leaves_of_an_engine_is_cleared_away_by_the_next_lab() {
    if engine::is_left_out() {
        return;
    }
    let bench = bench(BOOK);
    let driver = rehearse(&bench, "book.yaml").start();
    let lab = lab(&bench);
    let traces = Traces::of(&lab);
    let known = fs::read_to_string(lab.join("lab.json")).expect("the lab runs");
    let known: Value = serde_json::from_str(&known).expect("it is JSON");
    bench.kill_all(&[known["guard"]["pid"].to_string()]);
    driver.kill_with_keeper();
    traces.assert_there();
    rehearse(&bench, "other.yaml").exit(0);
    assert!(!lab.exists());
    traces.assert_gone();
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}
