//! Inputs that are asked for at the terminal: what is said of them, and what is read.

use crate::drive::UNFIT;
use crate::run::event::{Event, InputGiven, InputSource};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::value::Value;

use super::super::prompt;
use super::super::world::Live;
use super::{given, panel};

/// The item of a list that lets another value be typed.
const OTHER: &str = "(type it yourself)";

impl Live {
    pub(super) fn put_input(&self, name: &str, choices: &[String]) -> Option<Event> {
        let input = match self.runbook.inputs.iter().find(|input| input.name.value == name) {
            Some(input) => input,
            None => return self.put_lost_secret(name),
        };
        let question = question_of(input);
        let is_listed = !choices.is_empty() && !input.is_secret;
        self.tell_asked(&panel::input(input, is_listed));
        let text = match is_listed {
            true => self.pick_value(input, &question, choices)?,
            false => self.type_value(input, &question)?,
        };
        let value = read_input(input, &text).ok()?;
        if input.is_secret {
            self.keep_secret(name, &value);
        }
        Some(Event::InputGiven(InputGiven {
            name: name.to_owned(),
            value: (!input.is_secret).then(|| value.to_json()),
            is_secret: input.is_secret,
            from: InputSource::Prompt,
        }))
    }

    fn type_value(&self, input: &Input, question: &str) -> Option<String> {
        if input.is_secret {
            let check = |typed: &str| unseen(input, typed);
            return given(prompt::password(question, check, &self.interrupt));
        }
        let check = |typed: &str| read_input(input, typed).map(|_| ());
        given(prompt::line(question, check, None, &self.interrupt))
    }

    /// Lets somebody pick one of the choices; what a command listed may not be all there is.
    fn pick_value(&self, input: &Input, question: &str, choices: &[String]) -> Option<String> {
        let is_open = input.choices_from.is_some() && input.choices.is_empty();
        let is_open = is_open && input.kind != Kind::Choice;
        let other = is_open.then(|| OTHER.to_owned());
        let items: Vec<String> = choices.iter().cloned().chain(other).collect();
        let pinned = usize::from(is_open);
        loop {
            let answer = prompt::select_beside(question, &items, (pinned, false), &self.interrupt);
            let Some(picked) = choices.get(given(answer)?) else {
                return self.type_value(input, question);
            };
            match read_input(input, picked) {
                Ok(_) => return Some(picked.clone()),
                Err(why) => self.tell_person(&format!("  {picked} will not do: {why}\n")),
            }
        }
    }

    /// Asks for a secret output that was lost with the driver that held it.
    fn put_lost_secret(&self, name: &str) -> Option<Event> {
        let question = format!("{name} (a secret, lost with the process that held it)");
        let value = given(prompt::password(&question, prompt::not_empty, &self.interrupt))?;
        self.secrets.add(name, value);
        let (name, from) = (name.to_owned(), InputSource::Prompt);
        Some(Event::InputGiven(InputGiven { name, value: None, is_secret: true, from }))
    }
}

/// Whether something that nobody must see will do.
pub(super) fn unseen(input: &Input, typed: &str) -> Result<(), String> {
    prompt::not_empty(typed)?;
    read_input(input, typed).map(|_| ()).map_err(|_| UNFIT.to_owned())
}

/// The words that ask for the value of an input.
pub(super) fn question_of(input: &Input) -> String {
    input.prompt.clone().unwrap_or_else(|| format!("What is {}?", input.name))
}

/// What is said of a secret that is too short to be masked well.
pub fn weak_secret(name: &str) -> String {
    format!(
        "the secret {name} is shorter than 8 bytes: it cannot be masked reliably in what steps print"
    )
}

/// A typed text as the value of an input, or why it is none.
pub fn read_input(input: &Input, text: &str) -> Result<Value, String> {
    let value = match input.kind {
        Kind::List => {
            let json: serde_json::Value =
                serde_yaml::from_str(text).map_err(|error| format!("this is no list: {error}"))?;
            Value::typed(&json, Kind::List)?
        }
        kind => Value::parse(text, kind)?,
    };
    input.admits(&value)?;
    Ok(value)
}
