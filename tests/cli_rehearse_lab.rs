//! `rehearse --lab`: real steps against what was started for them, and nothing that is left of it.
//!
//! Most labs here are a folder, which needs nothing of the machine; the real servers are in the
//! tests of recoveries.

mod ends;
mod fence;

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{Bench, Call};

/// A list that is lost, and put back from its copy.
const BOOK: &str = r#"
    holdpoint: 1
    id: lost-list
    title: The list of orders is gone
    objectives: {rto: 1h, rpo: 1m}
    defaults: {shell: sh -eu}
    inputs: {folder: {type: path}}
    confirm:
      - {id: gone, title: the list is gone, probe: {file: "${{ inputs.folder }}/orders", expect: {exists: false}}}
    steps:
      - id: restore
        gate: {ask: Put the copy back?}
        run: |
          folder=${{ inputs.folder }}
          setsid sleep 600 > /dev/null 2>&1 < /dev/null &
          cp "$folder/copy" "$folder/orders"
    exit_criteria:
      - {title: the list is there, probe: {file: "${{ inputs.folder }}/orders"}}
    lab:
      components: [folder]
      inputs: {folder: "${{ lab.folder.folder }}"}
      answers: {restore: approve}
      seed: ['cd "$LAB_FOLDER_FOLDER"; seq 3 > orders; cp orders copy']
      inject: ['rm "$LAB_FOLDER_FOLDER/orders"']
      symptoms: [{file: "${{ lab.folder.folder }}/orders", expect: {exists: false}}]
      prove: [{run: 'cat ${{ inputs.folder }}/orders', expect: {stdout: {equals: "1\n2\n3"}}}]
      lost: echo 12.5
"#;

#[test]
fn what_a_lab_does_around_its_run_has_the_variable_from_which_the_run_takes_a_secret() {
    let book = BOOK
        .replace("inputs: {folder: {type: path}}", "inputs: {folder: {type: path}, key: {secret: true, env: SHOP_KEY}}")
        .replace("components: [folder]", "components: [folder]\n      env: {SHOP_KEY: correct horse}")
        .replace("seed: ['cd", "seed: ['test \"$SHOP_KEY\" = \"correct horse\"; cd")
        .replace("gate: {ask: Put the copy back?}\n        run: |", "gate: {ask: Put the copy back?}\n        env: {GIVEN: \"${{ inputs.key }}\"}\n        run: |\n          test \"$GIVEN\" = \"correct horse\"; test -z \"${SHOP_KEY-}\"");
    let bench = bench(&book);
    rehearse(&bench).stdout_contains("LAB: lost-list: rehearsed and recovered").exit(0);
    assert_nothing_is_left(&bench);
}

/// A bench whose labs have their folders in it.
fn bench(book: &str) -> Bench {
    let bench = Bench::new();
    let folder = bench.path("t").display().to_string();
    fs::create_dir(bench.path("t")).expect("the bench can be written to");
    bench.env("TMPDIR", &folder).env("USER", "ann").runbook("book.yaml", book)
}

fn rehearse(bench: &Bench) -> Call<'_> {
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive"];
    bench.args(args).stdout_contains("").stderr_contains("LAB: starting ")
}

