//! Patterns of `LIKE`.

/// A compiled pattern.
///
/// Matching takes at most the product of the two lengths, and no memory.
///
/// Source: `[MS-WMI] 2.2.1.1`, the table of characters within `LIKE`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone, PartialEq, Debug)]
enum Piece {
    /// `%`
    AnyRun,
    /// `_`
    AnyOne,
    /// In lower case.
    One(char),
    /// `[…]`, or with the flag `[^…]`.
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// Compiles a pattern, or says what is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self, &'static str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            pieces.push(match c {
                '%' => Piece::AnyRun,
                '_' => Piece::AnyOne,
                '[' => {
                    let (set, after) = rest.split_once(']').ok_or("a `[` has no `]`")?;
                    rest = after;
                    set_of(set)?
                }
                c => Piece::One(lower(c)),
            });
        }
        pieces.dedup_by(|a, b| *a == Piece::AnyRun && *b == Piece::AnyRun);
        Ok(Self(pieces))
    }

    /// Whether the pattern matches nothing but one text.
    pub(super) fn is_plain(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::One(_)))
    }

    /// Whether the whole text fits.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut pieces = self.0.as_slice();
        let mut text = text.chars();
        // Where to go on when the last run of any characters must take one more.
        let mut retry: Option<(&[Piece], std::str::Chars<'_>)> = None;
        loop {
            if let [Piece::AnyRun, rest @ ..] = pieces {
                pieces = rest;
                retry = Some((rest, text.clone()));
                continue;
            }
            let mut ahead = text.clone();
            match (pieces, ahead.next()) {
                ([], None) => return true,
                ([piece, rest @ ..], Some(c)) if piece.accepts(c) => {
                    pieces = rest;
                    text = ahead;
                }
                _ => {
                    let Some((after, from)) = &mut retry else {
                        return false;
                    };
                    if from.next().is_none() {
                        return false;
                    }
                    pieces = after;
                    text = from.clone();
                }
            }
        }
    }
}

impl Piece {
    fn accepts(&self, c: char) -> bool {
        match self {
            Self::AnyRun | Self::AnyOne => true,
            Self::One(one) => *one == lower(c),
            Self::Set { negated, ranges } => {
                let within = |c: char| ranges.iter().any(|(low, high)| (*low..=*high).contains(&c));
                (within(c) || within(lower(c)) || within(upper(c))) != *negated
            }
        }
    }
}

/// What stands between the brackets. `a-f` and `a=f` are ranges; a `-` or `=` at either end, a
/// lone `^`, and `%`, `_` and `[` stand for themselves.
fn set_of(text: &str) -> Result<Piece, &'static str> {
    let (negated, text) = match text.strip_prefix('^') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, text),
    };
    let mut ranges = Vec::new();
    let mut rest = text.chars();
    while let Some(low) = rest.next() {
        let mut ahead = rest.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-' | '='), Some(high)) => {
                rest = ahead;
                high
            }
            _ => low,
        };
        ranges.push((low, high));
    }
    if ranges.is_empty() {
        Err("`[]` holds no character")
    } else {
        Ok(Piece::Set { negated, ranges })
    }
}

fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

fn upper(c: char) -> char {
    c.to_uppercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e}")).matches(text)
    }

    #[test]
    fn the_documented_patterns_match() {
        for (pattern, yes, no) in [
            // LIKE Operator
            ("%Win%", &["Win32_Process", "a_win", "WIN"][..], &["Wi n", ""][..]),
            ("FirstName%", &["FirstName", "firstname Last"], &["xFirstName"]),
            ("%[_][_]%", &["__CLASS", "a__"], &["_CLASS_", "_"]),
            ("%10.%", &["10.1", "a10.b"], &["101"]),
            // [MS-WMI] 2.2.1.1
            ("[a-f]", &["a", "F", "c"], &["g", "-", "ab"]),
            ("[a=f]", &["a", "f"], &["g", "="]),
            ("[a-]", &["a", "-"], &["b"]),
            ("[a=]", &["a", "="], &["b"]),
            ("[^ad-f]", &["b", "c", "g"], &["a", "D", "e", "f"]),
            ("[^]", &["^"], &["a", ""]),
            ("[%_[]", &["%", "_", "["], &["a"]),
            ("[-a]", &["-", "a"], &["b"]),
            ("a_c", &["abc", "A%C"], &["ac", "abbc"]),
            ("", &[""], &["a"]),
            ("%", &["", "anything"], &[]),
            ("É_", &["éa"], &["é"]),
        ] {
            for text in yes {
                assert!(matches(pattern, text), "{pattern} on {text}");
            }
            for text in no {
                assert!(!matches(pattern, text), "{pattern} on {text}");
            }
        }
        assert_eq!(Pattern::new("a[b"), Err("a `[` has no `]`"));
        assert_eq!(Pattern::new("a[]"), Err("`[]` holds no character"));
    }

    #[test]
    fn many_runs_do_not_take_exponential_time() {
        let pattern = "%a".repeat(2000);
        assert!(matches(&pattern, &"a".repeat(2000)));
        assert!(!matches(&pattern, &"a".repeat(1999)));
        assert!(!matches(&(pattern + "b"), &"a".repeat(4000)));
    }

    /// The same, by the definition.
    fn slow(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['%', rest @ ..], _) => {
                slow(rest, text) || !text.is_empty() && slow(pattern, &text[1..])
            }
            (['_', rest @ ..], [_, after @ ..]) => slow(rest, after),
            ([p, rest @ ..], [c, after @ ..]) => p == c && slow(rest, after),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_definition(pattern in "[ab%_]{0,8}", text in "[ab]{0,8}") {
            let pattern_chars: Vec<_> = pattern.chars().collect();
            let text_chars: Vec<_> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), slow(&pattern_chars, &text_chars));
        }
    }
}
