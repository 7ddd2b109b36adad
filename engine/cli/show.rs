//! `holdpoint show`: the command of a step, and all that it printed.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde_json::json;

use crate::journal::{Store, output_name, to_read};
use crate::report::{visible, visible_str};
use crate::run::event::{End, Event, Printed};
use crate::timeline::{duration, how_ended};

use super::args::{self, TextOrJson};
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// One attempt of a step, or a command that is no step, as the records tell it.
#[derive(Default)]
struct Shown {
    name: String,
    attempt: u32,
    command: String,
    /// What the files are called that keep what it prints, without their endings.
    file: String,
    end: Option<End>,
    /// Why that is no success, where it is a message.
    problem: Option<String>,
    took_ms: u64,
    out: Option<Printed>,
    err: Option<Printed>,
}

/// Shows an attempt of a step with all that it printed.
pub fn show(store: &Store, args: &args::Show) -> Result<Exit, Failure> {
    let (found, name) = find::with_word(&args.words, |run| find::newest(store, run))?;
    // A step may be called like a command that is none.
    let is_step = || found.view().is_ok_and(|(plan, _)| plan.find(&name).is_some());
    let shown = match name.starts_with("exec-") && !is_step() {
        true => errand(&found, &name),
        false => attempt(&found, &name, args.attempt)?,
    };
    let shown = shown.ok_or_else(|| {
        let which = args.attempt.map(|number| format!("attempt {number} of ")).unwrap_or_default();
        let help = "`holdpoint timeline` shows what has begun";
        Failure::usage(format!("{which}`{name}` has not begun"), help)
    })?;
    let texts = [&shown.out, &shown.err].map(|printed| text(&found, printed.as_ref()));
    let texts = match shown.end {
        Some(_) => texts,
        None => ["out", "err"].map(|ending| so_far(&found, &shown, ending)),
    };
    if args.raw {
        let message = shown.message().map(|text| [format!("{text}\n").into_bytes(), Vec::new()]);
        return raw(&message.unwrap_or(texts));
    }
    match args.format {
        TextOrJson::Json => super::print(&format!("{:#}\n", as_json(&found, &shown, &texts)))?,
        TextOrJson::Text => super::print(&found.stamped(&as_text(&shown, &texts)))?,
    }
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

/// What was printed, as it is.
fn raw(texts: &[Vec<u8>; 2]) -> Result<Exit, Failure> {
    let mut out = io::stdout().lock();
    if out.is_terminal() {
        let help = "redirect it into a file or a pipe: it may hold what a terminal acts on";
        return Err(Failure::usage("raw output is not for a terminal", help));
    }
    match texts.iter().try_for_each(|text| out.write_all(text)).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(Exit::Done),
    }
}

/// An attempt of a step, the last unless another is wanted.
fn attempt(found: &Found, name: &str, number: Option<u32>) -> Result<Option<Shown>, Failure> {
    let (plan, _) = found.view()?;
    let path = plan.nodes[find::step(&plan, name)?].path.clone();
    let mut shown: Option<Shown> = None;
    for record in &found.reading.records {
        match &record.event {
            Event::StepStarted { step, attempt, command, .. }
                if *step == path && number.is_none_or(|number| number == *attempt) =>
            {
                let (name, command) = (path.clone(), command.clone());
                let file = output_name(&name, *attempt);
                shown = Some(Shown { name, attempt: *attempt, command, file, ..Shown::default() });
            }
            Event::StepEnded(ended) if ended.step == path => {
                if let Some(shown) = shown.as_mut().filter(|it| it.attempt == ended.attempt) {
                    shown.end = Some(ended.end.clone());
                    let failure = ended.failure.as_ref().filter(|_| ended.is_message());
                    shown.problem = failure.map(|failure| failure.detail.clone());
                    shown.took_ms = ended.took_ms;
                    (shown.out, shown.err) = (ended.out.clone(), ended.err.clone());
                }
            }
            _ => {}
        }
    }
    Ok(shown)
}

