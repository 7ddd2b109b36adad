//! `holdpoint schema`: JSON Schemas of what people write and programs read, made from the code.

use std::fs;
use std::io;
use std::path::Path;

use clap::ValueEnum;
use serde_json::Value as Json;

use crate::document::schema::of_type::{of_input, of_output};
use crate::document::schema::{Heading, of_form};
use crate::document::shape::Form;
use crate::journal::Line;
use crate::plan::Outline;
use crate::rehearse::results::Results;
use crate::report::Status;
use crate::report::due::Due;
use crate::report::findings::Findings;
use crate::report::handover::Handover;
use crate::runbook::{self, answers, library, testfile};
use crate::timeline::Timeline;
use crate::timeline::metrics::Metrics;

use super::args::{self, SchemaName};
use super::failure::{Exit, Failure};

/// Prints a schema, or writes all of them into a folder.
pub fn schema(args: &args::Schema) -> Result<Exit, Failure> {
    let Some(folder) = &args.output else {
        super::print(&text(args.name.unwrap_or(SchemaName::Runbook)))?;
        return Ok(Exit::Done);
    };
    let named = args.name.as_ref().map_or(SchemaName::value_variants(), std::slice::from_ref);
    for name in named {
        write(folder, *name).map_err(|error| {
            let message = format!("cannot write to {}: {error}", folder.display());
            Failure::usage(message, "name a folder that can be written to")
        })?;
    }
    Ok(Exit::Done)
}

fn write(folder: &Path, name: SchemaName) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{}.schema.json", heading(name).name)), text(name))
}

fn text(name: SchemaName) -> String {
    format!("{:#}\n", made(name))
}

fn made(name: SchemaName) -> Json {
    let heading = heading(name);
    match name {
        SchemaName::Runbook => of_form(&heading, &Form::Shape(&runbook::SHAPE)),
        SchemaName::Library => of_form(&heading, &Form::Shape(&library::SHAPE)),
        SchemaName::Test => of_form(&heading, &Form::Shape(&testfile::SHAPE)),
        SchemaName::Answers => of_form(&heading, &answers::FORM),
        SchemaName::Event => of_input::<Line>(&heading),
        SchemaName::Plan => of_output::<Outline>(&heading),
        SchemaName::Timeline => of_output::<Timeline>(&heading),
        SchemaName::Status => of_output::<Status>(&heading),
        SchemaName::Handover => of_output::<Handover>(&heading),
        SchemaName::Metrics => of_output::<Metrics>(&heading),
        SchemaName::Lint => of_output::<Findings>(&heading),
        SchemaName::Due => of_output::<Due>(&heading),
        SchemaName::TestResults => of_output::<Results>(&heading),
    }
}

fn heading(name: SchemaName) -> Heading {
    let (name, title, about) = match name {
        SchemaName::Runbook => ("runbook", "Runbook", runbook::SHAPE.about),
        SchemaName::Library => ("library", "Library", library::SHAPE.about),
        SchemaName::Test => ("test", "Tests of a runbook", testfile::SHAPE.about),
        SchemaName::Answers => ("answers", "Prepared answers", answers::ABOUT),
        SchemaName::Event => {
            ("event", "Record of a journal", "One line of a journal: an event with its place.")
        }
        SchemaName::Plan => {
            ("plan", "Plan of a runbook", "What `holdpoint plan --format json` prints.")
        }
        SchemaName::Timeline => {
            ("timeline", "Timeline of a run", "What `holdpoint timeline --format json` prints.")
        }
        SchemaName::Status => {
            ("status", "Status of a run", "What `holdpoint status --format json` prints.")
        }
        SchemaName::Handover => {
            ("handover", "Handover of a run", "What `holdpoint handover --format json` prints.")
        }
        SchemaName::Metrics => {
            ("metrics", "Metrics over runs", "What `holdpoint metrics --format json` prints.")
        }
        SchemaName::Lint => {
            ("lint", "Findings in runbooks", "What `holdpoint lint --format json` prints.")
        }
        SchemaName::Due => {
            ("due", "What is due of a library", "What `holdpoint due --format json` prints.")
        }
        SchemaName::TestResults => {
            ("test-results", "Results of tests", "What `holdpoint test --format json` prints.")
        }
    };
    Heading { name, title, about }
}
