//! HP206: what is called idempotent must be.

use crate::document::Node;
use crate::lint::knowledge::Kind;
use crate::lint::scene::{Known, Part, Role, Scene, Script, entry};
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP206",
    name: "unsafe-auto-resume",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "A step says `effect: idempotent`, and what it does is not the same when it is done \
            twice: `CREATE DATABASE`, a dump that is loaded into what is there, a `POST`.",
    why: "After a crash such a step is done again without asking. The second load meets the rows of \
          the first, the second request orders a second server, the second CREATE fails and stops \
          the recovery. With `effect: once` a person is asked what became of the first.",
    bad: include_str!("../../examples/HP206.bad.yaml"),
    good: include_str!("../../examples/HP206.good.yaml"),
    source: "docs/language.md: an idempotent action changes nothing more when it is done again",
    check: Check::Scene(check),
};

/// Statements that fail or add to what is there, with what makes them harmless.
const STATEMENTS: [(&str, &str, &str); 8] = [
    ("create database", "if not exists", "creates a database, which fails when it is there"),
    ("create table", "if not exists", "creates a table, which fails when it is there"),
    ("create user", "if not exists", "creates a user, which fails when it is there"),
    ("create role", "if not exists", "creates a role, which fails when it is there"),
    ("create schema", "if not exists", "creates a schema, which fails when it is there"),
    ("insert into", "on conflict", "adds rows each time"),
    ("add column", "if not exists", "adds a column, which fails when it is there"),
    ("copy ", "truncate", "adds rows each time"),
];

/// Programs that run statements.
const CLIENTS: [&str; 6] =
    ["psql", "mysql", "mariadb", "clickhouse-client", "sqlite3", "cockroach"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for at in 0..scene.steps.len() {
        leftovers(scene, at, findings);
        let Some((effect_at, effect)) = effect(scene, at) else { continue };
        if effect.as_str() != Some("idempotent") || is_asked(scene, at) {
            continue;
        }
        let step = &scene.steps[at];
        let scripts = scene.scripts_of(at).filter(|script| script.role == Role::Action);
        let found = scripts.filter_map(|script| {
            let (command, why) = repeated(script)?;
            Some((script.place(&command.range, scene.source), why))
        });
        let Some((place, why)) = found.chain(posts(scene, at)).next() else { continue };
        let message = format!("this is called idempotent, and it {why}");
        let finding = Finding::new(&RULE, place, message)
            .related(effect_at, "so it is done again after a crash")
            .step(&step.path)
            .help("say `effect: once`, so that a person is asked after a crash");
        let edit = Edit::replace(effect.span, "once");
        findings.push(finding.fix(Safety::Safe, "say `effect: once`", vec![edit]));
    }
}

/// A database that a script makes for itself and drops at its end: when it fails in between, the
/// database stays, and the next attempt fails because of that.
fn leftovers(scene: &Scene<'_>, at: usize, findings: &mut Findings) {
    for script in scene.scripts_of(at).filter(|script| script.role == Role::Action) {
        let place =
            |program: &str| script.commands.iter().position(|command| command.program() == program);
        let (Some(made), Some(dropped)) = (place("createdb"), place("dropdb")) else { continue };
        let is_trapped = script.commands.iter().any(|command| command.program() == "trap");
        if dropped < made || is_trapped {
            continue;
        }
        let span = |place: usize| script.place(&script.commands[place].range, scene.source);
        let message =
            "when the script fails after this, the database stays and the next attempt fails";
        let finding = Finding::new(&RULE, span(made), message)
            .severity(Severity::Warning)
            .related(span(dropped), "dropped only here")
            .step(&scene.steps[at].path)
            .help("begin with `dropdb --if-exists`, or drop it in a `trap`");
        findings.push(finding);
    }
}

/// What an entry, or the switch around a case, says of its effect.
fn effect<'n>(scene: &'n Scene<'_>, at: usize) -> Option<(crate::source::Span, &'n Node)> {
    let own = entry(&scene.steps[at].node, "effect");
    own.or_else(|| {
        let switch = scene.steps[at].parent.filter(|_| scene.steps[at].part == Part::Case)?;
        entry(&scene.steps[switch].node, "effect")
    })
}

/// Whether a person is asked before it is done again in any case.
fn is_asked(scene: &Scene<'_>, at: usize) -> bool {
    let is_true = |key| scene.steps[at].key(key).and_then(Node::as_bool) == Some(true);
    scene.gate(at).is_some() || is_true("destructive")
}

