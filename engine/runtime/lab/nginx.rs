//! An nginx on this machine's loopback, which hands requests on to its backends. Where none answers it
//! says 502.

use std::path::Path;

use super::ground::{Ground, Learned, facts, quoted, text};
use super::server::Server;

/// The files of an nginx in the folder of its component.
const CONFIG: &str = "nginx.conf";
const BACKENDS: &str = "backends.conf";
const ACCESS: &str = "access.log";

/// Nobody listens there, and nginx does not begin without a backend.
const NONE: &str = "server 127.0.0.1:1;\n";

/// What is wrong is not taken over, and what was there goes on. It is done once nobody answers any more
/// who knows the configuration of before.
const RELOAD: &str = r#"reload() {
  "$nginx" -e stderr -c "$config" -t
  pid=$(cat "$pidfile")
  before=$(cat "/proc/$pid/task/$pid/children")
  kill -HUP "$pid"
  for _ in $(seq 100); do
    [ "$(cat "/proc/$pid/task/$pid/children")" != "$before" ] || { sleep 0.05; continue; }
    # Those that drain a connection take no other.
    for worker in $before; do
      grep -aqs 'shutting down' "/proc/$worker/cmdline" || [ ! -e "/proc/$worker" ] || { sleep 0.05; continue 2; }
    done
    return
  done
  echo "it serves what it served before" >&2
  exit 1
}"#;

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>, nginx: &Path) -> Result<Learned, String> {
    ground.make("temporary")?;
    let backends = ground.write(BACKENDS, NONE)?;
    let folder = ground.folder();
    let config = folder.join(CONFIG);
    let user = ground.user().await?;
    let server = Server {
        before: &format!("nginx={} config={}\n{RELOAD}", quoted(nginx), quoted(&config)),
        run: "\"$nginx\" -e stderr -c \"$config\"",
        // It notes its process id once it listens.
        ready: "[ \"$(cat nginx.pid)\" = \"$(cat \"$pidfile\")\" ]",
        stop: "TERM",
        reload: Some("reload"),
    };
    let configure = |port| ground.write(CONFIG, &configuration(&folder, &user, port)).map(drop);
    let (port, mut known) = server.serve(ground, configure).await?;
    known.extend(facts([
        ("config", text(&config)),
        ("backends", text(&backends)),
        ("url", format!("http://127.0.0.1:{port}")),
        ("access", text(&folder.join(ACCESS))),
    ]));
    Ok(known)
}

fn configuration(folder: &Path, user: &str, port: u16) -> String {
    let folder = folder.display();
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|what| format!("  {what}_temp_path \"{folder}/temporary\";\n"))
        .collect();
    format!(
        "user {user};\ndaemon off;\nworker_processes 1;\npid \"{folder}/nginx.pid\";\n\
         events {{ worker_connections 256; }}\nhttp {{\n  access_log \"{folder}/{ACCESS}\";\n{temporary}  \
         upstream backends {{ include \"{folder}/{BACKENDS}\"; }}\n  server {{\n    \
         listen 127.0.0.1:{port};\n    location / {{\n      proxy_pass http://backends;\n      \
         proxy_connect_timeout 2s;\n    }}\n  }}\n}}\n"
    )
}
