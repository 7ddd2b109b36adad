//! Whether a prepared answer fits the step that it is for, before anything begins.

use serde_json::Value as Json;

use crate::document::nearest;
use crate::plan::Node;
use crate::runbook::action::Action;
use crate::runbook::answers::{ByHand, HandedIn, Prepared, Tick, TickSaid};
use crate::runbook::checklist::Checklist;
use crate::runbook::choose::{Choose, same};
use crate::runbook::manual::{Evidence, Manual};
use crate::source::{Diagnostic, Problems, Spanned};

/// A prepared answer as its step understands it; what does not fit is reported.
pub fn fitted(node: &Node, mut prepared: Prepared, problems: &mut Problems) -> Prepared {
    let at = prepared.step.span;
    let has_gate = node.forms.iter().any(|form| form.facets.gate.is_some());
    let by_hand: Vec<&Action> = by_hand(node).collect();
    if prepared.is_needed.is_some() && !node.is_optional {
        problems.error(at, format!("the step `{}` is not optional", prepared.step));
    }
    if !has_gate && by_hand.is_empty() && !node.is_optional {
        let message = format!("the step `{}` asks nothing", prepared.step);
        let help = "answers are for optional steps, for gates, and for what a person does";
        problems.push(Diagnostic::error(at, message).help(help));
        return prepared;
    }
    let is_to_gate = [&prepared.word, &prepared.digest, &prepared.value];
    if !has_gate && is_to_gate.into_iter().any(Option::is_some) {
        problems.error(at, format!("the step `{}` has no gate", prepared.step));
        return prepared;
    }
    if !has_gate {
        // Where nothing else asks, a yes or no is about the action itself.
        let said = prepared.is_approval.take().map(|is_done| match is_done {
            true => ByHand::Done(HandedIn::default()),
            false => ByHand::Failed(prepared.note.clone().unwrap_or_else(|| "prepared".into())),
        });
        prepared.by_hand = prepared.by_hand.take().or(said);
    }
    if let Some(said) = &prepared.by_hand {
        let mut found = by_hand.iter().map(|action| misfits(action, &prepared.step, said));
        let first = found.next().unwrap_or_else(|| {
            vec![Diagnostic::error(at, format!("the step `{}` is not done by hand", prepared.step))]
        });
        // The case that it will take is not known yet.
        if !first.is_empty() && found.all(|other| !other.is_empty()) {
            first.into_iter().for_each(|problem| problems.push(problem));
        }
    }
    prepared
}

fn by_hand(node: &Node) -> impl Iterator<Item = &Action> {
    node.forms.iter().map(|form| &form.facets.action).filter(|action| action.is_by_hand())
}

/// What of an answer does not fit an action.
fn misfits(action: &Action, step: &Spanned<String>, said: &ByHand) -> Vec<Diagnostic> {
    match (action, said) {
        (_, ByHand::Failed(_)) => Vec::new(),
        (Action::Manual(manual), ByHand::Done(handed_in)) => done(manual, step, handed_in),
        (Action::Checklist(checklist), ByHand::Ticks(ticks)) => ticked(checklist, step, ticks),
        (Action::Choose(choose), ByHand::Choice(choice)) => chosen(choose, step, choice),
        (Action::Choose(_), _) => {
            let problem =
                Diagnostic::error(step.span, format!("the step `{step}` asks for a choice"));
            vec![problem.help("answer it with {choice: VALUE}")]
        }
        (_, ByHand::Choice(choice)) => {
            vec![Diagnostic::error(choice.span, format!("the step `{step}` asks for no choice"))]
        }
        (Action::Checklist(_), _) => {
            let problem = Diagnostic::error(step.span, format!("the step `{step}` is a checklist"));
            vec![problem.help("answer it item by item: {items: {…: done}}")]
        }
        (_, ByHand::Ticks(_)) => {
            vec![Diagnostic::error(step.span, format!("the step `{step}` is no checklist"))]
        }
        _ => Vec::new(),
    }
}

