//! As much of Rust as the checks need: where code is, and where only comments and strings are.

/// The text with everything in comments, strings and character literals made blank; lines stay.
pub(crate) fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest, before);
        let taken = if length == 0 { first.len_utf8() } else { length };
        let (part, behind) = rest.split_at(taken);
        if length == 0 {
            out.push(first);
        } else {
            out.extend(part.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        }
        before = part.chars().last().unwrap_or(' ');
        rest = behind;
    }
    out
}

/// How many octets of `rest` are a comment, a string or a character; 0 if it begins with code.
fn skipped(rest: &str, before: char) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('"') {
        return quoted(rest, 1, '"');
    }
    let in_word = before.is_alphanumeric() || before == '_';
    if !in_word && (rest.starts_with("r\"") || rest.starts_with("r#") || rest.starts_with("br")) {
        return raw_string(rest);
    }
    if rest.starts_with('\'') { character(rest) } else { 0 }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        let here = &rest.as_bytes()[at..];
        if here.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// A string or character whose content begins at `from`.
fn quoted(rest: &str, from: usize, end: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip_while(|(at, _)| *at < from) {
        if !escaped && c == end {
            return at + end.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let head = rest.strip_prefix('b').unwrap_or(rest);
    let Some(behind) = head.strip_prefix('r') else { return 0 };
    let hashes = behind.len() - behind.trim_start_matches('#').len();
    // A raw identifier has no quote.
    let Some(content) = behind[hashes..].strip_prefix('"') else { return 0 };
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = rest.len() - content.len();
    content.find(&end).map_or(rest.len(), |at| begin + at + end.len())
}

/// A character literal; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.chars().skip(1);
    let (first, second) = (chars.next(), chars.next());
    if first == Some('\\') || second == Some('\'') { quoted(rest, 1, '\'') } else { 0 }
}

/// Whether the code has this word, standing alone.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    let of_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        let (before, behind) = (&code[..at], &code[at + word.len()..]);
        !before.ends_with(of_word) && !behind.starts_with(of_word)
    })
}

/// The names of all functions that the code defines.
pub(crate) fn functions(code: &str) -> impl Iterator<Item = &str> {
    code.split("fn ").skip(1).filter_map(|behind| {
        let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
        (end > 0 && behind[end..].starts_with(['(', '<'])).then_some(&behind[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_no_code() {
        let text =
            "a // unsafe\n\"un\\\"safe\" r#\"unsafe\"# '\"' b'\\'' /* /* x */ unsafe */ <'a> end";
        let code = code_only(text);
        assert!(!has_word(&code, "unsafe"), "{code}");
        assert!(has_word(&code, "end") && code.contains("<'a>"), "{code}");
        assert_eq!(code.lines().count(), 2);
    }

    #[test]
    fn a_word_inside_another_does_not_count() {
        assert!(!has_word("#![forbid(unsafe_code)]", "unsafe"));
        assert!(has_word("x = unsafe { 1 }", "unsafe"));
    }

    #[test]
    fn functions_are_found_by_name() {
        let code = "pub fn one() {} fn two<T>(x: T) {} fn_three(); fn four";
        assert_eq!(functions(code).collect::<Vec<_>>(), ["one", "two"]);
    }
}