/// The first command that is not the same when it is done twice.
fn repeated<'c, 's>(script: &'c Script<'s>) -> Option<(&'c Known<'s>, &'static str)> {
    let mut is_emptied = false;
    for command in &script.commands {
        let has = |kind| command.facts.iter().any(|fact| fact.kind == kind);
        let clears = has(Kind::Destroys) || command.program() == "dropdb";
        if !is_emptied && let Some(why) = why(command, clears) {
            return Some((command, why));
        }
        is_emptied |= clears;
    }
    None
}

fn why(command: &Known<'_>, clears: bool) -> Option<&'static str> {
    let text = command.text().to_lowercase();
    let has = |kind| command.facts.iter().any(|fact| fact.kind == kind);
    if command.program() == "createdb" && !command.around.is_tested {
        return Some("creates a database, which fails when it is there");
    }
    if CLIENTS.contains(&command.program())
        && let Some((.., why)) = STATEMENTS
            .iter()
            .find(|(statement, harmless, _)| text.contains(statement) && !text.contains(harmless))
    {
        return Some(why);
    }
    if has(Kind::Restores) && !clears && !command.around.is_substituted {
        return Some("loads a backup into what is there already");
    }
    if command.program() == "curl" && is_post(command) {
        return Some("sends a POST each time");
    }
    appends(command).then_some("appends to a file each time")
}

fn is_post(command: &Known<'_>) -> bool {
    let words: Vec<&str> = command.arguments().iter().map(|word| word.text.as_str()).collect();
    let method = words.iter().enumerate().find_map(|(at, word)| match *word {
        "-X" | "--request" => words.get(at + 1).copied(),
        word => word.strip_prefix("-X").or_else(|| word.strip_prefix("--request=")),
    });
    let sends = words.iter().any(|word| {
        *word == "-d" || word.starts_with("--data") || matches!(*word, "-F" | "--form" | "--json")
    });
    let is_query = words.iter().any(|word| matches!(*word, "-G" | "--get"));
    method.map_or(sends && !is_query, |method| method == "POST")
}

/// Whether it adds to a file that is no log.
fn appends(command: &Known<'_>) -> bool {
    command.redirects.iter().any(|redirect| {
        let file = redirect.target.text.as_str();
        let is_record =
            file.ends_with(".log") || file.contains("/log/") || file.starts_with("/dev/");
        redirect.operator.ends_with(">>") && !is_record && !file.contains("HOLDPOINT_OUTPUT")
    })
}

/// A request that is a POST.
fn posts(scene: &Scene<'_>, at: usize) -> Option<(crate::source::Span, &'static str)> {
    let (_, method) = entry(scene.steps[at].key("http")?, "method")?;
    let is_post = method.as_str() == Some("POST");
    is_post.then_some((method.span, "sends a POST, which is never sent again by itself"))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(step: &str) -> Vec<String> {
        let book = format!(
            "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    effect: idempotent\n    {step}\n"
        );
        of("HP206", &book)
    }

    #[test]
    fn what_differs_the_second_time_is_not_idempotent() {
        assert_eq!(found("run: createdb shop"), ["7:10 createdb shop"]);
        assert_eq!(
            found("run: psql -c \"CREATE DATABASE shop\""),
            ["7:10 psql -c \"CREATE DATABASE shop\""]
        );
        assert_eq!(found("run: curl -f -d a=b http://x/"), ["7:10 curl -f -d a=b http://x/"]);
        assert_eq!(found("run: echo a >> hosts"), ["7:10 echo a >> hosts"]);
        assert_eq!(found("http: {method: POST, url: \"http://x/\"}").len(), 1);
    }

    #[test]
    fn a_database_that_a_failed_script_leaves_behind_is_in_the_way_of_the_next_attempt() {
        let book = |script: &str| {
            format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, run: {script}}}\n")
        };
        let found = of("HP206", &book("createdb t; pg_restore -d t a.dump; dropdb t"));
        assert_eq!(found, ["5:18 createdb t"]);
        assert!(of("HP206", &book("dropdb --if-exists t; createdb t; dropdb t")).is_empty());
        assert!(of("HP206", &book("createdb t")).is_empty());
    }

    #[test]
    fn what_is_the_same_the_second_time_is() {
        for step in [
            "run: mkdir -p a",
            "run: dropdb --if-exists shop; createdb shop",
            "run: psql -c \"CREATE TABLE IF NOT EXISTS a (b int)\"",
            "run: curl -f -X PUT -d a=b http://x/",
            "run: start >> /var/log/a.log",
        ] {
            assert!(found(step).is_empty(), "{step}");
        }
        assert!(found("gate: true\n    run: createdb shop").is_empty());
    }
}
