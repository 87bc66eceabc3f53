//! One class, one table: each property's declaration, and its value beside it.

use std::ops::ControlFlow;
use std::sync::Arc;

use winreach_cim::{
    Array, CimType, Class, ClassBuilder, DateTime, Instance, Method, Name, Value, ValueType,
};

use crate::methods::Methods;
use crate::provider::{Provider, ProviderError, Request};

use super::machine::Machine;

/// Where the instances of a class come from.
pub(super) trait Source: Sized + 'static {
    /// The table of the class.
    fn table() -> Table<Self>;

    /// What stands behind each instance; `request` may be used to leave some out.
    fn all(
        machine: &Machine,
        request: &Request,
    ) -> Result<impl Iterator<Item = Self>, ProviderError>;
}

/// Whether the query can mean an instance that has `text` as this property.
pub(super) fn may_be(request: &Request, property: &str, text: &str) -> bool {
    let demanded = request.equal_to(property).and_then(Value::as_str);
    demanded.is_none_or(|demanded| Name::from(demanded).is(text))
}

/// The class of `S` and how each of its properties follows from an `S`.
pub(super) struct Table<S> {
    class: Arc<Class>,
    /// One a property, in the order of [`Class::properties`].
    values: Vec<Compute<S>>,
}

/// A property's value, worked out of the source of its instance.
type Compute<S> = fn(&S) -> Value;

impl<S> Table<S> {
    /// A table in which every property is null: what the machine cannot know stays so.
    pub(super) fn new(class: Arc<Class>) -> Self {
        let values: Vec<Compute<S>> = vec![|_| Value::Null; class.properties().len()];
        Self { class, values }
    }

    /// The same table, with the value of one property.
    #[expect(clippy::expect_used, reason = "tables are constant, and a test builds every one")]
    pub(super) fn value(mut self, property: &'static str, value: Compute<S>) -> Self {
        let index = self.class.property_index(property);
        let place = index.and_then(|i| self.values.get_mut(i));
        *place.expect("the class has the property") = value;
        self
    }
}

/// Answers for a class out of its [`Source`].
pub(super) struct Rows<S> {
    machine: Machine,
    table: Table<S>,
    methods: Option<Box<dyn Methods>>,
}

impl<S: Source> Rows<S> {
    pub(super) fn provider(machine: &Machine) -> Arc<dyn Provider> {
        Arc::new(Self { machine: machine.clone(), table: S::table(), methods: None })
    }

    /// The same for a class with methods, and who carries them out.
    pub(super) fn with_methods(
        machine: &Machine,
        declarations: Vec<Method>,
        methods: impl Methods + 'static,
    ) -> Arc<dyn Provider> {
        let Table { class, values } = S::table();
        let table = Table { class: declare(&class, declarations), values };
        Arc::new(Self { machine: machine.clone(), table, methods: Some(Box::new(methods)) })
    }
}

/// The same class with methods of its own.
#[expect(clippy::expect_used, reason = "methods are constant, and a test builds the classes")]
fn declare(class: &Class, methods: Vec<Method>) -> Arc<Class> {
    let class = Class::builder(class.name().clone()).raw(
        class.derivation().to_vec(),
        class.parent().cloned(),
        class.qualifiers().clone(),
        class.properties().to_vec(),
        class.methods().to_vec(),
    );
    let class = methods.into_iter().fold(class, ClassBuilder::method);
    Arc::new(class.build().expect("the methods have names of their own"))
}

impl<S: Source> Provider for Rows<S> {
    fn class(&self) -> &Arc<Class> {
        &self.table.class
    }

