//! `holdpoint rehearse --lab`: the real steps, against components that are started for them.
//!
//! The process starts the lab and begins once more in its environment, so that inputs, probes and
//! steps find the components as they would find those of production. The run itself is a run like
//! every other, stamped LAB and kept in the store of rehearsals.

mod around;
mod places;

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;

use crate::cli::args::{self, RunFormat};
use crate::cli::failure::{Exit, Failure};
use crate::cli::find::Found;
use crate::cli::include::Bundle;
use crate::cli::library::{self, Shared};
use crate::cli::session::{self, Session};
use crate::cli::{answers, inputs, load, run};
use crate::document::millis;
use crate::drive::Decisions;
use crate::journal::{Durability, Folder, Lock, Store, Writer};
use crate::plan::Plan;
use crate::rehearse::{Trial, seconds};
use crate::report::visible_str;
use crate::run::RunState;
use crate::run::event::{Cause, Event, InputGiven, InputSource, Mode, Moment, Outcome, RunStarted};
use crate::runbook::expression::Expression;
use crate::runbook::lab::{Component, Facts, Lab, LabNames, tier};
use crate::runbook::rendered::Quoting;
use crate::runbook::template::Template;
use crate::runtime::lab::{Running, enter, lacking, rejoin};
use crate::runtime::{Secrets, missing};
use crate::source::{Problems, Source};
use crate::timeline::{Drilled, duration};

use around::{Around, Broken, Undone};
use places::Places;

/// The environment of a library that a lab is.
const ENVIRONMENT: &str = "lab";

/// The page in the folder of the run, and the same for programs.
const PAGE: &str = "report.md";
const FORM: &str = "report.json";

/// Rehearses a runbook in its lab.
pub fn rehearse(store: &Store, args: args::Rehearse) -> Result<Exit, Failure> {
    let shared = library::find(&args.file)?;
    let environment = environment(shared.as_ref(), args.environment.as_deref())?;
    let library = library::of(shared.as_ref(), environment.clone());
    let (source, bundle) = load::bundle(&args.file, library)?;
    let lab = bundle.plan.runbook.knowledge.lab.clone().ok_or_else(|| {
        let message = format!("`{}` says nothing of a lab", bundle.plan.runbook.id);
        Failure::usage(message, "give it a `lab:` with its components, the fault and its symptoms")
    })?;
    refuse_to_leave(&bundle.plan, &lab, shared.as_ref())?;
    refuse_other_places(&lab, &args.given.inputs)?;
    let Some(running) = rejoin() else {
        refuse_unfit(&bundle.plan, &args.given)?;
        return Err(begin(store, &args.file, &bundle.plan, &lab));
    };
    Entered { store, args, shared, environment, source, bundle, lab, running }.rehearse()
}

/// Starts the lab, and begins once more in it: it comes back only with what went wrong.
fn begin(store: &Store, file: &Path, plan: &Plan, lab: &Lab) -> Failure {
    let lacking = lacking(lab.programs());
    if !lacking.is_empty() {
        let named = lacking.iter().map(|it| format!("{} (package {})", it.name, it.package));
        let named: Vec<String> = named.collect();
        return Failure::Missing(format!("not rehearsed: its lab needs {}", named.join(", ")));
    }
    if let Some(why) = needs_root(lab) {
        return Failure::Missing(format!("not rehearsed: {why}"));
    }
    let told = format!("LAB: starting {} for {}", words(lab), plan.runbook.id);
    // Where nobody sees it, nothing is lost.
    let _ = writeln!(io::stderr().lock(), "{}", visible_str(&told));
    let folder = file.canonicalize().ok().and_then(|it| it.parent().map(Path::to_owned));
    let folder = folder.unwrap_or_default().to_string_lossy().into_owned();
    let more = |facts: &Facts| {
        let names = LabNames { facts, around: None };
        let own = lab.env.iter().map(|(name, value)| {
            let value = value.render(&names, Quoting::Text).map_err(|it| it.message)?;
            Ok((name.clone(), value.shown()))
        });
        let beside = ("LAB_RUNBOOK_FOLDER".to_owned(), folder.clone());
        // The folder of the user, by which the store is found, is another one in a lab.
        let kept = ("HOLDPOINT_STATE".to_owned(), store.root().display().to_string());
        [Ok(beside), Ok(kept)].into_iter().chain(own).collect()
    };
    Failure::Missing(format!("not rehearsed: {}", enter(lab, &more)))
}

/// Why only root can rehearse it, where this process is not.
fn needs_root(lab: &Lab) -> Option<String> {
    let is_root = rustix::process::geteuid().is_root();
    let why = |it: &Component| Some(format!("`{}` needs root, {}", it.name, it.kind.root?));
    lab.components.iter().find_map(why).filter(|_| !is_root)
}