/// A command that is no step.
fn errand(found: &Found, id: &str) -> Option<Shown> {
    let mut shown: Option<Shown> = None;
    for record in &found.reading.records {
        match &record.event {
            Event::ExecStarted(exec) if exec.id == id => {
                let (name, command) = (id.to_owned(), exec.command.clone());
                let file = name.clone();
                shown = Some(Shown { name, attempt: 1, command, file, ..Shown::default() });
            }
            Event::ExecEnded(ended) if ended.id == id => {
                if let Some(shown) = shown.as_mut() {
                    shown.end = Some(ended.end.clone());
                    shown.took_ms = ended.took_ms;
                    (shown.out, shown.err) = (ended.out.clone(), ended.err.clone());
                }
            }
            _ => {}
        }
    }
    shown
}

/// What is kept of a stream; nothing where its file is gone.
fn text(found: &Found, printed: Option<&Printed>) -> Vec<u8> {
    let path = printed.map(|printed| found.folder.path().join(&printed.file));
    path.map(|path| content(&path)).unwrap_or_default()
}

/// What an attempt whose end is not on record has printed so far.
fn so_far(found: &Found, shown: &Shown, ending: &str) -> Vec<u8> {
    content(&found.folder.output().join(format!("{}.{ending}", shown.file)))
}

fn content(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Ok(mut file) = to_read(path) {
        // What could be read is shown; the length beside it tells what is missing.
        let _ = io::Read::read_to_end(&mut file, &mut bytes);
    }
    bytes
}

fn as_text(shown: &Shown, texts: &[Vec<u8>; 2]) -> String {
    let mut text = format!("{}  attempt {}  {}\n", shown.name, shown.attempt, how(shown));
    for line in shown.command.lines() {
        let _ = writeln!(text, "    {line}");
    }
    let streams = [("standard output", '|', &shown.out), ("standard error", '>', &shown.err)];
    for ((what, mark, printed), bytes) in streams.into_iter().zip(texts) {
        let _ = match printed {
            None if bytes.is_empty() => continue,
            None => writeln!(text, "\n{what} so far: {} bytes", bytes.len()),
            Some(Printed { bytes, cut: 0, file, .. }) => {
                writeln!(text, "\n{what}: {bytes} bytes, in {file}")
            }
            Some(Printed { bytes, cut, file, .. }) => {
                writeln!(text, "\n{what}: {bytes} bytes, {cut} of them not kept, in {file}")
            }
        };
        for line in visible(bytes).lines() {
            let _ = writeln!(text, "{mark} {line}");
        }
    }
    if let Some(message) = shown.message() {
        // As it is, so that it can be copied.
        let _ = writeln!(text, "\n{message}");
    } else if texts.iter().all(Vec::is_empty) && shown.end.is_some() {
        text.push_str("\nit printed nothing that was kept\n");
    }
    visible_str(&text).into_owned()
}

impl Shown {
    /// The text, where it is a message.
    fn message(&self) -> Option<&str> {
        match &self.end {
            Some(End::Shown { text } | End::Sent { text, .. }) => Some(text),
            _ => None,
        }
    }
}

fn how(shown: &Shown) -> String {
    match (&shown.end, &shown.problem) {
        (None, _) => "its end is not on record".into(),
        (Some(End::Sent { to, .. }), Some(problem)) => {
            let took = duration(shown.took_ms);
            format!("could not be handed to {to} after {took}: {problem}")
        }
        (Some(end), _) => format!("{} after {}", how_ended(end), duration(shown.took_ms)),
    }
}

fn as_json(found: &Found, shown: &Shown, texts: &[Vec<u8>; 2]) -> serde_json::Value {
    let stream = |printed: &Option<Printed>, bytes: &[u8]| match printed {
        Some(printed) => Some(json!({
            "file": printed.file,
            "bytes": printed.bytes,
            "cut": printed.cut,
            "sha256": printed.sha256,
            "text": visible(bytes),
        })),
        // What was printed so far has no digest yet.
        None => {
            (!bytes.is_empty()).then(|| json!({ "bytes": bytes.len(), "text": visible(bytes) }))
        }
    };
    json!({
        "version": 1,
        "run": found.folder.run,
        "mode": found.start().map(|start| start.mode.word()),
        "step": shown.name,
        "attempt": shown.attempt,
        "command": shown.command,
        "end": shown.end,
        "took_ms": shown.took_ms,
        "stdout": stream(&shown.out, &texts[0]),
        "stderr": stream(&shown.err, &texts[1]),
    })
}
