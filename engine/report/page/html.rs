//! Writes HTML, so that nothing from outside is ever a tag.
//!
//! Names of tags and attributes are written in this program; all else goes through one function that
//! makes it text. A tag that is opened is closed, since what is inside it is a function.

use std::fmt::Write;

use crate::report::visible_str;

/// A page on its way.
pub(in crate::report) struct Html {
    page: String,
}

/// The attributes of a tag: names of ours, values of anybody's.
pub(in crate::report) type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// A page with nothing on it.
    pub(super) fn document() -> Html {
        Html { page: "<!doctype html>\n".to_owned() }
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.page
    }

    /// A tag around what is inside it.
    pub(in crate::report) fn within(
        &mut self,
        tag: &'static str,
        attributes: Attributes,
        inside: impl FnOnce(&mut Html),
    ) {
        self.open(tag, attributes);
        inside(self);
        let _ = write!(self.page, "</{tag}>");
        if !is_inline(tag) {
            self.page.push('\n');
        }
    }

    /// A tag around a text.
    pub(in crate::report) fn element(
        &mut self,
        tag: &'static str,
        attributes: Attributes,
        text: &str,
    ) {
        self.within(tag, attributes, |html| html.text(text));
    }

    /// A tag that nothing is inside of.
    pub(in crate::report) fn void(&mut self, tag: &'static str, attributes: Attributes) {
        self.open(tag, attributes);
        self.page.push('\n');
    }

    /// A table with the names of its columns.
    pub(in crate::report) fn table(&mut self, columns: &[&str], body: impl FnOnce(&mut Html)) {
        self.within("table", &[], |html| {
            html.within("thead", &[], |html| {
                html.within("tr", &[], |html| {
                    columns.iter().for_each(|name| html.element("th", &[("scope", "col")], name));
                });
            });
            html.within("tbody", &[], body);
        });
    }

    /// A cell of a table, with the name of its column for where there is no room for columns.
    pub(in crate::report) fn cell(&mut self, column: &str, text: &str) {
        self.element("td", &[("data-label", column)], text);
    }

    /// A text, in which nothing is a tag and nothing is hidden.
    pub(in crate::report) fn text(&mut self, text: &str) {
        push_escaped(&mut self.page, text);
    }

    /// The style sheet: its digest is in the policy, so it stands as it is.
    pub(super) fn style(&mut self, sheet: &'static str) {
        let _ = writeln!(self.page, "<style>{sheet}</style>");
    }

    fn open(&mut self, tag: &'static str, attributes: Attributes) {
        let _ = write!(self.page, "<{tag}");
        for (name, value) in attributes {
            let _ = write!(self.page, " {name}=\"");
            push_escaped(&mut self.page, value);
            self.page.push('"');
        }
        self.page.push('>');
    }
}

/// Whether a line break after it would be seen.
fn is_inline(tag: &str) -> bool {
    matches!(tag, "a" | "span" | "strong" | "time" | "code" | "summary" | "text" | "abbr")
}

fn push_escaped(page: &mut String, text: &str) {
    for c in visible_str(text).chars() {
        match c {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            c => page.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Html)) -> String {
        let mut html = Html { page: String::new() };
        write(&mut html);
        html.finish()
    }

    #[test]
    fn text_from_outside_is_no_markup_and_hides_nothing() {
        let text = "<script>\"a\" & 'b'</script>\u{202e}";
        let expected = "&lt;script&gt;&quot;a&quot; &amp; &#39;b&#39;&lt;/script&gt;\\u{202e}";
        assert_eq!(written(|html| html.text(text)), expected);
        let inside = written(|html| html.element("a", &[("href", "\"><b>")], "x"));
        assert_eq!(inside, "<a href=\"&quot;&gt;&lt;b&gt;\">x</a>");
    }
}
