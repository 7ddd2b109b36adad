//! `holdpoint resume`: going on with a run that is open.

use std::io::Write;

use crate::drive::Decisions;
use crate::journal::Store;
use crate::report::visible_str;
use crate::run::RunState;
use crate::run::event::Event;

use super::args::{self, RunFormat};
use super::failure::{Exit, Failure};
use super::session;
use super::taken::{How, Taken, Told};
use super::{answers, changed, find, finish};

/// Takes a run over and drives it on.
pub fn resume(store: &Store, args: args::Resume) -> Result<Exit, Failure> {
    let found = find::open(store, args.run.as_deref())?;
    let operator = session::operator(args.operator);
    let take_over = args.reason.as_deref().filter(|_| args.take_over);
    let taken = Taken::over(found, &operator, take_over)?;
    let Taken { found, plan, state, .. } = &taken;
    if state.has_ended() {
        let run = &found.folder.run;
        // The exit code says it too.
        let _ = super::print(&format!("{run} has ended already{}", finish::ended(state)));
        return Ok(finish::exit_of(state));
    }
    if let Some(notice) = changed::notice(found) {
        tell(&notice, args.format);
    }
    let mut told = Told::of(plan, &args.given)?;
    refuse_other_values(&told.inputs, state)?;
    told.inputs.retain(|event| is_wanted(event, state));
    let decided = answers::decisions(plan, state, &args.resolve, args.reason)?;
    let Decisions { answers, yes, .. } = told.decisions;
    told.decisions = Decisions { answers, yes, ..decided };
    let is_attended = session::is_attended(args.non_interactive);
    let (durability, format) = (args.durability, args.format);
    taken.go_on(None, told, How { operator, is_attended, durability, format })
}

/// Says something before the run goes on; what cannot be said changes nothing.
fn tell(text: &str, format: RunFormat) {
    let text = visible_str(text);
    let _ = match format {
        RunFormat::Text | RunFormat::Plain => super::print(&text).map_err(|_| ()),
        RunFormat::Jsonl => std::io::stderr().write_all(text.as_bytes()).map_err(|_| ()),
    };
}

/// An input is answered once; another value for it would make the record untrue.
fn refuse_other_values(inputs: &[Event], state: &RunState) -> Result<(), Failure> {
    use crate::run::event::InputSource;
    for event in inputs {
        let Event::InputGiven(given) = event else { continue };
        let is_typed = matches!(given.from, InputSource::Flag | InputSource::File);
        let before = state.inputs.get(&given.name);
        let differs = before.is_some_and(|before| before.value != given.value);
        if is_typed && differs && !given.is_secret {
            return Err(Failure::usage(
                format!("the input `{}` has its value already", given.name),
                "an input is given once, and stays what it is for the whole run",
            ));
        }
    }
    Ok(())
}

/// Whether an event gives an input that is still wanted.
fn is_wanted(event: &Event, state: &RunState) -> bool {
    match event {
        Event::InputGiven(given) => !state.inputs.contains_key(&given.name) || given.is_secret,
        _ => true,
    }
}
