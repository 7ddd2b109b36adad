//! How a step that a person does is answered in a file of answers.

use crate::run::event::{AnswerAsked, EvidenceAsked, ItemQuestion};

/// The answer that would say a step is done, its values left open.
pub fn done(answers: &[AnswerAsked], evidence: &[EvidenceAsked]) -> String {
    let answers = answers.iter().filter(|it| !it.is_optional).map(|it| it.name.as_str());
    let evidence = evidence.iter().filter(|it| !it.is_optional).map(|it| it.name.as_str());
    let parts: Vec<String> = [
        part("answers", &answers.collect::<Vec<_>>()),
        part("evidence", &evidence.collect::<Vec<_>>()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { "done".into() } else { format!("{{{}}}", parts.join(", ")) }
}

/// The answer that would tick an item.
pub fn ticked(asked: &ItemQuestion) -> String {
    let evidence = asked.evidence.iter().filter(|it| !it.is_optional).map(|it| it.name.as_str());
    let evidence = part("evidence", &evidence.collect::<Vec<_>>());
    let tick = evidence.map_or_else(|| "done".into(), |it| format!("{{done: true, {it}}}"));
    let item = serde_json::to_string(&asked.item).unwrap_or_default();
    format!("{{items: {{{item}: {tick}}}}}")
}

fn part(key: &str, names: &[&str]) -> Option<String> {
    let quoted = |name: &&str| {
        let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        let quoted = || serde_json::to_string(name).unwrap_or_default();
        if is_plain { format!("{name}: VALUE") } else { format!("{}: VALUE", quoted()) }
    };
    let names: Vec<String> = names.iter().map(quoted).collect();
    (!names.is_empty()).then(|| format!("{key}: {{{}}}", names.join(", ")))
}
