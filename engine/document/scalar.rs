//! What a plain scalar means by the core schema of YAML 1.2.
//!
//! `no`, `on` and `1_000` are text here. So is a whole number that begins with a zero (`012`): the
//! older YAML reads it as octal and the newer as decimal, so it is taken as it is written.

use serde_json::Number;

/// The meaning of a plain scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Meaning {
    Null,
    Boolean(bool),
    /// A whole number that fits into 64 bits.
    Integer(Number),
    Float(f64),
    Text,
}

/// Reads a plain scalar.
pub(super) fn meaning(text: &str) -> Meaning {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "true" | "True" | "TRUE" => Meaning::Boolean(true),
        "false" | "False" | "FALSE" => Meaning::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
        _ => number(text).unwrap_or(Meaning::Text),
    }
}

fn number(text: &str) -> Option<Meaning> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let infinite = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        return Some(Meaning::Float(infinite));
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return based(digits, radix);
        }
    }
    if is_digits(unsigned) { decimal(text, unsigned) } else { float(text, unsigned) }
}

fn based(digits: &str, radix: u32) -> Option<Meaning> {
    let all_digits = digits.chars().all(|digit| digit.is_digit(radix));
    let value = all_digits.then(|| u64::from_str_radix(digits, radix).ok())??;
    Some(Meaning::Integer(value.into()))
}

fn decimal(text: &str, unsigned: &str) -> Option<Meaning> {
    if unsigned.len() > 1 && unsigned.starts_with('0') {
        return None;
    }
    if let Ok(value) = text.parse::<i64>() {
        return Some(Meaning::Integer(value.into()));
    }
    if let Ok(value) = text.parse::<u64>() {
        return Some(Meaning::Integer(value.into()));
    }
    text.parse().ok().map(Meaning::Float)
}

fn float(text: &str, unsigned: &str) -> Option<Meaning> {
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent_fits = exponent
        .is_none_or(|exponent| is_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => is_digits(fraction),
        Some((whole, fraction)) => is_digits(whole) && (fraction.is_empty() || is_digits(fraction)),
        None => is_digits(mantissa),
    };
    (exponent_fits && mantissa_fits).then(|| text.parse().ok().map(Meaning::Float))?
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(value: i64) -> Meaning {
        Meaning::Integer(value.into())
    }

    #[test]
    fn only_the_core_schema_gives_a_scalar_a_meaning() {
        for text in ["no", "on", "yes", "y", "Off", "tRUE", "1_000", "012", "-07", "00", "1.2.3"] {
            assert_eq!(meaning(text), Meaning::Text, "{text}");
        }
        for text in ["-", "+", ".", "e5", "1e", "1e+", "0o8", "0xg", "0x", "-0x1F", "nan", "1h"] {
            assert_eq!(meaning(text), Meaning::Text, "{text}");
        }
        for text in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(meaning(text), Meaning::Null, "{text}");
        }
        assert_eq!(meaning("True"), Meaning::Boolean(true));
        assert_eq!(meaning("FALSE"), Meaning::Boolean(false));
    }

    #[test]
    fn whole_numbers_are_decimal_octal_or_hexadecimal() {
        assert_eq!(meaning("0"), integer(0));
        assert_eq!(meaning("+12"), integer(12));
        assert_eq!(meaning("-9223372036854775808"), integer(i64::MIN));
        assert_eq!(meaning("18446744073709551615"), Meaning::Integer(u64::MAX.into()));
        assert_eq!(meaning("0o17"), integer(15));
        assert_eq!(meaning("0x1F"), integer(31));
        assert_eq!(meaning("0x10000000000000000"), Meaning::Text);
    }

    #[test]
    fn floats_may_have_a_point_an_exponent_or_no_end() {
        for (text, value) in [
            ("1.10", 1.1),
            (".5", 0.5),
            ("-1.", -1.0),
            ("1e3", 1000.0),
            ("+1.5E-1", 0.15),
            ("01.5", 1.5),
            ("18446744073709551616", 18_446_744_073_709_551_616.0),
            (".inf", f64::INFINITY),
            ("-.INF", f64::NEG_INFINITY),
        ] {
            assert_eq!(meaning(text), Meaning::Float(value), "{text}");
        }
        assert!(matches!(meaning(".nan"), Meaning::Float(value) if value.is_nan()));
    }
}
