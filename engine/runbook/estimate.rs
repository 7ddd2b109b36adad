//! An estimate: how long something usually takes, as one duration or as a range of two.

use std::time::Duration;

use crate::document::{Node, parse_duration};

use super::reader::Reader;

/// What the text of an estimate looks like.
pub(super) const PATTERN: &str = r"([0-9]+(ms|s|m|h|d))+(\.\.([0-9]+(ms|s|m|h|d))+)?";

/// How long something usually takes: from `low` to `high`, which are the same for one duration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Estimate {
    /// When all goes well.
    pub low: Duration,
    /// When it goes as badly as it usually does.
    pub high: Duration,
    /// As it was written, such as `5m` or `15m..45m`.
    pub text: String,
}

impl Estimate {
    /// Reads a duration or two with `..` between them. The error is a sentence that quotes the
    /// text, and a way out.
    pub fn parse(text: &str) -> Result<Estimate, (String, &'static str)> {
        let (low, high) = text.split_once("..").unwrap_or((text, text));
        let part = |part: &str| {
            parse_duration(part).map_err(|message| {
                (message, "write a duration such as 5m, or a range of two: 15m..45m")
            })
        };
        let (low, high) = (part(low)?, part(high)?);
        if low > high {
            let message = format!("the estimate `{text}` begins with the longer time");
            return Err((message, "write the shorter time first: 15m..45m"));
        }
        Ok(Estimate { low, high, text: text.to_owned() })
    }

    /// Reads the estimate of a step or of a runbook.
    pub fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Estimate> {
        let text = reader.text(node)?;
        let parsed = Estimate::parse(&text);
        parsed.map_err(|(message, help)| reader.error_with_help(text.span, message, help)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> Result<(u64, u64), String> {
        let seconds = |estimate: Estimate| (estimate.low.as_secs(), estimate.high.as_secs());
        Estimate::parse(text).map(seconds).map_err(|(message, _)| message)
    }

    #[test]
    fn an_estimate_is_a_duration_or_a_range() {
        assert_eq!(range("5m"), Ok((300, 300)));
        assert_eq!(range("15m..45m"), Ok((900, 2_700)));
        assert_eq!(range("0s..1h30m"), Ok((0, 5_400)));
        assert_eq!(range("5m..5m"), Ok((300, 300)));
    }

    #[test]
    fn anything_else_is_refused_in_words() {
        let cases = [
            ("soon", "`soon` is not a duration"),
            ("", "`` is not a duration"),
            ("5", "the duration `5` has no unit"),
            ("5m..", "`` is not a duration"),
            ("..5m", "`` is not a duration"),
            ("5m...9m", "`.9m` is not a duration"),
            ("5m..6m..7m", "`6m..7m` is not a duration"),
            ("5m .. 6m", "`5m ` is not a duration"),
            ("45m..15m", "the estimate `45m..15m` begins with the longer time"),
        ];
        for (text, message) in cases {
            assert_eq!(range(text), Err(message.to_owned()), "{text}");
        }
    }
}
