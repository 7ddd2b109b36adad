//! HP405: time is taken for readiness.

use crate::document::Node;
use crate::lint::knowledge::Kind;
use crate::lint::rules::facts;
use crate::lint::scene::{Known, Part, Role, Scene, Script};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP405",
    name: "fixed-sleep",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A fixed time is waited for something to be ready, or it is looked for at once.",
    why: "Thirty seconds are too long on a good day and too short on the bad one: the database still \
          replays its log, the next step meets it half started, and the runbook fails in a place that \
          has nothing to do with the reason. A probe with `within` goes on as soon as the service \
          answers, and says so when it does not. The same holds for a look right after a start: \
          without `within` it is taken once, and mostly too early.",
    bad: include_str!("../../examples/HP405.bad.yaml"),
    good: include_str!("../../examples/HP405.good.yaml"),
    source: "practice: four of the five source documents wait 10 or 30 seconds for a database",
    check: Check::Scene(check),
};

const HELP: &str = "look for what is waited for: `wait: {until: {run: …, within: 2m}}`, or `verify` with \
                    a probe that has `within`";

/// What is run to see whether a service is there.
const LOOKS: &[&str] = &["curl", "wget", "pg_isready", "nc", "mysqladmin", "redis-cli", "grpcurl"];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        sleeps(scene, script, findings);
        looks_at_once(scene, script, findings);
    }
    for step in 0..scene.steps.len() {
        fixed_wait(scene, step, findings);
    }
    let starting: Vec<bool> = starting(scene);
    for script in &scene.scripts {
        probe_at_once(scene, script, &starting, findings);
        run_at_once(scene, script, &starting, findings);
    }
}

fn sleeps(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    for command in script.commands.iter().filter(|command| command.program() == "sleep") {
        let around = command.around;
        let length = command.arguments().first().map_or("", |word| &word.text);
        let is_short = seconds(length).is_some_and(|length| length < 2.0);
        if around.is_repeated || around.is_background || is_short || length == "infinity" {
            continue;
        }
        let message = format!("`sleep {length}` waits a fixed time, whatever happens meanwhile");
        findings.push(facts::finding(&RULE, scene, script, &command.range, message).help(HELP));
    }
}

/// How long a `sleep` takes, where that is written out.
fn seconds(length: &str) -> Option<f64> {
    let number = length.trim_end_matches(['s', 'm', 'h', 'd']);
    let unit = match length.strip_prefix(number)? {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * unit)
}

/// A step that only lets time pass.
fn fixed_wait(scene: &Scene<'_>, step: usize, findings: &mut Findings) {
    let entry = &scene.steps[step];
    let Some(wait) = entry.key("wait").filter(|_| entry.action == "wait") else { return };
    let Some(length) = wait.as_str() else { return };
    if seconds(length).is_some_and(|length| length < 2.0) {
        return;
    }
    let message = format!("`{}` waits {length}, whatever happens meanwhile", entry.id);
    let finding = Finding::new(&RULE, wait.span, message).step(&entry.path).help(HELP);
    findings.push(finding);
}

/// A look in the script that has just started what it looks for.
fn looks_at_once(scene: &Scene<'_>, script: &Script<'_>, findings: &mut Findings) {
    let mut started: Option<&Known<'_>> = None;
    for command in &script.commands {
        if is_start(command) {
            started = Some(command);
        } else if is_wait(command) || command.around.is_repeated {
            started = None;
        } else if let Some(start) = started.filter(|_| is_look(command)) {
            let message = format!(
                "`{}` looks once, right after `{}` was started",
                command.program(),
                start.text()
            );
            let finding = facts::finding(&RULE, scene, script, &command.range, message).help(HELP);
            let at = script.place(&start.range, scene.source);
            findings.push(finding.related(at, "started here"));
            started = None;
        }
    }
}

