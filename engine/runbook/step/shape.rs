//! What a step may hold.

use crate::document::Shape;
use crate::document::shape::{Form, Key, Rule, may, must};
use crate::runbook::each::EACH;
use crate::runbook::estimate::PATTERN;
use crate::runbook::gate::GATE;
use crate::runbook::output::OUTPUT;
use crate::runbook::probe::{CHECK, PROBE};
use crate::runbook::retry::RETRY;
use crate::runbook::script::SETTING;
use crate::runbook::simulate::SIMULATE;
use crate::runbook::{action, expect, undo};

use super::{ON_FAILURE, REPEATS};

/// A step; a phase and a rung are steps too.
pub(in crate::runbook) static STEP: Shape = Shape {
    noun: "a step",
    name: "step",
    about: "One action and what stands around it; a gate may stand without an action.",
    keys: &[
        &[
            must("id", Form::Id)
                .about("Its name, unique in the file. Templates write `_` for each `-` of it."),
            may("title", Form::Template).about("What a person calls it."),
            may("why", Form::Text).about("Why it is there, in Markdown; shown before the step."),
            may("role", Form::Text).about("Who usually does it."),
            may("estimate", Form::Matching(PATTERN))
                .about("How long it usually takes: `5m`, or a range such as `15m..45m`."),
            may("needs", Form::OneOrMany(&Form::Text)).about(
                "The steps of the same list that must be settled before. Left out, every step \
                 above it; `[]` starts with its list.",
            ),
            may("budget", Form::Duration)
                .about("The time box of a group: when it is over that is said, and nothing stops."),
            may("simulate", Form::Shape(&SIMULATE))
                .about("What a rehearsal or a test assumes of it."),
            may("discuss", Form::OneOrMany(&Form::Text))
                .about("What is talked about at this point of an exercise."),
            may("optional", Form::Boolean)
                .about("Whether the operator decides if it is needed, with a reason."),
            may("each", Form::Shape(&EACH)).about("The list that it is repeated over."),
        ],
        action::KEYS,
        FACETS,
        SETTING,
    ],
    rules: &[action::RULES, &[Rule::Needs("budget", &["steps", "ladder", "include"])]],
};

/// The keys around an action.
pub(in crate::runbook) static FACETS: &[Key] = &[
    may("when", Form::Expression).about(
        "The condition without which it is skipped: an expression such as \
         `inputs.platform == \"systemd\"`.",
    ),
    may("require", Form::List(&Form::Shape(&CHECK))).about(
        "What must hold right before the action; otherwise the step fails. What has an \
         `id` can be waived by a person.",
    ),
    may("done_when", Form::Shape(&PROBE)).about(
        "The promise that the effect is complete: where this holds already, nothing is \
         asked and nothing is done.",
    ),
    may("gate", Form::Either(&[Form::Boolean, Form::Shape(&GATE)])).about(
        "The question that a person answers before the action; `true` asks a plain yes \
         or no.",
    ),
    may("effect", Form::Words(&REPEATS)).about(
        "Whether the action may be repeated: `read` only observes, `idempotent` changes \
         nothing more the second time, `once` is never repeated without a person's \
         word.",
    ),
    may("destructive", Form::Boolean).about("Whether what it does cannot be taken back."),
    may(
        "expect",
        Form::Either(&[Form::Shape(&expect::OF_COMMAND), Form::Shape(&expect::OF_ANSWER)]),
    )
    .about("What counts as success of the action; exit 0 or a status of 2xx when left out."),
    may("retry", Form::Shape(&RETRY)).about(
        "How the action is tried again when it failed; one of effect `once` needs `on_exit`.",
    ),
    may("tty", Form::Boolean).about(
        "Whether a command has the operator's terminal. What it shows there is not captured.",
    ),
    may("verify", Form::List(&Form::Shape(&CHECK)))
        .about("What must hold after the action for the step to have succeeded."),
    may("on_failure", Form::Words(&ON_FAILURE)).about(
        "What a failure leads to: a person decides (`hold`, the default), it counts as \
         failed (`fail`, the default in a rung), the run goes on (`continue`) or ends \
         (`abort`).",
    ),
    may("undo", Form::Either(undo::FORMS))
        .about("How the step is taken back, or why it cannot be."),
    may("outputs", Form::Map(&Form::Shape(&OUTPUT)))
        .about("What it hands to later steps, by name."),
];
