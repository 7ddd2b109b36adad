//! HP503: what was to be filled in, and was not.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::document::Node;
use crate::lint::scene::{Scene, entry};
use crate::lint::{Check, Confidence, Finding, Findings, Profile, Rule};
use crate::source::{Severity, Source};

use super::texts::{self, Text};

/// The rule.
pub static RULE: Rule = Rule {
    code: "HP503",
    name: "placeholder-left",
    severity: Severity::Error,
    confidence: Confidence::High,
    profile: Profile::Standard,
    fix: None,
    about: "A command, a request or an address holds a placeholder: `<pod-name>`, `YYYYMMDD`, \
            `'affected_project_id'`, `your-bucket`, `example.com`, `CHANGEME`.",
    why: "It is copied as it stands. In a shell `<pod-name>` reads a file called `pod-name`; an \
          UPDATE with the wrong id changes no row and succeeds, so a stolen key stays valid and the \
          record says that it was revoked. An input has a type, is asked for once, and is checked.",
    bad: include_str!("../../examples/HP503.bad.yaml"),
    good: include_str!("../../examples/HP503.good.yaml"),
    source: "practice: four of the five source documents have commands with placeholders",
    check: Check::Scene(check),
};

/// One kind of placeholder.
struct Pattern {
    regex: Regex,
    /// What stands there, for the message.
    noun: &'static str,
}

/// Programs whose words are what they look for, or the form of a name that they make.
const SEARCHES: [&str; 8] = ["grep", "egrep", "rg", "ag", "sed", "awk", "mktemp", "gawk"];

/// What gives a meaning to `YYYYMMDD` and to many an X.
const FORMATS: [&str; 6] = ["to_char", "to_date", "to_timestamp", "mktemp", "strptime", "--format"];

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    // Words of unfinished work are cut in two, since no file of the project may hold them.
    let unfinished = format!(
        r"\b({}|{}|{}|TBD|CHANGE[_-]?ME|REPLACE[_-](ME|WITH[A-Z_-]*)|INSERT[_-][A-Z_-]*[_-]HERE)\b",
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        r"X{3,}|x{3,}",
    );
    let patterns: [(&str, &str); 8] = [
        (
            r"<[A-Za-z][A-Za-z0-9]*([-_ ][A-Za-z0-9]+)+>|<(pod|host|hostname|name|id|namespace|user|username|password|token|region|bucket|date|timestamp|version|container|service|node|ip|url|database|file|backup)>",
            "in angle brackets",
        ),
        (r"YYYY[-_/.]?MM[-_/.]?DD([-_T ]?HH[-_:.]?MM([-_:.]?SS)?)?", "a form of a date"),
        (
            r#"(?:=\s*|\(\s*|\bIN\s*\(\s*)(['"](?:affected|compromised|selected|suspected|leaked|your|example)_[a-z][a-z_]*['"])"#,
            "a name for a value",
        ),
        (
            r"(?i)\b(?:TABLE|REINDEX|VACUUM(?:\s+FULL)?|ANALYZE|FROM|INTO|UPDATE)\s+((?:affected|your|example|some)_table|table_name)\b",
            "a name for a table",
        ),
        (r"(?i)\byour[-_][a-z]+([-_.][a-z0-9]+)*", "a name to be replaced"),
        (
            r"(?i)\b([a-z0-9-]+\.)*(example|company|yourcompany|mycompany|yourdomain)\.(com|org|net)\b",
            "a domain of examples",
        ),
        (
            r"\barn:aws[a-z-]*:[a-z0-9-]*:?\.\.\.|\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(123456789012|000000000000):\S*|\bZ123456[0-9A-Z]*\b|\b(i|vpc|sg|ami|subnet|vol|snap|eni)-(0?123456[0-9a-f]*|x{3,})\b",
            "an id of examples",
        ),
        (&unfinished, "a mark of unfinished work"),
    ];
    let compiled = patterns.into_iter().map(|(pattern, noun)| Pattern {
        regex: Regex::new(pattern).expect("the patterns of this file are valid"),
        noun,
    });
    compiled.collect()
});

fn check(scene: &Scene<'_>, findings: &mut Findings) {
    texts::each(scene, &mut |text| {
        if SEARCHES.contains(&text.program) {
            return;
        }
        let mut end = 0;
        for (range, noun) in placeholders(text.text) {
            if range.start >= end {
                end = range.end;
                findings.push(finding(text, range, noun, scene));
            }
        }
    });
}

/// The same for the contacts, channels and environments of a library, of which this is the document.
pub fn check_library(document: &Node, source: &Source, findings: &mut Findings) {
    for key in ["contacts", "channels", "environments", "backups"] {
        let Some((_, node)) = entry(document, key) else { continue };
        node.each_scalar(&mut |scalar| {
            for (range, noun) in placeholders(scalar.as_str().unwrap_or_default()) {
                let written = scalar.as_str().and_then(|text| text.get(range.clone()));
                let message = format!(
                    "`{}` is {noun}, a placeholder that was never filled in",
                    written.unwrap_or_default()
                );
                let finding = Finding::new(&RULE, scalar.span_at(range, source), message);
                findings.push(finding.help("put the real value there"));
            }
        });
    }
}

