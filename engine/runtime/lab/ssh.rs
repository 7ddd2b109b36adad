//! `ssh` in a lab: programs that stand before those of the machine, and a configuration that knows the
//! hosts of the lab and refuses every other.

use std::io;
use std::path::{Path, PathBuf};

use crate::runbook::rendered::shell_quote;

use super::super::ask;
use super::ground::{self, Ground, quoted};

/// The folder of the configuration, the key and the known hosts.
const FOLDER: &str = "ssh";

/// Clients that start `ssh` by a path of their own, and not by that of the lab.
const CLIENTS: &[&str] = &["scp", "sftp"];

/// Lets everything that goes over SSH end in the lab.
pub fn fence(lab: &Path) -> io::Result<()> {
    let bin = lab.join("bin");
    ground::script(&lab.join(FOLDER).join("refuse"), REFUSE)?;
    ground::write(&lab.join(FOLDER).join("config"), &everything_else(lab))?;
    ground::write(&lab.join(FOLDER).join("known"), "")?;
    // What the machine lacks, nothing can leave by.
    if let Some(real) = ask::find("ssh") {
        ground::script(&bin.join("ssh"), &ssh(&real))?;
    }
    for name in CLIENTS {
        if let Some(real) = ask::find(name) {
            ground::script(&bin.join(name), &client(&real))?;
        }
    }
    Ok(())
}

/// The file with the variables that lead to the components, which sessions on hosts read.
pub fn environment(lab: &Path) -> PathBuf {
    lab.join(FOLDER).join("env")
}

/// Lets sessions on hosts know variables.
pub fn tell<'v>(
    lab: &Path,
    variables: impl Iterator<Item = &'v (String, String)>,
) -> io::Result<()> {
    let lines = variables.map(|(name, value)| format!("export {name}={}\n", shell_quote(value)));
    ground::write(&environment(lab), &lines.collect::<String>())
}

/// The key that the hosts of the lab let in, which is made for the first of them.
pub async fn key(ground: &Ground<'_>) -> Result<PathBuf, String> {
    let key = ground.lab.join(FOLDER).join("id");
    if !key.exists() {
        keygen(ground, &key, "lab").await?;
    }
    Ok(key)
}

/// Makes a pair of keys.
pub async fn keygen(ground: &Ground<'_>, file: &Path, comment: &str) -> Result<(), String> {
    let file = file.to_string_lossy();
    let words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", &file];
    ground.run(&words).await.map(drop)
}

/// Lets `ssh` know a host of the lab: where it listens, and by which key it is known.
pub fn introduce(ground: &Ground<'_>, port: u16, user: &str, public: &str) -> io::Result<()> {
    let folder = ground.lab.join(FOLDER);
    let append = |name: &str, before: &str, after: &str| {
        let kept = std::fs::read_to_string(folder.join(name))?;
        ground::write(&folder.join(name), &format!("{before}{kept}{after}"))
    };
    append("known", "", &known(ground.name, public))?;
    append("config", &entry(ground.name, port, user, &folder.join("id")), "")
}

/// The line by which the key of a host is known.
fn known(name: &str, public: &str) -> String {
    let key: Vec<&str> = public.split_ascii_whitespace().take(2).collect();
    format!("{name} {}\n", key.join(" "))
}

/// A host of the lab, as `ssh` reads it. What stands first holds, so this comes before everything else.
fn entry(name: &str, port: u16, user: &str, key: &Path) -> String {
    format!(
        "Host {name}\n  HostName 127.0.0.1\n  Port {port}\n  User {user}\n  IdentityFile \"{}\"\n  \
         HostKeyAlias {name}\n  ProxyCommand none\n",
        key.display()
    )
}

/// What holds for every host, and all that is said of one that is none of the lab.
fn everything_else(lab: &Path) -> String {
    let folder = lab.join(FOLDER);
    format!(
        "Host *\n  IdentitiesOnly yes\n  IdentityAgent none\n  UserKnownHostsFile \"{}\"\n  \
         GlobalKnownHostsFile none\n  StrictHostKeyChecking yes\n  UpdateHostKeys no\n  BatchMode yes\n  \
         ControlPath none\n  ProxyCommand {}\n",
        folder.join("known").display(),
        quoted(&folder.join("refuse")),
    )
}

/// Stands for the way to a host that is none of the lab.
const REFUSE: &str = r#"#!/bin/sh
hosts=$(sed -n 's/^Host \([^*]\)/ \1/p' "${0%/*}/config" | tr -d '\n')
echo "ssh: this is no host of the lab${hosts:+; its hosts:$hosts}" >&2
exit 1
"#;

/// Runs the real `ssh`. Options may change where a name leads, so that is looked at before.
fn ssh(real: &Path) -> String {
    let real = quoted(real);
    format!(
        r#"#!/bin/sh
# ssh of a lab: it reaches the hosts of the lab and no other.
real={real} config=$LAB/ssh/config
host= port= by= shared=
while read -r key value; do
  case $key in
    hostname) host=$value ;;
    port) port=$value ;;
    proxycommand | proxyjump) by=$value ;;
    controlpath) shared=$value ;;
  esac
done <<END
$("$real" -F "$config" -G "$@" 2> /dev/null < /dev/null)
END
case $shared in
  '' | none) ;;
  # A connection that is shared was made before, and by whom is not known.
  *) exec "$LAB/ssh/refuse" ;;
esac
if [ "$host" = 127.0.0.1 ] && [ -z "$by" ] && grep -qx "  Port $port" "$config"; then
  exec "$real" -F "$config" "$@"
fi
# What is said first holds, whatever follows.
exec "$real" -F "$config" -o "ProxyCommand='$LAB/ssh/refuse'" "$@"
"#
    )
}

/// Runs a client that is told which `ssh` to take.
fn client(real: &Path) -> String {
    let real = quoted(real);
    format!(
        r#"#!/bin/sh
# Of a lab: it reaches the hosts of the lab and no other.
for word in "$@"; do
  # Another ssh would not stay here.
  case $word in -S*) exec "$LAB/ssh/refuse" ;; esac
done
exec {real} -F "$LAB/ssh/config" -S "$LAB/bin/ssh" "$@"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_named_before_everything_else_is_refused() {
        let entry = entry("db", 7, "ann", Path::new("/lab/ssh/id"));
        assert_eq!(
            entry,
            "Host db\n  HostName 127.0.0.1\n  Port 7\n  User ann\n  IdentityFile \"/lab/ssh/id\"\n  \
             HostKeyAlias db\n  ProxyCommand none\n"
        );
        assert!(everything_else(Path::new("/lab")).ends_with("  ProxyCommand '/lab/ssh/refuse'\n"));
    }

    #[test]
    fn a_key_is_known_by_the_name_of_its_host_and_without_its_comment() {
        assert_eq!(known("db", "ssh-ed25519 AAAA root@here\n"), "db ssh-ed25519 AAAA\n");
    }
}
