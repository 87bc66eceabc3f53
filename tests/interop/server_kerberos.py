#!/usr/bin/env python3
"""`winreach serve --keytab` against tickets of MIT Kerberos and of Samba, and clients that nobody here wrote.

Usage: server_kerberos.py WINREACH_BINARY MIT_DIR SAMBA_DIR; the two as mit_kdc.sh and samba.sh have started them.
MIT's and Samba's kinit get the tickets; `winreach query` shows them, then impacket and aiowmi, which speak Kerberos
within SPNEGO. Exit status 0 when all of it holds. Needs port 135 on 127.0.0.12, so root.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time

HOST = "127.0.0.12"
QUERY = "SELECT Name, ProcessId FROM Win32_Process WHERE ProcessId = 1"

failures = []


def check(ok, what):
    print(("ok      " if ok else "FAILED  ") + what, flush=True)
    if not ok:
        failures.append(what)


class Realm:
    """A KDC that runs, and a service whose keys are in a keytab."""

    def __init__(self, folder, name, service, keytab):
        self.folder, self.name, self.service = folder, name, service
        self.keytab = os.path.join(folder, keytab)
        self.config = os.path.join(folder, "krb5.conf")

    def password(self, user):
        with open(os.path.join(self.folder, user + ".password"), encoding="utf-8") as file:
            return file.read()

    def environment(self, scratch, user):
        return dict(os.environ, KRB5_CONFIG=self.config, KRB5CCNAME=f"FILE:{scratch}/ccache-{self.name}-{user}")

    def log_in(self, scratch, user):
        """The environment in which `user` has a ticket-granting ticket."""
        environment = self.environment(scratch, user)
        subprocess.run(["kinit", f"{user}@{self.name}"], input=self.password(user), text=True, check=True, timeout=60,
                       env=environment, stdout=subprocess.DEVNULL)
        return environment


class Server:
    """`winreach serve` with some callers on its list."""

    def __init__(self, binary, scratch, realm, callers, extra=()):
        self.scratch = tempfile.mkdtemp(dir=scratch)
        accounts = os.path.join(self.scratch, "accounts")
        for arguments in callers:
            subprocess.run([binary, "account", "add", *arguments, "--accounts", accounts], check=True, timeout=30)
        self.log = os.path.join(self.scratch, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [binary, "serve", "--listen", HOST, "--port", "135", "--exporter-port", "0", "--accounts", accounts,
                 "--keytab", realm.keytab, *extra],
                stdout=subprocess.PIPE, stderr=log, text=True)
        check(self.process.stdout.readline().startswith(f"winreach: ready, resolver {HOST}:135"), "the server is ready")

    def said(self, text):
        with open(self.log, encoding="utf-8") as log:
            return text in log.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        check(self.process.wait(timeout=20) == 0, "the server stops cleanly")


def query(binary, realm, environment, extra=()):
    return subprocess.run(
        [binary, "query", HOST, QUERY, "--spn", realm.service, "--format", "ndjson", "--timeout", "30s", *extra],
        capture_output=True, text=True, timeout=60, env=environment, stdin=subprocess.DEVNULL)


def let_in(binary, server, realm, environment, principal, what, extra=()):
    done = query(binary, realm, environment, extra)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    check(done.returncode == 0 and len(rows) == 1 and rows[0]["ProcessId"] == 1, f"{what} {done.stderr.strip()[:200]}")
    check(server.said(f'logged on account="{principal}" mechanism=Kerberos'), f"the log names {principal}")


def kept_out(binary, server, realm, environment, principal, what):
    done = query(binary, realm, environment)
    check(done.returncode == 1 and not done.stdout, f"{what} ({done.stderr.strip().splitlines()[0][:100]})")
    check(server.said(f'logon denied: \\"{principal}\\" may not log on here'), f"the log names {principal}")


def own_client(binary, scratch, realm, callers, label):
    alice, bob = (realm.log_in(scratch, user) for user in ("alice", "bob"))
    with Server(binary, scratch, realm, callers) as server:
        for auth in ("kerberos", "negotiate"):
            for level in ("integrity", "privacy"):
                let_in(binary, server, realm, alice, f"alice@{realm.name}", f"{label}: alice, {auth}, {level}",
                       ("--auth", auth, "--level", level))
        kept_out(binary, server, realm, bob, f"bob@{realm.name}", f"{label}: bob is kept out")


# --- impacket and aiowmi ----------------------------------------------------------------------------------------------

def resolve_as(name):
    """Lets this process find the service by its name, without a name server."""
    genuine = socket.getaddrinfo

    def getaddrinfo(host, *arguments, **more):
        return genuine(HOST if host == name else host, *arguments, **more)

    socket.getaddrinfo = getaddrinfo


def ticket(realm, scratch, user):
    """Samba's KDC does not take the requests of these clients (their checksum), so MIT's programs get the ticket. It
    ends up where impacket looks for it; comes back what aiowmi keeps of one."""
    from impacket.krb5.ccache import CCache
    environment = realm.log_in(scratch, user)
    subprocess.run(["kvno", realm.service], check=True, timeout=60, env=environment, stdout=subprocess.DEVNULL)
    os.environ["KRB5CCNAME"] = environment["KRB5CCNAME"].removeprefix("FILE:")
    found = CCache.loadFile(os.environ["KRB5CCNAME"]).getCredential(f"{realm.service}@{realm.name}".upper())
    return found.ticket["data"], found["key"]["keyvalue"], found["key"]["keytype"], time.time() + 3600


def impacket_row(realm, user, _ticket):
    from impacket.dcerpc.v5.dcom import wmi
    from impacket.dcerpc.v5.dcomrt import DCOMConnection
    from impacket.dcerpc.v5.dtypes import NULL
    name = realm.service.split("/")[1]
    connection = DCOMConnection(name, user, "", realm.name, "", "", "", oxidResolver=True, doKerberos=True,
                                remoteHost=HOST)
    try:
        interface = connection.CoCreateInstanceEx(wmi.CLSID_WbemLevel1Login, wmi.IID_IWbemLevel1Login)
        services = wmi.IWbemLevel1Login(interface).NTLMLogin("//./root/cimv2", NULL, NULL)
        enumerator = services.ExecQuery(QUERY)
        record = enumerator.Next(0xFFFFFFFF, 1)[0].getProperties()
        return record["ProcessId"]["value"]
    finally:
        try:
            connection.disconnect()
        except Exception:  # impacket trips over its own table when nothing was activated
            pass


async def aiowmi_row(realm, user, ticket):
    from aiowmi.connection import Connection
    from aiowmi.query import Query
    name = realm.service.split("/")[1]
    connection = Connection(name, user, "", realm.name)
    connection._tgt, connection._tgs = (b"", b""), ticket
    await connection.connect()
    service = None
    try:
        service = await connection.negotiate_kerberos()
        async with Query(QUERY).context(connection, service) as context:
            async for properties in context.results():
                return properties["ProcessId"].value
    finally:
        if service is not None:
            service.close()
        connection.close()


def peers(binary, scratch, realm):
    """Both speak Kerberos within SPNEGO, to host/NAME, at privacy."""
    resolve_as(realm.service.split("/")[1])
    clients = [("impacket", impacket_row), ("aiowmi", lambda *who: asyncio.run(aiowmi_row(*who)))]
    for label, client in clients:
        with Server(binary, scratch, realm, [[f"alice@{realm.name}", "--kerberos"]]) as server:
            try:
                check(client(realm, "alice", ticket(realm, scratch, "alice")) == 1, f"{label}: alice reads a row")
            except Exception as error:
                import traceback
                traceback.print_exc()
                check(False, f"{label}: alice reads a row ({type(error).__name__}: {error})")
                with open(server.log, encoding="utf-8") as log:
                    print(log.read())
            check(server.said(f'logged on account="alice@{realm.name}" mechanism=Kerberos'), f"{label}: logged on")
            try:
                client(realm, "bob", ticket(realm, scratch, "bob"))
                check(False, f"{label}: bob is kept out")
            except Exception as error:
                check(server.said(f'\\"bob@{realm.name}\\" may not'), f"{label}: bob is kept out ({type(error).__name__})")


def facts(samba):
    with open(os.path.join(samba, "facts.txt"), encoding="utf-8") as file:
        return dict(line.split() for line in file)


def main():
    binary, mit_dir, samba_dir = sys.argv[1:]
    mit = Realm(mit_dir, "MIT.TEST", "host/server.mit.test", "server.keytab")
    samba = Realm(samba_dir, "TEST.LAN", "host/winreach.test.lan", "svc-host.keytab")
    sids = facts(samba_dir)
    with tempfile.TemporaryDirectory() as scratch:
        own_client(binary, scratch, mit, [["ALICE@MIT.TEST", "--kerberos"]], "MIT, by principal")
        own_client(binary, scratch, samba, [["alice@TEST.LAN", "--kerberos"]], "Samba, by principal")
        for group in ("wmi-readers", "wmi-local"):
            own_client(binary, scratch, samba, [[sids[group], "--group"]], f"Samba, by {group} alone")
        with Server(binary, scratch, samba, [["alice@TEST.LAN", "--kerberos"]], ["--no-ntlm"]):
            done = subprocess.run([binary, "query", HOST, QUERY, "--auth", "ntlm", "-u", "alice", "--password-stdin"],
                                  input="x\n", capture_output=True, text=True, timeout=60)
            check(done.returncode == 1, f"--no-ntlm: NTLM is refused ({done.stderr.strip().splitlines()[0][:100]})")
        peers(binary, scratch, samba)
    print(f"{len(failures)} failure(s)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
