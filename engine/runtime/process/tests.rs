//! Real commands, mostly of `/bin/sh`.

use std::fs;

use super::*;
use crate::runtime::identity::{Stat, identify, is_alive};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

/// Long enough for a shell to say its first word, even on a busy machine.
const WORD: Duration = Duration::from_secs(1);

/// Keeps what it takes, and may stop the run when the first bytes come.
#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    on_first: Option<(watch::Sender<StopLevel>, StopLevel)>,
}

impl Sink for Heard {
    fn take(&mut self, chunk: &[u8]) {
        self.bytes.extend_from_slice(chunk);
        if let Some((stop, level)) = self.on_first.take() {
            stop.send_replace(level);
        }
    }
}

impl Heard {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("the test prints text")
    }

    /// The process whose number was printed.
    fn process(&self) -> Option<Identity> {
        let number = self.text().split_whitespace().find_map(|word| word.parse().ok());
        identify(number.expect("a number was printed"))
    }
}

fn sh(script: &str) -> Spawn {
    let args = vec!["-c".into(), script.into()];
    Spawn { args, timeout: Some(LONG), ..Spawn::new("/bin/sh") }
}

fn never() -> watch::Receiver<StopLevel> {
    watch::channel(StopLevel::None).1
}

async fn hear(spawn: Spawn) -> (Ended, Heard, Heard) {
    let (mut out, mut err) = (Heard::default(), Heard::default());
    let ended = run(spawn, &mut out, &mut err, |_| {}, never()).await;
    (ended, out, err)
}

async fn end(spawn: Spawn) -> End {
    hear(spawn).await.0.end
}

async fn output(spawn: Spawn) -> String {
    let (ended, out, err) = hear(spawn).await;
    assert_eq!((ended.end, ended.streams_left_open, err.text()), (End::Exit(0), false, ""));
    out.text().to_owned()
}

/// Asks for `level` as soon as the script prints something.
async fn stopped(script: &str, level: StopLevel, timeout: Option<Duration>) -> (End, Heard) {
    let (sender, receiver) = watch::channel(StopLevel::None);
    let mut out = Heard { on_first: Some((sender, level)), ..Heard::default() };
    let spawn = Spawn { timeout, grace: SHORT, ..sh(script) };
    let ended = run(spawn, &mut out, &mut Heard::default(), |_| {}, receiver).await;
    (ended.end, out)
}

fn kill(process: &Identity) {
    let pid = i32::try_from(process.pid).ok().and_then(rustix::process::Pid::from_raw);
    let _ = rustix::process::kill_process(pid.expect("it has a number"), Signal::KILL);
}

#[tokio::test]
async fn the_exit_code_and_both_outputs_come_back() {
    let (ended, out, err) = hear(sh("echo to out; echo to err >&2; exit 7")).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::Exit(7), false));
    assert_eq!((out.text(), err.text()), ("to out\n", "to err\n"));
}

#[tokio::test]
async fn a_signal_that_was_not_ours_is_reported_as_such() {
    assert_eq!(end(sh("kill -9 $$")).await, End::Signal(9));
    assert_eq!(end(sh("kill -TERM $$")).await, End::Signal(15));
}

#[tokio::test]
async fn what_cannot_be_started_says_why() {
    let case = async |spawn: Spawn, reason: &str| {
        assert_eq!(end(spawn).await, End::Spawn(reason.to_owned()));
    };
    case(Spawn::new("dockr-of-no-path"), "`dockr-of-no-path` was not found on PATH").await;
    case(Spawn::new("/no/such"), "no such program: /no/such").await;
    case(Spawn::new("/etc/passwd"), "`/etc/passwd` may not be executed").await;
    case(Spawn { cwd: Some("/no/such".into()), ..sh("true") }, "no such folder: /no/such").await;
    case(Spawn { cwd: Some("/etc/passwd".into()), ..sh("true") }, "no such folder: /etc/passwd")
        .await;
    case(sh("a\0b"), "an argument or a variable of `/bin/sh` holds a NUL byte").await;
    let long = "x".repeat(4 << 20);
    case(sh(&long), "the arguments and variables of `/bin/sh` are too long").await;
}

#[tokio::test]
async fn a_script_without_its_interpreter_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("script");
    fs::write(&script, "#!/no/such/shell\n").expect("written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&script, mode).expect("executable");
    let spawn = Spawn { cwd: Some(folder.path().to_owned()), ..Spawn::new("./script") };
    let reason = "the interpreter that `./script` names was not found";
    assert_eq!(end(spawn).await, End::Spawn(reason.to_owned()));
}

#[tokio::test]
async fn it_runs_in_the_folder_it_is_given() {
    assert_eq!(output(Spawn { cwd: Some("/usr".into()), ..sh("pwd") }).await, "/usr\n");
}

#[tokio::test]
async fn standard_input_is_empty_unless_given() {
    assert_eq!(output(sh("cat; echo over")).await, "over\n");
    assert_eq!(output(Spawn { stdin: Some(b"given\n".to_vec()), ..sh("cat") }).await, "given\n");
}

