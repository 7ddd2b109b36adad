//! Messages: made from a library's templates, handed to its channels, and never in the way.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::json;

use crate::harness::Bench;

const LIBRARY: &str = r"
    holdpoint: 1
    communications:
      templates:
        resolved: ${{ runbook.title }} is over.
        incident: |
          ${{ runbook.severity }} in ${{ run.environment }}: ${{ runbook.title }}
          Written by ${{ inputs.who }}.
    channels:
      file: {run: cat >> effects, shell: sh -eu}
      broken: {run: [sh, -c, 'exit 9']}
    environments:
      production: {inputs: {who: everybody}}
";

const TELLS: &str = r"
    holdpoint: 1
    id: book
    title: The shop is down
    severity: P1
    inputs: {who: {default: nobody}}
    steps:
      - {id: tell, notify: {template: incident, to: file}}
      - {id: cry, notify: {template: start, to: broken}}
      - {id: copy, notify: {template: resolved}}
      - {id: work, run: echo worked >> effects}
";

#[test]
fn a_channel_reads_the_message_and_one_that_fails_holds_nothing() {
    let bench = Bench::new().file("holdpoint.yaml", LIBRARY).runbook("book.yaml", TELLS);
    bench
        .args(["run", "book.yaml", "--environment", "production"])
        .stdout_contains(
            "[AT]  tell  handed a message to file\n          \
             | P1 in production: The shop is down\n          \
             | Written by everybody.\n\
             [AT]  tell  succeeded after [TIME]\n",
        )
        .stdout_contains(
            "[AT]  cry  could not hand this message to broken, so pass it on: exit 9, expected 0; \
             kept in undelivered/cry.1.txt\n          \
             | [Investigating] the service: The shop is down\n",
        )
        .stdout_contains("[AT]  cry  failed: exit 9, expected 0; the run goes on\n")
        .stdout_contains(
            "[AT]  copy  shows a message to be passed on\n          | The shop is down is over.\n",
        )
        .exit(8);
    let told = ["P1 in production: The shop is down", "Written by everybody.", "worked"];
    assert_eq!(bench.effects(), told);
    let journal = bench.sound_journal();
    let end = &journal.about("step_ended", "tell")[0]["end"];
    let text = "P1 in production: The shop is down\nWritten by everybody.";
    assert_eq!(*end, json!({"how": "sent", "to": "file", "text": text}));
}

#[test]
fn a_channel_that_the_library_does_not_have_is_refused_where_it_has_any() {
    let book = TELLS.replace("to: broken", "to: brokn").replace("resolved}", "resolved, to: all}");
    let bench = Bench::new().file("holdpoint.yaml", LIBRARY).runbook("book.yaml", &book);
    bench
        .args(["plan", "book.yaml", "--environment", "production"])
        .stderr(
            "
            error: the library has no channel `brokn`
             --> book.yaml:8:45
              |
            8 |   - {id: cry, notify: {template: start, to: brokn}}
              |                                             ^^^^^
              |
              = help: did you mean `broken`?

            error: the library has no channel `all`
             --> book.yaml:9:49
              |
            9 |   - {id: copy, notify: {template: resolved, to: all}}
              |                                                 ^^^
              |
              = help: use one of file, broken, or leave `to` out: the message is then shown to be passed on

            error: 2 problems in book.yaml
            ",
        )
        .exit(3);
    let (_, without) = LIBRARY.split_once("channels:").expect("it has channels");
    let (_, without) = without.split_once("environments:").expect("it has environments");
    let without = format!("holdpoint: 1\nenvironments:{without}");
    let book = book.replace("incident", "start");
    let bench = Bench::new().file("holdpoint.yaml", &without).runbook("book.yaml", &book);
    let plan = ["plan", "book.yaml", "--environment", "production"];
    bench.args(plan).stdout_contains("notify start to brokn").exit(0);
}

#[test]
fn a_message_is_posted_to_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("somebody comes");
        let mut request = String::new();
        let mut buffer = [0; 4096];
        while !request.ends_with("\"}") {
            let length = client.read(&mut buffer).expect("it can be read");
            request.push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
        client.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").expect("it can be answered");
        request
    });
    let library = format!(
        "
        holdpoint: 1
        channels:
          chat:
            http: http://{address}/hook/${{{{ runbook.id }}}}
            headers: {{X-Run: '${{{{ run.mode }}}}'}}
            json: {{kind: 1, text: 'said: ${{{{ message }}}}'}}
        "
    );
    let bench = Bench::new().file("holdpoint.yaml", &library).runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: The shop is down
        steps: [{id: tell, notify: {template: start, to: chat}}]
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("handed a message to chat").exit(0);
    let request = server.join().expect("it was asked").to_lowercase();
    assert!(request.starts_with("post /hook/book http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nx-run: live\r\n"), "{request}");
    assert!(request.contains("\r\ncontent-type: application/json; charset=utf-8\r\n"), "{request}");
    let body = request.split("\r\n\r\n").last().unwrap_or_default();
    assert!(body.starts_with(r#"{"kind":1,"text":"said: [investigating] the service"#), "{body}");
}
