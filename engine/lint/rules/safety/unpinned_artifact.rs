//! HP210: what is fetched or restored must be the same the second time.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::lint::scene::{Known, Role, Scene, Script};
use crate::lint::shell::{Command, Word};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP210",
    name: "unpinned-artifact",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command takes whatever is the newest: `latest.sql.gz`, an image without a fixed tag, a \
            package `@latest`, `git clone` without a ref, the last line of a list.",
    why: "What is newest changes between two attempts, and between the check and the restore. The \
          newest backup may be the one that already holds the damage, and the newest image may be \
          the cause of the incident.",
    bad: include_str!("../../examples/HP210.bad.yaml"),
    good: include_str!("../../examples/HP210.good.yaml"),
    source: "practice: all five source documents restore or deploy something called `latest`",
    check: Check::Scene(check),
};

/// `latest` as a whole part of a name.
static LATEST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(^|[/_.:@=-])latest([/_.-]|$)").expect("the pattern is valid")
});

/// An image with a tag that moves: none but a word, or only the first parts of a version.
static IMAGE: LazyLock<Regex> = LazyLock::new(|| {
    let pattern =
        r"^[a-z0-9][a-z0-9._-]*(:[0-9]+/)?[a-z0-9._/-]*:([a-z]+|v?[0-9]+(-[a-z]+[0-9.]*)?)$";
    Regex::new(pattern).expect("the pattern is valid")
});

/// The line of an image in a manifest.
static IMAGE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^[ \t-]*image:[ \t]*["']?([^\s"'#]+)"#).expect("the pattern is valid")
});

/// Programs that print or search their words, or make the link that is called so.
const NOT_TAKEN: [&str; 8] = ["echo", "printf", "grep", "ln", "test", "[", "[[", "awk"];

const HELP: &str =
    "let a person pick one and keep it: an input with `choices_from` and `late: true`";

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| script.role == Role::Action) {
        let is_read =
            script.step.is_some_and(|step| scene.steps[step].text("effect") == Some("read"));
        let mut found: Vec<(Range<usize>, String, &str)> = Vec::new();
        for (place, command) in script.commands.iter().enumerate() {
            named_latest(command, script, &mut found);
            images(command, script, &mut found);
            if !is_read {
                newest(place, script, &mut found);
            }
            clones(place, script, &mut found);
            builds(command, &mut found);
        }
        found.sort_by_key(|(range, ..)| (range.start, range.end));
        found.dedup_by(|one, other| one.0.start < other.0.end && other.0.start < one.0.end);
        for (range, message, help) in found {
            let at = script.place(&range, scene.source);
            let finding = Finding::new(&RULE, at, message).help(help);
            findings.push(scene.in_step(finding, script.step));
        }
    }
}

type Found = Vec<(Range<usize>, String, &'static str)>;

/// Words with `latest` in them, files that are read included.
fn named_latest(command: &Known<'_>, script: &Script<'_>, found: &mut Found) {
    if NOT_TAKEN.contains(&command.program()) {
        return;
    }
    let read = command.redirects.iter().filter(|it| it.reads()).map(|it| &it.target);
    let copies = matches!(command.program(), "cp" | "mv") && !is_fetch(command);
    let words = command.arguments();
    let taken = if copies { &words[..words.len().saturating_sub(1)] } else { words };
    for word in taken.iter().chain(read) {
        let is_named = |word: &&Word| {
            let text = word.text.as_str();
            !text.starts_with('-')
                && !text.ends_with(".log")
                && !text.contains('\n')
                && LATEST.is_match(text)
        };
        if Some(word).filter(is_named).is_some() {
            let written = script.text.get(word.range.clone()).unwrap_or(&word.text);
            let message = format!("`{written}` is whatever is the newest at the moment");
            found.push((word.range.clone(), message, HELP));
        }
    }
}

fn is_fetch(command: &Command) -> bool {
    command.arguments().iter().any(|word| word.text.contains("://"))
}

/// Images with a moving tag, in commands of a container engine and in manifests.
fn images(command: &Known<'_>, script: &Script<'_>, found: &mut Found) {
    const HELP: &str = "name the exact version, best by its digest: `NAME@sha256:…`";
    let is_engine = |program: &str| matches!(program, "docker" | "podman" | "nerdctl");
    let own = Some(command.words.as_slice()).filter(|_| is_engine(command.program()));
    // What `docker run` runs is a command of its own, and it is what runs that.
    let outer = command.wrappers.iter().filter(|wrapper| is_engine(&wrapper.program));
    for words in own.into_iter().chain(outer.map(|wrapper| wrapper.words.as_slice())) {
        for word in images_of(words) {
            let message = format!("the tag of `{}` moves on", word.text);
            found.push((word.range.clone(), message, HELP));
        }
    }
    for body in command.redirects.iter().filter(|redirect| redirect.operator.starts_with("<<")) {
        let range = body.target.range.clone();
        let Some(text) = script.text.get(range.clone()) else { continue };
        for captures in IMAGE_LINE.captures_iter(text) {
            let Some(image) = captures.get(1) else { continue };
            let is_bare = !image.as_str().contains([':', '@', '$', '{']);
            if is_bare || IMAGE.is_match(image.as_str()) {
                let at = range.start + image.start()..range.start + image.end();
                let message = format!("the tag of `{}` moves on", image.as_str());
                found.push((at, message, HELP));
            }
        }
    }
}

/// The images with a moving tag that a container engine is to take.
fn images_of(words: &[Word]) -> impl Iterator<Item = &Word> {
    let verb = words.get(1).map(|word| word.text.as_str());
    let takes_one = matches!(verb, Some("run" | "pull" | "create"));
    let mut is_value = false;
    words.iter().skip(2).filter(move |word| {
        let text = word.text.as_str();
        let takes = text.starts_with('-')
            && !text.contains('=')
            && !matches!(text, "--rm" | "-d" | "-i" | "-t" | "-it" | "-ti" | "-q");
        let was_value = std::mem::replace(&mut is_value, takes);
        takes_one && !was_value && IMAGE.is_match(text)
    })
}

/// `ls … | tail -1` and the like.
fn newest(place: usize, script: &Script<'_>, found: &mut Found) {
    let command = &script.commands[place];
    let counts_one = command
        .arguments()
        .iter()
        .any(|word| matches!(word.text.as_str(), "-1" | "-n1" | "--lines=1"))
        || command.arguments().windows(2).any(|pair| pair[0].text == "-n" && pair[1].text == "1");
    let is_one = matches!(command.program(), "head" | "tail") && counts_one;
    if !is_one || command.pipe.place == 0 {
        return;
    }
    let mut same = super::recovery::pipeline(script, place);
    let Some(first) = same.find(|it| it.pipe.place == 0) else { return };
    let lists = match first.program() {
        "ls" | "find" => true,
        _ => first.arguments().iter().any(|word| matches!(word.text.as_str(), "ls" | "list")),
    };
    if lists {
        let message = "this takes the newest one, whichever that is at the moment".to_owned();
        found.push((first.range.start..command.range.end, message, HELP));
    }
}

/// `git clone` without a ref that is fixed.
fn clones(place: usize, script: &Script<'_>, found: &mut Found) {
    let command = &script.commands[place];
    let has = |command: &Command, wanted: &[&str]| {
        command.arguments().iter().any(|word| {
            let name = word.text.split('=').next().unwrap_or_default();
            wanted.contains(&name)
        })
    };
    let is_clone = command.program() == "git" && has(command, &["clone"]);
    if !is_clone || has(command, &["-b", "--branch", "--revision"]) {
        return;
    }
    let fixes = |later: &Known<'_>| {
        later.program() == "git" && has(later, &["checkout", "switch", "reset"])
    };
    if !script.commands[place + 1..].iter().take(64).any(fixes) {
        let message = "this takes what the default branch holds at the moment".to_owned();
        let help = "name the tag that is known to work: `git clone --branch v1.2.3`";
        found.push((command.range.clone(), message, help));
    }
}