#[tokio::test]
async fn input_that_is_not_read_hurts_nobody() {
    let much = vec![b'x'; 1 << 20];
    assert_eq!(output(Spawn { stdin: Some(much.clone()), ..sh("echo done") }).await, "done\n");
    let spawn = Spawn { stdin: Some(much), ..sh("exec 0<&-; sleep 0.1; exit 3") };
    assert_eq!(end(spawn).await, End::Exit(3));
}

#[tokio::test]
async fn input_and_output_flow_at_once() {
    let much = vec![b'x'; 4 << 20];
    let (ended, out, _) = hear(Spawn { stdin: Some(much.clone()), ..sh("cat") }).await;
    assert_eq!(ended.end, End::Exit(0));
    assert!(out.bytes == much);
}

#[tokio::test]
async fn output_is_bytes_and_needs_no_last_line_end() {
    let (_, out, err) = hear(sh(r"printf 'a\377\000b'; printf 'no end' >&2")).await;
    assert_eq!((out.bytes.as_slice(), err.bytes.as_slice()), (&b"a\xff\0b"[..], &b"no end"[..]));
}

#[tokio::test]
async fn fifty_megabytes_in_one_line_come_in_small_chunks() {
    #[derive(Default)]
    struct Counted {
        total: usize,
        largest: usize,
    }
    impl Sink for Counted {
        fn take(&mut self, chunk: &[u8]) {
            self.total += chunk.len();
            self.largest = self.largest.max(chunk.len());
        }
    }
    let mut out = Counted::default();
    let spawn = sh("head -c 52428800 /dev/zero");
    let ended = run(spawn, &mut out, &mut Heard::default(), |_| {}, never()).await;
    assert_eq!((ended.end, out.total), (End::Exit(0), 52_428_800));
    assert!(out.largest <= 64 * 1024, "{}", out.largest);
}

#[tokio::test]
async fn a_timeout_ends_the_whole_group() {
    let script = "sleep 60 & echo $!; wait";
    let (ended, out, _) = hear(Spawn { timeout: Some(WORD), ..sh(script) }).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::TimedOut, false));
    assert_eq!(out.process().filter(is_alive), None);
}

#[tokio::test]
async fn who_ignores_term_is_killed_after_the_grace() {
    let script = "trap '' TERM; sleep 60 & echo $!; while :; do wait; done";
    let (ended, out, _) = hear(Spawn { timeout: Some(WORD), grace: SHORT, ..sh(script) }).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::TimedOut, false));
    assert_eq!(out.process().filter(is_alive), None);
}

#[tokio::test]
async fn a_child_that_outlives_its_leader_is_killed_too() {
    let script = "(trap '' TERM; exec sleep 60) & echo $!; exec sleep 60";
    let (ended, out, _) = hear(Spawn { timeout: Some(WORD), grace: SHORT, ..sh(script) }).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::TimedOut, false));
    assert_eq!(out.process().filter(is_alive), None);
}

#[tokio::test]
async fn a_suspended_command_hears_the_timeout() {
    let script = "trap 'echo heard; exit 1' TERM; kill -STOP $$";
    let (ended, out, _) = hear(Spawn { timeout: Some(SHORT), grace: LONG, ..sh(script) }).await;
    assert_eq!((ended.end, out.text()), (End::TimedOut, "heard\n"));
}

#[tokio::test]
async fn a_timeout_beyond_all_time_is_none() {
    assert_eq!(end(Spawn { timeout: Some(Duration::MAX), ..sh("exit 2") }).await, End::Exit(2));
}

#[tokio::test]
async fn an_interrupt_ends_it_with_term_and_a_kill_with_kill() {
    let polite = "sleep 60 & echo $!; wait";
    let (end, out) = stopped(polite, StopLevel::Interrupt, None).await;
    assert_eq!((end, out.process().filter(is_alive)), (End::Stopped(15), None));
    let deaf = "trap '' TERM; sleep 60 & echo $!; while :; do wait; done";
    let (end, out) = stopped(deaf, StopLevel::Kill, None).await;
    assert_eq!((end, out.process().filter(is_alive)), (End::Stopped(9), None));
}

#[tokio::test]
async fn a_drain_lets_it_finish() {
    let (end, _) = stopped("echo begun; sleep 0.1; exit 5", StopLevel::Drain, None).await;
    assert_eq!(end, End::Exit(5));
}

#[tokio::test]
async fn the_timeout_still_holds_for_who_ignores_an_interrupt() {
    let deaf = "trap '' TERM; echo begun; while :; do sleep 60; done";
    let (end, _) = stopped(deaf, StopLevel::Interrupt, Some(SHORT)).await;
    assert_eq!(end, End::Stopped(9));
}

#[tokio::test]
async fn a_stop_asked_for_before_the_start_is_seen() {
    let (_sender, receiver) = watch::channel(StopLevel::Kill);
    let mut heard = (Heard::default(), Heard::default());
    let ended = run(sh("exec sleep 60"), &mut heard.0, &mut heard.1, |_| {}, receiver).await;
    assert_eq!(ended.end, End::Stopped(9));
}

