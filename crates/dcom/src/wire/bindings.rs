//! Where something can be reached, and how a caller proves who it is.

use std::fmt;

use winreach_ndr::{Decode, Decoder, Encode, Encoder, Error, ErrorKind, Layout};

/// The tower identifier of `ncacn_ip_tcp`.
pub const TOWER_TCP: u16 = 0x07;

/// What a writer puts into the reserved field of a security binding.
const SECURITY_RESERVED: u16 = 0xFFFF;

/// The string and security bindings of a resolver or an exporter, in order of preference.
///
/// Source: `[MS-DCOM] 2.2.19`. [`Encode`] and [`Decode`] are the IDL version; the packet version is
/// [`encode_packet`](Self::encode_packet) and [`decode_packet`](Self::decode_packet).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct DualStringArray {
    /// Where to go.
    pub strings: Vec<StringBinding>,
    /// Which authentication services are there.
    pub security: Vec<SecurityBinding>,
}

/// One address.
///
/// Source: `[MS-DCOM] 2.2.19.3`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StringBinding {
    /// The protocol sequence, such as [`TOWER_TCP`].
    pub tower: u16,
    /// `host` for a resolver, `host[endpoint]` for an exporter.
    pub address: String,
}

/// One authentication service.
///
/// Source: `[MS-DCOM] 2.2.19.4`.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SecurityBinding {
    /// The number of the service, such as 10 for NTLM.
    pub service: u16,
    /// The service principal name; empty where a caller is to use none.
    pub principal: String,
}

impl StringBinding {
    /// A host and its TCP port.
    pub fn tcp(host: &str, port: u16) -> Self {
        Self { tower: TOWER_TCP, address: format!("{host}[{port}]") }
    }

    /// A host whose port is known otherwise, as a resolver's is.
    pub fn host_only(host: &str) -> Self {
        Self { tower: TOWER_TCP, address: host.to_owned() }
    }

    /// The address without its endpoint.
    pub fn host(&self) -> &str {
        self.split().0
    }

    /// The TCP port, where the binding is for TCP and has one.
    pub fn port(&self) -> Option<u16> {
        self.split().1.filter(|_| self.tower == TOWER_TCP)?.parse().ok()
    }

    /// Host and endpoint. An IPv6 address may stand in brackets itself, so the last pair counts.
    fn split(&self) -> (&str, Option<&str>) {
        let inner = self.address.strip_suffix(']').and_then(|front| front.rsplit_once('['));
        match inner {
            Some((host, endpoint)) if !host.is_empty() => (host, Some(endpoint)),
            _ => (&self.address, None),
        }
    }
}

impl fmt::Display for StringBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tower {
            TOWER_TCP => write!(f, "ncacn_ip_tcp:{}", self.address),
            tower => write!(f, "tower 0x{tower:02x}:{}", self.address),
        }
    }
}

impl DualStringArray {
    /// The array as it stands in an object reference: not aligned, little-endian.
    pub fn encode_packet(&self, encoder: &mut Encoder) {
        let (units, security_offset) = self.units();
        for unit in [saturate(units.len()), security_offset].into_iter().chain(units) {
            encoder.bytes(&unit.to_le_bytes());
        }
    }

    /// Reads the array as it stands in an object reference.
    ///
    /// # Errors
    /// Where a count goes beyond what is there or a binding has no end.
    pub fn decode_packet(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let count = decoder.u16("DUALSTRINGARRAY.wNumEntries")?;
        Self::decode_entries(decoder, count)
    }

    fn decode_entries(decoder: &mut Decoder<'_>, count: u16) -> Result<Self, Error> {
        let security_offset = decoder.u16("DUALSTRINGARRAY.wSecurityOffset")?;
        let here = decoder.error("DUALSTRINGARRAY.wSecurityOffset", ErrorKind::Invalid(""));
        let units = decoder.units(count.into(), "DUALSTRINGARRAY.aStringArray")?;
        let Some((strings, security)) = units.split_at_checked(security_offset.into()) else {
            let kind =
                ErrorKind::Disagreement { expected: count.into(), found: security_offset.into() };
            return Err(Error { kind, ..here });
        };
        let malformed = |what| Error {
            field: "DUALSTRINGARRAY.aStringArray",
            kind: ErrorKind::Invalid(what),
            ..here
        };
        Ok(Self {
            strings: string_bindings(strings)
                .ok_or_else(|| malformed("a string binding without an end"))?,
            security: security_bindings(security)
                .ok_or_else(|| malformed("a security binding without an end"))?,
        })
    }

    /// All units, and at which the security bindings begin.
    fn units(&self) -> (Vec<u16>, u16) {
        let mut units = Vec::new();
        for binding in &self.strings {
            units.push(binding.tower);
            units.extend(binding.address.encode_utf16().chain([0]));
        }
        close(&mut units, self.strings.is_empty());
        let security_offset = saturate(units.len());
        for binding in &self.security {
            units.extend([binding.service, SECURITY_RESERVED]);
            units.extend(binding.principal.encode_utf16().chain([0]));
        }
        close(&mut units, self.security.is_empty());
        (units, security_offset)
    }
}

impl Layout for DualStringArray {
    const ALIGN: usize = 4;
}

impl Encode for DualStringArray {
    fn encode(&self, encoder: &mut Encoder) {
        let (units, security_offset) = self.units();
        encoder.count(units.len());
        encoder.u16(saturate(units.len()));
        encoder.u16(security_offset);
        encoder.units(units);
    }
}

impl Decode for DualStringArray {
    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Error> {
        let max_count = decoder.u32("DUALSTRINGARRAY.max_count")?;
        let count = decoder.u16("DUALSTRINGARRAY.wNumEntries")?;
        if u32::from(count) != max_count {
            let kind = ErrorKind::Disagreement { expected: max_count, found: count.into() };
            return Err(decoder.error("DUALSTRINGARRAY.wNumEntries", kind));
        }
        Self::decode_entries(decoder, count)
    }
}

/// Ends a list. One that is empty takes two units, as in the smallest array that is legal.
fn close(units: &mut Vec<u16>, empty: bool) {
    units.push(0);
    if empty {
        units.push(0);
    }
}

/// The counts are of 16 bits; the bindings of one host never come near.
fn saturate(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

fn string_bindings(mut units: &[u16]) -> Option<Vec<StringBinding>> {
    let mut bindings = Vec::new();
    while let Some((tower, rest)) = units.split_first()
        && *tower != 0
    {
        let (address, rest) = text(rest)?;
        bindings.push(StringBinding { tower: *tower, address });
        units = rest;
    }
    Some(bindings)
}

fn security_bindings(mut units: &[u16]) -> Option<Vec<SecurityBinding>> {
    let mut bindings = Vec::new();
    while let Some((service, rest)) = units.split_first()
        && *service != 0
    {
        let (_reserved, rest) = rest.split_first()?;
        let (principal, rest) = text(rest)?;
        bindings.push(SecurityBinding { service: *service, principal });
        units = rest;
    }
    Some(bindings)
}

/// The text up to a NUL, and what follows it.
fn text(units: &[u16]) -> Option<(String, &[u16])> {
    let end = units.iter().position(|unit| *unit == 0)?;
    let (text, rest) = units.split_at_checked(end)?;
    Some((String::from_utf16(text).ok()?, rest.get(1..)?))
}