fn is_look(command: &Known<'_>) -> bool {
    let is_patient = command.has_option(&["--retry", "--retry-connrefused"]).is_some();
    LOOKS.contains(&command.program()) && !is_patient && !command.around.is_tested
}

/// Whether a command returns before what it starts is ready.
fn is_start(command: &Known<'_>) -> bool {
    let waits = command.has_option(&["--wait", "--wait-timeout", "--atomic"]).is_some();
    let starts = match (command.program(), operands(command).as_slice()) {
        // It waits unless it is told not to.
        ("pg_ctl" | "pg_ctlcluster", _) => false,
        ("kubectl", ["rollout", "restart" | "undo", ..]) => true,
        _ => command.facts.iter().any(|fact| fact.kind == Kind::Starts),
    };
    starts && !waits
}

/// The operands of a command, without the values of the options that stand before a subcommand.
fn operands<'c>(command: &'c Known<'_>) -> Vec<&'c str> {
    let with_value = ["-f", "--file", "-p", "--project-name", "-n", "--namespace", "--context"];
    command.operands(&with_value).into_iter().map(|word| word.text.as_str()).collect()
}

/// Whether a command waits for what was started.
fn is_wait(command: &Known<'_>) -> bool {
    match (command.program(), operands(command).as_slice()) {
        ("sleep", _) => true,
        ("kubectl", ["rollout", "status", ..] | ["wait", ..]) => true,
        ("docker" | "podman", ["wait", ..]) => true,
        ("argocd", ["app", "wait", ..]) => true,
        (program, _) => program.contains("wait-for") || program.contains("wait_for"),
    }
}

/// Which entries end with something that has just been started.
fn starting(scene: &Scene<'_>) -> Vec<bool> {
    let mut starting = vec![false; scene.steps.len()];
    for script in scene.scripts.iter().filter(|script| script.role == Role::Action) {
        let Some(step) = script.step else { continue };
        for command in &script.commands {
            if is_start(command) {
                starting[step] = true;
            } else if is_wait(command) || is_look(command) || command.around.is_repeated {
                starting[step] = false;
            }
        }
    }
    starting
}

/// A probe that looks once, right after a start: of the step itself, or the next step.
fn probe_at_once(
    scene: &Scene<'_>,
    script: &Script<'_>,
    starting: &[bool],
    findings: &mut Findings,
) {
    let Some(step) = script.step else { return };
    let start = match script.role {
        Role::Verify => Some(step),
        Role::Look => previous(scene, step),
        _ => None,
    };
    let Some(start) = start.filter(|start| starting[*start]) else { return };
    let is_patient = script.key("within").is_some()
        || (script.role == Role::Look && scene.inherited(step, "retry").is_some())
        || matches!(scene.steps[step].action, "wait" | "watch") && script.role == Role::Look
        || script.commands.iter().any(|command| is_wait(command) || command.around.is_repeated);
    if is_patient {
        return;
    }
    let id = &scene.steps[start].id;
    let message = format!("this looks once, right after `{id}` has started what it looks for");
    let path = &scene.steps[step].path;
    let finding = Finding::new(&RULE, script.node.span, message).step(path);
    let finding = finding.help("say how long it may take: `within: 2m` beside `run`");
    let at = scene.steps[start].key_span("run").unwrap_or(scene.steps[start].id.span);
    findings.push(finding.related(at, "started here"));
}

/// A step that begins with a look, right after one that has started something.
fn run_at_once(scene: &Scene<'_>, script: &Script<'_>, starting: &[bool], findings: &mut Findings) {
    let Some(step) = script.step.filter(|_| script.role == Role::Action) else { return };
    let start = previous(scene, step).filter(|start| starting[*start]);
    let first = script.commands.first().filter(|command| is_look(command));
    let (Some(start), Some(command)) = (start, first) else { return };
    if scene.inherited(step, "retry").is_some() {
        return;
    }
    let id = &scene.steps[start].id;
    let message = format!("`{}` looks once, right after the step `{id}`", command.program());
    let finding = facts::finding(&RULE, scene, script, &command.range, message);
    let at = scene.steps[start].key_span("run").unwrap_or(scene.steps[start].id.span);
    findings.push(finding.related(at, "started here").help(HELP));
}

