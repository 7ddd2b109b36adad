//! Journals that are cut, torn or damaged: what is whole is shown, what never took effect is put
//! aside, and what cannot be trusted is never gone on with.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use holdpoint::journal::{FIRST_PREV, Record, read};
use holdpoint::run::Event;

use crate::harness::{Bench, Journal};

const BOOK: &str = "
    holdpoint: 1
    id: chain
    title: A chain
    preconditions: [{id: here, probe: {file: book.yaml}}]
    steps:
      - {id: one, run: echo one >> effects}
      - id: two
        require: [{probe: {file: book.yaml}}]
        done_when: {file: done}
        run: echo two >> effects
        verify: [{probe: {file: book.yaml}}]
      - id: all
        steps:
          - {id: three, effect: idempotent, run: echo three >> effects}
          - {id: four, needs: [], effect: read, run: echo four >> effects}
    exit_criteria: [{probe: {file: book.yaml}}]
    finally:
      - {id: five, effect: read, run: echo five >> effects}
";

/// A bench whose run of the chain has ended.
#[track_caller]
fn ended() -> Bench {
    let bench = Bench::new().runbook("book.yaml", BOOK);
    bench.args(["run", "book.yaml", "--parallel", "1"]).stdout_contains("recovered").exit(0);
    assert_eq!(bench.effects(), ["one", "two", "three", "four", "five"]);
    bench
}

/// A bench whose run has parked, held at its first step.
#[track_caller]
fn parked() -> Bench {
    let text = "
        holdpoint: 1
        id: held
        title: Held
        steps: [{id: one, run: echo one >> effects; test -e mended}, {id: two, run: echo two >> effects}]
    ";
    let bench = Bench::new().runbook("book.yaml", text);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    bench.write("mended", "");
    bench
}

fn journal(bench: &Bench) -> PathBuf {
    bench.run_folder().join("journal.jsonl")
}

#[track_caller]
fn text(bench: &Bench) -> String {
    fs::read_to_string(journal(bench)).expect("the run has a journal")
}

#[track_caller]
fn put(bench: &Bench, text: impl AsRef<[u8]>) {
    fs::write(journal(bench), text).expect("the journal can be written");
}

#[track_caller]
fn append(bench: &Bench, bytes: &[u8]) {
    let mut file = OpenOptions::new().append(true).open(journal(bench)).expect("it is there");
    file.write_all(bytes).expect("it can be written");
}

/// The journal again, each event as `change` makes it, with a chain that fits.
#[track_caller]
fn forge(bench: &Bench, change: impl Fn(Event) -> Event) {
    let records = read(&journal(bench)).expect("it is a journal").records;
    let mut forged = String::new();
    let mut prev = FIRST_PREV.to_owned();
    for record in records {
        let event = change(record.event);
        let (record, line) = Record::write(record.seq, record.epoch, record.at, &prev, event);
        prev = record.hash;
        forged.push_str(&line);
    }
    put(bench, forged);
}

/// Whether an attempt of a `once` step is open after these records.
fn is_in_doubt(journal: &str) -> bool {
    let count = |kind: &str, step: &str| {
        let is_it =
            |line: &&str| line.contains(&format!("\"type\":\"{kind}\",\"step\":\"{step}\""));
        journal.lines().filter(is_it).count()
    };
    // Without a process on record the one that may be repeated is in doubt as well.
    ["one", "two"].iter().any(|step| count("step_started", step) > count("step_ended", step))
        || (count("step_started", "all/three") > count("step_spawned", "all/three"))
}

#[test]
fn a_journal_cut_after_any_record_is_gone_on_with_and_nothing_is_begun_again() {
    let bench = ended();
    let whole = text(&bench);
    let log = bench.run_folder().join("keeper.jsonl");
    let kept_log = fs::read(&log).expect("it is there");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for kept in 1..lines.len() {
        put(&bench, lines[..kept].concat());
        fs::write(&log, &kept_log).expect("it is ours");
        bench.write("effects", "");
        bench.args(["resume"]).stdout_contains("").exit(0);
        // What was begun is on record with the keeper, which told it the true end.
        assert_eq!(bench.effects(), Vec::<String>::new(), "after record {kept}");
        assert_eq!(bench.status()["verdict"], "recovered", "after record {kept}");
        bench.sound_journal();
        bench.args(["verify"]).stdout_contains("each chained to the one before").exit(0);
    }
}

