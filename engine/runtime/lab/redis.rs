//! A Redis server with a password, on this machine's loopback.

use std::path::Path;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::server::Server;

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Learned, String> {
    let data = ground.make("data")?;
    let folder = ground.folder();
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let config = folder.join("redis.conf");
    let settings = settings(&config);
    let configure =
        |port| ground.write("redis.conf", &configuration(ground, port, &password)).map(drop);
    let (_, mut known) = server(&settings).serve(ground, configure).await?;
    known.extend(facts([
        ("data", text(&data)),
        ("config", text(&config)),
        ("user", ground.user().await?),
        ("password", password),
    ]));
    Ok(known)
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

/// A Redis with its settings, as [`settings`] reads them.
pub(super) fn server(settings: &str) -> Server<'_> {
    Server {
        before: settings,
        run: "redis-server \"$config\"",
        ready: "[ \"$(cli ping)\" = PONG ]",
        stop: "TERM",
        reload: None,
    }
}

/// Reads the settings whenever they are needed: a runbook may have changed them.
pub(super) fn settings(config: &Path) -> String {
    format!(
        r#"config={config}
# Redis puts some values into quotes when it writes the file anew.
value() {{ sed -n "s/^$1 //p" "$config" | sed 's/^"\(.*\)"$/\1/'; }}
cli() {{ REDISCLI_AUTH=$(value requirepass) redis-cli -h 127.0.0.1 -p "$(value port)" "$@"; }}"#,
        config = quoted(config)
    )
}
