//! What authors of queries often get wrong, and what to write instead.

use super::super::lexer::Token;

pub(super) const IS: &str = "IS goes with NULL alone; compare with = or <>";
pub(super) const NOT: &str = "NOT stands before the property: NOT a LIKE 'b'";
pub(super) const EQUAL: &str = "one = is enough";
pub(super) const UNQUOTED: &str = "texts stand in quotes; properties are compared with constants";
pub(super) const DOUBLED_QUOTE: &str = r#"a quote within a text is written \' or \""#;
pub(super) const NO_SEPARATOR: &str = "keywords are separated by blanks alone";
pub(super) const ONLY_EQUAL: &str = "= is the only operator here";
pub(super) const BRACES: &str = "the path of the object stands in braces";
pub(super) const NO_QUOTES: &str = "the name stands without quotes";

/// For a token that stands where another should.
pub(super) fn of_token(token: &Token<'_>) -> Option<&'static str> {
    match token {
        Token::Word(word) => of_word(word),
        _ => None,
    }
}

/// Words of other query languages.
pub(super) fn of_word(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_uppercase().as_str() {
        "UPDATE" | "DELETE" | "INSERT" | "CREATE" | "DROP" => "WQL only reads",
        "ORDER" | "ASC" | "DESC" => "WQL does not sort",
        "TOP" | "LIMIT" | "OFFSET" | "FETCH" => "WQL does not limit the number of results",
        "DISTINCT" => "WQL does not drop results that are equal",
        "JOIN" | "INNER" | "LEFT" | "RIGHT" | "ON" | "UNION" => {
            "a query asks for one class; ASSOCIATORS OF follows associations"
        }
        "IN" => "WQL has no lists: write a = 1 OR a = 2",
        "BETWEEN" => "WQL has no ranges: write a >= 1 AND a <= 9",
        "AS" => "WQL does not rename columns and classes",
        "CONTAINS" | "REGEXP" | "MATCHES" | "RLIKE" | "ILIKE" => "patterns are compared by LIKE",
        "ESCAPE" => "a %, _ or [ within a pattern stands in brackets: [%]",
        "GROUP" | "BY" | "HAVING" => "results are not grouped; events are, by GROUP WITHIN",
        "XOR" => "WQL has AND, OR and NOT",
        _ => return None,
    })
}

/// For a name that is followed by a parenthesis.
pub(super) fn of_function(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_uppercase().as_str() {
        "UPPER" | "LOWER" => "no functions in WQL; comparisons disregard case anyway",
        "DATEPART" | "DATEDIFF" | "DATEADD" | "GETDATE" | "SUBSTRING" => {
            "no functions in WQL; Configuration Manager alone extends it so"
        }
        _ => "no functions in WQL",
    })
}

/// For a character that begins no token.
pub(super) fn of_character(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{2018}'..='\u{201F}' | '\u{AB}' | '\u{BB}' | '`' => r#"quotes are ' or ""#,
        '?' | '@' | '$' | ':' => "WQL has no parameters, and texts stand in quotes",
        '&' => "conditions are joined by AND",
        '|' => "conditions are joined by OR",
        '!' => "conditions are turned round by NOT, and unequal is <>",
        ';' => "a query ends without a semicolon",
        '[' | ']' => "names stand without brackets, and elements of arrays cannot be asked for",
        '%' | '\\' | '/' => "texts stand in quotes",
        _ => return None,
    })
}
