//! How a step's command runs, what becomes of what it prints, and that nothing about our own
//! output ever stops a run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::harness::{Bench, Call, eventually};

fn bench(steps: &str) -> Bench {
    let steps: String = steps.trim().lines().map(|line| format!("  {line}\n")).collect();
    let head = "holdpoint: 1\nid: runs\ntitle: Runs\nsteps:\n";
    Bench::new().runbook("book.yaml", &format!("{head}{steps}"))
}

fn run(bench: &Bench) -> Call<'_> {
    bench.args(["run", "book.yaml"]).stdout_contains("")
}

/// What a step has printed, as it is kept.
#[track_caller]
fn output(bench: &Bench, name: &str) -> Vec<u8> {
    fs::read(bench.run_folder().join("output").join(name)).expect("what was printed is kept")
}

#[track_caller]
fn printed(bench: &Bench, step: &str) -> String {
    String::from_utf8(output(bench, &format!("{step}.1.out"))).expect("it is text")
}

#[test]
fn a_command_leads_a_group_in_the_session_of_its_keeper_and_reads_nothing() {
    let bench = bench(
        "
- {id: session, run: 'set -- $(cut -d \")\" -f 2- /proc/$$/stat); [ $3 = $$ ]; [ $4 = $2 ]; [ $5 = 0 ]'}
- {id: input, run: 'readlink /proc/$$/fd/0; cat'}
- {id: open, run: [ls, /proc/self/fd]}
        ",
    );
    run(&bench).stdin("typed").exit(0);
    assert_eq!(printed(&bench, "input"), "/dev/null\n");
    // What the tests themselves were started with may be open in both.
    let open = bench.shell("exec ls /proc/self/fd").stdout_contains("0\n1\n").exit(0).stdout;
    assert_eq!(printed(&bench, "open"), open, "neither the journal nor the lock");
}