#[test]
fn without_the_log_of_a_keeper_a_cut_journal_is_gone_on_with_to_the_same_end() {
    let bench = ended();
    let whole = text(&bench);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for kept in 1..lines.len() {
        let cut = lines[..kept].concat();
        put(&bench, &cut);
        let _gone = fs::remove_file(bench.run_folder().join("keeper.jsonl"));
        bench.write("effects", "");
        let call = bench.args(["resume"]).stdout_contains("");
        if is_in_doubt(&cut) {
            call.exit(5);
            assert_eq!(bench.effects(), Vec::<String>::new(), "after record {kept}");
            let step = bench.status()["waiting_for"][0]["step"].as_str().unwrap_or("").to_owned();
            let resolve = format!("{step}=rerun");
            let rerun = ["resume", "--resolve", &resolve, "--reason", "it was cut"];
            bench.args(rerun).stdout_contains("").exit(0);
        } else {
            call.exit(0);
        }
        // Each step that had not ended is done, once and in its order, and no other.
        let has_ended = |step: &&str| {
            let is_it = |line: &&str| {
                line.contains("\"type\":\"step_ended\"") && line.contains(&format!("{step}\""))
            };
            cut.lines().any(|line| is_it(&line))
        };
        let mut due = ["one", "two", "three", "four", "five"].to_vec();
        due.retain(|step| !has_ended(step));
        assert_eq!(bench.effects(), due, "after record {kept}:\n{}", bench.journal());
        assert_eq!(bench.status()["verdict"], "recovered", "after record {kept}");
        bench.sound_journal();
        bench.args(["verify"]).stdout_contains("each chained to the one before").exit(0);
    }
}

#[test]
fn a_torn_tail_is_told_kept_and_cut_off() {
    let bench = parked();
    let whole = text(&bench);
    append(&bench, b"{\"v\":1,\"seq\":99");
    let torn = "the last write was cut short: 15 bytes that never took effect";
    bench.args(["verify"]).stdout_contains(torn).exit(0);
    bench.args(["timeline"]).stdout_contains(torn).exit(0);
    bench.args(["status"]).stdout_contains("held         one").exit(0);
    assert_eq!(text(&bench).len(), whole.len() + 15, "who only looks changes nothing");

    bench
        .args(["resume", "--resolve", "one=retry", "--reason", "mended"])
        .stdout_contains("")
        .exit(0);
    assert!(text(&bench).starts_with(&whole));
    assert_eq!(bench.effects(), ["one", "one", "two"]);
    let kept = bench.run_folder().join(format!("journal.jsonl.{}.torn", whole.len()));
    assert_eq!(fs::read(kept).expect("it was kept"), b"{\"v\":1,\"seq\":99");
    bench.sound_journal();
    bench.args(["verify"]).stdout_contains("the run has ended").exit(0);
}

#[test]
fn a_record_cut_at_any_byte_never_took_effect() {
    let bench = parked();
    let whole = text(&bench);
    let last = whole.trim_end().rfind('\n').expect("there are several records") + 1;
    for cut in
        [last + 1, last + 20, last + (whole.len() - last) / 2, whole.len() - 2, whole.len() - 1]
    {
        put(&bench, &whole[..cut]);
        let told = format!("{} bytes that never took effect", cut - last);
        bench.args(["verify"]).stdout_contains(&told).exit(0);
        bench.args(["resume"]).stdout_contains("one is held: ").exit(5);
        bench.sound_journal();
    }
    assert_eq!(bench.effects(), ["one"]);
}

#[test]
fn a_damaged_journal_is_shown_up_to_the_damage_and_never_gone_on_with() {
    let bench = parked();
    let whole = text(&bench);
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    let place = |kind: &str| {
        lines.iter().position(|line| line.contains(kind)).expect("the journal has such a record")
    };
    let ended = place("\"step_ended\"");
    let changed = |at: usize, with: &str| {
        lines
            .iter()
            .enumerate()
            .map(|(n, line)| if n == at { with } else { line })
            .collect::<String>()
    };
    for (damaged, line, why) in [
        (
            changed(ended, &lines[ended].replace("\"code\":1", "\"code\":0")),
            ended + 1,
            "its hash does not fit",
        ),
        (changed(ended, ""), ended + 1, "it does not follow the record before it"),
        (changed(ended, "\n"), ended + 1, "it has no hash"),
        (
            changed(ended, &lines[ended - 1].repeat(2)),
            ended + 1,
            "it does not follow the record before it",
        ),
        (changed(ended, "\u{0}\u{0}\u{0}\n"), ended + 1, "it has no hash"),
        (format!("{whole}garbage\n"), lines.len() + 1, "it has no hash"),
    ] {
        put(&bench, &damaged);
        let said =
            format!("error: the journal of [RUN] cannot be used: damaged at line {line}: {why}\n");
        bench.args(["resume"]).stderr(&said).exit(6);
        bench.args(["status"]).stdout_contains("one").stderr(&said).exit(6);
        bench.args(["timeline"]).stdout_contains("**Not the whole story:**").stderr(&said).exit(6);
        bench.args(["verify"]).stdout_contains("each chained").stderr(&said).exit(6);
        bench.args(["runs"]).stdout_contains("  damaged  ").exit(0);
        assert_eq!(text(&bench), damaged, "nobody writes to it");
    }
    assert_eq!(bench.effects(), ["one"]);
}

