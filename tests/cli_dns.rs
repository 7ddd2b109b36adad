//! Probes of the DNS: records, no such name, a refusal, and no answer at all are four things.
//!
//! The server is a real one. Where it is not installed, the tests that need it say so on standard
//! error and prove nothing.

use std::net::UdpSocket;

use crate::harness::Bench;
use crate::lab::dns::Dns;

/// A bench whose runbook takes these looks, each named and going on after a failure.
fn looking(looks: &[(&str, String)]) -> Bench {
    let step = |(id, look): &(&str, String)| {
        format!("  - {{id: {id}, on_failure: continue, probe: {look}}}\n")
    };
    let steps: String = looks.iter().map(step).collect();
    let head = "holdpoint: 1\nid: look\ntitle: Look a name up\nsteps:\n";
    Bench::new().runbook("look.yaml", &format!("{head}{steps}"))
}

fn look(bench: &Bench, exit: i32) {
    bench.args(["run", "look.yaml", "--non-interactive"]).stdout_contains("").exit(exit);
}

/// Why a look did not hold.
fn reason(bench: &Bench, step: &str) -> String {
    let status = bench.status();
    let steps = status["steps"].as_array().expect("status lists the steps");
    let found = steps.iter().find(|found| found["id"] == step).expect("the step is listed");
    found["reason"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_type_of_record_is_compared_as_text() {
    let Some(dns) = Dns::start() else { return };
    let server = dns.address();
    let looks = [
        ("a", "www.shop.test", "A", "equals: \"192.0.2.10\\n192.0.2.2\""),
        ("aaaa", "www.shop.test", "AAAA", "equals: '2001:db8::1'"),
        ("cname", "alias.shop.test", "CNAME", "equals: www.shop.test"),
        ("through", "alias.shop.test", "A", "contains: 192.0.2.2"),
        ("mx", "shop.test", "MX", "equals: \"10 mail.shop.test\\n20 www.shop.test\""),
        ("srv", "_http._tcp.shop.test", "SRV", "equals: 1 2 8080 www.shop.test"),
        ("txt", "shop.test", "TXT", "equals: v=spf1 -all"),
        ("caa", "shop.test", "CAA", "equals: 0 issue ca.example"),
        ("ptr", "192.0.2.7", "PTR", "equals: www.shop.test"),
        ("case", "WWW.Shop.Test.", "A", "contains: 192.0.2.2"),
        ("long", "long.shop.test", "TXT", "matches: '(?s)^00 x.*\\n39 x{60}$'"),
    ];
    let looks = looks.map(|(id, name, kind, expect)| {
        let dns = format!("dns: {{name: {name}, type: {kind}, server: '{server}'}}");
        (id, format!("{{{dns}, expect: {{answer: {{{expect}}}}}}}"))
    });
    let bench = looking(&looks);
    bench.args(["run", "look.yaml"]).stdout_contains("").exit(0);
    for (id, _) in looks {
        assert_eq!((id, bench.state_of(id)), (id, "succeeded".to_owned()));
    }
}

#[test]
fn no_such_name_is_an_answer_and_not_turns_it_round() {
    let Some(dns) = Dns::start() else { return };
    let of = |name: &str| format!("dns: {{name: {name}, server: '{}'}}", dns.address());
    let bench = looking(&[
        ("there", format!("{{{}}}", of("www.shop.test"))),
        ("missing", format!("{{{}}}", of("gone.shop.test"))),
        ("gone", format!("{{not: {{{}}}}}", of("gone.shop.test"))),
        ("empty", format!("{{{}, expect: {{answer: {{equals: ''}}}}}}", of("gone.shop.test"))),
        (
            "other",
            format!("{{{}, expect: {{answer: {{equals: 192.0.2.3}}}}}}", of("mail.shop.test")),
        ),
    ]);
    look(&bench, 8);
    assert_eq!(bench.state_of("there"), "succeeded");
    assert_eq!(reason(&bench, "missing"), "expect: there is no such record");
    assert_eq!(bench.state_of("gone"), "succeeded");
    assert_eq!(bench.state_of("empty"), "succeeded");
    let expected = "expect: the answer is \"192.0.2.20\", expected \"192.0.2.3\"";
    assert_eq!(reason(&bench, "other"), expected);
}

#[test]
fn a_server_that_refuses_has_answered() {
    let Some(dns) = Dns::start() else { return };
    let of = format!("dns: {{name: elsewhere.example, server: '{}'}}", dns.address());
    let bench = looking(&[("asks", format!("{{{of}}}")), ("not", format!("{{not: {{{of}}}}}"))]);
    look(&bench, 8);
    let expected = format!("expect: {} refuses to answer this", dns.address());
    assert_eq!(reason(&bench, "asks"), expected);
    assert_eq!(bench.state_of("not"), "succeeded");
}

#[test]
fn a_port_where_no_server_listens_is_an_answer() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("it has an address").to_string();
    drop(socket);
    let of = format!("dns: {{name: www.shop.test, server: '{address}'}}");
    let bench = looking(&[("asks", format!("{{{of}}}")), ("not", format!("{{not: {{{of}}}}}"))]);
    look(&bench, 8);
    assert_eq!(reason(&bench, "asks"), format!("expect: {address} refuses connections"));
    assert_eq!(bench.state_of("not"), "succeeded");
}

#[test]
fn silence_is_no_answer_and_under_not_it_holds_the_step() {
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let address = silent.local_addr().expect("it has an address").to_string();
    let of = format!("dns: {{name: www.shop.test, server: '{address}'}}, timeout: 400ms");
    let bench = looking(&[("asks", format!("{{{of}}}")), ("not", format!("{{not: {{{of}}}}}"))]);
    look(&bench, 5);
    assert_eq!(reason(&bench, "asks"), "expect: no answer within 400ms");
    assert_eq!(bench.state_of("not"), "held");
    assert_eq!(reason(&bench, "not"), "unseen: no answer within 400ms");
}

#[test]
fn a_question_that_makes_no_sense_is_refused_where_it_stands() {
    let bench = looking(&[
        ("kind", "{dns: {name: shop.test, type: AAA}}".to_owned()),
        ("nameless", "{dns: {type: A}}".to_owned()),
        ("body", "{dns: {name: shop.test}, expect: {body: {equals: x}}}".to_owned()),
    ]);
    let stderr = "
        error: `AAA` is not known here
         --> look.yaml:5:75
          |
        5 | … on_failure: continue, probe: {dns: {name: shop.test, type: AAA}}}
          |                                                              ^^^
          |
          = help: did you mean `AAAA`?

        error: `dns` needs `name`
         --> look.yaml:6:55
          |
        6 |   - {id: nameless, on_failure: continue, probe: {dns: {type: A}}}
          |                                                       ^^^^^^^^^

        error: unknown key `body` in `expect`
         --> look.yaml:7:79
          |
        7 | …failure: continue, probe: {dns: {name: shop.test}, expect: {body: {equals: x}}}}
          |                                                              ^^^^ not a key here
          |
          = help: keys here: `answer`, `warn`

        error: 3 problems in look.yaml
    ";
    bench.args(["plan", "look.yaml"]).stderr(stderr).exit(3);
}
