//! HP303: what a runbook is told becomes a word, never code.

use crate::lint::scene::{Scene, Script};
use crate::lint::{Check, Confidence, Edit, Finding, Findings, Profile, Rule, Safety};
use crate::runbook::shell;
use crate::runbook::template::{Slot, Template};
use crate::source::{Severity, Span};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP303",
    name: "template-injection",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Draft,
    fix: Some(Safety::Unsafe),
    about: "A value is put into a script where a shell reads it as code.",
    why: "A value such as `x; rm -rf /` would be run, whether a person mistyped it or somebody \
          meant it. A template stands for one quoted word; where no word may stand it is refused, \
          by `run` too. `| raw` takes the quotes away, and the file still runs: then everything \
          depends on who says what the value is.",
    bad: include_str!("../../examples/HP303.bad.yaml"),
    good: include_str!("../../examples/HP303.good.yaml"),
    source: "https://cwe.mitre.org/data/definitions/78.html",
    check: Check::Scene(check),
};

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    for script in scene.scripts.iter().filter(|script| script.is_shell) {
        // What is no template is reported where it is read.
        let Ok(template) = Template::parse(&script.text) else { continue };
        let ranges: Vec<_> = template.slots().map(|slot| slot.range.clone()).collect();
        let places = shell::places(&script.text, &ranges);
        for (slot, place) in template.slots().zip(places).filter(|(slot, _)| slot.is_raw) {
            let may_be_word = !matches!(place, shell::Place::Refused(_));
            findings.push(raw(scene, script, slot, may_be_word));
        }
    }
}

fn raw(scene: &Scene<'_>, script: &Script<'_>, slot: &Slot, may_be_word: bool) -> Finding {
    let at = script.place(&slot.range, scene.source);
    let code = slot.expression.code().trim();
    let message = format!("`{code}` is put into the script unquoted, so that a shell reads it");
    let mut finding = Finding::new(&RULE, at, message)
        .help("leave out `| raw`, or hand the value over in `env` and use it as \"$NAME\"");
    if let Some(step) = script.step {
        finding = finding.step(&scene.steps[step].path);
    }
    match filter(scene, at).filter(|_| may_be_word) {
        Some(filter) => finding.fix(
            Safety::Unsafe,
            "leave out `| raw`, so that the value is one quoted word",
            vec![Edit::replace(filter, " ")],
        ),
        None => finding,
    }
}

/// Where ` | raw ` stands in a template, if that is where it is marked.
fn filter(scene: &Scene<'_>, at: Span) -> Option<Span> {
    let written = scene.source.text().get(at.start..at.end)?;
    let inner = written.strip_prefix("${{")?.strip_suffix("}}")?;
    let bar = inner.rfind('|').filter(|bar| inner[bar + 1..].trim() == "raw")?;
    let start = inner[..bar].trim_end().len();
    Some(Span::new(at.start + 3 + start, at.end - 2))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::found;

    const HEAD: &str = "holdpoint: 1\nid: a\ntitle: A\ninputs: {pod: {}}\nsteps:\n  - id: b\n";

    fn of(run: &str) -> Vec<String> {
        let found = found(&format!("{HEAD}    run: {run}\n"));
        found.into_iter().filter(|it| it.starts_with("HP303")).collect()
    }

    #[test]
    fn a_raw_value_in_a_script_is_found_where_it_stands() {
        assert_eq!(of("echo ${{ inputs.pod | raw }}"), ["HP303 7:15 ${{ inputs.pod | raw }}"]);
        assert_eq!(of("\"echo ${{inputs.pod|raw}}\""), ["HP303 7:16 ${{inputs.pod|raw}}"]);
    }

    #[test]
    fn a_value_that_stands_for_a_word_is_none() {
        for run in ["echo ${{ inputs.pod }}", "[echo, \"${{ inputs.pod | raw }}\"]", "echo raw"] {
            assert_eq!(of(run), [""; 0], "{run}");
        }
    }

    #[test]
    fn a_template_where_no_word_may_stand_is_found_by_the_reader() {
        assert_eq!(
            of("\"echo \\\"${{ inputs.pod }}\\\"\""),
            ["HP303 7:10 \"echo \\\"${{ inputs.pod }}\\\"\""]
        );
    }
}
