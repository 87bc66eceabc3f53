#!/usr/bin/env python3
"""Methods of `winreach serve`, called by impacket.

impacket calls StdRegProv and Win32_Process through its object API (GetObject, SpawnInstance, ExecMethod); what comes out must
equal what our own client gets from the same calls, and what is switched off must be refused to it.
Usage: methods_impacket.py WINREACH_BINARY. Exit status 0 when all of it holds. Needs port 135 on 127.0.0.12, so root.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

from impacket.dcerpc.v5.dcom import wmi
from impacket.dcerpc.v5.dcomrt import DCOMConnection
from impacket.dcerpc.v5.dtypes import NULL

HOST = "127.0.0.12"
PASSWORD = "Correct-Horse-9"
LOCAL_MACHINE = 0x80000002
KEY = "SOFTWARE\\Contoso"

failures = []


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    if not ok:
        failures.append(what)


class Impacket:
    """One namespace of the server."""

    def __init__(self, user, namespace):
        self.connection = DCOMConnection(HOST, user, PASSWORD, "", "", "", "", oxidResolver=True)
        interface = self.connection.CoCreateInstanceEx(wmi.CLSID_WbemLevel1Login, wmi.IID_IWbemLevel1Login)
        login = wmi.IWbemLevel1Login(interface)
        self.services = login.NTLMLogin(namespace, NULL, NULL)
        login.RemRelease()

    def call(self, name, method, *values):
        """The out parameters of a static method."""
        made, _ = self.services.GetObject(name)
        output = getattr(made, method)(*values)
        return {name: item["value"] for name, item in output.getProperties().items()}

    def close(self):
        self.services.RemRelease()
        self.connection.disconnect()


def ours(binary, user, namespace, path, method, *values):
    """The same by our own client, over the network."""
    words = ["call", HOST, path, method, *values, "-n", namespace, "-u", user]
    done = subprocess.run([binary, *words, "--password-stdin", "--format", "ndjson", "--timeout", "30s"],
                          input=PASSWORD + "\n", capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout) if done.stdout else {}, done


def registry(binary):
    client = Impacket("root", "//./root/default")
    place = [LOCAL_MACHINE, KEY]
    check(client.call("StdRegProv", "CreateKey", *place)["ReturnValue"] == 0, "impacket makes a key")
    check(client.call("StdRegProv", "SetStringValue", *place, "Path", "C:\\Contoso")["ReturnValue"] == 0,
          "impacket sets a text")
    check(client.call("StdRegProv", "SetDWORDValue", *place, "Count", 42)["ReturnValue"] == 0, "impacket sets a number")
    for method, values, words in [
        ("GetStringValue", [*place, "Path"], [f"sSubKeyName={KEY}", "sValueName=Path"]),
        ("GetDWORDValue", [*place, "Count"], [f"sSubKeyName={KEY}", "sValueName=Count"]),
        ("GetStringValue", [*place, "None"], [f"sSubKeyName={KEY}", "sValueName=None"]),
        ("EnumKey", [LOCAL_MACHINE, "SOFTWARE"], ["sSubKeyName=SOFTWARE"]),
        ("EnumValues", place, [f"sSubKeyName={KEY}"]),
        ("CheckAccess", [*place, 3], [f"sSubKeyName={KEY}", "uRequired=3"]),
    ]:
        theirs = client.call("StdRegProv", method, *values)
        own, done = ours(binary, "root", "root\\default", "StdRegProv", method, *words)
        same = set(theirs) == set(own) and all(str(theirs[name]) == str(own[name]) for name in own)
        if not same:
            print("  impacket", theirs, "\n  winreach", own, done.stderr)
        check(same, f"{method}: {own}")
    own, _ = ours(binary, "root", "root\\default", "StdRegProv", "GetStringValue", f"sSubKeyName={KEY}", "sValueName=Path")
    check(own.get("sValue") == "C:\\Contoso", "winreach reads the text that impacket set")
    client.close()


def processes(binary, folder):
    client = Impacket("root", "//./root/cimv2")
    out = os.path.join(folder, "out")
    done = client.call("Win32_Process", "Create", f"sh -c 'id -un > {out}; exec sleep 600'", folder, None)
    check(done["ReturnValue"] == 0 and done["ProcessId"] > 0, f"impacket starts a process: {done}")
    for _ in range(500):
        if os.path.exists(out) and open(out).read():
            break
        time.sleep(0.01)
    check(open(out).read() == "root\n", "as the user of its account")
    path = f'Win32_Process.Handle="{done["ProcessId"]}"'
    owner, _ = ours(binary, "root", "root\\cimv2", path, "GetOwner")
    check(owner.get("User") == "root", f"winreach asks for its owner: {owner}")
    own, ended = ours(binary, "root", "root\\cimv2", path, "Terminate", "--yes")
    check(ended.returncode == 0 and own == {"ReturnValue": 0}, "winreach ends it")
    missing = client.call("Win32_Process", "Create", "/nothing/here", "/", None)
    own, done = ours(binary, "root", "root\\cimv2", "Win32_Process", "Create", "CommandLine=/nothing/here")
    check(missing["ReturnValue"] == own["ReturnValue"] == 9 and done.returncode == 1, "both are told what is not there")
    client.close()


def refusals(binary):
    client = Impacket("root", "//./root/cimv2")
    try:
        # What SpawnInstance makes passes over errors; this does not.
        client.services.ExecMethod("Win32_Process", "Create")
        check(False, "Create is off unless it is switched on")
    except Exception as error:
        text = str(error).upper()
        check("80041056" in text or "METHOD_DISABLED" in text, f"impacket is told that Create is off: {text[:90]}")
    client.close()
    _, done = ours(binary, "root", "root\\cimv2", "Win32_Process", "Create", "CommandLine=true")
    check(done.returncode == 1 and "is disabled on this server" in done.stderr, f"winreach too: {done.stderr[:200]}")
    _, done = ours(binary, "root", "root\\cimv2", "Win32_Process", "Create", "Command=true")
    check(done.returncode == 1 and "uint32 Create(" in done.stderr, "a wrong argument is answered with the signature")


class Server:
    def __init__(self, binary, folder, *options):
        accounts = os.path.join(folder, "accounts")
        if not os.path.exists(accounts):
            subprocess.run([binary, "account", "add", "root", "--password-stdin", "--accounts", accounts],
                           input=PASSWORD + "\n", text=True, check=True)
        words = ["serve", "--listen", HOST, "--exporter-port", "0", "--accounts", accounts,
                 "--registry", os.path.join(folder, "registry"), *options]
        self.process = subprocess.Popen([binary, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert "ready" in self.process.stdout.readline()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=30)


def main():
    binary = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        with Server(binary, folder, "--allow-processes"):
            registry(binary)
            processes(binary, folder)
        with Server(binary, folder):
            refusals(binary)
    print(f"{len(failures)} failure(s)" if failures else "all as it should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
