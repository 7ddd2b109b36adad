//! A host: an OpenSSH server of the lab. Its sessions have a home, units and a PATH of their own, and
//! `LAB` in their environment, so that what they leave behind is found at the end.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use crate::runbook::rendered::shell_quote;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::server::Server;
use super::ssh;

/// Where Debian and others have the program that `scp` and `sftp` start on a host.
const SFTP: &[&str] = &[
    "/usr/lib/openssh/sftp-server",
    "/usr/libexec/openssh/sftp-server",
    "/usr/lib/ssh/sftp-server",
];

/// The folder that a server of root wants, which is otherwise made when the machine starts.
const OF_ROOT: &str = "/run/sshd";

/// Makes and starts it, and sees that it lets us in.
pub(super) async fn start(ground: &Ground<'_>, sshd: &Path) -> Result<Learned, String> {
    let (home, units) = (ground.make("home")?, ground.make("units")?);
    let folder = ground.folder();
    let user = ground.user().await?;
    let key = ssh::key(ground).await?;
    let host_key = folder.join("host_key");
    ssh::keygen(ground, &host_key, ground.name).await?;
    let told = |error: std::io::Error| format!("{}: {error}", ground.name);
    ground::script(&folder.join("session"), &session(ground, &home)).map_err(told)?;
    if rustix::process::geteuid().is_root() {
        // Where it cannot be made, the server says so.
        let _ = DirBuilder::new().mode(0o755).create(OF_ROOT);
    }
    let config = folder.join("sshd.conf");
    let server = Server {
        before: &format!(
            "config={}\nport() {{ sed -n 's/^ListenAddress 127.0.0.1://p' \"$config\"; }}",
            quoted(&config)
        ),
        run: &format!("{} -D -e -f \"$config\"", quoted(sshd)),
        ready: "ssh-keyscan -T 2 -t ed25519 -p \"$(port)\" 127.0.0.1 | grep -q .",
        stop: "TERM",
        reload: None,
    };
    let configure = |port| {
        ground.write("sshd.conf", &configuration(ground, &home, &key, &user, port)).map(drop)
    };
    let (port, mut known) = server.serve(ground, configure).await?;
    let public = std::fs::read_to_string(host_key.with_extension("pub")).map_err(told)?;
    ssh::introduce(ground, port, &user, &public).map_err(told)?;
    let client = ground.lab.join("bin/ssh");
    ground.run(&[&client.to_string_lossy(), ground.name, "true"]).await?;
    let beside = |name: &str| text(&ground.lab.join("ssh").join(name));
    known.extend(facts([
        ("home", text(&home)),
        ("units", text(&units)),
        ("name", ground.name.to_owned()),
        ("web", ground::free_port()?.to_string()),
        ("user", user),
        ("key", text(&key)),
        ("host_key", text(&host_key)),
        ("known", beside("known")),
        ("config", beside("config")),
    ]));
    Ok(known)
}

/// What the server is told: keys only, and nothing of a session but a command or files.
fn configuration(ground: &Ground<'_>, home: &Path, key: &Path, user: &str, port: u16) -> String {
    let (folder, home, key) = (ground.folder(), home.display(), key.display());
    let (folder, lab) = (folder.display(), ground.lab.display());
    format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey \"{folder}/host_key\"\n\
         AuthorizedKeysFile \"{key}.pub\" \"{home}/.ssh/authorized_keys\"\nAllowUsers {user}\n\
         PermitRootLogin prohibit-password\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
         UsePAM no\nStrictModes no\nPermitUserRC no\nDisableForwarding yes\nPrintMotd no\n\
         PrintLastLog no\nPidFile none\nKexAlgorithms curve25519-sha256\nMaxStartups 100\nSubsystem sftp internal-sftp\n\
         ForceCommand \"{folder}/session\"\nSetEnv \"HOME={home}\" \"LAB={lab}\" ENV= BASH_ENV=\n"
    )
}

/// What every session runs: what was asked for, where the host is at home.
fn session(ground: &Ground<'_>, home: &Path) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let path = shell_quote(&format!("{}/bin:{path}", ground.lab.display()));
    let (home, lab, name) = (quoted(home), quoted(ground.lab), ground.name);
    let (sftp, env) = (SFTP.join(" "), quoted(&ssh::environment(ground.lab)));
    format!(
        r#"#!/bin/sh
# A session on {name}. What leads to the components leads there from here too.
[ ! -r {env} ] || . {env}
export HOME={home} LAB={lab} LAB_HOST={name} PATH={path}
unset ENV BASH_ENV
cd "$HOME" || exit 1
asked=${{SSH_ORIGINAL_COMMAND-}}
unset SSH_ORIGINAL_COMMAND
case $asked in
  '') exec /bin/sh ;;
  internal-sftp)
    for server in {sftp}; do if [ -x "$server" ]; then exec "$server"; fi; done
    echo "sftp-server is not installed here" >&2
    exit 127 ;;
esac
# As the server itself does it.
exec "${{SHELL:-/bin/sh}}" -c "$asked"
"#
    )
}