/// The step of the same list before another, where `needs` says nothing else.
fn previous(scene: &Scene<'_>, step: usize) -> Option<usize> {
    let own = &scene.steps[step];
    let before = step.checked_sub(1)?;
    let sibling = scene.around(before).find(|at| scene.steps[*at].parent == own.parent)?;
    let is_plain = own.part == Part::Step
        && own.key("needs").is_none_or(|needs| {
            let mut names = needs.as_sequence().unwrap_or(std::slice::from_ref(needs)).iter();
            names.any(|name| Node::as_str(name) == Some(scene.steps[sibling].id.as_str()))
        });
    (is_plain && sibling != step).then_some(sibling)
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::of_script;

    fn steps(steps: &str) -> Vec<String> {
        of("HP405", &format!("holdpoint: 1\nid: x\ntitle: X\nsteps:\n{steps}"))
    }

    #[test]
    fn a_fixed_time_is_found() {
        assert_eq!(of_script("HP405", "sleep 30; pg_isready"), ["7:7 sleep 30"]);
        assert_eq!(of_script("HP405", "sleep $n"), ["7:7 sleep $n"]);
        assert_eq!(steps("  - {id: a, wait: 30s}\n"), ["5:19 30s"]);
    }

    #[test]
    fn a_pause_between_two_looks_is_none() {
        for script in [
            "until pg_isready; do sleep 5; done",
            "for i in 1 2 3; do pg_isready && break; sleep 5; done",
            "sleep 1",
            "sleep 0.5s",
            "sleep 60 &",
            "echo sleep 30",
        ] {
            assert!(of_script("HP405", script).is_empty(), "{script}");
        }
        assert!(steps("  - {id: a, wait: 1s}\n").is_empty());
        assert!(steps("  - {id: a, wait: {until: {run: 'true'}}}\n").is_empty());
    }

    #[test]
    fn a_look_right_after_a_start_in_one_script_is_found() {
        let found = ["8:7 curl -f h/health"];
        let script = "sudo systemctl start api\n      curl -f h/health";
        assert_eq!(of_script("HP405", script), found);
        for script in [
            "systemctl start api\n      until curl -f h; do sleep 1; done",
            "systemctl start api\n      curl --retry 9 -f h",
            "systemctl stop api\n      curl -f h",
            "kubectl rollout restart d/a\n      kubectl rollout status d/a\n      curl -f h",
            "docker compose up -d --wait\n      curl -f h",
        ] {
            assert!(of_script("HP405", script).is_empty(), "{script}");
        }
    }

    #[test]
    fn a_probe_right_after_a_start_needs_time() {
        let start = "  - id: a\n    run: docker compose -f x.yml up -d\n";
        let verify = |more: &str| format!("{start}    verify: [{{probe: {{run: b{more}}}}}]\n");
        assert_eq!(steps(&verify("")), ["7:28 b"]);
        assert!(steps(&verify(", within: 1m")).is_empty());
        let next = |more: &str| format!("{start}  - {{id: b, probe: {{run: c{more}}}}}\n");
        assert_eq!(steps(&next("")), ["7:26 c"]);
        assert!(steps(&next(", within: 1m")).is_empty());
        let run = |keys: &str| format!("{start}  - {{id: b, run: curl -f c{keys}}}\n");
        assert_eq!(steps(&run("")), ["7:18 curl -f c"]);
        assert!(steps(&run(", retry: {max: 3}")).is_empty());
        let later = format!("{start}  - {{id: b, run: c}}\n  - {{id: d, probe: {{run: e}}}}\n");
        assert!(steps(&later).is_empty());
    }
}
