//! What of a script its case never came to.
//!
//! A test that says more than happens says something that is not so: whoever reads it later
//! believes it.

use crate::plan::Plan;
use crate::run::event::Event;
use crate::runbook::testfile::{Decision, When};
use crate::source::{Diagnostic, Span};

use super::play::Played;
use super::script::Script;
use super::tally::{About, Tally};

/// What of a script was not used, in the order of the file.
pub fn unused(script: &Script, plan: &Plan, played: &Played) -> Vec<Diagnostic> {
    let tally = Tally::of(script, &played.records);
    let mut found = answers(script, played, &tally);
    found.extend(decisions(script, &tally));
    found.extend(crashes(script, played));
    found.extend(waivers(script, &tally));
    found.extend(mocks(script, &tally));
    found.extend(looks(script, &tally));
    found.extend(choices(script, plan, played));
    found.sort_by_key(|problem| problem.at.start);
    found
}

fn never(at: Span, message: String) -> Diagnostic {
    Diagnostic::error(at, message).label("the case never comes to it")
}

fn answers(script: &Script, played: &Played, tally: &Tally) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for answered in &script.answers {
        // An answer that passed nothing was given all the same.
        let is_unfit = played.unfit.iter().any(|unfit| unfit.step == answered.step);
        let given = |about: &About| {
            let answers = answered.answers.iter();
            let place = answers.filter(|prepared| about.is_in(prepared));
            place.count().min(tally.answers_to(&answered.step, about))
        };
        let abouts = tally.answers.keys().filter(|(step, _)| *step == answered.step);
        let abouts: Vec<&About> = abouts.map(|(_, about)| about).collect();
        for (number, prepared) in (1..).zip(&answered.answers).filter(|_| !is_unfit) {
            let is_used = abouts.iter().any(|about| {
                let mut speaking = answered.answers.iter().filter(|it| about.is_in(it));
                let place = speaking.position(|it| std::ptr::eq(it, prepared));
                place.is_some_and(|place| place < given(about))
            });
            if !is_used {
                let message = match answered.answers.len() {
                    1 => format!("this answer to `{}` was not used", prepared.step),
                    _ => format!("answer {number} to `{}` was not used", prepared.step),
                };
                found.push(never(prepared.step.span, message));
            }
        }
    }
    let has_bypassed = tally.has_bypassed;
    if let Some(yes) = script.yes.as_ref().filter(|_| !has_bypassed) {
        found.push(never(yes.span, "`yes` was not used: no gate was bypassed".to_owned()));
    }
    found
}

fn decisions(script: &Script, tally: &Tally) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (place, decided) in script.decisions.iter().enumerate() {
        let made = tally.decisions.get(&place).copied().unwrap_or_default();
        for decision in decided.decisions.iter().skip(made) {
            let name = &decided.name;
            let message = match decision.value {
                Decision::Expires => format!("the gate of `{name}` did not expire"),
                other => format!("the decision `{}` about `{name}` was not used", other.word()),
            };
            found.push(never(decision.span, message));
        }
    }
    found
}

fn crashes(script: &Script, played: &Played) -> Vec<Diagnostic> {
    let is_left = |(place, _): &(usize, _)| !played.crashes.contains(place);
    let left = script.crashes.iter().enumerate().filter(is_left);
    let problem = |(_, point): (usize, &super::script::people::CrashPoint)| {
        let of = &point.crash.of;
        let message = match point.crash.when {
            When::During => format!("the crash during `{of}` did not come"),
            When::After => format!("the crash after `{of}` did not come"),
            When::Asking => format!("the crash at the question of `{of}` did not come"),
        };
        never(point.crash.span, message)
    };
    left.map(problem).collect()
}

fn waivers(script: &Script, tally: &Tally) -> Vec<Diagnostic> {
    let is_used = |waived: &super::script::Waived| {
        tally.waived.iter().any(|check| waived.places.iter().any(|place| place.holds(check)))
    };
    let left = script.waived.iter().filter(|waived| !is_used(waived));
    left.map(|it| never(it.id.span, format!("the waiver of `{}` was not used", it.id))).collect()
}

fn mocks(script: &Script, tally: &Tally) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for mocked in &script.mocks {
        let is_first = |path: &str| {
            let mut all = script.mocks.iter();
            all.find(|other| other.place.holds(path)).is_some_and(|it| it.place == mocked.place)
        };
        let begun = tally.attempts.iter().filter(|(path, _)| is_first(path));
        let begun = begun.map(|(_, attempts)| *attempts).max().unwrap_or_default();
        let name = &mocked.name;
        if begun == 0 {
            found.push(never(name.span, format!("the mock of `{name}` was not used")));
            continue;
        }
        let begun = usize::try_from(begun).unwrap_or(usize::MAX);
        for mock in mocked.attempts.iter().skip(begun) {
            let message = format!("`{name}` began {}: this attempt did not come", times(begun));
            found.push(never(mock.span, message));
        }
    }
    found
}

fn looks(script: &Script, tally: &Tally) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for looked in &script.looks {
        let is_first = |check| {
            let mut all = script.looks.iter();
            all.find(|other| other.holds(check)).is_some_and(|it| it.name.span == looked.name.span)
        };
        let seen = tally.looks.iter().filter(|(check, _)| is_first(check));
        let seen = seen.map(|(_, count)| *count).max().unwrap_or_default();
        let name = &looked.name;
        if seen == 0 {
            found.push(never(name.span, format!("`{name}` was not looked at")));
            continue;
        }
        for look in looked.looks.iter().skip(seen) {
            let message = format!("`{name}` was looked at {}: this look did not come", times(seen));
            found.push(never(look.span, message));
        }
    }
    found
}

/// Choices that nobody listed: the input had a value, or nobody asked for it.
fn choices(script: &Script, plan: &Plan, played: &Played) -> Vec<Diagnostic> {
    let is_listed = |name: &str| {
        let mut events = played.records.iter().map(|record| &record.event);
        events.any(|event| matches!(event, Event::ChoicesListed(listed) if listed.input == name))
    };
    let inputs = plan.runbook.inputs.iter().map(|input| input.name.value.as_str());
    let left = inputs.filter(|name| script.choices.contains_key(*name) && !is_listed(name));
    let problem = |name: &str| {
        let at = script.choices.get(name).map(|choices| choices.span).unwrap_or_default();
        never(at, format!("the choices of `{name}` were not listed"))
    };
    left.map(problem).collect()
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        count => format!("{count} times"),
    }
}
