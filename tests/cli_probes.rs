//! Probes of the network: an answer, a refusal, and no answer at all are three things.

use std::net::TcpListener;

use crate::harness::Bench;

/// A bench whose runbook looks at one address, and at its opposite.
fn looking_at(address: &str) -> Bench {
    Bench::new().runbook(
        "look.yaml",
        &format!(
            "
            holdpoint: 1
            id: look
            title: Look at an address
            steps:
              - {{id: listens, on_failure: continue, probe: {{tcp: '{address}', timeout: 2s}}}}
              - {{id: silent, on_failure: continue, probe: {{not: {{tcp: '{address}', timeout: 2s}}}}}}
            "
        ),
    )
}

/// How the two looks ended.
fn states(bench: &Bench) -> (String, String) {
    (bench.state_of("listens"), bench.state_of("silent"))
}

fn look(bench: &Bench, exit: i32) {
    bench.args(["run", "look.yaml", "--non-interactive"]).stdout_contains("").exit(exit);
}

#[test]
fn a_port_that_something_listens_on_holds() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address").to_string();
    let bench = looking_at(&address);
    look(&bench, 8);
    assert_eq!(states(&bench), ("succeeded".into(), "failed".into()));
}

#[test]
fn a_refused_connection_is_an_answer_that_not_turns_round() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address").to_string();
    drop(listener);
    let bench = looking_at(&address);
    look(&bench, 8);
    assert_eq!(states(&bench), ("failed".into(), "succeeded".into()));
}

#[test]
fn a_host_that_cannot_be_reached_is_no_answer_and_not_turns_it_into_nothing() {
    let bench = looking_at("no-such-host.invalid:80");
    look(&bench, 5);
    assert_eq!(states(&bench), ("failed".into(), "held".into()));
    let held = bench.status()["waiting_for"][0]["question"].to_string();
    assert!(held.contains("no-such-host.invalid:80 cannot be reached"), "{held}");
}

#[test]
fn a_place_that_must_answer_is_tried_before_anything_starts() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address").to_string();
    let bench = Bench::new().runbook(
        "book.yaml",
        &format!(
            "
            holdpoint: 1
            id: book
            title: A book with a place
            requires: {{reachable: ['{address}']}}
            steps: [{{id: one, run: echo one >> effects}}]
            "
        ),
    );
    let run = || bench.args(["run", "book.yaml", "--non-interactive"]);
    run().stdout_contains("").exit(0);
    drop(listener);
    run().stderr(&format!("error: nothing answers at {address}; nothing was started\n")).exit(3);
    assert_eq!(bench.effects(), ["one"]);
}
