//! What can stand on the command line.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::failure::Failure;

/// Windows management from any machine.
#[derive(Parser, Debug)]
#[command(name = "winreach", version, max_term_width = 100)]
pub(crate) struct Arguments {
    /// Say more on standard error; repeat for more (WINREACH_LOG takes a filter).
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(crate) verbose: u8,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Ask a WMI namespace a WQL query and print the rows.
    Query(Query),
    /// Print one object, by its path: an instance, or a class as MOF.
    Get(Get),
    /// Print a class as MOF: its qualifiers, properties and methods.
    Describe(Describe),
    /// Call a method of a class or an instance.
    Call(Call),
    /// Run the embedded WMI server.
    Serve(Serve),
    /// Keep the accounts of the embedded WMI server.
    Account {
        #[command(subcommand)]
        action: Account,
    },
}

#[derive(Args, Debug)]
#[command(override_usage = "winreach query [OPTIONS] [TARGET] <WQL>")]
pub(crate) struct Query {
    /// The query, such as "SELECT Name, State FROM Win32_Service WHERE State = 'Running'".
    /// Before it, the target: a host, \\host\namespace, //host/namespace or a winmgmts: moniker.
    /// Without a target, this machine.
    #[arg(required = true, num_args = 1..=2, value_name = "[TARGET] WQL")]
    words: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(override_usage = "winreach get [OPTIONS] [TARGET] <PATH>")]
pub(crate) struct Get {
    /// The object path, such as Win32_Service.Name="ssh", Win32_OperatingSystem=@ or a class name.
    /// Before it, the target: a host, \\host\namespace, //host/namespace or a winmgmts: moniker.
    /// Without a target, this machine.
    #[arg(required = true, num_args = 1..=2, value_name = "[TARGET] PATH")]
    words: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Debug)]
#[command(override_usage = "winreach describe [OPTIONS] [TARGET] <CLASS>")]
pub(crate) struct Describe {
    /// The class.
    /// Before it, the target: a host, \\host\namespace, //host/namespace or a winmgmts: moniker.
    /// Without a target, this machine.
    #[arg(required = true, num_args = 1..=2, value_name = "[TARGET] CLASS")]
    words: Vec<String>,
    #[command(flatten)]
    pub(crate) connection: Connection,
}

/// The exit status is 0 only where the method was carried out and returned 0, or returns nothing.
#[derive(Args, Debug)]
#[command(override_usage = "winreach call [OPTIONS] [TARGET] <PATH> <METHOD> [NAME=VALUE]...")]
pub(crate) struct Call {
    /// The path of a class or an instance, a method of it, and its arguments, such as
    /// StdRegProv GetStringValue sSubKeyName=SOFTWARE\Contoso sValueName=Path.
    /// An array is NAME=A,B, or NAME=A NAME=B where an element has a comma; an embedded object is JSON.
    /// Before it, the target: a host, \\host\namespace, //host/namespace or a winmgmts: moniker.
    /// Without a target, this machine.
    #[arg(required = true, num_args = 2.., value_name = "[TARGET] PATH METHOD NAME=VALUE")]
    pub(crate) words: Vec<String>,
    /// Show the request, checked against the class, and do not send it.
    #[arg(long)]
    pub(crate) what_if: bool,
    /// Do not ask. Otherwise, on a terminal, what may change something is asked for first.
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) connection: Connection,
    #[command(flatten)]
    pub(crate) output: Output,
}

// The target stands first and may be left out. Two positional arguments cannot say so when options
// stand between them; one that takes up to two words can.
macro_rules! target_first {
    ($($verb:ident),*) => {$(
        impl $verb {
            /// The target, and what is asked of it.
            pub(crate) fn words(&self) -> Result<(Option<&str>, &str), Failure> {
                match self.words.as_slice() {
                    [what] => Ok((None, what)),
                    [target, what] => Ok((Some(target), what)),
                    words => Err(Failure::usage(format!(
                        "at most a target and one more argument were expected, not {}",
                        words.len()
                    ))),
                }
            }
        }
    )*};
}

target_first!(Query, Get, Describe);

/// How the target is reached.
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Connection {
    /// Who to be: DOMAIN\user, user@domain or user. The password is asked for on the terminal.
    #[arg(short, long, value_name = "USER")]
    pub(crate) user: Option<String>,
    #[command(flatten)]
    pub(crate) password: PasswordSource,
    #[command(flatten)]
    pub(crate) logon: LogonOptions,
    /// Be nobody: name no account and send no password. WMI takes no such callers.
    #[arg(long, conflicts_with_all = ["user", "PasswordSource"])]
    pub(crate) anonymous: bool,
    /// The namespace, where the target names none.
    #[arg(short, long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,
    /// The port of the target's object resolver.
    #[arg(long, value_name = "PORT", default_value_t = 135)]
    pub(crate) port: u16,
    /// How long everything may take, from resolving the name to the last row: 90, 90s, 2m, 500ms.
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// How the traffic is protected [default: privacy, or what a moniker asks for]. Windows takes
    /// nothing below integrity.
    #[arg(long, value_enum)]
    pub(crate) level: Option<Level>,
    /// What the target may do in your name [default: impersonate, or what a moniker asks for]. WMI
    /// needs impersonate.
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub(crate) impersonation: Option<Impersonation>,
    /// Fail unless the target proves that it is the one that was named, which NTLM cannot.
    #[arg(long)]
    pub(crate) mutual: bool,
}

