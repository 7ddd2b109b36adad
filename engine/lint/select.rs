//! Selectors: how a person names rules.

use crate::document::nearest;

use super::finding::Finding;
use super::rule::Rule;
use super::rules::RULES;

/// A rule, or one part of a rule.
#[derive(Clone, Debug)]
pub struct Selector {
    /// The rule.
    pub rule: &'static Rule,
    /// The part of it that is meant, such as `SC2086`; all of it when none.
    pub part: Option<String>,
}

/// The rule that has what shellcheck says as its parts.
const SHELLCHECK: &str = "HP401";

impl Selector {
    /// What one name means: a code, a name, `HP401[SC2086]`, or `SC2086` for short.
    pub fn one(text: &str) -> Option<Selector> {
        if let Some(rule) = Rule::find(text) {
            return Some(Selector { rule, part: None });
        }
        let (code, part) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((code, part)) => (code, part),
            None => (SHELLCHECK, text),
        };
        let digits = part.strip_prefix("SC")?;
        let is_part = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let rule = Rule::find(code).filter(|rule| rule.code == SHELLCHECK && is_part)?;
        Some(Selector { rule, part: Some(part.to_owned()) })
    }

    /// What one name means, or all rules whose code begins so: `HP2`. The error names what is near.
    pub fn several(text: &str) -> Result<Vec<Selector>, String> {
        if let Some(one) = Selector::one(text) {
            return Ok(vec![one]);
        }
        let begins = |rule: &&&Rule| {
            rule.code.get(..text.len()).is_some_and(|head| head.eq_ignore_ascii_case(text))
        };
        let found: Vec<Selector> =
            RULES.iter().filter(begins).map(|rule| Selector { rule, part: None }).collect();
        let is_prefix = text.len() > 2 && !found.is_empty();
        is_prefix.then_some(found).ok_or_else(|| way_out(text))
    }

    /// Whether a finding is meant.
    pub fn takes(&self, finding: &Finding) -> bool {
        self.rule.code == finding.rule.code
            && self.part.as_ref().is_none_or(|part| finding.part.as_ref() == Some(part))
    }
}

/// What to write in place of a name that no rule has.
pub fn way_out(text: &str) -> String {
    match near(text) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a rule is named by its code, such as HP201, or its name".to_owned(),
    }
}

/// The code or name of a rule that was probably meant.
pub fn near(text: &str) -> Option<&'static str> {
    nearest(text, RULES.iter().flat_map(|rule| [rule.code, rule.name]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Result<Vec<&'static str>, String> {
        Selector::several(text).map(|found| found.iter().map(|it| it.rule.code).collect())
    }

    #[test]
    fn a_rule_is_named_by_code_or_name_and_many_by_how_their_codes_begin() {
        assert_eq!(codes("HP105"), Ok(vec!["HP105"]));
        assert_eq!(codes("hp105"), Ok(vec!["HP105"]));
        assert_eq!(codes("unknown-needs"), Ok(vec!["HP105"]));
        let all = codes("HP").err();
        assert_eq!(all.as_deref(), Some("a rule is named by its code, such as HP201, or its name"));
        let first: Vec<&str> = RULES.iter().map(|rule| rule.code).collect();
        let first: Vec<&str> = first.into_iter().filter(|code| code.starts_with("HP1")).collect();
        assert_eq!(codes("HP1"), Ok(first));
    }

    #[test]
    fn what_no_rule_is_called_gets_the_nearest_one() {
        assert_eq!(codes("HP1O5"), Err("did you mean `HP105`?".to_owned()));
        assert_eq!(codes("unknown-need"), Err("did you mean `unknown-needs`?".to_owned()));
        assert_eq!(
            codes("SC"),
            Err("a rule is named by its code, such as HP201, or its name".to_owned())
        );
    }
}
