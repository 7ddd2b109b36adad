//! Requests: read, rendered, shown and revealed.

use serde_json::json;

use super::*;
use crate::document;
use crate::runbook::value::Value;
use crate::source::{Problems, Source};

struct Names;

impl Scope for Names {
    fn value(&self, name: &str) -> Option<Value> {
        match name {
            "inputs.count" => Some(Value::Int(3)),
            "inputs.name" => Some(Value::Text("it's \"x\"".into())),
            "inputs.hosts" => Some(Value::List(vec![Value::Text("a".into()), Value::Int(2)])),
            _ => None,
        }
    }

    fn secret(&self, name: &str) -> Option<String> {
        name.strip_prefix("inputs.").filter(|name| *name == "token").map(str::to_owned)
    }

    fn is_multiline(&self, _name: &str) -> bool {
        false
    }
}

fn read(text: &str) -> Result<Request, String> {
    let source = Source::new("request.yaml", text);
    let mut problems = Problems::default();
    let node = document::parse(&source, &mut problems).expect("it is YAML");
    let request = Request::read(&node, &mut Reader::new(&source, &mut problems));
    match problems.sorted().first() {
        Some(problem) => Err(problem.message.clone()),
        None => Ok(request.expect("nothing is wrong with it")),
    }
}

fn rendered(text: &str) -> Request<Rendered> {
    let request = read(text).expect("nothing is wrong with it");
    request.render(&Names).expect("everything has a value")
}

/// What is sent, with `s"3` as the value of every secret.
fn sent(text: &str) -> Request<String> {
    let reveal = |text: &Rendered| text.revealed(|_| Ok::<_, String>("s\"3".into()));
    rendered(text).map(&reveal).expect("every secret is known")
}

#[test]
fn a_url_alone_is_a_get_that_may_be_sent_again() {
    let request = rendered("url: 'https://x/${{ inputs.count }}'");
    assert_eq!(request.shown(), "GET https://x/3");
    assert!(request.is_safe() && !request.has_secret());
    assert!(!rendered("{method: POST, url: 'http://x'}").is_safe());
}

#[test]
fn json_keeps_the_types_of_values_and_quotes_what_stands_in_a_text() {
    let text = "
        method: POST
        url: https://x
        json:
          plain: {yes: true, none: null, number: 1.5, text: '5', list: [1, a]}
          count: ${{ inputs.count }}
          hosts: ${{ inputs.hosts }}
          name: ${{ inputs.name }}
          sentence: 'n ${{ inputs.name }} ${{ inputs.count }}'
          token: ${{ inputs.token }}
        ";
    let request = sent(text);
    assert_eq!(request.headers, [("Content-Type".to_owned(), "application/json".to_owned())]);
    let carried = request.content.map(Content::written).unwrap_or_default();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&carried).ok(),
        Some(json!({
            "plain": {"yes": true, "none": null, "number": 1.5, "text": "5", "list": [1, "a"]},
            "count": 3,
            "hosts": ["a", 2],
            "name": "it's \"x\"",
            "sentence": "n it's \"x\" 3",
            "token": "s\"3",
        }))
    );
}

#[test]
fn a_secret_is_shown_as_stars_and_hashed_as_its_name() {
    let text = "
        method: PUT
        url: https://x
        headers: {Authorization: 'Bearer ${{ inputs.token }}', content-type: text/plain}
        json: {token: '${{ inputs.token }}'}
        ";
    let request = rendered(text);
    assert!(request.has_secret());
    let shown =
        "PUT https://x\nAuthorization: Bearer ***\ncontent-type: text/plain\n{\"token\":\"***\"}";
    assert_eq!(request.shown(), shown);
    let secret = json!({"secret": "token"});
    assert_eq!(
        serde_json::to_value(&request).ok(),
        Some(json!({
            "method": "PUT",
            "url": "https://x",
            "headers": [["Authorization", ["Bearer ", secret]], ["content-type", "text/plain"]],
            "json": {"token": [secret]},
        }))
    );
    assert_eq!(sent(text).headers[0].1, "Bearer s\"3");
}

#[test]
fn a_body_is_sent_as_it_is() {
    let request = sent("{method: POST, url: 'http://x', body: 'a=${{ inputs.count }}\n'}");
    assert_eq!(request.headers, []);
    assert_eq!(request.content.map(Content::written).as_deref(), Some("a=3 "));
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    let cases = [
        ("{method: POST}", "`http` needs `url`"),
        ("{url: 'x/y'}", "a URL begins with http:// or https://"),
        ("{url: 'http://x', method: post}", "`post` is no method"),
        ("{url: 'http://x', body: a}", "say how this is sent"),
        ("{url: 'http://x', json: {}, method: GET}", "a GET carries nothing"),
        (
            "{url: 'http://x', method: PUT, body: a, json: b}",
            "a request carries `body` or `json`, not both",
        ),
        ("{url: 'http://x', headers: {'a b': c}}", "this cannot be the name of a header"),
        (
            "{url: 'http://x', headers: {Content-Length: 3}}",
            "`Content-Length` follows from what is carried",
        ),
        ("{url: 'http://x', headers: {a: b, A: c}}", "the header `A` comes twice"),
        ("{url: 'http://x', verb: PUT}", "unknown key `verb` in `http`"),
    ];
    for (text, message) in cases {
        assert_eq!(read(text).err().as_deref(), Some(message), "{text}");
    }
}