#[test]
fn a_journal_of_a_later_version_is_left_to_it() {
    let bench = parked();
    let whole = text(&bench);
    append(&bench, b"{\"v\":2,\"what\":\"ever\"}\n");
    let said = "error: the journal of [RUN] cannot be used: it is in format 2: use the Holdpoint that wrote it, or a later one";
    bench.args(["resume"]).stderr(said).exit(6);
    bench.args(["status"]).stdout_contains("held         one").stderr(said).exit(6);
    assert!(text(&bench).starts_with(&whole) && text(&bench).ends_with("\"ever\"}\n"));
}

#[test]
fn a_run_without_one_whole_record_is_nobody_s_open_run() {
    let bench = parked();
    let stump = bench.path("state/runs/20200101-stump-aaa");
    fs::create_dir_all(stump.join("runbook")).expect("the bench can be written to");
    fs::write(stump.join("journal.jsonl"), "{\"v\":1,").expect("the bench can be written to");
    bench.args(["resume"]).stdout_contains("one is held").exit(5);
    bench.args(["status"]).stdout_contains("held         one").exit(0);
    bench.args(["resume", "20200101"]).stderr_contains("it holds no whole record").exit(6);
    fs::remove_file(stump.join("journal.jsonl")).expect("it is there");
    bench.args(["resume"]).stdout_contains("one is held").exit(5);
}

#[test]
fn the_frozen_runbook_is_the_only_one_that_counts() {
    let bench = parked();
    bench.write("book.yaml", "holdpoint: [");
    bench.args(["resume"]).stdout_contains("one is held").exit(5);
    fs::remove_file(bench.path("book.yaml")).expect("it is there");
    bench.args(["resume", "--resolve", "one=skip", "--reason", "x"]).stdout_contains("").exit(8);
    assert_eq!(bench.effects(), ["one", "two"]);
    bench.sound_journal();
}

#[test]
fn a_frozen_runbook_that_was_changed_or_is_missing_is_refused() {
    let bench = parked();
    let frozen = bench.run_folder().join("runbook/runbook.yaml");
    let text = fs::read_to_string(&frozen).expect("it is frozen");
    fs::write(&frozen, text.replace("echo two", "echo 2")).expect("the owner may");
    let changed = "error: the journal of [RUN] cannot be used: its frozen runbook was changed after the start";
    for command in ["resume", "status", "timeline"] {
        bench.args([command]).stderr(changed).exit(6);
    }
    bench.args(["verify"]).stdout_contains("").stderr(changed).exit(6);
    fs::remove_file(&frozen).expect("it is there");
    bench.args(["resume"]).stderr_contains("its frozen runbook is missing").exit(6);
    fs::write(&frozen, text).expect("the owner may");
    bench.args(["resume", "--resolve", "one=retry", "--reason", "x"]).stdout_contains("").exit(0);
}

#[test]
fn a_process_of_another_boot_or_with_another_start_is_not_waited_for() {
    for field in ["boot", "start"] {
        let bench = Bench::new().runbook(
            "book.yaml",
            "
                holdpoint: 1
                id: long
                title: Long
                steps:
                  - id: work
                    effect: idempotent
                    run: 'echo work >> effects; until [ -e go ]; do sleep 0.02; done'
            ",
        );
        let mut driver = bench.args(["run", "book.yaml"]).start();
        driver.wait_for("step_spawned", "work");
        driver.kill_with_keeper();
        // Of a keeper's log nothing is left, as in runs from before there were keepers.
        fs::remove_file(bench.run_folder().join("keeper.jsonl")).expect("it is there");
        forge(&bench, |event| match event {
            Event::StepSpawned { step, attempt, mut process } => {
                match field {
                    "boot" => process.boot_id = "another".into(),
                    _ => process.start_time += 1,
                }
                Event::StepSpawned { step, attempt, process }
            }
            other => other,
        });
        let mut driver = bench.args(["resume"]).stdout_contains("").start();
        driver.wait_until("it is done again", |journal| journal.count("step_spawned", "work") == 2);
        bench.write("go", "");
        driver.exit(0);
        Journal::assert_sound(&bench.journal());
    }
}

#[test]
fn output_that_was_changed_afterwards_is_found_out() {
    let text = "holdpoint: 1\nid: says\ntitle: Says\nsteps: [{id: a, run: echo hello}]\n";
    let bench = Bench::new().runbook("book.yaml", text);
    bench.args(["run", "book.yaml"]).stdout_contains("> hello").exit(0);
    bench.args(["verify"]).stdout_contains("outputs that match their digests: 1;").exit(0);
    let file = bench.run_folder().join("output/a.1.out");
    fs::write(&file, "good bye\n").expect("the owner may");
    let said = "output/a.1.out was changed";
    bench
        .args(["verify"])
        .stdout_contains("outputs that match their digests: 0;")
        .stderr_contains(said)
        .exit(6);
    fs::remove_file(&file).expect("it is there");
    let said = "output/a.1.out is missing";
    bench.args(["verify"]).stdout_contains("").stderr_contains(said).exit(6);
}
