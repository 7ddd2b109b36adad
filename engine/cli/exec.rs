//! `holdpoint exec`: a command that is no step, on the timeline of a run.
//!
//! That it begins is on record before it does, and how it ended is afterwards; whether or not
//! somebody drives the run meanwhile.

use std::ffi::OsString;
use std::io::{self, Write};

use crate::journal::Store;
use crate::report::visible_str;
use crate::run::event::{self, End, Wish};
use crate::run::exec_id;
use crate::runbook::rendered::typed_word;
use crate::runtime::redact::Redactor;
use crate::runtime::{Errand, perform, prompt};
use crate::timeline::how_ended;

use super::args;
use super::deliver::{Delivered, deliver, letter};
use super::failure::{Exit, Failure};
use super::find::{self, Found};
use super::session;

/// Runs a command and puts it on record.
pub fn exec(store: &Store, args: args::Exec) -> Result<Exit, Failure> {
    let found = match args.run.as_deref() {
        Some(run) => find::open(store, Some(run))?,
        None => find::chosen(store, None)?,
    };
    if args.tty && !prompt::is_attended() {
        return Err(Failure::usage("there is no terminal here to lend", "leave --tty out"));
    }
    let redactor = redactor(&found)?;
    let cwd = std::env::current_dir().map_err(Failure::Setup)?;
    let by = session::operator(args.by);
    let begun = event::Exec {
        id: String::new(),
        by: by.clone(),
        command: redactor.mask_str(&shown(&args.command)).into_owned(),
        cwd: cwd.display().to_string(),
        host: session::host(),
        is_on_terminal: args.tty,
    };
    let (found, id) = begin(found, &begun)?;
    let errand = Errand { id, words: args.command, cwd, is_on_terminal: args.tty };
    let ended = perform(&errand, &found.folder.output(), &redactor).map_err(Failure::Setup)?;
    let end = ended.end.clone();
    record(&Found::in_folder(found.folder)?, &by, Wish::ExecEnded(Box::new(ended)))?;
    told(&end)
}

/// Puts on record that a command begins, under the next name that is free.
fn begin(mut found: Found, begun: &event::Exec) -> Result<(Found, String), Failure> {
    let by = &begun.by;
    let mut tries = 0;
    loop {
        let (_, state) = found.state()?;
        let id = exec_id(state.execs_begun + 1);
        let begun = event::Exec { id: id.clone(), ..begun.clone() };
        match record(&found, by, Wish::ExecStarted(begun)) {
            Ok(()) => return Ok((found, id)),
            // Somebody else was a moment earlier.
            Err(failure) => {
                found = Found::in_folder(found.folder)?;
                tries += 1;
                if tries == 10 || found.state()?.1.execs_begun == state.execs_begun {
                    return Err(failure);
                }
            }
        }
    }
}

/// Puts something on record, at once: a command must not begin before.
fn record(found: &Found, by: &str, wish: Wish) -> Result<(), Failure> {
    let letter = letter(Some(by.to_owned()), wish);
    match deliver(found, &letter)? {
        Delivered::Taken => Ok(()),
        Delivered::Waits(why) => {
            let help = "its driver does not answer; look at that process, or end it";
            Err(Failure::usage(format!("this cannot be put on record: {why}"), help))
        }
    }
}

/// Masks the secrets of the runbook that stand in our own environment.
fn redactor(found: &Found) -> Result<Redactor, Failure> {
    let (plan, _) = found.state()?;
    let secrets = plan.runbook.inputs.iter().filter(|input| input.is_secret);
    let values = secrets.filter_map(|input| {
        let value = std::env::var(input.env.as_ref()?).ok()?;
        Some((input.name.value.clone(), value))
    });
    Ok(Redactor::new(values))
}

fn told(end: &End) -> Result<Exit, Failure> {
    if let End::Exited { code: 0 } = end {
        return Ok(Exit::Done);
    }
    let told = format!("it {}", how_ended(end));
    // The exit code says it too.
    let _ = writeln!(io::stderr().lock(), "{}", visible_str(&told));
    Ok(Exit::Failed)
}

/// A command as it would be typed.
fn shown(words: &[OsString]) -> String {
    let word = |word: &OsString| typed_word(&word.to_string_lossy());
    words.iter().map(word).collect::<Vec<_>>().join(" ")
}
