#!/usr/bin/env python3
"""krb5.conf as libkrb5 reads it, against our reader: by hand, and at random.

Usage: kerberos_config.py SHOW FOLDER, where SHOW is the example of that name and FOLDER may be written to. KRB5_CONFIG
must name a configuration with a section [domain_realm].

Left out, since MIT Kerberos itself differs between releases: '*' where it makes something final within one file.
"""

import ctypes
import json
import os
import random
import subprocess
import sys

krb5 = ctypes.CDLL("libkrb5.so.3")


def listed(function, profile, path):
    names = (ctypes.c_char_p * (len(path) + 1))(*path, None)
    found = ctypes.POINTER(ctypes.c_char_p)()
    if function(profile, names, ctypes.byref(found)):
        return []
    values = []
    while found[len(values)] is not None:
        values.append(found[len(values)])
    krb5.profile_free_list(found)
    return values


def section(profile, path):
    """All that is below a path, as our example prints it."""
    inner = dict.fromkeys(listed(krb5.profile_get_subsection_names, profile, path))
    keys = listed(krb5.profile_get_relation_names, profile, path) if path else []
    return {
        "relations": {key.decode(): [value.decode() for value in listed(krb5.profile_get_values, profile, path + [key])]
                      for key in keys},
        "sections": {name.decode(): section(profile, path + [name]) for name in inner},
    }


def theirs(path):
    profile = ctypes.c_void_p()
    status = krb5.profile_init_path(os.fsencode(path), ctypes.byref(profile))
    if status:
        return None
    found = section(profile, [])
    krb5.profile_release(profile)
    return found