/// The folders of labs that are there.
fn labs(bench: &Bench) -> Vec<PathBuf> {
    let entries = fs::read_dir(bench.path("t")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[track_caller]
fn assert_nothing_is_left(bench: &Bench) {
    assert_eq!(labs(bench), Vec::<PathBuf>::new());
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

/// The report of the only rehearsal.
#[track_caller]
fn report(bench: &Bench) -> Value {
    let text = fs::read_to_string(bench.rehearsals()[0].join("report.json"));
    serde_json::from_str(&text.expect("there is a report")).expect("it is JSON")
}

/// The events of the only rehearsal.
#[track_caller]
fn events(bench: &Bench) -> Vec<Value> {
    let text = fs::read_to_string(bench.rehearsals()[0].join("journal.jsonl"));
    let text = text.expect("there is a journal");
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("it is JSON"));
    records.map(|record| record["event"].clone()).collect()
}

fn kinds(bench: &Bench) -> Vec<String> {
    events(bench).iter().filter_map(|it| it["type"].as_str()).map(str::to_owned).collect()
}

#[test]
fn what_was_broken_is_recovered_measured_and_proven() {
    let bench = bench(BOOK);
    let printed = rehearse(&bench).exit(0);
    for told in [
        "LAB: inject: rm \"$LAB_FOLDER_FOLDER/orders\"\n",
        "folder is [DIR]/t/",
        "given by the lab\n",
        "restore  LAB: asks: Put the copy back?\n",
        "LAB: lost-list: rehearsed and recovered\ncomponents  folder; tier T0\n",
        "data        RPO 12 s, within 1 m 0 s, counted by the lab\n",
        "proof       holds: cat ",
    ] {
        assert!(printed.stdout.contains(told), "{told}\n{}", printed.stdout);
    }
    let report = report(&bench);
    assert_eq!(
        (&report["outcome"], &report["verdict"]),
        (&"succeeded".into(), &"recovered".into())
    );
    assert_eq!(
        (&report["rpo_ms"], &report["rto_objective_ms"]),
        (&12_500.into(), &3_600_000.into())
    );
    assert!(report["rto_ms"].as_u64().is_some_and(|ms| ms < 3_600_000), "{report}");
    let events = events(&bench);
    assert_eq!(events[0]["mode"], "lab");
    assert!(events[0]["detected_at"].is_string(), "the time counts from the fault");
    assert!(bench.run_folders().is_empty(), "no live run");
    assert_nothing_is_left(&bench);
}

#[test]
fn what_every_command_is_told_of_the_run_is_known_to_those_of_the_lab_too() {
    let defaults = "defaults: {shell: sh -eu, env: {RUN: '${{ run.id }}'}}";
    let book = BOOK.replace("defaults: {shell: sh -eu}", defaults);
    let bench = bench(&book.replace("seq 3 > orders;", "[ -n \"$RUN\" ]; seq 3 > orders;"));
    rehearse(&bench).exit(0);
    assert_nothing_is_left(&bench);
}

#[test]
fn nobody_goes_on_with_a_run_whose_lab_is_gone_and_its_record_is_sound() {
    let bench = bench(BOOK);
    rehearse(&bench).exit(0);
    let folder = &bench.rehearsals()[0];
    let run = folder.file_name().expect("it has a name").to_string_lossy().into_owned();
    let state = bench.path("state/practice").display().to_string();
    bench.args(["--state", &state, "verify", &run]).stdout_contains("").exit(0);
    bench.args(["resume", &run]).stderr_contains("").exit(2);
}

#[test]
fn a_fault_that_does_not_show_proves_nothing_and_begins_no_step() {
    let bench = bench(&BOOK.replace("inject: ['rm ", "inject: ['ls "));
    let printed = rehearse(&bench).exit(1);
    let told = "LAB: lost-list: nothing was proven: the fault did not show: file ";
    assert!(printed.stdout.contains(told), "{}", printed.stdout);
    assert_eq!(kinds(&bench), ["run_started", "run_ended"]);
    assert_eq!(report(&bench)["outcome"], Value::Null);
    assert_nothing_is_left(&bench);
}

#[test]
fn a_lab_that_cannot_be_filled_or_broken_says_which_and_the_end_of_what_was_printed() {
    let fails = "seq 9 >&2; exit 7";
    for (place, what) in [
        ("seed: ['", "nothing was proven: the lab could not be filled: seed `"),
        ("inject: ['", "nothing was proven: the fault could not be caused: inject `"),
    ] {
        let bench = bench(&BOOK.replace(place, &format!("{place}{fails}; ")));
        let printed = rehearse(&bench).exit(1).stdout;
        let told = "`: it ended with 7: 6\n7\n8\n9\n";
        assert!(printed.contains(what) && printed.contains(told), "{printed}");
        assert_nothing_is_left(&bench);
    }
}

#[test]
fn an_input_by_which_the_lab_says_where_it_is_cannot_be_another() {
    let bench = bench(BOOK);
    let args = ["rehearse", "book.yaml", "--lab", "--input", "folder=/srv"];
    let told = "
        error: `folder` is where something of the lab is, which would be broken elsewhere
          help: leave --input folder out
    ";
    bench.args(args).stderr(told).exit(2);
    assert!(bench.rehearsals().is_empty() && labs(&bench).is_empty());
}

#[test]
fn no_lab_is_started_for_what_does_not_fit_the_runbook() {
    let bench = bench(&told_late());
    for (given, told) in [
        (
            ["--input", "lines=three"],
            "error: the value of `lines` is refused: `three` is not a whole number",
        ),
        (["--input", "liens=3"], "help: did you mean `lines`?"),
        (["--answers", "nowhere.yaml"], "nowhere.yaml"),
        (["--waive", "nothing=known"], "nothing"),
    ] {
        let call = bench.args(["rehearse", "book.yaml", "--lab"].into_iter().chain(given));
        let stderr = call.stderr_contains(told).exit(2).stderr;
        assert!(!stderr.contains("LAB: starting"), "{stderr}");
    }
    assert!(bench.rehearsals().is_empty() && labs(&bench).is_empty());
}

#[test]
fn symptoms_that_are_there_before_the_fault_prove_nothing() {
    let bench = bench(&BOOK.replace("cp orders copy", "mv orders copy"));
    let printed = rehearse(&bench).exit(1);
    let told = "nothing was proven: the symptoms are there before the fault is caused\n";
    assert!(printed.stdout.contains(told), "{}", printed.stdout);
    assert_nothing_is_left(&bench);
}

/// A runbook that must be told what only the fault shows.
fn told_late() -> String {
    let input = "inputs: {folder: {type: path}, lines: {type: int, late: true}}";
    let book = BOOK.replace("inputs: {folder: {type: path}}", input);
    let book = book.replace(
        "inputs: {folder: \"${{ lab.folder.folder }}\"}",
        "inputs: {folder: \"${{ lab.folder.folder }}\", lines: {run: 'wc -l < ${{ inputs.folder }}/copy'}}",
    );
    let book =
        book.replace("          setsid", "          [ ${{ inputs.lines }} = 3 ]\n          setsid");
    book.replace("lost: echo 12.5", "lost: echo ${{ inputs.lines }}")
}

#[test]
fn what_only_the_fault_shows_is_asked_of_a_command_and_stands_on_record_as_of_the_lab() {
    let bench = bench(&told_late());
    let printed = rehearse(&bench).exit(0);
    assert!(printed.stdout.contains("LAB: lines is: wc -l < '[DIR]/t/"), "{}", printed.stdout);
    let events = events(&bench);
    let given = |it: &&Value| it["type"] == "input_given" && it["name"] == "lines";
    let given: Vec<_> = events.iter().filter(given).collect();
    let [given] = given.as_slice() else { panic!("it is given once: {given:?}") };
    assert_eq!((&given["value"], &given["from"]), (&3.into(), &"lab".into()));
    assert_eq!(report(&bench)["rpo_ms"], 3_000);
    assert_nothing_is_left(&bench);
}

#[test]
fn what_is_typed_goes_before_what_a_command_would_print() {
    let bench =
        bench(&told_late().replace("{run: 'wc -l < ${{ inputs.folder }}/copy'}", "{run: exit 9}"));
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive", "--input", "lines=3"];
    bench.args(args).stdout_contains("rehearsed and recovered").stderr_contains("").exit(0);
    let events = events(&bench);
    let given = events.iter().find(|it| it["name"] == "lines").expect("it is given");
    assert_eq!((&given["value"], &given["from"]), (&3.into(), &"flag".into()));
}

#[test]
fn a_command_that_fails_or_prints_no_such_value_begins_no_step() {
    for (run, told) in [
        ("echo three", "`three` cannot be `lines`: "),
        ("echo 7 >&2; exit 9", "it ended with 9: 7\n"),
    ] {
        let book = told_late().replace("wc -l < ${{ inputs.folder }}/copy", run);
        let bench = bench(&book);
        let printed = rehearse(&bench).exit(1);
        assert!(printed.stdout.contains(told), "{}", printed.stdout);
        assert_eq!(kinds(&bench), ["run_started", "run_ended"]);
        assert_nothing_is_left(&bench);
    }
}

#[test]
fn a_seed_or_a_fault_that_fails_is_told_with_what_it_said() {
    let bench = bench(&BOOK.replace("seq 3 > orders;", "echo no space >&2; exit 7;"));
    let printed = rehearse(&bench).exit(1);
    let told = "it ended with 7: no space\n";
    assert!(printed.stdout.contains(told), "{}", printed.stdout);
    assert_nothing_is_left(&bench);
}

#[test]
fn a_run_that_ends_well_and_is_not_proven_has_not_recovered() {
    let bench = bench(&BOOK.replace(r#"equals: "1\n2\n3""#, r#"equals: "1\n2""#));
    let printed = rehearse(&bench).exit(1);
    assert!(printed.stdout.contains("LAB: lost-list: not recovered: cat "), "{}", printed.stdout);
    assert_eq!(report(&bench)["verdict"], "recovered");
    assert_nothing_is_left(&bench);
}

#[test]
fn a_loss_that_is_no_number_is_not_measured() {
    let bench = bench(&BOOK.replace("lost: echo 12.5", "lost: echo much"));
    rehearse(&bench).exit(0);
    assert_eq!(report(&bench)["rpo_ms"], Value::Null);
    assert_eq!(report(&bench)["rpo_unknown"], "`much` is no number of seconds");
}

#[test]
fn a_gate_that_nobody_answers_ends_the_rehearsal_and_its_lab() {
    let bench = bench(&BOOK.replace("      answers: {restore: approve}\n", ""));
    let printed = rehearse(&bench).exit(5);
    let told = "nobody was there to answer: restore waits at its gate: Put the copy back?";
    assert!(printed.stdout.contains(told), "{}", printed.stdout);
    assert_eq!(kinds(&bench).last().map(String::as_str), Some("run_ended"));
    assert_nothing_is_left(&bench);
}

#[test]
fn answers_that_are_typed_go_before_those_of_the_lab() {
    let bench = bench(BOOK).file("no.yaml", "restore: {reject: true, reason: not today}");
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive", "--answers", "no.yaml"];
    let printed = bench.args(args).stdout_contains("not today").stderr_contains("").exit(4);
    let told = "data        RPO not measured: the run did not recover it\n";
    assert!(printed.stdout.contains(told), "{}", printed.stdout);
    assert_nothing_is_left(&bench);
}

#[test]
fn what_the_machine_lacks_is_named_and_nothing_is_started() {
    let bench = bench(&BOOK.replace("components: [folder]", "components: [folder, redis]"));
    let bench = bench.env("PATH", "/nowhere");
    let args = ["rehearse", "book.yaml", "--lab"];
    let told = "error: not rehearsed: its lab needs redis-server (package redis-server), \
                redis-cli (package redis-tools); nothing was started\n";
    bench.args(args).stderr(told).exit(3);
    assert!(bench.rehearsals().is_empty());
    assert_nothing_is_left(&bench);
}

#[test]
fn a_component_that_does_not_start_says_why_and_nothing_is_left() {
    let bench = bench(&BOOK.replace("components: [folder]", "components: [folder, redis]"));
    let bench = bench.with_programs();
    bench.program("redis-cli", "exit 1");
    bench.program("redis-server", "echo the disk is full >&2; setsid sleep 600 & exit 9");
    let call = bench.args(["rehearse", "book.yaml", "--lab"]);
    let call = call.stderr_contains("error: not rehearsed: redis: `");
    let printed = call.stderr_contains("the disk is full").exit(3);
    assert!(printed.stderr.contains("nothing was started"), "{}", printed.stderr);
    assert_nothing_is_left(&bench);
}

#[test]
fn a_runbook_without_a_lab_and_one_that_leaves_it_are_refused() {
    let (before, _) = BOOK.split_once("    lab:\n").expect("it has a lab");
    let none = bench(before);
    let told = "error: `lost-list` says nothing of a lab\n  \
                help: give it a `lab:` with its components, the fault and its symptoms\n";
    none.args(["rehearse", "book.yaml", "--lab"]).stderr(told).exit(2);
    let text = BOOK.replace("      - id: restore\n", "      - id: restore\n        target: db1\n");
    let away = bench(
        &text.replace("    steps:\n", "    targets: {db1: {ssh: db1.invalid}}\n    steps:\n"),
    );
    let told = "error: its steps run on other machines, which are none of the lab\n  \
                help: give the lab a component of the kind `host`, or the library an environment \
                `lab` that says where they are there\n";
    away.args(["rehearse", "book.yaml", "--lab"]).stderr(told).exit(2);
}

#[test]
fn what_is_written_is_for_programs_where_that_is_wanted() {
    let bench = bench(BOOK);
    let args = ["rehearse", "book.yaml", "--lab", "--non-interactive", "--format", "jsonl"];
    let printed = bench.args(args).stdout_contains("").stderr_contains("").exit(0);
    let first = printed.stdout.lines().next().expect("something is printed");
    let first: Value = serde_json::from_str(first).expect("it is JSON");
    assert_eq!(first["event"]["mode"], "lab");
    assert!(printed.stdout.lines().all(|line| line.starts_with('{')), "{}", printed.stdout);
}

#[test]
fn a_recovery_that_nothing_proves_and_that_took_no_symptom_away_is_none() {
    let nothing = BOOK.replace("cp \"$folder/copy\" \"$folder/orders\"", "true").replace(
        "      - {title: the list is there, probe: {file: \"${{ inputs.folder }}/orders\"}}\n",
        "      - {title: all is well, probe: {run: 'true'}}\n",
    );
    let proof = "      prove: [{run: 'cat ${{ inputs.folder }}/orders', expect: {stdout: {equals: \"1\\n2\\n3\"}}}]\n";
    assert!(nothing.contains(proof));
    let bench = bench(&nothing.replace(proof, ""));
    rehearse(&bench).exit(1);
    assert_eq!(report(&bench)["proofs"][0]["detail"], "every symptom holds");
    assert_nothing_is_left(&bench);
}
