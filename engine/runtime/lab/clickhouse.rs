//! A ClickHouse server with a password, on this machine's loopback, whose data fills a small file
//! system of its own and no other.

use std::path::Path;

use super::ground::{self, Ground, Learned, facts, quoted, text};
use super::server::Server;

/// How large its file system is where nothing is said.
const SIZE: &str = "200m";

/// Its user.
const USER: &str = "lab";

/// Mounts its file system, makes and starts it.
pub(super) async fn start(ground: &Ground<'_>) -> Result<Learned, String> {
    let size = ground.setting("size", SIZE);
    if !is_size(size) {
        return Err(format!("{}: `{size}` is no size: write it like 200m or 1g", ground.name));
    }
    let data = ground.make("data")?;
    let mount = ["mount", "-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"];
    ground.run(&[&mount[..], &[&data.to_string_lossy()]].concat()).await?;
    let folder = ground.folder();
    let password = ground::random(12).map_err(|error| error.to_string())?;
    let (config, client) = (folder.join("config.xml"), folder.join("client.xml"));
    ground.write("users.xml", &users(&password))?;
    let server = Server {
        before: "",
        run: &format!("clickhouse-server --config-file={}", quoted(&config)),
        ready: &format!("clickhouse-client --config-file {} --query 'SELECT 1'", quoted(&client)),
        stop: "TERM",
        reload: None,
    };
    let mut http_port = 0;
    let configure = |port| {
        http_port = ground::free_port()?;
        ground.write("config.xml", &configuration(&data, port, http_port))?;
        ground.write("client.xml", &client_configuration(port, &password)).map(drop)
    };
    let (_, mut known) = server.serve(ground, configure).await?;
    known.extend(facts([
        ("data", text(&data)),
        ("config", text(&config)),
        ("client", text(&client)),
        ("http_port", http_port.to_string()),
        ("user", USER.to_owned()),
        ("password", password),
    ]));
    Ok(known)
}

/// Whether it is a number of bytes, perhaps with one letter that multiplies it. Anything else would be
/// another option of the mount.
fn is_size(text: &str) -> bool {
    let number = text.strip_suffix(['k', 'm', 'g']).unwrap_or(text);
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands in its settings. No path of a lab has a sign that means something in XML.
fn configuration(data: &Path, port: u16, http_port: u16) -> String {
    let data = data.display();
    format!(
        "<?xml version=\"1.0\"?>\n<yandex>\n\
         <logger><level>warning</level><console>1</console></logger>\n\
         <listen_host>127.0.0.1</listen_host><tcp_port>{port}</tcp_port><http_port>{http_port}</http_port>\n\
         <path>{data}/</path><tmp_path>{data}/tmp/</tmp_path>\
         <user_files_path>{data}/user_files/</user_files_path>\n\
         <users_config>users.xml</users_config><default_profile>default</default_profile>\
         <default_database>default</default_database>\n\
         <mark_cache_size>67108864</mark_cache_size><timezone>UTC</timezone>\n</yandex>\n"
    )
}

/// Its one user, who may come from this machine only.
fn users(password: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<yandex>\n<profiles><default/></profiles>\n\
         <users><{USER}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>\
         <profile>default</profile><quota>default</quota></{USER}></users>\n\
         <quotas><default/></quotas>\n</yandex>\n"
    )
}

fn client_configuration(port: u16, password: &str) -> String {
    format!(
        "<config><host>127.0.0.1</host><port>{port}</port><user>{USER}</user>\
         <password>{password}</password></config>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_a_number_with_at_most_one_letter() {
        let wrong = ["", "m", "1.5g", "200M", "20 m", "200m,uid=0", "-1m", "50%"];
        assert!(["200m", "1g", "8192k", "1048576"].iter().all(|it| is_size(it)));
        assert!(!wrong.iter().any(|it| is_size(it)));
    }
}
