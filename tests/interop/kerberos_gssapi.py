#!/usr/bin/env python3
"""Kerberos and SPNEGO of winreach-auth against MIT's GSSAPI and pyspnego (gss_peer.py), on both sides.

Usage: kerberos_gssapi.py MIT_DIR [--samba SAMBA_DIR] [--peer PROGRAM] [--only WORDS]. MIT_DIR is that of a running
mit_kdc.sh, SAMBA_DIR of a running samba.sh, PROGRAM the built example kerberos_peer; `--peer gss` puts gss_peer.py in its
place, which tries this script. WORDS are part of the name of a group of checks. Ends with 1 if a check fails.

What the program must understand, a command a line, bytes in hexadecimal or `-` for none:

    initiator MECH SPN LEVEL [KEY=VALUE…]       ok
    acceptor MECH LEVEL [KEY=VALUE…]            ok
    step TOKEN                                  token TOKEN [IDENTITY]
    protect LEVEL HEADER BODY TRAILER           ok BODY TOKEN
    unprotect LEVEL HEADER BODY TRAILER TOKEN   ok BODY
    sign-mechanisms LIST                        ok MIC
    verify-mechanisms LIST MIC                  ok
    sids                                        ok SID…

MECH is kerberos, negotiate or ntlm; LEVEL the number of the level in DCE/RPC. What fails answers `error` and why; the
KDC may be asked at `initiator` or at the first `step`. An initiator is first stepped with `-`. IDENTITY stands in the
answer that finishes a side: at the acceptor the initiator as NAME@REALM or REALM\\NAME, at the initiator any word.
`sids` is for an acceptor: the user's SID and the groups' as the PAC tells them, in any order. What an acceptor remembers
of authenticators lasts as long as the program. The keys of an initiator:

    user=NAME[@REALM] password-file=PATH   a password, UTF-8; an account of NTLM too, where `negotiate` falls back to it
    user=NAME[@REALM] keytab=PATH          its keys
    ccache=PATH                            tickets
    config=PATH                            krb5.conf
    delegate=yes                           its ticket is passed on
    clock=SECONDS                          its clock is so much ahead of the machine's, or behind

and of an acceptor:

    keytab=PATH [principal=NAME]           its keys; of that principal alone
    user=NAME password-file=PATH           an account of NTLM
    config=PATH                            krb5.conf
    clock=SECONDS                          as above
"""

import argparse
import os
import pathlib
import select
import subprocess
import sys
import tempfile

from gss_peer import exchange, from_hex, read, to_hex

HERE = pathlib.Path(__file__).resolve().parent
CONNECT, PACKET, INTEGRITY, PRIVACY = 2, 4, 5, 6
LEVELS = (CONNECT, PACKET, INTEGRITY, PRIVACY)
HEADER, TRAILER = b"the header of a PDU", b"trailer!"
BODIES = [b"first", b"", b"x" * 5000, bytes(range(256)), b"last"]
ETYPES = ("aes256", "aes128", "aes256-sha2", "aes128-sha2", "rc4")
# MECH and who speaks it on their side.
WAYS = (("kerberos", "gssapi"), ("negotiate", "gssapi"), ("negotiate", "pyspnego"))
# Seconds that a clock is ahead, and whether it is near enough; a ticket lives a day.
CLOCKS = {240: True, -240: True, 3600: False, -3600: False, 2 * 86400: False}
PATIENCE = 30  # seconds for an answer


class Refused(Exception):
    """A side answered with an error."""


