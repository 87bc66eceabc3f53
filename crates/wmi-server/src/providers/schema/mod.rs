//! The superclasses, and how a class is declared.
//!
//! Names, types, keys, units and derivation are those that Windows documents, one page a class:
//! <https://learn.microsoft.com/windows/win32/cimwin32prov/>. The order of declaration, which the
//! pages do not give, is that of recorded Windows 10 classes where there is a record, and else the
//! alphabet. `Description` and `Units` are marked as amended: Windows keeps them apart from the
//! class and shows them only to those who ask.

use std::sync::{Arc, LazyLock};

use winreach_cim::{Class, Flavor, Property, Qualifier};

use super::table::Cim;

mod devices;
mod elements;
mod startup;
mod systems;

/// Every superclass, each after its own superclass.
pub(super) fn superclasses() -> &'static [Arc<Class>] {
    static CLASSES: LazyLock<Vec<Arc<Class>>> = LazyLock::new(|| {
        let mut classes = Vec::new();
        for declare in [elements::declare, systems::declare, devices::declare, startup::declare] {
            declare(&mut classes);
        }
        classes
    });
    &CLASSES
}

/// A class in the making.
pub(super) struct Declaration {
    name: &'static str,
    parent: Option<Arc<Class>>,
    qualifiers: Vec<Qualifier>,
    properties: Vec<Property>,
}

impl Declaration {
    /// A class that stands on its own; `about` says what its instances are.
    pub(super) fn of(name: &'static str, about: &str, uuid: &str) -> Self {
        // One that is not documented is not made up.
        let uuid = (!uuid.is_empty())
            .then(|| Qualifier::new("UUID", uuid).with_flavor(Flavor::TO_INSTANCE));
        let about = Qualifier::new("Description", about.trim()).with_flavor(Flavor::AMENDED);
        Self {
            name,
            parent: None,
            qualifiers: uuid.into_iter().chain([about]).collect(),
            properties: Vec::new(),
        }
    }

    /// The same class, derived from one of `classes`.
    #[expect(clippy::expect_used, reason = "declarations are constant, and a test builds them all")]
    pub(super) fn derived_from(mut self, parent: &str, classes: &[Arc<Class>]) -> Self {
        let parent = classes.iter().find(|c| c.name().is(parent)).expect("the superclass is known");
        self.parent = Some(Arc::clone(parent));
        self
    }

    /// The same class, as one whose instances a provider makes up when asked.
    pub(super) fn dynamic(self) -> Self {
        let flavor = Flavor::TO_INSTANCE;
        self.qualifier(Qualifier::new("dynamic", true).with_flavor(flavor))
            .qualifier(Qualifier::new("provider", "CIMWin32").with_flavor(flavor))
    }

    /// The same class, with at most one instance.
    pub(super) fn singleton(self) -> Self {
        let flavor = Flavor::TO_INSTANCE | Flavor::TO_SUBCLASS | Flavor::NOT_OVERRIDABLE;
        self.qualifier(Qualifier::new("Singleton", true).with_flavor(flavor))
    }

    /// The same class, without instances of its own.
    pub(super) fn abstract_class(self) -> Self {
        self.qualifier(Qualifier::new("Abstract", true))
    }

    /// The same class, with one more property, or one of its superclass's declared anew.
    pub(super) fn property(mut self, declared: Declared) -> Self {
        self.properties.push(declared.0);
        self
    }

    /// The finished class.
    #[expect(clippy::expect_used, reason = "declarations are constant, and a test builds them all")]
    pub(super) fn build(self) -> Arc<Class> {
        let mut builder = match &self.parent {
            Some(parent) => Class::derive(self.name, parent),
            None => Class::builder(self.name),
        };
        for qualifier in self.qualifiers {
            builder = builder.qualifier(qualifier);
        }
        for property in self.properties {
            builder = builder.property(property);
        }
        Arc::new(builder.build().expect("the declarations agree with each other"))
    }

    fn qualifier(mut self, qualifier: Qualifier) -> Self {
        self.qualifiers.push(qualifier);
        self
    }
}

/// A property in the making.
pub(super) struct Declared(Property);

impl Declared {
    /// A property whose values are `T`; `description` says what they mean.
    pub(super) fn of<T: Cim>(name: &'static str, description: &str) -> Self {
        let property = Property::new(name, T::TYPE)
            .qualifier(Qualifier::new("read", true).with_flavor(Flavor::TO_SUBCLASS));
        Self(property).text("Description", description)
    }

    /// The same property, as part of the key.
    pub(super) fn key(self) -> Self {
        Self(self.0.key())
    }

    /// The same property, counted in `units`.
    pub(super) fn units(self, units: &str) -> Self {
        self.text("Units", units)
    }

    fn text(self, name: &str, text: &str) -> Self {
        if text.is_empty() {
            return self;
        }
        let flavor = Flavor::TO_SUBCLASS | Flavor::AMENDED;
        Self(self.0.qualifier(Qualifier::new(name, text.trim()).with_flavor(flavor)))
    }
}

/// Declares abstract classes, each after the class that it derives from.
///
/// The doc comments become the `Description` qualifiers.
macro_rules! abstract_classes {
    ($(
        $(#[doc = $about:literal])*
        $class:ident $(: $parent:ident)? = $uuid:literal {$(
            $(#[doc = $description:literal])*
            $name:ident: $cim:ty $([$($qualifier:ident $(($argument:literal))?),*])?;
        )*}
    )*) => {
        pub(super) fn declare(classes: &mut Vec<std::sync::Arc<winreach_cim::Class>>) {
            use $crate::providers::schema::{Declaration, Declared};
            $(
                let class = Declaration::of(stringify!($class), concat!($($about),*), $uuid)
                    $(.derived_from(stringify!($parent), classes))?
                    .abstract_class()
                    $(.property(
                        Declared::of::<$cim>(stringify!($name), concat!($($description),*))
                            $($(.$qualifier($($argument)?))*)?
                    ))*
                    .build();
                classes.push(class);
            )*
        }
    };
}

use abstract_classes;
