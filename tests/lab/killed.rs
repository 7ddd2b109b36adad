//! A shipped runbook whose driver is killed in the middle of a step, in the lab of that runbook, and
//! whose run is resumed there.
//!
//! A lab ends with its driver. So the lab is that of another runbook, the *frame*: it has the same
//! components, fault and proofs, and its only step drives the shipped runbook as a live run, kills
//! that driver and resumes the run.

use serde_json::{Value, json};

use super::rehearsed::PATIENCE;
use crate::harness::{Bench, Journal, shipped};

/// What ends with the driver.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Killed {
    /// Nothing else: the command of the step goes on.
    Driver,
    /// The keeper too: the command goes on, and nobody sees how it ends. A step that is in doubt
    /// then is decided so: `step=rerun`.
    Keeper(&'static str),
    /// The keeper and the command too, as in a loss of power of the machine that drives. A step that
    /// is in doubt then is decided so, unless that says nothing.
    Everything(&'static str),
}

/// A text that stands in the runbook once, at the beginning of a line of a script: before it the
/// driver is killed.
pub(crate) struct Before<'a>(pub(crate) &'a str);

/// What the frame's step does.
const DRIVE: &str = r#"
set -eu
place=$1 killed=$2 resolve=$3
shift 3
export HOLDPOINT_STATE="$place/inner"
unset HOLDPOINT_LAB
(
  code=0
  sh -c 'echo $$ > driver; exec holdpoint run "$@"' sh "$place/book.yaml" \
    --non-interactive --answers "$place/answers.yaml" "$@" || code=$?
  echo "$code" > ended
) > first 2>&1 &
while [ ! -e middle ]; do
  [ ! -e ended ] || { cat first; echo "it ended before it was killed" >&2; exit 1; }
  sleep 0.05
done
read -r keeper step < middle
kill -KILL "$(cat driver)"
case $killed in
  keeper) kill -KILL "$keeper" ;;
  everything) kill -KILL "$keeper" "-$step" ;;
esac
: > killed
rm middle
while [ ! -e ended ]; do sleep 0.05; done
set --
[ -z "$resolve" ] || set -- --resolve "$resolve" --reason "looked at by hand"
holdpoint resume --non-interactive --answers "$place/answers.yaml" "$@"
"#;

/// The step waits here until the driver was killed, the first time that it is here.
const PAUSE: &str = "if [ ! -e \"$LAB/work/killed\" ]; then \
    echo \"$PPID $$\" > \"$LAB/work/middle.new\"; mv \"$LAB/work/middle.new\" \"$LAB/work/middle\"; \
    while [ -e \"$LAB/work/middle\" ]; do sleep 0.05; done; fi\n";

/// Kills the driver there, resumes the run to its end, and has the lab prove that; the journal of
/// the run that was killed.
#[track_caller]
pub(crate) fn kill(
    runbook: &str,
    changes: &[(&str, &str)],
    before: &Before<'_>,
    killed: Killed,
) -> Journal {
    let mut text = std::fs::read_to_string(shipped(runbook)).expect("it is shipped");
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is not in the runbook");
        text = text.replace(from, to);
    }
    let text = paused(&text, before.0);
    let book: Value = serde_yaml::from_str(&text).expect("it is YAML");
    let answers = book["lab"]["answers"].as_object().cloned().unwrap_or_default();
    let answers = serde_json::to_string(&answers).expect("it is JSON");
    let bench = Bench::new().runbook("book.yaml", &text);
    bench.write("answers.yaml", &answers);
    bench.write("drive.sh", DRIVE);
    let place = bench.path("answers.yaml").parent().expect("it has a folder").to_owned();
    let frame = frame(&book, &place.to_string_lossy(), killed);
    bench.write("frame.yaml", &frame.to_string());
    let args = ["rehearse", "frame.yaml", "--lab", "--non-interactive"];
    let call = bench.args(args).within(PATIENCE).stdout_contains("").stderr_contains("");
    let printed = call.exit(0);
    assert!(printed.stdout.contains(": rehearsed and recovered"), "{}", printed.stdout);
    assert_eq!(bench.left_behind(), Vec::<String>::new());
    let runs = std::fs::read_dir(place.join("inner/runs")).expect("it was run");
    let runs: Vec<_> = runs.flatten().map(|entry| entry.path()).collect();
    let [run] = runs.try_into().expect("there is one run");
    Journal::read(&run.join("journal.jsonl"))
}

/// The runbook with a pause before a line.
#[track_caller]
fn paused(text: &str, before: &str) -> String {
    assert_eq!(text.matches(before).count(), 1, "{before} stands there once");
    let (head, tail) = text.split_once(before).expect("it was just found");
    let (lines, indent) = head.split_at(head.rfind('\n').map_or(0, |at| at + 1));
    assert_eq!(indent.trim(), "", "{before} begins a line");
    format!("{lines}{indent}{PAUSE}{indent}{before}{tail}")
}

/// The runbook whose lab is that of another, and whose step drives it.
pub(super) fn frame(book: &Value, place: &str, killed: Killed) -> Value {
    let named = book["lab"]["inputs"].as_object().into_iter().flatten();
    let told = named.flat_map(|(name, _)| {
        let value = match book["inputs"][name]["type"].as_str() {
            Some("list") => format!("[${{{{ inputs.{name} | join(', ') }}}}]"),
            _ => format!("${{{{ inputs.{name} }}}}"),
        };
        ["--input".to_owned(), format!("{name}={value}")]
    });
    let (what, resolve) = match killed {
        Killed::Driver => ("driver", ""),
        Killed::Keeper(resolve) => ("keeper", resolve),
        Killed::Everything(resolve) => ("everything", resolve),
    };
    let words = ["sh", &format!("{place}/drive.sh"), place, what, resolve];
    let run: Vec<String> = words.map(str::to_owned).into_iter().chain(told).collect();
    let mut frame = json!({
        "holdpoint": 1,
        "id": "frame",
        "title": format!("{} is killed and resumed", book["title"].as_str().unwrap_or_default()),
        "inputs": book["inputs"],
        "defaults": book["defaults"],
        "lab": book["lab"],
        "steps": [{"id": "drive", "effect": "once", "timeout": "5m", "run": run}],
    });
    if let Some(lab) = frame["lab"].as_object_mut() {
        lab.remove("answers");
    }
    // What the runbook does not say, the frame does not say either.
    if let Some(frame) = frame.as_object_mut() {
        frame.retain(|_, value| !value.is_null());
    }
    frame
}
