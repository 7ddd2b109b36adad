//! What a change does to a file, as lines that `patch` and `git apply` take.

use similar::TextDiff;

/// A unified diff; nothing where nothing is changed.
pub fn diff(path: &str, before: &str, after: &str) -> String {
    let (old, new) = (format!("a/{path}"), format!("b/{path}"));
    TextDiff::from_lines(before, after).unified_diff().header(&old, &new).to_string()
}

#[cfg(test)]
mod tests {
    use super::diff;

    #[test]
    fn a_diff_has_the_lines_around_a_change() {
        let text = "\
--- a/b.yaml
+++ b/b.yaml
@@ -1,2 +1,2 @@
 a: 1
-b: 2
+b: 3
\\ No newline at end of file
";
        assert_eq!(diff("b.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3"), text);
        assert_eq!(diff("b.yaml", "a: 1\n", "a: 1\n"), "");
    }
}
