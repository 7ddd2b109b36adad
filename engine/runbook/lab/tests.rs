//! Labs as they are written down, and what is wrong with those that are not.

use super::*;
use crate::runbook::{self, Runbook};
use crate::source::{Problems, Source};

/// A runbook with two inputs, one of them late, and this lab, and what is wrong with it.
fn read(lab: &str) -> (Option<Runbook>, Vec<(String, Option<String>)>) {
    let text = format!(
        "{{holdpoint: 1, id: x, title: X, inputs: {{port: {{type: int}}, at: {{late: true}}}}, \
         steps: [{{id: a, run: ls}}], lab: {lab}}}"
    );
    let mut problems = Problems::default();
    let book = runbook::read(&Source::new("x", text), &mut problems);
    let told = problems.sorted().into_iter().map(|it| (it.message, it.help));
    (book, told.collect())
}

fn lab(text: &str) -> Lab {
    let (book, problems) = read(text);
    assert_eq!(problems, [], "{text}");
    book.and_then(|book| book.knowledge.lab).expect("it has a lab")
}

const FAULT: &str = "inject: [rm x], symptoms: [{file: x}]";

#[test]
fn components_are_named_by_kind_or_have_a_name_and_settings() {
    let short = lab(&format!("{{components: [postgres, redis], {FAULT}}}"));
    let names: Vec<&str> = short.components.iter().map(|it| it.kind.word).collect();
    assert_eq!(names, ["postgres", "redis"]);
    let long = lab(&format!(
        "{{components: {{shop: {{kind: postgres, archive: false, database: shop}}, redis: null}}, {FAULT}}}"
    ));
    let shop = long.component("shop").expect("it is there");
    assert_eq!((shop.kind.word, shop.setting("database")), ("postgres", Some("shop")));
    assert_eq!((shop.setting("archive"), shop.setting("role")), (Some("false"), None));
    assert_eq!(long.component("redis").map(|it| it.kind.word), Some("redis"));
}

#[test]
fn every_kind_is_called_by_its_word() {
    let words: Vec<&str> = KINDS.iter().map(|kind| kind.word).collect();
    assert_eq!(words, kinds::WORDS);
}

/// What is wrong in a lab, what is said of that, and what may have been meant.
const WRONG: &[(&str, &str, &str)] = &[
    ("components: [postgrse]", "`postgrse` is not known here", "did you mean `postgres`?"),
    (
        "components: {a: {kind: oracle}}",
        "`oracle` is not known here",
        "use one of aws, clickhouse, dns, docker, folder, host, nginx, postgres, redis, redis_cluster, supervisor",
    ),
    (
        "components: [redis, redis]",
        "`redis` stands here twice",
        "name them, each with its `kind`: `components: {a: {kind: redis}, …}`",
    ),
    (
        "components: {work: {kind: redis}}",
        "`work` cannot be the name of a component",
        "use another: `work` is taken in the folder of every lab",
    ),
    (
        "components: {ssh: {kind: host}}",
        "`ssh` cannot be the name of a component",
        "use another: `ssh` is taken in the folder of every lab",
    ),
    (
        "components: {shop: {database: shop}}",
        "`shop` is no kind of component",
        "say its `kind`: aws, clickhouse, dns, docker, folder, host, nginx, postgres, redis, redis_cluster, supervisor",
    ),
    (
        "components: {redis: {database: shop}}",
        "`database` is no setting of a redis",
        "its settings are aof, save, unit",
    ),
    (
        "components: [redis], inputs: {port: '${{ lab.redis.prot }}'}",
        "`redis` has no fact `prot`",
        "did you mean `port`?",
    ),
    (
        "components: [redis], inputs: {port: '${{ lab.cache.port }}'}",
        "this lab has no component `cache`",
        "the components are redis",
    ),
    (
        "components: [redis], inputs: {prot: '${{ lab.redis.port }}'}",
        "there is no input `prot`",
        "did you mean `port`?",
    ),
    (
        "components: [redis], seed: ['echo ${{ inputs.prot }}']",
        "there is no input `prot`",
        "did you mean `port`?",
    ),
    (
        "components: [redis], seed: ['echo ${{ run.id }}']",
        "`run.id` is not known in a lab",
        "names there begin with `lab` or `inputs`",
    ),
    (
        "components: [redis], env: {A: '${{ inputs.port }}'}",
        "`inputs.port` is no fact of a lab",
        "what a run is told in a lab is made of facts: `lab.COMPONENT.FACT`",
    ),
];

