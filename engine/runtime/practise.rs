//! How a step would go, asked of a person who rehearses it: all that a live run would show before
//! it, then one key.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::run::{Execution, Offer, Task};
use crate::runbook::output::Output;

use super::people::{given, panel};
use super::prompt::{self, Choice};
use super::world::Live;

/// What a person says of a step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Practised {
    /// It goes well.
    Well,
    /// It goes well and yields these outputs, by name.
    Yields(BTreeMap<String, String>),
    /// It fails with this exit code or status.
    Code(u16),
    /// It fails for this reason.
    Fails(String),
    /// It runs out of time.
    TimesOut,
    /// Nobody can see how it went.
    Unseen,
}

impl Live {
    /// Asks how a step would go; none where nobody says.
    pub async fn practise(
        self: &Arc<Self>,
        execution: &Execution,
        offer: Offer,
    ) -> Option<Practised> {
        let _alone = self.asking.lock().await;
        if self.is_interrupted() {
            return None;
        }
        let (world, execution) = (Arc::clone(self), execution.clone());
        let put = move || world.give_terminal(|| world.put_practice(&execution, &offer));
        tokio::task::spawn_blocking(put).await.ok().flatten()
    }

    /// Puts the question at the terminal. Blocks.
    fn put_practice(&self, execution: &Execution, offer: &Offer) -> Option<Practised> {
        let place = self.place.environment.as_deref();
        let choices = choices(execution);
        loop {
            self.tell_decider(&panel::practice(&execution.step, &execution.shown, offer, place));
            let key = given(prompt::key("How does it go?", &choices, &self.interrupt))?;
            let said = match key {
                'g' => Some(Practised::Well),
                'f' => self.ask_failure(execution),
                't' => Some(Practised::TimesOut),
                'u' => Some(Practised::Unseen),
                _ => self.ask_outputs(execution),
            };
            // What was broken off leads back to the keys, unless nothing is asked any more.
            if said.is_some() || self.is_interrupted() {
                return said;
            }
        }
    }

    fn ask_failure(&self, execution: &Execution) -> Option<Practised> {
        let (question, usual) = match execution.task {
            Task::Http(_) => ("Which status, or what goes wrong?", "500"),
            _ => ("Which exit code, or what goes wrong?", "1"),
        };
        let is_failure = |typed: &str| match typed.trim() {
            "0" => Err("0 is a success".to_owned()),
            "" => Err("say a number, or what goes wrong".to_owned()),
            _ => Ok(()),
        };
        let typed = prompt::line(question, is_failure, Some(usual), &self.interrupt);
        let typed = given(typed)?.trim().to_owned();
        Some(match (typed.parse::<u16>(), &execution.task) {
            (Ok(status), Task::Http(_)) if (100..600).contains(&status) => Practised::Code(status),
            (Ok(code), Task::Run(_)) if code < 256 => Practised::Code(code),
            _ => Practised::Fails(self.secrets.redactor().mask_str(&typed).into()),
        })
    }

    fn ask_outputs(&self, execution: &Execution) -> Option<Practised> {
        let mut values = BTreeMap::new();
        for output in asked(execution) {
            let name = &output.name.value;
            let question = format!("{name}, {}", output.kind.noun());
            let check = |typed: &str| output.parse(typed).map(drop);
            let default = output.default.as_ref().and_then(|value| value.text());
            let typed = prompt::line(&question, check, default.as_deref(), &self.interrupt);
            let typed = self.secrets.redactor().mask_str(&given(typed)?).into_owned();
            values.insert(name.clone(), typed);
        }
        Some(Practised::Yields(values))
    }
}

/// The outputs that can be typed where everybody sees them.
fn asked(execution: &Execution) -> impl Iterator<Item = &Output> {
    execution.outputs.iter().filter(|output| !output.is_secret)
}

fn choices(execution: &Execution) -> Vec<Choice> {
    let mut choices = vec![
        Choice::of('g', "goes well", "it succeeds"),
        Choice::of('f', "fails", "you say how; then what follows is what would follow"),
        Choice::of('t', "times out", "it takes longer than it may"),
        Choice::of('u', "unseen", "it was begun, and nobody can see how it ended"),
    ];
    if asked(execution).next().is_some() {
        let names: Vec<&str> = asked(execution).map(|output| output.name.as_str()).collect();
        let meaning = format!("it succeeds, and you say its {}", names.join(", "));
        choices.push(Choice::of('o', "output", &meaning));
    }
    choices
}
