use proptest::prelude::*;

use super::*;
use crate::path::tests::any_object_path;

fn moniker(text: &str) -> Moniker {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

/// The examples of *Constructing a Moniker String*, and how they print.
#[test]
fn the_documented_monikers_print_in_normal_form() {
    for (text, normal) in [
        ("WinMgmts:", "winmgmts:"),
        ("WinMgmts://myServer", r"winmgmts:\\myServer"),
        ("WinMgmts://myServer/root/cimv2", r"winmgmts:\\myServer\root\cimv2"),
        ("WinMgmts:root/cimv2", r"winmgmts:root\cimv2"),
        (
            r"winmgmts:{impersonationLevel=impersonate,(debug,!security)}!root\default",
            r"winmgmts:{impersonationLevel=impersonate,(Debug,!Security)}!root\default",
        ),
        (
            "WinMgmts:{impersonationLevel=impersonate}!//myServer/root/cimv2:Win32_LogicalDisk",
            r"winmgmts:{impersonationLevel=impersonate}!\\myServer\root\cimv2:Win32_LogicalDisk",
        ),
        ("WinMgmts::Win32_LogicalDisk='C:'", r#"winmgmts:Win32_LogicalDisk="C:""#),
        (
            r#"WinMgmts:{impersonationLevel=impersonate}!Win32_LogicalDisk="C:""#,
            r#"winmgmts:{impersonationLevel=impersonate}!Win32_LogicalDisk="C:""#,
        ),
        (
            "WinMgmts:{impersonationLevel=impersonate, (Debug)}",
            "winmgmts:{impersonationLevel=impersonate,(Debug)}",
        ),
        (
            "WinMgmts:{impersonate,(Debug,!Shutdown)}",
            "winmgmts:{impersonationLevel=impersonate,(Debug,!Shutdown)}",
        ),
        ("WinMgmts:[locale=ms_409]!root/wmi:myclass", r"winmgmts:[locale=ms_409]!root\wmi:myclass"),
        (
            r"Winmgmts:{impersonationLevel=delegate,authority=kerberos:mydomain\server}!//myserver/root/default:__cimomidentification=@",
            r"winmgmts:{impersonationLevel=delegate,authority=kerberos:mydomain\server}!\\myserver\root\default:__cimomidentification=@",
        ),
        (
            "Winmgmts:{impersonationLevel=impersonate,authority=ntlmdomain:mydomain} !//myserver/root/default:__cimomidentification=@",
            r"winmgmts:{impersonationLevel=impersonate,authority=ntlmdomain:mydomain}!\\myserver\root\default:__cimomidentification=@",
        ),
        (
            r#"WINMGMTS:{impersonationLevel=impersonate,authenticationLevel=pktPrivacy,authority=ntlmdomain:mydomain,(Debug,!Shutdown)}[locale=ms_409]!\\User1\ROOT\CIMV2:Win32_LogicalDisk="C:""#,
            r#"winmgmts:{impersonationLevel=impersonate,authenticationLevel=pktPrivacy,authority=ntlmdomain:mydomain,(Debug,!Shutdown)}[locale=ms_409]!\\User1\ROOT\CIMV2:Win32_LogicalDisk="C:""#,
        ),
    ] {
        let read = moniker(text);
        assert_eq!(read.to_string(), normal);
        assert_eq!(moniker(normal), read);
    }
}

#[test]
fn every_element_is_read() {
    let all = moniker(
        r#"winmgmts:{impersonationLevel=identify,authenticationLevel=Pkt,authority=kerberos:host/box,(!RemoteShutdown)}[locale=en-US]!\\box\root\cimv2:C.K="v""#,
    );
    assert_eq!(all.security.impersonation, Some(ImpersonationLevel::Identify));
    assert_eq!(all.security.authentication, Some(AuthenticationLevel::Pkt));
    assert_eq!(all.security.authority, Some(Authority::Kerberos("host/box".into())));
    let shutdown = PrivilegeSetting { privilege: Privilege::RemoteShutdown, enable: false };
    assert_eq!(all.security.privileges, [shutdown]);
    assert_eq!(shutdown.privilege.windows_name(), "SeRemoteShutdownPrivilege");
    assert_eq!(all.locale.as_deref(), Some("en-US"));
    assert_eq!(all.path.object().unwrap().to_string(), r#"\\box\root\cimv2:C.K="v""#);
}

#[test]
fn errors_say_where() {
    for (text, column) in [
        ("winmgmt:", 1),
        ("winmgmts:{", 11),
        ("winmgmts:{impersonationLevel=boss}", 30),
        ("winmgmts:{authenticationLevel=}", 31),
        ("winmgmts:{authority=domain}", 21),
        ("winmgmts:{authority=kerberos:}", 30),
        ("winmgmts:{password=x}", 11),
        ("winmgmts:{(Fly)}", 12),
        ("winmgmts:{identify,impersonationLevel=delegate}", 20),
        ("winmgmts:[locale=]!x", 18),
        (r"winmgmts:{impersonate}\\box\root", 23),
        ("winmgmts:{impersonate}!//box:C", 29),
    ] {
        let error = text.parse::<Moniker>().unwrap_err();
        assert_eq!(error.column, column, "{text}: {error}");
    }
}

fn security() -> impl Strategy<Value = Security> {
    let authority = prop_oneof![
        "[A-Za-z.-]{1,10}".prop_map(Authority::NtlmDomain),
        r"[A-Za-z./@\\-]{1,10}".prop_map(Authority::Kerberos),
    ];
    let privilege = (prop::sample::select(Privilege::ALL), any::<bool>())
        .prop_map(|(privilege, enable)| PrivilegeSetting { privilege, enable });
    (
        prop::option::of(prop::sample::select(&ImpersonationLevel::ALL[..])),
        prop::option::of(prop::sample::select(&AuthenticationLevel::ALL[..])),
        prop::option::of(authority),
        prop::collection::vec(privilege, 0..3),
    )
        .prop_map(|(impersonation, authentication, authority, privileges)| Security {
            impersonation,
            authentication,
            authority,
            privileges,
        })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same_moniker(
        security in security(),
        locale in prop::option::of("ms_[0-9A-F]{3,4}|[a-z]{2}-[A-Z]{2}"),
        path in any_object_path(),
    ) {
        let moniker = Moniker { security, locale, path: Path::Object(path) };
        let text = moniker.to_string();
        prop_assert_eq!(text.parse::<Moniker>(), Ok(moniker));
    }
}
