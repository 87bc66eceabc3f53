//! Methods that change the machine: processes are really started and ended, services by a systemctl that a
//! test writes.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use winreach_auth::{AuthType, Identity};
use winreach_cim::{Array, Class, Instance, Object, Property, Value, WbemStatus};
use winreach_wmi_server::Limits;
use winreach_wmi_server::engine::{Engine, MethodRequest};
use winreach_wmi_server::providers::{self, Address, Control, Kernel, Machine, RunAs, Space};
use winreach_wmi_server::schema::Repository;
use winreach_wmio::{Layout, Signature, Unit};

const ON: Control = Control { processes: Some(RunAs::Server), services: Some(RunAs::Server) };

fn engine(machine: Machine, control: Control) -> Engine {
    let namespace = r"root\cimv2";
    let repository = providers::schema()
        .into_iter()
        .fold(Repository::builder("HOUSE"), |builder, class| builder.class(namespace, class));
    let repository = providers::controlled(machine, control)
        .into_iter()
        .fold(repository, |builder, provider| builder.provider(namespace, provider));
    Engine::new(repository.build().unwrap(), Limits::default())
}

fn call_as(
    engine: &Engine,
    caller: &Identity,
    path: &str,
    method: &str,
    values: Vec<(&str, Value)>,
) -> Result<Instance, WbemStatus> {
    let namespace = engine.namespace(r"root\cimv2").unwrap();
    let name = path.split('.').next().unwrap();
    let declared = namespace.class(name).unwrap().method(method).unwrap();
    let input = declared.input.as_ref().map(|class| {
        let layout = Some(Arc::new(Layout::new(class).unwrap()));
        let signature = Signature { input: layout, output: None };
        signature.encode_input(values).unwrap().unwrap()
    });
    let request = MethodRequest { path, method, input: input.as_deref(), caller };
    engine.call(&namespace, &request).map(Option::unwrap).map_err(|error| error.status)
}

fn call(engine: &Engine, path: &str, method: &str, values: Vec<(&str, Value)>) -> Instance {
    let caller = Identity::new(AuthType::Ntlm, "HOUSE", "alice");
    call_as(engine, &caller, path, method, values).unwrap()
}

