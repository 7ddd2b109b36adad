//! HP305: what goes over a network can be read or changed on the way.

use std::ops::Range;

use crate::document::Node;
use crate::lint::rules::facts;
use crate::lint::scene::{Known, Scene, Script, entry};
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::source::{Severity, Span};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP305",
    name: "insecure-transport",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: Some(Safety::Unsafe),
    about: "A request goes over plain HTTP to a public host, or the certificate is not checked.",
    why: "Whoever is on the way can read a token that is sent with such a request, and can answer a \
          health check in place of the service. In an incident, and all the more after an attack, that \
          is not far-fetched. Hosts of a private network, and this machine, are not meant.",
    bad: include_str!("../../examples/HP305.bad.yaml"),
    good: include_str!("../../examples/HP305.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/319.html",
    check: Check::Scene(check),
};

/// Options by which a program takes any certificate or host key.
const UNCHECKED: &[(&str, &[&str])] = &[
    ("curl", &["-k", "--insecure", "--proxy-insecure"]),
    ("wget", &["--no-check-certificate"]),
    ("kubectl", &["--insecure-skip-tls-verify"]),
    ("argocd", &["--insecure"]),
    ("etcdctl", &["--insecure-skip-tls-verify"]),
    ("helm", &["--kube-insecure-skip-tls-verify"]),
    ("redis-cli", &["--insecure"]),
    ("aws", &["--no-verify-ssl"]),
];

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in &scene.scripts {
        for command in &script.commands {
            plain(scene, script, command, findings);
            unchecked(scene, script, command, findings);
        }
    }
    requests(scene, findings);
}

/// An address of plain HTTP among the words of a command that would open it.
fn plain(scene: &Scene<'_>, script: &Script<'_>, command: &Known<'_>, findings: &mut Findings) {
    if !matches!(command.program(), "curl" | "wget" | "http" | "git") {
        return;
    }
    for word in command.arguments() {
        let Some(host) = public_host(&word.text) else { continue };
        let finding = facts::finding(&RULE, scene, script, &word.range, message(host));
        let place = script.text.get(word.range.clone()).and_then(|text| text.find("http://"));
        let place = place.map(|at| word.range.start + at..word.range.start + at + "http://".len());
        let span = place.and_then(|place: Range<usize>| script.exact(&place, scene.source));
        findings.push(encrypted(finding, span));
    }
}

fn message(host: &str) -> String {
    format!("the request to `{host}` is not encrypted")
}

fn encrypted(finding: Finding, span: Option<Span>) -> Finding {
    let finding = finding.help("use `https://`");
    match span {
        Some(span) => {
            finding.fix(Safety::Unsafe, "use `https://`", vec![Edit::replace(span, "https://")])
        }
        None => finding,
    }
}

