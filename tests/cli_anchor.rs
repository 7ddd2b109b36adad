//! What is kept of a journal somewhere else: it shows who made a chain anew or cut it off, and it
//! can be signed.

use std::fs;

use crate::harness::Bench;

/// A run that waits at its second gate, and its anchor as it was at the first.
fn grown() -> (Bench, String) {
    let bench = Bench::new().env("USER", "ann").runbook(
        "book.yaml",
        "
        holdpoint: 1
        id: book
        title: Two gates
        steps:
          - {id: one, gate: true, run: echo one}
          - {id: two, gate: true, run: echo two}
        ",
    );
    bench.args(["run", "book.yaml"]).stdout_contains("").exit(5);
    let anchor = anchor(&bench);
    bench.write("answers.yaml", "one: approve\n");
    bench.args(["resume", "--answers", "answers.yaml"]).stdout_contains("").exit(5);
    (bench, anchor)
}

fn anchor(bench: &Bench) -> String {
    let printed = bench.args(["verify", "--print-anchor"]).stdout_contains("").exit(0).stdout;
    let folder = bench.run_folder();
    let run = folder.file_name().unwrap_or_default().to_string_lossy();
    printed.trim_end().replace("[RUN]", &run)
}

fn journal(bench: &Bench) -> Vec<String> {
    let text = fs::read_to_string(bench.run_folder().join("journal.jsonl"));
    text.expect("it is there").lines().map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_anchor_is_printed_alone_and_is_the_one_that_verify_tells() {
    let (bench, before) = grown();
    let now = anchor(&bench);
    assert_ne!(now, before);
    let words: Vec<&str> = now.split(':').collect();
    let [run, records, hash] = words[..] else { panic!("three words: {now}") };
    assert_eq!(records, journal(&bench).len().to_string());
    assert_eq!(run, bench.run_folder().file_name().unwrap_or_default());
    let told = format!("head of the chain: {hash}\nanchor: [RUN]:{records}:{hash}\n");
    bench.args(["verify"]).stdout_contains(&told).exit(0);
}

#[test]
fn a_run_that_went_on_still_holds_to_its_anchor_which_may_stand_in_a_file() {
    let (bench, anchor) = grown();
    bench.write("notes.txt", &format!("For the ticket:\n  {anchor}\n"));
    let (records, hash) = anchor.split_once(':').and_then(|(_, it)| it.split_once(':')).expect("3");
    let after = journal(&bench).len() - records.parse::<usize>().expect("a number");
    let told =
        format!("the anchor holds: all is as it was up to record {records}; {after} records");
    for given in [anchor.as_str(), "notes.txt", hash] {
        bench.args(["verify", "--anchor", given]).stdout_contains(&told).exit(0);
    }
    let short = "only 12 of the 64 digits of its hash were there to compare\n";
    bench.args(["verify", "--anchor", &hash[..12]]).stdout_contains(short).exit(0);
    bench.args(["timeline", "--bundle", "run.tar.gz"]).stdout_contains("anchor: [RUN]:").exit(0);
    let bundle = ["verify", "./run.tar.gz", "--anchor", &anchor];
    bench.args(bundle).stdout_contains(&told).exit(0);
}

#[test]
fn a_chain_that_was_cut_off_or_made_anew_is_whole_and_does_not_hold() {
    let (bench, anchor) = grown();
    let lines = journal(&bench);
    let records: usize = anchor.split(':').nth(1).and_then(|it| it.parse().ok()).expect("a number");
    let path = bench.run_folder().join("journal.jsonl");
    let verify = |reason: &str| {
        bench.args(["verify"]).stdout_contains("each chained to the one before").exit(0);
        let held = bench.args(["verify", "--anchor", &anchor]);
        held.stdout_contains("the anchor does not hold\n").stderr_contains(reason).exit(6);
    };
    fs::write(&path, lines[..records - 1].concat()).expect("the bench can be written to");
    let found = records - 1;
    verify(&format!("the anchor was made of {records} records, and there are {found}: records"));
    let mut prev = holdpoint::journal::FIRST_PREV.to_owned();
    let forged = lines.iter().map(|line| {
        let record = holdpoint::journal::Record::read(line.trim_end()).expect("it is a record");
        let text = serde_json::to_string(&record.event).expect("it was read").replace("ann", "bob");
        let event = serde_json::from_str(&text).expect("it is an event");
        let (record, line) =
            holdpoint::journal::Record::write(record.seq, record.epoch, record.at, &prev, event);
        prev = record.hash;
        line
    });
    let forged: String = forged.collect();
    fs::write(&path, forged).expect("the bench can be written to");
    verify(&format!("record {records} is not the one of the anchor: the chain was made anew"));
    let hash = anchor.rsplit(':').next().expect("it has a hash");
    bench
        .args(["verify", "--anchor", hash])
        .stdout_contains("the anchor does not hold\n")
        .stderr_contains("no record has the hash of the anchor: ")
        .exit(6);
}

#[test]
fn what_is_no_anchor_or_that_of_another_run_is_a_mistake_of_whoever_types() {
    let (bench, anchor) = grown();
    let other = anchor.replacen("-book-", "-brook-", 1);
    let said = "error: the anchor is of the run 2";
    bench.args(["verify", "--anchor", &other]).stdout_contains("").stderr_contains(said).exit(2);
    bench.write("notes.txt", "nothing of the kind\n");
    let said = "error: no line of notes.txt is an anchor\n";
    bench.args(["verify", "--anchor", "notes.txt"]).stderr_contains(said).exit(2);
    let said = "error: `nothing` is no anchor, and no file: ";
    bench.args(["verify", "--anchor", "nothing"]).stderr_contains(said).exit(2);
}

#[test]
fn no_anchor_is_printed_of_what_is_damaged() {
    let (bench, _) = grown();
    let lines = journal(&bench).concat().replacen("echo one", "echo two", 1);
    let path = bench.run_folder().join("journal.jsonl");
    fs::write(path, lines).expect("the bench can be written to");
    bench.args(["verify", "--print-anchor"]).stderr_contains("damaged at line ").exit(6);
}

#[test]
fn an_anchor_and_a_bundle_can_be_signed_and_checked_with_ssh_keygen() {
    let (bench, _) = grown();
    let sign = "
        set -eu
        ssh-keygen -q -t ed25519 -N '' -C ann -f key
        echo \"ann@example.com $(cat key.pub)\" > allowed
        holdpoint verify --print-anchor > anchor
        ssh-keygen -q -Y sign -f key -n holdpoint anchor
        holdpoint timeline --bundle run.tar.gz > told
        ssh-keygen -q -Y sign -f key -n holdpoint run.tar.gz
    ";
    bench.shell(sign).stderr_contains("").exit(0);
    let check = |file: &str| {
        let check = "ssh-keygen -Y verify -f allowed -I ann@example.com -n holdpoint";
        bench.shell(&format!("{check} -s {file}.sig < {file}"))
    };
    for file in ["anchor", "run.tar.gz"] {
        check(file).stdout_contains("Good \"holdpoint\" signature for ann@example.com").exit(0);
    }
    let held = ["verify", "./run.tar.gz", "--anchor", "anchor"];
    bench.args(held).stdout_contains("the anchor holds: ").exit(0);
    let text = fs::read_to_string(bench.path("anchor")).expect("it was written");
    fs::write(bench.path("anchor"), text.replace(":1", ":2")).expect("the bench can be written to");
    check("anchor").stdout_contains("").stderr_contains("Signature verification failed").exit(255);
}
