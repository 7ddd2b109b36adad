//! Messages to a webhook that is down, slow, busy or broken: none arrives twice, none is lost, and
//! none holds a run.

use std::fs;
use std::net::TcpListener;

use serde_json::json;

use crate::harness::{Bench, Reply, Server, answer, eventually};

const BOOK: &str = "
    holdpoint: 1
    id: book
    title: The shop is down
    steps:
      - {id: tell, notify: {template: start, to: chat}}
      - {id: work, run: echo worked >> effects}
";

/// The message of that book, as it stands on the timeline.
const SHOWN: &str = "          | [Investigating] the service: The shop is down\n";

fn library(url: &str, more: &str) -> String {
    format!("holdpoint: 1\nchannels:\n  chat: {{http: '{url}', timeout: 20s{more}}}\n")
}

/// A bench whose channel is a server that replies so.
fn replying(replies: &[Reply]) -> (Bench, Server) {
    let server = Server::start().replies("POST /hook", replies);
    let bench = Bench::new().env("USER", "ann");
    let bench = bench.file("holdpoint.yaml", &library(&server.url("/hook"), ""));
    (bench.runbook("book.yaml", BOOK), server)
}

fn busy(headers: &'static str) -> Reply {
    Reply::Answer(503, headers, String::new())
}

/// A run whose message is not known to have arrived, for a reason; it went on all the same.
#[track_caller]
fn assert_undelivered(bench: &Bench, reason: &str) {
    let told = format!(
        "[AT]  tell  could not hand this message to chat, so pass it on: {reason}; \
         kept in undelivered/tell.1.txt\n{SHOWN}"
    );
    bench.args(["run", "book.yaml"]).stdout_contains(&told).exit(8);
    assert_eq!(bench.effects(), ["worked"], "the run went on");
    let kept = bench.run_folder().join("undelivered/tell.1.txt");
    let kept = fs::read_to_string(kept).expect("the message is kept");
    let run = bench.run_folder().file_name().map(|name| name.to_string_lossy().into_owned());
    let head = format!(
        "This message is not known to have arrived; nothing sends it again.\n\
         run:  {}\nstep: tell, attempt 1\nto:   chat\nwhy:  {reason}\n\n\
         [Investigating] the service: The shop is down\n",
        run.unwrap_or_default()
    );
    assert!(kept.starts_with(&head), "{kept}");
    let shown = bench.args(["show", "tell"]).stdout_contains("tell  attempt 1  could not be ");
    assert!(shown.exit(0).stdout.contains("\n\n[Investigating] the service: The shop is down\n"));
    let raw = bench.args(["show", "tell", "--raw"]).stdout_contains("[Investigating] ").exit(0);
    assert!(raw.stdout.starts_with("[Investigating] ") && kept.ends_with(&raw.stdout), "{kept}");
    let file = "undelivered/tell.1.txt";
    bench
        .args(["status"])
        .stdout_contains(&format!("not known to have arrived: [DIR]/state/runs/[RUN]/{file}\n"))
        .exit(0);
    assert_eq!(bench.status()["undelivered"], json!([file]));
    bench.sound_journal();
}

/// The run is told to have handed its message over, and nothing is left of it.
#[track_caller]
fn assert_delivered(bench: &Bench, note: &str) {
    let told = format!("[AT]  tell  handed a message to chat{note}\n{SHOWN}");
    bench.args(["run", "book.yaml"]).stdout_contains(&told).exit(0);
    assert!(!bench.run_folder().join("undelivered").exists());
    assert_eq!(bench.status().get("undelivered"), None);
    bench.sound_journal();
}

#[test]
fn a_message_that_is_taken_is_posted_once_and_leaves_nothing_behind() {
    let (bench, server) = replying(&[answer(200, "ok")]);
    assert_delivered(&bench, "");
    assert_eq!(server.asked(), ["POST /hook"]);
}

#[test]
fn a_busy_server_is_asked_again_with_the_same_key_until_it_takes_the_message() {
    let (bench, server) = replying(&[busy(""), answer(429, ""), answer(204, "")]);
    assert_delivered(&bench, "; taken at try 3");
    let received = server.received();
    assert_eq!(received.len(), 3, "{received:?}");
    assert!(received.iter().all(|request| *request == received[0]), "{received:?}");
    let key = received[0].lines().find_map(|line| line.strip_prefix("idempotency-key: "));
    let key = key.expect("it bears a key");
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
}

#[test]
fn a_server_that_stays_busy_is_given_up_after_a_few_tries() {
    let (bench, server) = replying(&[busy("")]);
    assert_undelivered(&bench, "it answered 503, at the last of 4 tries");
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_server_is_left_alone_as_long_as_it_asks_for_or_for_good() {
    let (bench, server) = replying(&[busy("Retry-After: 1\r\n"), answer(200, "")]);
    assert_delivered(&bench, "; taken at try 2");
    assert_eq!(server.asked().len(), 2);
    let (bench, server) = replying(&[busy("Retry-After: 3600\r\n"), answer(200, "")]);
    assert_undelivered(&bench, "it answered 503, and asked for 3600 s of patience");
    assert_eq!(server.asked().len(), 1, "it is not asked before that");
}

#[test]
fn a_webhook_that_is_down_is_tried_a_few_times_and_its_message_kept() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port");
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    bench.write("holdpoint.yaml", &library(&format!("http://{port}/hook"), ""));
    assert_undelivered(&bench, "the connection was refused, at the last of 4 tries");
}

