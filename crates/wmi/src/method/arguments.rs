//! What a caller gives a method.

use serde::Serialize;
use winreach_cim::Value;

/// The arguments of a method, by name.
///
/// Each is checked against the type of its parameter when the call is made ready: a number may have
/// any width as long as the parameter's own type holds it.
///
/// ```
/// use winreach_wmi::Arguments;
///
/// let by_hand = Arguments::new()
///     .with("hDefKey", 0x8000_0002_u32)
///     .with("sSubKeyName", r"SOFTWARE\Contoso");
///
/// #[derive(serde::Serialize)]
/// #[allow(non_snake_case)]
/// struct Key {
///     hDefKey: u32,
///     sSubKeyName: &'static str,
/// }
/// let key = Key { hDefKey: 0x8000_0002, sSubKeyName: r"SOFTWARE\Contoso" };
/// assert_eq!(Arguments::of(&key)?.names().collect::<Vec<_>>(), by_hand.names().collect::<Vec<_>>());
/// # Ok::<(), winreach_wmi::Error>(())
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Arguments(Vec<(String, Argument)>);

/// An argument whose type is not known before its parameter is.
#[derive(Clone, PartialEq, Debug)]
pub enum Argument {
    /// A value of a type of its own.
    Value(Value),
    /// A text that a person wrote: a number in decimal or after `0x`, `true` or `false`, a date-time,
    /// an embedded object as JSON, a plain string: whatever the parameter takes. Commas part the
    /// elements of an array, which may be a JSON array too.
    Text(String),
    /// JSON, as serde makes it of any type. An object of it becomes an embedded object of the class
    /// that the parameter declares, or that its own member `__CLASS` names.
    Json(serde_json::Value),
    /// The elements of an array.
    List(Vec<Argument>),
}

impl Arguments {
    /// No arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fields of a struct, or the entries of a map. Null ones are passed over: the method sees the
    /// default of the parameter.
    ///
    /// # Errors
    /// When it is neither, or serde cannot make JSON of it.
    pub fn of(fields: &impl Serialize) -> Result<Self, crate::Error> {
        let wrong = |what: String| crate::Error::misuse(crate::Step::Arguments, what);
        match serde_json::to_value(fields) {
            Ok(serde_json::Value::Object(fields)) => {
                let given = fields.into_iter().filter(|(_, value)| !value.is_null());
                Ok(Self(given.map(|(name, value)| (name, Argument::Json(value))).collect()))
            }
            Ok(serde_json::Value::Null) => Ok(Self::new()),
            Ok(_) => Err(wrong("a struct or a map was expected".to_owned())),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    /// The same arguments and one more, with a value.
    #[must_use]
    pub fn with(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.with_argument(name, Argument::Value(value.into()))
    }

    /// The same arguments and one more.
    #[must_use]
    pub fn with_argument(mut self, name: impl Into<String>, argument: Argument) -> Self {
        self.0.push((name.into(), argument));
        self
    }

    /// The names, in the order in which they were given.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub(super) fn into_inner(self) -> Vec<(String, Argument)> {
        self.0
    }
}

impl From<()> for Arguments {
    fn from((): ()) -> Self {
        Self::new()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Arguments {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(iter: I) -> Self {
        let argument = |(name, value): (N, V)| (name.into(), Argument::Value(value.into()));
        Self(iter.into_iter().map(argument).collect())
    }
}
