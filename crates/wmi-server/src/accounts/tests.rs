use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use secrecy::SecretString;
use winreach_auth::ntlm::Accounts;

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
        ("winreach-accounts 2\n".into(), 1, AccountTextProblem::Header),
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
