//! A Docker engine of its own: what it keeps lies in its folder, and what it mounts is seen by itself
//! alone, in a namespace that ends with it.
//!
//! An image cannot be pulled where nothing is reached. So there is one that was made here: users and
//! folders, and links into `/usr`, which a container has from this machine.

use std::path::Path;

use crate::runbook::rendered::shell_quote;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::server::{LOG, PIDFILE, Server};

/// The image that is there.
const IMAGE: &str = "lab/host";

/// Starts it, and makes its image.
pub(super) async fn start(ground: &Ground<'_>, compose: &Path) -> Result<Learned, String> {
    let folder = ground.folder();
    let config = ground.make("config/cli-plugins")?.parent().unwrap_or(&folder).to_owned();
    let socket = folder.join("docker.sock");
    let host = format!("unix://{}", socket.display());
    ground.write("daemon.json", "{}\n")?;
    let engine = ground.write("engine.sh", &engine(ground, &host)?)?;
    let server = Server {
        before: "",
        run: &format!("unshare --mount --propagation private sh {}", quoted(&engine)),
        ready: &format!("docker -H {} version", shell_quote(&host)),
        stop: "TERM",
        reload: None,
    };
    let ctl = ground.control(&server.script(&folder))?;
    ground.run(&[&ctl.to_string_lossy(), "start"]).await?;
    let image = ground.make("image")?;
    ground.run(&["sh", "-euc", MAKE_IMAGE, "sh", &text(&image), &host, IMAGE]).await?;
    ground.run(&["sh", "-euc", TELL_COMPOSE, "sh", &text(&config), &text(compose)]).await?;
    Ok(facts([
        ("folder", text(&folder)),
        ("socket", text(&socket)),
        ("host", host),
        ("config", text(&config)),
        ("image", IMAGE.to_owned()),
        ("port", ground::free_port()?.to_string()),
        ("pidfile", text(&folder.join(PIDFILE))),
        ("log", text(&folder.join(LOG))),
        ("ctl", text(&ctl)),
    ]))
}

/// What begins the engine. Its containers are in a group of the kernel that has the name of the lab, and
/// all that it would write elsewhere on the machine is laid over that, and gone with it.
fn engine(ground: &Ground<'_>, host: &str) -> Result<String, String> {
    let (data, exec) = (ground.make("data")?, ground.make("exec")?);
    let group = ground.lab.file_name().unwrap_or_default().to_string_lossy();
    let folder = ground.folder();
    let path = |name: &str| quoted(&folder.join(name));
    let (daemon, pidfile) = (path("daemon.json"), path("docker.pid"));
    let (data, exec) = (quoted(&data), quoted(&exec));
    let host = shell_quote(host);
    Ok(format!(
        r"set -eu
mount -t tmpfs -o mode=755 tmpfs /run
for name in etc opt; do
  mkdir -p /run/over/$name /run/work/$name
  mount -t overlay -o lowerdir=/$name,upperdir=/run/over/$name,workdir=/run/work/$name overlay /$name
done
exec dockerd --config-file {daemon} --data-root {data} --exec-root {exec} --pidfile {pidfile} -H {host} \
  --oom-score-adjust 0 --bridge=none --iptables=false --ip6tables=false --ip-masq=false --ip-forward=false \
  --cgroup-parent '/{group}' --exec-opt native.cgroupdriver=cgroupfs
"
    ))
}

/// Makes the image in a folder.
const MAKE_IMAGE: &str = r#"
cd "$1"
for name in bin sbin lib lib32 lib64 libx32; do
  if [ -L "/$name" ]; then
    cp -P "/$name" .
  elif [ -e "/$name" ]; then
    echo "/$name is no link into /usr: a container cannot have the programs of this machine" >&2
    exit 1
  fi
done
mkdir -p dev etc home proc root run sys tmp usr var/lib var/log var/tmp
ln -s ../run var/run
chmod 1777 run tmp var/tmp
for name in alternatives group ld.so.cache nsswitch.conf passwd; do
  [ ! -e "/etc/$name" ] || cp -a "/etc/$name" etc/
done
tar -c . | docker -H "$2" import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$3"
"#;

/// Lets `docker compose` be what the machine has: as a program of its own it is no plugin, and as old as
/// its first version it does not know that it is called as one.
const TELL_COMPOSE: &str = r#"
export DOCKER_CONFIG=$1
if docker compose version; then exit; fi
cat > "$1/cli-plugins/docker-compose" <<SH
#!/bin/sh
if [ "\$1" = docker-cli-plugin-metadata ]; then
  echo '{"SchemaVersion": "0.1.0", "Vendor": "this machine", "ShortDescription": "Docker Compose"}'
  exit
fi
[ "\$1" != compose ] || shift
exec '$2' "\$@"
SH
chmod 755 "$1/cli-plugins/docker-compose"
docker compose version
"#;