fn words(lab: &Lab) -> String {
    let names: Vec<&str> = lab.components.iter().map(|it| it.name.value.as_str()).collect();
    if names.is_empty() { "no component".to_owned() } else { names.join(", ") }
}

/// The environment that is the lab, where the library has one of that name; any other is a place that
/// a lab must not touch.
fn environment(shared: Option<&Shared>, named: Option<&str>) -> Result<Option<String>, Failure> {
    let environments = shared.map(|shared| shared.library.environments.as_slice());
    let mut names = environments.unwrap_or_default().iter().map(|(name, _)| name.as_str());
    match named {
        Some(named) if named != ENVIRONMENT => {
            let message = format!("`{named}` is no lab: its machines would be broken for real");
            Err(Failure::usage(message, "leave --environment out, or name the environment `lab`"))
        }
        Some(named) => library::environment(shared, Some(named), false),
        None => Ok(names.find(|name| *name == ENVIRONMENT).map(str::to_owned)),
    }
}

/// Refuses what would leave the lab.
fn refuse_to_leave(plan: &Plan, lab: &Lab, shared: Option<&Shared>) -> Result<(), Failure> {
    let places = Places::of(plan, lab, shared);
    if places.any_leaves() {
        return Err(Failure::usage(
            "its steps run on other machines, which are none of the lab",
            "give the lab a component of the kind `host`, or the library an environment `lab` that \
             says where they are there",
        ));
    }
    match places.own_path() {
        None => Ok(()),
        Some(what) => Err(Failure::usage(
            format!(
                "a step has {what}, by which it would find the machine's systemctl, ssh and sudo"
            ),
            "leave that out, or put what differs into an input: the lab has stand-ins before PATH",
        )),
    }
}

/// Refuses inputs in the place of those by which the lab says where its components are: the lab would
/// be filled and broken somewhere else.
fn refuse_other_places(lab: &Lab, typed: &[String]) -> Result<(), Failure> {
    let mut typed = typed.iter().filter_map(|it| it.split_once('=')).map(|(name, _)| name);
    let is_of_lab = |name: &&str| {
        let told = lab.inputs.iter().find(|(known, _)| known.value == *name);
        let text = told.and_then(|(_, told)| told.text());
        let mut names =
            text.into_iter().flat_map(Template::expressions).flat_map(Expression::names);
        names.any(|name| name.starts_with("lab."))
    };
    match typed.find(is_of_lab) {
        None => Ok(()),
        Some(name) => Err(Failure::usage(
            format!("`{name}` is where something of the lab is, which would be broken elsewhere"),
            format!("leave --input {name} out"),
        )),
    }
}

/// Refuses what no lab is to be started for: what was given does not fit the runbook.
fn refuse_unfit(plan: &Plan, given: &args::Given) -> Result<(), Failure> {
    inputs::typed(&plan.runbook, &given.inputs, given.inputs_file.as_deref())?;
    answers::prepared(plan, given.answers.as_deref())?;
    answers::waived(plan, &given.waive)?;
    Ok(())
}

/// A rehearsal whose lab runs.
struct Entered<'s> {
    store: &'s Store,
    args: args::Rehearse,
    shared: Option<Shared>,
    environment: Option<String>,
    source: Source,
    bundle: Bundle,
    lab: Lab,
    running: Running,
}

/// What a run in the lab needs, before it begins.
struct Set {
    folder: Folder,
    lock: Lock,
    journal: Writer,
    started: RunStarted,
    inputs: Vec<Event>,
    secrets: Arc<Secrets>,
    decisions: Decisions,
    operator: String,
    is_attended: bool,
}

