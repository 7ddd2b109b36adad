//! The files that come along: each fact is found of its examples, and of nothing that it should be
//! silent about; and what a file of one's own may say.

use super::*;
use crate::lint::shell;

/// The kinds and names of what is known of the commands of a script; its first line may be `# ` and
/// a title.
fn known<'k>(knowledge: &'k Knowledge, script: &str) -> Vec<Match<'k>> {
    let (title, script) = match script.strip_prefix("# ").and_then(|it| it.split_once('\n')) {
        Some((title, script)) => (title, script),
        None => ("", script),
    };
    let commands = shell::commands(script, &[]);
    let mut setting = Setting::default();
    title.clone_into(&mut setting.title);
    title.clone_into(&mut setting.scenario);
    setting.learn(&commands);
    let mut all = Vec::new();
    for (at, command) in commands.iter().enumerate() {
        all.extend(knowledge.of(command, &Input::of(script, &commands, at, None), &setting));
        for wrapper in &command.wrappers {
            all.extend(knowledge.of_wrapper(wrapper, &setting));
        }
    }
    all
}

#[test]
fn every_file_that_comes_along_can_be_read() {
    for (name, text) in FILES {
        let source = Source::new(*name, *text);
        if let Err(faults) = file::read(&source, true) {
            let told = faults.iter().map(|it| {
                let at = source.position(it.at.start);
                format!("{name}:{}:{}: {}", at.line, at.column, it.message)
            });
            panic!("{}", told.collect::<Vec<_>>().join("\n"));
        }
    }
}

