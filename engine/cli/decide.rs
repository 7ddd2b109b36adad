//! `holdpoint skip`, `retry`, `done` and `fail`: deciding about a step from another terminal.

use crate::journal::Store;
use crate::plan::{Index, Plan};
use crate::report::visible_str;
use crate::run::cost::title;
use crate::run::event::{Verdict, Wish, WishedChoice};
use crate::run::state::StepState;
use crate::run::{RunState, failure_cost, on_failure, skip_cost};
use crate::runbook::step::OnFailure;

use super::args;
use super::consent::consent;
use super::deliver::{letter, possible, send};
use super::failure::{Exit, Failure};
use super::{find, finish, session};

/// Decides about a step, once whoever types has seen what follows from that.
pub fn decide(store: &Store, args: args::Decide, choice: WishedChoice) -> Result<Exit, Failure> {
    let (found, name) = find::with_word(&args.words, |run| find::chosen(store, run))?;
    let (plan, state) = found.view()?;
    let (step, attempts) = about(&plan, &state, &name)?;
    if let Some((_, pid)) = found.left_running(&plan, &state).iter().find(|(path, _)| *path == step)
    {
        let help = finish::go_on(&found.folder) + ", which waits for it; or end it first";
        return Err(Failure::usage(format!("not done: its process {pid} still runs"), help));
    }
    let word = choice.word();
    let wish = |reason| Wish::Decide { step: step.clone(), choice, attempts, reason };
    possible(&plan, &state, &letter(args.by.clone(), wish(String::new())))?;
    let text = consequences(&plan, &state, &step, choice);
    super::print(&visible_str(&found.stamped(&text)))?;
    let is_attended = session::is_attended(false);
    let question = format!("{} {step}?", capital(word));
    let reason = consent(&question, &format!("`{word}`"), args.reason, is_attended)?;
    let Some(reason) = reason else { return Ok(Exit::Stopped) };
    let done = format!("{step}: {word}, on record");
    send(&found, &letter(args.by, wish(reason)), &done)
}

/// The path that is meant, and how many attempts of it had begun.
fn about(plan: &Plan, state: &RunState, name: &str) -> Result<(String, u32), Failure> {
    if name == "verdict" || name.starts_with("invariant/") {
        return Ok((name.to_owned(), 0));
    }
    let index = find::step(plan, name)?;
    Ok((plan.nodes[index].path.clone(), state.steps[index].attempts))
}

/// What follows from a decision, line by line.
fn consequences(plan: &Plan, state: &RunState, step: &str, choice: WishedChoice) -> String {
    let Some(index) = plan.at_path(step) else { return of_the_run(state, step, choice) };
    let status = &state.steps[index];
    let has_title = plan.nodes[index].title.is_some();
    let title = has_title.then(|| format!(": {}", title(plan, state, index)));
    let word = status.state.word().replace('_', " ");
    let mut text = format!("{step}{} is {word}\n", title.unwrap_or_default());
    let lines = match choice {
        WishedChoice::Skip => skip_cost(plan, state, index).lines(),
        WishedChoice::Fail if is_held_then(plan, state, index) => {
            vec!["it is held then, and what comes next is decided about".to_owned()]
        }
        WishedChoice::Fail => failure_cost(plan, state, index).lines(),
        WishedChoice::Retry | WishedChoice::Done => Vec::new(),
    };
    text.extend(lines.iter().map(|line| format!("  {line}\n")));
    text
}

/// Whether a step that counts as failed is put to a person once more, since it was in doubt.
fn is_held_then(plan: &Plan, state: &RunState, index: Index) -> bool {
    let is_in_doubt = matches!(state.steps[index].state, StepState::InDoubt(_));
    is_in_doubt && on_failure(plan, state, index) == OnFailure::Hold
}

/// What follows from a decision about the run itself.
fn of_the_run(state: &RunState, name: &str, choice: WishedChoice) -> String {
    let verdict = state.verdict.unwrap_or(Verdict::Unverified).word().replace('_', " ");
    match (name, choice) {
        ("verdict", WishedChoice::Done | WishedChoice::Fail) => {
            format!("the run ends as {verdict}\n")
        }
        (_, WishedChoice::Retry) => "it is looked at again\n".to_owned(),
        _ => String::new(),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
