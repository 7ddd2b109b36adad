//! HP507: who is to be called must be reachable.

use crate::document::Node;
use crate::lint::scene::{Scene, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::runbook::library::Library;
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP507",
    name: "unreachable-contact",
    severity: Severity::Warning,
    confidence: Confidence::Medium,
    profile: Profile::Standard,
    fix: None,
    about: "Somebody who is to be called has no address: a role that the library does not know, one \
            without a channel, or a choice such as `PagerDuty/Opsgenie`.",
    why: "\"On-call, then the CTO\" does not say which number to dial. Whoever has to find it out at \
          three in the morning loses the minutes that the escalation was to save. A mailbox alone \
          wakes nobody.",
    bad: include_str!("../../examples/HP507.bad.yaml"),
    good: include_str!("../../examples/HP507.good.yaml"),
    source: "practice: four of the five source documents name roles without an address",
    check: Check::Scene(check),
};

const HELP: &str = "give the role an entry with a `channel` in `contacts` of holdpoint.yaml: a \
                    number, a page or a chat room";

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let calls = scene.key("escalation").map(|(_, calls)| calls);
    for call in calls.map(one_or_many).unwrap_or_default() {
        let to = if call.as_mapping().is_some() {
            entry(call, "to").map(|(_, to)| to)
        } else {
            Some(call)
        };
        for who in to.map(one_or_many).unwrap_or_default() {
            let Some(name) = who.as_str() else { continue };
            if let Some(message) = unreachable(name, scene.library) {
                findings.push(Finding::new(&RULE, who.span, message).help(HELP));
            }
        }
    }
    let owner = scene.key("owner").map(|(_, owner)| owner);
    let owner = owner.and_then(|owner| Some((owner.span, owner.as_str()?.trim())));
    let is_strange =
        |name: &str| !name.is_empty() && !scene.library.knows(name) && !is_address(name);
    if let Some((at, name)) = owner.filter(|(_, name)| is_strange(name)) {
        let message = format!("`{name}` owns this runbook, and is none of the library's contacts");
        findings.push(Finding::new(&RULE, at, message).help(HELP));
    }
}

/// The same for the contacts of a library, of which this is the document.
pub fn check_library(document: &Node, findings: &mut Findings) {
    let contacts = entry(document, "contacts").and_then(|(_, list)| list.as_sequence());
    let contacts = contacts.unwrap_or_default();
    let text = |contact: &Node, key| {
        entry(contact, key).and_then(|(_, node)| node.as_str()).unwrap_or_default().to_owned()
    };
    for contact in contacts {
        let (role, channel) = (text(contact, "role"), text(contact, "channel"));
        let message = if channel.is_empty() {
            format!("nothing says how `{role}` is reached")
        } else if is_choice(&channel) {
            format!("`{channel}` is a choice of two, and no address")
        } else if !is_address(&channel) {
            format!("`{channel}` names a product or a person, and no address")
        } else {
            continue;
        };
        findings.push(Finding::new(&RULE, contact.span, message).help(HELP));
    }
    let is_mailbox = |contact: &Node| is_mailbox(&text(contact, "channel"));
    if let Some(first) = contacts.first().filter(|_| contacts.iter().all(is_mailbox)) {
        let message = "every contact is a mailbox, and a mailbox wakes nobody";
        findings.push(Finding::new(&RULE, first.span, message).help(HELP));
    }
}

fn one_or_many(node: &Node) -> &[Node] {
    node.as_sequence().unwrap_or(std::slice::from_ref(node))
}

/// Why somebody cannot be reached, where that is so.
fn unreachable(name: &str, library: &Library) -> Option<String> {
    if is_choice(name) {
        return Some(format!("`{name}` is a choice of two, and nobody says which is called"));
    }
    if is_address(name) {
        return None;
    }
    let known = library.called(name);
    let channels: Vec<&str> =
        known.map(|contact| contact.channel.as_deref().unwrap_or_default()).collect();
    match channels.as_slice() {
        [] => {
            Some(format!("`{name}` is to be called, and no contact of the library has that role"))
        }
        channels if channels.iter().any(|channel| is_address(channel)) => None,
        _ => Some(format!("`{name}` is to be called, and nothing says how to reach them")),
    }
}

