//! A Redis server with a password, on this machine's loopback.

use super::ground::{self, Ground, Known, quoted};

/// How often another port is tried, where somebody else takes the one that was free.
const ATTEMPTS: usize = 3;

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Known, String> {
    let data = ground.make("data")?;
    let folder = ground.folder();
    let (pidfile, log) = (folder.join("pid"), folder.join("log"));
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let aof = if ground.setting("aof", "false") == "true" { "yes" } else { "no" };
    let save = ground.setting("save", "3600 1");
    let mut port = 0;
    let mut started = Err(String::new());
    let mut made = None;
    for _ in 0..ATTEMPTS {
        port = ground::free_port()?;
        let config = ground.write(
            "redis.conf",
            &format!(
                "port {port}\nbind 127.0.0.1\ndir {}\nrequirepass {password}\nsave {save}\n\
                 appendonly {aof}\ndaemonize yes\npidfile {}\nlogfile {}\n",
                data.display(),
                pidfile.display(),
                log.display()
            ),
        )?;
        let (config, ctl) = match made.take() {
            Some(made) => made,
            None => {
                let ctl = ground.control(&control(&quoted(&config), &quoted(&pidfile)))?;
                (config, ctl)
            }
        };
        started = ground.run(&[&ctl.to_string_lossy(), "start"]).await;
        made = Some((config, ctl));
        if started.is_ok() {
            break;
        }
    }
    started?;
    let user = ground.run(&["id", "-un"]).await?;
    let (config, ctl) = made.unwrap_or_default();
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let facts = [
        ("folder", path(&folder)),
        ("data", path(&data)),
        ("config", path(&config)),
        ("user", user.trim().to_owned()),
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("password", password),
        ("pidfile", path(&pidfile)),
        ("log", path(&log)),
        ("ctl", path(&ctl)),
    ];
    Ok(facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Starts it and waits until it answers; stops it and waits until it is gone.
fn control(config: &str, pidfile: &str) -> String {
    format!(
        r#"#!/bin/sh
set -eu
cd /
config={config} pidfile={pidfile}
# Redis puts some values into quotes when it writes the file anew.
value() {{ sed -n "s/^$1 //p" "$config" | sed 's/^"\(.*\)"$/\1/'; }}
cli() {{ REDISCLI_AUTH=$(value requirepass) redis-cli -h 127.0.0.1 -p "$(value port)" "$@"; }}
lives() {{ [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2> /dev/null; }}
start() {{
  lives && return
  redis-server "$config"
  for _ in $(seq 300); do
    [ "$(cli ping 2> /dev/null)" = PONG ] && return
    sleep 0.1
    lives || [ ! -s "$pidfile" ] || break
  done
  tail -n 20 "$(value logfile)" >&2
  exit 1
}}
stop() {{
  lives || return 0
  pid=$(cat "$pidfile")
  kill "$pid"
  for _ in $(seq 300); do
    kill -0 "$pid" 2> /dev/null || return 0
    sleep 0.1
  done
  echo "redis does not end" >&2
  exit 1
}}
case ${{1:-}} in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  status) lives && echo "redis runs" || {{ echo "redis does not run"; exit 3; }} ;;
  *) echo 'ctl: start, stop, restart or status' >&2; exit 2 ;;
esac
"#
    )
}
