//! What is known of an exercise at one moment, in words: what waits for somebody to say how it goes, and
//! what is still to be told.

use crate::document::duration_text;
use crate::plan::Plan;
use crate::run::event::Moment;
use crate::run::event::exercise::{Inject, Script, Subject};
use crate::run::state::Exercise;
use crate::run::{Names, RunState, check_title};
use crate::runbook::output::Output;
use crate::runbook::rendered::Quoting;

/// The most lines of a command that are shown.
const COMMAND: usize = 8;

/// Something that waits for somebody to say how it goes.
#[derive(Clone, Debug)]
pub struct About {
    /// What it is.
    pub subject: Subject,
    /// What a person calls it.
    pub title: String,
    /// What would be done or looked at, line by line.
    pub lines: Vec<String>,
    /// What it hands on, by name, where everybody may see it.
    pub outputs: Vec<Output>,
}

impl About {
    /// What a subject is, as far as the run has come.
    pub fn of(plan: &Plan, state: &RunState, subject: &Subject) -> About {
        let (title, shown) = match subject {
            Subject::Step { step, attempt } => (
                step_title(plan, state, step, *attempt),
                plan.at_path(step).map(|index| state.steps[index].command.clone()),
            ),
            Subject::Check { check } => {
                let step = check.step.as_ref().map(|step| format!("{step}: ")).unwrap_or_default();
                let title = format!("{step}{}", check_title(plan, state, check));
                (title, state.seen.get(check).map(|seen| seen.look.clone()))
            }
        };
        let shown = shown.unwrap_or_default();
        let mut lines: Vec<String> = shown.lines().take(COMMAND).map(str::to_owned).collect();
        let more = shown.lines().count().saturating_sub(COMMAND);
        if more > 0 {
            lines.push(format!("({more} more lines)"));
        }
        About { subject: subject.clone(), title, lines, outputs: outputs(plan, state, subject) }
    }

    /// Whether it is a look, which holds or does not.
    pub fn is_look(&self) -> bool {
        matches!(self.subject, Subject::Check { .. })
    }
}

fn step_title(plan: &Plan, state: &RunState, step: &str, attempt: u32) -> String {
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let Some(index) = plan.at_path(step) else { return format!("{step}{again}") };
    let title = plan.nodes[index].title.as_ref();
    let title = title.map(|it| it.partly(&Names::at(plan, state, index), Quoting::Text));
    let title = title.map(|title| format!(": {title}")).unwrap_or_default();
    format!("{step}{again}{title}")
}

fn outputs(plan: &Plan, state: &RunState, subject: &Subject) -> Vec<Output> {
    let Subject::Step { step, .. } = subject else { return Vec::new() };
    let form = plan.at_path(step).and_then(|index| state.form(plan, index));
    let outputs = form.map(|form| form.facets.outputs.as_slice()).unwrap_or_default();
    outputs.iter().filter(|output| !output.is_secret).cloned().collect()
}

/// When an inject is told, by itself.
pub fn when(inject: &Inject) -> String {
    match (inject.at_ms, &inject.before) {
        (Some(ms), _) => {
            format!("after {}", duration_text(std::time::Duration::from_millis(ms)))
        }
        (None, Some(step)) => format!("before {step}"),
        (None, None) => "by hand".to_owned(),
    }
}

/// What the players may see beforehand of a script, a line each.
pub fn open_injects(script: &Script) -> Vec<String> {
    let open = (1..).zip(&script.injects).filter(|(_, inject)| !inject.is_hidden);
    open.map(|(number, it)| format!("  {number}  {}: {}", when(it), it.text.trim())).collect()
}

/// Every inject, told or not, with the time to go, a line each.
pub fn all_injects(exercise: &Exercise, now: Moment) -> Vec<String> {
    let lines = (1..).zip(&exercise.script.injects).map(|(number, inject)| {
        let stands = match exercise.told.get(&number) {
            Some(_) => "told".to_owned(),
            None => to_go(exercise, inject, now),
        };
        let hidden = if inject.is_hidden { ", hidden" } else { "" };
        format!("  {number}  {stands}{hidden}: {}", inject.text.trim())
    });
    lines.collect()
}

fn to_go(exercise: &Exercise, inject: &Inject, now: Moment) -> String {
    let Some(due) = exercise.due(inject) else { return when(inject) };
    let left = (due - now).num_seconds();
    match u64::try_from(left) {
        Ok(left) if left > 0 => format!("in {}:{:02}", left / 60, left % 60),
        _ => "now".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inject(at_ms: Option<u64>, before: Option<&str>, is_hidden: bool) -> Inject {
        let before = before.map(str::to_owned);
        Inject { at_ms, before, text: "a journalist calls\n".into(), is_hidden }
    }

    #[test]
    fn the_players_see_only_what_is_not_hidden() {
        let injects = vec![
            inject(Some(600_000), None, true),
            inject(Some(90_000), None, false),
            inject(None, Some("load"), false),
        ];
        let script = Script { injects, ..Script::default() };
        let expected = [
            "  2  after 1m30s: a journalist calls".to_owned(),
            "  3  before load: a journalist calls".to_owned(),
        ];
        assert_eq!(open_injects(&script), expected);
    }

    #[test]
    fn the_facilitator_sees_all_of_them_and_the_time_to_go() {
        let injects = vec![
            inject(Some(600_000), None, true),
            inject(Some(90_000), None, false),
            inject(Some(30_000), None, false),
            inject(None, Some("load"), false),
        ];
        let script = Script { injects, ..Script::default() };
        let mut exercise = Exercise::of(script, Moment::UNIX_EPOCH);
        exercise.told.insert(3, Moment::UNIX_EPOCH);
        let now = Moment::from_timestamp(95, 0).expect("within the range of time");
        let expected = [
            "  1  in 8:25, hidden: a journalist calls",
            "  2  now: a journalist calls",
            "  3  told: a journalist calls",
            "  4  before load: a journalist calls",
        ];
        assert_eq!(all_injects(&exercise, now), expected);
    }
}
