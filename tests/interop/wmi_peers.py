#!/usr/bin/env python3
"""Independent WMI clients against `winreach serve`.

impacket (its library and its wmiquery.py) and aiowmi log on to the embedded server with NTLM, ask the queries below and
must read the rows that our own client reads; a wrong password and an unknown user must be refused to all of them.
Usage: wmi_peers.py WINREACH_BINARY. Exit status 0 when all of it holds. Needs port 135 on 127.0.0.11, so root.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile

HOST = "127.0.0.11"
USER = "reader"
PASSWORD = "Correct-Horse-9"

# impacket cannot decode real32/real64 and takes uint32 4294967295 for null; the queries keep to what it can.
QUERIES = [
    "SELECT Caption, Version, OSType, NumberOfProcesses, LocalDateTime FROM Win32_OperatingSystem",
    "SELECT Name, ProcessId, ParentProcessId, CommandLine FROM Win32_Process WHERE ProcessId = 1",
    "SELECT Name, Domain, Manufacturer, TotalPhysicalMemory FROM Win32_ComputerSystem",
    "SELECT Name, NumberOfCores, AddressWidth FROM Win32_Processor",
    "SELECT DeviceID, FileSystem, Size FROM Win32_LogicalDisk",
    "SELECT Name, SID, LocalAccount FROM Win32_UserAccount WHERE Name LIKE 'r%'",
    "SELECT Description, IPAddress, IPEnabled FROM Win32_NetworkAdapterConfiguration",
    "SELECT Bias, StandardName FROM Win32_TimeZone",
]
# What changes between two questions is compared for its presence alone.
VOLATILE = {"LocalDateTime", "NumberOfProcesses"}

failures = []


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    if not ok:
        failures.append(what)


def ours(binary, query, extra=(), password=PASSWORD, user=USER):
    """Our own client, over the network."""
    return subprocess.run(
        [binary, "query", HOST, query, "-u", user, "--password-stdin", "--format", "ndjson", "--timeout", "30s", *extra],
        input=password + "\n", capture_output=True, text=True, timeout=60)


def refuse_winreach(binary):
    for user, password, what in [(USER, "wrong", "wrong password"), ("nobody-here", PASSWORD, "unknown user")]:
        done = ours(binary, QUERIES[0], password=password, user=user)
        check(done.returncode != 0 and not done.stdout, f"winreach: {what} is refused ({done.stderr.strip()[:90]})")


def normal(name, value):
    """One spelling for what the three clients spell differently."""
    if name in VOLATILE:
        return value is not None
    if isinstance(value, list):
        return [normal(name, v) for v in value] or None
    if isinstance(value, bool) or value in ("True", "False"):
        return str(value)
    if value is None or value == "":
        return None
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def rows_equal(label, query, got, expected):
    columns = [c.strip() for c in re.match(r"SELECT (.*?) FROM", query).group(1).split(",")]
    shape = lambda rows: sorted(json.dumps([normal(c, r.get(c)) for c in columns]) for r in rows)
    same = shape(got) == shape(expected)
    if not same:
        print("  got     ", shape(got)[:3], "\n  expected", shape(expected)[:3])
    check(same and len(expected) > 0, f"{label}: {len(expected)} row(s): {query}")


# --- impacket ---------------------------------------------------------------------------------------------------------

def impacket_services(user, password):
    from impacket.dcerpc.v5.dcom import wmi
    from impacket.dcerpc.v5.dcomrt import DCOMConnection
    from impacket.dcerpc.v5.dtypes import NULL
    connection = DCOMConnection(HOST, user, password, "", "", "", "", oxidResolver=True)
    try:
        interface = connection.CoCreateInstanceEx(wmi.CLSID_WbemLevel1Login, wmi.IID_IWbemLevel1Login)
        login = wmi.IWbemLevel1Login(interface)
        services = login.NTLMLogin("//./root/cimv2", NULL, NULL)
        login.RemRelease()
        return connection, services
    except Exception:
        try:
            connection.disconnect()
        except KeyError:
            pass  # impacket trips over its own table when nothing was activated
        raise


def impacket_rows(services, query):
    enumerator = services.ExecQuery(query)
    rows = []
    while True:
        try:
            record = enumerator.Next(0xFFFFFFFF, 1)[0].getProperties()
        except Exception as error:  # S_FALSE, the end, is an exception too
            if "S_FALSE" not in str(error):
                raise
            break
        rows.append({name: item["value"] for name, item in record.items()})
    enumerator.RemRelease()
    return rows


def run_impacket(expected):
    connection, services = impacket_services(USER, PASSWORD)
    for query in QUERIES:
        rows_equal("impacket", query, impacket_rows(services, query), expected[query])
    services.RemRelease()
    connection.disconnect()


def refuse_impacket(expected):
    for user, password, what in [(USER, "wrong", "wrong password"), ("nobody-here", PASSWORD, "unknown user")]:
        try:
            impacket_services(user, password)[0].disconnect()
            check(False, f"impacket: {what} is refused")
        except Exception as error:
            text = str(error)
            check("access_denied" in text.lower() or "0x5" in text or "logon" in text.lower(),
                  f"impacket: {what} is refused ({text.splitlines()[0][:60]})")


def run_wmiquery(expected):
    """The very script that people use."""
    script = os.path.join(os.path.dirname(sys.executable), "wmiquery.py")
    query = QUERIES[1]
    with tempfile.NamedTemporaryFile("w", suffix=".wql") as commands:
        commands.write(query + ";\n")
        commands.flush()
        done = subprocess.run([sys.executable, script, f"{USER}:{PASSWORD}@{HOST}", "-file", commands.name],
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    lines = [line for line in done.stdout.splitlines() if line.strip().startswith("|")]
    wanted = expected[query][0]
    check(len(lines) == 2 and wanted["Name"] in lines[1], f"wmiquery.py prints the row of {wanted['Name']}")


# --- aiowmi -----------------------------------------------------------------------------------------------------------

async def aiowmi_rows(query, user=USER, password=PASSWORD, optimized=True):
    from aiowmi.connection import Connection
    from aiowmi.query import Query
    connection = Connection(HOST, user, password)
    await connection.connect()
    service = None
    rows = []
    try:
        service = await connection.negotiate_ntlm()
        async with Query(query).context(connection, service, skip_optimize=not optimized) as context:
            async for properties in context.results():
                rows.append({name: item.value for name, item in properties.items()})
    finally:
        if service is not None:
            service.close()
        connection.close()
    return rows


def run_aiowmi(expected):
    for optimized in (True, False):
        how = "smart enumeration" if optimized else "plain Next"
        for query in QUERIES:
            rows_equal(f"aiowmi, {how}", query, asyncio.run(aiowmi_rows(query, optimized=optimized)), expected[query])


def refuse_aiowmi(expected):
    for user, password, what in [(USER, "wrong", "wrong password"), ("nobody-here", PASSWORD, "unknown user")]:
        try:
            asyncio.run(aiowmi_rows(QUERIES[0], user, password))
            check(False, f"aiowmi: {what} is refused")
        except Exception as error:
            check(True, f"aiowmi: {what} is refused ({type(error).__name__})")


# --- the server -------------------------------------------------------------------------------------------------------

def main():
    binary = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        accounts = os.path.join(folder, "accounts")
        subprocess.run([binary, "account", "add", USER, "--password-stdin", "--accounts", accounts],
                       input=PASSWORD + "\n", text=True, check=True, timeout=30)
        server = subprocess.Popen(
            [binary, "serve", "--listen", HOST, "--port", "135", "--exporter-port", "0", "--accounts", accounts],
            stdout=subprocess.PIPE, text=True)
        try:
            print(server.stdout.readline().strip())
            expected = {}
            for query in QUERIES:
                done = ours(binary, query)
                if done.returncode != 0:
                    print(done.stderr)
                check(done.returncode == 0, f"winreach: {query}")
                expected[query] = [json.loads(line) for line in done.stdout.splitlines()]
            # Refusals come last: the server makes an address wait that failed to log on.
            refuse_ours = lambda expected: refuse_winreach(binary)
            for run in (run_impacket, run_wmiquery, run_aiowmi, refuse_ours, refuse_impacket, refuse_aiowmi):
                try:
                    run(expected)
                except Exception as error:
                    import traceback
                    traceback.print_exc()
                    check(False, f"{run.__name__}: {error}")
        finally:
            server.terminate()
            status = server.wait(timeout=20)
        check(status == 0, f"winreach serve stops cleanly on SIGTERM (status {status})")
    print(f"{len(failures)} failure(s)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
