//! Services of systemd and of System V init.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::assert_values;
use crate::fixture::{Tree, equal, query};

fn names(tree: &Tree) -> Vec<String> {
    let name = |s: &winreach_cim::Instance| s.get("Name").unwrap().as_str().unwrap().to_owned();
    tree.all("Win32_Service").iter().map(name).collect()
}

fn service(tree: &Tree, name: &str) -> winreach_cim::Instance {
    let found = query(&tree.machine(), "Win32_Service", &equal("Name", name)).unwrap();
    let [service] = found.try_into().expect("one service");
    service
}

fn systemd() -> Tree {
    let lib = "/usr/lib/systemd/system";
    let etc = "/etc/systemd/system";
    Tree::new()
        .directory("/run/systemd/system")
        .file(
            &format!("{lib}/web.service"),
            "[Unit]\nDescription=A web server\n[Service]\nExecStart=-/usr/bin/old\nUser=www\n\
             ExecStart=\nExecStart=@!/usr/sbin/web \\\n  --port 80\n# c\n[Install]\n",
        )
        .file(&format!("{etc}/web.service.d/x.conf"), "[Service]\nUser=web\n")
        .link(
            &format!("{etc}/multi-user.target.wants/web.service"),
            "/usr/lib/systemd/system/web.service",
        )
        .link("/run/systemd/units/invocation:web.service", "0123")
        .file("/sys/fs/cgroup/system.slice/web.service/cgroup.procs", "30\n31\n")
        .file("/sys/fs/cgroup/system.slice/web.service/worker/cgroup.procs", "20\n")
        .file("/proc/20/status", "PPid:\t30\n")
        .file("/proc/30/status", "PPid:\t1\n")
        .file("/proc/31/status", "PPid:\t30\n")
        .file(
            &format!("{lib}/getty@.service"),
            "[Unit]\nDescription=Getty on %I\n[Service]\nExecStart=/sbin/getty %i\n",
        )
        .link(
            &format!("{etc}/getty.target.wants/getty@tty1.service"),
            "/usr/lib/systemd/system/getty@.service",
        )
        .file(&format!("{lib}/off.service"), "[Unit]\nRefuseManualStop=yes\n")
        .link(&format!("{etc}/masked.service"), "/dev/null")
        .file(&format!("{lib}/masked.service"), "[Service]\nExecStart=/bin/x\n")
        .link(&format!("{etc}/alias.service"), "/usr/lib/systemd/system/web.service")
        .file(&format!("{lib}/once.service"), "[Service]\nType=oneshot\n")
        .link("/run/systemd/units/invocation:once.service", "4567")
        .file(&format!("{lib}/shadow.timer"), "")
}

#[test]
fn units() {
    let tree = systemd();
    assert_eq!(names(&tree), ["getty@tty1", "masked", "off", "once", "web"]);
    assert_values!(service(&tree, "WEB"), {
        DisplayName: "A web server", Caption: "A web server", PathName: "/usr/sbin/web --port 80",
        StartName: "web", StartMode: "Auto", State: "Running", Started: true, Status: "OK",
        ProcessId: 30_u32, AcceptStop: true, AcceptPause: false, ServiceType: "Own Process",
        SystemName: "alpha", ExitCode: (), TagId: (),
    });
    assert_values!(service(&tree, "getty@tty1"), {
        DisplayName: "Getty on tty1", PathName: "/sbin/getty tty1", StartMode: "Auto",
        State: "Stopped", Started: false, ProcessId: 0_u32, Status: (), StartName: "root",
    });
    assert_values!(service(&tree, "masked"), { StartMode: "Disabled", PathName: () });
    assert_values!(service(&tree, "off"), { StartMode: "Manual", DisplayName: "off" });
    assert_values!(service(&tree, "once"), { State: "Running", ProcessId: 0_u32 });
}

#[test]
fn groups_of_version_1_and_pid_files() {
    let tree = systemd()
        .file("/usr/lib/systemd/system/db.service", "[Service]\nPIDFile=/run/db.pid\n")
        .file("/run/db.pid", "41\n")
        .file("/sys/fs/cgroup/systemd/system.slice/a.slice/db.service/cgroup.procs", "40\n41\n");
    assert_values!(service(&tree, "db"), { State: "Running", ProcessId: 41_u32 });
}

fn script(tree: Tree, name: &str, text: &str) -> Tree {
    let path = format!("/etc/init.d/{name}");
    let tree = tree.file(&path, text);
    fs::set_permissions(tree.path(&path), fs::Permissions::from_mode(0o755)).unwrap();
    tree
}

#[test]
fn scripts() {
    let header = "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: x\n# Short-Description: Short text\n\
                  # Description: Longer\n#   text\n### END INIT INFO\n";
    let tree = Tree::new()
        .file("/etc/init.d/README", "### BEGIN INIT INFO")
        .link("/etc/rc3.d/S01cron", "../init.d/cron")
        .link("/etc/rc6.d/K01dbus", "../init.d/dbus")
        .file("/run/ssh.pid", "77 \n")
        .file("/proc/77/stat", "77 (sshd) S")
        .file("/run/gone.pid", "78\n")
        .link("/proc/1/exe", "/sbin/init")
        .link("/proc/90/exe", "/usr/sbin/cron")
        .link("/proc/88/exe", "/usr/sbin/cron");
    let tree = script(tree, "cron", &format!("{header}DAEMON=/usr/sbin/cron\n"));
    let tree = script(tree, "dbus", &format!("{header}DAEMON=\"/usr/bin/dbus-daemon\"\n"));
    let tree = script(tree, "gone", &format!("{header}DAEMON=$WHERE/gone\n"));
    let tree = script(tree, "ssh", header);
    let tree = script(tree, "helper", "#!/bin/sh\n");
    assert_eq!(names(&tree), ["cron", "dbus", "gone", "ssh"]);
    assert_values!(service(&tree, "cron"), {
        DisplayName: "Short text", Description: "Longer text", PathName: "/usr/sbin/cron",
        StartMode: "Auto", State: "Running", ProcessId: 88_u32, StartName: (),
    });
    assert_values!(service(&tree, "dbus"), {
        StartMode: "Manual", State: "Stopped", Started: false, ProcessId: 0_u32,
    });
    // Neither a living process nor the program is known.
    assert_values!(service(&tree, "gone"), {
        State: "Unknown", Started: (), ProcessId: (), AcceptStop: (), PathName: "/etc/init.d/gone",
    });
    assert_values!(service(&tree, "ssh"), { State: "Running", ProcessId: 77_u32 });
}

#[test]
fn those_who_cannot_see_other_programs_do_not_say_stopped() {
    let text = "### BEGIN INIT INFO\nDAEMON=/usr/bin/x\n";
    let tree = script(Tree::new(), "x", text);
    assert_values!(service(&tree, "x"), { State: "Unknown" });
}