#[test]
fn what_may_have_arrived_is_not_posted_a_second_time() {
    for (reply, reason) in [
        (answer(500, ""), "it answered 500, so it may have arrived"),
        (Reply::HangUp, "[..]so it may have arrived"),
        (Reply::BreakOff(200), "[..]so it may have arrived"),
    ] {
        let (bench, server) = replying(&[reply]);
        if let Some(end) = reason.strip_prefix("[..]") {
            let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(8).stdout;
            assert!(printed.contains(end), "{printed}");
            assert!(bench.run_folder().join("undelivered/tell.1.txt").exists());
        } else {
            assert_undelivered(&bench, reason);
        }
        assert_eq!(server.asked().len(), 1, "{reason}");
    }
}

#[test]
fn a_server_that_never_answers_holds_a_run_no_longer_than_its_timeout() {
    let server = Server::start().replies("POST /hook", &[Reply::Silence]);
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    let library = library(&server.url("/hook"), "").replace("timeout: 20s", "timeout: 1s");
    bench.write("holdpoint.yaml", &library);
    let printed = bench.args(["run", "book.yaml"]).stdout_contains("").exit(8).stdout;
    assert!(printed.contains(": no answer within "), "{printed}");
    assert!(printed.contains("so it may have arrived; kept in "), "{printed}");
    assert_eq!(server.asked().len(), 1);
    assert_eq!(bench.effects(), ["worked"]);
}

#[test]
fn a_message_is_not_sent_on_to_where_a_redirect_points() {
    let server = Server::start().replies("POST /other", &[answer(200, "")]);
    let to = format!("Location: {}\r\n", server.url("/other"));
    let moved = Reply::Answer(307, to.leak(), String::new());
    let server = server.replies("POST /hook", &[moved]);
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    bench.write("holdpoint.yaml", &library(&server.url("/hook"), ""));
    let reason = "it answered 307, and no message is sent on to another place";
    assert_undelivered(&bench, reason);
    assert_eq!(server.asked(), ["POST /hook"]);
}

#[test]
fn a_channel_may_bear_a_key_of_its_own() {
    let server = Server::start().replies("POST /hook", &[answer(200, "")]);
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    let key = ", headers: {idempotency-key: '${{ run.id }}'}";
    bench.write("holdpoint.yaml", &library(&server.url("/hook"), key));
    assert_delivered(&bench, "");
    let received = server.received();
    assert_eq!(received[0].matches("idempotency-key: ").count(), 1, "{received:?}");
    let run = bench.run_folder().file_name().map(|name| name.to_string_lossy().into_owned());
    let key = format!("idempotency-key: {}\n", run.unwrap_or_default());
    assert!(received[0].contains(&key), "{received:?}");
}

#[test]
fn a_message_on_its_way_when_the_driver_dies_is_kept_and_never_sent_again() {
    let (bench, server) = replying(&[Reply::Silence, answer(200, "")]);
    let driver = bench.args(["run", "book.yaml"]).start();
    eventually("it is posted", || server.asked().len() == 1);
    driver.kill();
    let kept = bench.run_folder().join("undelivered/tell.1.txt");
    let kept = fs::read_to_string(kept).expect("the message is kept");
    let why = "\nwhy:  it was on its way when the driver ended, so it may have arrived\n";
    assert!(kept.contains(why), "{kept}");
    assert!(kept.contains("\n[Investigating] the service: The shop is down\n"), "{kept}");
    let told = "a message is not sent twice; its text lies in undelivered/";
    bench.args(["resume"]).stdout_contains(told).exit(8);
    assert_eq!(server.asked().len(), 1, "it was not posted again");
    assert_eq!(bench.effects(), ["worked"]);
    assert_eq!(bench.status()["undelivered"], json!(["undelivered/tell.1.txt"]));
    bench.sound_journal();
}

#[test]
fn a_command_that_was_handing_a_message_over_when_the_driver_died_is_let_finish_and_not_repeated() {
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    let script =
        "head -n 1 >> effects; until [ -e go ]; do sleep 0.02; done; echo handed >> effects";
    let library = format!(
        "holdpoint: 1\nchannels:\n  chat: {{run: '{script}', shell: sh -eu, timeout: 20s}}\n"
    );
    bench.write("holdpoint.yaml", &library);
    let driver = bench.args(["run", "book.yaml"]).start();
    eventually("the message is read", || bench.effects().len() == 1);
    driver.kill();
    let resumed = bench.args(["resume"]).stdout_contains("a message is not sent twice; ").start();
    eventually("it is taken up", || !bench.journal().events("resumed").is_empty());
    bench.write("go", "");
    resumed.exit(8);
    let told = ["[Investigating] the service: The shop is down", "handed", "worked"];
    assert_eq!(bench.effects(), told);
    assert!(bench.run_folder().join("undelivered/tell.1.txt").exists());
    bench.sound_journal();
}