/// The same where only the fault shows the value of an input.
const TOO_EARLY: &[(&str, &str, &str)] = &[
    (
        "inputs: {port: {run: cat port}}",
        "`port` is not `late`, so the run wants it before the fault",
        "only what is `late: true` can be printed by a command of the lab",
    ),
    (
        "inputs: {at: {run: cat at}}, seed: ['echo ${{ inputs.at }}']",
        "`inputs.at` is not known before the fault shows",
        "name it in `prove` or `lost`",
    ),
    (
        "inputs: {at: {run: 'echo ${{ inputs.at }}'}}",
        "`inputs.at` is not known before the fault shows",
        "name it in `prove` or `lost`",
    ),
    (
        "inputs: {at: {run: 'echo ${{ inputs.prot }}'}}",
        "there is no input `prot`",
        "did you mean `port`?",
    ),
];

#[test]
fn what_only_the_fault_shows_is_for_a_late_input_and_not_there_before() {
    for (text, message, help) in TOO_EARLY {
        let (_, problems) = read(&format!("{{components: [redis], {text}, {FAULT}}}"));
        assert_eq!(problems, [((*message).to_owned(), Some((*help).to_owned()))], "{text}");
    }
}

#[test]
fn an_input_is_a_text_or_what_a_command_prints() {
    let inputs = "inputs: {port: '${{ lab.redis.port }}', at: {run: 'cat ${{ inputs.port }}'}}";
    let lab = lab(&format!(
        "{{components: [redis], {inputs}, {FAULT}, lost: 'echo ${{{{ inputs.at }}}}'}}"
    ));
    let told: Vec<(&str, bool)> = lab
        .inputs
        .iter()
        .map(|(name, told)| (name.value.as_str(), told.text().is_some()))
        .collect();
    assert_eq!(told, [("port", true), ("at", false)]);
    let printed = lab.printed().map(|(name, script)| format!("{name}: {}", script.written()));
    assert_eq!(printed.collect::<Vec<_>>(), ["at: cat ${{ inputs.port }}"]);
    let of = |text: &str| read(text).1.into_iter().map(|(message, _)| message).collect::<Vec<_>>();
    let wrong = |input: &str| of(&format!("{{components: [], inputs: {{at: {input}}}, {FAULT}}}"));
    assert_eq!(
        wrong("{rnu: ls}"),
        ["an input of a lab needs `run`", "unknown key `rnu` in an input of a lab"]
    );
    assert_eq!(wrong("{run: ''}"), ["an empty script runs nothing"]);
}

#[test]
fn what_a_lab_does_not_have_is_named_with_what_was_meant() {
    for (text, message, help) in WRONG {
        let (_, problems) = read(&format!("{{{text}, {FAULT}}}"));
        assert_eq!(problems, [((*message).to_owned(), Some((*help).to_owned()))], "{text}");
    }
}

#[test]
fn a_lab_without_a_fault_that_shows_is_refused() {
    let of = |text: &str| read(text).1.into_iter().map(|(message, _)| message).collect::<Vec<_>>();
    assert_eq!(of("{components: [], symptoms: [{file: x}]}"), ["`lab` needs `inject`"]);
    assert_eq!(of("{components: [], inject: [ls]}"), ["`lab` needs `symptoms`"]);
    assert_eq!(of("{components: [], inject: [], symptoms: [{file: x}]}"), ["it must not be empty"]);
    let unknown = format!("{{components: {{redis: {{aoff: true}}}}, {FAULT}}}");
    assert_eq!(of(&unknown), ["unknown key `aoff` in a component"]);
}

#[test]
fn facts_are_variables_too_and_the_first_of_two_alike_has_the_usual_ones() {
    let lab = lab(&format!("{{components: {{a: {{kind: redis}}, b: {{kind: redis}}}}, {FAULT}}}"));
    let fact = |port: &str| [("port".to_owned(), port.to_owned())].into();
    let of = [("a".to_owned(), fact("1")), ("b".to_owned(), fact("2"))].into();
    let facts = Facts { folder: "/lab".into(), work: "/lab/work".into(), of };
    assert_eq!(facts.named("lab.b.port"), Some("2"));
    assert_eq!(facts.named("lab.work"), Some("/lab/work"));
    assert_eq!(facts.named("lab.c.port"), None);
    let told: Vec<String> =
        facts.variables(&lab).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(told, ["LAB=/lab", "LAB_A_PORT=1", "REDIS_PORT=1", "LAB_B_PORT=2"]);
}
