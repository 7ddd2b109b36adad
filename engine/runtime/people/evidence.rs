//! What a person hands in, as it goes on record.

use serde_json::Value as Json;

use crate::drive::{Answers, Custody};
use crate::run::event::EvidenceGiven;
use crate::run::secret_name;
use crate::runbook::expect::FileSight;
use crate::runbook::input::Input;
use crate::runbook::manual::{EvidenceKind, number};
use crate::runbook::value::Value;

use super::super::look;
use super::super::world::Live;
use super::weak_secret;

impl Custody for Live {
    fn evidence(&self, kind: EvidenceKind, text: &str) -> Result<EvidenceGiven, String> {
        kind.admits(text)?;
        match kind {
            EvidenceKind::Number => number(text).map(|number| EvidenceGiven::Number { number }),
            EvidenceKind::Text => {
                self.without_secret("it", &Value::Text(text.to_owned()))?;
                Ok(EvidenceGiven::Text { text: text.to_owned() })
            }
            EvidenceKind::File => self.take_file(text),
        }
    }

    fn take_answer(
        &self,
        step: &str,
        answer: &Input,
        value: &Value,
        into: &mut Answers,
    ) -> Result<(), String> {
        let name = &answer.name.value;
        match answer.is_secret {
            true => {
                self.keep_secret(&secret_name(step, name), value);
                into.secrets.push(name.clone());
            }
            false => {
                into.open.insert(name.clone(), self.without_secret(name, value)?);
            }
        }
        Ok(())
    }

    fn masked(&self, text: &str) -> String {
        self.secrets.redactor().mask_str(text).into()
    }
}

impl Live {
    fn take_file(&self, text: &str) -> Result<EvidenceGiven, String> {
        let path = self.place.cwd.join(text.trim());
        let shown = path.to_string_lossy().into_owned();
        self.without_secret("it", &Value::Text(shown.clone()))?;
        if path.is_dir() {
            return Err(format!("{shown} is a folder"));
        }
        // A pipe or a device would never end.
        if path.exists() && !path.is_file() {
            return Err(format!("{shown} is no file"));
        }
        match look::file(&path, true) {
            Ok(FileSight::Found(facts)) => Ok(EvidenceGiven::File {
                path: shown,
                bytes: facts.size,
                sha256: facts.sha256.unwrap_or_default(),
            }),
            Ok(_) => Err(format!("there is no file {shown}")),
            Err(error) => Err(format!("{shown}: {error}")),
        }
    }

    /// A value as it goes on record, unless it would tell a secret there.
    pub(super) fn without_secret(&self, name: &str, value: &Value) -> Result<Json, String> {
        let json = value.to_json();
        let text = value.text().unwrap_or_else(|| json.to_string());
        match self.masked(&text) == text {
            true => Ok(json),
            false => Err(format!("{name} holds a secret, which would be kept")),
        }
    }

    /// Keeps what somebody typed in memory, and says when it is too short to be masked well.
    pub(super) fn keep_secret(&self, name: &str, value: &Value) {
        let text = value.text().unwrap_or_else(|| value.to_json().to_string());
        self.secrets.add(name, text);
        if self.secrets.weak().iter().any(|weak| weak == name) {
            self.tell_person(&format!("{}\n", weak_secret(name)));
        }
    }
}