class Program:
    """A side: a program that is driven line by line."""

    def __init__(self, *command):
        self._command = command
        self._process = None

    def obey(self, *words):
        """The words of the answer, the first is `ok` or `token`."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = " ".join(to_hex(word) if isinstance(word, bytes) else str(word) for word in words)
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], PATIENCE)[0]:
            self.close()
            raise AssertionError(f"no answer to {words[0]}")
        answer = self._process.stdout.readline().decode().rstrip("\n")
        if not answer:
            self._process.wait(PATIENCE)
            raise AssertionError(f"the program ended at {words[0]}")
        status, *rest = answer.split(" ")
        if status == "error":
            raise Refused(" ".join(rest))
        return [status, *rest]

    def protect(self, level, body):
        body, token = self.obey("protect", level, HEADER, body, TRAILER)[1:]
        return from_hex(body), from_hex(token)

    def unprotect(self, level, body, token, header=HEADER, trailer=TRAILER):
        return from_hex(self.obey("unprotect", level, header, body, trailer, token)[1])

    def close(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Realm:
    """The folder of a KDC, and the arguments of commands that its files are for."""

    def __init__(self, folder, name, short_name=None):
        self.folder, self.name, self.short_name = folder, name, short_name or name

    def config(self, etype=None):
        return f"config={self.folder}/krb5{'-' + etype if etype else ''}.conf"

    def password(self, user, login=None):
        return [f"user={login or user}", f"password-file={self.folder}/{user.split('@')[0]}.password", self.config()]

    def keytab(self, name):
        return f"keytab={self.folder}/{name}.keytab"

    def tickets(self, cache, *arguments, user="alice"):
        """kinit with the user's password."""
        environment = dict(os.environ, KRB5_CONFIG=f"{self.folder}/krb5.conf")
        subprocess.run(["kinit", "-c", cache, *arguments, user], env=environment, check=True, capture_output=True,
                       input=read(f"{self.folder}/{user.split('@')[0]}.password").encode(), timeout=30)
        return [f"ccache={cache}", self.config()]

    def is_named(self, identity, user):
        user, _, realm = user.partition("@")
        names = [realm] if realm else [self.name, self.short_name]
        return identity.lower() in [form.lower() for name in names for form in (f"{user}@{name}", f"{name}\\{user}")]


def establish(initiator, acceptor, mechanism, spn, level, credentials, keys):
    initiator.obey("initiator", mechanism, spn, level, *credentials)
    acceptor.obey("acceptor", mechanism, level, *keys)
    return exchange(initiator, acceptor)


def refused(action):
    try:
        action()
    except Refused:
        return
    raise AssertionError("it was taken")


