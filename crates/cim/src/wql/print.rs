//! From a query back to text.

use std::fmt;
use std::time::Duration;

use super::ast::{Columns, Expr, Literal, PropertyRef, Select};
use super::statement::{
    AssociationScope, Associators, EventQuery, Group, Query, References, SchemaQuery,
};
use crate::Name;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Select(select) => select.fmt(f),
            Self::Schema(schema) => schema.fmt(f),
            Self::Associators(associators) => associators.fmt(f),
            Self::References(references) => references.fmt(f),
            Self::Event(event) => event.fmt(f),
        }
    }
}

impl fmt::Display for Select {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SELECT {} FROM {}", self.columns, self.class)?;
        write_filter(f, self.filter.as_ref())
    }
}

impl fmt::Display for SchemaQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SELECT * FROM meta_class")?;
        write_filter(f, self.filter.as_ref())
    }
}

impl fmt::Display for EventQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SELECT {} FROM {}", self.select.columns, self.select.class)?;
        if let Some(within) = self.within {
            write!(f, " WITHIN {}", Seconds(within))?;
        }
        write_filter(f, self.select.filter.as_ref())?;
        self.group.as_ref().map_or(Ok(()), |group| write!(f, " {group}"))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GROUP WITHIN {}", Seconds(self.within))?;
        if !self.by.is_empty() {
            f.write_str(" BY ")?;
            separated(f, &self.by, ", ")?;
        }
        self.having.as_ref().map_or(Ok(()), |having| write!(f, " HAVING {having}"))
    }
}

impl fmt::Display for Associators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ASSOCIATORS OF {{{}}}", self.path)?;
        let names = [
            ("AssocClass", &self.assoc_class),
            ("RequiredAssocQualifier", &self.required_assoc_qualifier),
            ("RequiredQualifier", &self.required_qualifier),
            ("ResultClass", &self.result_class),
            ("ResultRole", &self.result_role),
            ("Role", &self.role),
        ];
        write_clauses(f, &names, self.scope)
    }
}

impl fmt::Display for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "REFERENCES OF {{{}}}", self.path)?;
        let names = [
            ("RequiredQualifier", &self.required_qualifier),
            ("ResultClass", &self.result_class),
            ("Role", &self.role),
        ];
        write_clauses(f, &names, self.scope)
    }
}

/// In the order of the grammar in `[MS-WMI] 2.2.1.1`.
fn write_clauses(
    f: &mut fmt::Formatter<'_>,
    names: &[(&str, &Option<Name>)],
    scope: AssociationScope,
) -> fmt::Result {
    let names = names.iter().filter_map(|(word, name)| Some((*word, name.as_ref()?)));
    let names = names.map(|(word, name)| format!("{word} = {name}"));
    let flags = [
        ("KeysOnly", scope.keys_only),
        ("ClassDefsOnly", scope.class_defs_only),
        ("SchemaOnly", scope.schema_only),
    ];
    let flags = flags.into_iter().filter(|(_, is_set)| *is_set).map(|(word, _)| word.to_owned());
    let mut before = " WHERE ";
    for clause in names.chain(flags) {
        write!(f, "{before}{clause}")?;
        before = " ";
    }
    Ok(())
}

fn write_filter(f: &mut fmt::Formatter<'_>, filter: Option<&Expr>) -> fmt::Result {
    filter.map_or(Ok(()), |filter| write!(f, " WHERE {filter}"))
}

/// An interval in seconds, with a fraction where there is one.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_secs_f64().fmt(f)
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("*"),
            Self::List(list) => separated(f, list, ", "),
            Self::Count => f.write_str("COUNT(*)"),
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
