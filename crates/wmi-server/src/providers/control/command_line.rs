//! Command lines into words.

/// The longest command line, in characters: that of `CreateProcess`.
const LONGEST: usize = 32_767;

/// The words of a command line, by the quoting rules of POSIX and nothing else of a shell: no
/// variables, no wildcards, no comments, no operators. Nothing where a quote does not end, where
/// there is no word, or where the line is too long.
///
/// Source: POSIX.1-2024, *Shell Command Language*, 2.2.
pub(super) fn words(line: &str) -> Option<Vec<String>> {
    if line.chars().count() > LONGEST || line.contains('\0') {
        return None;
    }
    let mut words = Vec::new();
    // A word may be empty, in quotes.
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '\\' => match chars.next()? {
                            c @ ('"' | '\\' | '$' | '`') => word.push(c),
                            c => word.extend(['\\', c]),
                        },
                        c => word.push(c),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(chars.next()?),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.first().is_some_and(|program| !program.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell_that_does_nothing_else() {
        for (line, expected) in [
            ("a b  c", &["a", "b", "c"][..]),
            (r#"a "b c" 'd e'"#, &["a", "b c", "d e"]),
            (r#"a "" ''"#, &["a", "", ""]),
            (r#"a\ b "\"\\\x" '\n'"#, &["a b", r#""\\x"#, r"\n"]),
            (
                "a $HOME `b` *; # | > c && d",
                &["a", "$HOME", "`b`", "*;", "#", "|", ">", "c", "&&", "d"],
            ),
            ("a'b'\"c\"d", &["abcd"]),
        ] {
            assert_eq!(
                words(line).as_deref(),
                Some(&expected.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>()[..]),
                "{line}"
            );
        }
        for wrong in ["", "  ", "'a", "\"a", "a\\", "\"a\\", "'' a", "a\0b", &"x".repeat(40_000)] {
            assert_eq!(words(wrong), None, "{wrong:.9}");
        }
    }
}
