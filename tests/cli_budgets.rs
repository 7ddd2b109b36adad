//! What a hostile file may cost: it is refused with its place, or read, in bounded memory.
//!
//! The bound is one on address space, which is more than what is ever held. No time is compared;
//! how long each took is printed.

use std::fs::File;
use std::io::Write as _;
use std::time::Instant;

use crate::harness::Bench;

/// Space for the program itself and a small file, in KiB.
const SMALL: u32 = 200_000;

/// Space for a tree of a million nodes, in KiB.
const LARGE: u32 = 1_500_000;

/// The file is refused, within so much space, with this first message at this place.
#[track_caller]
fn assert_refused(name: &str, text: &str, space: u32, message: &str, place: &str) {
    let bench = Bench::new();
    std::fs::write(bench.path("hostile.yaml"), text).expect("the bench can be written to");
    let call = bench.shell(&format!("ulimit -v {space}; exec holdpoint plan hostile.yaml"));
    let begun = Instant::now();
    let printed = call
        .stderr_contains(&format!("error: {message}\n"))
        .stderr_contains(&format!("--> hostile.yaml:{place}\n"))
        .exit(3);
    say(name, begun);
    assert!(printed.stderr.len() < 100_000, "{} bytes are no message", printed.stderr.len());
}

fn say(name: &str, begun: Instant) {
    let line = format!("{name}: {} ms", begun.elapsed().as_millis());
    writeln!(std::io::stderr(), "{line}").expect("standard error takes a line");
}

#[test]
fn aliases_that_stand_for_too_much_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    let message = "the aliases stand for more than 10000 nodes";
    assert_refused("alias bomb", &bomb, SMALL, message, "5:10");
    let cycle = "a: &a\n  b: [*a]\n";
    let message = "the alias `*a` stands inside of what it stands for";
    assert_refused("cyclic alias", cycle, SMALL, message, "2:7");
}

#[test]
fn nesting_beyond_the_limit_is_refused() {
    let message = "lists and mappings nest deeper than 64 levels";
    let brackets = format!("a: {}{}\n", "[".repeat(10_000), "]".repeat(10_000));
    assert_refused("10,000 brackets", &brackets, SMALL, message, "1:259");
    let items = format!("{}x\n", "- ".repeat(10_000));
    assert_refused("10,000 lists", &items, SMALL, message, "1:129");
    let mut mappings = String::new();
    for level in 0..1_000 {
        mappings.push_str(&format!("{}a:\n", " ".repeat(level)));
    }
    assert_refused("1,000 mappings", &mappings, SMALL, message, "65:65");
}

#[test]
fn a_file_beyond_the_limit_is_refused_unread() {
    let bench = Bench::new();
    let file = File::create(bench.path("huge.yaml")).expect("the bench can be written to");
    file.set_len(100 << 20).expect("a file may have holes");
    let begun = Instant::now();
    bench
        .shell(&format!("ulimit -v {SMALL}; exec holdpoint plan huge.yaml"))
        .stderr("error: cannot read huge.yaml: it is larger than 64 MiB\n")
        .exit(3);
    say("100 MiB", begun);
}

#[test]
fn a_million_keys_are_read_and_what_is_wrong_with_them_is_told() {
    let mut keys: String = (0..1_000_000).map(|at| format!("k{at}: {at}\n")).collect();
    keys.push_str("k7: again\n");
    let message = "the key `k7` comes twice";
    assert_refused("a million keys", &keys, LARGE, message, "1000001:1");
    let same = "a: 1\n".repeat(100_000);
    let message = "the key `a` comes twice";
    assert_refused("100,000 times a key", &same, SMALL, message, "2:1");
}

#[test]
fn a_hundred_thousand_anchors_cost_no_more_than_their_text() {
    let many: String = (0..100_000).map(|at| format!("k{at}: &a{at} x\n")).collect();
    let text = format!("{many}z: *a1000000\n");
    let message = "no anchor `&a1000000` stands before this";
    assert_refused("100,000 anchors", &text, 2 * SMALL, message, "100001:4");
}

#[test]
fn what_yaml_has_and_a_runbook_has_not_is_refused_where_it_stands() {
    let head = "holdpoint: 1\nid: odd\ntitle: Odd\n";
    for (name, rest, message, place) in [
        (
            "a merge key",
            "x: &x {}\nsteps:\n  - <<: *x\n",
            "merge keys are not part of YAML 1.2: write the keys out",
            "6:5",
        ),
        ("a tag", "steps: !!seq []\n", "the tag `!!seq` is not part of a runbook", "4:8"),
        (
            "a tag that constructs",
            "steps: !!python/object:os.system [x]\n",
            "the tag `!!python/object:os.system` is not part of a runbook",
            "4:8",
        ),
        (
            "a number beyond every type",
            "steps: [{id: a, run: x, retry: {times: 99999999999999999999999}}]\n",
            "expected a whole number, found a number",
            "4:40",
        ),
        (
            "a number without an end",
            "steps: [{id: a, run: x, timeout: .inf}]\n",
            "`.inf` is not a duration",
            "4:34",
        ),
        (
            "a length of time beyond every clock",
            "steps: [{id: a, run: x, timeout: 99999999999999999999h}]\n",
            "the duration `99999999999999999999h` is longer than 100 years",
            "4:34",
        ),
    ] {
        assert_refused(name, &format!("{head}{rest}"), SMALL, message, place);
    }
}