fn done(manual: &Manual, step: &Spanned<String>, handed_in: &HandedIn) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let wanted: Vec<Wanted<'_>> = manual
        .answers
        .iter()
        .map(|answer| Wanted {
            name: &answer.name,
            is_optional: answer.is_optional || answer.default.is_some(),
            is_secret: answer.is_secret,
            judge: Box::new(|json| answer.taken(json).map(|_| ())),
        })
        .collect();
    compare("answer", &wanted, step, &handed_in.answers, &mut found);
    evidence(&manual.evidence, step, &handed_in.evidence, &mut found);
    found
}

/// What is chosen must be an option, as far as these are known.
fn chosen(choose: &Choose, step: &Spanned<String>, choice: &Spanned<Json>) -> Vec<Diagnostic> {
    let is_fine = match choose.known() {
        _ if choice.is_null() => choose.has_none,
        Some(known) => known.iter().any(|value| same(value, choice)),
        None => true,
    };
    if is_fine {
        return Vec::new();
    }
    let message = format!("{} is none of the options of `{step}`", choice.value);
    let problem = Diagnostic::error(choice.span, message);
    let known = choose.known().unwrap_or_default();
    let known: Vec<String> = known.iter().map(Json::to_string).collect();
    vec![if known.is_empty() {
        problem
    } else {
        problem.help(format!("they are {}", known.join(", ")))
    }]
}

fn ticked(
    checklist: &Checklist,
    step: &Spanned<String>,
    ticks: &[(Spanned<String>, Tick)],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (name, tick) in ticks {
        let item = checklist.place(name).and_then(|place| checklist.items.get(place));
        let Some(item) = item else {
            let message = format!("the checklist `{step}` has no item `{name}`");
            let problem = Diagnostic::error(name.span, message);
            let names = checklist.items.iter().map(|item| item.name.as_str());
            found.push(match nearest(name, names) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help("an item is known by its text as it is written"),
            });
            continue;
        };
        match &tick.said {
            TickSaid::Done(given) => evidence(&item.evidence, name, given, &mut found),
            TickSaid::Waived(_) if !item.is_if_applicable => {
                let message = format!("the item `{name}` always applies");
                found.push(Diagnostic::error(name.span, message));
            }
            TickSaid::Waived(_) | TickSaid::Failed(_) => {}
        }
    }
    found
}

/// Whether something that was handed in is what it must be.
type Judge<'a> = Box<dyn Fn(&Json) -> Result<(), String> + 'a>;

type Given = [(Spanned<String>, Spanned<Json>)];

fn evidence(
    evidence: &[Evidence],
    step: &Spanned<String>,
    given: &Given,
    found: &mut Vec<Diagnostic>,
) {
    let wanted = evidence.iter().map(|evidence| Wanted {
        name: &evidence.name,
        is_optional: evidence.is_optional,
        is_secret: false,
        judge: Box::new(|json| evidence.kind.text(json).map(|_| ())),
    });
    compare("evidence", &wanted.collect::<Vec<_>>(), step, given, found);
}

/// Something that is asked for by its name.
struct Wanted<'a> {
    name: &'a str,
    is_optional: bool,
    is_secret: bool,
    judge: Judge<'a>,
}

/// Each thing that was handed in must be asked for and be what it must be, and none be missing.
fn compare(
    what: &str,
    wanted: &[Wanted<'_>],
    step: &Spanned<String>,
    given: &Given,
    found: &mut Vec<Diagnostic>,
) {
    for (name, json) in given {
        let Some(wanted) = wanted.iter().find(|wanted| *wanted.name == **name) else {
            let message = format!("`{step}` does not ask for the {what} `{name}`");
            let problem = Diagnostic::error(name.span, message);
            found.push(match nearest(name, wanted.iter().map(|wanted| wanted.name)) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem,
            });
            continue;
        };
        if let Err(reason) = (wanted.judge)(json) {
            // The reason could quote it, and the line would.
            let reason = if wanted.is_secret { "it does not fit" } else { &reason };
            let message = format!("the {what} `{name}` is refused: {reason}");
            let problem = Diagnostic::error(json.span, message);
            found.push(if wanted.is_secret { problem.private() } else { problem });
        }
    }
    let is_missing = |wanted: &&Wanted<'_>| {
        !wanted.is_optional && !given.iter().any(|(name, _)| **name == *wanted.name)
    };
    for missing in wanted.iter().filter(is_missing) {
        let message = format!("the {what} `{}` is missing", missing.name);
        found.push(Diagnostic::error(step.span, message));
    }
}
