//! `holdpoint handover`: one page that lets another person go on with a run. It only reads.

use chrono::Utc;

use crate::journal::{Lock, Store};
use crate::plan::Plan;
use crate::report::handover::{Driver, Handover, Surroundings, handover_markdown, handover_text};
use crate::run::RunState;
use crate::timeline::handover::Past;
use crate::timeline::visible::visible_json;

use super::args::{self, TextMdOrJson};
use super::changed;
use super::failure::{Exit, Failure};
use super::find::{self, Found};

/// Prints the page, as far as the journal can be read.
pub fn handover(store: &Store, args: &args::Handover) -> Result<Exit, Failure> {
    let found = find::newest(store, args.run.as_deref())?;
    let mut plans = found.plans()?;
    let (past, state) = Past::of(&mut plans, &found.reading.records)?;
    let plan = plans.current;
    let state = found.seen(&plan, state);
    let around = surroundings(&found, &plan, &state);
    let handover = Handover::of(&plan, &state, past, &around);
    let text = match args.format {
        TextMdOrJson::Text => handover_text(&handover, Utc::now()),
        TextMdOrJson::Md => handover_markdown(&handover, Utc::now()),
        TextMdOrJson::Json => {
            visible_json(&serde_json::to_string_pretty(&handover).unwrap_or_default()).into_owned()
                + "\n"
        }
    };
    super::print(&text)?;
    match found.damage() {
        None => Ok(Exit::Done),
        Some(reason) => Err(Failure::Journal { run: found.folder.run.clone(), reason }),
    }
}

fn surroundings(found: &Found, plan: &Plan, state: &RunState) -> Surroundings {
    let lock = found.folder.lock();
    let is_driven = Lock::is_held(&lock);
    let holder = Lock::holder(&lock).filter(|_| is_driven);
    let driver = holder.map(|holder| Driver {
        operator: holder.operator,
        host: holder.host,
        since: holder.since,
    });
    let is_open = !state.has_ended() && !found.is_practice();
    Surroundings {
        is_driven,
        driver,
        option: found.folder.option().to_owned(),
        damage: found.damage(),
        notice: is_open
            .then(|| changed::brief(found))
            .flatten()
            .map(|notice| notice.trim_end().to_owned()),
        left_running: found.left_running(plan, state),
    }
}
