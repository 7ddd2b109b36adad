//! A record that says nothing to people, as the raw view has it: its type and its fields.

use serde_json::Value as Json;

use crate::journal::Record;
use crate::run::RunState;

use super::{Entry, Kind};

/// The entry of a record that has no sentence of its own.
pub(super) fn plain(record: &Record, state: &RunState) -> Entry {
    let mut fields = match serde_json::to_value(&record.event) {
        Ok(Json::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let mut text = |name: &str| match fields.shift_remove(name) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    };
    let (name, step) = (text("type").unwrap_or_default(), text("step"));
    let lines = fields.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        format!("{name}: {value}")
    });
    let mut entry = Entry::new(record, Kind::Record, step, name.replace('_', " "));
    entry.lines = lines.collect();
    entry.elapsed_ms = state.lasted(record.at).num_milliseconds();
    entry
}