impl Entered<'_> {
    fn rehearse(self) -> Result<Exit, Failure> {
        let (format, work) = (self.args.format, self.running.work());
        let mut set = self.set()?;
        let typed = self.typed();
        let Entered { bundle, lab, running, .. } = self;
        let plan = bundle.plan;
        let mut trial = begun_trial(&set.folder, &plan, &lab);
        let (folder, secrets) = (set.folder.clone(), Arc::clone(&set.secrets));
        let environment = set.started.environment.clone();
        let state = RunState {
            start: Some(set.started.clone()),
            ..RunState::assuming(&plan, environment.as_ref(), &set.inputs)
        };
        let around = Around {
            plan: &plan,
            state: &state,
            lab: &lab,
            facts: &running.facts,
            work: &work,
            folder: &folder,
            secrets: &secrets,
            is_told: format != RunFormat::Jsonl,
            typed: &typed,
        };
        let began = Instant::now();
        let prepared = around.break_it(&mut trial.symptoms);
        trial.prepared_ms = millis(began.elapsed());
        let exit = match prepared {
            Err(undone) => {
                let reason = undone.to_string();
                not_shown(set, &plan, &reason)?;
                trial.not_shown = Some(reason);
                if let Undone::Stopped(exit) = undone { exit } else { Exit::Failed }
            }
            Ok(Broken { injected_at, shown }) => {
                set.take(shown);
                let session = set.session(&plan, injected_at, work.clone(), format);
                let exit = session.drive()?;
                judge(&around, &mut trial)?;
                exit
            }
        };
        trial.left = running.end().err();
        conclude(&folder, &plan, &trial, format, exit)
    }

    /// All that a run needs.
    fn set(&self) -> Result<Set, Failure> {
        let (plan, args) = (&self.bundle.plan, &self.args);
        let secrets = Arc::new(Secrets::default());
        let inputs = self.inputs(&secrets)?;
        let answers = match &args.given.answers {
            Some(file) => answers::prepared(plan, Some(file))?,
            None => self.answers()?,
        };
        let waived = answers::waived(plan, &args.given.waive)?;
        run::refuse_unknown_cases(plan, self.environment.as_ref(), &inputs)?;
        check_requires(plan)?;
        let operator = session::operator(args.operator.clone());
        let is_attended = session::is_attended(args.non_interactive);
        let folder = self.store.practice().create(&plan.runbook.id.value, Utc::now())?;
        let lock = session::lock(&folder, &operator)?;
        let shared = self.shared.as_ref().map(|it| it.source.text().to_owned());
        let library = shared.map(|text| (crate::runbook::library::FILE.to_owned(), text));
        let beside = self.bundle.beside().into_iter().chain(library).collect();
        let journal = run::begin(&folder, &self.source, &beside, Durability::Process)?;
        let started = RunStarted {
            run: folder.run.clone(),
            mode: Mode::Lab,
            operator: operator.clone(),
            cwd: self.running.work().to_string_lossy().into_owned(),
            is_attended,
            parallel: args.parallel,
            waived,
            environment: self.environment.clone(),
            ..super::begun(plan, &self.source, &beside)
        };
        let decisions = Decisions { answers, yes: args.given.yes, ..Decisions::default() };
        let set = Set {
            folder,
            lock,
            journal,
            started,
            inputs,
            secrets,
            decisions,
            operator,
            is_attended,
        };
        Ok(set)
    }

    /// The inputs of the lab, and over those what was typed.
    fn inputs(&self, secrets: &Secrets) -> Result<Vec<Event>, Failure> {
        let names = LabNames { facts: &self.running.facts, around: None };
        let mut flags = Vec::new();
        let texts = self.lab.inputs.iter().filter_map(|(name, told)| Some((name, told.text()?)));
        for (name, value) in texts {
            let value = value.render(&names, Quoting::Text);
            let value = value.map_err(|error| Failure::Missing(error.message))?;
            flags.push(format!("{name}={}", value.shown()));
        }
        flags.extend(self.args.given.inputs.iter().cloned());
        let (place, file) = (self.environment.as_deref(), self.args.given.inputs_file.as_deref());
        let mut events = inputs::given(&self.bundle.plan.runbook, place, &flags, file, secrets)?;
        let typed = self.typed();
        for event in &mut events {
            let Event::InputGiven(given) = event else { continue };
            let of_lab = self.lab.inputs.iter().any(|(name, _)| name.value == given.name);
            if of_lab && !typed.contains(&given.name) {
                given.from = InputSource::Lab;
            }
        }
        Ok(events)
    }

    /// The inputs that were typed, by name: they go before those of the lab.
    fn typed(&self) -> BTreeSet<String> {
        let typed = self.args.given.inputs.iter().filter_map(|it| it.split_once('='));
        typed.map(|(name, _)| name.to_owned()).collect()
    }

    /// The answers of the lab, each for a step that asks for it.
    fn answers(&self) -> Result<Vec<(String, crate::runbook::answers::Prepared)>, Failure> {
        let mut problems = Problems::default();
        let answers = self.lab.answers.iter().cloned();
        let found = crate::plan::fitted(&self.bundle.plan, answers, &mut problems);
        match problems.has_errors() {
            false => Ok(found),
            true => Err(Failure::Invalid(load::drawn(&self.source, problems))),
        }
    }
}

impl Set {
    /// Takes over what only the fault has shown; each input has one value.
    fn take(&mut self, shown: Vec<InputGiven>) {
        for given in shown {
            let is_other = |event: &Event| match event {
                Event::InputGiven(known) => known.name != given.name,
                _ => true,
            };
            self.inputs.retain(is_other);
            self.inputs.push(Event::InputGiven(given));
        }
    }

