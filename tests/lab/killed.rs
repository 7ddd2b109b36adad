//! A shipped runbook whose driver is killed in the middle of a step, in the lab of that runbook, and
//! whose run is resumed there.

use super::frame::Frame;
use super::rehearsed::book;
use crate::harness::Journal;

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
killed=$1 resolve=$2
shift 2
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
    let (what, resolve) = match killed {
        Killed::Driver => ("driver", ""),
        Killed::Keeper(resolve) => ("keeper", resolve),
        Killed::Everything(resolve) => ("everything", resolve),
    };
    let text = paused(&book(runbook, changes), before.0);
    Frame::of(&text).drive(DRIVE, &[what, resolve])
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
