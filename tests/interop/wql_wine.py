#!/usr/bin/env python3
"""Which WQL parses: our parser against Wine's wbemprox.

Every query below goes through `ExecQuery` of Wine, in a prefix of its own, and through the example `wql` of
winreach-cim. Wine knows few classes and answers most queries with an empty result or an error of another kind, so all
that counts is whether it says WBEM_E_INVALID_QUERY. Where the two differ, the table below says why ours is right; a
difference that is not there, or that is there and no more to be seen, is a failure.
Usage: wql_wine.py EXAMPLE_BINARY. Exit status 0 when all of it holds. Without Wine it is skipped, unless
WINREACH_REQUIRE_PEERS=1.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

INVALID_QUERY = "80041017"

# What holds of Windows by [MS-WMI] 2.2.1 and the WMI SDK, and does not of Wine.
NO_SIGN = "Wine's numbers have neither sign nor fraction; [MS-WMI] 2.2.1.1 has INT and REAL with both"
NO_ISA = "Wine has no ISA; WMI SDK, ISA Operator for Data, Event and Schema Queries"
NO_BARE_CLASS = "Wine wants quotes; [MS-WMI] 2.2.1.1 has `__CLASS` = CLASS-NAME without"
NO_ESCAPE = "Wine ends the text at the escaped quote; WMI SDK, WHERE Clause, has the escapes"
NO_SHORT_PATH = "Wine wants the name of the key; WMI SDK, Describing an Instance Object Path, has Class=value"
NO_REFERENCES = "Wine has no REFERENCES OF; [MS-WMI] 2.2.1.1"
NO_EVENTS = "Wine has no event queries; [MS-WMI] 2.2.1.2"
NO_COUNT = "Wine has no COUNT(*); the SDK's wmiutils.h has it, WMIQ_RPNF_COUNT_STAR. We bind it to no class"
LONE_BACKSLASH = "Wine keeps a lone backslash; by [MS-WMI] 2.2.1 it escapes, here before nothing to escape"
SCHEMA_STAR = "Wine takes columns of meta_class; [MS-WMI] 2.2.1.1 and the SDK allow * alone"
EMPTY_PATH = "Wine looks at the path only when it looks for the object"
NO_COLUMNS = "Wine takes no columns for all; [MS-WMI] 2.2.1.1 wants a list or *"
GLUED = "Wine ends a number where a word begins; we want a blank between"
TOO_BIG = "Wine lets the number overflow; no CIM type holds it"

P = "SELECT Name FROM Win32_Process WHERE "
A = "ASSOCIATORS OF {Win32_DiskDrive.DeviceID='a'} WHERE "

# Each with the reason of a difference, where there is one.
QUERIES = [
    # Columns
    ("SELECT * FROM Win32_Process", None),
    ("select * from win32_process", None),
    ("SELECT*FROM Win32_Process", None),
    ("SELECT Name, ProcessId FROM Win32_Process", None),
    ("SELECT Name,ProcessId FROM Win32_Process", None),
    ("SELECT __PATH FROM Win32_Process", None),
    ("SELECT __CLASS, __RELPATH, Name FROM Win32_Process", None),
    ("SELECT Owner.Name FROM Win32_Process", None),
    ("SELECT COUNT(*) FROM Win32_Process", NO_COUNT),
    ("SELECT UPPER(Name) FROM Win32_Process", None),
    ("SELECT", None),
    ("SELECT *", None),
    ("SELECT * FROM", None),
    ("SELECT FROM Win32_Process", NO_COLUMNS),
    ("SELECT Name, FROM Win32_Process", None),
    ("SELECT Name Caption FROM Win32_Process", None),
    ("SELECT *, Name FROM Win32_Process", None),
    ("SELECT TOP 5 * FROM Win32_Process", None),
    ("SELECT DISTINCT Name FROM Win32_Process", None),
    ("UPDATE Win32_Process SET Name = 'a'", None),
    ("DELETE FROM Win32_Process", None),
    # What follows the class
    ("SELECT * FROM Win32_Process, Win32_Service", None),
    ("SELECT * FROM Win32_Process p", None),
    ("SELECT * FROM Win32_Process ORDER BY Name", None),
    ("SELECT * FROM Win32_Process LIMIT 1", None),
    ("SELECT * FROM Win32_Process;", None),
    ("SELECT * FROM Win32_Process WHERE", None),
    # Comparisons
    (P + "Name = 'a'", None),
    (P + 'Name = "a"', None),
    (P + "Name = ''", None),
    (P + "Name <> 'a'", None),
    (P + "Name != 'a'", None),
    (P + "ProcessId < 5", None),
    (P + "ProcessId <= 5", None),
    (P + "ProcessId > 5", None),
    (P + "ProcessId >= 5", None),
    (P + "ProcessId = '5'", None),
    (P + "ProcessId = -5", NO_SIGN),
    (P + "ProcessId = 5.5", NO_SIGN),
    (P + "ProcessId = 0x10", None),
    (P + "ProcessId = 18446744073709551616", TOO_BIG),
    (P + "ProcessId=5AND Name='a'", GLUED),
    (P + "Name = TRUE", None),
    (P + "Name = FALSE", None),
    (P + "5 < ProcessId", None),
    (P + "'a' = Name", None),
    (P + "1 = 1", None),
    (P + "Name = Caption", None),
    (P + "ProcessId = 1 + 1", None),
    (P + "TRUE", None),
    (P + "Name", None),
    (P + "Name =", None),
    (P + "Name = a", None),
    (P + "Name == 'a'", None),
    (P + "Name = ?", None),
    (P + "Name IN ('a', 'b')", None),
    (P + "Name BETWEEN 'a' AND 'b'", None),
    (P + "Owner.Name = 'a'", None),
    (P + "Owner ISA 'Win32_Account'", NO_ISA),
    (P + "__CLASS = 'Win32_Process'", None),
    (P + "__CLASS = Win32_Process", NO_BARE_CLASS),
    # Null
    (P + "Name IS NULL", None),
    (P + "Name IS NOT NULL", None),
    (P + "Name IS 'a'", None),
    (P + "Name = NULL", None),
    (P + "Name <> NULL", None),
    (P + "NULL = Name", None),
    (P + "Name > NULL", None),
    # Texts and patterns
    (P + "Name = 'a", None),
    (P + "Name = 'it''s'", None),
    (P + r"Name = 'it\'s'", NO_ESCAPE),
    (P + r"Name = 'c:\\x'", None),
    (P + r"Name = 'c:\x'", LONE_BACKSLASH),
    (P + "Name LIKE '%a_[b-c]%'", None),
    (P + r"Name LIKE 'c:\x%'", None),
    (P + "Name NOT LIKE 'a'", None),
    # AND, OR, NOT, parentheses
    (P + "ProcessId = 5 AND Name = 'a'", None),
    (P + "ProcessId = 5 OR Name = 'a'", None),
    (P + "NOT ProcessId = 5", None),
    (P + "NOT NOT ProcessId = 5", None),
    (P + "NOT (ProcessId = 5 AND Name = 'a')", None),
    (P + "(ProcessId = 5 OR ProcessId = 6) AND Name = 'a'", None),
    (P + "((ProcessId = 5))", None),
    (P + "(Name = 'a'", None),
    (P + "Name = 'a')", None),
    (P + "Name = 'a' AND", None),
    (P + "AND Name = 'a'", None),
    # Schema queries
    ("SELECT * FROM meta_class", None),
    ("SELECT * FROM meta_class WHERE __this ISA 'Win32_Process'", NO_ISA),
    ("SELECT * FROM meta_class WHERE __CLASS = 'Win32_Process'", None),
    ("SELECT * FROM meta_class WHERE __CLASS LIKE '%Win%'", None),
    ("SELECT * FROM meta_class WHERE __SUPERCLASS IS NULL", None),
    ("SELECT __CLASS FROM meta_class", SCHEMA_STAR),
    # Associations
    ("ASSOCIATORS OF {Win32_DiskDrive.DeviceID='a'}", None),
    ('ASSOCIATORS OF {Win32_DiskDrive.DeviceID="a"}', None),
    ("ASSOCIATORS OF {Win32_DiskDrive='a'}", NO_SHORT_PATH),
    ("ASSOCIATORS OF { Win32_DiskDrive.DeviceID='a' }", None),
    ("ASSOCIATORS OF {Win32_DiskDrive}", None),
    ("ASSOCIATORS OF {Win32_DiskDrive} WHERE SchemaOnly", None),
    ("ASSOCIATORS OF {}", EMPTY_PATH),
    ("ASSOCIATORS OF Win32_DiskDrive.DeviceID='a'", None),
    ("ASSOCIATORS OF {Win32_DiskDrive.DeviceID='a'", None),
    (A, None),
    (A + "AssocClass=Win32_DiskDriveToDiskPartition", None),
    (A + "AssocClass = Win32_DiskDriveToDiskPartition", None),
    (A + "AssocClass='A'", None),
    (A + "ResultClass = Win32_DiskPartition", None),
    (A + "Role = Antecedent", None),
    (A + "ResultRole = Dependent", None),
    (A + "RequiredQualifier = Dynamic", None),
    (A + "RequiredAssocQualifier = Association", None),
    (A + "ClassDefsOnly", None),
    (A + "KeysOnly", None),
    (A + "AssocClass=A ResultClass=B", None),
    (A + "AssocClass=A AND ResultClass=B", None),
    ("REFERENCES OF {Win32_DiskDrive.DeviceID='a'}", NO_REFERENCES),
    ("REFERENCES OF {Win32_DiskDrive.DeviceID='a'} WHERE ResultClass = A", NO_REFERENCES),
    # Events
    ("SELECT * FROM Win32_ProcessStartTrace", None),
    ("SELECT * FROM __InstanceCreationEvent WITHIN 0.5", NO_EVENTS),
    ("SELECT * FROM __InstanceCreationEvent WITHIN 10 WHERE TargetInstance ISA 'Win32_Process'", NO_EVENTS),
    ("SELECT * FROM EmailEvent GROUP WITHIN 300 BY Sender HAVING NumberOfEvents > 5", NO_EVENTS),
    ("SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'A' WITHIN 10", None),
]


def wine(queries):
    """The statuses in hexadecimal that Wine's ExecQuery answers, one a query."""
    lines = ["On Error Resume Next", r'Set services = GetObject("winmgmts:\\.\root\cimv2")']
    for query in queries:
        quoted = query.replace('"', '""')
        lines += ["Err.Clear", f'Set rows = services.ExecQuery("{quoted}")', "WScript.Echo Hex(Err.Number)"]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "queries.vbs"), "w", newline="\r\n") as file:
            file.write("\n".join(lines))
        environment = {**os.environ, "WINEPREFIX": os.path.join(folder, "prefix"), "WINEDEBUG": "-all"}
        environment.pop("DISPLAY", None)
        try:
            done = subprocess.run(["wine", "cscript", "//nologo", "queries.vbs"], cwd=folder, env=environment,
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=300)
        finally:
            # Ends the processes of this prefix alone.
            subprocess.run(["wineserver", "-k", "-w"], env=environment, stderr=subprocess.DEVNULL, timeout=60)
    statuses = done.stdout.split()
    if len(statuses) != len(queries):
        sys.exit(f"FAILED: Wine gave {len(statuses)} answers to {len(queries)} queries: {done.stdout[:200]!r}")
    return statuses


def ours(binary, queries):
    text = "\n".join(queries) + "\n"
    done = subprocess.run([binary], input=text, stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    if not shutil.which("wine") or not shutil.which("wineserver"):
        required = os.environ.get("WINREACH_REQUIRE_PEERS") == "1"
        print(f"{'FAILED' if required else 'SKIPPED'}: there is no Wine")
        sys.exit(required)
    queries = [query for query, _ in QUERIES]
    failures = differences = 0
    for (query, reason), status, verdict in zip(QUERIES, wine(queries), ours(sys.argv[1], queries), strict=True):
        theirs, own = status != INVALID_QUERY, "error" not in verdict
        differs = theirs != own
        differences += differs
        words = {True: "read", False: "refuse"}
        note = f"we {words[own]} it, Wine {words[theirs]}s it"
        if differs != (reason is not None):
            failures += 1
            print(f"FAILED  {query}: {note}; {verdict.get('error', 'a difference is expected: ' + str(reason))}")
        elif differs:
            print(f"differs {query}: {note}. {reason}")
        else:
            print(f"ok      {query}: both {words[own]} it")
    print(f"{len(QUERIES)} queries, {differences} explained differences, {failures} failures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
