//! An emulator of AWS on this machine's loopback, and a configuration that keeps the AWS CLI to it.
//!
//! Whatever the emulator holds is in its memory: where it is stopped, or started anew, that is gone.

use super::ground::{self, Ground, Learned, facts, text};
use super::server::Server;

/// The account that the emulator takes everybody for.
const ACCOUNT: &str = "123456789012";

/// The region that is meant where a lab names none.
const REGION: &str = "us-east-1";

/// The first releases of the AWS CLI that ask where AWS_ENDPOINT_URL says, of 1 and of 2.
const OBEYS: [[u32; 2]; 2] = [[1, 29], [2, 13]];

/// Whether it is the server that listens, and nobody else on its port: there need not be a client here
/// that could ask.
const LISTENS: &str = r#"listens() {
  end=$(printf ':%04X' "$(cat port)")
  inode=$(awk -v end="$end" '$4 == "0A" && substr($2, length($2) - 4) == end { print $10 }' /proc/net/tcp)
  [ -n "$inode" ] && ls -l "/proc/$(cat "$pidfile")/fd" | grep -q "socket:\[$inode\]"
}"#;

/// Starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Learned, String> {
    let told = ground.run(&["aws", "--version"]).await?;
    if !obeys(&told) {
        return Err(format!(
            "{}: this aws is none that AWS_ENDPOINT_URL keeps in a lab: {}; \
             install awscli of PyPI, 1.29 or later",
            ground.name,
            told.trim()
        ));
    }
    let region = ground.setting("region", REGION);
    let config = ground.write("config", &configuration(region))?;
    let credentials = ground.write("credentials", "")?;
    let secret = ground::random(20).map_err(|error| error.to_string())?;
    let server = Server {
        before: LISTENS,
        run: "moto_server -H 127.0.0.1 -p \"$(cat port)\"",
        ready: "listens",
        stop: "TERM",
        reload: None,
    };
    let configure = |port| ground.write("port", &format!("{port}\n")).map(drop);
    let (port, mut known) = server.serve(ground, configure).await?;
    known.extend(facts([
        ("endpoint", format!("http://127.0.0.1:{port}")),
        ("region", region.to_owned()),
        ("account", ACCOUNT.to_owned()),
        ("access_key", "lab".to_owned()),
        ("secret_key", secret),
        ("config", text(&config)),
        ("credentials", text(&credentials)),
        ("no_metadata", "true".to_owned()),
    ]));
    Ok(known)
}

/// What the CLI reads in the place of the user's own. Who waits at a pager or for a fifth attempt waits for
/// nothing here.
fn configuration(region: &str) -> String {
    format!("[default]\nregion = {region}\ncli_pager =\nretry_mode = standard\nmax_attempts = 2\n")
}

/// Whether a release of the AWS CLI asks where AWS_ENDPOINT_URL says. An older one would ask AWS itself.
fn obeys(told: &str) -> bool {
    let Some(release) = told.strip_prefix("aws-cli/") else { return false };
    let mut parts = release.split(['.', ' ']).map(|part| part.parse::<u32>());
    let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) else { return false };
    match OBEYS.iter().find(|[of, _]| *of == major) {
        Some([_, first]) => minor >= *first,
        None => major > 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aws_that_would_leave_the_lab_is_told_by_its_release() {
        let told =
            |release: &str| format!("aws-cli/{release} Python/3.11.7 Linux/6.1 botocore/1.43\n");
        for release in ["1.29.0", "1.45.11", "2.13.0", "2.31.1", "3.0.0"] {
            assert!(obeys(&told(release)), "{release}");
        }
        for release in ["1.28.9", "1.9.30", "2.9.19", "2.12.7", "0.99.0", "x.y", ""] {
            assert!(!obeys(&told(release)), "{release}");
        }
        assert!(!obeys(""));
    }
}
