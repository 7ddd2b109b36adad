//! What a runbook may hold at its top.

use crate::document::Shape;
use crate::document::shape::{Form, may, must};

use super::estimate::PATTERN;
use super::input::{self, INPUT};
use super::knowledge;
use super::lab::LAB;
use super::probe::{CHECK, INVARIANT};
use super::retry::RETRY;
use super::script::SETTING;
use super::step::{self, STEP};
use super::target;
use super::tool;

/// A runbook.
pub static SHAPE: Shape = Shape {
    noun: "a runbook",
    name: "runbook",
    about: "One way through an incident: what is known, what must hold, what is done and \
        who is asked.",
    keys: &[&[
        must("holdpoint", Form::Range(1, 1)).about("The version of the format."),
        must("id", Form::Id).about("Its name, unique in its library."),
        must("title", Form::Text).about("What a person calls it."),
        may("summary", Form::Text).about("What it does, in a sentence or two."),
        may("system", Form::Text).about("The system that it belongs to."),
        may("tags", knowledge::TAGS).about("Words to find it by."),
        may("source", knowledge::SOURCE).about("The document and section that it was made from."),
        may("owner", Form::Text).about("Who keeps it."),
        may("severity", Form::Text).about("How bad the incident is."),
        may("symptoms", Form::OneOrMany(&Form::Text)).about("What is seen from outside."),
        may("impact", Form::Text).about("What it means for users."),
        may("triggers", knowledge::TRIGGERS).about("What sets it off, such as alerts."),
        may("escalation", knowledge::ESCALATION).about("Whom to call, and after how long."),
        may("references", knowledge::REFERENCES).about("What else to read."),
        may("revisions", knowledge::REVISIONS).about("Who changed it, and when."),
        may("versions", knowledge::VERSIONS)
            .about("The versions of the tools and systems that it is written for, by name."),
        may("objectives", Form::Shape(&OBJECTIVES)).about("What was promised for this scenario."),
        may("review", Form::Shape(&knowledge::REVIEW))
            .about("When it was last reviewed, and how often it must be."),
        may("drill", Form::Shape(&knowledge::DRILL))
            .about("How often it is practised, with whom, and what passes."),
        may("tabletop", Form::Shape(&knowledge::TABLETOP))
            .about("The exercise that a facilitator makes of it."),
        may("lab", Form::Shape(&LAB)).about("What a rehearsal against real components needs."),
        may("requires", Form::Shape(&REQUIRES)).about("What must be there before anything runs."),
        may("inputs", Form::Named(input::NAME, &Form::Shape(&INPUT)))
            .about("What it must be told, by name."),
        may("targets", Form::Map(&Form::Either(target::PLACES)))
            .about("Where commands can run, by name; `local` is always known."),
        may("defaults", Form::Shape(&DEFAULTS))
            .about("What every step says unless it says otherwise."),
        may("confirm", Form::List(&Form::Shape(&CHECK)))
            .about("The symptom, as it must be seen; otherwise this may be the wrong runbook."),
        may("preconditions", Form::List(&Form::Shape(&CHECK)))
            .about("What must hold before the first step. What has an `id` can be waived."),
        may("invariants", Form::List(&Form::Shape(&INVARIANT)))
            .about("What must hold all along; each has an `id`. One that breaks holds the run."),
        must("steps", Form::Filled(&Form::List(&Form::Shape(&STEP))))
            .about("What is done. Without `needs` each step waits for those above it."),
        may("outputs", Form::Map(&Form::Expression))
            .about("What a runbook that includes this one sees, by name: expressions."),
        may("exit_criteria", Form::List(&Form::Shape(&CHECK)))
            .about("What must hold at the end: the verdict, recovered or not."),
        may("finally", Form::List(&Form::Shape(&STEP)))
            .about("What is done at the end, however it went."),
    ]],
    rules: &[],
};

pub(super) static OBJECTIVES: Shape = Shape {
    noun: "`objectives`",
    name: "objectives",
    about: "What was promised for this scenario.",
    keys: &[&[
        may("rto", Form::Duration).about("The most time until service is restored."),
        may("rpo", Form::Duration).about("The most data, in time, that may be lost."),
        may("estimate", Form::Matching(PATTERN))
            .about("How long it usually takes: `5m`, or a range such as `15m..45m`."),
    ]],
    rules: &[],
};

pub(super) static REQUIRES: Shape = Shape {
    noun: "`requires`",
    name: "requires",
    about: "What must be there before anything runs.",
    keys: &[&[
        may("tools", Form::OneOrMany(&Form::Matching(tool::FORM)))
            .about("Programs that must be found, also with their least version: `psql >= 15`."),
        may("env", Form::OneOrMany(&Form::Text)).about("Environment variables that must be set."),
        may("reachable", Form::OneOrMany(&Form::Matching(".+:0*[1-9][0-9]{0,4}")))
            .about("Places, as `host:port`, where something must answer."),
    ]],
    rules: &[],
};

pub(super) static DEFAULTS: Shape = Shape {
    noun: "`defaults`",
    name: "defaults",
    about: "What every step says unless it says otherwise.",
    keys: &[
        SETTING,
        &[may("on_failure", Form::Words(&step::ON_FAILURE))
            .about("What a failure leads to; inside a rung it stays `fail`.")],
        &[may("retry", Form::Shape(&RETRY)).about(
            "How an action that failed is tried again. Without `on_exit` not for one of effect \
             `once`.",
        )],
    ],
    rules: &[],
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_shape_and_every_key_is_described_once_in_sentences() {
        let shapes = SHAPE.all();
        let names: BTreeSet<&str> = shapes.iter().map(|shape| shape.name).collect();
        assert_eq!(names.len(), shapes.len(), "two shapes have one name");
        let is_sentence = |text: &str| text.ends_with('.') && text.len() > 10;
        for shape in shapes {
            assert!(is_sentence(shape.about), "{}", shape.name);
            let keys: BTreeSet<&str> = shape.keys().map(|key| key.name).collect();
            assert_eq!(keys.len(), shape.keys().count(), "a key comes twice in {}", shape.name);
            for key in shape.keys() {
                assert!(is_sentence(key.about), "{}: {}", shape.name, key.name);
            }
        }
    }
}
