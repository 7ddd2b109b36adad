//! A supervisor of services: runit, whose folder of services the seed of a lab fills.
//!
//! Each service is a folder with a program `run` that stays in the foreground. It begins when it is
//! started, and then once more whenever it ends unasked; `systemctl` of the lab knows it by the name
//! of its folder. Its environment is that of the supervisor, not of the step that starts it.

use super::ground::{self, Ground, Learned, facts, quoted, text};

const SCRIPT: &str = include_str!("scripts/supervisor.sh");

/// Makes it ready; it runs as soon as a service is started.
pub(super) fn start(ground: &Ground<'_>) -> Result<Learned, String> {
    let folder = ground.folder();
    let (services, supervised) = (ground.make("services")?, ground.make("supervised")?);
    let logs = ground.make("logs")?;
    ground.make("limits")?;
    let ctl = ground.control(&format!("#!/bin/sh\nset -eu\ncd {}\n{SCRIPT}", quoted(&folder)))?;
    Ok(facts([
        ("folder", text(&folder)),
        ("services", text(&services)),
        ("supervised", text(&supervised)),
        ("logs", text(&logs)),
        ("port", ground::free_port()?.to_string()),
        ("ctl", text(&ctl)),
    ]))
}
