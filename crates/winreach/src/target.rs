//! What a user can name as a target.

use std::str::FromStr;

use winreach_cim::moniker::{Moniker, Security};
use winreach_cim::path::{ObjectPath, Path};

use crate::failure::Failure;

/// A computer, a namespace on it, or an object in one; and how to get there.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Target {
    /// The computer; `None` is this one.
    pub(crate) host: Option<String>,
    /// The namespace, such as `root\cimv2`, where the target names one.
    pub(crate) namespace: Option<String>,
    /// The class or instance, where the target names one.
    pub(crate) object: Option<ObjectPath>,
    /// The security settings of a moniker.
    pub(crate) security: Security,
    /// The locale of a moniker.
    pub(crate) locale: Option<String>,
}

fn is_moniker(text: &str) -> bool {
    text.get(..9).is_some_and(|scheme| scheme.eq_ignore_ascii_case("winmgmts:"))
}

impl FromStr for Target {
    type Err = Failure;

    /// Takes a host, `\\host`, `\\host\namespace`, `//host/namespace` or a `winmgmts:` moniker.
    fn from_str(text: &str) -> Result<Self, Failure> {
        let wrong = |why: &dyn std::fmt::Display| {
            Failure::usage(format!("{text:?} is not a target: {why}"))
        };
        if is_moniker(text) {
            let moniker: Moniker = text.parse().map_err(|error| wrong(&error))?;
            let mut target = Self::from_path(moniker.path);
            target.security = moniker.security;
            target.locale = moniker.locale;
            return Ok(target);
        }
        if let Some(rest) = text.strip_prefix(r"\\").or_else(|| text.strip_prefix("//")) {
            // A server alone is no WMI path, yet what people type first.
            let server = rest.trim_end_matches(['\\', '/']);
            if !server.contains(['\\', '/']) {
                return Self::from_host(server).ok_or_else(|| wrong(&"it names no host"));
            }
            return Ok(Self::from_path(text.parse().map_err(|error| wrong(&error))?));
        }
        Self::from_host(text).ok_or_else(|| {
            wrong(&r"expected a host, \\host\namespace, //host/namespace or a winmgmts: moniker")
        })
    }
}

impl Target {
    /// The target of a command line; without one, this machine.
    pub(crate) fn of(argument: Option<&str>) -> Result<Self, Failure> {
        argument.map_or_else(|| Ok(Self::default()), str::parse)
    }

    /// A target and a path that may name the target in itself: `\\host\namespace:Class=key` and a
    /// moniker say all at once.
    pub(crate) fn with_object(
        argument: Option<&str>,
        path: &str,
    ) -> Result<(Self, String), Failure> {
        let mut target = Self::of(argument)?;
        if is_moniker(path) {
            if argument.is_some() {
                return Err(Failure::usage("a moniker names its own target; give no other"));
            }
            target = path.parse()?;
            return match target.object.take() {
                Some(object) => Ok((target, object.relative().to_string())),
                None => Err(Failure::usage(format!("{path} names no object"))),
            };
        }
        if target.object.is_some() {
            return Err(Failure::usage("the target names an object of its own; give no other"));
        }
        let wrong = |error: &dyn std::fmt::Display| Failure::usage(format!("{path}: {error}"));
        match path.parse::<Path>().map_err(|error| wrong(&error))? {
            Path::Object(object) if object.namespace.is_empty() => {
                Ok((target, object.relative().to_string()))
            }
            Path::Object(object) if argument.is_none() => {
                let relative = object.relative().to_string();
                Ok((Self::from_path(Path::Object(object)), relative))
            }
            Path::Object(_) => Err(wrong(&"the path names a namespace beside the target's")),
            Path::Namespace(_) => Err(wrong(&"a class or an instance was expected")),
        }
    }

    /// A host by name or address; an IPv6 address may stand in brackets.
    fn from_host(text: &str) -> Option<Self> {
        let host = text.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(text);
        let sound =
            !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "\\/\"'".contains(c));
        sound.then(|| Self { host: (host != ".").then(|| host.into()), ..Self::default() })
    }

    fn from_path(path: Path) -> Self {
        let namespace = path.namespace();
        let host = namespace.server().filter(|_| !namespace.is_local());
        let host = host.map(|h| h.trim_start_matches('[').trim_end_matches(']').to_owned());
        Self {
            host,
            namespace: (!namespace.is_empty()).then(|| namespace.namespace()),
            object: path.object().cloned(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, Option<String>) {
        let target: Target = text.parse().unwrap();
        (target.host, target.namespace)
    }

    fn pair(host: &str, namespace: &str) -> (Option<String>, Option<String>) {
        let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        (text(host), text(namespace))
    }

    #[test]
    fn every_form_names_its_host_and_namespace() {
        assert_eq!(parsed("box"), pair("box", ""));
        assert_eq!(parsed("10.0.0.7"), pair("10.0.0.7", ""));
        assert_eq!(parsed("fe80::1%eth0"), pair("fe80::1%eth0", ""));
        assert_eq!(parsed("[::1]"), pair("::1", ""));
        assert_eq!(parsed(r"\\box"), pair("box", ""));
        assert_eq!(parsed(r"\\box\root\cimv2"), pair("box", r"root\cimv2"));
        assert_eq!(parsed("//box/root/default"), pair("box", r"root\default"));
        assert_eq!(parsed(r"winmgmts:\\box\root\cimv2"), pair("box", r"root\cimv2"));
        assert_eq!(
            parsed(r"winmgmts:{impersonationLevel=impersonate}!\\box\root\cimv2"),
            pair("box", r"root\cimv2")
        );
    }

    #[test]
    fn a_dot_is_this_computer() {
        assert_eq!(parsed("."), pair("", ""));
        assert_eq!(parsed(r"\\.\root\cimv2"), pair("", r"root\cimv2"));
    }

    #[test]
    fn a_moniker_may_name_an_object() {
        let target: Target = r"winmgmts:\\box\root\cimv2:Win32_OperatingSystem=@".parse().unwrap();
        assert_eq!(target.object.unwrap().class.as_str(), "Win32_OperatingSystem");
    }

    #[test]
    fn a_path_may_stand_beside_a_target_or_bring_its_own() {
        let of = |target: Option<&str>, path: &str| {
            let (target, path) = Target::with_object(target, path).unwrap();
            (target.host.unwrap_or_default(), target.namespace.unwrap_or_default(), path)
        };
        let all = |h: &str, n: &str, p: &str| (h.to_owned(), n.to_owned(), p.to_owned());
        assert_eq!(of(Some("box"), "C=@"), all("box", "", "C=@"));
        assert_eq!(of(None, "C"), all("", "", "C"));
        assert_eq!(of(None, r"\\box\root\cimv2:C=@"), all("box", r"root\cimv2", "C=@"));
        assert_eq!(of(None, r"winmgmts:\\box\root\cimv2:C"), all("box", r"root\cimv2", "C"));
        assert!(Target::with_object(Some("box"), r"\\other\root:C").is_err());
        assert!(Target::with_object(Some("box"), r"winmgmts:\\box\root:C").is_err());
        assert!(Target::with_object(None, r"\\box\root\cimv2").is_err());
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for text in ["", "a b", r"\\", "SELECT * FROM X", "winmgmts:{nonsense}!"] {
            assert!(text.parse::<Target>().is_err(), "{text:?}");
        }
    }
}