#[test]
fn every_fact_is_found_of_its_examples_and_silent_where_it_should_be() {
    let mut complaints = Vec::new();
    for (name, text) in FILES {
        let knowledge = Knowledge::built_in();
        let own = file::read(&Source::new(*name, *text), false).map_err(|it| it.len());
        for fact in own.expect("another test reads them").facts {
            let is_it = |found: &Match<'_>| {
                found.fact.kind == fact.kind
                    && found.does == fact.does
                    && found.object == fact.object
            };
            let told = |script: &str| known(&knowledge, script).iter().any(is_it);
            if fact.examples.is_empty() {
                complaints.push(format!("{name}: `{}` has no example", fact.does));
            }
            for script in fact.examples.iter().filter(|script| !told(script)) {
                complaints.push(format!("{name}: `{}` is not found of: {script}", fact.does));
            }
            for script in fact.silent.iter().filter(|script| told(script)) {
                complaints.push(format!("{name}: `{}` is found of: {script}", fact.does));
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[test]
fn every_fact_says_where_it_is_known_from() {
    for fact in &Knowledge::built_in().facts {
        let source = fact.source.as_deref().unwrap_or_default();
        let is_said = source.starts_with("https://") || source.starts_with("practice: ");
        assert!(is_said, "{} {}: {source:?}", fact.tool, fact.does);
        let does = &fact.does;
        let is_plain = !does.ends_with('.') && !does.starts_with(char::is_uppercase);
        assert!(is_plain && !does.is_empty(), "{}: {does}", fact.tool);
    }
}

#[test]
fn every_regular_expression_compiles() {
    for fact in &Knowledge::built_in().facts {
        for pattern in fact.matcher.patterns() {
            assert_eq!(pattern.fault(), None, "{} {}", fact.tool, fact.does);
        }
    }
}

#[test]
fn a_match_says_what_it_is_about() {
    let knowledge = Knowledge::built_in();
    let name = |script: &str, kind: Kind| {
        let all = known(&knowledge, script);
        let found = all.iter().find(|found| found.kind == kind).expect("it is known");
        format!("{} [{}]", found.name, &script[found.at.clone()])
    };
    assert_eq!(name("docker volume rm x", Kind::Destroys), "docker volume rm [docker volume rm x]");
    assert_eq!(
        name("docker-compose -f a.yaml down -v", Kind::Destroys),
        "docker-compose down -v [-v]"
    );
    assert_eq!(
        name("psql -d a -c 'select 1; drop table x'", Kind::Destroys),
        "drop table [drop table x]"
    );
    assert_eq!(name("rm -rf /srv/data", Kind::Destroys), "rm -rf [-rf]");
}

#[test]
fn a_declared_version_decides() {
    let knowledge = Knowledge::built_in();
    let commands = shell::commands("cp x recovery.conf", &[]);
    let is_removed = |version: Option<&str>| {
        let versions = version.map(|it| ("postgresql".to_owned(), it.to_owned()));
        let setting = Setting::of_versions(versions.into_iter().collect());
        let found = knowledge.of(&commands[0], &Input::Nothing, &setting);
        found.iter().any(|it| it.kind == Kind::Removed)
    };
    assert!(is_removed(None) && is_removed(Some("16")));
    assert!(!is_removed(Some("11.4")));
}

#[test]
fn an_option_that_a_program_does_not_have_is_told_with_the_nearest() {
    let knowledge = Knowledge::built_in();
    let unknown = |script: &str| {
        let commands = shell::commands(script, &[]);
        let all = commands.iter().flat_map(|command| knowledge.unknown_options(command));
        all.map(|it| (it.command, it.name, it.nearest.unwrap_or_default())).collect::<Vec<_>>()
    };
    let own = |command: &str, name: &str, nearest: &str| {
        vec![(command.to_owned(), name.to_owned(), nearest.to_owned())]
    };
    assert_eq!(
        unknown("pg_restore --target-time='2024-01-15 14:30' -d x a.dump"),
        own("pg_restore", "--target-time", "")
    );
    assert_eq!(unknown("pg_restore --claen -d x"), own("pg_restore", "--claen", "--clean"));
    assert_eq!(
        unknown("clickhouse-backup restore --restore-table=a daily"),
        own("clickhouse-backup restore", "--restore-table", "--restore-table-mapping")
    );
    assert_eq!(unknown("argocd app wait --all --health"), own("argocd app wait", "--all", ""));
    for silent in [
        "pg_restore -vj4 -Fc --no-owner --if-exi -d x a.dump",
        "pg_restore \"$OPTIONS\" -d x",
        "argocd app wait web --health --timeout 300 --grpc-web",
        "argocd app sync --all",
        "psql -Atc 'select 1' -v ON_ERROR_STOP=1 -d x",
        "redis-cli -h a -p 1 --no-auth-warning CONFIG SET --x",
    ] {
        assert_eq!(unknown(silent), [], "{silent}");
    }
}

#[test]
fn the_operands_of_a_command_leave_out_options_and_their_values() {
    let knowledge = Knowledge::built_in();
    let commands = shell::commands("docker compose -f a.yaml -p x stop -t 5 api worker", &[]);
    let (_, line) = knowledge.line(commands[0].program(), commands[0].arguments());
    assert_eq!(line.operand_texts(), ["compose", "stop", "api", "worker"]);
}

/// The page about this, and its blocks in a language.
fn page(language: &str) -> (String, Vec<String>) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/knowledge.md");
    let page = std::fs::read_to_string(path).expect("the page can be read");
    let open = format!("\n```{language}\n");
    let blocks = page.split(&open).skip(1).filter_map(|rest| rest.split("\n```").next());
    let blocks = blocks.map(|block| format!("{block}\n")).collect();
    (page, blocks)
}

/// The first cells of the tables under a heading.
fn first_cells(page: &str, heading: &str) -> Vec<String> {
    let part = page.split(&format!("\n## {heading}\n")).nth(1).expect("the heading is there");
    let rows = part.split("\n## ").next().unwrap_or_default().lines();
    let cells = rows.filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    cells.map(str::to_owned).collect()
}

#[test]
fn the_file_of_the_page_is_found_of_its_examples() {
    let (_, blocks) = page("toml");
    let source = Source::new("own.toml", blocks[0].as_str());
    let knowledge = Knowledge::built_in().with(&source).expect("the file of the page is right");
    let own = file::read(&source, true).expect("it was read already").facts;
    assert_eq!(own.len(), 4);
    for fact in own {
        let is_told = |script: &&String| {
            known(&knowledge, script).iter().any(|found| found.does == fact.does)
        };
        assert!(fact.examples.iter().all(|script| is_told(&script)), "{}", fact.does);
        assert!(!fact.silent.iter().any(|script| is_told(&script)), "{}", fact.does);
    }
}

#[test]
fn the_page_has_every_kind_and_every_key() {
    let (page, _) = page("toml");
    let kinds: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
    assert_eq!(first_cells(&page, "The kinds"), kinds);
    for (heading, table) in [("A fact", "fact"), ("A program", "program"), ("A file", "")] {
        let mut told = first_cells(&page, heading);
        told.sort();
        told.dedup();
        // A key that is not known is told with those that are.
        let text = match table {
            "" => "nothing-like-that = 1\n".to_owned(),
            table => format!("tool = 'x'\n[[{table}]]\nnothing-like-that = 1\n"),
        };
        let faults = file::read(&Source::new("own.toml", text), true).expect_err("it is wrong");
        let message = &faults[0].message;
        let mut known: Vec<String> =
            message.split('`').skip(3).step_by(2).map(str::to_owned).collect();
        known.sort();
        assert_eq!(told, known, "{heading}: {message}");
    }
}
