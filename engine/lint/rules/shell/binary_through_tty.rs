//! HP407: bytes go through a terminal, which changes them.

use crate::lint::rules::{change, facts};
use crate::lint::scene::{Known, Scene, Script};
use crate::lint::shell::Wrapper;
use crate::lint::{Check, Confidence, Edit, Findings, Profile, Rule, Safety};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP407",
    name: "binary-through-tty",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Safe),
    about: "What a command reads or writes goes through the terminal of a container.",
    why: "A terminal is for people: it turns every line feed into two characters and gives some bytes \
          a meaning. A dump that was written through it is corrupt, and nobody sees that before it is \
          restored. `docker exec -t` and `kubectl exec -t` ask for one, and `docker compose exec` does \
          so unless `-T` is given; without a person at a terminal they may refuse to start at all.",
    bad: include_str!("../../examples/HP407.bad.yaml"),
    good: include_str!("../../examples/HP407.good.yaml"),
    source: "https://docs.docker.com/reference/cli/docker/compose/exec/",
    check: Check::Scene(check),
};

/// What shows or picks lines of a text, to which a terminal does little harm.
const TEXTUAL: &[&str] = &[
    "grep", "egrep", "fgrep", "rg", "head", "tail", "awk", "sed", "wc", "tr", "cut", "jq", "sort",
    "uniq", "less", "more", "xargs", "while", "read", "column", "nl",
];
const RUNNERS: &[&str] =
    &["docker", "podman", "nerdctl", "docker-compose", "podman-compose", "kubectl", "oc"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            let Some(runner) = command.run_by(RUNNERS).filter(|it| has_tty(it)) else { continue };
            let Some(way) = way(script, command, runner) else { continue };
            let message = format!(
                "`{}` {way} through a terminal, which changes its bytes",
                command.program()
            );
            let finding = facts::finding(&RULE, scene, script, &command.range, message);
            let (help, edits) = way_out(scene, script, runner);
            let finding = finding.help(help);
            findings.push(match edits {
                Some(edits) => finding.fix(Safety::Safe, help, edits),
                None => finding,
            });
        }
    }
}

/// Whether a runner is asked for a terminal, or gives one by itself.
fn has_tty(runner: &Wrapper) -> bool {
    if is_compose(runner) {
        let off = ["-T", "--no-TTY", "--no-tty", "-d", "--detach"];
        return runner.has_option(&off).is_none();
    }
    let asked = runner.has_option(&["-t", "--tty"]);
    asked.is_some_and(|word| !word.text.ends_with("=false"))
}

fn is_compose(runner: &Wrapper) -> bool {
    runner.program.ends_with("-compose") || runner.words.iter().any(|word| word.text == "compose")
}

/// Which way the bytes of a command go.
fn way(script: &Script<'_>, command: &Known<'_>, runner: &Wrapper) -> Option<&'static str> {
    // A redirection inside of the words that the runner is given is made in the container.
    let is_inside = |at: usize| {
        let is_script = command.wrappers.last().is_some_and(|last| last.program != runner.program);
        is_script && command.range.contains(&at)
    };
    let outer =
        || command.redirects.iter().filter(|redirect| !is_inside(redirect.target.range.start));
    let pipe = runner.pipe;
    let is_next =
        |it: &&Known<'_>| it.pipe.number == pipe.number && it.pipe.place == pipe.place + 1;
    let has_next = pipe.place + 1 < pipe.length;
    let next = script.commands.iter().filter(|_| has_next).find(is_next);
    let is_kept = outer().any(|it| it.keeps_output() && it.target.text != "/dev/null");
    let is_piped = next.is_some_and(|next| !TEXTUAL.contains(&next.program()));
    if is_kept || is_piped {
        return Some("writes");
    }
    let reads = outer().any(|it| it.operator == "<" && it.target.text != "/dev/null");
    (reads || pipe.place > 0).then_some("reads")
}

fn way_out(
    scene: &Scene<'_>,
    script: &Script<'_>,
    runner: &Wrapper,
) -> (&'static str, Option<Vec<Edit>>) {
    if is_compose(runner) {
        let sub = runner.words.iter().find(|word| matches!(&*word.text, "exec" | "run"));
        let edits = sub.and_then(|word| change::behind(scene, script, word, &["-T"]));
        return ("add `-T`", edits);
    }
    let Some(word) = runner.has_option(&["-t", "--tty"]) else { return ("drop `-t`", None) };
    let is_cluster = !word.text.starts_with("--") && word.text.len() > 2;
    let edits = if is_cluster {
        let rest = word.text.replacen('t', "", 1);
        change::replaced(scene, script, &word.range, &rest)
    } else {
        change::without(scene, script, word)
    };
    ("drop `-t`", edits)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{fixed, of_script};

    #[test]
    fn what_is_kept_must_not_go_through_a_terminal() {
        for script in [
            "kubectl exec -it db-0 -- pg_dump -Fc x > f",
            "docker exec -t db pg_dump -Fc x > f",
            "docker compose exec db pg_dump -Fc x > f",
            "docker-compose exec db sh -c 'pg_dump x' > f",
            "docker exec -it db pg_dump x | gzip > f",
            "docker compose exec db psql x < f",
            "gunzip -c f | docker compose exec db psql x",
        ] {
            assert_eq!(of_script("HP407", script).len(), 1, "{script}");
        }
    }

    #[test]
    fn without_a_terminal_or_with_text_there_is_no_harm() {
        for script in [
            "docker exec -i db pg_dump x > f",
            "docker compose exec -T db pg_dump x > f",
            "docker exec -t db pg_dump x > /dev/null",
            "docker exec -t db ps | grep x",
            "docker exec -t db sh -c 'pg_dump x > /tmp/f'",
            "docker compose exec db sh -c 'pg_dump x | gzip > /tmp/f'",
            "docker compose exec db ls",
            "kubectl exec db-0 -- pg_dump x > f",
        ] {
            assert!(of_script("HP407", script).is_empty(), "{script}");
        }
    }

    #[test]
    fn the_terminal_is_taken_away() {
        let book = |run: &str| {
            format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: {run}\n")
        };
        for (before, after) in [
            ("kubectl exec -it a -- b > f", "kubectl exec -i a -- b > f"),
            ("docker exec -t a b > f", "docker exec a b > f"),
            ("docker exec -i --tty a b > f", "docker exec -i a b > f"),
            ("docker compose exec a b > f", "docker compose exec -T a b > f"),
        ] {
            assert_eq!(fixed("HP407", &book(before)), book(after));
        }
    }
}