    fn enumerate(
        &self,
        request: &Request,
        sink: &mut dyn FnMut(Instance) -> ControlFlow<()>,
    ) -> Result<(), ProviderError> {
        let class = &self.table.class;
        let wanted: Vec<bool> =
            class.properties().iter().map(|p| p.is_key() || request.wants(&p.name)).collect();
        for source in S::all(&self.machine, request)? {
            let values = wanted.iter().zip(&self.table.values);
            let values = values.map(|(wanted, value)| wanted.then(|| value(&source))).collect();
            if sink(Instance::from_values(Arc::clone(class), values)).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn methods(&self) -> Option<&dyn Methods> {
        self.methods.as_deref()
    }
}

/// A Rust type that stands for a CIM type.
pub(super) trait Cim {
    const TYPE: ValueType;
    fn value(self) -> Value;
}

macro_rules! scalars {
    ($($rust:ty => $cim:ident),* $(,)?) => {$(
        impl Cim for $rust {
            const TYPE: ValueType = ValueType::scalar(CimType::$cim);
            fn value(self) -> Value {
                self.into()
            }
        }
    )*};
}

scalars! {
    bool => Boolean, u8 => Uint8, u16 => Uint16, u32 => Uint32, u64 => Uint64, i16 => Sint16,
    i32 => Sint32, i64 => Sint64, String => String, &str => String, DateTime => DateTime,
}

macro_rules! arrays {
    ($($rust:ty => $cim:ident),* $(,)?) => {$(
        impl Cim for Vec<$rust> {
            const TYPE: ValueType = ValueType::array(CimType::$cim);
            fn value(self) -> Value {
                Array::$cim(self.into_iter().map(Into::into).collect()).into()
            }
        }
    )*};
}

arrays! { u8 => Uint8, u16 => Uint16, u32 => Uint32, String => String }

/// What a line of a table may work out: a value, or perhaps one.
pub(super) trait Computed {
    fn value(self) -> Value;
}

impl<T: Cim> Computed for T {
    fn value(self) -> Value {
        Cim::value(self)
    }
}

impl<T: Cim> Computed for Option<T> {
    fn value(self) -> Value {
        self.map_or(Value::Null, Cim::value)
    }
}

/// The value of a property that is declared as a `T`.
pub(super) fn declared<T: Cim>(value: impl Into<Option<T>>) -> Value {
    value.into().value()
}

/// The value of a property that the superclass declares.
pub(super) fn inherited(value: impl Computed) -> Value {
    value.value()
}

/// Declares a class that has instances, and says where its values come from.
///
/// The doc comments become the `Description` qualifiers. A property without `=>` is null, since
/// the machine cannot know it.
///
/// ```text
/// table! {
///     /// What the class stands for.
///     Name: Superclass = "{uuid}" [singleton], with source: SourceType;
///     inherits {
///         OfTheSuperclass => value of the source;
///     }
///     declares {
///         /// What the property says.
///         OfTheClass: u32 [key, units("bytes")] => value of the source;
///     }
/// }
/// ```
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        $class:ident: $parent:ident = $uuid:literal $([$kind:ident])?, with $source:ident: $type:ty;
        inherits { $($inherited:ident => $given:expr;)* }
        declares { $(
            $(#[doc = $description:literal])*
            $name:ident: $cim:ty $([$($qualifier:ident $(($argument:literal))?),*])?
                $(=> $value:expr)?;
        )* }
    ) => {
        $crate::providers::table::Table::<$type>::new(
            $crate::providers::schema::Declaration::of(
                stringify!($class),
                concat!($($about),*),
                $uuid,
            )
                .derived_from(stringify!($parent), $crate::providers::schema::superclasses())
                $(.$kind())?
                .dynamic()
                $(.property(
                    $crate::providers::schema::Declared::of::<$cim>(
                        stringify!($name),
                        concat!($($description),*),
                    )$($(.$qualifier($($argument)?))*)?
                ))*
                .build(),
        )
        $(.value(stringify!($inherited), |$source| {
            let _ = $source; // Constants need none.
            $crate::providers::table::inherited($given)
        }))*
        $($(.value(stringify!($name), |$source| {
            let _ = $source; // Constants need none.
            $crate::providers::table::declared::<$cim>($value)
        }))?)*
    };
}

pub(super) use table;