fn code(output: &Instance) -> u64 {
    output.get("ReturnValue").unwrap().as_u64().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("winreach-control-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Waits for a file that somebody else writes.
fn read(path: &Path) -> String {
    for _ in 0..1000 {
        match std::fs::read_to_string(path) {
            Ok(text) if text.ends_with("end\n") => return text,
            _ => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    }
    panic!("{} is not there", path.display());
}

fn startup(engine: &Engine, set: impl FnOnce(&mut Instance)) -> Value {
    let namespace = engine.namespace(r"root\cimv2").unwrap();
    let class = namespace.class("Win32_ProcessStartup").unwrap();
    let mut startup = Instance::new(Arc::clone(class));
    set(&mut startup);
    Object::Instance(startup).into()
}

#[test]
fn a_process_is_started_and_ended() {
    let engine = engine(Machine::this(), ON);
    let folder = folder("process");
    let script = folder.join("script");
    // No shell is between: what the script sees are the words themselves.
    std::fs::write(
        &script,
        "#!/bin/sh\n{ pwd; echo \"$1|$2|$COLOUR|$HOME_OF_SERVER\"; echo end; } > out\nexec sleep 600\n",
    )
    .unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let colour = Array::String(vec![Some("COLOUR=red".into())]);
    let startup = startup(&engine, |startup| {
        startup.set("EnvironmentVariables", Value::from(colour));
        startup.set("ShowWindow", 0_u16);
    });
    let line = format!("{} 'two words' $HOME;id", script.display());
    let output = call(
        &engine,
        "Win32_Process",
        "Create",
        vec![
            ("CommandLine", line.into()),
            ("CurrentDirectory", folder.to_str().unwrap().into()),
            ("ProcessStartupInformation", startup),
        ],
    );
    assert_eq!(code(&output), 0);
    let id = output.get("ProcessId").unwrap().as_u64().unwrap();
    let text = read(&folder.join("out"));
    let place = std::fs::canonicalize(&folder).unwrap();
    assert_eq!(text, format!("{}\ntwo words|$HOME;id|red|\nend\n", place.display()));

    let path = format!("Win32_Process.Handle=\"{id}\"");
    let owner = call(&engine, &path, "GetOwner", vec![]);
    assert_eq!(code(&owner), 0);
    let user = std::process::Command::new("id").arg("-un").output().unwrap();
    let user = String::from_utf8(user.stdout).unwrap();
    assert_eq!(owner.get("User"), Some(&Value::from(user.trim())));
    assert_eq!(code(&call(&engine, &path, "Terminate", vec![("Reason", 1_u32.into())])), 0);
    // It is waited for, so that nothing is left of it.
    for _ in 0..1000 {
        if !Path::new(&format!("/proc/{id}")).exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(!Path::new(&format!("/proc/{id}")).exists());
    let caller = Identity::new(AuthType::Ntlm, "HOUSE", "alice");
    let gone = call_as(&engine, &caller, &path, "Terminate", vec![]);
    assert_eq!(gone, Err(WbemStatus::E_NOT_FOUND));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_cannot_be_started_says_why() {
    let engine = engine(Machine::this(), ON);
    let nonsense = Array::String(vec![Some("NONSENSE".into())]);
    let bad = startup(&engine, |s| {
        s.set("EnvironmentVariables", Value::from(nonsense));
    });
    let flags = startup(&engine, |s| {
        s.set("CreateFlags", 4_u32);
    });
    for (values, expected) in [
        (vec![], 21),
        (vec![("CommandLine", "".into())], 21),
        (vec![("CommandLine", "'open".into())], 21),
        (vec![("CommandLine", "/nothing/here".into())], 9),
        (vec![("CommandLine", "/etc/passwd".into())], 2),
        (vec![("CommandLine", "true".into()), ("CurrentDirectory", "/nothing".into())], 9),
        (vec![("CommandLine", "true".into()), ("ProcessStartupInformation", bad)], 21),
        (vec![("CommandLine", "true".into()), ("ProcessStartupInformation", flags)], 21),
        (vec![("CommandLine", "true".into())], 0),
    ] {
        let output = call(&engine, "Win32_Process", "Create", values.clone());
        assert_eq!(code(&output), expected, "{values:?}");
    }
    let own = format!("Win32_Process.Handle=\"{}\"", std::process::id());
    assert_eq!(code(&call(&engine, &own, "Terminate", vec![])), 2, "the server itself");
    assert_eq!(code(&call(&engine, "Win32_Process.Handle=\"1\"", "Terminate", vec![])), 2);
}

#[test]
fn only_those_who_have_a_user_here_act_as_one() {
    let control = Control { processes: Some(RunAs::Caller), services: None };
    let engine = engine(Machine::this(), control);
    let line = || vec![("CommandLine", "true".into())];
    for (mechanism, user) in
        [(AuthType::Ntlm, "no-such-user"), (AuthType::Kerberos, "root"), (AuthType::Ntlm, "")]
    {
        let caller = Identity::new(mechanism, "ELSEWHERE", user);
        let output = call_as(&engine, &caller, "Win32_Process", "Create", line()).unwrap();
        assert_eq!(code(&output), 3, "{user}");
        assert_eq!(output.get("ProcessId"), Some(&Value::Null));
    }
}

#[test]
fn a_caller_becomes_its_user_and_no_more() {
    if !std::fs::read_to_string("/proc/self/status").unwrap().contains("Uid:\t0\t0") {
        eprintln!("SKIPPED: only root can become others");
        return;
    }
    let control = Control { processes: Some(RunAs::Caller), services: None };
    let engine = engine(Machine::this(), control);
    let folder = folder("user");
    std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).unwrap();
    let nobody = Identity::new(AuthType::Ntlm, "HOUSE", "nobody");
    let line = "sh -c '{ id -un; id -G | wc -w; echo end; } > out'";
    let values =
        vec![("CommandLine", line.into()), ("CurrentDirectory", folder.to_str().unwrap().into())];
    let output = call_as(&engine, &nobody, "Win32_Process", "Create", values).unwrap();
    assert_eq!(code(&output), 0);
    assert_eq!(
        read(&folder.join("out")).split_whitespace().collect::<Vec<_>>(),
        ["nobody", "1", "end"]
    );
    // Nobody may not end what belongs to root.
    let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    let path = format!("Win32_Process.Handle=\"{}\"", child.id());
    let output = call_as(&engine, &nobody, &path, "Terminate", vec![]).unwrap();
    assert_eq!(code(&output), 2);
    assert!(child.try_wait().unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn nothing_is_changed_unless_it_is_switched_on() {
    let engine = engine(Machine::this(), Control::default());
    let caller = Identity::new(AuthType::Ntlm, "HOUSE", "root");
    let own = format!("Win32_Process.Handle=\"{}\"", std::process::id());
    let line = vec![("CommandLine", "true".into())];
    for (path, method, values) in
        [("Win32_Process", "Create", line), (own.as_str(), "Terminate", vec![])]
    {
        let refused = call_as(&engine, &caller, path, method, values);
        assert_eq!(refused, Err(WbemStatus::E_METHOD_DISABLED), "{method}");
    }
    assert_eq!(code(&call(&engine, &own, "GetOwner", vec![])), 0);
}

/// What both sides must agree on.
fn facts(class: &Class, method: &str) -> Vec<String> {
    let method = class.method(method).unwrap();
    let is = |name| method.qualifiers.is_true(name);
    let mut facts = vec![format!("{} {} {}", method.name, is("static"), is("implemented"))];
    for parameters in [&method.input, &method.output] {
        let properties = parameters.iter().flat_map(|class| class.properties());
        facts.extend(properties.map(|p: &Property| {
            let qualifiers = ["ID", "in", "out", "CIMTYPE"].map(|name| p.qualifiers.value(name));
            format!("{} {} {:?} {qualifiers:?}", p.name, p.value_type, p.default)
        }));
    }
    facts
}

#[test]
fn the_methods_of_processes_are_those_of_windows() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/captures/wmio/class_Win32_Process.bin"
    );
    let Ok(recorded) = std::fs::read(path) else {
        eprintln!("SKIPPED: the recorded Win32_Process is not at hand");
        return;
    };
    let recorded = Unit::decode(&recorded).unwrap();
    let engine = engine(Machine::this(), ON);
    let namespace = engine.namespace(r"root\cimv2").unwrap();
    let own = namespace.class("Win32_Process").unwrap();
    assert_eq!(own.methods().len(), 3);
    for method in ["Create", "Terminate", "GetOwner"] {
        assert_eq!(facts(own, method), facts(recorded.class(), method));
    }
}

#[derive(Debug)]
struct NoKernel;

impl Kernel for NoKernel {
    fn now(&self) -> std::time::SystemTime {
        std::time::UNIX_EPOCH
    }
    fn addresses(&self) -> Vec<Address> {
        Vec::new()
    }
    fn space(&self, _: &Path) -> Option<Space> {
        None
    }
    fn architecture(&self) -> String {
        "x86_64".into()
    }
    fn ticks_per_second(&self) -> u64 {
        100
    }
    fn page_size(&self) -> u64 {
        4096
    }
}

#[test]
fn services_are_started_by_systemctl() {
    let root = folder("service");
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    };
    std::fs::create_dir_all(root.join("run/systemd/system")).unwrap();
    write("usr/lib/systemd/system/lamp.service", "[Service]\nExecStart=/bin/lamp\n");
    write("etc/passwd", "");
    let engine = engine(Machine::new(&root, Arc::new(NoKernel)), ON);
    let lamp = "Win32_Service.Name=\"lamp\"";
    assert_eq!(code(&call(&engine, lamp, "StartService", vec![])), 1, "there is no systemctl");
    let out = root.join("out");
    for (script, expected) in [
        ("exit 0", 0),
        ("echo 'Failed to start lamp.service: Access denied' >&2; exit 4", 2),
        ("exit 1", 8),
    ] {
        let log = format!("#!/bin/sh\necho \"$@\" > {}\n{script}\n", out.display());
        write("usr/bin/systemctl", &log);
        assert_eq!(code(&call(&engine, lamp, "StartService", vec![])), expected, "{script}");
        let words = std::fs::read_to_string(&out).unwrap();
        assert_eq!(words, "--no-ask-password --quiet start -- lamp.service\n");
    }
    assert_eq!(code(&call(&engine, lamp, "StopService", vec![])), 6, "it does not run");
    let caller = Identity::new(AuthType::Ntlm, "HOUSE", "alice");
    let other = call_as(&engine, &caller, "Win32_Service.Name=\"no\"", "StartService", vec![]);
    assert_eq!(other, Err(WbemStatus::E_NOT_FOUND));
    std::fs::remove_dir_all(root).unwrap();
}
