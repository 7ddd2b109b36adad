//! HP107: what can never happen.

use crate::document::Node;
use crate::lint::scene::{Part, Scene};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::runbook::expression::{Expression, Scope};
use crate::runbook::input::Input;
use crate::runbook::kind::Kind;
use crate::runbook::value::Value;
use crate::source::Severity;

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP107",
    name: "unreachable-step",
    severity: Severity::Warning,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A step has a condition that is never true, or a case has a value that is never chosen.",
    why: "What is never done misleads whoever reads the runbook in an incident, and mostly it was \
          meant to be done: the condition or the case holds a word that no input can have.",
    bad: include_str!("../../examples/HP107.bad.yaml"),
    good: include_str!("../../examples/HP107.good.yaml"),
    source: "practice: dead text in a runbook is read as if it were alive",
    check: Check::Scene(check),
};

/// The most combinations of inputs that are tried.
const COMBINATIONS: usize = 64;

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    let inputs = scene.runbook.map(|runbook| runbook.inputs.as_slice()).unwrap_or_default();
    for (at, step) in scene.steps.iter().enumerate() {
        if let Some(when) = step.key("when").filter(|when| is_never(when, inputs)) {
            let message = format!("`{}` is never true, so this is never done", written(when));
            let finding = Finding::new(&RULE, when.span, message).step(&step.path);
            findings.push(finding.help("correct the condition, or remove the step"));
        }
        if step.part == Part::Case {
            let choices = scene.steps[at]
                .parent
                .and_then(|parent| values(scene.steps[parent].text("switch")?, inputs));
            let texts = choices.map(|(_, choices)| choices);
            let texts: Option<Vec<String>> =
                texts.map(|texts| texts.iter().filter_map(Value::text).collect());
            if let Some(texts) = texts.filter(|texts| !texts.contains(&step.id.value)) {
                let message = format!("no value chooses the case `{}`", step.id.value);
                let help = format!("the values are {}", texts.join(", "));
                let finding = Finding::new(&RULE, step.id.span, message).step(&step.path);
                findings.push(finding.help(help));
            }
        }
    }
}

fn written(when: &Node) -> &str {
    when.as_str().unwrap_or_default().trim()
}

/// The name of an input, and the values that it can have, where there are few.
fn values<'i>(name: &str, inputs: &'i [Input]) -> Option<(&'i str, Vec<Value>)> {
    let name = name.trim().strip_prefix("inputs.")?;
    let input = inputs.iter().find(|input| input.name.value == name)?;
    let values = match input.kind {
        Kind::Bool => vec![Value::Bool(false), Value::Bool(true)],
        Kind::Choice if input.choices_from.is_none() => input.choices.clone(),
        _ => return None,
    };
    (!input.is_optional && !values.is_empty()).then_some((&input.name.value, values))
}

/// Whether a condition is false whatever the inputs are. What depends on anything else may be true.
fn is_never(when: &Node, inputs: &[Input]) -> bool {
    let text = written(when);
    let may_vary = ["steps.", "run.", "item", "runbook.", "objectives."];
    if when.as_bool() == Some(true) || may_vary.iter().any(|name| text.contains(name)) {
        return false;
    }
    let Ok(expression) = Expression::parse(text) else { return false };
    let named: Option<Vec<_>> =
        expression.names().iter().map(|name| values(name, inputs)).collect();
    let Some(named) = named else { return false };
    let count = named.iter().map(|(_, values)| values.len()).try_fold(1, usize::checked_mul);
    let Some(count) = count.filter(|count| *count <= COMBINATIONS) else { return false };
    (0..count).all(|combination| {
        let mut rest = combination;
        let mut chosen = Vec::new();
        for (name, values) in &named {
            chosen.push((*name, values[rest % values.len()].clone()));
            rest /= values.len();
        }
        expression.holds(&Chosen(chosen)) == Ok(false)
    })
}

/// Inputs with one value each.
struct Chosen<'i>(Vec<(&'i str, Value)>);

impl Scope for Chosen<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let name = name.strip_prefix("inputs.")?;
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    }

    fn secret(&self, _name: &str) -> Option<String> {
        None
    }

    fn is_multiline(&self, _name: &str) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::of;

    fn when(condition: &str) -> Vec<String> {
        of(
            "HP107",
            &format!(
                "holdpoint: 1\nid: x\ntitle: X\ninputs:\n  \
                 where: {{type: choice, choices: [here, there]}}\n  wide: {{type: bool}}\n  \
                 name: {{}}\nsteps:\n  - {{id: a, when: {condition}, run: [x]}}\n"
            ),
        )
    }

    #[test]
    fn a_condition_that_is_never_true_is_found() {
        for condition in [
            "false",
            "1 == 2",
            "inputs.where == 'nowhere'",
            "inputs.where == 'here' and not inputs.wide and inputs.wide",
        ] {
            assert_eq!(when(condition), [format!("9:19 {condition}")], "{condition}");
        }
    }

    #[test]
    fn a_condition_that_may_be_true_is_none() {
        for condition in [
            "true",
            "inputs.where == 'here'",
            "inputs.name == 'x'",
            "not inputs.wide",
            "false or inputs.name == 'x'",
            "run.mode == 'x'",
        ] {
            assert!(when(condition).is_empty(), "{condition}");
        }
    }

    #[test]
    fn a_case_that_no_choice_selects_is_found() {
        let book = "holdpoint: 1\nid: x\ntitle: X\ninputs:\n  \
                    where: {type: choice, choices: [here, there]}\nsteps:\n  - id: a\n    \
                    switch: inputs.where\n    cases:\n      here: {run: [x]}\n      \
                    there: {run: [x]}\n      their: {run: [x]}\n";
        assert_eq!(of("HP107", book), ["12:7 their"]);
    }
}
