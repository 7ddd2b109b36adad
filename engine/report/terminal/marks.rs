//! What a terminal can show beyond ASCII: marks, and colours where they are wanted.

use std::env;

use crate::report::standing::Urgency;

/// The marks that stand between and before what is told.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::report) struct Marks {
    /// Something was left out.
    pub(in crate::report) ellipsis: &'static str,
    /// Between two facts.
    pub(super) between: &'static str,
    /// Before what a command prints.
    pub(super) gutter: &'static str,
    /// Before what is under way, one after the other.
    pub(super) turns: &'static [&'static str],
    /// Whether a character beyond ASCII can be shown.
    pub(super) is_unicode: bool,
}

const UNICODE: Marks = Marks {
    ellipsis: "…",
    between: " · ",
    gutter: "│ ",
    turns: &["⠋", "⠙", "⠸", "⠴", "⠦", "⠇"],
    is_unicode: true,
};

const ASCII: Marks = Marks {
    ellipsis: "...",
    between: " - ",
    gutter: "| ",
    turns: &["|", "/", "-", "\\"],
    is_unicode: false,
};

impl Marks {
    /// The marks for the locale of this process.
    pub(super) fn of_locale() -> Marks {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"];
        let said = names.into_iter().filter_map(|name| env::var(name).ok());
        Marks::of(said.into_iter().find(|value| !value.is_empty()).as_deref())
    }

    /// The marks for a locale by its name, such as `en_GB.UTF-8`.
    pub(super) fn of(locale: Option<&str>) -> Marks {
        let charset = locale.unwrap_or_default().to_ascii_lowercase().replace('-', "");
        if charset.contains("utf8") { UNICODE } else { ASCII }
    }
}

/// How something looks; what it means is in its words.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Look {
    Plain,
    Dim,
    Bold,
    Loud,
    Warning,
    Alarm,
}

impl Look {
    /// The look of something pressing.
    pub(super) fn of(urgency: Urgency) -> Look {
        match urgency {
            Urgency::Calm => Look::Plain,
            Urgency::Soon => Look::Warning,
            Urgency::Late => Look::Alarm,
        }
    }

    /// A text in this look.
    pub(super) fn dress(self, text: &str) -> String {
        let code = match self {
            Look::Plain => return text.to_owned(),
            Look::Dim => "2",
            Look::Bold => "1",
            Look::Loud => "1;7",
            Look::Warning => "33",
            Look::Alarm => "1;31",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_locale_that_names_utf_8_gets_marks_beyond_ascii() {
        for locale in ["en_GB.UTF-8", "C.utf8", "de_DE.UTF8@euro"] {
            assert_eq!(Marks::of(Some(locale)), UNICODE, "{locale}");
        }
        for locale in [None, Some(""), Some("C"), Some("POSIX"), Some("de_DE.ISO-8859-1")] {
            assert_eq!(Marks::of(locale), ASCII, "{locale:?}");
        }
    }
}
