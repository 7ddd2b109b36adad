//! What a library may hold.

use crate::document::Shape;
use crate::document::shape::{Form, Rule, may, must};
use crate::runbook::script::SETTING;
use crate::runbook::shape::DEFAULTS;
use crate::runbook::target;

use super::lint::LINT;

/// A library.
pub static SHAPE: Shape = Shape {
    noun: "a library",
    name: "library",
    about: "What the runbooks of one system share.",
    keys: &[&[
        must("holdpoint", Form::Range(1, 1)).about("The version of the format."),
        may("severities", Form::List(&Form::Shape(&SEVERITY)))
            .about("How bad an incident can be, the worst first."),
        may("contacts", Form::List(&Form::Shape(&CONTACT)))
            .about("Who can be reached, and in which role."),
        may("communications", Form::Shape(&COMMUNICATIONS))
            .about("What those who wait are told, and how often."),
        may("channels", Form::Map(&Form::Shape(&CHANNEL)))
            .about("Ways to hand a message over, by name."),
        may("environments", Form::Map(&Form::Either(&[Form::Shape(&ENVIRONMENT), Form::Nothing])))
            .about("Where the runbooks can run, by name: production, staging, a lab."),
        may("defaults", Form::Shape(&DEFAULTS))
            .about("What every step says unless its runbook says otherwise."),
        may("backups", Form::List(&Form::Shape(&BACKUP))).about("The backups that there are."),
        may("lint", Form::Either(&[Form::Shape(&LINT), Form::Nothing]))
            .about("What is said to the linter."),
    ]],
    rules: &[],
};

pub(super) static SEVERITY: Shape = Shape {
    noun: "a severity",
    name: "severity",
    about: "A class of incidents.",
    keys: &[&[
        must("name", Form::Text).about("What a runbook calls it, such as `P1`."),
        may("description", Form::Text).about("What it means."),
        may("response", Form::Duration).about("How soon somebody must be at it."),
    ]],
    rules: &[],
};

pub(super) static CONTACT: Shape = Shape {
    noun: "a contact",
    name: "contact",
    about: "Somebody who can be reached.",
    keys: &[&[
        must("role", Form::Text).about("What they do; several may have the same role."),
        may("name", Form::Text).about("Who they are."),
        may("channel", Form::Text).about("How they are reached."),
    ]],
    rules: &[],
};

pub(super) static COMMUNICATIONS: Shape = Shape {
    noun: "`communications`",
    name: "communications",
    about: "What those who wait are told, and how often.",
    keys: &[&[
        may("update_every", Form::Duration).about("How often they are written to."),
        may("templates", Form::Map(&Form::Template))
            .about("Messages by name; `start`, `update` and `resolved` replace the built-in ones."),
    ]],
    rules: &[],
};

pub(super) static CHANNEL: Shape = Shape {
    noun: "a channel",
    name: "channel",
    about: "A way to hand a message over.",
    keys: &[
        &[
            may("run", Form::Script).about("A command that reads the message."),
            may("http", Form::Url).about("A URL that the message is posted to."),
            may("headers", Form::Map(&Form::Template))
                .about("Headers of the request beside those that its body needs."),
            may("json", Form::Json)
                .about("The body; `${{ message }}` is the message. Without it the body is text."),
        ],
        SETTING,
    ],
    rules: &[&[
        Rule::One(&["run", "http"]),
        Rule::Needs("headers", &["http"]),
        Rule::Needs("json", &["http"]),
        Rule::Excludes("http", &["env", "shell", "stdin"]),
        Rule::Never(&["stdin", "target"]),
    ]],
};

pub(super) static ENVIRONMENT: Shape = Shape {
    noun: "an environment",
    name: "environment",
    about: "A place where runbooks can run, such as staging.",
    keys: &[&[
        may("inputs", Form::Map(&Form::Any))
            .about("The values of inputs there; a runbook takes those that it declares."),
        may("targets", Form::Map(&Form::Either(target::PLACES)))
            .about("The targets there, by name; they stand over those of a runbook."),
    ]],
    rules: &[],
};

pub(super) static BACKUP: Shape = Shape {
    noun: "a backup",
    name: "backup",
    about: "One kind of backup.",
    keys: &[&[
        must("component", Form::Text).about("What it is a backup of."),
        may("schedule", Form::Text).about("How often it is made."),
        may("retention", Form::Text).about("How long it is kept."),
        may("location", Form::Text).about("Where it lies."),
    ]],
    rules: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_library_is_described_in_a_sentence() {
        for shape in SHAPE.all() {
            for key in shape.keys() {
                assert!(key.about.ends_with('.'), "{}: {}", shape.name, key.name);
            }
        }
    }
}
