//! From a query back to text.

use std::fmt;

use super::ast::{Columns, Expr, Literal, PropertyRef, Select};

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SELECT {} FROM {}", self.columns, self.class)?;
        match &self.filter {
            Some(filter) => write!(f, " WHERE {filter}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::List(list) => separated(f, list, ", "),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Or(all) => separated(f, all.iter().map(|e| InParentheses(e, is_or)), " OR "),
            Self::And(all) => separated(f, all.iter().map(|e| InParentheses(e, is_join)), " AND "),
            Self::Not(inner) => write!(f, "NOT {}", InParentheses(inner, is_join)),
            Self::Compare(c) => write!(f, "{} {} {}", c.property, c.op.symbol(), c.literal),
            Self::IsNull { property, negated } => {
                write!(f, "{property} IS {}NULL", if *negated { "NOT " } else { "" })
            }
            Self::IsA { property, class } => write!(f, "{property} ISA {}", Quoted(class)),
        }
    }
}

impl fmt::Display for PropertyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        separated(f, &self.names, ".")
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("NULL"),
            Self::Boolean(value) => f.write_str(if *value { "TRUE" } else { "FALSE" }),
            Self::Integer(number) => number.fmt(f),
            Self::Real(real) if real.fract() == 0.0 => write!(f, "{real}.0"),
            Self::Real(real) => real.fmt(f),
            Self::Text(text) => Quoted(text).fmt(f),
        }
    }
}

/// An expression, in parentheses where its kind asks for them.
struct InParentheses<'a>(&'a Expr, fn(&Expr) -> bool);

impl fmt::Display for InParentheses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(expr, needs) = self;
        if needs(expr) { write!(f, "({expr})") } else { expr.fmt(f) }
    }
}

fn is_or(expr: &Expr) -> bool {
    matches!(expr, Expr::Or(_))
}

fn is_join(expr: &Expr) -> bool {
    matches!(expr, Expr::Or(_) | Expr::And(_))
}

struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', r"\\").replace('"', "\\\""))
    }
}

fn separated<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    separator: &str,
) -> fmt::Result {
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
