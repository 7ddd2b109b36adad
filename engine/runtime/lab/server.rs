//! A server that runs in the foreground, and the script that starts it, waits until it answers,
//! stops it and waits until it is gone.
//!
//! The script knows the server by its process id and the moment at which that began, so that a
//! process that got the same id later is never taken for it.

use std::path::Path;

use super::ground::{Ground, Learned, facts, quoted, text};

/// A server, as a shell knows it.
pub struct Server<'a> {
    /// What stands before the rest: functions and variables.
    pub before: &'a str,
    /// The program with its arguments, which stays in the foreground.
    pub run: &'a str,
    /// Succeeds once the server answers.
    pub ready: &'a str,
    /// The signal that ends it in good order.
    pub stop: &'a str,
    /// Has it read its configuration anew, where it can.
    pub reload: Option<&'a str>,
}

/// The files of a server in the folder of its component.
pub const PIDFILE: &str = "pid";
pub const LOG: &str = "log";

impl Server<'_> {
    /// Starts it on a port that nobody has and for which it is configured first: that port, and the
    /// facts that every server has.
    pub async fn serve(
        &self,
        ground: &Ground<'_>,
        mut configure: impl FnMut(u16) -> Result<(), String>,
    ) -> Result<(u16, Learned), String> {
        let folder = ground.folder();
        let ctl = ground.control(&self.script(&folder))?;
        let port = ground
            .on_free_port(async |port| {
                configure(port)?;
                ground.run(&[&text(&ctl), "start"]).await
            })
            .await?;
        let known = facts([
            ("folder", text(&folder)),
            ("host", "127.0.0.1".to_owned()),
            ("port", port.to_string()),
            ("pidfile", text(&folder.join(PIDFILE))),
            ("log", text(&folder.join(LOG))),
            ("ctl", text(&ctl)),
        ]);
        Ok((port, known))
    }

    /// The script, for a server whose files lie in this folder.
    pub fn script(&self, folder: &Path) -> String {
        let Server { before, run, ready, stop, reload } = self;
        let reload = reload.unwrap_or("echo 'it cannot' >&2; exit 2");
        let path = |name: &str| quoted(&folder.join(name));
        let (pidfile, born, log) = (path(PIDFILE), path("born"), path(LOG));
        let place = quoted(folder);
        format!(
            r#"#!/bin/sh
set -eu
cd {place}
pidfile={pidfile} born={born} log={log}
{before}
# The state and the birth of a process, in ticks since the machine began.
look() {{ sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | cut -d ' ' -f 1,20; }}
lives() {{
  [ -s "$pidfile" ] && [ -s "$born" ] || return 1
  seen=$(look "$(cat "$pidfile")")
  [ "${{seen#* }}" = "$(cat "$born")" ] && [ "${{seen%% *}}" != Z ]
}}
ready() {{ {ready}; }}
start() {{
  if lives; then return; fi
  (exec setsid {run}) >> "$log" 2>&1 < /dev/null &
  seen=$(look "$!")
  echo "${{seen#* }}" > "$born"
  echo "$!" > "$pidfile"
  for _ in $(seq 600); do
    if ready > /dev/null 2>&1; then return; fi
    lives || break
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  # The next attempt would take it for its own.
  if lives; then kill -KILL "$(cat "$pidfile")"; fi
  exit 1
}}
stop() {{
  lives || return 0
  kill -{stop} "$(cat "$pidfile")"
  for _ in $(seq 600); do
    lives || return 0
    sleep 0.1
  done
  echo "it does not end" >&2
  exit 1
}}
case ${{1:-}} in
  start) start ;;
  stop) stop ;;
  restart) stop && start ;;
  reload) lives || {{ echo "it does not run" >&2; exit 3; }}; {reload} ;;
  status) if lives; then echo "it runs"; else echo "it does not run"; exit 3; fi ;;
  *) echo 'ctl: start, stop, restart or status' >&2; exit 2 ;;
esac
"#
        )
    }
}
