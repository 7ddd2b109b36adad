//! The pages about lint: their commands print what they show, their jobs are YAML of the form that
//! is wanted, and the pages of the rules are made from the code.

use std::collections::BTreeMap;
use std::fs;

use serde_yaml::Value as Yaml;

use crate::docs::{Block, blocks, files_under, read, root};
use crate::harness::Bench;

const PAGE: &str = "docs/lint.md";

fn bench(blocks: &[Block]) -> Bench {
    let bench = Bench::new();
    for block in blocks {
        if let Some((_, name)) = block.language.split_once("file=") {
            bench.write(name, &block.text);
        }
    }
    bench
}

#[test]
fn every_command_of_the_page_prints_what_the_page_shows() {
    let page = read(PAGE);
    let blocks = blocks(&page);
    let bench = bench(&blocks);
    let mut number = 0;
    for block in blocks.iter().filter(|block| block.language == "console") {
        for part in format!("\n{}", block.text).split("\n$ ").skip(1) {
            let (command, output) = part.split_once('\n').expect("a command and its output");
            let call = bench.shell(&format!("{command} 2>&1; true")).stdout_contains("");
            assert_eq!(call.exit(0).stdout.trim_end(), output.trim_end(), "{command}");
            number += 1;
        }
    }
    assert_eq!(number, 5, "each of them is run here");
}

#[test]
fn the_library_of_the_page_is_one() {
    let page = read(PAGE);
    let blocks = blocks(&page);
    let libraries = blocks.iter().filter(|block| block.text.starts_with("# holdpoint.yaml\n"));
    let mut number = 0;
    for block in libraries {
        let bench = Bench::new()
            .file("holdpoint.yaml", &block.text)
            .file("our-tools.toml", "tool = 'x'\n")
            .runbook("a.yaml", crate::cli_lint::CLEAN);
        let lint = ["lint", "--select", "HP901"];
        let printed = bench.args(lint).stdout_contains("").exit(0).stdout;
        assert!(printed.starts_with("no findings"), "{printed}");
        number += 1;
    }
    assert_eq!(number, 2);
}

#[test]
fn the_jobs_of_the_page_write_what_they_hand_on() {
    let page = read(PAGE);
    let blocks = blocks(&page);
    let file = |name: &str| -> Yaml {
        let of = |block: &&Block| block.language.ends_with(&format!("file={name}"));
        let block = blocks.iter().find(of).expect("the page has the file");
        serde_yaml::from_str(&block.text).expect("it is YAML")
    };
    let github = file(".github/workflows/runbooks.yaml");
    let step =
        github["jobs"]["lint"]["steps"][1]["run"].as_str().expect("it is a command").to_owned();
    let gitlab = file(".gitlab-ci.yml");
    let script = gitlab["runbooks"]["script"][0].as_str().expect("it is a command").to_owned();
    let bench =
        Bench::new().runbook("stop.yaml", &blocks[1].text).env("GITHUB_STEP_SUMMARY", "summary.md");
    for command in [step, script] {
        bench.shell(&format!("{command} --select HP303")).stdout_contains("HP303").exit(1);
    }
    let read = |name: &str| fs::read_to_string(bench.path(name)).expect("it was written");
    let handed = &github["jobs"]["lint"]["steps"][2]["with"]["sarif_file"];
    assert!(read(handed.as_str().expect("it is a name")).contains("\"2.1.0\""));
    assert!(read("summary.md").starts_with("# Holdpoint lint"));
    let reports = &gitlab["runbooks"]["artifacts"]["reports"];
    assert!(read(reports["codequality"].as_str().expect("it is a name")).starts_with('['));
    assert!(read(reports["junit"].as_str().expect("it is a name")).starts_with("<?xml"));
}

#[test]
fn the_hooks_of_the_page_and_of_the_repository_are_for_the_same_files() {
    let hooks: Yaml = serde_yaml::from_str(&read(".pre-commit-hooks.yaml")).expect("it is YAML");
    let hooks = hooks.as_sequence().expect("it is a list").clone();
    let page = read(PAGE);
    let blocks = blocks(&page);
    let shown = blocks.iter().find(|it| it.language.ends_with(".pre-commit-config.yaml"));
    let shown: Yaml = serde_yaml::from_str(&shown.expect("it is shown").text).expect("it is YAML");
    let shown = &shown["repos"][0]["hooks"][0];
    for hook in &hooks {
        assert_eq!(hook["entry"], shown["entry"]);
        assert_eq!(hook["files"], shown["files"]);
        assert!(page.contains(hook["id"].as_str().expect("it has an id")));
    }
    let files = regex::Regex::new(shown["files"].as_str().expect("it is a pattern"));
    let files = files.expect("it is a regular expression");
    for (name, is_taken) in [
        ("runbooks/a.yaml", true),
        ("ops/runbooks/db/a.yml", true),
        ("ops/holdpoint.yaml", true),
        ("values.yaml", false),
        ("runbooks/notes.md", false),
    ] {
        assert_eq!(files.is_match(name), is_taken, "{name}");
    }
}

#[test]
fn the_pages_of_the_rules_are_made_from_the_code() {
    let bench = Bench::new();
    bench.args(["explain", "--output", "rules"]).exit(0);
    let texts = |files: Vec<std::path::PathBuf>| -> BTreeMap<String, String> {
        let text = |path: std::path::PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("it is there"))
        };
        files.into_iter().map(text).collect()
    };
    let made = fs::read_dir(bench.path("rules")).expect("it was made");
    let made = texts(made.map(|entry| entry.expect("it is there").path()).collect());
    assert!(made.len() > 10);
    assert_eq!(made, texts(files_under("docs/rules", "md")), "just rules-docs writes them");
    assert!(root().join("docs/rules/README.md").is_file());
}

#[test]
fn what_is_explained_is_found_by_code_by_name_and_by_what_is_meant() {
    let bench = Bench::new();
    for code in ["HP303", "hp303", "template-injection"] {
        bench.args(["explain", code]).stdout_contains("HP303 template-injection\n").exit(0);
    }
    bench.args(["explain", "SC2086"]).stdout_contains("wiki/SC2086\n").exit(0);
    bench.args(["explain", "5"]).stdout_contains("Exit code 5 Waiting\n").exit(0);
    bench.args(["explain", "held"]).stdout_contains("The state held of a step\n").exit(0);
    let md = ["explain", "HP303", "--format", "md"];
    bench.args(md).stdout(&read("docs/rules/HP303.md")).exit(0);
    let unknown = "
        error: there is nothing that is called `HP3O3`
          help: did you mean `HP303`?
    ";
    bench.args(["explain", "HP3O3"]).stderr(unknown).exit(2);
}
