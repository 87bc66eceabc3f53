#!/usr/bin/env python3
"""The registry file against Wine's registry editor.

What our client writes through StdRegProv, Wine imports and shows the same; what Wine exports, our server serves.
Usage: registry_wine.py WINREACH_BINARY. Exit status 0 when all of it holds; without Wine a visible skip.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

KEY = "SOFTWARE\\Contoso"
VALUES = [
    ("SetStringValue", "text", "sValue=quoted \"x\" C:\\dir", "GetStringValue"),
    ("SetExpandedStringValue", "expand", "sValue=a%NoSuchName%b", "GetExpandedStringValue"),
    ("SetMultiStringValue", "list", "sValue=[\"a\", \"b c\"]", "GetMultiStringValue"),
    ("SetBinaryValue", "bytes", "uValue=1,2,255", "GetBinaryValue"),
    ("SetDWORDValue", "number", "uValue=0xdeadbeef", "GetDWORDValue"),
    ("SetQWORDValue", "big", "uValue=0x0123456789abcdef", "GetQWORDValue"),
    ("SetStringValue", "", "sValue=the default", "GetStringValue"),
]

failures = []


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    if not ok:
        failures.append(what)


def ours(binary, home, method, *words):
    done = subprocess.run([binary, "call", "StdRegProv", method, f"sSubKeyName={KEY}", *words, "--format", "ndjson"],
                          env={**os.environ, "XDG_CONFIG_HOME": home}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def wine(prefix, *words):
    env = {**os.environ, "WINEPREFIX": prefix, "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
    return subprocess.run(["wine", *words], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)


def main():
    binary = os.path.abspath(sys.argv[1])
    if not shutil.which("wine"):
        print("SKIPPED: there is no Wine")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        home, prefix = os.path.join(folder, "home"), os.path.join(folder, "prefix")
        check(ours(binary, home, "CreateKey") == {"ReturnValue": 0}, "a key is made")
        for method, name, value, _ in VALUES:
            done = ours(binary, home, method, f"sValueName={name}", value)
            check(done == {"ReturnValue": 0}, f"{method} {name!r}")
        registry = os.path.join(home, "winreach", "registry")
        done = wine(prefix, "regedit", "/S", registry)
        check(done.returncode == 0, "Wine imports the file")
        exported = os.path.join(folder, "exported.reg")
        done = wine(prefix, "reg", "export", "HKLM\\" + KEY, exported, "/y")
        check(os.path.exists(exported), f"Wine exports the key {done.stderr.strip()[-90:]}")
        expected = {name: ours(binary, home, get, f"sValueName={name}") for _, name, _, get in VALUES}
        names = ours(binary, home, "EnumValues")
        other = os.path.join(folder, "other")
        os.makedirs(os.path.join(other, "winreach"))
        shutil.copy(exported, os.path.join(other, "winreach", "registry"))
        for _, name, _, get in VALUES:
            found = ours(binary, other, get, f"sValueName={name}")
            check(found == expected[name] and found["ReturnValue"] == 0, f"{get} {name!r} after Wine: {found}")
        check(ours(binary, other, "EnumValues") == names, f"EnumValues after Wine: {names}")
        wine(prefix, "wineboot", "--kill")
    print(f"{len(failures)} failure(s)" if failures else "all as it should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
