//! Shows what lies in files of Kerberos, without keys: a credential cache as `klist -efan` does, a
//! keytab as `klist -ket` does, `krb5.conf` as JSON. Times are in UTC.
//!
//! ```text
//! show ccache [NAME [COPY]]   the cache, or the default one; a copy of it goes to the file COPY
//! show keytab [NAME [COPY]]   the keytab, or the default one; likewise
//! show config PATHS…          for each list of files a line of JSON with what stands in them
//! show realm HOST…            the realm of each host by the configuration of this machine
//! show seconds TEXT…          each span of time in seconds
//! ```

use std::error::Error;
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::{Duration, UNIX_EPOCH};

use der::{AnyRef, Decode, Reader, SliceReader};
use serde_json::{Map, Value, json};
use winreach_kerberos::credentials::ccache::{Credential, TypedBytes};
use winreach_kerberos::credentials::config::{Profile, Section, seconds_of};
use winreach_kerberos::credentials::{
    CacheName, Config, CredentialCache, Environment, Keytab, KeytabName,
};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["ccache", rest @ ..] => ccache(rest.first().copied(), rest.get(1).copied()),
        ["keytab", rest @ ..] => keytab(rest.first().copied(), rest.get(1).copied()),
        ["config", lists @ ..] => config(lists),
        ["realm", hosts @ ..] => realms(hosts),
        ["seconds", texts @ ..] => seconds(texts),
        _ => Err(
            "usage: show ccache|keytab [NAME [COPY]] | config PATHS… | realm HOST… | seconds TEXT…"
                .into(),
        ),
    }
}

fn ccache(name: Option<&str>, copy: Option<&str>) -> Outcome {
    let environment = Environment::from_system();
    let name = match name {
        Some(name) => CacheName::parse(name)?,
        None => environment.ccache(Config::load(&environment)?.libdefaults())?,
    };
    let cache = CredentialCache::open(&name)?;
    match (&name, name.path()?) {
        (CacheName::File(_), path) => println!("Ticket cache: FILE:{}", path.display()),
        (_, path) => println!("Ticket cache: DIR::{}", path.display()),
    }
    println!("Default principal: {}\n", cache.default_principal);
    println!("Valid starting     Expires            Service principal");
    for credential in &cache.credentials {
        show_credential(&cache, credential);
    }
    copy.map_or(Ok(()), |path| write(path, &cache.to_bytes()?))
}

fn show_credential(cache: &CredentialCache, credential: &Credential) {
    let times = credential.times;
    let start = if times.start == 0 { times.auth } else { times.start };
    println!("{}  {}  {}", time(start), time(times.end), credential.server);

    let mut fields = Vec::new();
    if credential.client != cache.default_principal {
        fields.push(format!("for client {}", credential.client));
    }
    if times.renew_till != 0 {
        fields.push(format!("renew until {}", time(times.renew_till)));
    }
    fields.push(format!("Flags: {}", flags(credential.ticket_flags)));
    if let Some(etype) = ticket_etype(&credential.ticket) {
        // Beside the lifetime of renewals there is no room for it in the line.
        if times.renew_till != 0 {
            println!("\t{}", fields.join(", "));
            fields.clear();
        }
        let key = etype_name(credential.key.etype);
        fields.push(format!("Etype (skey, tkt): {key}, {} ", etype_name(etype)));
    }
    println!("\t{}", fields.join(", "));
    let addresses: Vec<_> = credential.addresses.iter().map(address).collect();
    match addresses.as_slice() {
        [] => println!("\tAddresses: (none)"),
        addresses => println!("\tAddresses: {}", addresses.join(", ")),
    }
}

fn keytab(name: Option<&str>, copy: Option<&str>) -> Outcome {
    let environment = Environment::from_system();
    let name = match name {
        Some(name) => KeytabName::parse(name)?,
        None => environment.keytab(Config::load(&environment)?.libdefaults())?,
    };
    let keytab = Keytab::open(&name)?;
    println!("Keytab name: {name}");
    println!("KVNO Timestamp         Principal");
    println!("---- ----------------- {}", "-".repeat(56));
    for entry in keytab.entries() {
        let etype = etype_name(entry.key.etype);
        println!("{:4} {} {} ({etype}) ", entry.kvno, time(entry.timestamp), entry.principal);
    }
    copy.map_or(Ok(()), |path| write(path, &keytab.to_bytes()?))
}

