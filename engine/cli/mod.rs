//! The command line: one file a command, and one table of exit codes.

mod abort;
mod adopt;
mod another;
mod answers;
mod approve;
mod args;
mod bundle;
mod changed;
mod consent;
mod decide;
mod deliver;
mod due;
mod exec;
mod explain;
mod failure;
mod find;
mod finish;
mod follow;
mod frozen;
mod handover;
mod home;
mod include;
mod inputs;
mod letters;
mod library;
mod limits;
mod lint;
mod list;
mod load;
mod metrics;
mod note;
mod plan;
mod privilege;
mod prune;
mod rehearse;
mod report;
mod resume;
mod run;
mod runs;
mod schema;
mod session;
mod show;
mod status;
mod tabletop;
mod taken;
mod test;
mod timeline;
mod undo;
mod verify;
mod watch;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::journal::Store;
use crate::run::event::WishedChoice;
use crate::runtime::{keeper, lab};
use args::{Args, Command};
use failure::{Exit, Failure};

/// Runs the command that was typed, and says how it went.
pub fn main() -> ExitCode {
    if let Err(failure) = privilege::refuse_borrowed() {
        return told(&failure);
    }
    if let Some(folder) = keeper::asked() {
        return keeper::main(&folder);
    }
    if let Some(folder) = lab::asked() {
        return lab::main(&folder);
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version go to standard output and are no failure.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.code() } else { Exit::Done.code() };
        }
    };
    listen_to_logs();
    let store = find::store(args.state.as_deref());
    let Some(command) = args.command else {
        return over(store.and_then(|store| home::home(&store)));
    };
    if let Command::Verify(args) = &command
        && let Some(path) = args.bundle()
    {
        return over(verify::bundle(path, args));
    }
    let store = limits::outlive_file_sizes(&command).and(store);
    over(store.and_then(|store| perform(&store, command)))
}

/// Does what was typed.
fn perform(store: &Store, command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(store, args),
        Command::Resume(args) => resume::resume(store, args),
        Command::Adopt(args) => adopt::adopt(store, args),
        Command::Undo(args) => undo::undo(store, args),
        Command::Plan(args) => plan::plan(&args),
        Command::Rehearse(args) => rehearse::rehearse(store, args),
        Command::Lint(args) => lint::lint(store, &args),
        Command::Due(args) => due::due(store, &args),
        Command::Test(args) => test::test(store, &args),
        Command::Explain(args) => explain::explain(&args),
        Command::Tabletop(args) => tabletop::tabletop(store, args),
        Command::List(args) => list::list(store, &args),
        Command::Runs(args) => runs::runs(store, &args),
        Command::Status(args) => status::status(store, &args),
        Command::Watch(args) => watch::watch(store, &args),
        Command::Show(args) => show::show(store, &args),
        Command::Note(args) => note::note(store, args),
        Command::Approve(args) => approve::approve(store, args),
        Command::Reject(args) => approve::reject(store, args),
        Command::Skip(args) => decide::decide(store, args, WishedChoice::Skip),
        Command::Retry(args) => decide::decide(store, args, WishedChoice::Retry),
        Command::Done(args) => decide::decide(store, args, WishedChoice::Done),
        Command::Fail(args) => decide::decide(store, args, WishedChoice::Fail),
        Command::Abort(args) => abort::abort(store, args),
        Command::Exec(args) => exec::exec(store, args),
        Command::Timeline(args) => timeline::timeline(store, &args),
        Command::Handover(args) => handover::handover(store, &args),
        Command::Metrics(args) => metrics::metrics(store, &args),
        Command::Report(args) => report::report(store, &args),
        Command::Verify(args) => verify::verify(store, &args),
        Command::Schema(args) => schema::schema(&args),
    }
}

/// The exit code of a command that is over; why it failed is said.
fn over(done: Result<Exit, Failure>) -> ExitCode {
    match done {
        Ok(exit) => exit.code(),
        Err(failure) => told(&failure),
    }
}

/// Says why a command did not do what was asked.
fn told(failure: &Failure) -> ExitCode {
    // Where nothing can be written, the exit code still says it.
    let _ = write!(io::stderr().lock(), "{}", failure.shown());
    failure.exit().code()
}

/// Logs go to standard error when `HOLDPOINT_LOG` asks for them; the journal is not the log.
fn listen_to_logs() {
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("HOLDPOINT_LOG") {
        let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
        // A second subscriber is impossible here: this is called once.
        let _ = logs.try_init();
    }
}

/// Prints what a command is asked for. A closed pipe is no failure of the command.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(error)),
        _ => Ok(()),
    }
}
