//! A keeper minds its own business: whom it listens to, what it holds open, and what can be seen of
//! it.

use std::fs;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use holdpoint::run::event::StopLevel;
use holdpoint::runtime::keeper::protocol::{Frames, Reply, Request, VERSION, frame};

use crate::harness::{Bench, Driver, eventually};

/// A runbook whose step works until the file `go` is there.
fn bench() -> Bench {
    Bench::new()
        .runbook(
            "book.yaml",
            "
            holdpoint: 1
            id: long
            title: A step that takes long
            inputs: {password: {type: string, secret: true, env: PASSWORD}}
            steps:
              - id: work
                env: {P: '${{ inputs.password }}'}
                run: |
                  echo work >> effects
                  until [ -e go ]; do sleep 0.02; done
                  echo worked >> effects
        ",
        )
        .env("PASSWORD", "hunter2hunter2")
}

#[track_caller]
fn at_work(bench: &Bench) -> Driver<'_> {
    let mut driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    eventually("it works", || bench.effects() == ["work"]);
    driver
}

/// Lets the step end; nothing that was tried has disturbed the run.
#[track_caller]
fn assert_undisturbed(bench: &Bench, driver: Driver<'_>) {
    bench.write("go", "");
    driver.exit(0);
    assert_eq!(bench.effects(), ["work", "worked"]);
    bench.sound_journal();
    assert_eq!(bench.left_behind(), Vec::<String>::new());
}

/// What the keeper answers to these bytes, until it closes the connection.
#[track_caller]
fn answers(bench: &Bench, bytes: &[u8]) -> Vec<Reply> {
    let mut caller = caller(bench);
    // It need not read all of it.
    let _ = caller.write_all(bytes).and_then(|()| caller.shutdown(std::net::Shutdown::Write));
    let mut said = Vec::new();
    match caller.read_to_end(&mut said) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it waits: {error}"),
        _ => {}
    }
    let mut frames = Frames::default();
    frames.push(&said);
    let next = || frames.read().expect("it makes sense");
    std::iter::from_fn(next).collect()
}

#[track_caller]
fn caller(bench: &Bench) -> UnixStream {
    let caller = UnixStream::connect(bench.run_folder().join("keeper.sock"));
    let caller = caller.expect("the keeper listens");
    caller.set_read_timeout(Some(Duration::from_secs(30))).expect("that is a length of time");
    caller
}

/// How somebody introduces itself who drives this run, but for what a test changes.
fn hello(bench: &Bench, version: u32, epoch: u64) -> Vec<u8> {
    let run = bench.run_folder();
    let run = run.file_name().expect("it has a name").to_string_lossy().into_owned();
    frame(&Request::Hello { version, run, epoch, env: Vec::new() }).expect("it is short")
}

#[test]
fn its_socket_is_for_its_owner_alone() {
    let bench = bench();
    let driver = at_work(&bench);
    let socket = fs::metadata(bench.run_folder().join("keeper.sock")).expect("it is there");
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    assert_undisturbed(&bench, driver);
}

#[test]
fn nonsense_on_its_socket_disturbs_nothing() {
    let bench = bench();
    let driver = at_work(&bench);
    let long = [&u32::MAX.to_le_bytes()[..], b"much"].concat();
    let wrong = [&4_u32.to_le_bytes()[..], b"{}{}"].concat();
    for bytes in [&b""[..], b"GET / HTTP/1.1\r\n\r\n", &long, &wrong, &[0; 4096], &[255; 70_000]] {
        assert!(answers(&bench, bytes).is_empty());
    }
    assert_undisturbed(&bench, driver);
}

#[test]
fn whoever_is_no_driver_of_this_run_is_refused() {
    let bench = bench();
    let driver = at_work(&bench);
    let foreign = Request::Hello { version: VERSION, run: "other".into(), epoch: 9, env: vec![] };
    for (bytes, why) in [
        (hello(&bench, VERSION + 1, 9), "it speaks version 1 of the protocol, not 2"),
        (hello(&bench, VERSION, 1), "a later driver has come"),
        (hello(&bench, VERSION, 0), "a later driver has come"),
        (frame(&foreign).expect("it is short"), "not other"),
    ] {
        let stop = frame(&Request::Stop { level: StopLevel::Kill }).expect("it is short");
        match answers(&bench, &[bytes, stop].concat()).as_slice() {
            [Reply::Refused { version: 1, reason }] => assert!(reason.contains(why), "{reason}"),
            other => panic!("{why}: {other:?}"),
        }
    }
    assert_undisturbed(&bench, driver);
}

