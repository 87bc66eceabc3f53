//! Queries of every kind, made up.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::path::tests::any_object_path;
use crate::{Name, Place};

pub(super) fn identifier() -> impl Strategy<Value = Name> {
    "[a-z_][A-Za-z0-9_]{0,8}|[à-ö][a-z]{0,3}"
        .prop_map(Name::from)
        .prop_filter("not a keyword", |name| {
            let words = "select from where and or not null true false like is isa within group having within by meta_class";
            !words.split(' ').any(|word| name.is(word))
        })
}

pub(super) fn property() -> impl Strategy<Value = PropertyRef> {
    prop::collection::vec(identifier(), 1..3)
        .prop_map(|names| PropertyRef { names, place: Place::default() })
}

pub(super) fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(|n| Literal::Integer(n.into())),
        any::<u64>().prop_map(|n| Literal::Integer(n.into())),
        any::<f64>().prop_filter("finite", |r| r.is_finite()).prop_map(Literal::Real),
        any::<String>().prop_map(Literal::Text),
    ]
}

pub(super) fn op() -> impl Strategy<Value = CompareOp> {
    use CompareOp::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Like, NotEqual};
    prop::sample::select(&[Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual, Like][..])
}

pub(super) fn filter() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        (property(), op(), literal()).prop_map(|(property, op, literal)| {
            Expr::Compare(Comparison { property, op, literal, literal_place: Place::default() })
        }),
        (property(), any::<bool>())
            .prop_map(|(property, negated)| Expr::IsNull { property, negated }),
        (property(), identifier()).prop_map(|(property, class)| Expr::IsA { property, class }),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            inner.prop_map(|expr| Expr::Not(Box::new(expr))),
        ]
    })
}

pub(super) fn any_select() -> impl Strategy<Value = Select> {
    let columns = prop_oneof![
        Just(Columns::All),
        Just(Columns::Count),
        prop::collection::vec(property(), 1..4).prop_map(Columns::List),
    ];
    (columns, identifier(), prop::option::of(filter())).prop_map(|(columns, class, filter)| {
        Select { columns, class, class_place: Place::default(), filter }
    })
}

fn interval() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (1_u64..=418_937).prop_map(Duration::from_secs),
        (1_u64..=418_937_000).prop_map(Duration::from_millis),
        (1_000_000_u64..=418_937_000_000_000).prop_map(Duration::from_nanos),
    ]
}

fn event() -> impl Strategy<Value = EventQuery> {
    let group = (interval(), prop::collection::vec(property(), 0..3), prop::option::of(filter()))
        .prop_map(|(within, by, having)| Group { within, by, having });
    (any_select(), prop::option::of(interval()), prop::option::of(group))
        .prop_filter("an event query", |(select, within, group)| {
            select.columns != Columns::Count && (within.is_some() || group.is_some())
        })
        .prop_map(|(select, within, group)| EventQuery { select, within, group })
}

fn associations() -> impl Strategy<Value = Query> {
    let names = prop::collection::vec(prop::option::of(identifier()), 6);
    (any_object_path(), names, any::<[bool; 4]>()).prop_map(|(path, names, flags)| {
        let [associators, keys_only, class_defs_only, schema_only] = flags;
        let scope = AssociationScope {
            keys_only,
            class_defs_only,
            schema_only: schema_only && path.is_class() && !class_defs_only,
        };
        let name = |i: usize| names[i].clone();
        let result_class = name(0).filter(|_| !class_defs_only);
        let path_place = Place::default();
        match associators {
            true => Query::Associators(Associators {
                path,
                path_place,
                assoc_class: name(1),
                required_assoc_qualifier: name(2),
                required_qualifier: name(3),
                result_class,
                result_role: name(4),
                role: name(5),
                scope,
            }),
            false => Query::References(References {
                path,
                path_place,
                required_qualifier: name(3),
                result_class,
                role: name(5),
                scope,
            }),
        }
    })
}

pub(super) fn any_query() -> impl Strategy<Value = Query> {
    prop_oneof![
        any_select().prop_map(Query::Select),
        prop::option::of(filter()).prop_map(|filter| Query::Schema(SchemaQuery { filter })),
        associations(),
        event().prop_map(Query::Event),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same_query(query in any_query()) {
        let text = query.to_string();
        match text.parse::<Query>() {
            Ok(read) => {
                prop_assert_eq!(read.to_string(), text);
                prop_assert_eq!(read, query);
            }
            Err(error) => prop_assert_eq!(error.kind, ParseErrorKind::TooLong, "{}", text),
        }
    }

    #[test]
    fn any_text_gives_a_query_or_an_error_within_it(
        words in prop::collection::vec(
            "select|from|where|and|or|not|null|is|isa|like|within|group|by|having|meta_class|\
             count|associators|references|of|role|keysonly|[{}]|\n|\
             [a-c]|[(),.*=<>'\"\\\\]|[0-9]|é",
            0..20,
        ),
    ) {
        let text = words.join(" ");
        match text.parse::<Query>() {
            Ok(query) => prop_assert_eq!(query.to_string().parse::<Query>(), Ok(query)),
            Err(error) => {
                let at = error.at;
                prop_assert!(text.is_char_boundary(at.offset), "{:?}", at);
                let before = &text[..at.offset];
                prop_assert_eq!(at.line, before.matches('\n').count() + 1);
                let in_line = before.rsplit('\n').next().unwrap_or_default();
                prop_assert_eq!(at.column, in_line.chars().count() + 1);
            }
        }
    }
}
