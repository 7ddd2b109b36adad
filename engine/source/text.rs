//! The text of one file under the name a person knows it by.

/// A place as a person counts: lines and columns from 1, a column being one character.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

/// One file's text.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// The byte at which each line begins.
    lines: Vec<usize>,
}

impl Source {
    /// A source called `name`, usually the path as it was typed.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        Source { name: name.into(), lines: lines.collect(), text }
    }

    /// What a person calls this file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte offset stands; an offset beyond the end stands at the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// The byte at which a line (from 1) begins; past the last line, the end of the text.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters_from_one() {
        let source = Source::new("a.yaml", "á: b\nc: d\n");
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position("á: ".len()), Position { line: 1, column: 4 });
        assert_eq!(source.position("á: b\nc".len()), Position { line: 2, column: 2 });
        assert_eq!(source.position(1000), Position { line: 3, column: 1 });
    }
}