/// How to prove who one is.
#[derive(Args, Debug)]
#[command(next_help_heading = "Log-on")]
pub(crate) struct LogonOptions {
    /// By what to prove who you are [default: negotiate, or what a moniker's authority asks for].
    /// Without --user, the tickets of kinit are used.
    #[arg(long, value_enum, value_name = "MECHANISM")]
    pub(crate) auth: Option<Auth>,
    /// Never use NTLM: it proves nothing about the target.
    #[arg(long)]
    pub(crate) no_ntlm: bool,
    /// Use the tickets of this credential cache, such as FILE:/tmp/krb5cc_0 [default: KRB5CCNAME, or
    /// what krb5.conf says].
    #[arg(long, value_name = "CACHE", conflicts_with_all = ["user", "PasswordSource", "keytab", "anonymous"])]
    pub(crate) ccache: Option<String>,
    /// Use the keys of a keytab: those of --user, or of the first principal there.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["PasswordSource", "anonymous"])]
    pub(crate) keytab: Option<PathBuf>,
    /// Ask for tickets for this service, such as host/server.example.com, or for the services of this
    /// host, whatever the target is called.
    #[arg(long, value_name = "NAME")]
    pub(crate) spn: Option<String>,
    /// A KDC of your realm (HOST, HOST:PORT, tcp/HOST) [default: krb5.conf, then DNS]. May be
    /// repeated.
    #[arg(long, value_name = "HOST")]
    pub(crate) kdc: Vec<String>,
    /// The realm of users that name none [default: default_realm in krb5.conf].
    #[arg(long, value_name = "REALM")]
    pub(crate) realm: Option<String>,
    /// Take RC4 where the target's account has no better keys.
    #[arg(long)]
    pub(crate) allow_rc4: bool,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Auth {
    /// Kerberos where it can be used, NTLM where it cannot.
    Negotiate,
    /// Kerberos alone.
    Kerberos,
    /// NTLM alone.
    Ntlm,
}

/// Where a password comes from. Never from an argument: other users of the machine can read those.
#[derive(Args, Debug)]
#[group(multiple = false)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of standard input.
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Read the password from the first line of a file.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Level {
    /// Nobody is authenticated.
    None,
    /// You are authenticated when the connection is made, and nothing is protected after.
    Connect,
    /// As packet.
    Call,
    /// Each packet carries a token of its sender.
    Packet,
    /// Signed, readable on the way.
    Integrity,
    /// Signed and encrypted.
    Privacy,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Impersonation {
    /// Nothing; over a network it knows who you are all the same, as with identify.
    Anonymous,
    /// Know who you are.
    Identify,
    /// Act as you on itself.
    Impersonate,
    /// Act as you on other computers too, which takes Kerberos.
    Delegate,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// How rows are printed. By default a table where it is narrow enough, otherwise a list.
    #[arg(short, long, value_enum)]
    pub(crate) format: Option<Format>,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    /// A table, a row a line.
    Table,
    /// A line for each property, a blank line between rows.
    List,
    /// One JSON array of objects.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values with a header, as RFC 4180 has them.
    Csv,
}

#[derive(Args, Debug)]
#[command(after_long_help = KEYTABS)]
pub(crate) struct Serve {
    /// The address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) listen: IpAddr,
    /// The port of the object resolver; 0 takes a free one. Clients other than winreach know 135 alone.
    #[arg(long, value_name = "RESOLVER", default_value_t = 135)]
    pub(crate) port: u16,
    /// The port of the object exporter; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 24158)]
    pub(crate) exporter_port: u16,
    /// The file of the registry that StdRegProv serves, in the form in which Windows exports keys
    /// [default: no registry]. Whoever may log on may read and write it.
    #[arg(long, value_name = "FILE")]
    pub(crate) registry: Option<PathBuf>,
    /// Let callers start and end processes (Win32_Process.Create and Terminate), as the user of this
    /// machine whose name their account has.
    #[arg(long)]
    pub(crate) allow_processes: bool,
    /// Let callers start and stop services (Win32_Service.StartService and StopService), as far as the
    /// service manager lets the user whose name their account has.
    #[arg(long)]
    pub(crate) allow_services: bool,
    #[command(flatten)]
    pub(crate) accounts: AccountsFile,
    /// Take Kerberos tickets for the services whose keys are in this file, from the principals and
    /// groups among the accounts. Nobody but its owner may be able to read it.
    #[arg(long, value_name = "FILE")]
    pub(crate) keytab: Option<PathBuf>,
    /// Take no NTLM: Kerberos alone.
    #[arg(long, requires = "keytab")]
    pub(crate) no_ntlm: bool,
}

/// How to come by a keytab.
const KEYTABS: &str = "\
Keytabs:
  Clients ask for tickets for host/NAME and RPCSS/NAME, where NAME is what they call this machine.
  Make these names of one account, and write its keys to a file:

  MIT Kerberos   kadmin: addprinc -randkey host/NAME
                 kadmin: ktadd -k FILE host/NAME            (RPCSS/NAME likewise)
  Samba          samba-tool spn add host/NAME ACCOUNT       (RPCSS/NAME likewise)
                 samba-tool domain exportkeytab FILE --principal=host/NAME
  Windows        setspn -S RPCSS/NAME ACCOUNT
                 ktpass -princ host/NAME@REALM -mapuser ACCOUNT -crypto AES256-SHA1
                        -ptype KRB5_NT_PRINCIPAL +rndPass -out FILE
  By hand        ktutil: addent -password -p host/NAME@REALM -k KVNO -e aes256-cts
                 ktutil: wkt FILE

  Then: chmod 600 FILE, and list who may log on: winreach account add alice@REALM --kerberos";

#[derive(Subcommand, Debug)]
pub(crate) enum Account {
    /// Add an account, or give it a new password; or let somebody in by Kerberos.
    Add {
        /// The name of the account; with --kerberos a principal such as alice@EXAMPLE.COM, with --group
        /// a security identifier such as S-1-5-21-1-2-3-1104.
        name: String,
        #[command(flatten)]
        kind: AccountKind,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        accounts: AccountsFile,
    },
    /// Remove an account, a principal or a group.
    Remove {
        /// The name of the account, the principal, or the security identifier of the group.
        name: String,
        #[command(flatten)]
        accounts: AccountsFile,
    },
    /// List the accounts, principals and groups. Behind the latter two stands what they are.
    List {
        /// Only this one; the exit status tells whether it is there.
        name: Option<String>,
        #[command(flatten)]
        accounts: AccountsFile,
    },
}

/// What an account is if it is none with a password.
#[derive(Args, Debug)]
#[group(multiple = false, conflicts_with = "PasswordSource")]
pub(crate) struct AccountKind {
    /// A principal, who comes with a Kerberos ticket and has no password here. The case of letters
    /// counts in the realm, and not in the name.
    #[arg(long)]
    pub(crate) kerberos: bool,
    /// A group (or an account) of a Windows domain, as domain controllers write it into Kerberos
    /// tickets: all of its members.
    #[arg(long)]
    pub(crate) group: bool,
}

#[derive(Args, Debug)]
pub(crate) struct AccountsFile {
    /// The accounts file [default: winreach/accounts in the user's configuration folder].
    #[arg(long = "accounts", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
}

/// A number of seconds, or a number with a unit.
fn duration(text: &str) -> Result<Duration, String> {
    let duration = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => humantime::parse_duration(text).map_err(|error| error.to_string())?,
    };
    if duration.is_zero() { Err("must be more than nothing".into()) } else { Ok(duration) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_target_stands_first_and_options_anywhere() {
        fn parse(line: &str) -> Option<(Option<String>, String)> {
            let arguments = Arguments::try_parse_from(line.split(' ')).ok()?;
            let Command::Query(query) = arguments.command else { return None };
            let (target, wql) = query.words().ok()?;
            Some((target.map(str::to_owned), wql.to_owned()))
        }
        let both = Some((Some("host".to_owned()), "WQL".to_owned()));
        assert_eq!(parse("winreach query WQL"), Some((None, "WQL".to_owned())));
        assert_eq!(parse("winreach query host WQL"), both);
        assert_eq!(parse("winreach query host -u alice WQL"), both);
        assert_eq!(parse("winreach query -u alice host WQL --format csv"), both);
        assert_eq!(parse("winreach query"), None);
        assert_eq!(parse("winreach query host SELECT more"), None);
        assert_eq!(parse("winreach query host -u alice SELECT more"), None);
    }

    #[test]
    fn nobody_has_neither_name_nor_password() {
        let parse = |more: &[&str]| {
            let line = ["winreach", "query", "host", "--anonymous"];
            Arguments::try_parse_from(line.iter().chain(more).chain(&["WQL"])).is_ok()
        };
        assert!(parse(&[]));
        assert!(!parse(&["-u", "alice"]));
        assert!(!parse(&["--password-stdin"]));
        assert!(!parse(&["--password-file", "f"]));
    }

    #[test]
    fn times_have_units_and_are_never_nothing() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert!(duration("0").is_err());
        assert!(duration("soon").is_err());
    }
}
