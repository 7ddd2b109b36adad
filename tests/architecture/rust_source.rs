//! Rust source, read as far as the rules of the house need: paths, modules, functions.
//!
//! It knows tokens and braces and no grammar. Comments, strings and character literals are blanked
//! out first, so that nothing in them counts.

/// A path that the code names, such as `crate::run::Event`.
pub(crate) struct Mention {
    pub(crate) line: usize,
    pub(crate) path: String,
}

/// A function with a body, from its `fn` to its last brace.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    pub(crate) lines: usize,
}

/// An identifier, `::`, or any other single character that is no space.
#[derive(Clone, Copy)]
struct Token<'a> {
    line: usize,
    text: &'a str,
}

/// The code with comments, strings and character literals blanked out, line breaks kept.
pub(crate) fn masked(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut rest = chars.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        let is_in_word = code.ends_with(is_word);
        let hidden = hidden_length(rest, is_in_word).min(rest.len());
        if hidden == 0 {
            code.push(*first);
            rest = tail;
            continue;
        }
        let (blanked, after) = rest.split_at(hidden);
        code.extend(blanked.iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        rest = after;
    }
    code
}

/// The length of the comment or literal that begins here, 0 when none does.
fn hidden_length(rest: &[char], is_in_word: bool) -> usize {
    match rest {
        ['/', '/', ..] => rest.iter().take_while(|c| **c != '\n').count(),
        ['/', '*', ..] => block_comment_length(rest),
        ['"', ..] => string_length(rest),
        ['\'', '\\', _, tail @ ..] => 4 + tail.iter().take_while(|c| **c != '\'').count(),
        ['\'', _, '\'', ..] => 3,
        ['b' | 'c', 'r', tail @ ..] if !is_in_word => raw_length(tail, 2),
        ['r', tail @ ..] if !is_in_word => raw_length(tail, 1),
        _ => 0,
    }
}

fn block_comment_length(rest: &[char]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(pair) = rest.get(at..at + 2) {
        match pair {
            ['/', '*'] => depth += 1,
            ['*', '/'] => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn string_length(rest: &[char]) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.iter().enumerate().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// The length of a raw string whose prefix is cut off, 0 when it is an identifier.
fn raw_length(tail: &[char], prefix: usize) -> usize {
    let hashes = tail.iter().take_while(|c| **c == '#').count();
    if tail.get(hashes) != Some(&'"') {
        return 0;
    }
    let body = tail.get(hashes + 1..).unwrap_or_default();
    let is_end = |end: &[char]| end.first() == Some(&'"') && end.iter().skip(1).all(|c| *c == '#');
    let ends = body.windows(hashes + 1).position(is_end);
    prefix + hashes + 1 + ends.map_or(body.len(), |at| at + hashes + 1)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (line, mut rest) in (1..).zip(code.lines()) {
        while let Some(first) = rest.chars().next() {
            let length = match first {
                c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                _ if rest.starts_with("::") => 2,
                c => c.len_utf8(),
            };
            let (text, after) = rest.split_at(length);
            if !first.is_whitespace() {
                tokens.push(Token { line, text });
            }
            rest = after;
        }
    }
    tokens
}

/// Every path of the code, groups such as `crate::{run, plan::Plan}` taken apart.
pub(crate) fn mentions(code: &str) -> Vec<Mention> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at = if token.text.starts_with(is_word) {
            follow(&tokens, at, "", &mut found)
        } else {
            at + 1
        };
    }
    found
}

/// Follows the path that begins at a token, and returns the index after it.
fn follow(tokens: &[Token<'_>], start: usize, prefix: &str, found: &mut Vec<Mention>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut path = prefix.to_owned();
    let mut at = start;
    while text(at).starts_with(is_word) {
        path.push_str(text(at));
        at += 1;
        if text(at) == "::" && text(at + 1) == "{" {
            path.push_str("::");
            at += 2;
            while !["}", ""].contains(&text(at)) {
                at = follow(tokens, at, &path, found).max(at + 1);
            }
            return at + 1;
        }
        if text(at) != "::" || !text(at + 1).starts_with(is_word) {
            break;
        }
        path.push_str("::");
        at += 1;
    }
    if let Some(token) = tokens.get(start).filter(|_| at > start) {
        found.push(Mention { line: token.line, path });
    }
    if text(at) == "as" { at + 2 } else { at }
}

/// The modules that a file declares without a body, in order.
pub(crate) fn declared_modules(text: &str) -> Vec<String> {
    let code = masked(text);
    let tokens = tokens(&code);
    let mut names = Vec::new();
    for window in tokens.windows(3) {
        if let [Token { text: "mod", .. }, name, Token { text: ";", .. }] = window {
            names.push(name.text.to_owned());
        }
    }
    names
}

pub(crate) fn functions(code: &str) -> Vec<Function> {
    let tokens = tokens(code);
    let mut functions = Vec::new();
    for (at, window) in tokens.windows(2).enumerate() {
        let [Token { text: "fn", line }, name] = window else { continue };
        let Some(body) = body_after(&tokens, at).filter(|_| name.text.starts_with(is_word)) else {
            continue;
        };
        let name = name.text.to_owned();
        functions.push(Function { name, line: *line, lines: body.end + 1 - *line });
    }
    functions
}

/// How many modules written in place stand around a line.
pub(crate) fn modules_around(code: &str, line: usize) -> usize {
    let tokens = tokens(code);
    let is_around = |(at, token): &(usize, &Token<'_>)| {
        token.text == "mod"
            && body_after(&tokens, *at).is_some_and(|body| (body.start..=body.end).contains(&line))
    };
    tokens.iter().enumerate().filter(is_around).count()
}

/// The lines of the braces that follow a token, unless a `;` ends the item first.
fn body_after(tokens: &[Token<'_>], at: usize) -> Option<std::ops::Range<usize>> {
    let mut start = None;
    let mut depth = 0_usize;
    for token in tokens.iter().skip(at) {
        match token.text {
            "{" if depth == 0 => start = start.or(Some(token.line)),
            ";" if depth == 0 => return None,
            _ => {}
        }
        match token.text {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if let Some(start) = start.filter(|_| depth == 0) {
            return Some(start..token.line);
        }
    }
    None
}
