//! What `expect` may hold, by what is looked at.

use crate::document::Shape;
use crate::document::shape::{Form, Key, Rule, may, must};

/// The forms of `expect`.
pub(in crate::runbook) static FORMS: &[Form] = &[
    Form::Shape(&OF_COMMAND),
    Form::Shape(&OF_ANSWER),
    Form::Shape(&OF_FILE),
    Form::Shape(&OF_RECORDS),
];

/// What is expected of a command.
pub(in crate::runbook) static OF_COMMAND: Shape = Shape {
    noun: "`expect`",
    name: "expect-of-command",
    about: "What must be seen of a command.",
    keys: &[&[
        may("exit", Form::OneOrMany(&Form::Integer))
            .about("The exit code that is good, or a list of them; `0` when it is left out."),
        may("stdout", Form::Shape(&COMPARISON)).about("What standard output must be like."),
        may("stderr", Form::Shape(&COMPARISON)).about("What standard error must be like."),
        may("json", Form::Shape(&JSON)).about("What must stand in the JSON on standard output."),
        may("warn", Form::Shape(&OF_COMMAND)).about(WARN),
    ]],
    rules: &[],
};

/// What is expected of an HTTP answer.
pub(in crate::runbook) static OF_ANSWER: Shape = Shape {
    noun: "`expect`",
    name: "expect-of-answer",
    about: "What must be seen of an HTTP answer.",
    keys: &[&[
        may("status", Form::OneOrMany(&Form::Integer))
            .about("The status that is good, or a list of them; any 2xx when it is left out."),
        may("body", Form::Shape(&COMPARISON)).about("What the body must be like."),
        may("header", Form::Map(&Form::Shape(&COMPARISON)))
            .about("What headers must be like, by their names."),
        may("json", Form::Shape(&JSON)).about("What must stand in the JSON of the body."),
        may("warn", Form::Shape(&OF_ANSWER)).about(WARN),
    ]],
    rules: &[],
};

/// What is expected of a file.
pub(in crate::runbook) static OF_FILE: Shape = Shape {
    noun: "`expect`",
    name: "expect-of-file",
    about: "What must hold of a file.",
    keys: &[&[
        may("exists", Form::Boolean).about("Whether there must be such a file, or none."),
        may("younger_than", Form::Duration).about("The age that it must not have reached."),
        may("larger_than", Form::Size).about("The size that it must exceed, such as `10MiB`."),
        may("sha256", Form::Template).about("Its SHA-256 in hex."),
        may("mode", Form::Text).about("Its permission bits in octal, such as `600`."),
        may("warn", Form::Shape(&OF_FILE)).about(WARN),
    ]],
    rules: &[],
};

/// What is expected of the records of a name.
pub(in crate::runbook) static OF_RECORDS: Shape = Shape {
    noun: "`expect`",
    name: "expect-of-records",
    about: "What must be seen of the records of a name.",
    keys: &[&[
        may("answer", Form::Shape(&COMPARISON))
            .about("What the records must be like: each on a line, sorted."),
        may("warn", Form::Shape(&OF_RECORDS)).about(WARN),
    ]],
    rules: &[],
};

const WARN: &str =
    "A stricter expectation: where only this one is not met, the probe holds with a warning.";

/// What a text must be like.
pub(super) static COMPARISON: Shape = Shape {
    noun: "a comparison",
    name: "comparison",
    about: "What a text must be like, without its last newline. All that is said must hold.",
    keys: &[COMPARISONS],
    rules: &[&[Rule::Any(WORDS)]],
};

/// What must stand at a place in JSON.
pub(super) static JSON: Shape = Shape {
    noun: "`json`",
    name: "json-comparison",
    about: "What must stand at a place in JSON. All that is said must hold.",
    keys: &[
        &[must("path", Form::Text).about("The place, such as `$.items[0].status`.")],
        COMPARISONS,
    ],
    rules: &[&[Rule::Any(WORDS)]],
};

/// The keys that compare, of which there must be one.
const WORDS: &[&str] =
    &["equals", "contains", "not_contains", "matches", "at_least", "at_most", "between"];

static COMPARISONS: &[Key] = &[
    may("equals", Form::Template).about("It is this text."),
    may("contains", Form::Template).about("It holds this text."),
    may("not_contains", Form::Template).about("It does not hold this text."),
    may("matches", Form::Regex).about("This regular expression matches somewhere in it."),
    may("at_least", Form::Template).about("It is a number of at least this."),
    may("at_most", Form::Template).about("It is a number of at most this."),
    may("between", Form::Items(2, &Form::Template))
        .about("It is a number from the first of these to the second."),
];
