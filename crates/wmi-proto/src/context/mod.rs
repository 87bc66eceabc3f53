//! `IWbemContext`: named values that go along with a call.
//!
//! Source: `[MS-WMI] 2.2.13`. The layout is packed, little-endian and not NDR. No recorded traffic
//! has one; impacket reads and writes none.

mod variant;

use bytes::BufMut;
use uuid::Uuid;
use winreach_ndr::Error;

use crate::packed::Packed;
pub use variant::{Variant, VariantArray, VariantType};
use variant::{count, get_string, put_string};

/// Named values for the server or for the provider behind it.
///
/// ```
/// use winreach_wmi_proto::{Context, Variant};
///
/// let context = Context::new().with(Context::PROVIDER_ARCHITECTURE, Variant::Sint32(64));
/// assert_eq!(context.get("__providerarchitecture"), Some(&Variant::Sint32(64)));
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Context {
    /// What the one GUID of the structure holds; nothing is known to depend on it.
    pub id: Uuid,
    /// The values in their order.
    pub values: Vec<(String, Variant)>,
}

/// The names that WMI itself knows. Any other name is for the provider.
///
/// Source: `[MS-WMI] 2.2.13` and 3.1.4.3.12.
impl Context {
    /// `Sint32(32)` or `Sint32(64)`: which of the server's providers to take.
    pub const PROVIDER_ARCHITECTURE: &str = "__ProviderArchitecture";
    /// `Boolean`: whether to fail where there is no provider of that architecture.
    pub const REQUIRED_ARCHITECTURE: &str = "__RequiredArchitecture";
    /// `String`, such as `MS_409`: how to write times and numbers.
    pub const DATA_LOCALE: &str = "__MI_DESTINATIONOPTIONS_DATA_LOCALE";
    /// `String`, such as `MS_409`: the language of text for people.
    pub const UI_LOCALE: &str = "__MI_DESTINATIONOPTIONS_UI_LOCALE";
    /// `String`, a GUID: names the operation in the logs of both sides.
    pub const CORRELATION_ID: &str = "__CorrelationId";
    /// `Boolean(true)`: only some properties of an instance are put.
    pub const PUT_EXTENSIONS: &str = "__PUT_EXTENSIONS";
    /// An array of `String`: which properties are put.
    pub const PUT_PROPERTIES: &str = "__PUT_EXT_PROPERTIES";
    /// `Boolean`: whether null is put too, in place of saying nothing.
    pub const PUT_STRICT_NULLS: &str = "__PUT_EXT_STRICT_NULLS";
    /// `Boolean`: whether all properties are put or none.
    pub const PUT_ATOMIC: &str = "__PUT_EXT_ATOMIC";
}

impl Context {
    /// No values yet, under a fresh GUID.
    pub fn new() -> Self {
        Self { id: Uuid::new_v4(), values: Vec::new() }
    }

    /// What makes `PutInstance` write these properties and leave the others alone, null included;
    /// where `atomic`, all of them or none.
    ///
    /// Source: `[MS-WMI] 3.1.4.3.12`.
    pub fn partial_put<'p>(properties: impl IntoIterator<Item = &'p str>, atomic: bool) -> Self {
        let properties = properties.into_iter().map(str::to_owned);
        Self::new()
            .with(Self::PUT_EXTENSIONS, Variant::Boolean(true))
            .with(Self::PUT_STRICT_NULLS, Variant::Boolean(true))
            .with(Self::PUT_PROPERTIES, Variant::Array(VariantArray::strings(properties)))
            .with(Self::PUT_ATOMIC, Variant::Boolean(atomic))
    }

    /// The same with one more value.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: Variant) -> Self {
        self.values.push((name.into(), value));
        self
    }

    /// The value of this name, whose case does not matter.
    pub fn get(&self, name: &str) -> Option<&Variant> {
        self.values.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The bytes that fill the custom object reference.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_u32_le(1);
        out.put_slice(&self.id.to_bytes_le());
        out.put_u32_le(count(self.values.len()));
        for (name, value) in &self.values {
            put_string(&mut out, name);
            out.put_u32_le(0);
            value.put(&mut out);
        }
        out
    }

    pub(crate) fn read(packed: &mut Packed) -> Result<Self, Error> {
        if packed.u32("IWbemContext.NumGuids")? != 1 {
            return Err(packed.invalid("IWbemContext.NumGuids", "not 1"));
        }
        let id = packed.uuid("IWbemContext.GUID")?;
        let count = packed.u32("IWbemContext.NumProps")?;
        let mut values = Vec::new();
        for _ in 0..count {
            let name = get_string(packed, "IWbemContext.PropertyName")?;
            packed.u32("IWbemContext.PropertyFlags")?;
            values.push((name, Variant::get(packed)?));
        }
        Ok(Self { id, values })
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new()
    }
}
