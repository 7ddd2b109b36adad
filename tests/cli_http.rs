//! Requests as steps, to a real server: what is sent, what is kept, and what is in doubt.

use crate::harness::{Bench, Reply, Server, answer};

/// A bench whose runbook has one step, `call`, and one after it; `step` is what `call` holds.
fn calling(step: &str) -> Bench {
    let lines: String = step.trim().lines().map(|line| format!("    {line}\n")).collect();
    let head = "holdpoint: 1\nid: calls\ntitle: Call somebody\ndefaults: {shell: sh -eu}\n\
                inputs: {token: {secret: true, env: TOKEN, optional: true}}\nsteps:\n  - id: call\n";
    let after = "  - {id: after, run: echo after >> effects}\n";
    Bench::new()
        .env("TOKEN", "hunter2hunter2")
        .runbook("book.yaml", &format!("{head}{lines}{after}"))
}

fn run(bench: &Bench) -> crate::harness::Call<'_> {
    bench.args(["run", "book.yaml", "--non-interactive"])
}

#[test]
fn what_is_sent_arrives_and_what_is_answered_is_handed_on_and_kept_without_secrets() {
    let reply = r#"{"id": "k-1", "parts": [{"size": 7}], "echo": "hunter2hunter2"}"#;
    let server = Server::start().replies("POST /keys", &[answer(201, reply)]);
    let bench = calling(&format!(
        "
http:
  method: POST
  url: {}
  headers: {{Authorization: 'Bearer ${{{{ inputs.token }}}}'}}
  json: {{project: shop, again: '${{{{ inputs.token }}}}'}}
expect: {{status: 201, json: {{path: $.id, matches: '^k-'}}}}
outputs: {{size: {{from: json, path: '$.parts[0].size', type: int}}}}
        ",
        server.url("/keys")
    ));
    let more = "  - id: use\n    run: |\n      status=${{ steps.call.outputs.status }}\n      \
                id=${{ steps.call.outputs.json.id }}\n      size=${{ steps.call.outputs.size }}\n      \
                echo \"$status $id $size\" >> effects\n";
    let text = std::fs::read_to_string(bench.path("book.yaml")).expect("it was written");
    bench.write("book.yaml", &format!("{text}{more}"));
    let printed = run(&bench).stdout_contains("| Authorization: Bearer ***\n").exit(0).stdout;
    assert!(!printed.contains("hunter2"), "{printed}");
    assert_eq!(bench.effects(), ["after", "201 k-1 7"]);

    let received = server.received();
    let [request] = received.as_slice() else { panic!("{received:?}") };
    assert!(request.starts_with("POST /keys\n"), "{request}");
    assert!(request.contains("\nauthorization: Bearer hunter2hunter2\n"), "{request}");
    assert!(request.contains("\ncontent-type: application/json\n"), "{request}");
    assert!(request.ends_with(r#"{"project":"shop","again":"hunter2hunter2"}"#), "{request}");

    let kept = std::fs::read_to_string(bench.run_folder().join("output/call.1.out"));
    assert_eq!(kept.ok(), Some(reply.replace("hunter2hunter2", "***")));
    let journal = bench.sound_journal();
    let ended = journal.about("step_ended", "call")[0];
    assert_eq!(ended["end"], serde_json::json!({"how": "answered", "status": 201}));
    assert_eq!(ended["outputs"]["json"]["echo"], "***");
    let whole = std::fs::read_to_string(bench.run_folder().join("journal.jsonl"));
    assert!(!whole.expect("it is there").contains("hunter2"));
}

#[test]
fn an_answer_that_is_not_expected_is_a_failure_and_shown() {
    let server = Server::start().replies("PUT /x", &[answer(422, "{\"error\": \"too many\"}\n")]);
    let bench = calling(&format!("http: {{method: PUT, url: '{}'}}", server.url("/x")));
    run(&bench)
        .stdout_contains("call  answered 422 after [TIME]\n          > {\"error\": \"too many\"}\n")
        .stdout_contains("call  failed and is held: status 422, expected 2xx\n")
        .exit(5);
    assert_eq!(server.asked(), ["PUT /x"]);
}

#[test]
fn a_request_that_nobody_listens_to_was_not_sent_and_has_failed() {
    for place in ["http://127.0.0.1:1/x", "http://no-such-host.invalid/x", "https://127.0.0.1:1/x"]
    {
        let bench = calling(&format!("http: {{method: POST, url: '{place}'}}"));
        run(&bench).stdout_contains("call  could not be started: ").exit(5);
        assert_eq!(bench.state_of("call"), "held", "{place}");
        let journal = bench.sound_journal();
        assert_eq!(journal.about("step_ended", "call")[0]["failure"]["kind"], "spawn");
    }
}

#[test]
fn a_post_that_is_not_answered_is_in_doubt_and_is_not_sent_again() {
    for (reply, how) in [(Reply::Silence, "timed_out"), (Reply::HangUp, "lost")] {
        let server = Server::start().replies("POST /x", &[reply, answer(200, "")]);
        let step = "timeout: 1s\nretry: {times: 3, every: 1ms}\neffect: idempotent\n";
        let bench = calling(&format!("{step}http: {{method: POST, url: '{}'}}", server.url("/x")));
        run(&bench)
            .stdout_contains("; whether it ended there was not seen\n")
            .stdout_contains("call  is in doubt: ")
            .exit(5);
        assert_eq!(bench.state_of("call"), "in_doubt");
        let journal = bench.sound_journal();
        assert_eq!(journal.about("step_ended", "call")[0]["end"]["how"], how);
        assert_eq!(bench.status()["waiting_for"][0]["kind"], "in_doubt");
        let resume = ["resume", "--resolve", "call=done", "--reason", "it is there"];
        bench.args(resume).stdout_contains("after  succeeded").exit(0);
        assert_eq!(server.asked(), ["POST /x"], "{how}");
        bench.sound_journal();
    }
}

#[test]
fn a_get_that_is_not_answered_has_failed_and_may_be_tried_again() {
    let server =
        Server::start().replies("GET /x", &[Reply::HangUp, Reply::Silence, answer(200, "well\n")]);
    let step = "timeout: 3s\nretry: {times: 3, every: 1ms}\n";
    let bench = calling(&format!("{step}http: {{url: '{}'}}", server.url("/x")));
    run(&bench).stdout_contains("call  started, attempt 3\n").stdout_contains("after").exit(0);
    assert_eq!(server.asked(), ["GET /x"; 3]);
    let journal = bench.sound_journal();
    let kinds: Vec<_> = journal
        .about("step_ended", "call")
        .iter()
        .map(|it| it["failure"]["kind"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["expect", "timeout", "null"].map(|kind| match kind {
            "null" => serde_json::Value::Null,
            kind => kind.into(),
        })
    );
}

#[test]
fn only_a_get_without_a_secret_follows_a_redirect() {
    let follow = |step: &str, asked: &[&str], exit: i32| {
        let moved = Reply::Answer(302, "Location: /there\r\n", String::new());
        let server = Server::start()
            .replies("GET /here", std::slice::from_ref(&moved))
            .replies("POST /here", &[moved])
            .replies("GET /there", &[answer(200, "well\n")]);
        let bench = calling(&step.replace("URL", &server.url("/here")));
        let printed = run(&bench).stdout_contains("").exit(exit).stdout;
        assert_eq!(server.asked(), asked, "{step}");
        printed
    };
    follow("http: {url: URL}", &["GET /here", "GET /there"], 0);
    let kept = follow("http: {method: POST, url: URL}", &["POST /here"], 5);
    assert!(kept.contains("it points to /there, where this request is not sent\n"), "{kept}");
    assert!(kept.contains("status 302, expected 2xx"), "{kept}");
    follow("http: {url: URL, headers: {X-Key: '${{ inputs.token }}'}}", &["GET /here"], 5);
}

#[test]
fn a_request_that_is_broken_off_by_the_operator_is_in_doubt() {
    let server = Server::start().replies("POST /x", &[Reply::Silence]);
    let bench = calling(&format!("http: {{method: POST, url: '{}'}}", server.url("/x")));
    let mut driver = run(&bench).stdout_contains("").start();
    crate::harness::eventually("it was sent", || server.asked() == ["POST /x"]);
    for times in 1..=2 {
        driver.signal("TERM");
        driver.wait_until("it is heard", |it| it.events("stop_requested").len() == times);
    }
    driver.exit(143);
    assert_eq!(bench.state_of("call"), "in_doubt");
    assert_eq!(bench.journal().about("step_ended", "call")[0]["end"]["how"], "stopped");
}

#[test]
fn a_request_under_way_when_the_driver_died_is_in_doubt() {
    let server = Server::start().replies("POST /x", &[Reply::Silence, answer(200, "")]);
    let bench = calling(&format!("http: {{method: POST, url: '{}'}}", server.url("/x")));
    let driver = run(&bench).start();
    crate::harness::eventually("it was sent", || server.asked() == ["POST /x"]);
    driver.kill();
    bench.args(["resume", "--non-interactive"]).stdout_contains("call  is in doubt").exit(5);
    assert_eq!(server.asked(), ["POST /x"]);
    let resume = ["resume", "--resolve", "call=rerun", "--reason", "it is not there"];
    bench.args(resume).stdout_contains("after  succeeded").exit(0);
    assert_eq!(server.asked(), ["POST /x", "POST /x"]);
    bench.sound_journal();
}

#[test]
fn what_cannot_be_a_header_or_an_address_is_not_sent() {
    let server = Server::start();
    let url = server.url("/x");
    for request in [
        format!("{{method: POST, url: '{url}', headers: {{X-A: \"a\\nb\"}}}}"),
        "{method: POST, url: 'http://a b/x'}".to_owned(),
    ] {
        let bench = calling(&format!("http: {request}"));
        run(&bench).stdout_contains("call  could not be started: ").exit(5);
        assert_eq!(bench.state_of("call"), "held", "{request}");
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn more_than_can_be_handed_on_fails_the_step_where_it_is_asked_for() {
    let long = "x".repeat(70 * 1024);
    let server = Server::start().replies("GET /x", &[answer(200, &long)]);
    let step = format!("http: {{url: '{}'}}", server.url("/x"));
    let bench = calling(&step);
    run(&bench).stdout_contains("after").exit(0);
    let file = bench.run_folder().join("output/call.1.out");
    assert_eq!(std::fs::metadata(file).ok().map(|it| it.len()), Some(70 * 1024));
    let bench = calling(&step);
    let text = std::fs::read_to_string(bench.path("book.yaml")).expect("it was written");
    let asks = "  - {id: use, run: 'echo ${{ steps.call.outputs.body }}'}\n";
    bench.write("book.yaml", &format!("{text}{asks}"));
    let said = "call  failed and is held: its output `body`: what it printed is longer than 64 KiB";
    run(&bench).stdout_contains(said).exit(5);
}

#[test]
fn a_plan_shows_what_would_be_sent_and_hides_secrets() {
    let step = "timeout: 5s\nretry: {times: 2, every: 3s}\neffect: idempotent\nhttp:\n  method: PUT\n  \
                url: 'https://x/${{ run.id }}'\n  headers: {Authorization: 'Bearer ${{ inputs.token }}'}\n  \
                json: {n: 3}";
    let bench = calling(step);
    let plan = "
  would run       call
                  | PUT https://x/${{ run.id }}
                  | Authorization: Bearer ***
                  | {\"n\":3}
                  retried up to 2 times after 3s
                  effect idempotent
";
    bench.args(["plan", "book.yaml"]).stdout_contains(plan).exit(0);
}
