//! A Redis server with a password, on this machine's loopback.

use super::ground::{self, Ground, Known, facts, quoted};
use super::server::{LOG, PIDFILE, Server};

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Known, String> {
    let data = ground.make("data")?;
    let folder = ground.folder();
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let config = folder.join("redis.conf");
    let server = Server {
        before: &settings(&quoted(&config)),
        run: "redis-server \"$config\"",
        ready: "[ \"$(cli ping)\" = PONG ]",
        stop: "TERM",
        reload: None,
    };
    let ctl = ground.control(&server.script(&folder))?;
    let port = ground
        .on_free_port(async |port| {
            ground.write("redis.conf", &configuration(ground, port, &password))?;
            ground.run(&[&ctl.to_string_lossy(), "start"]).await
        })
        .await?;
    let user = ground.run(&["id", "-un"]).await?;
    let path = |path: &std::path::Path| path.to_string_lossy().into_owned();
    Ok(facts([
        ("folder", path(&folder)),
        ("data", path(&data)),
        ("config", path(&config)),
        ("user", user.trim().to_owned()),
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("password", password),
        ("pidfile", path(&folder.join(PIDFILE))),
        ("log", path(&folder.join(LOG))),
        ("ctl", path(&ctl)),
    ]))
}

/// A write is in its file before it is answered: where the disk is slow, `everysec` would put that off.
fn configuration(ground: &Ground<'_>, port: u16, password: &str) -> String {
    let data = ground.folder().join("data");
    let aof = if ground.setting("aof", "false") == "true" { "yes" } else { "no" };
    let save = ground.setting("save", "3600 1");
    format!(
        "port {port}\nbind 127.0.0.1\ndir {}\nrequirepass {password}\nsave {save}\nappendonly {aof}\nappendfsync no\n",
        data.display()
    )
}

/// Reads the settings whenever they are needed: a runbook may have changed them.
pub(super) fn settings(config: &str) -> String {
    format!(
        r#"config={config}
# Redis puts some values into quotes when it writes the file anew.
value() {{ sed -n "s/^$1 //p" "$config" | sed 's/^"\(.*\)"$/\1/'; }}
cli() {{ REDISCLI_AUTH=$(value requirepass) redis-cli -h 127.0.0.1 -p "$(value port)" "$@"; }}"#
    )
}
