//! What a target may be, and what it is shown as.

use serde_json::json;

use super::*;
use crate::runbook::value::Value;

/// A scope with one input.
struct Host(&'static str);

impl Scope for Host {
    fn value(&self, name: &str) -> Option<Value> {
        (name == "inputs.host").then(|| Value::Text(self.0.into()))
    }

    fn secret(&self, _name: &str) -> Option<String> {
        None
    }

    fn is_multiline(&self, _name: &str) -> bool {
        true
    }

    fn target(&self, name: &str) -> Option<Target> {
        (name == "db").then(|| ssh("${{ inputs.host }}"))
    }
}

fn template(text: &str) -> Template {
    Template::parse(text).expect("it is well formed")
}

fn ssh(host: &str) -> Target {
    Target::Ssh { host: template(host) }
}

fn pod(context: &str, namespace: &str, pod: &str, container: &str) -> Target {
    let part = |text: &str| (!text.is_empty()).then(|| template(text));
    let (context, namespace, container) = (part(context), part(namespace), part(container));
    Target::Kubernetes { context, namespace, pod: template(pod), container }
}

#[test]
fn a_target_is_shown_hashed_and_written_in_one_way() {
    let docker = Target::Docker { container: template("postgres") };
    let cases = [
        (Target::Local, "", json!("local")),
        (ssh("${{ inputs.host }}"), "on ssh db-1: ", json!({"ssh": "db-1"})),
        (docker, "on docker postgres: ", json!({"docker": "postgres"})),
        (pod("", "", "db-0", ""), "on kubernetes db-0: ", json!({"kubernetes": {"pod": "db-0"}})),
        (
            pod("prod", "shop", "db-0", "pg"),
            "on kubernetes prod/shop/db-0 (pg): ",
            json!({"kubernetes": {
                "context": "prod", "namespace": "shop", "pod": "db-0", "container": "pg",
            }}),
        ),
    ];
    for (target, prefix, canonical) in cases {
        let found = target.render(&Host("db-1")).expect("its parts are names");
        assert_eq!(found.prefix(), prefix);
        assert_eq!(serde_json::to_value(&found).ok(), Some(canonical));
        assert_eq!(target.partly(&Host("db-1")), found);
    }
    assert_eq!(ssh("${{ inputs.host }}").written().prefix(), "on ssh ${{ inputs.host }}: ");
}

#[test]
fn a_part_that_is_no_name_is_refused() {
    let bad = ["", "-oProxyCommand=id", "a\nb", "a b", "\u{1b}[1m", "a;id", "$(id)", "a'b"];
    for host in bad {
        let error = ssh("${{ inputs.host }}").render(&Host(host)).map(|found| found.prefix());
        assert!(error.is_err(), "{host:?}");
    }
    for host in ["db-1", "ops@db-1.example.com", "ssh://ops@db-1:2222", "[::1]", "fe80::1%eth0"] {
        assert_eq!(
            ssh("${{ inputs.host }}").render(&Host(host)),
            Ok(Destination::Ssh(host.into()))
        );
    }
}

#[test]
fn a_name_stands_for_what_is_declared() {
    let named = |name: &str| {
        let name = TargetRef::Named(Spanned::new(name.to_owned(), Default::default()));
        name.render(&Host("db-1")).map_err(|error| error.message)
    };
    assert_eq!(named("local"), Ok(Destination::Local));
    assert_eq!(named("db"), Ok(Destination::Ssh("db-1".into())));
    assert_eq!(named("web"), Err("there is no target `web`".to_owned()));
}
