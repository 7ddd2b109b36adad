//! Patterns of paths: `*` stands for any part of a name, `**` for any folders, all else for itself.

/// Whether a pattern fits a whole path.
pub fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.trim_start_matches("./").split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    parts(&pattern, &path)
}

fn parts(pattern: &[&str], path: &[&str]) -> bool {
    // How far each beginning of the pattern can reach, so that many stars cost no more than few.
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    for part in pattern {
        let before = std::mem::replace(&mut reach, vec![false; path.len() + 1]);
        if *part == "**" {
            let first = before.iter().position(|is_reached| *is_reached);
            (first.unwrap_or(path.len() + 1)..=path.len()).for_each(|at| reach[at] = true);
            continue;
        }
        for (at, name) in path.iter().enumerate() {
            reach[at + 1] = before[at] && is_name(part, name);
        }
    }
    reach[path.len()]
}

/// Whether a pattern without folders fits a name.
fn is_name(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(pieces.next().unwrap_or_default()) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        let Some(found) = rest.find(piece) else { return false };
        rest = &rest[found + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_a_part_of_a_name_and_two_for_folders() {
        for (pattern, path) in [
            ("a.yaml", "a.yaml"),
            ("./a.yaml", "a.yaml"),
            ("*.yaml", "a.yaml"),
            ("a*e*.yaml", "a-e-f.yaml"),
            ("db/**", "db/a/b.yaml"),
            ("**/b.yaml", "db/a/b.yaml"),
            ("**/b.yaml", "b.yaml"),
            ("db/**/b.yaml", "db/b.yaml"),
            ("**", "a/b"),
        ] {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("a.yaml", "b/a.yaml"),
            ("*.yaml", "b/a.yaml"),
            ("a*a", "a"),
            ("db/*", "db/a/b.yaml"),
            ("db/**", "other/a.yaml"),
            ("", "a"),
        ] {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_of_nothing_but_stars_costs_little() {
        let pattern = "*a".repeat(2_000);
        assert!(!matches(&pattern, &"a".repeat(1_999)));
        let folders = "**/".repeat(500);
        assert!(matches(folders.trim_end_matches('/'), &"a/".repeat(500)));
    }
}
