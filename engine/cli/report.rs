//! `holdpoint report`: the post-incident document of a run, filled in. It only reads.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::journal::Store;
use crate::report::incident::{BUILT_IN, Incident, Sources, Template, TemplateProblem};
use crate::timeline::handover::Past;
use crate::timeline::{View, fold};

use super::args;
use super::failure::{Exit, Failure};
use super::{find, metrics};

/// How large a template may be, in bytes.
const LARGEST: u64 = 1 << 20;

/// Prints the document, as far as the journal can be read.
pub fn report(store: &Store, args: &args::Report) -> Result<Exit, Failure> {
    let template = template(&args.template)?;
    let found = find::newest(store, args.run.as_deref())?;
    let (records, ending) = (&found.reading.records, &found.reading.ending);
    let (timeline, _) = fold(&mut found.plans()?, records, ending, View::Curated)?;
    let mut plans = found.plans()?;
    let (past, state) = Past::of(&mut plans, records)?;
    let metrics = metrics::of(&found);
    let incident = Incident::of(&Sources {
        plan: &plans.current,
        state: &state,
        timeline: &timeline,
        past: &past,
        metrics: metrics.as_ref(),
    });
    super::print(&template.set(&incident).map_err(wrong)?)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

/// The template that was named: one of those that are always there, else a file.
fn template(name: &str) -> Result<Template, Failure> {
    let built_in = BUILT_IN.iter().find(|(known, _)| *known == name);
    let parsed = match built_in {
        Some((name, text)) => Template::parse(name, text),
        None => Template::parse(name, &text(name)?),
    };
    parsed.map_err(wrong)
}

fn text(name: &str) -> Result<String, Failure> {
    let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    let refused = |reason: &str| {
        let message = format!("the template {name} cannot be used: {reason}");
        Failure::usage(message, format!("name a file, or one of {}", known.join(", ")))
    };
    let path = Path::new(name);
    let is_file = fs::metadata(path).map_err(|error| refused(&error.to_string()))?.is_file();
    if !is_file {
        return Err(refused("it is no file"));
    }
    let file = fs::File::open(path).map_err(|error| refused(&error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| refused(&error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(refused("it is larger than 1 MiB"));
    }
    String::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))
}

fn wrong(problem: TemplateProblem) -> Failure {
    Failure::usage(problem.message, problem.help)
}
