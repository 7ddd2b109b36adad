//! What a probe and a check may hold.

use crate::document::Shape;
use crate::document::shape::{Form, Key, Rule, may, must};
use crate::runbook::dns::DNS;
use crate::runbook::expect;
use crate::runbook::script::SETTING;
use crate::runbook::target;

/// A probe.
pub(in crate::runbook) static PROBE: Shape = Shape {
    noun: "a probe",
    name: "probe",
    about: "Looks at one thing and changes nothing: it holds, does not hold, or could not see.",
    keys: &[
        &[
            may("run", Form::Script).about("What a command prints and exits with."),
            may("http", Form::Template).about("What a URL answers to GET."),
            may("file", Form::Template).about("A file, by its path."),
            may("tcp", Form::Template).about("Whether something answers at `host:port`."),
            may("dns", Form::Shape(&DNS)).about("The records that a name has."),
            may("not", Form::Shape(&PROBE))
                .about("The opposite of another probe; one that could not see stays an error."),
            may("switch", Form::Expression).about(
                "The value that chooses among `cases`: an expression such as `inputs.platform`.",
            ),
            may("cases", Form::Map(&Form::Shape(&PROBE)))
                .about("The probes of `switch`, by the text of its value."),
            may("expect", Form::Either(expect::FORMS))
                .about("What must be seen; exit 0 or a status of 2xx when it is left out."),
            may("within", Form::Duration)
                .about("How long it is looked again until it holds; one look when it is left out."),
            may("every", Form::Duration).about("How long between two looks; `2s` when left out."),
            may("hold_for", Form::Duration)
                .about("How long it must hold without a break, begun inside `within`."),
        ],
        SETTING,
    ],
    rules: &[&[
        Rule::One(&["run", "http", "file", "tcp", "dns", "not", "switch"]),
        Rule::Needs("switch", &["cases"]),
        Rule::Needs("cases", &["switch"]),
        Rule::Needs("expect", &["run", "http", "file", "dns"]),
        Rule::Narrows("run", "expect", Form::Shape(&expect::OF_COMMAND)),
        Rule::Narrows("http", "expect", Form::Shape(&expect::OF_ANSWER)),
        Rule::Narrows("file", "expect", Form::Shape(&expect::OF_FILE)),
        Rule::Narrows("dns", "expect", Form::Shape(&expect::OF_RECORDS)),
        Rule::Excludes("dns", &["env", "shell", "stdin"]),
        Rule::Excludes("http", &["env", "shell", "stdin"]),
        Rule::Excludes("file", &["env", "shell", "stdin"]),
        Rule::Excludes("tcp", &["env", "shell", "stdin"]),
        Rule::Narrows("dns", "target", target::HERE),
        Rule::Narrows("http", "target", target::HERE),
        Rule::Narrows("tcp", "target", target::HERE),
    ]],
};

/// A probe with a name and a purpose.
pub(in crate::runbook) static CHECK: Shape = Shape {
    noun: "a check",
    name: "check",
    about: "A probe with a purpose, and a name by which it can be waived.",
    keys: &[
        &[may("id", Form::Id)
            .about("The name by which a person may waive it, unique in the file.")],
        CHECKED,
    ],
    rules: &[],
};

/// A check that is repeated during the run.
pub(in crate::runbook) static INVARIANT: Shape = Shape {
    noun: "an invariant",
    name: "invariant",
    about: "What must hold all along, and the name by which a person decides about it.",
    keys: &[
        &[must("id", Form::Id)
            .about("The name by which a person decides about it, unique in the file.")],
        CHECKED,
    ],
    rules: &[],
};

static CHECKED: &[Key] = &[
    may("title", Form::Text).about("What it says when it holds."),
    must("probe", Form::Shape(&PROBE)).about("What is looked at."),
];
