//! The states of steps, as `status` names them: what each means, and what comes next.

/// The word, what it means, and what comes next.
const STATES: &[(&str, &str, &str)] = &[
    (
        "pending",
        "It waits for the steps that it needs, or has not been looked at.",
        "Nothing is to be done: it begins when those are settled.",
    ),
    (
        "ready",
        "Its needs are met; what stands before its action (`require`, `done_when`, `gate`) is being \
         looked at.",
        "Nothing is to be done, unless a question is open.",
    ),
    (
        "at_gate",
        "Its gate waits for an answer. Nothing of it has begun.",
        "Look at the command that it shows, then `holdpoint approve GATE` or `holdpoint reject \
         GATE`, or answer where the run is driven.",
    ),
    (
        "running",
        "Its action, or what is inside it, is under way; or a person does it by hand.",
        "`holdpoint watch` shows it as it goes.",
    ),
    (
        "verifying",
        "Its action is done, and what must hold afterwards is being looked at; or it failed, and \
         what follows is being decided.",
        "Nothing is to be done.",
    ),
    (
        "retry_wait",
        "Its action failed and is tried again after a while, as its `retry` says.",
        "Nothing is to be done. `holdpoint retry STEP` does not wait.",
    ),
    (
        "held",
        "It failed, and a person must decide. All that needs it waits.",
        "Read why with `holdpoint show STEP`, then `holdpoint retry`, `done`, `skip` or `fail STEP`, \
         or `holdpoint resume --resolve STEP=… --reason TEXT`.",
    ),
    (
        "in_doubt",
        "Its start is on record and its end is not: the machine, or the process that drove the run, \
         ended in between. It may have had its whole effect, a part of it, or none.",
        "Look at the system first. Then say what is so: `holdpoint resume --resolve STEP=done`, \
         `rerun` or `failed`.",
    ),
    ("succeeded", "Its action was done, and what must hold afterwards holds.", "Nothing."),
    (
        "satisfied",
        "Its `done_when` held before its action, so that nothing had to be done.",
        "Nothing.",
    ),
    (
        "skipped",
        "It was passed over: its `when` did not hold, another rung of its ladder succeeded, or a \
         person said so. `status` says which.",
        "What needs it goes on. Where a person skipped it, the run ends with exceptions (exit code 8).",
    ),
    (
        "failed",
        "Its action failed, or what must hold afterwards does not, and that is accepted: by its \
         `on_failure`, or by a person.",
        "What needs it is not reached, unless `on_failure: continue` says otherwise.",
    ),
    ("rejected", "Its gate was refused. Nothing of it has begun.", "What needs it is not reached."),
    (
        "not_reached",
        "It was never begun, because what it needs failed or the run ended.",
        "Nothing of it was done.",
    ),
    (
        "undone",
        "It was done, and then taken back by its `undo`.",
        "Nothing. `holdpoint timeline` shows when and by whom.",
    ),
];

/// The words of all states.
pub fn words() -> impl Iterator<Item = &'static str> {
    STATES.iter().map(|(word, _, _)| *word)
}

/// What a state means; a blank stands for `_`.
pub fn of(word: &str) -> Option<String> {
    let word = word.replace([' ', '-'], "_");
    let (word, means, next) = STATES.iter().find(|(known, _, _)| *known == word)?;
    Some(format!("# The state `{word}` of a step\n\n{means}\n\nNext: {next}\n"))
}

#[cfg(test)]
mod tests {
    use super::{of, words};

    #[test]
    fn the_states_are_those_that_status_names() {
        let code = include_str!("../../run/state/step.rs");
        let table = code.split("pub fn word(&self)").nth(1).expect("there is a table of words");
        let table = table.split("\n    }\n").next().unwrap_or_default();
        let named: Vec<&str> = table.split('"').skip(1).step_by(2).collect();
        assert_eq!(words().collect::<Vec<_>>(), named);
        assert!(named.contains(&"in_doubt"));
    }

    #[test]
    fn a_state_may_be_written_as_it_is_said() {
        assert_eq!(of("in doubt"), of("in_doubt"));
        assert!(of("in_doubt").is_some_and(|text| text.contains("Next: Look")));
        assert_eq!(of("doubtful"), None);
    }
}
