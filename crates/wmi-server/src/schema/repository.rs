//! All namespaces of a server.

use std::collections::BTreeMap;
use std::sync::Arc;

use winreach_cim::path::NamespacePath;
use winreach_cim::{Class, Decoration, Instance, Name};

use super::namespace::{Namespace, SchemaError};
use super::system;
use crate::memory::MemoryProvider;
use crate::provider::Provider;

/// The namespaces that a server has even where nobody provides anything for them.
const ALWAYS: [&str; 3] = ["root", r"root\default", r"root\cimv2"];

/// The namespaces of a server and the classes in them.
///
/// ```
/// use winreach_wmi_server::schema::Repository;
///
/// let repository = Repository::builder("LAMPS").build()?;
/// let cimv2 = repository.namespace(&"//./ROOT/cimv2".parse()?);
/// assert!(cimv2.is_some_and(|n| n.class("__namespace").is_some()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Repository {
    server: String,
    /// By name without the server, such as `root\cimv2`.
    namespaces: BTreeMap<Name, Arc<Namespace>>,
}

/// Puts a [`Repository`] together. Made by [`Repository::builder`].
pub struct RepositoryBuilder {
    server: String,
    contents: Vec<(String, Content)>,
}

enum Content {
    Class(Arc<Class>),
    Provider(Arc<dyn Provider>),
}

impl Repository {
    /// Starts a repository of the computer `server`, which has `root`, `root\default` and
    /// `root\cimv2` from the start.
    pub fn builder(server: impl Into<String>) -> RepositoryBuilder {
        RepositoryBuilder { server: server.into(), contents: Vec::new() }
    }

    /// The name of the computer, with which its objects are decorated.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The namespace that `path` leads to. Which server it names does not matter: who asks is
    /// here already (`[MS-WMI] 3.1.4.1.4`).
    pub fn namespace(&self, path: &NamespacePath) -> Option<&Arc<Namespace>> {
        self.namespaces.get(&Name::from(path.namespace()))
    }

    /// Every namespace, in alphabetical order.
    pub fn namespaces(&self) -> impl Iterator<Item = &Arc<Namespace>> {
        self.namespaces.values()
    }
}

impl RepositoryBuilder {
    /// Adds a class, without anybody to provide its instances, to a namespace, which is made where
    /// there is none.
    #[must_use]
    pub fn class(mut self, namespace: impl Into<String>, class: Arc<Class>) -> Self {
        self.contents.push((namespace.into(), Content::Class(class)));
        self
    }

    /// Adds a provider and its class, with its superclasses, to a namespace, which is made where
    /// there is none.
    #[must_use]
    pub fn provider(mut self, namespace: impl Into<String>, provider: Arc<dyn Provider>) -> Self {
        self.contents.push((namespace.into(), Content::Provider(provider)));
        self
    }

    /// The finished repository.
    ///
    /// # Errors
    /// When classes contradict one another or lack their superclass, when a class has two
    /// providers, and when a namespace cannot have its name.
    pub fn build(self) -> Result<Repository, SchemaError> {
        let mut contents: BTreeMap<Name, Vec<Content>> = BTreeMap::new();
        for name in ALWAYS {
            contents.insert(name.into(), Vec::new());
        }
        for (text, content) in self.contents {
            let name = add_with_parents(&mut contents, &text)?;
            contents.entry(name).or_default().push(content);
        }
        let names: Vec<Name> = contents.keys().cloned().collect();
        let system = system::classes()?;
        let mut namespaces = BTreeMap::new();
        for (name, contents) in contents {
            let decoration =
                Decoration { server: self.server.clone(), namespace: name.as_str().to_owned() };
            let mut namespace = Namespace::new(decoration);
            for class in &system {
                namespace.define(class)?;
                if class.name().is(system::NAMESPACE) {
                    namespace.provide(children(&name, &names, class))?;
                }
            }
            for content in contents {
                match content {
                    Content::Class(class) => namespace.define(&class)?,
                    Content::Provider(provider) => namespace.provide(provider)?,
                }
            }
            namespaces.insert(name, Arc::new(namespace));
        }
        Ok(Repository { server: self.server, namespaces })
    }
}

/// Makes the namespace `text` and those above it, where they are missing; gives back its name.
fn add_with_parents(
    contents: &mut BTreeMap<Name, Vec<Content>>,
    text: &str,
) -> Result<Name, SchemaError> {
    let path = text.parse::<NamespacePath>().ok();
    let path = path
        .filter(|path| {
            path.is_local() && path.names().first().is_some_and(|first| first.is("root"))
        })
        .ok_or_else(|| SchemaError::NamespaceName(text.to_owned()))?;
    for depth in 1..=path.names().len() {
        let above = NamespacePath::new(path.names().iter().take(depth).cloned());
        contents.entry(above.namespace().into()).or_default();
    }
    Ok(path.namespace().into())
}

/// The provider of the namespaces immediately below `parent`.
fn children(parent: &Name, names: &[Name], class: &Arc<Class>) -> Arc<dyn Provider> {
    let instances = names
        .iter()
        .filter_map(|name| name.rsplit_once('\\'))
        .filter(|(above, _)| parent.is(above))
        .map(|(_, own)| {
            let mut instance = Instance::new(Arc::clone(class));
            instance.set("Name", own);
            instance
        })
        .collect();
    Arc::new(MemoryProvider::new(Arc::clone(class), instances))
}
