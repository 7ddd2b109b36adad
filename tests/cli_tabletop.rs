//! `tabletop`: an exercise at one terminal and at two, what it leaves, and what is refused.

mod alone;
mod led;
mod library;
mod past;
mod refused;

use regex::Regex;

use crate::harness::{Bench, Screen};

/// Something of everything that an exercise has.
const SHOP: &str = "
    holdpoint: 1
    id: shop
    title: The shop is down
    escalation: [{to: the owner, after: 30m}]
    defaults: {shell: sh -eu}
    tabletop:
      scenario: The shop shows an error page to everybody.
      injects:
        - {at: 10m, text: A journalist calls., hidden: true}
        - {before: load, text: The dump is older than you thought., hidden: true}
        - {at: 20m, text: The status page is down as well.}
      objectives: [somebody leads, nobody guesses]
      questions: [Who was missing?]
    steps:
      - id: restart
        title: Restart the shop
        run: echo restart >> effects
        verify: [{id: up, title: the shop answers, probe: {run: 'false'}}]
      - id: load
        title: Load the dump
        discuss: [Who tells the customers?]
        gate: {ask: Load the dump over what is there?, approvers: [owner]}
        run: echo load >> effects
      - {id: tell, notify: {template: update}}
";

/// One whose only step says how it goes, so that its end is soon there.
const BRIEF: &str = "
    holdpoint: 1
    id: shop
    title: The shop is down
    tabletop: {objectives: [somebody leads], questions: [Who was missing?]}
    steps: [{id: a, run: echo a, simulate: {exit: 0}}]
";

/// One with a secret, which is known.
fn secretive() -> Bench {
    let book = "
        holdpoint: 1
        id: shop
        title: The shop is down
        inputs: {token: {type: string, secret: true, env: TOKEN}}
        steps:
          - {id: look, title: Look, run: 'echo it', outputs: {line: {from: stdout}}}
          - {id: key, run: 'echo key', simulate: {stdout: the key hunter2-hunter2}}
          - {id: again, run: 'echo ${{ steps.key.stdout }}'}
        ";
    let bench = Bench::new().env("USER", "ann").env("TOKEN", "hunter2-hunter2");
    bench.runbook("shop.yaml", book)
}

fn bench() -> Bench {
    Bench::new().env("USER", "ann").runbook("shop.yaml", SHOP)
}

/// The players' screen, before anybody has said that all are there.
fn players<'b>(bench: &'b Bench, more: &[&str]) -> Screen<'b> {
    let args = ["tabletop", "shop.yaml"].iter().chain(more).copied();
    let mut screen = bench.at_terminal_of((120, 80), args);
    screen.wait_for("Press Enter when all are at the table");
    screen
}

/// The facilitator's screen, once it can be used.
fn facilitator(bench: &Bench) -> Screen<'_> {
    let args = ["tabletop", "--facilitator", "--operator", "grace"];
    let mut screen = bench.at_terminal_of((120, 80), args);
    screen.wait_for("EXERCISE, facilitator: what now?");
    screen
}

/// Chooses by a key how something goes, once that is asked.
fn goes(screen: &mut Screen<'_>, title: &str, key: &str) {
    screen.wait_for(title);
    screen.wait_for("[u]nseen");
    screen.types(key);
}

/// Types a line at a question.
fn says(screen: &mut Screen<'_>, question: &str, line: &str) {
    says_again(screen, question, 1, line);
}

/// The same at a question that stands there so many times.
fn says_again(screen: &mut Screen<'_>, question: &str, times: usize, line: &str) {
    screen.wait_for_another(question, times);
    screen.types(&format!("{line}\r"));
}

/// A file of the only exercise, with what differs from one to the next taken out.
fn page(bench: &Bench, file: &str) -> String {
    let folder = bench.rehearsals().remove(0);
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let text = std::fs::read_to_string(folder.join(file)).expect("it is kept");
    let text = text.replace(&name.unwrap_or_default(), "[EXERCISE]");
    evened(&text)
}

/// A text with one word for each moment and length of time.
fn evened(text: &str) -> String {
    let stands = [
        (r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "[DATE]"),
        (r"\b\d+\.\d s\b|\b\d+ s\b|\b\d+ m \d+ s\b", "[TIME]"),
    ];
    stands.iter().fold(text.to_owned(), |text, (pattern, word)| {
        let pattern = Regex::new(pattern).expect("it is written here");
        pattern.replace_all(&text, *word).into_owned()
    })
}