/// Two products or people with a stroke or an `or` between them.
fn is_choice(text: &str) -> bool {
    let has_stroke = text.split_once('/').is_some_and(|(one, other)| {
        let is_name = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_uppercase())
                && part.chars().all(|c| c.is_alphanumeric() || " -_".contains(c))
        };
        is_name(one.trim()) && is_name(other.trim())
    });
    has_stroke || text.contains(" or ")
}

/// Whether somebody can be reached by this: a mailbox, a number, a URL or a host, a chat room.
fn is_address(text: &str) -> bool {
    let text = text.trim();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let has_dot = text.split_once('.').is_some_and(|(one, other)| {
        !one.is_empty() && !other.is_empty() && !text.contains(char::is_whitespace)
    });
    let is_room = text.starts_with('#') && text.len() > 1;
    let is_keyed = text.split_once(':').is_some_and(|(_, key)| !key.trim().is_empty());
    is_mailbox(text) || digits >= 5 || has_dot || is_room || is_keyed
}

fn is_mailbox(text: &str) -> bool {
    let parts = text.trim().split_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !text.trim().contains(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::parse;
    use crate::lint::testing::found_beside;
    use crate::source::{Problems, Source};

    const LIBRARY: &str = "holdpoint: 1\ncontacts:\n  - {role: dba, name: Grace, channel: \"+49 30 12345\"}\n  \
                           - {role: chief}\n";

    fn called(who: &str) -> Vec<String> {
        let book =
            format!("holdpoint: 1\nid: x\ntitle: X\nescalation: [{{to: {who}}}]\nsteps: []\n");
        let found = found_beside(LIBRARY, &book);
        found.into_iter().filter(|finding| finding.starts_with("HP507")).collect()
    }

    #[test]
    fn whoever_is_called_must_have_a_way_to_be_reached() {
        assert_eq!(called("dba"), Vec::<String>::new());
        assert_eq!(called("DBA"), Vec::<String>::new());
        assert_eq!(called("\"#ops-room\""), Vec::<String>::new());
        assert_eq!(called("chief"), ["HP507 4:19 chief"]);
        assert_eq!(called("[dba, vendor]"), ["HP507 4:25 vendor"]);
        assert_eq!(called("PagerDuty/Opsgenie"), ["HP507 4:19 PagerDuty/Opsgenie"]);
    }

    #[test]
    fn an_owner_is_one_of_the_contacts_where_there_are_any() {
        let book =
            |owner: &str| format!("holdpoint: 1\nid: x\ntitle: X\nowner: {owner}\nsteps: []\n");
        let is_found = |library: &str, owner: &str| {
            found_beside(library, &book(owner)).iter().any(|it| it.starts_with("HP507"))
        };
        assert!(is_found(LIBRARY, "somebody"));
        assert!(!is_found(LIBRARY, "Grace") && !is_found(LIBRARY, "dba"));
        assert!(!is_found("holdpoint: 1\n", "somebody"));
    }

    fn in_library(contacts: &str) -> Vec<String> {
        let source = Source::new("holdpoint.yaml", format!("contacts:\n{contacts}"));
        let document = parse(&source, &mut Problems::default()).unwrap();
        let mut findings = Findings::default();
        check_library(&document, &mut findings);
        findings.sorted().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_contacts_of_a_library_have_addresses_and_not_only_mailboxes() {
        assert_eq!(in_library("  - {role: on-call}\n"), ["nothing says how `on-call` is reached"]);
        assert_eq!(
            in_library("  - {role: a, channel: PagerDuty}\n"),
            ["`PagerDuty` names a product or a person, and no address"]
        );
        assert_eq!(
            in_library("  - {role: a, channel: PagerDuty/Opsgenie}\n"),
            ["`PagerDuty/Opsgenie` is a choice of two, and no address"]
        );
        assert_eq!(
            in_library("  - {role: a, channel: a@b.test}\n  - {role: b, channel: b@b.test}\n"),
            ["every contact is a mailbox, and a mailbox wakes nobody"]
        );
        let good =
            "  - {role: a, channel: a@b.test}\n  - {role: b, channel: \"https://pd.test/b\"}\n";
        assert_eq!(in_library(good), Vec::<String>::new());
    }
}
