use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use secrecy::SecretString;
use winreach_auth::ntlm::Accounts;
use winreach_auth::{AuthType, Identity, SidError};

use super::*;

/// A folder of the test's own, removed with everything in it.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("winreach-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> AccountFile {
        AccountFile::new(self.0.join("accounts"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn name(text: &str) -> AccountName {
    text.parse().unwrap()
}

fn password(text: &str) -> SecretString {
    SecretString::from(text)
}

fn names(set: &AccountSet) -> Vec<String> {
    set.names().map(ToString::to_string).collect()
}

fn mode(path: &std::path::Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

/// NT hash of "Password": `[MS-NLMP] 4.2.2.1.2`.
const HASH_OF_PASSWORD: &str = "a4f49c406510bdcab6824ee7c30fd852";

#[test]
fn an_added_account_is_there_with_the_hash_of_its_password() {
    let folder = Folder::new("add");
    assert!(!folder.file().add(&name("User"), &password("Password")).unwrap());
    let text = fs::read_to_string(folder.file().path()).unwrap();
    assert_eq!(text, format!("winreach-accounts 1\nUser:{HASH_OF_PASSWORD}\n"));
    assert_eq!(mode(folder.file().path()), 0o600);
}

#[test]
fn adding_again_changes_the_password_and_the_spelling() {
    let folder = Folder::new("replace");
    folder.file().add(&name("user"), &password("old")).unwrap();
    assert!(folder.file().add(&name("USER"), &password("Password")).unwrap());
    let text = fs::read_to_string(folder.file().path()).unwrap();
    assert_eq!(text, format!("winreach-accounts 1\nUSER:{HASH_OF_PASSWORD}\n"));
}

#[test]
fn a_removed_account_is_gone_and_others_stay() {
    let folder = Folder::new("remove");
    for user in ["alice", "Bob", "Zoë"] {
        folder.file().add(&name(user), &password("x")).unwrap();
    }
    folder.file().remove(&name("BOB")).unwrap();
    assert_eq!(names(&folder.file().load().unwrap()), ["alice", "Zoë"]);
    let again = folder.file().remove(&name("Bob")).unwrap_err();
    assert!(matches!(again, AccountFileError::NoSuchAccount { .. }), "{again}");
}

#[test]
fn names_are_found_without_regard_to_case() {
    let mut set = AccountSet::new();
    set.set(name("Zoë"), &password("Password"));
    assert!(set.nt_hash("", "ZOË").is_some());
    assert!(set.nt_hash("", "zoe").is_none());
}

#[test]
fn a_file_that_others_can_read_is_refused_by_every_operation() {
    let folder = Folder::new("mode");
    folder.file().add(&name("alice"), &password("x")).unwrap();
    let path = folder.file().path().to_owned();
    for open in [0o640, 0o604, 0o620, 0o601] {
        fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
        let errors = [
            folder.file().load().map(drop).unwrap_err(),
            folder.file().add(&name("bob"), &password("x")).map(drop).unwrap_err(),
            folder.file().remove(&name("alice")).unwrap_err(),
            LiveAccounts::open(folder.file()).map(drop).unwrap_err(),
        ];
        for error in errors {
            assert!(
                matches!(error, AccountFileError::Mode { mode, .. } if mode == open),
                "{error}"
            );
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }
}

#[test]
fn what_an_interrupted_run_left_behind_does_no_harm() {
    let folder = Folder::new("leftover");
    let leftover = folder.0.join("accounts.new");
    fs::write(&leftover, "half a fi").unwrap();
    fs::set_permissions(&leftover, fs::Permissions::from_mode(0o666)).unwrap();
    folder.file().add(&name("alice"), &password("x")).unwrap();
    assert_eq!(mode(folder.file().path()), 0o600);
    assert!(!leftover.exists());
    assert_eq!(names(&folder.file().load().unwrap()), ["alice"]);
}

#[test]
fn two_writers_lose_nothing() {
    let folder = Folder::new("writers");
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let file = folder.file();
            scope.spawn(move || {
                for i in 0..5 {
                    file.add(&name(&format!("user-{writer}-{i}")), &password("x")).unwrap();
                }
            });
        }
    });
    assert_eq!(folder.file().load().unwrap().names().count(), 20);
}

#[test]
fn a_wrong_line_is_named() {
    let hash = HASH_OF_PASSWORD;
    for (text, line, problem) in [
        (String::new(), 1, AccountTextProblem::Header),
        ("winreach-accounts 3\n".into(), 1, AccountTextProblem::Header),
        ("winreach-accounts 2 \n".into(), 1, AccountTextProblem::Header),
        ("winreach-accounts 1\nalice\n".into(), 2, AccountTextProblem::Separator),
        ("winreach-accounts 1\n\n".into(), 2, AccountTextProblem::Separator),
        (format!("winreach-accounts 1\na:{hash}\nb:{hash}0\n"), 3, AccountTextProblem::Hash),
        (format!("winreach-accounts 1\na:{}\n", "x".repeat(32)), 2, AccountTextProblem::Hash),
        (format!("winreach-accounts 1\na:{hash}\nA:{hash}\n"), 3, AccountTextProblem::Duplicate),
        (
            format!("winreach-accounts 1\n:{hash}\n"),
            2,
            AccountTextProblem::Name(AccountNameError::Empty),
        ),
        ("winreach-accounts 1\na:kerberos\n".into(), 2, AccountTextProblem::Hash),
        ("winreach-accounts 2\na@B\n".into(), 2, AccountTextProblem::Separator),
        (
            "winreach-accounts 2\na:kerberos\n".into(),
            2,
            AccountTextProblem::Principal(PrincipalNameError::NoRealm),
        ),
        ("winreach-accounts 2\nS-1:group\n".into(), 2, AccountTextProblem::Sid(SidError)),
        (
            "winreach-accounts 2\na@B:kerberos\nA@B:kerberos\n".into(),
            3,
            AccountTextProblem::Duplicate,
        ),
        (
            "winreach-accounts 2\nS-1-5:group\ns-1-5:group\n".into(),
            3,
            AccountTextProblem::Duplicate,
        ),
    ] {
        let error = AccountSet::parse(&text).map(drop).unwrap_err();
        assert_eq!(error, AccountTextError { line, problem }, "{text:?}");
    }
}

#[test]
fn the_text_form_reads_back() {
    let mut set = AccountSet::new();
    for user in ["alice", "Bob O'Neil", "Zoë", "søren_1.x"] {
        set.set(name(user), &password(user));
    }
    let text = set.to_text();
    assert_eq!(*AccountSet::parse(&text).unwrap().to_text(), *text);
}

#[test]
fn an_old_file_becomes_a_new_one_only_where_it_must() {
    let old = format!("winreach-accounts 1\nbob:{HASH_OF_PASSWORD}\n");
    let mut set = AccountSet::parse(&old).unwrap();
    for permit in ["s-1-5-21-1-2-3-1104", r"http\/x:y/z@R", "alice@EXAMPLE.COM"] {
        set.permit(permit_of(permit));
    }
    let new = set.to_text();
    let rest = r"alice@EXAMPLE.COM:kerberos
http\/x:y/z@R:kerberos
S-1-5-21-1-2-3-1104:group
";
    assert_eq!(*new, format!("winreach-accounts 2\nbob:{HASH_OF_PASSWORD}\n{rest}"));
    let mut set = AccountSet::parse(&new).unwrap();
    assert_eq!(*set.to_text(), *new);
    for permit in set.permits().collect::<Vec<_>>() {
        assert!(set.revoke(&permit));
        assert!(!set.revoke(&permit));
    }
    assert_eq!(*set.to_text(), old);
}

fn permit_of(text: &str) -> Permit {
    match text.parse() {
        Ok(sid) => Permit::Group(sid),
        Err(_) => Permit::Principal(text.parse().unwrap()),
    }
}

fn caller(user: &str, realm: &str, sid: Option<&str>, groups: &[&str]) -> Identity {
    let mut caller = Identity::new(AuthType::Kerberos, realm, user);
    caller.sid = sid.map(|sid| sid.parse().unwrap());
    caller.groups = groups.iter().map(|sid| sid.parse().unwrap()).collect();
    caller
}

#[test]
fn callers_are_admitted_by_principal_account_or_group() {
    let mut set = AccountSet::new();
    set.set(name("carol"), &password("x"));
    for permit in ["Alice@EXAMPLE.COM", r"host\/a/b@EXAMPLE.COM", "S-1-5-21-1-2-3-1104"] {
        set.permit(permit_of(permit));
    }
    for (user, realm, sid, groups, admitted) in [
        ("alice", "EXAMPLE.COM", None, &[][..], true),
        ("ALICE", "EXAMPLE.COM", None, &[], true),
        ("alice", "example.com", None, &[], false),
        ("alice", "OTHER", None, &[], false),
        ("alice", "", None, &[], false),
        ("alice/admin", "EXAMPLE.COM", None, &[], false),
        (r"host\/a/b", "EXAMPLE.COM", None, &[], true),
        ("host/a/b", "EXAMPLE.COM", None, &[], false),
        // Who has a password here is nobody of a realm.
        ("carol", "EXAMPLE.COM", None, &[], false),
        ("carol", "", None, &[], false),
        ("bob", "EXAMPLE.COM", Some("S-1-5-21-1-2-3-1104"), &[], true),
        ("bob", "EXAMPLE.COM", None, &["S-1-5-32-545", "S-1-5-21-1-2-3-1104"], true),
        ("bob", "EXAMPLE.COM", Some("S-1-5-21-1-2-3-110"), &["S-1-5-21-1-2-3"], false),
    ] {
        assert_eq!(set.admits(&caller(user, realm, sid, groups)), admitted, "{user}@{realm}");
    }
}

#[test]
fn impossible_principals_are_refused() {
    for (text, error) in [
        ("alice", PrincipalNameError::NoRealm),
        ("alice@", PrincipalNameError::NoRealm),
        (" a@B", PrincipalNameError::Edge),
        (r"a\nb@C", PrincipalNameError::Character { character: '\n' }),
        ("a@B\r", PrincipalNameError::Edge),
        ("a@B\rC", PrincipalNameError::Character { character: '\r' }),
    ] {
        assert_eq!(text.parse::<PrincipalName>(), Err(error), "{text:?}");
    }
    assert_eq!("x".repeat(513).parse::<PrincipalName>(), Err(PrincipalNameError::TooLong));
    assert!("a@B@C".parse::<PrincipalName>().is_err());
}

#[test]
fn a_running_server_follows_the_list_of_callers() {
    let folder = Folder::new("permits");
    let alice = caller("alice", "EXAMPLE.COM", None, &[]);
    assert!(!folder.file().permit(permit_of("alice@EXAMPLE.COM")).unwrap());
    let live = LiveAccounts::open(folder.file()).unwrap();
    assert!(live.admits(&alice));
    assert!(folder.file().permit(permit_of("ALICE@EXAMPLE.COM")).unwrap());
    assert!(live.admits(&alice));
    folder.file().revoke(&permit_of("alice@EXAMPLE.COM")).unwrap();
    assert!(!live.admits(&alice));
    let again = folder.file().revoke(&permit_of("alice@EXAMPLE.COM")).unwrap_err();
    assert!(matches!(again, AccountFileError::NoSuchAccount { .. }), "{again}");

    folder.file().permit(permit_of("alice@EXAMPLE.COM")).unwrap();
    fs::set_permissions(folder.file().path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(!live.admits(&alice), "a file open to others lets nobody in");
}

#[test]
fn impossible_names_are_refused() {
    for (text, error) in [
        ("", AccountNameError::Empty),
        ("a:b", AccountNameError::Character { character: ':', position: 1 }),
        ("DOMAIN\\a", AccountNameError::Character { character: '\\', position: 6 }),
        ("a@b", AccountNameError::Character { character: '@', position: 1 }),
        ("a\nb", AccountNameError::Character { character: '\n', position: 1 }),
        (" a", AccountNameError::Edge),
        ("a.", AccountNameError::Edge),
    ] {
        assert_eq!(text.parse::<AccountName>(), Err(error), "{text:?}");
    }
    assert_eq!("x".repeat(65).parse::<AccountName>(), Err(AccountNameError::TooLong));
    assert!("ü".repeat(64).parse::<AccountName>().is_ok());
}

#[test]
fn a_running_server_follows_the_file() {
    let folder = Folder::new("live");
    folder.file().add(&name("alice"), &password("x")).unwrap();
    let live = LiveAccounts::open(folder.file()).unwrap();
    assert!(live.nt_hash("", "alice").is_some());
    assert!(!live.has_domains());

    folder.file().add(&name("bob"), &password("x")).unwrap();
    assert!(live.nt_hash("", "bob").is_some());
    folder.file().remove(&name("alice")).unwrap();
    assert!(live.nt_hash("", "alice").is_none());

    fs::set_permissions(folder.file().path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(live.nt_hash("", "bob").is_none(), "a file open to others lets nobody in");
    fs::set_permissions(folder.file().path(), fs::Permissions::from_mode(0o600)).unwrap();
    assert!(live.nt_hash("", "bob").is_some());
}