#[test]
fn what_a_command_is_given_is_all_that_it_gets() {
    let bench = bench(
        "
- {id: input, stdin: \"one\\n'two' $HOME\\n\", run: cat}
- {id: deaf, stdin: text that nobody reads, run: 'exec <&-; true'}
- id: env
  env: {GIVEN: 'x y', PATH_: \"${{ run.id }}\"}
  run: 'echo \"$GIVEN|${INHERITED}|${HOLDPOINT_STATE-none}|${BASH_ENV-none}|${ENV-none}|$PATH_\"'
- {id: here, run: pwd}
- {id: there, cwd: sub, run: pwd}
        ",
    );
    bench.write("sub/file", "");
    let bench = bench.env("INHERITED", "yes").env("BASH_ENV", "/x").env("ENV", "/y");
    run(&bench).exit(0);
    assert_eq!(printed(&bench, "input"), "one\n'two' $HOME\n");
    let run = bench.run_folder();
    let id = run.file_name().expect("it has a name").to_string_lossy();
    assert_eq!(printed(&bench, "env"), format!("x y|yes|none|none|none|{id}\n"));
    let root = bench.path("").display().to_string();
    let root = root.trim_end_matches('/');
    assert_eq!(printed(&bench, "here"), format!("{root}\n"));
    assert_eq!(printed(&bench, "there"), format!("{root}/sub\n"));
}

#[test]
fn a_resumed_step_runs_in_the_folder_where_the_run_was_begun() {
    let bench = bench("- {id: a, run: test -e go}\n- {id: here, run: pwd; cat go}");
    bench.write("elsewhere/x", "");
    run(&bench).exit(5);
    bench.write("go", "gone");
    let resume = "cd elsewhere && holdpoint resume --resolve a=retry --reason x";
    bench.shell(resume).stdout_contains("").exit(0);
    let root = bench.path("").display().to_string();
    assert_eq!(printed(&bench, "here"), format!("{}\ngone\n", root.trim_end_matches('/')));
}

#[test]
fn a_script_stops_at_its_first_failure() {
    for script in ["false; echo on", "echo \"$NO_SUCH\"; echo on", "false | true; echo on"] {
        let bench = bench(&format!("- {{id: a, run: '{script}'}}"));
        run(&bench).stdout_contains("a is held: exit 1").exit(5);
        assert!(!bench.run_folder().join("output/a.1.out").exists(), "{script}");
    }
    let shell = bench("- {id: a, shell: sh -u, run: 'false; echo on'}");
    run(&shell).exit(0);
    assert_eq!(printed(&shell, "a"), "on\n");
}

#[test]
fn a_daemon_that_holds_the_pipe_holds_nobody() {
    let bench = bench(
        "- {id: start, run: 'sleep 65 & echo started'}\n- {id: after, run: echo after >> effects}",
    );
    run(&bench).exit(0);
    assert_eq!(bench.effects(), ["after"]);
    assert_eq!(bench.left_behind(), ["sleep 65"], "it lives on");
    let ended = bench.journal();
    let notes = ended.about("step_ended", "start")[0]["notes"].to_string();
    assert!(notes.contains("something that it started still holds its output"), "{notes}");
}

#[test]
fn a_daemon_that_keeps_printing_holds_nobody() {
    let bench =
        bench("- {id: start, run: '(while :; do echo x; sleep 0.05; done) & echo started'}");
    run(&bench).exit(0);
    assert!(printed(&bench, "start").lines().any(|line| line == "started"));
}

#[test]
fn a_command_that_closes_its_output_is_waited_for() {
    let bench = bench(
        "- {id: quiet, run: 'exec >&- 2>&-; touch closed; until [ -e go ]; do sleep 0.02; done'}",
    );
    let mut driver = run(&bench).start();
    eventually("it has closed its output", || bench.path("closed").exists());
    driver.wait_for("step_spawned", "quiet");
    assert_eq!(bench.journal().count("step_ended", "quiet"), 0);
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn no_zombie_is_left_while_a_run_goes_on() {
    let bench = bench(
        "- {id: a, run: 'true & (sleep 0 &) ; wait'}\n- {id: b, run: [no-such]\n  , on_failure: continue}\n- {id: c, run: 'until [ -e go ]; do sleep 0.02; done'}",
    );
    let mut driver = run(&bench).start();
    driver.wait_for("step_spawned", "c");
    let children = children(driver.pid());
    assert_eq!(children.len(), 1, "{children:?}");
    bench.write("go", "");
    driver.exit(8);
}

/// The states of the processes that a process has started and not reaped.
fn children(parent: u32) -> Vec<String> {
    let stat = |entry: fs::DirEntry| fs::read_to_string(entry.path().join("stat")).ok();
    let all = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(stat);
    let is_child = |line: &String| {
        let fields = line.rsplit_once(')').map(|(_, fields)| fields).unwrap_or_default();
        fields.split_whitespace().nth(1) == Some(parent.to_string().as_str())
    };
    all.filter(is_child).collect()
}

#[test]
fn a_flood_of_output_is_capped_in_bounded_memory() {
    let flood = "head -c 50000000 /dev/zero | tr \"\\\\0\" x; echo end";
    let bench = bench(&format!(
        "- {{id: flood, run: '{flood}'}}\n- {{id: wait, run: 'until [ -e go ]; do sleep 0.02; done'}}"
    ));
    let mut driver = run(&bench).start();
    driver.wait_for("step_spawned", "wait");
    let most = high_water(driver.pid());
    assert!(most < 100_000, "{most} kB");
    bench.write("go", "");
    driver.exit(0);

    let kept = output(&bench, "flood.1.out");
    let cut = 50_000_004 - 16 * 1024 * 1024;
    let mark = format!("\n[holdpoint: {cut} bytes left out here]\n");
    assert_eq!(kept.len(), 16 * 1024 * 1024 + mark.len(), "both ends, and a word about the rest");
    assert!(kept.windows(mark.len()).any(|window| window == mark.as_bytes()));
    assert!(kept.starts_with(b"xxx") && kept.ends_with(b"xend\n"));
    let journal = bench.sound_journal();
    let out = &journal.about("step_ended", "flood")[0]["out"];
    assert_eq!((&out["bytes"], &out["cut"]), (&50_000_004.into(), &cut.into()));
    let size = fs::metadata(bench.run_folder().join("journal.jsonl")).expect("it is there").len();
    assert!(size < 50_000, "the journal holds an end of it only: {size}");
    bench.args(["verify"]).stdout_contains("kept in part only: 1\n").exit(0);
}

/// The most memory that a process has held, in kB.
fn high_water(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells");
    line.trim().trim_end_matches(" kB").parse().expect("it is a number")
}

#[test]
fn output_that_is_no_text_is_kept_as_it_is() {
    let bench = bench(
        "
- {id: bytes, run: 'printf \"a\\\\377b\\\\000c\\\\n\"; printf \"no end\" >&2', outputs: {first: {from: line, line: 1}}}
- {id: use, stdin: '${{ steps.bytes.stdout }}', run: cat}
        ",
    );
    run(&bench).stdout_contains("          > a\u{fffd}b").exit(0);
    assert_eq!(output(&bench, "bytes.1.out"), b"a\xffb\0c\n");
    assert_eq!(output(&bench, "bytes.1.err"), b"no end");
    assert_eq!(output(&bench, "use.1.out"), "a\u{fffd}b\0c".as_bytes());
    bench.sound_journal();
}

#[test]
fn what_a_run_leaves_is_for_its_owner_only() {
    let bench = bench("- {id: say, run: umask 0; echo said}\n- {id: silent, run: 'true'}");
    bench.shell("umask 0; holdpoint run book.yaml").stdout_contains("").exit(0);
    let mut names = Vec::new();
    each(&bench.path("state"), &mut |path| {
        let mode = path.metadata().expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{}", path.display());
        names.push(path.file_name().expect("it has a name").to_string_lossy().into_owned());
    });
    names.sort();
    let run = bench.run_folder();
    let id = run.file_name().expect("it has a name").to_string_lossy();
    let expected = [
        &id,
        "inputs.json",
        "journal.jsonl",
        "keeper.jsonl",
        "keeper.lock",
        "lock",
        "output",
        "runbook",
        "runbook.yaml",
        "runs",
        "say.1.out",
        "state",
        "timeline.md",
    ];
    assert_eq!(names, expected, "nothing is made for a step that printed nothing");
}

fn each(path: &Path, look: &mut impl FnMut(&Path)) {
    look(path);
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => each(&entry.path(), look),
            false => look(&entry.path()),
        }
    }
}

#[test]
fn a_store_that_others_may_write_to_is_refused() {
    let bench = bench("- {id: a, run: echo a >> effects}");
    fs::create_dir(bench.path("state")).expect("the bench can be written to");
    bench.shell("chmod 777 state").exit(0);
    let said = "error: refusing to keep runs in [DIR]/state: others may write into it\n";
    bench.args(["run", "book.yaml"]).stderr_contains(said).exit(6);
    assert!(bench.effects().is_empty());
    fs::remove_dir(bench.path("state")).expect("it is empty");
    bench.write("state", "a file");
    bench.args(["run", "book.yaml"]).stderr_contains("error: cannot use [DIR]/state").exit(6);
    assert!(bench.effects().is_empty());
}

/// Two steps that print a lot, and leave a trace.
fn talkative() -> Bench {
    bench(
        "- {id: a, run: 'seq 2000; echo a >> effects'}\n- {id: b, run: 'seq 2000; echo b >> effects'}",
    )
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    for format in ["text", "jsonl"] {
        let bench = talkative();
        let run =
            format!("{{ holdpoint run book.yaml --format {format}; echo $? > code; }} | head -1");
        bench.shell(&run).stdout_contains("").exit(0);
        assert_eq!(bench.effects(), ["a", "b"]);
        assert_eq!(fs::read_to_string(bench.path("code")).expect("it ended"), "0\n", "{format}");
        assert_eq!(bench.status()["state"], "succeeded");
        bench.sound_journal();
    }
}

#[test]
fn standard_streams_that_are_closed_or_full_stop_nothing() {
    for streams in [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "> /dev/full", "2> /dev/full"] {
        let bench = talkative();
        bench
            .shell(&format!("holdpoint run book.yaml {streams}"))
            .stdout_contains("")
            .stderr_contains("")
            .exit(0);
        assert_eq!(bench.effects(), ["a", "b"], "{streams}");
        bench.sound_journal();
    }
}

#[test]
fn the_form_for_programs_is_the_journal_byte_for_byte() {
    let bench =
        bench("- {id: a, run: 'echo said; echo a >> effects; test -e go'}\n- {id: b, run: 'true'}");
    let journal =
        || fs::read_to_string(bench.run_folder().join("journal.jsonl")).expect("it is there");
    let run = "holdpoint run book.yaml --format jsonl > first";
    bench.shell(run).exit(5);
    let first = fs::read_to_string(bench.path("first")).expect("it was printed");
    assert_eq!(first, journal());
    bench.write("go", "");
    let resume = "holdpoint resume --resolve a=retry --reason x --format jsonl > second";
    bench.shell(resume).exit(0);
    let second = fs::read_to_string(bench.path("second")).expect("it was printed");
    assert_eq!([first, second].concat(), journal());
    bench.sound_journal();
}
