//! Whom to call next, and when: the part of a runbook's knowledge that falls due by itself.
//!
//! An escalation without `after`, or one in words only, is for a person to read and has no moment.

use std::time::Duration;

use serde_json::Value as Json;

use crate::document::parse_duration;

/// An escalation that falls due after a while.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Call {
    /// Its place in the list of the runbook, from 0.
    pub place: usize,
    /// The roles or people to call.
    pub to: Vec<String>,
    /// After how long without a recovery.
    pub after: Duration,
    /// In which case, in words.
    pub when: Option<String>,
}

impl Call {
    /// Whom to call, as a person reads it.
    pub fn shown(&self) -> String {
        self.to.join(", ")
    }
}

/// The calls that fall due, in the order of the runbook.
pub(super) fn calls(escalation: &Json) -> Vec<Call> {
    let call = |(place, entry): (usize, &Json)| {
        let after = parse_duration(entry["after"].as_str()?).ok()?;
        let to = one_or_many(&entry["to"]).iter().filter_map(|to| to.as_str().map(str::to_owned));
        let when = entry["when"].as_str().map(str::to_owned);
        Some(Call { place, to: to.collect(), after, when })
    };
    let is_somebody = |call: &Call| !call.to.is_empty();
    let calls = one_or_many(escalation).iter().enumerate().filter_map(call);
    calls.filter(is_somebody).collect()
}

fn one_or_many(json: &Json) -> &[Json] {
    json.as_array().map_or(std::slice::from_ref(json), Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(place: usize, to: &[&str], minutes: u64, when: Option<&str>) -> Call {
        Call {
            place,
            to: to.iter().map(|to| (*to).to_owned()).collect(),
            after: Duration::from_secs(60 * minutes),
            when: when.map(str::to_owned),
        }
    }

    #[test]
    fn what_has_no_moment_is_no_call_and_the_others_keep_their_places() {
        let written = json!([
            "call somebody",
            {"to": "database-admin", "after": "15m"},
            {"to": "nobody knows when"},
            {"to": ["executive", "press"], "after": "1h", "when": "data is lost"},
            {"to": [], "after": "2h"},
            {"to": "x", "after": 15},
        ]);
        let expected = [
            call(1, &["database-admin"], 15, None),
            call(3, &["executive", "press"], 60, Some("data is lost")),
        ];
        assert_eq!(calls(&written), expected);
    }

    #[test]
    fn one_escalation_needs_no_list() {
        assert_eq!(calls(&json!({"to": "a", "after": "1m"})), [call(0, &["a"], 1, None)]);
        assert_eq!(calls(&json!("call a after 1m")), []);
    }
}
