//! How a query is answered: which providers are asked, and what for.

use std::ops::ControlFlow;
use std::sync::Arc;

use winreach_cim::wql::{Bound, CompareOp, Expr, Literal, Projection, Select};
use winreach_cim::{Class, Decoration, Instance, Name, Value, WbemStatus};

use super::{Depth, Error};
use crate::provider::{Provider, Request};
use crate::schema::{Entry, Namespace};

/// How a query is meant, beyond its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Whether instances of subclasses count.
    pub depth: Depth,
    /// Whether each row must know its path, even if the query does not select it:
    /// `WBEM_FLAG_ENSURE_LOCATABLE`.
    pub locatable: bool,
}

/// A query, checked against the classes of its namespace and ready to run, as often as need be.
pub struct Plan {
    /// What a row looks like.
    rows: Projection,
    scans: Vec<Scan>,
    decoration: Arc<Decoration>,
}

/// One provider's part.
struct Scan {
    provider: Arc<dyn Provider>,
    access: Access,
    query: Bound,
    projection: Projection,
}

/// How a provider is asked.
enum Access {
    /// For the one instance with these keys.
    Get(Vec<(Name, Value)>),
    /// For all instances.
    Enumerate(Request),
}

impl Plan {
    pub(super) fn new(
        namespace: &Namespace,
        select: &Select,
        options: Options,
    ) -> Result<Self, Error> {
        let Some(entry) = namespace.entry(&select.class) else {
            let (at, class) = (select.class_place.0, &select.class);
            let message = format!("{at}: there is no class {class} in {}", namespace.name());
            return Err(Error::new(WbemStatus::E_INVALID_CLASS, message));
        };
        // Properties that only a subclass has do not count, so the class itself has to fit too.
        let rows = bind(select, &entry.class)?.projection(options.locatable);
        let family = match options.depth {
            Depth::Direct => vec![entry],
            Depth::Deep => namespace.family(&select.class),
        };
        let scans = family
            .into_iter()
            .filter_map(|Entry { provider, .. }| provider.as_ref())
            .filter(|provider| admits(select, provider.class().name()))
            .map(|provider| Scan::new(provider, select, options))
            .collect::<Result<_, _>>()?;
        Ok(Self { rows, scans, decoration: Arc::clone(namespace.decoration()) })
    }

    /// The class that describes the rows of the class asked for, for `WBEM_FLAG_PROTOTYPE`.
    pub fn prototype(&self) -> Class {
        self.rows.prototype()
    }

    /// Whether the columns leave out a key, so that the rows have no path.
    pub fn drops_keys(&self) -> bool {
        self.rows.drops_keys()
    }

    /// Asks the providers, one after the other, and hands each matching row to `visit`, and
    /// nothing (`None`) for each that does not match, until there are no more or `visit` breaks.
    /// Blocks.
    ///
    /// # Errors
    /// The first failure of a provider, after the rows of the others.
    pub fn run(
        &self,
        visit: &mut dyn FnMut(Option<Instance>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut outcome = Ok(());
        for scan in &self.scans {
            let mut flow = ControlFlow::Continue(());
            let done = scan.run(&mut |instance| {
                let matches = scan.query.matches(&instance);
                flow = visit(matches.then(|| self.finish(&scan.projection, instance)));
                flow
            });
            if flow.is_break() {
                break;
            }
            outcome = outcome.and(done);
        }
        outcome
    }

    fn finish(&self, projection: &Projection, mut instance: Instance) -> Instance {
        instance.set_decoration(Some(Arc::clone(&self.decoration)));
        projection.apply(instance)
    }
}

impl Scan {
    fn new(provider: &Arc<dyn Provider>, select: &Select, options: Options) -> Result<Self, Error> {
        let query = bind(select, provider.class())?;
        let equalities = query.equalities();
        let equality = |key: &Name| equalities.iter().find(|(name, _)| name == key).cloned();
        let keys: Option<Vec<_>> = provider.class().keys().map(|key| equality(&key.name)).collect();
        let access = match keys {
            Some(keys) if !keys.is_empty() => Access::Get(keys),
            _ => Access::Enumerate(Request::new(query.wanted(), equalities)),
        };
        let projection = query.projection(options.locatable);
        Ok(Self { provider: Arc::clone(provider), access, query, projection })
    }

    fn run(&self, sink: &mut dyn FnMut(Instance) -> ControlFlow<()>) -> Result<(), Error> {
        match &self.access {
            Access::Get(keys) => {
                if let Some(instance) = self.provider.get(keys)? {
                    // There is nothing after it to stop.
                    let _ = sink(instance);
                }
            }
            Access::Enumerate(request) => self.provider.enumerate(request, sink)?,
        }
        Ok(())
    }
}

fn bind(select: &Select, class: &Arc<Class>) -> Result<Bound, Error> {
    select.bind(class).map_err(|error| Error::new(error.status(), error.to_string()))
}

/// Whether instances of a class of this name can match: `__CLASS = "X"` leaves only one class.
fn admits(select: &Select, class: &Name) -> bool {
    let conditions = match &select.filter {
        None => &[],
        Some(Expr::And(conditions)) => conditions.as_slice(),
        Some(condition) => std::slice::from_ref(condition),
    };
    conditions.iter().all(|condition| match condition {
        Expr::Compare(comparison) if comparison.op == CompareOp::Equal => {
            match (comparison.property.names.as_slice(), &comparison.literal) {
                ([name], Literal::Text(text)) if name.is("__CLASS") => class.is(text),
                _ => true,
            }
        }
        _ => true,
    })
}