#[test]
fn whoever_has_not_introduced_itself_is_not_heard() {
    let bench = bench();
    let driver = at_work(&bench);
    let stop = frame(&Request::Stop { level: StopLevel::Kill }).expect("it is short");
    let leave = frame(&Request::Leave).expect("it is short");
    assert!(answers(&bench, &[stop, leave].concat()).is_empty());
    assert_undisturbed(&bench, driver);
}

#[test]
fn a_second_one_never_lives_beside_it() {
    let bench = bench();
    let driver = at_work(&bench);
    let keeper = bench.keepers();
    let folder = bench.run_folder().display().to_string();
    bench.args(["@keeper", &folder]).exit(1);
    bench.shell(&format!(": | holdpoint @keeper {folder}")).exit(1);
    bench.shell(&format!(": | holdpoint @keeper {folder} >> {folder}/keeper.lock")).exit(1);
    assert_eq!(bench.keepers(), keeper);
    caller(&bench);
    assert_undisturbed(&bench, driver);
}

#[test]
fn it_holds_neither_the_journal_nor_the_lock_of_its_driver() {
    let bench = bench();
    let driver = at_work(&bench);
    let open = fs::read_dir(format!("/proc/{}/fd", bench.keepers()[0])).expect("it is ours");
    let mut names: Vec<String> = Vec::new();
    for entry in open.flatten() {
        let target = fs::read_link(entry.path()).unwrap_or_default();
        let is_of_run = target.starts_with(bench.path("state"));
        names.extend(target.file_name().filter(|_| is_of_run).map(|n| n.to_string_lossy().into()));
    }
    names.sort();
    names.dedup();
    assert_eq!(names, ["keeper.jsonl", "keeper.lock"]);
    assert_undisturbed(&bench, driver);
}

#[test]
fn no_other_process_of_its_user_looks_into_it() {
    let bench = bench();
    // Without this, root may look into everything.
    let plain = "exec setpriv --bounding-set=-all --inh-caps=-all";
    let plain = if rustix::process::geteuid().is_root() { plain } else { "exec" };
    let run = format!("{plain} holdpoint run book.yaml");
    let mut driver = bench.shell(&run).stdout_contains("").start();
    driver.wait_for("step_spawned", "work");
    let spawned = bench.journal().about("step_spawned", "work")[0]["process"]["pid"].to_string();
    let looks = |pid: &str| {
        format!(
            "{plain} sh -c 'cat /proc/{pid}/environ > /dev/null 2>&1 && echo seen || echo hidden'"
        )
    };
    bench.shell(&looks(&spawned)).stdout("seen").exit(0);
    bench.shell(&looks(&bench.keepers()[0])).stdout("hidden").exit(0);
    bench.write("go", "");
    driver.exit(0);
}

#[test]
fn no_secret_stands_in_its_environment_or_in_a_command_line() {
    let bench = bench().env("OTHER", "of the operator");
    let driver = at_work(&bench);
    let keeper = &bench.keepers()[0];
    // Who is not root cannot see it at all.
    let environment = fs::read(format!("/proc/{keeper}/environ")).unwrap_or_default();
    let environment = String::from_utf8_lossy(&environment).into_owned();
    assert!(!environment.contains("hunter2"), "{environment}");
    assert!(environment.is_empty() || environment.contains("OTHER=of the operator"));
    let lines = bench.left_behind().join("\n");
    assert!(lines.contains("@keeper") && !lines.contains("hunter2"), "{lines}");
    assert_undisturbed(&bench, driver);
}

#[test]
fn the_folder_of_the_run_may_lie_deeper_than_a_socket_may() {
    let deep = format!("{}/{}", "d".repeat(120), "e".repeat(120));
    let bench = bench();
    let script = format!(
        "
        holdpoint run book.yaml --state {deep} > said & driver=$!
        until [ -e effects ]; do sleep 0.02; done
        kill -9 $driver; wait $driver
        : > go
        holdpoint resume --state {deep}
        "
    );
    // The shell says that it was killed.
    bench.shell(&script).stdout_contains("work  succeeded").stderr_contains("").exit(0);
    assert_eq!(bench.effects(), ["work", "worked"]);
}

#[test]
fn a_step_that_has_the_terminal_stays_with_its_driver() {
    let bench = Bench::new().runbook(
        "book.yaml",
        "
            holdpoint: 1
            id: talk
            title: At the terminal
            steps:
              - {id: other, run: 'echo $PPID >> effects'}
              - {id: talk, tty: true, run: 'echo $PPID >> effects'}
        ",
    );
    let screen = bench.at_terminal(["run", "book.yaml"]);
    let driver = screen.pid().to_string();
    screen.exit(0);
    let parents = bench.effects();
    assert_eq!(parents.len(), 2);
    assert_ne!(parents[0], driver);
    assert_eq!(parents[1], driver);
}