#[test]
fn a_message_that_was_stopped_on_its_way_is_kept() {
    let (bench, server) = replying(&[Reply::Silence]);
    let driver = bench.args(["run", "book.yaml"]).stdout_contains("").start();
    eventually("it is posted", || server.asked().len() == 1);
    bench.signal_driver("INT");
    eventually("it drains", || !bench.journal().events("stop_requested").is_empty());
    bench.signal_driver("INT");
    driver.exit(130);
    let kept = bench.run_folder().join("undelivered/tell.1.txt");
    let kept = fs::read_to_string(kept).expect("the message is kept");
    assert!(
        kept.contains("\nwhy:  the operator stopped it before an answer, so it may have arrived\n"),
        "{kept}"
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn a_run_goes_on_when_a_message_can_neither_be_sent_nor_kept() {
    let (bench, _server) = replying(&[answer(404, "")]);
    let gated = BOOK.replace("steps:\n", "steps:\n      - {id: wait, gate: true, run: 'true'}\n");
    bench.write("book.yaml", &gated);
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    bench.write("in-its-place", "");
    let folder = bench.run_folder().join("undelivered");
    fs::create_dir(&folder).expect("nothing is there");
    fs::create_dir(folder.join(".tell.1.draft")).expect("it is empty");
    bench.write("answers.yaml", "wait: approve\n");
    let told = "so pass it on: it answered 404; it could not be kept in a file: ";
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains(told).exit(8);
    assert_eq!(bench.effects(), ["worked"]);
}

#[test]
fn a_message_that_is_done_again_and_arrives_takes_out_what_was_kept_of_it() {
    let (bench, server) = replying(&[answer(404, ""), answer(200, "")]);
    let gated = |title: &str| {
        let notify = format!("{{id: tell, title: {title}, notify: {{template: start, to: chat}}}}");
        let steps = format!("[{notify}, {{id: wait, gate: true, run: 'true'}}]");
        format!("{{holdpoint: 1, id: book, title: The shop is down, steps: {steps}}}")
    };
    bench.write("book.yaml", &gated("Tell"));
    bench.args(["run", "book.yaml"]).stdout_contains("kept in undelivered/tell.1.txt").exit(5);
    bench.write("book.yaml", &gated("Tell them"));
    let adopt = ["adopt", "--redo", "tell", "--reason", "the address is mended"];
    bench.args(adopt).stdout_contains("").exit(0);
    bench.args(["resume"]).stdout_contains("handed a message to chat\n").exit(5);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_ne!(received[0], received[1], "each attempt has a key of its own");
    assert!(!bench.run_folder().join("undelivered").exists());
}

#[test]
fn a_rehearsal_sends_nothing_and_keeps_nothing() {
    let (bench, server) = replying(&[answer(200, "")]);
    bench.args(["rehearse", "book.yaml", "--non-interactive"]).stdout_contains("").exit(0);
    assert_eq!(server.asked(), [""; 0]);
    for folder in bench.rehearsals() {
        assert!(!folder.join("undelivered").exists());
    }
}

#[test]
fn a_drill_sends_nothing_to_a_channel_that_would_leave_its_stamp_out() {
    let server = Server::start().replies("POST /hook", &[answer(200, "")]);
    let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
    let form = ", json: {event: trigger, what: '${{ runbook.title }}'}";
    bench.write("holdpoint.yaml", &library(&server.url("/hook"), form));
    let reason = "nothing was sent: the `json` of this channel leaves out the message, and so the \
                  word DRILL; kept in undelivered/tell.1.txt\n";
    let drill = ["run", "book.yaml", "--drill"];
    let stderr = "DRILL: no library names environments for this runbook: the drill runs where a \
                  live run would\n";
    bench.args(drill).stdout_contains(reason).stderr(stderr).exit(8);
    assert_eq!(server.asked(), [""; 0]);
    assert_eq!(bench.effects(), ["worked"]);
    bench.args(["run", "book.yaml"]).stdout_contains("handed a message to chat\n").exit(0);
    assert_eq!(server.asked(), ["POST /hook"], "an incident is told there");
}

#[test]
fn whatever_form_a_message_of_a_drill_has_the_stamp_stands_in_it() {
    let forms =
        ["", ", json: {text: '${{ message }}'}", ", json: {kind: '${{ run.mode | upper }}'}"];
    for form in forms {
        let server = Server::start().replies("POST /hook", &[answer(200, "")]);
        let bench = Bench::new().env("USER", "ann").runbook("book.yaml", BOOK);
        bench.write("holdpoint.yaml", &library(&server.url("/hook"), form));
        let drill = ["run", "book.yaml", "--drill"];
        bench.args(drill).stdout_contains("handed a message to chat\n").stderr_contains("").exit(0);
        let received = server.received();
        let body = received[0].split("\n\n").nth(1).unwrap_or_default().to_owned();
        assert!(body.contains("DRILL"), "{form}: {body}");
    }
}
