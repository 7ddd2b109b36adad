//! Templates and their names; what is told of an incident is tested on whole runs.

use serde_json::Value as Json;

use super::items::ActionItem;
use super::*;
use crate::run::event::{Moment, NoteKind};
use crate::timeline::handover::Remark;

/// An incident of which little is known.
fn incident() -> Incident {
    let text = || "(not known)".to_owned();
    let measures = items::Measures {
        acknowledged: text(),
        mitigated: text(),
        restored: text(),
        rto: text(),
        rpo: text(),
        gates: text(),
        slowest: Vec::new(),
    };
    Incident {
        title: "<b>down</b> [x](https://e)".into(),
        runbook: "book".into(),
        run: "20260131-book-abc".into(),
        mode: "live".into(),
        environment: text(),
        incident: text(),
        severity: text(),
        system: text(),
        owner: text(),
        summary: "- one\n# two".into(),
        impact: text(),
        symptoms: Vec::new(),
        operator: "ann".into(),
        date: "2026-01-31".into(),
        began: text(),
        started: text(),
        ended: text(),
        duration: text(),
        outcome: text(),
        verdict: text(),
        deadline: text(),
        milestones: Vec::new(),
        timeline: Vec::new(),
        root_cause: text(),
        resolution: Vec::new(),
        failures: Vec::new(),
        findings: Vec::new(),
        decisions: Vec::new(),
        exceptions: Vec::new(),
        action_items: Vec::new(),
        lessons: Vec::new(),
        messages: Vec::new(),
        people: Vec::new(),
        metrics: measures,
        unknown: Vec::new(),
        known: Vec::new(),
        damage: String::new(),
        head: String::new(),
    }
}

fn set(text: &str) -> Result<String, TemplateProblem> {
    Template::parse("mine.md", text).and_then(|template| template.set(&incident()))
}

#[test]
fn every_name_that_is_documented_is_there_and_no_other() {
    let Ok(Json::Object(facts)) = serde_json::to_value(incident()) else { panic!("it is a map") };
    let there: Vec<&str> = facts.keys().map(String::as_str).collect();
    let documented: Vec<&str> = VARIABLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(there, documented);
}

#[test]
fn both_built_in_templates_can_be_set_with_what_little_is_known() {
    for (name, text) in BUILT_IN {
        let page = Template::parse(name, text).unwrap().set(&incident()).unwrap();
        assert!(page.contains("&lt;b&gt;down&lt;/b&gt;"), "{name}: {page}");
        assert!(!page.contains("<b>"), "{name}: {page}");
    }
}

#[test]
fn whatever_is_printed_is_inert_however_a_template_goes_about_it() {
    let inert = r"&lt;b&gt;down&lt;/b&gt; \[x\](https&#58;//e)";
    let cases = [
        ("{{ title }}", inert.to_owned()),
        ("{{ [title] | first }}", inert.to_owned()),
        ("{% autoescape false %}{{ title }}{% endautoescape %}", inert.to_owned()),
        ("{% autoescape 'html' %}{{ title }}{% endautoescape %}", inert.to_owned()),
        ("{{ title ~ '' }}", inert.to_owned()),
        ("{{ summary }}", r"\- one<br>\# two".to_owned()),
    ];
    for (template, expected) in cases {
        assert_eq!(set(template), Ok(expected + "\n"), "{template}");
    }
    let json = set("{{ title | tojson }}").unwrap();
    assert!(!json.contains("[x]") && !json.contains("<b>"), "{json}");
    assert!(set("{{ title | safe }}").is_err());
}

#[test]
fn what_is_wrong_with_a_template_is_said_with_its_line_and_a_way_out() {
    let cases = [
        ("one\n{{ titel }}", "mine.md:2: there is no `titel`", "did you mean `title`? "),
        (
            "{% if false %}\n{{ nowhere }}{% endif %}",
            "mine.md:2: there is no `nowhere`",
            "there are title, ",
        ),
        ("a\nb\n{{ metrics.speed }}", "mine.md:3: a name there has no value", "docs/report.md"),
        ("{% include '/etc/passwd' %}", "mine.md:1: ", "minijinja"),
        ("{{ title", "mine.md:1: ", "minijinja"),
    ];
    for (template, message, help) in cases {
        let problem = set(template).unwrap_err();
        assert!(problem.message.starts_with(message), "{template}: {problem:?}");
        assert!(problem.help.contains(help), "{template}: {problem:?}");
    }
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let endless =
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}";
    let template = Template::parse("mine.md", endless).unwrap().with_fuel(10_000);
    let problem = template.set(&incident()).unwrap_err();
    assert_eq!(problem.message, "mine.md:1: it takes too long");
}

#[test]
fn the_owner_and_the_day_of_an_action_item_are_read_from_the_end_of_a_todo() {
    let nobody = "(nobody yet: say `owner: NAME` in the todo)";
    let no_day = "(no day yet: say `due: DAY` in the todo)";
    let cases = [
        ("raise the quota", ("raise the quota", nobody, no_day)),
        ("raise it, owner: ann", ("raise it", "ann", no_day)),
        ("raise it; Owner: ann, due: 2026-02-01", ("raise it", "ann", "2026-02-01")),
        ("raise it (due: Friday)", ("raise it", nobody, "Friday")),
        ("ask: who, when", ("ask: who, when", nobody, no_day)),
        ("raise it, owner:", ("raise it, owner:", nobody, no_day)),
    ];
    for (text, expected) in cases {
        let (by, kind) = ("eve".to_owned(), NoteKind::Todo);
        let text = text.to_owned();
        let at = Moment::UNIX_EPOCH;
        let item = ActionItem::of(&Remark { seq: 1, at, about: None, by, kind, text });
        let told = (item.text.as_str(), item.owner.as_str(), item.due.as_str());
        assert_eq!(told, expected);
    }
}

#[test]
fn of_the_steps_the_slowest_five_are_named_in_order() {
    let steps = [(5, "e"), (70_000, "a"), (9, "c"), (8, "d"), (1, "f"), (1_500, "b")];
    let slowest = build::slowest(steps.to_vec());
    assert_eq!(slowest, ["a: 1 m 10 s", "b: 1.5 s", "c: 0.0 s", "d: 0.0 s", "e: 0.0 s"]);
}