def run(show, *arguments):
    return subprocess.run([show, *arguments], stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout.splitlines()


def ours(show, paths):
    for line in run(show, "config", *paths):
        found = json.loads(line)
        yield None if "error" in found else found


PARTS = """[libdefaults]
[realms]
[a b]
 [realms]
[realms] 
[realms
[realms]x
\tkey = value
key=value
key = value with spaces \t
key = "quoted \\"text\\" \\n\\t\\b\\\\" and more
key = "open
key = ""
key =
key = {
  other = {
{
  { x
}
 } # the end
# remark
  ; remark
key
key word = value
= value
key == value
key = a = b
key = # no remark
EXAMPLE.COM = {
kdc = kdc.example.com:88
kdc = kdc2.example.com
 
include FOLDER/included
includedir FOLDER/directory
include FOLDER/missing
 include FOLDER/included
includes = 1""".split("\n")


def configurations(folder):
    os.mkdir(os.path.join(folder, "directory"))
    for name in ("included", "directory/b", "directory/a-1_x", "directory/c.conf", "directory/.hidden.conf",
                 "directory/old~", "directory/d.rpmsave", "directory/e.conf.bak"):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(f"[realms]\nfrom = {name}\nEXAMPLE.COM = {{\nkdc = {name}\n}}\n[only {name}]\nx = 1\n")
    parts = [part.replace("FOLDER", folder) for part in PARTS]
    for first in parts:
        yield [first]
        yield ["[libdefaults]", first]
        yield ["[libdefaults]", first, "key = behind", "}", "last = 1"]
        for second in parts:
            yield ["[realms]", "EXAMPLE.COM = {", first, second, "behind = 1", "}", "last = 1"]
    generator = random.Random(4)
    for _ in range(3000):
        yield ["[start]"] + generator.choices(parts, k=generator.randrange(2, 12))


def lists(folder):
    """Several files, of which the first makes something final, or is missing, or is a directory."""
    second = "[s]\nkey = second\nsub = {\nkey = second\nother = second\n}\n[t]\nkey = second\n"
    firsts = ["[s]\nkey = first\nsub = {\nkey = first\n}\n", "[s]*\nkey = first\n", "[s]\nsub* = {\nkey = first\n}\n",
              "[s]\nsub = {\nkey = first\n}*\n", "[s]\nsub = {\nkey = first\n}\n[t]*\n", "[s]\nkey = open\nsub = {\n"]
    with open(os.path.join(folder, "second"), "w", encoding="utf-8") as file:
        file.write(second)
    for number, first in enumerate(firsts):
        path = os.path.join(folder, f"first{number}")
        with open(path, "w", encoding="utf-8") as file:
            file.write(first)
        yield f"{path}:{folder}/second"
        yield f"{folder}/second:{path}:{folder}/missing"
    yield f"{folder}/missing:{folder}/second"
    yield f"{folder}/directory:{folder}/second:{folder}/directory"


def compare_profiles(show, folder):
    ends = ["\n", "\r\n"]
    paths, failed, accepted = [], 0, 0
    for number, lines in enumerate(configurations(folder)):
        path = os.path.join(folder, f"{number}.conf")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(ends[number % 5 == 4].join(lines) + "\n" * (number % 2))
        paths.append(path)
    paths += lists(folder)
    for path, found in zip(paths, (found for at in range(0, len(paths), 500) for found in ours(show, paths[at:at + 500])),
                           strict=True):
        expected = theirs(path)
        accepted += expected is not None
        if found != expected:
            failed += 1
            if failed <= 5:
                print("FAILED:", path)
                for part in path.split(":"):
                    subprocess.run(["head", "-n", "100", "--", part])
                print("libkrb5 reads", json.dumps(expected, sort_keys=True))
                print("we read      ", json.dumps(found, sort_keys=True))
    print(f"{len(paths)} configurations, {accepted} of them good, read alike" if not failed else f"{failed} FAILED")
    return not failed


def compare_seconds(show):
    """Spans of time, which have no space at their end where they come from krb5.conf."""
    generator = random.Random(5)
    texts = ["3600", "10h", "1d 12h", "1d12h30m15s", "8:00:00", "8:00", "1-2:3:4", "-5m", "2147483647", "2147483648"]
    for _ in range(3000):
        texts.append("".join(generator.choices("0123456789dhms:- ", k=generator.randrange(1, 9))))
    failed = 0
    for text, found in zip(texts, run(show, "seconds", *texts), strict=True):
        seconds = ctypes.c_int32()
        status = krb5.krb5_string_to_deltat(text.rstrip().encode(), ctypes.byref(seconds))
        expected = "none" if status else str(seconds.value)
        if found != expected:
            failed += 1
            print(f"FAILED: '{text}' is {expected} to libkrb5 and {found} to us")
    print(f"{len(texts)} spans of time read alike" if not failed else f"{failed} FAILED")
    return not failed


def compare_realms(show):
    hosts = ["server.example.com", "www.example.com", "a.b.example.com", "example.com", "WWW.Example.COM.", "example.net",
             "x.example.net", "sub.example.net", "y.sub.example.net", "other.org", "192.0.2.1", "2001:db8::1", "com", ""]
    context = ctypes.c_void_p()
    assert krb5.krb5_init_context(ctypes.byref(context)) == 0
    failed = 0
    for host, found in zip(hosts, run(show, "realm", *hosts), strict=True):
        realms = ctypes.POINTER(ctypes.c_char_p)()
        status = krb5.krb5_get_host_realm(context, host.encode(), ctypes.byref(realms))
        expected = "" if status else realms[0].decode()
        if found != expected:
            failed += 1
            print(f"FAILED: {host} is in '{expected}' to libkrb5 and in '{found}' to us")
    print(f"realms of {len(hosts)} hosts found alike" if not failed else f"{failed} FAILED")
    return not failed


def main():
    show, folder = sys.argv[1:]
    folder = os.path.join(folder, "configurations")
    os.mkdir(folder)
    for function in (krb5.profile_get_values, krb5.profile_get_subsection_names, krb5.profile_get_relation_names):
        function.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_void_p]
    krb5.profile_init_path.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    krb5.krb5_get_host_realm.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    alike = [compare_profiles(show, folder), compare_seconds(show), compare_realms(show)]
    sys.exit(not all(alike))


if __name__ == "__main__":
    main()
