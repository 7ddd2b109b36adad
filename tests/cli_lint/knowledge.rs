//! What a library knows of its own tools.

use crate::harness::Bench;

const BOOK: &str = r"
    holdpoint: 1
    id: stale
    title: The cache is stale
    steps:
      - id: purge
        run: shopctl -e prod cache purge
";

const FACTS: &str = "\
tool = 'shopctl'\n\
source = 'https://wiki.shop.example/shopctl'\n\
[[program]]\n\
names = ['shopctl']\n\
options = ['-e --environment=']\n\
[[fact]]\n\
kind = 'broad'\n\
programs = ['shopctl']\n\
words = ['cache', 'purge']\n\
does = 'drops every entry, for all customers'\n";

fn bench(facts: &str) -> Bench {
    let library = "holdpoint: 1\nlint: {knowledge: lint/shopctl.toml}\n";
    let bench = Bench::new().file("holdpoint.yaml", library).runbook("books/stale.yaml", BOOK);
    bench.file("lint/shopctl.toml", facts)
}

const CALL: [&str; 6] =
    ["lint", "--format", "concise", "--today", "2026-12-01", "books/stale.yaml"];

/// That the runbook is reviewed by what comes along, whatever is wrong with the files of its library.
const REVIEWED: &str = "books/stale.yaml:1:1: warning[HP501]";

#[test]
fn a_fact_of_the_library_is_found_in_its_runbooks() {
    let printed = bench(FACTS).args(CALL).stdout_contains("").exit(1);
    let told = "error[HP214] `shopctl cache purge` drops every entry, for all customers";
    let is_told = |line: &str| line.starts_with("books/stale.yaml:6:10: ") && line.contains(told);
    assert!(printed.stdout.lines().any(is_told), "{}", printed.stdout);
}

#[test]
fn a_fact_that_is_wrong_is_told_with_its_place() {
    let bench = bench(&FACTS.replace("'broad'", "'braod'"));
    let call = bench.args(CALL).stdout_contains(REVIEWED);
    let parts = ["`braod` is no kind of fact", "lint/shopctl.toml:7:8", "did you mean `broad`?"];
    parts.into_iter().fold(call, |call, part| call.stderr_contains(part)).exit(3);
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let library = "holdpoint: 1\nlint: {knowledge: lint/none.toml}\n";
    let bench = Bench::new().file("holdpoint.yaml", library).runbook("books/stale.yaml", BOOK);
    bench.args(CALL).stdout_contains(REVIEWED).stderr_contains("lint/none.toml").exit(3);
}
