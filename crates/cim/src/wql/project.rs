//! What of each instance a query asks for.

use std::sync::Arc;

use super::eval::Root;
use crate::{Array, Class, Instance, Property, Qualifier, SystemProperty};

/// The columns of a query, bound to a class.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    All,
    List(Vec<Root>),
}

/// What a query asks of each instance, and the class of what comes out.
///
/// The class of the results keeps the name of the class it stands for and holds the selected
/// properties alone, in the order of the class. Keys that are not selected are dropped, as Windows
/// does, unless `__PATH` or `__RELPATH` is selected or the results are to be locatable. The
/// superclasses stay only if `__DERIVATION`, `__SUPERCLASS` or `__DYNASTY` is selected, and the
/// origin only if `__SERVER`, `__NAMESPACE` or `__PATH` is.
///
/// Source: `[MS-WMI] 2.2.4.1`, which describes the prototype of a result; the results follow it.
#[derive(Clone, Debug)]
pub struct Projection {
    source: Arc<Class>,
    class: Arc<Class>,
    /// For each property of the source, whether it stays; nothing where all do.
    kept: Option<Vec<bool>>,
    keeps_origin: bool,
    /// For each property of `class`, where it stands in the list of the query.
    order: Vec<Vec<i32>>,
}

impl Projection {
    pub(super) fn new(source: &Arc<Class>, selection: &Selection, locatable: bool) -> Self {
        match selection {
            Selection::All => Self {
                source: Arc::clone(source),
                class: Arc::clone(source),
                kept: None,
                keeps_origin: true,
                order: (0..).take(source.properties().len()).map(|place| vec![place]).collect(),
            },
            Selection::List(roots) => Self::of_list(source, roots, locatable),
        }
    }

    fn of_list(source: &Arc<Class>, roots: &[Root], locatable: bool) -> Self {
        let selects = |wanted: &[SystemProperty]| {
            roots.iter().any(|root| matches!(root, Root::System(system) if wanted.contains(system)))
        };
        let places = |property: usize| {
            let is_here = move |root: &Root| matches!(root, Root::Property { index, .. } if *index == property);
            (0..).zip(roots).filter(move |(_, root)| is_here(root)).map(|(place, _)| place)
        };
        use SystemProperty::{Derivation, Dynasty, Namespace, Path, Relpath, Server, Superclass};
        let keeps_keys = locatable || selects(&[Path, Relpath]);
        let mut kept = Vec::new();
        let mut order = Vec::new();
        for (index, property) in source.properties().iter().enumerate() {
            let places: Vec<i32> = places(index).collect();
            let stays = !places.is_empty() || keeps_keys && property.is_key();
            kept.push(stays);
            if stays {
                order.push(places);
            }
        }
        let keeps_kin = selects(&[Derivation, Superclass, Dynasty]);
        let keeps_origin = locatable || selects(&[Path, Server, Namespace]);
        let class = source.subset(&kept, keeps_kin, keeps_origin);
        Self {
            source: Arc::clone(source),
            class: Arc::new(class),
            kept: Some(kept),
            keeps_origin,
            order,
        }
    }

    /// The class of the results.
    pub fn class(&self) -> &Arc<Class> {
        &self.class
    }

    /// Whether a key of the class is missing from the results, so that they have no path.
    pub fn drops_keys(&self) -> bool {
        self.source.keys().count() != self.class.keys().count()
    }

    /// Whether all properties were asked for.
    pub fn is_whole(&self) -> bool {
        self.kept.is_none()
    }

    /// What the query asks of an instance of the class that the query was bound to.
    pub fn apply(&self, instance: Instance) -> Instance {
        let Some(kept) = &self.kept else {
            return instance;
        };
        let decoration = instance.decoration().filter(|_| self.keeps_origin).cloned();
        let values = instance.into_values().into_iter().zip(kept);
        let values = values.filter(|(_, kept)| **kept).map(|(value, _)| value).collect();
        let mut result = Instance::from_values(Arc::clone(&self.class), values);
        result.set_decoration(decoration);
        result
    }

    /// The prototype of the results: the class with a qualifier `Order` on each property that says
    /// where in the query it stands. Asked for by `WBEM_FLAG_PROTOTYPE`.
    pub fn prototype(&self) -> Class {
        let mut order = self.order.iter();
        self.class.map_properties(|property: Property| match order.next() {
            Some(places) if !places.is_empty() => {
                property.qualifier(Qualifier::new("Order", Array::Sint32(places.clone())))
            }
            _ => property,
        })
    }
}