    /// The run, of which the time counts from the fault.
    fn session(self, plan: &Plan, injected_at: Moment, cwd: PathBuf, format: RunFormat) -> Session {
        let started = RunStarted { detected_at: Some(injected_at), ..self.started };
        Session {
            state: RunState::new(plan),
            plan: plan.clone(),
            folder: self.folder,
            journal: self.journal,
            lock: self.lock,
            first: std::iter::once(Event::RunStarted(started)).chain(self.inputs).collect(),
            secrets: self.secrets,
            decisions: self.decisions,
            operator: self.operator,
            is_attended: self.is_attended,
            cwd,
            format,
        }
    }
}

/// What is known of a trial before it.
fn begun_trial(folder: &Folder, plan: &Plan, lab: &Lab) -> Trial {
    let components = lab.components.iter().map(|it| (it.name.value.clone(), it.kind.word));
    Trial {
        version: 1,
        run: folder.run.clone(),
        runbook: plan.runbook.id.value.clone(),
        tier: tier(&lab.components),
        components: components.collect(),
        ..Trial::default()
    }
    .against(&plan.runbook.knowledge.objectives)
}

/// Checks that all is there that the runbook requires, in the lab.
fn check_requires(plan: &Plan) -> Result<(), Failure> {
    match missing(&plan.runbook.requires, &[]) {
        missing if missing.is_empty() => Ok(()),
        missing => Err(Failure::Missing(format!("not rehearsed: {}", missing.join("; ")))),
    }
}

/// Puts on record that nothing of the runbook was begun.
fn not_shown(set: Set, plan: &Plan, reason: &str) -> Result<(), Failure> {
    let Set { folder, mut journal, started, .. } = set;
    let at = Utc::now();
    let cause = Cause::NotStarted { detail: reason.to_owned() };
    let ended = Event::RunEnded {
        outcome: Outcome::Aborted,
        as_if: None,
        verdict: None,
        cause: Some(cause),
    };
    let mut state = RunState::new(plan);
    let events = vec![Event::RunStarted(started), ended];
    for event in &events {
        state.apply(plan, at, event)?;
    }
    let kept = journal.append(at, events);
    kept.map(drop)
        .map_err(|error| Failure::Journal { run: folder.run.clone(), reason: error.to_string() })
}

/// Measures what the run has shown, and looks whether it is proven.
fn judge(around: &Around<'_>, trial: &mut Trial) -> Result<(), Failure> {
    let found = Found::in_folder(around.folder.clone())?;
    let (plan, state) = found.state()?;
    trial.outcome = state.outcome;
    trial.verdict = state.verdict;
    trial.rto_ms = Drilled::of(&found.reading.records).map(|it| it.took_ms);
    let around = Around { plan: &plan, state: &state, ..*around };
    // What did not recover proves nothing, and what was broken off is not waited for.
    if !trial.has_succeeded() {
        let reason = |_| "the run did not recover it".to_owned();
        trial.rpo_unknown = around.lab.lost.as_ref().map(reason);
        return Ok(());
    }
    trial.proofs = match around.lab.prove.as_slice() {
        [] => vec![around.is_gone()],
        _ => around.prove(),
    };
    match around.lost() {
        None => {}
        Some(Ok(printed)) => {
            trial.rpo_ms = seconds(&printed);
            let is_number = trial.rpo_ms.is_some();
            trial.rpo_unknown =
                (!is_number).then(|| format!("`{printed}` is no number of seconds"));
        }
        Some(Err(reason)) => trial.rpo_unknown = Some(reason),
    }
    Ok(())
}

/// Says what was shown, and keeps it beside the journal.
fn conclude(
    folder: &Folder,
    plan: &Plan,
    trial: &Trial,
    format: RunFormat,
    exit: Exit,
) -> Result<Exit, Failure> {
    let text = trial.text(&duration);
    let title = plan.runbook.title.as_str();
    let (run, day) = (folder.run.as_str(), Utc::now().format("%Y-%m-%d"));
    let page =
        format!("# {title}\n\nRehearsed in a lab on {day}, run {run}.\n\n```text\n{text}```\n");
    folder.write(PAGE, visible_str(&page).as_bytes())?;
    let form = serde_json::to_string_pretty(trial).unwrap_or_default() + "\n";
    folder.write(FORM, form.as_bytes())?;
    if format != RunFormat::Jsonl {
        let place = folder.path().join(PAGE).display().to_string();
        let name = &folder.run;
        let more =
            format!("report: {place}\ntimeline: holdpoint {}timeline {name}\n", folder.option());
        crate::cli::print(&visible_str(&format!("\n{text}\n{more}")))?;
    }
    Ok(match exit {
        Exit::Done | Exit::Exceptions if !trial.is_recovered() => Exit::Failed,
        // Something of the lab still runs here.
        Exit::Done | Exit::Exceptions if trial.left.is_some() => Exit::Failed,
        exit => exit,
    })
}
