//! A cluster of PostgreSQL: checksums, an archive of its WAL, a socket that asks for no password.
//!
//! PostgreSQL refuses to run as root, so there it is the user `postgres` that owns it.

use std::path::Path;

use crate::runbook::rendered::shell_quote;

use super::ground::{self, Ground, Learned, facts, quoted, text};

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>, initdb: &Path) -> Result<Learned, String> {
    let bin = initdb.parent().unwrap_or(initdb);
    let is_root = rustix::process::getuid().is_root();
    let user = if is_root { "postgres".to_owned() } else { ground.user().await? };
    let user = user.as_str();
    let (socket, archive) = (ground.make("socket")?, ground.make("archive")?);
    let folder = ground.folder();
    let (data, log) = (folder.join("data"), folder.join("log"));
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let secret = ground.write("password", &format!("{password}\n"))?;
    let (role, database) = (ground.setting("role", "postgres"), ground.setting("database", "lab"));
    let as_owner: &[&str] = if is_root { &["runuser", "-u", user, "--"] } else { &[] };
    if is_root {
        ground.run(&["chown", "-R", user, &folder.to_string_lossy()]).await?;
    }
    let (initdb, data_text) = (initdb.to_string_lossy(), data.to_string_lossy());
    let pwfile = format!("--pwfile={}", secret.display());
    let mut words = as_owner.to_vec();
    words.extend([&initdb, "-D", &data_text, "-U", role, "-E", "UTF8", "--locale=C.UTF-8"]);
    words.extend(["-k", "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256", &pwfile]);
    ground.run(&words).await?;
    let script = control(as_owner, &quoted(&bin.join("pg_ctl")), &quoted(&data), &quoted(&log));
    let ctl = ground.control(&script)?;
    let port = serve(ground, &data, &socket, &archive, &ctl).await?;
    let (createdb, port) = (bin.join("createdb"), port.to_string());
    let host = text(&socket);
    let createdb = createdb.to_string_lossy();
    if database != "postgres" {
        ground.run(&[&createdb, "-h", &host, "-p", &port, "-U", role, database]).await?;
    }
    Ok(facts([
        ("folder", text(&folder)),
        ("data", text(&data)),
        ("archive", text(&archive)),
        ("socket", host),
        ("host", "127.0.0.1".to_owned()),
        ("port", port),
        ("database", database.to_owned()),
        ("role", role.to_owned()),
        ("password", password),
        ("user", user.to_owned()),
        ("bin", text(bin)),
        ("log", text(&log)),
        ("ctl", text(&ctl)),
    ]))
}

/// Starts it on a port that nobody has.
async fn serve(
    ground: &Ground<'_>,
    data: &Path,
    socket: &Path,
    archive: &Path,
    ctl: &Path,
) -> Result<u16, String> {
    let archive = (ground.setting("archive", "true") == "true").then_some(archive);
    let conf = data.join("postgresql.auto.conf");
    ground
        .on_free_port(async |port| {
            ground::write(&conf, &settings(port, socket, archive))
                .map_err(|error| format!("{}: {error}", conf.display()))?;
            ground.run(&[&ctl.to_string_lossy(), "start"]).await
        })
        .await
}

/// What stands in its settings. Its files need survive no loss of power.
fn settings(port: u16, socket: &Path, archive: Option<&Path>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut text = format!(
        "port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = {}\n\
         unix_socket_permissions = 0700\nfsync = off\ndynamic_shared_memory_type = mmap\n",
        quoted(&socket.to_string_lossy())
    );
    if let Some(archive) = archive {
        let file = format!("{}/%f", ground::quoted(archive));
        let command = format!("test ! -f {file} && cp %p {file}");
        text += &format!("archive_mode = on\narchive_command = {}\n", quoted(&command));
    }
    text
}

fn control(as_owner: &[&str], pg_ctl: &str, data: &str, log: &str) -> String {
    let words = as_owner.iter().map(|word| shell_quote(word) + " ").collect::<String>();
    format!(
        "#!/bin/sh\nset -eu\ncd /\npg_ctl() {{ {words}{pg_ctl} -D {data} \"$@\"; }}\ncase ${{1:-}} in\n  \
         start) pg_ctl -l {log} -w -t 60 start ;;\n  \
         stop) pg_ctl -m fast -w -t 60 stop ;;\n  \
         restart) pg_ctl -l {log} -m fast -w -t 60 restart ;;\n  \
         status) pg_ctl status ;;\n  \
         *) echo 'ctl: start, stop, restart or status' >&2; exit 2 ;;\nesac\n"
    )
}
