//! Exit codes, as their page explains them.

/// The page; its headings begin with the codes.
const PAGE: &str = include_str!("../../../docs/exit-codes.md");

/// The section of an exit code, with its heading.
pub fn of(code: &str) -> Option<String> {
    let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
    let sections = PAGE.split("\n## ").skip(1).filter(|_| is_code);
    let is_it = |section: &&str| {
        let heading = section.lines().next().unwrap_or_default();
        heading.split(", ").any(|part| part.split(' ').next() == Some(code))
    };
    let section = sections.into_iter().find(is_it)?;
    Some(format!("# Exit code {}\n", section.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::cli::failure::Exit;

    #[test]
    fn every_exit_code_is_explained() {
        for exit in [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::Invalid,
            Exit::Stopped,
            Exit::Waiting,
            Exit::Journal,
            Exit::Driven,
            Exit::Exceptions,
            Exit::Interrupted,
            Exit::Quit,
            Exit::Terminated,
        ] {
            let code = (exit as u8).to_string();
            let text = of(&code).unwrap_or_default();
            assert!(text.contains(&format!("{code} {exit:?}")), "{code}: {text}");
            assert!(text.contains("When:"), "{code}: {text}");
        }
        for none in ["", "9", "05", "x", "1 "] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
