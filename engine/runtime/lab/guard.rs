//! The guard of a lab: the process whose children the components are.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{getpid, set_child_subreaper, setsid};
use tokio::signal::unix::{SignalKind, signal};

use crate::runbook::lab::{Facts, KINDS};

use super::ground::{self, Ground, Learned, text};
use super::{KNOWN, Known, Reply, Request, Wanted, Who, lock, sweep};
use super::{
    aws, clickhouse, dns, docker, host, nginx, postgres, redis, redis_cluster, supervisor,
};

/// What makes the program a guard; the folder of its lab follows.
pub(super) const ARGUMENT: &str = "@lab";

/// How often it is looked whether the driver lives.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Whether this process is to be a guard, and of which folder.
pub fn asked() -> Option<PathBuf> {
    let mut words = std::env::args_os().skip(1);
    (words.next()? == ARGUMENT).then(|| words.next().map(PathBuf::from))?
}

/// Is the guard of the lab in a folder.
pub fn main(folder: &Path) -> ExitCode {
    // Where a terminal is closed or somebody types Ctrl-C there, that is for the driver alone.
    let _ = setsid();
    // What a component leaves behind becomes our child, and is gone once it has ended.
    let _ = set_child_subreaper(Some(getpid()));
    // It is held until nothing is left: a lab that begins meanwhile would take the driver for what a
    // guard that was killed has left.
    let Ok(_held) = lock::make(folder) else { return ExitCode::FAILURE };
    let guarded = guard(folder);
    // The driver that asked for the end belongs to the lab too, and outlives it.
    let driver = guarded.as_ref().map_or(0, |driver| driver.pid);
    sweep::sweep(folder, &[driver]);
    if guarded.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Guards until the driver asks for the end, or is gone; which that was.
fn guard(folder: &Path) -> io::Result<Who> {
    let mut asked = String::new();
    io::stdin().read_to_string(&mut asked)?;
    let request: Request = serde_json::from_str(&asked)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut ends = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
            signal(SignalKind::hangup())?,
        ];
        let [terminate, interrupt, hangup] = &mut ends;
        tokio::select! {
            reply = serve(folder, &request) => reply?,
            () = gone(&request.driver) => return Ok(request.driver.clone()),
            _ = terminate.recv() => return Ok(request.driver.clone()),
            _ = interrupt.recv() => return Ok(request.driver.clone()),
            _ = hangup.recv() => return Ok(request.driver.clone()),
        }
        tokio::select! {
            () = watched(&request.driver) => {}
            _ = terminate.recv() => {}
            // Neither may end a lab in which a driver is.
            () = async { loop { interrupt.recv().await; } } => {}
            () = async { loop { hangup.recv().await; } } => {}
        }
        Ok(request.driver.clone())
    })
}

/// Starts everything and answers; an error ends the guard.
async fn serve(folder: &Path, request: &Request) -> io::Result<()> {
    let started = start_all(folder, &request.components).await;
    let failed = started.as_ref().err().cloned();
    let reply = match started {
        Err(reason) => Reply::Failed(reason),
        Ok(of) => {
            let facts = Facts { folder: text(folder), work: text(&folder.join("work")), of };
            let guard = Who::with(std::process::id()).ok_or(io::ErrorKind::NotFound)?;
            let known = Known { driver: request.driver.clone(), guard, facts };
            ground::write(&folder.join(KNOWN), &serde_json::to_string(&known)?)?;
            Reply::Runs
        }
    };
    if failed.is_some() {
        // Whoever reads that the lab failed must find nothing of it.
        sweep::sweep(folder, &[request.driver.pid]);
    }
    let mut out = io::stdout().lock();
    writeln!(out, "{}", serde_json::to_string(&reply)?)?;
    out.flush()?;
    failed.map_or(Ok(()), |reason| Err(io::Error::other(reason)))
}

async fn start_all(
    folder: &Path,
    components: &[Wanted],
) -> Result<BTreeMap<String, Learned>, String> {
    let mut of = BTreeMap::new();
    for wanted in components {
        let ground = Ground { lab: folder, name: &wanted.name, settings: &wanted.settings };
        ground.make("")?;
        of.insert(wanted.name.clone(), start(&ground, &wanted.kind).await?);
    }
    Ok(of)
}

async fn start(ground: &Ground<'_>, kind: &str) -> Result<Learned, String> {
    let known = KINDS.iter().find(|known| known.word == kind);
    let known = known.ok_or_else(|| format!("a lab has no component `{kind}`"))?;
    let program = |name: &str| {
        let program = known.programs.iter().find(|program| program.name == name);
        program.and_then(ground::find).ok_or_else(|| format!("{name} is not installed here"))
    };
    match known.word {
        "clickhouse" => clickhouse::start(ground).await,
        "docker" => docker::start(ground, &program("docker-compose")?).await,
        "aws" => aws::start(ground).await,
        "dns" => dns::start(ground, &program("named")?).await,
        "host" => host::start(ground, &program("sshd")?).await,
        "nginx" => nginx::start(ground, &program("nginx")?).await,
        "postgres" => postgres::start(ground, &program("initdb")?).await,
        "redis" => redis::start(ground).await,
        "redis_cluster" => redis_cluster::start(ground).await,
        "supervisor" => supervisor::start(ground),
        _ => Ok(ground::facts([("folder", text(&ground.folder()))])),
    }
}

/// Waits until a process is gone. A server that is killed meanwhile must not look as if it still ran.
async fn watched(driver: &Who) {
    while driver.lives() {
        sweep::reap();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits until a process is gone.
async fn gone(driver: &Who) {
    while driver.lives() {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