#[tokio::test]
async fn a_service_left_behind_lives_on_and_does_not_hang_us() {
    let (ended, out, _) = hear(sh("(echo more; exec sleep 60) & echo $!")).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::Exit(0), true));
    let service = out.process().filter(is_alive).expect("it lives");
    kill(&service);
    assert!(out.text().contains("more\n"), "{}", out.text());
}

#[tokio::test]
async fn a_service_that_closed_its_output_lives_on_without_any_wait() {
    let (ended, out, _) = hear(sh("sleep 60 >/dev/null 2>&1 & echo $!")).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::Exit(0), false));
    kill(&out.process().filter(is_alive).expect("it lives"));
}

#[tokio::test]
async fn a_service_that_never_falls_silent_does_not_hang_us_and_may_print_on() {
    let (ended, out, _) = hear(sh("(while :; do echo tick; sleep 0.1; done) & echo $!")).await;
    assert_eq!((ended.end, ended.streams_left_open), (End::Exit(0), true));
    let service = out.process().expect("it lives");
    tokio::time::sleep(SHORT).await;
    assert!(is_alive(&service), "no SIGPIPE ended it");
    kill(&service);
}

#[tokio::test]
async fn it_leads_a_session_of_its_own_and_leaves_no_zombie() {
    let mut known = None;
    let mut heard = (Heard::default(), Heard::default());
    let script =
        "read pid name state parent group session rest </proc/$$/stat; echo $pid $group $session";
    let ended =
        run(sh(script), &mut heard.0, &mut heard.1, |identity| known = Some(identity), never());
    assert_eq!(ended.await.end, End::Exit(0));
    let pid = known.expect("it was started").pid;
    assert_eq!(heard.0.text(), format!("{pid} {pid} {pid}\n"));
    assert_eq!(Stat::of(pid), None);
    let ours = Stat::of(std::process::id()).expect("we run");
    assert_ne!(ours.session, pid);
}

#[tokio::test]
async fn its_identity_is_told_while_it_runs() {
    let mut was_alive = None;
    let mut heard = (Heard::default(), Heard::default());
    let started = |identity: Identity| was_alive = Some(is_alive(&identity));
    let spawn = Spawn { stdin: Some(Vec::new()), ..sh("cat") };
    let ended = run(spawn, &mut heard.0, &mut heard.1, started, never()).await;
    assert_eq!((ended.end, was_alive), (End::Exit(0), Some(true)));
}

/// Set in a process that a test started to run itself again, there for real.
const AGAIN: &str = "RUN_THE_TEST_ITSELF";

fn is_again() -> bool {
    std::env::var_os(AGAIN).is_some()
}

/// Runs the test of this name alone in another process, started by bash after `preparation`.
fn run_again(name: &str, preparation: &str) {
    let (_, module) = module_path!().split_once("::").expect("it is in a crate");
    let output = std::process::Command::new("bash")
        .args(["-c", &format!("{preparation}; export {AGAIN}=1; exec \"$@\""), "sh"])
        .arg(std::env::current_exe().expect("it has a path"))
        .args(["--exact", &format!("{module}::{name}")])
        .output()
        .expect("there is a bash");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn the_environment_is_inherited_without_what_is_kept_out() {
    if !is_again() {
        let variables = "export HOLDPOINT_STATE=x BASH_ENV=x ENV=x SOURCE=x KUBECONFIG=kept";
        return run_again("the_environment_is_inherited_without_what_is_kept_out", variables);
    }
    let spawn = Spawn {
        env: vec![("HOLDPOINT_OUTPUT".to_owned(), "ours".into())],
        env_remove: vec!["SOURCE".to_owned()],
        ..sh("env")
    };
    let text = output(spawn).await;
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    assert!(has("KUBECONFIG=kept") && has("HOLDPOINT_OUTPUT=ours"), "{text}");
    let kept_out = ["HOLDPOINT_STATE=", "BASH_ENV=", "ENV=", "SOURCE="];
    assert_eq!(kept_out.map(has), [false; 4], "{text}");
}

#[tokio::test]
async fn exit_codes_are_seen_although_our_parent_ignores_the_end_of_children() {
    if !is_again() {
        let name = "exit_codes_are_seen_although_our_parent_ignores_the_end_of_children";
        return run_again(name, "trap '' CHLD");
    }
    assert_eq!(end(sh("exit 7")).await, End::Exit(7));
}

#[test]
fn a_process_that_has_ended_is_not_alive() {
    let mut child = std::process::Command::new("/bin/cat")
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("cat is there");
    let child_of = identity::identify(child.id()).expect("it waits for input");
    assert!(identity::is_alive(&child_of));
    drop(child.stdin.take());
    while identity::is_alive(&child_of) {
        std::thread::yield_now();
    }
    assert!(identity::identify(child_of.pid).is_some(), "it is not reaped yet");
    child.wait().expect("it is our child");
    assert_eq!(identity::identify(child_of.pid), None);
}
