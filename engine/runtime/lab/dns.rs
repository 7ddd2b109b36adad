//! A DNS server with one zone on this machine's loopback, which takes updates that its key has signed.

use std::fs;
use std::path::Path;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::server::Server;

/// The zone where a lab names none.
const ZONE: &str = "lab.test";

/// The server, in the folder of the component.
const PROGRAM: &str = "named";

/// Makes and starts it.
pub(super) async fn start(ground: &Ground<'_>, named: &Path) -> Result<Learned, String> {
    let zone = ground.setting("zone", ZONE).trim_end_matches('.').to_owned();
    if !is_zone(&zone) {
        return Err(format!("{}: `{zone}` is no zone", ground.name));
    }
    let folder = ground.folder();
    // Where AppArmor holds the server of the distribution to the folders of that, it knows it by its path.
    fs::copy(named, folder.join(PROGRAM)).map_err(|error| format!("{}: {error}", ground.name))?;
    // So many digits of hex are whole bytes in base64, too.
    let secret = ground::random(32).map_err(|error| error.to_string())?;
    let key = ground.write("key", &key(&secret))?;
    ground.write("zone", &records(&zone))?;
    let config = folder.join("named.conf");
    let server = Server {
        before: &format!("zone={}\n{ASKS}", quoted(Path::new(&zone))),
        run: "./named -f -c \"$PWD/named.conf\"",
        ready: "asks",
        stop: "TERM",
        reload: None,
    };
    let configure = |port| {
        ground.write("port", &format!("{port}\n"))?;
        ground.write("named.conf", &configuration(&folder, port, &zone)).map(drop)
    };
    let (_, mut known) = server.serve(ground, configure).await?;
    known.extend(facts([
        ("zone", zone),
        ("key", text(&key)),
        ("config", text(&config)),
        ("user", ground.user().await?),
    ]));
    Ok(known)
}

/// Whether it answers for its zone, over UDP.
const ASKS: &str = r#"asks() {
  dig +norecurse +notcp +tries=1 +time=2 -p "$(cat port)" @127.0.0.1 "$zone" SOA | grep -q ' aa[ ;].*ANSWER: 1,'
}"#;

fn key(secret: &str) -> String {
    format!("key \"lab\" {{\n  algorithm hmac-sha256;\n  secret \"{secret}\";\n}};\n")
}

/// What the zone has at first.
fn records(zone: &str) -> String {
    format!(
        "$ORIGIN {zone}.\n$TTL 60\n@ IN SOA ns hostmaster 1 3600 600 86400 60\n@ IN NS ns\nns IN A 127.0.0.1\n"
    )
}

/// It asks nobody else, tells nobody else, and takes no orders but updates of its zone.
fn configuration(folder: &Path, port: u16, zone: &str) -> String {
    let path = |name: &str| folder.join(name).display().to_string();
    format!(
        r#"include "{key}";
options {{
  directory "{folder}";
  pid-file none;
  session-keyfile "{session}";
  listen-on port {port} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }};
  recursion no;
  notify no;
  dnssec-validation no;
  allow-query {{ 127.0.0.1; }};
  allow-transfer {{ key "lab"; }};
}};
controls {{ }};
zone "{zone}" {{
  type primary;
  file "{records}";
  allow-update {{ key "lab"; }};
}};
"#,
        key = path("key"),
        folder = folder.display(),
        session = path("session.key"),
        records = path("zone"),
    )
}

/// Whether it is a name as a configuration and a shell can have it.
fn is_zone(zone: &str) -> bool {
    let is_label = |label: &str| {
        let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=63).contains(&label.len()) && label.chars().all(is_letter)
    };
    zone.len() <= 253 && zone.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_a_name_and_nothing_that_a_configuration_would_take_for_more() {
        for zone in ["test", "platform.local", "a-b.c_d.example"] {
            assert!(is_zone(zone), "{zone}");
        }
        let long = "a.".repeat(127) + "a";
        for zone in ["", ".", "a..b", "a b", "x\"; };", "a/b", &"a".repeat(64), &long] {
            assert!(!is_zone(zone), "{zone}");
        }
    }

    #[test]
    fn a_key_of_hex_is_one_of_base64() {
        let secret = ground::random(32).expect("there is chance");
        assert_eq!((secret.len() % 4, key(&secret).matches(&secret).count()), (0, 1));
    }
}
