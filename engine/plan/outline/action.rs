//! What an action says in a plan: the one place that knows every kind of action and look.

mod by_hand;

use std::time::Duration;

use crate::document::duration_text;
use crate::runbook::action::Action;
use crate::runbook::expression::Scope;
use crate::runbook::probe::{Look, Patience, Probe};
use crate::runbook::rendered::Quoting;
use crate::runbook::script::Setting;

use super::Label;

/// What one action says.
pub struct Said {
    /// The key of the runbook.
    pub word: &'static str,
    /// What it is when no gate stands before it.
    pub label: Label,
    /// What is done, as a person reads it; none for groups and decisions.
    pub command: Option<String>,
    /// Whether it runs where its setting says, and as that says.
    pub is_placed: bool,
}

/// What an action says in a setting, with the values that `scope` knows.
pub fn said(action: &Action, setting: &Setting, scope: &dyn Scope) -> Said {
    let group = |word| Said { word, label: Label::WouldRun, command: None, is_placed: false };
    match action {
        Action::Run(script) => Said {
            word: "run",
            label: Label::WouldRun,
            command: Some(script.partly(scope)),
            is_placed: true,
        },
        Action::Probe(probe) => Said {
            word: "probe",
            label: Label::Observed,
            command: Some(look(probe, scope)),
            is_placed: probe.setting.over(setting).is_for_commands(),
        },
        Action::Http(request) => Said {
            word: "http",
            label: Label::WouldRun,
            command: Some(request.partly(scope)),
            is_placed: false,
        },
        Action::Wait(wait) => Said {
            word: "wait",
            label: if wait.probe().is_some() { Label::Observed } else { Label::WouldRun },
            command: Some(wait.text(|probe| look(probe, scope))),
            is_placed: wait.probe().is_some_and(|it| it.setting.over(setting).is_for_commands()),
        },
        Action::Watch(watch) => Said {
            word: "watch",
            label: Label::Observed,
            command: Some(watch.text(|probe| look(probe, scope))),
            is_placed: watch.probe.setting.over(setting).is_for_commands(),
        },
        Action::Notify(notify) => {
            let to = notify.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            let command = Some(format!("notify {}{to}", notify.template));
            Said { word: "notify", label: Label::WouldRun, command, is_placed: false }
        }
        Action::Steps(_) => group("steps"),
        Action::Ladder(_) => group("ladder"),
        Action::Switch(_) => group("switch"),
        Action::Include(include) => {
            let command = Some(format!("include {}", include.path));
            Said { command, ..group("include") }
        }
        Action::Manual(manual) => {
            let command = Some(by_hand::manual(manual, scope));
            Said { label: Label::NeedsPerson, command, ..group("manual") }
        }
        Action::Checklist(checklist) => {
            let command = Some(by_hand::checklist(checklist, scope));
            Said { label: Label::NeedsPerson, command, ..group("checklist") }
        }
        Action::Choose(choose) => {
            let command = Some(by_hand::choose(choose, scope));
            Said { label: Label::NeedsPerson, command, ..group("choose") }
        }
        Action::Decision => Said { label: Label::NeedsPerson, ..group("decision") },
    }
}

/// How long an action takes by itself, from the shortest to the longest, where it says so.
pub fn takes(action: &Action) -> Option<(Duration, Duration)> {
    match action {
        Action::Wait(wait) => wait.takes(),
        Action::Watch(watch) => Some((watch.length, watch.length)),
        Action::Run(_)
        | Action::Http(_)
        | Action::Probe(_)
        | Action::Notify(_)
        | Action::Steps(_)
        | Action::Ladder(_)
        | Action::Switch(_)
        | Action::Include(_)
        | Action::Manual(_)
        | Action::Checklist(_)
        | Action::Choose(_)
        | Action::Decision => None,
    }
}

/// What a probe looks at, as a person reads it, with the values that `scope` knows.
pub fn look(probe: &Probe, scope: &dyn Scope) -> String {
    let text =
        |template: &crate::runbook::template::Template| template.partly(scope, Quoting::Text);
    let seen = match &probe.look {
        Look::Run(script) => script.partly(scope),
        Look::Http(url) => format!("GET {}", text(url)),
        Look::File(path) => format!("file {}", text(path)),
        Look::Tcp(address) => format!("tcp {}", text(address)),
        Look::Dns(dns) => dns.partly(scope).shown(),
        Look::Requires(requires) => requires.shown(),
        Look::Not(inner) => format!("not: {}", look(inner, scope)),
        Look::Switch(on, cases) => {
            let value = on.evaluate(scope).ok().and_then(|value| value.text());
            match cases.iter().find(|(case, _)| value.as_ref() == Some(&case.value)) {
                Some((_, chosen)) => look(chosen, scope),
                None => {
                    let case = |(case, probe): &(crate::source::Spanned<String>, Probe)| {
                        format!("case {case}: {}", look(probe, scope))
                    };
                    cases.iter().map(case).collect::<Vec<_>>().join("\n")
                }
            }
        }
    };
    seen + &patience(probe.patience)
}

fn patience(patience: Patience) -> String {
    let times = [("within", patience.within), ("for", patience.hold_for)];
    let said = times
        .iter()
        .filter_map(|(word, time)| time.map(|time| format!("{word} {}", duration_text(time))));
    let said: Vec<String> = said.collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}
