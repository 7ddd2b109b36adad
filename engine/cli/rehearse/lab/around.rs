//! What is done in a lab around the run: it is filled and broken, and looked at before and after.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use chrono::Utc;
use tokio::sync::mpsc;

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
    pub fn break_it(&self, symptoms: &mut Vec<Seen>) -> Result<Broken, String> {
        self.unless_stopped(async |live| {
            for script in &self.lab.seed {
                self.carry_out(live, "seed", script).await?;
            }
            let before = self.look_all(live, &self.lab.symptoms, Looks::Before).await?;
            if before.iter().all(|seen| seen.holds) {
                return Err("its symptoms are there before it is caused".to_owned());
            }
            let injected_at = Utc::now();
            for script in &self.lab.inject {
                self.carry_out(live, "inject", script).await?;
            }
            *symptoms = self.look_all(live, &self.lab.symptoms, Looks::Symptoms).await?;
            match symptoms.iter().find(|seen| !seen.holds) {
                None => Ok(Broken { injected_at, shown: self.shown(live).await? }),
                Some(seen) => Err(format!("{}: {}", seen.what, seen.detail)),
            }
        })
        .map_err(|error| error.to_string())?
    }

    /// The inputs that commands print, but for those that were typed.
    async fn shown(&self, live: &Live) -> Result<Vec<InputGiven>, String> {
        let mut shown = Vec::new();
        for (name, script) in self.lab.printed().filter(|it| !self.typed.contains(&it.0.value)) {
            let printed = self.carry_out(live, &format!("{name} is"), script).await?.out;
            let declared = self.plan.runbook.inputs.iter().find(|it| it.name.value == name.value);
            let value = declared.map(|input| read_input(input, &printed)).transpose();
            let value = value.map_err(|why| format!("`{printed}` cannot be `{name}`: {why}"))?;
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
    pub fn prove(&self) -> io::Result<Vec<Seen>> {
        let proofs = self.unless_stopped(async |live| {
            self.look_all(live, &self.lab.prove, Looks::Proofs).await
        })?;
        Ok(proofs.unwrap_or_else(|detail| {
            vec![Seen { what: "what proves the recovery".to_owned(), holds: false, detail }]
        }))
    }

    /// What the command prints that measures the loss.
    pub fn lost(&self) -> Option<Result<String, String>> {
        let script = self.lab.lost.as_ref()?;
        let printed = self.unless_stopped(async |live| {
            let done = self.carry_out(live, "lost", script).await?;
            Ok(done.out)
        });
        Some(printed.unwrap_or_else(|error| Err(error.to_string())))
    }

    async fn carry_out(&self, live: &Live, what: &str, script: &Script) -> Result<Done, String> {
        let names = Names::of(self.plan, self.state);
        let names = LabNames { facts: self.facts, around: Some(&names) };
        let setting = &self.plan.runbook.defaults.setting;
        let setting = crate::runbook::script::Setting { target: None, ..setting.clone() };
        let command = script.render(&setting, &names).map_err(|error| error.message)?;
        self.tell(&format!("LAB: {what}: {}", first_line(&command.shown())));
        let done = live.carry_out(&command).await;
        match &done.failure {
            None => Ok(done),
            Some(reason) => {
                let told = if done.err.is_empty() { &done.out } else { &done.err };
                let told = if told.is_empty() { String::new() } else { format!(": {told}") };
                Err(format!("{what} `{}`: {reason}{told}", first_line(&command.shown())))
            }
        }
    }

    /// Looks at each; once before the fault, where nothing is to be waited for.
    async fn look_all(
        &self,
        live: &Live,
        probes: &[Probe],
        looks: Looks,
    ) -> Result<Vec<Seen>, String> {
        let is_once = looks == Looks::Before;
        let names = Names::of(self.plan, self.state);
        let names = LabNames { facts: self.facts, around: Some(&names) };
        let mut seen = Vec::new();
        for probe in probes {
            let observation = probe.render(&self.plan.runbook.defaults.setting, &names);
            let observation = observation.map_err(|error| error.message)?;
            let observation = if is_once { once(observation) } else { observation };
            let (sight, detail) = live.sees(&observation, looks != Looks::Proofs).await;
            let holds = matches!(sight, Sight::Holds | Sight::Warns);
            let what = observation.shown();
            if !is_once {
                let is = if holds { "holds" } else { "does not hold" };
                self.tell(&format!("LAB: {}: {is}", first_line(&what)));
            }
            seen.push(Seen { what: first_line(&what).to_owned(), holds, detail });
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
        work: impl AsyncFnOnce(&Live) -> Result<T, String>,
    ) -> io::Result<Result<T, String>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let live = self.live()?;
        let done = runtime.block_on(async {
            let signals = signals::listen()?;
            tokio::select! {
                done = work(&live) => Ok(done),
                signal = asked_to_stop(signals) => Ok(Err(format!("it was stopped by {signal}"))),
            }
        });
        runtime.shutdown_background();
        done
    }

    /// The real world, as the run has it.
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
        Live::new(runbook, place, None, secrets, Decisions::default())
    }
}

async fn asked_to_stop(mut signals: mpsc::UnboundedReceiver<Signal>) -> &'static str {
    loop {
        match signals.recv().await {
            Some(Signal::Interrupt) => return "Ctrl-C",
            Some(Signal::Terminate) => return "SIGTERM",
            Some(Signal::Quit) => return "SIGQUIT",
            Some(_) => {}
            None => return std::future::pending().await,
        }
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

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
