//! Where a link may lead: to a file in the run's folder, and nowhere else.

/// A name in the run's folder as the address of a link that is relative to it; none where it would
/// leave the folder, or is no plain name.
pub(super) fn address(file: &str) -> Option<String> {
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if !file.split('/').all(is_plain) {
        return None;
    }
    let mut address = String::new();
    for byte in file.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => address.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_run_is_linked_to_by_its_name() {
        assert_eq!(address("output/a.1.out").as_deref(), Some("output/a.1.out"));
        assert_eq!(address("output/a b%#?.out").as_deref(), Some("output/a%20b%25%23%3F.out"));
    }

    #[test]
    fn no_link_leaves_the_folder_or_is_more_than_a_name() {
        for file in ["/etc/passwd", "../x", "output/../../x", "//host/x", "", "a//b", "./a"] {
            assert_eq!(address(file), None, "{file}");
        }
        let script = address("javascript:alert(1)");
        assert_eq!(script.as_deref(), Some("javascript%3Aalert%281%29"));
        assert_eq!(address("https:x\\y").as_deref(), Some("https%3Ax%5Cy"));
    }
}
