//! What is done in a lab around the run: it is filled and broken, and looked at before and after.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

use crate::cli::failure::Exit;
use crate::drive::Decisions;
use crate::journal::{Folder, Inbox};
use crate::plan::Plan;
use crate::rehearse::Seen;
use crate::report::visible_str;
use crate::run::event::{InputGiven, InputSource, Mode, Moment, Sight};
use crate::run::{Names, RunState};
use crate::runbook::lab::{Facts, Lab, LabNames};
use crate::runbook::probe::{Observation, Patience, Probe, View};
use crate::runbook::script::Script;
use crate::runtime::lab::Done;
use crate::runtime::signals::{self, Signal};
use crate::runtime::{Live, MachineClock, Place, Secrets, read_input};

/// The lab with what is known while it is worked on.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub plan: &'a Plan,
    pub state: &'a RunState,
    pub lab: &'a Lab,
    pub facts: &'a Facts,
    /// The folder in which commands run.
    pub work: &'a Path,
    /// The folder of the run.
    pub folder: &'a Folder,
    pub secrets: &'a Arc<Secrets>,
    /// Whether a person reads what is told.
    pub is_told: bool,
    /// The inputs that somebody has typed.
    pub typed: &'a BTreeSet<String>,
}

/// A lab in which the fault shows.
pub struct Broken {
    /// When it was caused.
    pub injected_at: Moment,
    /// The inputs that only the fault shows.
    pub shown: Vec<InputGiven>,
}

/// Why something in a lab was not done.
#[derive(Debug)]
pub enum Undone {
    /// It cannot be done, or what was to be seen is not there.
    Because(String),
    /// Somebody asked to stop.
    Stopped(Exit),
}

/// What is looked at.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Looks {
    /// The symptoms before the fault, which must not be there.
    Before,
    /// The symptoms after it.
    Symptoms,
    /// What proves the recovery: a server that is not there proves nothing.
    Proofs,
}

