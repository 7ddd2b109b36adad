//! `holdpoint resume`: going on with a run that is open.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use crate::journal::{Store, Writer};
use crate::report::visible_str;
use crate::run::RunState;
use crate::run::event::{Event, Resumed};
use crate::runtime::Secrets;

use super::args::{self, RunFormat};
use super::failure::{Exit, Failure};
use super::find::Found;
use super::session::{self, Session};
use super::{answers, changed, find, finish, inputs};

/// Takes a run over and drives it on.
pub fn resume(store: &Store, args: args::Resume) -> Result<Exit, Failure> {
    let found = find::open(store, args.run.as_deref())?;
    let operator = session::operator(args.operator.clone());
    let take_over = args.reason.as_deref().filter(|_| args.take_over);
    let (lock, taken_over) = session::lock_or_take_over(&found.folder, &operator, take_over)?;
    // What was read before the lock was taken may be old by now.
    let found = Found::in_folder(found.folder)?;
    let run = found.folder.run.clone();
    if let Some(reason) = found.damage() {
        return Err(Failure::Journal { run, reason });
    }
    let (plan, state) = found.state()?;
    if state.has_ended() {
        // The exit code says it too.
        let _ = super::print(&format!("{run} has ended already{}", finish::ended(&state)));
        return Ok(finish::exit_of(&state));
    }
    if let Some(notice) = changed::notice(&found) {
        tell(&notice, args.format);
    }
    let secrets = Arc::new(Secrets::default());
    let given = &args.given;
    let inputs =
        inputs::given(&plan.runbook, None, &given.inputs, given.inputs_file.as_deref(), &secrets)?;
    refuse_other_values(&inputs, &state)?;
    let mut decisions = answers::decisions(&plan, &state, &args.resolve, args.reason)?;
    decisions.answers = answers::prepared(&plan, given.answers.as_deref())?;
    decisions.yes = given.yes;
    let waived = answers::waived(&plan, &given.waive)?;
    let is_attended = session::is_attended(args.non_interactive);
    let journal = Writer::resume(&found.folder.journal(), args.durability.into())
        .map_err(|error| Failure::journal(&found.folder.run, &error))?;
    let resumed = Event::Resumed(Resumed {
        operator: operator.clone(),
        host: session::host(),
        is_attended,
        waived,
        boot: None,
        durability: Some(args.durability.into()),
    });
    let wanted = inputs.into_iter().filter(|event| is_wanted(event, &state));
    let session = Session {
        first: std::iter::once(resumed).chain(taken_over).chain(wanted).collect(),
        cwd: cwd_of(&state),
        state,
        plan,
        journal,
        lock,
        secrets,
        decisions,
        operator,
        is_attended,
        format: args.format,
        folder: found.folder,
    };
    session.drive()
}

/// Says something before the run goes on; what cannot be said changes nothing.
fn tell(text: &str, format: RunFormat) {
    let text = visible_str(text);
    let _ = match format {
        RunFormat::Text | RunFormat::Plain => super::print(&text).map_err(|_| ()),
        RunFormat::Jsonl => std::io::stderr().write_all(text.as_bytes()).map_err(|_| ()),
    };
}

fn cwd_of(state: &RunState) -> PathBuf {
    state.start.as_ref().map(|start| PathBuf::from(&start.cwd)).unwrap_or_default()
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
