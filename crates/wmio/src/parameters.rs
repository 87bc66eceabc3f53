//! The parameters of methods, by name.

use winreach_cim::{Instance, Name, Value};

use crate::decode::Signature;
use crate::encode::{InstanceOptions, WindowsGrowth, same_shape};
use crate::error::{EncodeError, Error, ErrorKind};
use crate::layout::Layout;
use crate::unit::Unit;

/// Values are not the parameters of a method.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParameterError {
    /// The method has no parameter of this name in this direction.
    #[error("there is no parameter {parameter}; {}", list(.known))]
    Unknown {
        /// The name that was given.
        parameter: Name,
        /// The names that the method knows.
        known: Vec<Name>,
    },
    /// A parameter was given twice.
    #[error("the parameter {0} was given twice")]
    Twice(Name),
    /// A value does not fit the type of its parameter, or not the format.
    #[error(transparent)]
    Value(#[from] EncodeError),
}

fn list(known: &[Name]) -> String {
    match known {
        [] => "there are none".to_owned(),
        _ => {
            let names: Vec<_> = known.iter().map(Name::as_str).collect();
            format!("there are {}", names.join(", "))
        }
    }
}

impl Signature {
    /// What goes in, as a client sends it: the unit of an instance of the method's input class, with
    /// the server's own class part, as a Windows client lays it out. Nothing where the method takes
    /// no parameters.
    ///
    /// A parameter that is not given has the default of its declaration.
    ///
    /// # Errors
    /// Where the values are not those of the method; see [`ParameterError`].
    ///
    /// ```
    /// # use winreach_cim::{CimType, Class, Method, Property, Qualifiers, Value};
    /// # use winreach_wmio::{Unit, encode};
    /// # let signature = |name: &str| {
    /// #     let class = Class::builder("__PARAMETERS").property(Property::new(name, CimType::Uint32));
    /// #     class.build().map(|class| Some(class.into()))
    /// # };
    /// # let method = Method {
    /// #     name: "Square".into(),
    /// #     origin: 0,
    /// #     propagated: false,
    /// #     qualifiers: Qualifiers::new(),
    /// #     input: signature("Number")?,
    /// #     output: signature("ReturnValue")?,
    /// # };
    /// # let class = Class::builder("Mathematics").method(method).build()?;
    /// # let mut bytes = Vec::new();
    /// # encode::class(&class, &mut bytes)?;
    /// # let Unit::Class(unit) = Unit::decode(&bytes)? else { panic!("an instance") };
    /// let square = unit.signature("Square").ok_or("no such method")?;
    /// let input = square.encode_input([("number", 7u32.into())])?.ok_or("no input")?;
    /// let input = square.decode_input(&input)?;
    /// assert_eq!(input.get("Number"), Some(&Value::Uint32(7)));
    ///
    /// let output = square.encode_output([("ReturnValue", 49u32.into())])?.ok_or("no output")?;
    /// assert_eq!(square.decode_output(&output)?.get("ReturnValue"), Some(&Value::Uint32(49)));
    ///
    /// let error = square.encode_input([("nummer", 7u32.into())]).unwrap_err();
    /// assert_eq!(error.to_string(), "there is no parameter nummer; there are Number");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode_input<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, Value)>,
    ) -> Result<Option<Vec<u8>>, ParameterError> {
        encode(self.input.as_deref(), values)
    }

    /// What comes out, as a server sends it, `ReturnValue` included. Nothing where nothing comes out.
    ///
    /// # Errors
    /// As [`encode_input`](Self::encode_input).
    pub fn encode_output<'v>(
        &self,
        values: impl IntoIterator<Item = (&'v str, Value)>,
    ) -> Result<Option<Vec<u8>>, ParameterError> {
        encode(self.output.as_deref(), values)
    }

    /// What a client sent. A client must send the class part that it was given, byte for byte
    /// (`[MS-WMIO] 2.3.4`); here it need only have the same parameters, since not all clients obey.
    ///
    /// # Errors
    /// When the unit is malformed, or not one of the method's input.
    pub fn decode_input(&self, unit: &[u8]) -> Result<Instance, Error> {
        let input = self.decode_output(unit)?;
        match self.input.as_ref().is_some_and(|layout| same_shape(layout.class(), input.class())) {
            true => Ok(input),
            false => Err(other_class()),
        }
    }

    /// What a server sent. Its class part may be another: it is a class of the server.
    ///
    /// # Errors
    /// When the unit is malformed, or that of a class.
    pub fn decode_output(&self, unit: &[u8]) -> Result<Instance, Error> {
        match Unit::decode(unit)? {
            Unit::Instance(output) => Ok(output.instance),
            Unit::Class(_) => Err(other_class()),
        }
    }
}

fn other_class() -> Error {
    Error::new(0, "__PARAMETERS", ErrorKind::OtherClass)
}

fn encode<'v>(
    layout: Option<&Layout>,
    values: impl IntoIterator<Item = (&'v str, Value)>,
) -> Result<Option<Vec<u8>>, ParameterError> {
    let mut values = values.into_iter();
    let Some(layout) = layout else {
        return match values.next() {
            Some((name, _)) => {
                Err(ParameterError::Unknown { parameter: name.into(), known: Vec::new() })
            }
            None => Ok(None),
        };
    };
    let class = layout.class();
    let mut own = vec![None; class.properties().len()];
    for (name, value) in values {
        let place = class.property_index(name).and_then(|index| own.get_mut(index));
        let Some(place) = place else {
            let known = class.properties().iter().map(|property| property.name.clone()).collect();
            return Err(ParameterError::Unknown { parameter: name.into(), known });
        };
        if place.replace(value).is_some() {
            return Err(ParameterError::Twice(name.into()));
        }
    }
    let instance = Instance::from_values(class.clone(), own);
    let mut unit = Vec::new();
    let options = InstanceOptions::default();
    layout.encode_with(&instance, options, &mut WindowsGrowth::new(), &mut unit)?;
    Ok(Some(unit))
}