def damaged(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def talk(one, other, level):
    """Messages both ways; nothing is protected at the connect level."""
    if level == CONNECT:
        return
    for body in BODIES:
        for sender, receiver in ((one, other), (other, one)):
            assert receiver.unprotect(level, *sender.protect(level, body)) == body
    for sender, receiver in ((one, other), (other, one)):  # many in a row
        for sealed, token, body in [(*sender.protect(level, body), body) for body in BODIES]:
            assert receiver.unprotect(level, sealed, token) == body


def distrusts(ours, theirs, level, kind):
    """Ours refuses a message that was changed on its way. That may be the end of the context."""
    sealed, token = theirs.protect(level, b"a body")
    if kind == "replayed":
        ours.unprotect(level, sealed, token)
    elif kind == "lost":
        sealed, token = theirs.protect(level, b"a body")
    elif kind == "reflected":
        sealed, token = ours.protect(level, b"a body")
    changed = {
        "body": (damaged(sealed, 0), token),
        "longer body": (sealed + b"\0", token),
        "shorter body": (sealed[:-1], token),
        "last byte": (sealed, damaged(token, len(token) - 1)),
        "flags": (sealed, damaged(token, 2)),
        "number": (sealed, damaged(token, 15)),
        "short token": (sealed, token[:-1]),
        "half a token": (sealed, token[:len(token) // 2]),
        "no token": (sealed, b""),
        "long token": (sealed, token + b"\0"),
    }.get(kind, (sealed, token))
    header = damaged(HEADER, 3) if kind == "header" else HEADER
    trailer = damaged(TRAILER, 3) if kind == "trailer" else TRAILER
    refused(lambda: ours.unprotect(level, *changed, header, trailer))


# A krb5.conf that names a KDC at a port where nobody listens.
CLOSED = """[libdefaults]
    default_realm = CLOSED.TEST
    dns_lookup_kdc = false
[realms]
    CLOSED.TEST = {
        kdc = 127.0.0.1:9
    }
"""

# Cases that gss_peer.py in the place of ours does not pass.
REHEARSAL = {
    "AP-REP with more behind it",
    # At level 5 it does not ask to be told of gaps, since Windows does not.
    *(f"{side}, {etype}, level {INTEGRITY}, lost" for side in ("initiator", "acceptor") for etype in ETYPES),
    # gss-ntlmssp does not seal as DCE/RPC needs it, and an acceptor with a keytab beside it crashes.
    f"initiator without a KDC, pyspnego, level {PRIVACY}",
    *(f"initiator without a realm, pyspnego, level {level}" for level in LEVELS), f"acceptor, pyspnego without a KDC, level {PRIVACY}",
    *(f"acceptor with a keytab, pyspnego without a KDC, level {level}" for level in LEVELS),
    # It has no clock of its own; `faketime` in front of it gives it one.
    *(f"{side}, {seconds} seconds" for side in ("initiator", "acceptor") for seconds in CLOCKS),
}

KINDS = ("header", "trailer", "body", "longer body", "shorter body", "last byte", "flags", "number", "short token",
         "half a token", "no token", "long token", "replayed", "lost", "reflected")


# --- the checks: generators of cases, each a name and what to do ------------------------------------------------------


class Checks:
    def __init__(self, ours, theirs, mit, samba, scratch):
        self.ours, self.theirs, self.mit, self.samba, self.scratch = ours, theirs, mit, samba, scratch

    def our_initiator(self):
        for mechanism, library in WAYS:
            for etype in ETYPES:
                for level in LEVELS:
                    # Their encryption types are fixed, or MIT may take a better one for its subkey.
                    for config in [self.mit.config(etype)] + [self.mit.config()] * (level == PRIVACY):
                        def case():
                            _, who = establish(
                                self.ours, self.theirs, mechanism, f"RPCSS/{etype}.mit.test", level,
                                self.mit.password("alice"), [self.mit.keytab(etype), config, f"library={library}"])
                            assert self.mit.is_named(who[1], "alice"), who
                            talk(self.ours, self.theirs, level)
                        yield f"{mechanism} with {library}, {etype}, level {level}, {config}", case

    def our_acceptor(self):
        for mechanism, library in WAYS:
            for etype in ETYPES:
                for level in LEVELS:
                    for config in [self.mit.config(etype)] + [self.mit.config()] * (level == PRIVACY):
                        def case():
                            credentials = [*self.mit.password("alice")[:2], config, f"library={library}"]
                            _, who = establish(
                                self.theirs, self.ours, mechanism, f"host/{etype}.mit.test", level, credentials,
                                [self.mit.keytab(etype), self.mit.config()])
                            assert self.mit.is_named(who[1], "alice"), who
                            talk(self.ours, self.theirs, level)
                        yield f"{mechanism} with {library}, {etype}, level {level}, {config}", case

    def our_credentials(self):
        """All that an initiator can prove itself with, to services here and in another realm."""
        mit = self.mit
        ways = {f"password of {user}": (user, mit.password(user)) for user in (
            "alice", "bob", "jürgen", "renamed", "salted", "brief", "carol@OTHER.TEST",
            *(f"user-{etype}" for etype in ETYPES))}
        ways["password of alice@MIT.TEST"] = ("alice", mit.password("alice", "alice@MIT.TEST"))
        ways |= {f"keytab of {user}": (user, [f"user={user}", mit.keytab(user), mit.config()]) for user in (
            "alice", *(f"user-{etype}" for etype in ETYPES))}
        for name, (user, credentials) in ways.items():
            yield name, lambda: self._reaches("host/server.mit.test", "server", user, credentials)

        tickets = f"{self.scratch}/tickets"
        def with_tickets(spn, keytab, user="alice", *options):
            self._reaches(spn, keytab, user, mit.tickets(tickets, *options, user=user))
        yield "ccache", lambda: with_tickets("HTTP/server.mit.test", "server")
        yield "ccache of jürgen", lambda: with_tickets("HTTP/server.mit.test", "server", "jürgen")
        yield "ccache with a short ticket", lambda: with_tickets("host/server.mit.test", "server", "alice", "-l", "60s")
        yield "ccache of another realm", lambda: with_tickets("host/server.mit.test", "server", "carol@OTHER.TEST")
        yield "password, a referral", lambda: self._reaches(
            "host/server.other.test", "other", "alice", mit.password("alice"))
        yield "ccache, a referral", lambda: with_tickets("RPCSS/server.other.test", "other")
        yield "the session key is of another type", lambda: self._reaches(
            "host/mixed.mit.test", "mixed", "alice", mit.password("alice"))

        def with_ticket_for_the_service():
            mit.tickets(tickets)
            environment = dict(os.environ, KRB5_CONFIG=f"{mit.folder}/krb5.conf")
            subprocess.run(["kvno", "-c", tickets, "host/aes128.mit.test"], env=environment, check=True,
                           capture_output=True, timeout=30)
            unreachable = self._write("unreachable.conf", pathlib.Path(f"{mit.folder}/krb5.conf").read_text(
                encoding="utf-8").replace(":18088", ":1"))
            self._reaches("host/aes128.mit.test", "aes128", "alice", [f"ccache={tickets}", f"config={unreachable}"])
        yield "ccache with the ticket in it, no KDC", with_ticket_for_the_service

        def delegating():
            self._reaches("host/server.mit.test", "server", "alice", [*mit.password("alice"), "delegate=yes"])
            flags = dict(fact.split("=", 1) for fact in self.theirs.obey("inquire")[1:])["flags"]
            assert int(flags, 16) & 1, flags  # MIT fails if it cannot read what was delegated
        yield "delegation", delegating

    def _reaches(self, spn, keytab, user, credentials):
        _, who = establish(self.ours, self.theirs, "kerberos", spn, PRIVACY, credentials,
                           [self.mit.keytab(keytab), self.mit.config()])
        assert self.mit.is_named(who[1], user), who
        talk(self.ours, self.theirs, PRIVACY)

    def _write(self, name, text):
        path = f"{self.scratch}/{name}"
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def our_initiator_is_refused(self):
        mit, scratch = self.mit, self.scratch

        def fails(spn, credentials):
            def first_token():
                self.ours.obey("initiator", "kerberos", spn, PRIVACY, *credentials)
                self.ours.obey("step", "-")
            refused(first_token)

        wrong = f"password-file={self._write('wrong.password', 'wrong')}"
        for user in ("alice", "bob", "nobody"):
            yield f"{user}, another password", lambda: fails(
                "host/server.mit.test", [f"user={user}", wrong, mit.config()])
        for user in ("expired", "password-expired", "locked", "hardware"):
            yield user, lambda: fails("host/server.mit.test", mit.password(user))
        yield "no such service", lambda: fails("host/nothing.mit.test", mit.password("alice"))
        yield "no such realm", lambda: fails("host/server.mit.test", [
            "user=alice@NOWHERE.TEST", f"password-file={mit.folder}/alice.password", mit.config()])
        yield "a keytab of another user", lambda: fails(
            "host/server.mit.test", ["user=bob", mit.keytab("alice"), mit.config()])
        yield "no keytab", lambda: fails("host/server.mit.test", ["user=alice", f"keytab={scratch}/none", mit.config()])
        yield "no ccache", lambda: fails("host/server.mit.test", [f"ccache={scratch}/none", mit.config()])
        yield "no configuration", lambda: fails(
            "host/server.mit.test", [*mit.password("alice")[:2], f"config={scratch}/none"])
        for name, text in (("empty", ""), ("short", "\5\4\0"), ("text", "no tickets")):
            path = self._write(f"{name}.ccache", text)
            yield f"a ccache of {name}", lambda: fails("host/server.mit.test", [f"ccache={path}", mit.config()])

        def answer_is_changed(change):
            self.ours.obey("initiator", "kerberos", "host/server.mit.test", PRIVACY, *mit.password("alice"))
            self.theirs.obey("acceptor", "kerberos", PRIVACY, mit.keytab("server"), mit.config())
            answer = from_hex(self.theirs.obey("step", self.ours.obey("step", "-")[1])[1])
            refused(lambda: self.ours.obey("step", change(answer)))

        def answer_of_another():
            """An AP-REP for another AP-REQ."""
            answers = []
            for _ in range(2):
                self.ours.obey("initiator", "kerberos", "host/server.mit.test", PRIVACY, *mit.password("alice"))
                self.theirs.obey("acceptor", "kerberos", PRIVACY, mit.keytab("server"), mit.config())
                answers.append(self.theirs.obey("step", self.ours.obey("step", "-")[1])[1])
            refused(lambda: self.ours.obey("step", answers[0]))

        yield "AP-REP of another exchange", answer_of_another
        yield "AP-REP with another last byte", lambda: answer_is_changed(lambda data: damaged(data, len(data) - 1))
        yield "AP-REP with another first byte", lambda: answer_is_changed(lambda data: damaged(data, 0))
        yield "AP-REP cut short", lambda: answer_is_changed(lambda data: data[:-1])
        yield "AP-REP with more behind it", lambda: answer_is_changed(lambda data: data + b"\0")
        yield "no AP-REP", lambda: answer_is_changed(lambda data: b"")

    def our_acceptor_refuses(self):
        mit = self.mit

        def first(spn="host/server.mit.test", user="alice"):
            self.theirs.obey("initiator", "kerberos", spn, PRIVACY, *mit.password(user))
            return from_hex(self.theirs.obey("step", "-")[1])

        def accepts(token, *keys):
            self.ours.obey("acceptor", "kerberos", PRIVACY, *keys, mit.config())
            return from_hex(self.ours.obey("step", token)[1])

        def fails(keytab, change=lambda token: token, *keys, spn="host/server.mit.test"):
            token = change(first(spn))
            refused(lambda: accepts(token, mit.keytab(keytab), *keys))

        yield "an older key", lambda: fails("stale")
        yield "a ticket for another", lambda: fails("aes256")
        yield "a ticket for another principal of the keytab", lambda: fails(
            "server", lambda token: token, "principal=RPCSS/server.mit.test")
        yield "a ticket of another realm", lambda: fails("server", spn="host/server.other.test@OTHER.TEST")
        yield "AP-REQ with another first byte", lambda: fails("server", lambda token: damaged(token, 0))
        yield "AP-REQ with another last byte", lambda: fails("server", lambda token: damaged(token, len(token) - 1))
        yield "AP-REQ with another ticket", lambda: fails("server", lambda token: damaged(token, len(token) // 3))
        yield "AP-REQ cut short", lambda: fails("server", lambda token: token[:-1])
        yield "half an AP-REQ", lambda: fails("server", lambda token: token[:len(token) // 2])
        yield "no AP-REQ", lambda: fails("server", lambda token: b"")
        yield "a token of zeros", lambda: fails("server", lambda token: bytes(len(token)))
        yield "a token of NTLM", lambda: fails("server", lambda token: b"NTLMSSP\0\1\0\0\0" + bytes(28))

        def replayed():
            token = first()
            accepts(token, mit.keytab("server"))
            refused(lambda: accepts(token, mit.keytab("server")))
        yield "AP-REQ replayed", replayed

        def third_leg(change):
            answer = accepts(first(), mit.keytab("server"))
            third = from_hex(self.theirs.obey("step", answer)[1])
            refused(lambda: self.ours.obey("step", change(third)))
        yield "third leg with another last byte", lambda: third_leg(lambda data: damaged(data, len(data) - 1))
        yield "third leg cut short", lambda: third_leg(lambda data: data[:-1])
        yield "no third leg", lambda: third_leg(lambda data: b"")

        def third_leg_of_another():
            thirds = []
            for _ in range(2):
                answer = accepts(first(), mit.keytab("server"))
                thirds.append(self.theirs.obey("step", answer)[1])
            refused(lambda: self.ours.obey("step", thirds[0]))
        yield "third leg of another exchange", third_leg_of_another

        def second_leg_as_third():
            answer = accepts(first(), mit.keytab("server"))
            refused(lambda: self.ours.obey("step", answer))
        yield "its own second leg as third", second_leg_as_third

    def our_verification(self):
        for etype in ETYPES:
            for level in (INTEGRITY, PRIVACY):
                for kind in KINDS:
                    def case(first, second):
                        establish(first, second, "kerberos", f"host/{etype}.mit.test", level,
                                  [*self.mit.password("alice")[:2], self.mit.config(etype)],
                                  [self.mit.keytab(etype), self.mit.config(etype)])
                        talk(self.ours, self.theirs, level)
                        distrusts(self.ours, self.theirs, level, kind)
                    yield f"initiator, {etype}, level {level}, {kind}", lambda: case(self.ours, self.theirs)
                    yield f"acceptor, {etype}, level {level}, {kind}", lambda: case(self.theirs, self.ours)

    def clocks(self):
        def case(seconds, taken):
            self.theirs.obey("initiator", "kerberos", "host/server.mit.test", PRIVACY, *self.mit.password("alice"))
            token = self.theirs.obey("step", "-")[1]
            self.ours.obey("acceptor", "kerberos", PRIVACY, self.mit.keytab("server"), self.mit.config(),
                           f"clock={seconds}")
            if taken:
                self.ours.obey("step", token)
            else:
                refused(lambda: self.ours.obey("step", token))

        for seconds, taken in CLOCKS.items():
            yield f"acceptor, {seconds} seconds", lambda: case(seconds, taken)
            if taken:  # further away it is the initiator's choice to go by the clock of the KDC
                yield f"initiator, {seconds} seconds", lambda: self._reaches(
                    "host/server.mit.test", "server", "bob", [*self.mit.password("bob"), f"clock={seconds}"])

    def mechanism_lists(self):
        """mechListMIC both ways, as SPNEGO makes it."""
        listed = bytes.fromhex("300b06092a864886f712010202")
        for etype in ETYPES:
            def case():
                establish(self.ours, self.theirs, "kerberos", f"host/{etype}.mit.test", PRIVACY,
                          self.mit.password("alice"), [self.mit.keytab(etype), self.mit.config(etype)])
                self.ours.obey("verify-mechanisms", listed, self.theirs.obey("sign-mechanisms", listed)[1])
                self.theirs.obey("verify-mechanisms", listed, self.ours.obey("sign-mechanisms", listed)[1])
                talk(self.ours, self.theirs, PRIVACY)
                mic = self.theirs.obey("sign-mechanisms", listed)[1]
                refused(lambda: self.ours.obey("verify-mechanisms", damaged(listed, 4), mic))
            yield etype, case

    def negotiated_ntlm(self):
        """SPNEGO without Kerberos: no KDC at the initiator, or no keytab at the acceptor (a first guess is refused)."""
        mit = self.mit
        account = mit.password("alice")[:2]
        nowhere = f"config={self._write('nowhere.conf', '[libdefaults]' + chr(10))}"
        # A realm whose KDC does not answer. Without any realm ours has nothing to negotiate, and NTLM goes without SPNEGO.
        closed = f"config={self._write('closed.conf', CLOSED)}"

        def case(initiator, acceptor, level, credentials, keys, legs):
            tokens, who = establish(initiator, acceptor, "negotiate", "host/server.mit.test", level, credentials, keys)
            assert len(tokens) == legs, [token.hex() for token in tokens]
            assert who[1].split("\\")[-1] == "alice", who
            talk(self.ours, self.theirs, level)

        for level in LEVELS:
            yield f"initiator without a KDC, pyspnego, level {level}", lambda: case(
                self.ours, self.theirs, level, [*account, closed], [*account, "library=pyspnego"], 4)
            yield f"initiator without a realm, pyspnego, level {level}", lambda: case(
                self.ours, self.theirs, level, [*account, nowhere], [*account, "library=pyspnego"], 3)
            yield f"acceptor, pyspnego without a KDC, level {level}", lambda: case(
                self.theirs, self.ours, level, [*account, nowhere, "library=pyspnego"], account, 4)
            yield f"acceptor with a keytab, pyspnego without a KDC, level {level}", lambda: case(
                self.theirs, self.ours, level, [*account, nowhere, "library=pyspnego"],
                [*account, mit.keytab("server")], 4)
        for level in (CONNECT, PACKET, INTEGRITY):  # gss-ntlmssp cannot seal as DCE/RPC does
            yield f"initiator whose first guess is refused, level {level}", lambda: case(
                self.ours, self.theirs, level, [*account, mit.config()], account, 6)
            yield f"acceptor that refuses a first guess, level {level}", lambda: case(
                self.theirs, self.ours, level, [*account, mit.config()], account, 6)

        def wrong():
            other = f"password-file={self._write('wrong.password', 'wrong')}"
            establish(self.theirs, self.ours, "negotiate", "host/server.mit.test", INTEGRITY,
                      ["user=alice", other, nowhere, "library=pyspnego"], account)
        yield "another password", lambda: refused(wrong)

    def our_initiator_in_a_domain(self):
        samba = self.samba
        services = {"RPCSS/winreach.test.lan": "svc-host", "HOST/winreach": "svc-host",
                    "host/aes128.test.lan": "svc-aes128", "host/rc4.test.lan": "svc-rc4",
                    "host/default.test.lan": "svc-default"}

        def case(user, credentials, spn, mechanism="kerberos", library="gssapi"):
            _, who = establish(self.ours, self.theirs, mechanism, spn, PRIVACY, credentials,
                               [samba.keytab(services[spn]), samba.config(), f"library={library}"])
            assert samba.is_named(who[1], user), who
            talk(self.ours, self.theirs, PRIVACY)

        for spn in services:
            for mechanism, library in WAYS:
                yield f"{spn}, {mechanism}, {library}", lambda: case(
                    "alice", samba.password("alice"), spn, mechanism, library)
        for user in ("bob", "jürgen", "protected", "svc-host"):
            yield f"password of {user}", lambda: case(user, samba.password(user), "RPCSS/winreach.test.lan")
        yield "keytab", lambda: case(
            "alice", ["user=alice", samba.keytab("alice"), samba.config()], "RPCSS/winreach.test.lan")
        yield "ccache", lambda: case(
            "alice", samba.tickets(f"{self.scratch}/tickets"), "RPCSS/winreach.test.lan")
        for user in ("disabled", "expired"):
            yield user, lambda: refused(lambda: case(user, samba.password(user), "RPCSS/winreach.test.lan"))

    def our_acceptor_in_a_domain(self):
        """And what it reads out of the PAC."""
        samba = self.samba
        facts = dict(line.split() for line in read(f"{samba.folder}/facts.txt").splitlines())

        for service, host in (("svc-host", "winreach"), ("svc-aes128", "aes128"), ("svc-rc4", "rc4"),
                              ("svc-default", "default")):
            for mechanism, library in WAYS:
                def case():
                    keys = [samba.keytab(service), samba.config()]
                    _, who = establish(self.theirs, self.ours, mechanism, f"host/{host}.test.lan", PRIVACY,
                                       [*samba.password("alice"), f"library={library}"], keys)
                    assert samba.is_named(who[1], "alice"), who
                    talk(self.ours, self.theirs, PRIVACY)
                    sids = set(self.ours.obey("sids")[1:])
                    assert {facts[name] for name in ("alice", "wmi-readers", "wmi-local", "Domain-Users")} <= sids, sids
                yield f"{service}, {mechanism} with {library}", case

        def same_sids():
            """What impacket reads out of the same PAC."""
            answers = []
            for acceptor in (self.ours, self.theirs):
                cache = samba.tickets(f"{self.scratch}/tickets")
                initiator = self.theirs if acceptor is self.ours else self.ours
                establish(initiator, acceptor, "kerberos", "host/winreach.test.lan", PRIVACY, cache,
                          [samba.keytab("svc-host"), samba.config()])
                answers.append(set(acceptor.obey("sids")[1:]))
            assert answers[0] == answers[1], answers
        yield "all SIDs are those that impacket reads", same_sids


def run(checks, only, skipped):
    failed = passed = 0
    groups = [checks.our_initiator, checks.our_acceptor, checks.our_credentials, checks.our_initiator_is_refused,
              checks.our_acceptor_refuses, checks.our_verification, checks.clocks, checks.mechanism_lists,
              checks.negotiated_ntlm]
    if checks.samba is not None:
        groups += [checks.our_initiator_in_a_domain, checks.our_acceptor_in_a_domain]
    for group in groups:
        title, good, bad = group.__name__.replace("_", " "), 0, 0
        if only and only not in title:
            continue
        for name, case in group():
            if name in skipped:
                continue
            try:
                case()
                good += 1
            except Exception as error:  # a failed check must not hide the others
                bad += 1
                print(f"FAILED: {title}: {name}: {type(error).__name__}: {error}")
        print(f"{'FAILED' if bad else 'passed'}: {title}: {good} of {good + bad}", flush=True)
        failed, passed = failed + bad, passed + good
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def built():
    root = HERE.parents[1]
    subprocess.run(["cargo", "build", "-q", "-p", "winreach-logon", "--example", "kerberos_peer"], cwd=root, check=True)
    return str(pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target")) / "debug/examples/kerberos_peer")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("mit")
    parser.add_argument("--samba")
    parser.add_argument("--peer")
    parser.add_argument("--only")
    arguments = parser.parse_args()

    gss = [sys.executable, str(HERE / "gss_peer.py")]
    ours = Program(*(gss if arguments.peer == "gss" else [arguments.peer or built()]))
    theirs = Program(*gss)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            samba = Realm(arguments.samba, "TEST.LAN", "TEST") if arguments.samba else None
            checks = Checks(ours, theirs, Realm(arguments.mit, "MIT.TEST"), samba, scratch)
            return run(checks, arguments.only, REHEARSAL if arguments.peer == "gss" else ())
        finally:
            ours.close()
            theirs.close()


if __name__ == "__main__":
    sys.exit(main())