fn finding(text: &Text<'_>, range: Range<usize>, noun: &str, scene: &Scene<'_>) -> Finding {
    let written = &text.text[range.clone()];
    let message = format!("`{written}` is {noun}, a placeholder that was never filled in");
    let mut finding = Finding::new(&RULE, text.span(range, scene), message);
    if text.is_used {
        let help = "make it an input, which is asked for and checked: `${{ inputs.NAME }}`";
        finding = finding.help(help);
    } else {
        finding = finding.severity(Severity::Warning).help("put the real value there");
    }
    scene.in_step(finding, text.step)
}

/// The placeholders of a text, in its order.
fn placeholders(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let has_format = FORMATS.iter().any(|format| text.contains(format));
    let mut found: Vec<(Range<usize>, &'static str)> = Vec::new();
    for Pattern { regex, noun } in PATTERNS.iter() {
        for captures in regex.captures_iter(text) {
            let whole = captures.get(0);
            let group = captures.get(1).filter(|_| noun.starts_with("a name for"));
            let Some(place) = group.or(whole) else { continue };
            let is_form = *noun == "a form of a date" || place.as_str().starts_with(['X', 'x']);
            let range = place.range();
            let is_meant =
                is_form && has_format || is_redirect(text, &range) || is_call(text, &range);
            if !is_meant {
                found.push((place.range(), noun));
            }
        }
    }
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    found
}

/// Whether what looks like a form of a date is part of the name of a function, as in `toYYYYMMDD(t)`.
fn is_call(text: &str, range: &Range<usize>) -> bool {
    let is_inside = text[..range.start].ends_with(|c: char| c.is_ascii_alphabetic());
    let rest = text[range.end..].trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    is_inside && rest.starts_with('(')
}

/// Whether what looks like `<in>` is `<in>out`, which a shell reads as two files.
fn is_redirect(text: &str, range: &Range<usize>) -> bool {
    let after = text[range.end..].chars().next();
    text[range.clone()].starts_with('<')
        && !text[range.clone()].contains(['-', '_', ' '])
        && after.is_some_and(|c| c.is_alphanumeric() || "/.$&".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::of;

    fn marked(text: &str) -> Vec<&str> {
        placeholders(text).into_iter().map(|(range, _)| &text[range]).collect()
    }

    #[test]
    fn each_form_of_a_placeholder_is_known() {
        for (text, expected) in [
            ("kubectl logs <pod-name> --previous", "<pod-name>"),
            ("redis-cli -h <replica-host> PING", "<replica-host>"),
            ("ssh <host>", "<host>"),
            ("gunzip db_full_YYYYMMDD_HHMMSS.sql.gz", "YYYYMMDD_HHMMSS"),
            ("restore YYYY-MM-DD", "YYYY-MM-DD"),
            ("gunzip dbYYYYMMDD.sql.gz", "YYYYMMDD"),
            ("WHERE project_id = 'affected_project_id';", "'affected_project_id'"),
            ("WHERE id IN ('compromised_key_id')", "'compromised_key_id'"),
            ("backup_id='selected_backup',", "'selected_backup'"),
            ("REINDEX TABLE affected_table;", "affected_table"),
            ("VACUUM FULL affected_table;", "affected_table"),
            ("aws s3 ls s3://your-bucket/db", "your-bucket"),
            ("curl https://api.example.com/health", "api.example.com"),
            ("mail ops@company.com", "company.com"),
            ("--kms-key-id arn:aws:kms:...", "arn:aws:kms:..."),
            ("--hosted-zone-id Z123456 --change", "Z123456"),
            ("aws ec2 start-instances --instance-ids i-1234567890", "i-1234567890"),
            ("export TOKEN=CHANGEME", "CHANGEME"),
            ("--password REPLACE_ME", "REPLACE_ME"),
            ("id-xxxx", "xxxx"),
        ] {
            assert_eq!(marked(text), [expected], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_none() {
        for text in [
            "sort <in>out",
            "cat < in > out",
            "WHERE affected_user_id = 5",
            "row['selected_backup']",
            "SELECT to_char(now(), 'YYYYMMDD')",
            "SELECT toYYYYMMDD(t), toYYYYMMDDhhmmss(t) FROM events",
            "dir=$(mktemp -d /tmp/restore.XXXXXX)",
            "echo maximum exxon",
            "your backup",
            "arn:aws:kms:eu-west-1:210987654321:key/abc",
            "Z0441403334ANN7OFVRF0",
            "vpc-0a1b2c3d4e5f",
            "the counterexample.company",
        ] {
            assert_eq!(marked(text), Vec::<&str>::new(), "{text}");
        }
    }

    const HEAD: &str = "holdpoint: 1\nid: x\ntitle: Fill in <pod-name>\n";

    #[test]
    fn a_placeholder_is_marked_where_it_stands() {
        let book = format!(
            "{HEAD}steps:\n  - id: a\n    run: [kubectl, logs, <pod-name>]\n  - id: b\n    \
             http: {{url: \"https://api.example.com/health\"}}\n"
        );
        assert_eq!(of("HP503", &book), ["6:26 <pod-name>", "8:26 api.example.com"]);
    }

    #[test]
    fn what_is_searched_for_and_what_people_read_is_left_alone() {
        let book = format!(
            "{HEAD}steps:\n  - id: a\n    why: Look at <pod-name>.\n    \
             run: [grep, -rn, CHANGEME, /etc/shop]\n"
        );
        assert_eq!(of("HP503", &book), Vec::<String>::new());
    }
}