/// The public host of an address of plain HTTP.
fn public_host(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("http://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.split(':').next()?;
    let is_name = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    (is_name && is_public(host)).then_some(host)
}

fn is_public(host: &str) -> bool {
    let inner = [
        ".local",
        ".internal",
        ".svc",
        ".lan",
        ".localdomain",
        ".localhost",
        ".test",
        ".home",
        ".intra",
        ".corp",
        ".private",
        ".consul",
        ".arpa",
    ];
    if !host.contains('.') || inner.iter().any(|end| host.ends_with(end)) {
        return false;
    }
    let numbers: Option<Vec<u8>> = host.split('.').map(|part| part.parse().ok()).collect();
    match numbers.as_deref() {
        Some([0 | 10 | 127, ..] | [192, 168, ..] | [169, 254, ..] | [172, 16..=31, ..]) => false,
        Some(_) => true,
        None => !host.contains(".svc."),
    }
}

/// A command that takes whoever answers for the one that was meant.
fn unchecked(scene: &Scene<'_>, script: &Script<'_>, command: &Known<'_>, findings: &mut Findings) {
    let own = UNCHECKED.iter().find(|(program, _)| *program == command.program());
    let option = own.and_then(|(_, names)| command.has_option(names));
    let is_loopback = command.arguments().iter().any(|word| is_loopback(&word.text));
    if let Some(word) = option.filter(|word| !is_loopback && !word.text.ends_with("=false")) {
        let message = format!("`{}` does not check who answers", command.program());
        let finding = facts::finding(&RULE, scene, script, &word.range, message);
        findings.push(finding.help("name the certificate to trust, such as with `--cacert`"));
    }
    let runners = command.wrappers.iter().map(|it| (it.program.as_str(), it.words.as_slice()));
    let own = [(command.program(), command.words.as_slice())];
    for (program, words) in runners.chain(own) {
        let off = "stricthostkeychecking=no";
        let word = words.iter().find(|word| word.text.to_ascii_lowercase().ends_with(off));
        if let Some(word) = word.filter(|_| matches!(program, "ssh" | "scp" | "sftp" | "rsync")) {
            let message = format!("`{program}` does not check which host answers");
            let finding = facts::finding(&RULE, scene, script, &word.range, message);
            let help = "keep the keys of the hosts in `known_hosts`, or use `accept-new`";
            findings.push(finding.help(help));
        }
    }
}

fn is_loopback(text: &str) -> bool {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| {
        rest.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

/// The addresses of `http`, of a step or of a probe.
fn requests(scene: &Scene<'_>, findings: &mut Findings) {
    let mut open = vec![scene.document];
    while let Some(node) = open.pop() {
        open.extend(node.as_sequence().unwrap_or_default());
        open.extend(node.as_mapping().unwrap_or_default().iter().map(|entry| &entry.value));
        let Some((_, http)) = entry(node, "http") else { continue };
        let url =
            if http.as_str().is_some() { Some(http) } else { entry(http, "url").map(|(_, it)| it) };
        let Some((url, text)) = url.and_then(|url| Some((url, Node::as_str(url)?))) else {
            continue;
        };
        let Some(host) = public_host(text) else { continue };
        let written = url.span_at(0.."http://".len(), scene.source);
        let is_exact = scene.source.text().get(written.start..written.end) == Some("http://");
        let finding = Finding::new(&RULE, url.span, message(host));
        findings.push(encrypted(finding, is_exact.then_some(written)));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;
    use crate::lint::testing::{fixed, of_script};

    #[test]
    fn plain_http_to_a_public_host_is_found() {
        assert_eq!(
            of_script("HP305", "curl -f http://api.example.com/x"),
            ["7:15 http://api.example.com/x"]
        );
        assert_eq!(of_script("HP305", "wget http://8.8.8.8/x"), ["7:12 http://8.8.8.8/x"]);
        let book = "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {id: a, probe: {http: \"http://a.example.com\"}}\n  \
                    - {id: b, http: {url: 'http://b.example.com/${{ run.id }}'}}\n";
        assert_eq!(
            of("HP305", book),
            ["5:27 \"http://a.example.com\"", "6:25 'http://b.example.com/${{ run.id }}'"]
        );
    }

    #[test]
    fn hosts_of_a_private_network_are_silent() {
        for host in [
            "localhost:80",
            "127.0.0.1",
            "10.0.0.1",
            "192.168.1.1",
            "api:8080",
            "api.shop.svc",
            "api.shop.svc.cluster.local",
            "db.internal",
            "$HOST",
            "${{ inputs.host }}",
        ] {
            let script = format!("curl -f http://{host}/health");
            assert!(of_script("HP305", &script).is_empty(), "{script}");
        }
        assert!(
            of_script("HP305", "curl -f https://api.example.com; echo http://a.example.com")
                .is_empty()
        );
    }

    #[test]
    fn who_answers_must_be_checked() {
        for (script, marked) in [
            ("curl -kf https://a.example.com", "-kf"),
            ("wget --no-check-certificate https://a", "--no-check-certificate"),
            ("kubectl --insecure-skip-tls-verify get pods", "--insecure-skip-tls-verify"),
            ("ssh -o StrictHostKeyChecking=no h ls", "StrictHostKeyChecking=no"),
            ("scp -oStrictHostKeyChecking=no a h:", "-oStrictHostKeyChecking=no"),
        ] {
            let column = 7 + script.find(marked).unwrap_or_default();
            assert_eq!(of_script("HP305", script), [format!("7:{column} {marked}")], "{script}");
        }
        assert!(of_script("HP305", "curl -kf https://localhost:8443/health").is_empty());
        assert!(of_script("HP305", "ssh -o StrictHostKeyChecking=accept-new h ls").is_empty());
    }

    #[test]
    fn the_scheme_is_replaced() {
        let book = |scheme: &str| {
            format!(
                "holdpoint: 1\nid: x\ntitle: X\nsteps:\n  - {{id: a, run: 'curl -f \"{scheme}://a.example.com\"'}}\n  \
                 - {{id: b, http: {{url: \"{scheme}://b.example.com\"}}}}\n"
            )
        };
        assert_eq!(fixed("HP305", &book("http")), book("https"));
    }
}