/// Images that are built during the incident.
fn builds(command: &Known<'_>, found: &mut Found) {
    let words: Vec<&str> = command.arguments().iter().map(|word| word.text.as_str()).collect();
    let is_build = match command.program() {
        "docker" | "podman" => {
            words.first() == Some(&"build")
                || (words.first() == Some(&"compose")
                    && (words.contains(&"build") || words.contains(&"--build")))
        }
        "docker-compose" => words.contains(&"build") || words.contains(&"--build"),
        _ => false,
    };
    if is_build {
        let message =
            "this builds an image anew, from what its sources are at the moment".to_owned();
        found.push((
            command.range.clone(),
            message,
            "deploy the image that was tested, by its digest",
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn found(lines: &[&str]) -> Vec<String> {
        let script: String = lines.iter().map(|line| format!("      {line}\n")).collect();
        let head = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - id: a\n    run: |\n";
        of("HP210", &format!("{head}{script}"))
    }

    #[test]
    fn what_is_the_newest_at_the_moment_is_found() {
        for (line, marked) in [
            ("gunzip -c backups/latest.sql.gz | psql shop", "backups/latest.sql.gz"),
            ("pg_restore -d shop < latest_backup.dump", "latest_backup.dump"),
            ("aws s3 cp s3://backups/latest/db.dump .", "s3://backups/latest/db.dump"),
            ("./restore-database.sh latest", "latest"),
            ("kubectl set image deploy/api api=shop/api:latest", "api=shop/api:latest"),
            ("npm install -g shop-cli@latest", "shop-cli@latest"),
            ("docker run --rm -p 80:80 postgres:16-alpine true", "postgres:16-alpine"),
            ("docker pull shop:main", "shop:main"),
            ("git clone https://git.shop.test/api.git", "git clone https://git.shop.test/api.git"),
            ("f=$(ls -t /b/*.gz | head -1)", "ls -t /b/*.gz | head -1"),
            ("f=$(aws s3 ls s3://b/ | sort | tail -n 1)", "aws s3 ls s3://b/ | sort | tail -n 1"),
            ("docker compose up -d --build api", "docker compose up -d --build api"),
        ] {
            let found = found(&[line]);
            assert_eq!(found.len(), 1, "{line}: {found:?}");
            assert!(found[0].ends_with(&format!(" {marked}")), "{line}: {found:?}");
        }
        assert_eq!(
            found(&["kubectl apply -f - <<'EOF'", "  image: postgres:16-alpine", "EOF"]),
            ["8:16 postgres:16-alpine"]
        );
    }

    #[test]
    fn what_is_fixed_or_only_named_so_is_not() {
        for line in [
            "gunzip -c backups/shop-20.sql.gz | psql shop",
            "docker run --rm postgres:16.4-alpine3.20 true",
            "docker pull shop@sha256:0011",
            "echo latest",
            "tail -n 5 latest.log",
            "cp new.dump latest.dump",
            "git clone --branch v1.2.3 https://git.shop.test/api.git",
            "git clone https://git.shop.test/a.git && git -C a checkout v1.2.3",
            "ls -t /b | head -5",
            "cat notes | tail -1",
            "psql -h db -p 5432",
        ] {
            assert!(found(&[line]).is_empty(), "{line}: {:?}", found(&[line]));
        }
    }
}
