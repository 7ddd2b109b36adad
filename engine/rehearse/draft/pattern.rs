//! A text that a regular expression matches, for the common ones: literals, classes, groups, the
//! first of several alternatives, and the least number of repetitions. Whoever uses it asks the
//! expression itself whether the text fits.

use std::iter::Peekable;
use std::str::Chars;

/// The most that one repetition adds.
const MOST: usize = 1_000;

/// How deep groups may be nested.
const DEPTH: usize = 50;

/// A text that fits a pattern; none where it is of a kind that is not known here.
pub fn sample(pattern: &str) -> Option<String> {
    let mut signs = pattern.chars().peekable();
    let text = alternatives(&mut signs, 0)?;
    signs.next().is_none().then_some(text)
}

/// The first of the alternatives up to the end of a group.
fn alternatives(signs: &mut Peekable<Chars<'_>>, depth: usize) -> Option<String> {
    let first = sequence(signs, depth)?;
    while signs.next_if_eq(&'|').is_some() {
        sequence(signs, depth)?;
    }
    Some(first)
}

fn sequence(signs: &mut Peekable<Chars<'_>>, depth: usize) -> Option<String> {
    let mut text = String::new();
    while let Some(sign) = signs.next_if(|sign| !"|)".contains(*sign)) {
        let part = match sign {
            '^' | '$' => continue,
            '(' => group(signs, depth)?,
            '[' => class(signs)?.to_string(),
            '.' => "x".to_owned(),
            '\\' => match escaped(signs.next()?)? {
                Some(sign) => sign.to_string(),
                None => continue,
            },
            '*' | '+' | '?' | '{' => return None,
            sign => sign.to_string(),
        };
        text.push_str(&part.repeat(repetitions(signs)?));
        if text.len() > MOST * 10 {
            return None;
        }
    }
    Some(text)
}

fn group(signs: &mut Peekable<Chars<'_>>, depth: usize) -> Option<String> {
    if depth == DEPTH {
        return None;
    }
    if signs.next_if_eq(&'?').is_some() {
        match signs.next()? {
            ':' => {}
            'P' | '<' => while signs.next()? != '>' {},
            // Flags that let more match match this too.
            'i' | 's' | 'm' | 'u' => match signs.next()? {
                ')' => return Some(String::new()),
                ':' => {}
                _ => return None,
            },
            _ => return None,
        }
    }
    let text = alternatives(signs, depth + 1)?;
    signs.next_if_eq(&')')?;
    Some(text)
}

/// What stands behind a backslash; nothing for a place between signs.
fn escaped(sign: char) -> Option<Option<char>> {
    match sign {
        'd' => Some(Some('1')),
        'w' | 'S' | 'D' => Some(Some('a')),
        's' | 'W' => Some(Some(' ')),
        'b' | 'A' | 'z' => Some(None),
        'n' => Some(Some('\n')),
        't' => Some(Some('\t')),
        sign if !sign.is_ascii_alphanumeric() => Some(Some(sign)),
        _ => None,
    }
}

/// A sign of a class; of one that excludes signs, the first of a few that it does not exclude.
fn class(signs: &mut Peekable<Chars<'_>>) -> Option<char> {
    let is_negated = signs.next_if_eq(&'^').is_some();
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut is_first = true;
    loop {
        let sign = match signs.next()? {
            ']' if !is_first => break,
            '[' => return None,
            '\\' => match signs.next()? {
                'd' => {
                    ranges.push(('0', '9'));
                    is_first = false;
                    continue;
                }
                'w' => {
                    ranges.extend([('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')]);
                    is_first = false;
                    continue;
                }
                sign => escaped(sign)??,
            },
            sign => sign,
        };
        is_first = false;
        let is_range = signs.peek() == Some(&'-') && {
            let mut ahead = signs.clone();
            ahead.next();
            ahead.peek().is_some_and(|next| *next != ']')
        };
        let end = match is_range {
            true => {
                signs.next();
                match signs.next()? {
                    '\\' => escaped(signs.next()?)??,
                    sign => sign,
                }
            }
            false => sign,
        };
        ranges.push((sign, end));
    }
    match is_negated {
        false => {
            let letter = ranges.iter().find(|(from, _)| from.is_ascii_alphanumeric());
            letter.or(ranges.first()).map(|(from, _)| *from)
        }
        true => ['a', 'x', '1', 'A', '_', ' ', '-']
            .into_iter()
            .find(|sign| ranges.iter().all(|(from, to)| !(from..=to).contains(&sign))),
    }
}

/// How often the part before stands, at least; once where it may stand once or not at all.
fn repetitions(signs: &mut Peekable<Chars<'_>>) -> Option<usize> {
    let least = match signs.peek() {
        Some('*' | '+' | '?') => {
            signs.next();
            1
        }
        Some('{') => {
            signs.next();
            let mut number = String::new();
            loop {
                match signs.next()? {
                    '}' => break,
                    sign => number.push(sign),
                }
            }
            let least = number.split(',').next()?.trim().parse::<usize>().ok()?;
            if number.contains(',') { least.max(usize::from(least == 0)) } else { least }
        }
        _ => return Some(1),
    };
    signs.next_if_eq(&'?');
    (least <= MOST).then_some(least)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::sample;

    #[test]
    fn a_sample_of_a_common_pattern_fits_it() {
        let patterns = [
            "",
            "a",
            "[a-z]+",
            "[a-z0-9-]{3,20}",
            r"\d{4}-\d{2}-\d{2}",
            "(prod|staging)-[0-9]+",
            r"i-[0-9a-f]{17}",
            r"[^/]+\.sql(\.gz)?",
            r"(?:a|b)*c",
            "(?i)x[]y]z",
            r"\w+@\w+\.com",
            "v[0-9]+(\\.[0-9]+){2}",
            "[^a-z]",
            "(?P<name>a.c)",
            r"^db-\d+$",
            "x{0}",
            "a{0,2}b",
            r"[\w.-]+",
            "[+-]?[0-9]+",
            r"[A-Za-z_][\w]*",
            r"s3://[a-z.-]+/.+",
        ];
        for pattern in patterns {
            let text = sample(pattern).unwrap_or_else(|| panic!("nothing for {pattern}"));
            let whole = Regex::new(&format!("^(?:{pattern})$")).unwrap_or_else(|it| panic!("{it}"));
            assert!(whole.is_match(&text), "{pattern}: {text}");
        }
    }

    #[test]
    fn what_is_not_known_has_no_sample_and_nothing_panics() {
        for pattern in
            [r"\p{L}", "[[:alpha:]]", "a{", "(", ")", "*", "[", "a{99999}", "\\", "(?", "(?<"]
        {
            assert_eq!(sample(pattern), None, "{pattern}");
        }
        let deep = "(".repeat(100_000);
        assert_eq!(sample(&deep), None);
    }
}