impl Around<'_> {
    /// Fills the lab, causes the fault, sees that it shows, and asks for what only then is known. A
    /// symptom that shows before proves nothing, so that is seen too.
    pub fn break_it(&self, symptoms: &mut Vec<Seen>) -> Result<Broken, Undone> {
        self.unless_stopped(async |live| {
            for script in &self.lab.seed {
                self.carry_out(live, "seed", script)
                    .await
                    .map_err(|it| it.while_doing("the lab could not be filled"))?;
            }
            let before = self.look_all(live, &self.lab.symptoms, Looks::Before).await?;
            if before.iter().all(|seen| seen.holds) {
                let reason = "the symptoms are there before the fault is caused";
                return Err(Undone::Because(reason.to_owned()));
            }
            let injected_at = Utc::now();
            for script in &self.lab.inject {
                self.carry_out(live, "inject", script)
                    .await
                    .map_err(|it| it.while_doing("the fault could not be caused"))?;
            }
            *symptoms = self.look_all(live, &self.lab.symptoms, Looks::Symptoms).await?;
            match symptoms.iter().find(|seen| !seen.holds) {
                None => Ok(Broken { injected_at, shown: self.shown(live).await? }),
                Some(seen) => Err(Undone::Because(format!(
                    "the fault did not show: {}: {}",
                    seen.what, seen.detail
                ))),
            }
        })
    }

    /// The inputs that commands print, but for those that were typed.
    async fn shown(&self, live: &Live) -> Result<Vec<InputGiven>, Undone> {
        let mut shown = Vec::new();
        for (name, script) in self.lab.printed().filter(|it| !self.typed.contains(&it.0.value)) {
            let printed = self.carry_out(live, &format!("{name} is"), script).await?.out;
            let declared = self.plan.runbook.inputs.iter().find(|it| it.name.value == name.value);
            let value = declared.map(|input| read_input(input, &printed)).transpose();
            let wrong = |why| Undone::Because(format!("`{printed}` cannot be `{name}`: {why}"));
            let value = value.map_err(wrong)?;
            shown.push(InputGiven {
                name: name.value.clone(),
                value: value.map(|value| value.to_json()),
                is_secret: false,
                from: InputSource::Lab,
            });
        }
        Ok(shown)
    }

    /// Looks at what proves the recovery.
    pub fn prove(&self) -> Vec<Seen> {
        let proofs = self
            .unless_stopped(async |live| self.look_all(live, &self.lab.prove, Looks::Proofs).await);
        proofs.unwrap_or_else(|undone| {
            let (what, detail) = ("what proves the recovery".to_owned(), undone.to_string());
            vec![Seen { what, expected: String::new(), holds: false, detail }]
        })
    }

    /// Where nothing is said to prove the recovery, whether the fault shows no longer.
    pub fn is_gone(&self) -> Seen {
        let seen = self.unless_stopped(async |live| {
            self.look_all(live, &self.lab.symptoms, Looks::Before).await
        });
        let (holds, detail) = match seen {
            Ok(seen) if seen.iter().all(|it| it.holds) => (false, "every symptom holds".to_owned()),
            Ok(_) => (true, String::new()),
            Err(undone) => (false, undone.to_string()),
        };
        let what = "the fault shows no longer".to_owned();
        Seen { what, expected: String::new(), holds, detail }
    }

    /// What the command prints that measures the loss.
    pub fn lost(&self) -> Option<Result<String, String>> {
        let script = self.lab.lost.as_ref()?;
        let printed = self.unless_stopped(async |live| {
            let done = self.carry_out(live, "lost", script).await?;
            Ok(done.out)
        });
        Some(printed.map_err(|undone| undone.to_string()))
    }

    async fn carry_out(&self, live: &Live, what: &str, script: &Script) -> Result<Done, Undone> {
        let names = Names::of(self.plan, self.state);
        let names = LabNames { facts: self.facts, around: Some(&names) };
        let setting = &self.plan.runbook.defaults.setting;
        let setting = crate::runbook::script::Setting { target: None, ..setting.clone() };
        let command = script.render(&setting, &names);
        let command = command.map_err(|error| Undone::Because(error.message))?;
        self.tell(&format!("LAB: {what}: {}", first_line(&command.shown())));
        let done = live.carry_out(&command).await;
        match &done.failure {
            None => Ok(done),
            Some(reason) => {
                let told = if done.err.is_empty() { &done.out } else { &done.err };
                let told = match last_lines(told) {
                    lines if lines.is_empty() => lines,
                    lines => format!(": {lines}"),
                };
                let what = format!("{what} `{}`", first_line(&command.shown()));
                Err(Undone::Because(format!("{what}: {reason}{told}")))
            }
        }
    }

    /// Looks at each; once before the fault, where nothing is to be waited for.
    async fn look_all(
        &self,
        live: &Live,
        probes: &[Probe],
        looks: Looks,
    ) -> Result<Vec<Seen>, Undone> {
        let is_once = looks == Looks::Before;
        let names = Names::of(self.plan, self.state);
        let names = LabNames { facts: self.facts, around: Some(&names) };
        let mut seen = Vec::new();
        for probe in probes {
            let observation = probe.render(&self.plan.runbook.defaults.setting, &names);
            let observation = observation.map_err(|error| Undone::Because(error.message))?;
            let observation = if is_once { once(observation) } else { observation };
            let (sight, detail) = live.sees(&observation, looks != Looks::Proofs).await;
            let holds = matches!(sight, Sight::Holds | Sight::Warns);
            let (what, expected) = (observation.shown(), observation.expected());
            if !is_once {
                let is = if holds { "holds" } else { "does not hold" };
                self.tell(&format!("LAB: {}: {is}", first_line(&what)));
            }
            seen.push(Seen { what: first_line(&what).to_owned(), expected, holds, detail });
        }
        Ok(seen)
    }

    fn tell(&self, text: &str) {
        if self.is_told {
            // What cannot be shown changes nothing.
            let _ = crate::cli::print(&format!("{}\n", visible_str(text)));
        }
    }

    /// Does something in the lab, unless somebody asks to stop; what runs then ends with the lab.
    fn unless_stopped<T>(
        &self,
        work: impl AsyncFnOnce(&Live) -> Result<T, Undone>,
    ) -> Result<T, Undone> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let live = self.live()?;
        let done = runtime.block_on(async {
            let signals = signals::listen()?;
            tokio::select! {
                done = work(&live) => done,
                exit = asked_to_stop(signals) => Err(Undone::Stopped(exit)),
            }
        });
        runtime.shutdown_background();
        done
    }

    /// The real world.
    fn live(&self) -> io::Result<Live> {
        let place = Place {
            cwd: self.work.to_owned(),
            run: self.folder.path().to_owned(),
            output: self.folder.output(),
            inbox: Inbox::of(self.folder),
            program: "/proc/self/exe".into(),
            epoch: 0,
            mode: Mode::Lab,
            environment: self.state.environment.clone(),
            operator: String::new(),
            is_attended: false,
            clock: Arc::new(MachineClock::of_this_boot()),
        };
        let (runbook, secrets) = (Arc::clone(&self.plan.runbook), Arc::clone(self.secrets));
        Live::new(runbook, place, None, secrets, Decisions::default()).map(Live::of_lab)
    }
}

async fn asked_to_stop(mut signals: mpsc::UnboundedReceiver<Signal>) -> Exit {
    loop {
        match signals.recv().await {
            Some(Signal::Interrupt) => return Exit::Interrupted,
            Some(Signal::Terminate) => return Exit::Terminated,
            Some(Signal::Quit) => return Exit::Quit,
            Some(_) => {}
            None => return std::future::pending().await,
        }
    }
}

impl Undone {
    /// What could not be done because of it; somebody who asked to stop knows that.
    fn while_doing(self, what: &str) -> Undone {
        match self {
            Undone::Because(reason) => Undone::Because(format!("{what}: {reason}")),
            stopped @ Undone::Stopped(_) => stopped,
        }
    }
}

impl fmt::Display for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Undone::Because(reason) => f.write_str(reason),
            Undone::Stopped(Exit::Interrupted) => f.write_str("it was stopped by Ctrl-C"),
            Undone::Stopped(Exit::Quit) => f.write_str("it was stopped by SIGQUIT"),
            Undone::Stopped(_) => f.write_str("it was stopped by SIGTERM"),
        }
    }
}

impl From<io::Error> for Undone {
    fn from(error: io::Error) -> Undone {
        Undone::Because(error.to_string())
    }
}

/// A look that is taken once.
fn once(observation: Observation) -> Observation {
    let view = match observation.view {
        View::Not(inner) => View::Not(Box::new(once(*inner))),
        view => view,
    };
    Observation { view, patience: Patience::default(), ..observation }
}

/// The end of what was printed: a few lines say as much as a hundred.
fn last_lines(text: &str) -> String {
    const MOST: usize = 4;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.get(lines.len().saturating_sub(MOST)..).unwrap_or_default().join("\n")
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