fn config(lists: &[&str]) -> Outcome {
    for list in lists {
        let paths: Vec<_> = std::env::split_paths(list).collect();
        let shown = match Profile::load(&paths) {
            Ok(profile) => section(profile.root()),
            Err(error) => json!({ "error": error.to_string() }),
        };
        println!("{shown}");
    }
    Ok(())
}

fn section(shown: &Section) -> Value {
    let relations = shown.relations().map(|(key, values)| {
        (key.to_owned(), values.iter().map(|value| value.text.as_str()).collect())
    });
    let sections = shown.sections().map(|(name, inner)| (name.to_owned(), section(inner)));
    json!({
        "relations": relations.collect::<Map<_, Value>>(),
        "sections": sections.collect::<Map<_, _>>(),
    })
}

fn realms(hosts: &[&str]) -> Outcome {
    let config = Config::load(&Environment::from_system())?;
    for host in hosts {
        println!("{}", config.host_realm(host).unwrap_or_default());
    }
    Ok(())
}

fn seconds(texts: &[&str]) -> Outcome {
    for text in texts {
        match seconds_of(text) {
            Some(seconds) => println!("{seconds}"),
            None => println!("none"),
        }
    }
    Ok(())
}

/// Writes what nobody else may read.
fn write(path: &str, bytes: &[u8]) -> Outcome {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(path)?.write_all(bytes)?)
}

/// `11/25/26 15:59:19`.
fn time(seconds: u32) -> String {
    let time = UNIX_EPOCH + Duration::from_secs(seconds.into());
    let text = humantime::format_rfc3339_seconds(time).to_string();
    let (date, clock) = text.trim_end_matches('Z').split_once('T').unwrap_or_default();
    let mut date = date.trim_start_matches("20").split('-');
    let [year, month, day] = std::array::from_fn(|_| date.next().unwrap_or_default());
    format!("{month}/{day}/{year} {clock}")
}

/// A letter for each flag that is set.
fn flags(flags: u32) -> String {
    const LETTERS: [(u32, char); 14] = [
        (1, 'F'),
        (2, 'f'),
        (3, 'P'),
        (4, 'p'),
        (5, 'D'),
        (6, 'd'),
        (7, 'i'),
        (8, 'R'),
        (9, 'I'),
        (11, 'H'),
        (10, 'A'),
        (12, 'T'),
        (13, 'O'),
        (16, 'a'),
    ];
    let set = |bit: u32| flags & (1 << 31 >> bit) != 0;
    LETTERS.iter().filter(|(bit, _)| set(*bit)).map(|(_, letter)| letter).collect()
}

fn etype_name(etype: i32) -> String {
    let name = match etype {
        16 => "DEPRECATED:des3-cbc-sha1",
        17 => "aes128-cts-hmac-sha1-96",
        18 => "aes256-cts-hmac-sha1-96",
        19 => "aes128-cts-hmac-sha256-128",
        20 => "aes256-cts-hmac-sha384-192",
        23 => "DEPRECATED:arcfour-hmac",
        25 => "camellia128-cts-cmac",
        26 => "camellia256-cts-cmac",
        other => return format!("etype {other}"),
    };
    name.to_owned()
}

/// The encryption type of a ticket: of its fourth field, the first (RFC 4120 sections 5.3, 5.2.9).
fn ticket_etype(ticket: &[u8]) -> Option<i32> {
    let ticket = inside(inside(ticket)?)?;
    let encrypted = inside(field(ticket, 3)?)?;
    i32::from_der(field(encrypted, 0)?).ok()
}

/// The content of the element that `der` begins with.
fn inside(der: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    Some(AnyRef::decode(&mut reader).ok()?.value())
}

/// The content of the element with that index.
fn field(der: &[u8], index: usize) -> Option<&[u8]> {
    let mut reader = SliceReader::new(der).ok()?;
    for _ in 0..index {
        AnyRef::decode(&mut reader).ok()?;
    }
    inside(reader.read_slice(reader.remaining_len()).ok()?)
}

fn address(address: &TypedBytes) -> String {
    match (address.kind, address.bytes.as_slice()) {
        (2, &[a, b, c, d]) => Ipv4Addr::new(a, b, c, d).to_string(),
        (24, bytes) => match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => Ipv6Addr::from(bytes).to_string(),
            Err(_) => format!("broken address (type 24 length {})", bytes.len()),
        },
        (2, bytes) => format!("broken address (type 2 length {})", bytes.len()),
        (kind, _) => format!("unknown addrtype {kind}"),
    }
}
