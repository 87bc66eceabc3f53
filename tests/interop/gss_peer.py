#!/usr/bin/env python3
"""One side of a Kerberos or SPNEGO exchange by MIT's GSSAPI or by pyspnego, driven line by line.

Each line of standard input is a command, each line of standard output its answer; bytes are hexadecimal, `-` for none.
The first part is what crates/auth/examples/kerberos_peer.rs understands too (see kerberos_gssapi.py):

    initiator MECH SPN LEVEL [KEY=VALUE…]       ok
    acceptor MECH LEVEL [KEY=VALUE…]            ok
    step TOKEN                                  token TOKEN [IDENTITY]
    protect LEVEL HEADER BODY TRAILER           ok BODY TOKEN
    unprotect LEVEL HEADER BODY TRAILER TOKEN   ok BODY
    sign-mechanisms LIST                        ok MIC
    verify-mechanisms LIST MIC                  ok
    sids                                        ok SID…            what the PAC says of the initiator

and the rest shows a finished context from the inside:

    sign DATA                                   ok MIC
    verify DATA MIC                             ok
    wrap DATA clear|sealed                      ok TOKEN
    unwrap TOKEN                                ok DATA clear|sealed
    inquire                                     ok KEY=VALUE…
    session-key                                 ok KEY

What fails answers `error` and why. MECH is kerberos, negotiate or ntlm, LEVEL the number of the level in DCE/RPC.
IDENTITY comes when the context is there: the initiator's name at the acceptor, the acceptor's at the initiator. KEYs:

    user=NAME password-file=PATH     the initiator's password, for NTLM too; of the acceptor, an account of NTLM alone
    user=NAME keytab=PATH            the initiator's key
    ccache=PATH                      the initiator's tickets
    keytab=PATH [principal=NAME]     the acceptor's keys, and which of them alone
    config=PATH                      krb5.conf
    library=gssapi|pyspnego          who speaks SPNEGO and NTLM; Kerberos is MIT's in both. pyspnego signs the list of
                                     mechanisms always, as Windows does; with gssapi NTLM is that of gss-ntlmssp, which
                                     knows SPNEGO's refused first guess, but does not seal as DCE/RPC needs it
    delegate=yes dce=no mutual=no    other flags of the initiator than those of DCE/RPC

Usage: gss_peer.py, or gss_peer.py selftest DIR, where DIR is that of a running mit_kdc.sh: this program against itself.
"""

import contextlib
import functools
import os
import sys
import tempfile

PRIVACY = 6
# Read by libraries when they are loaded, so set before: the accounts of NTLM, and MIT's memory of authenticators.
_folder = tempfile.TemporaryDirectory()
ACCOUNTS = os.path.join(_folder.name, "accounts")
os.environ["NTLM_USER_FILE"] = ACCOUNTS
os.environ["KRB5RCACHENAME"] = "file2:" + os.path.join(_folder.name, "replays")

import gssapi  # noqa: E402
import gssapi.raw  # noqa: E402
import spnego  # noqa: E402
from gssapi.raw import IOV, IOVBufferType  # noqa: E402
from spnego.iov import BufferType  # noqa: E402

MECHANISMS = {"kerberos": gssapi.OID.from_int_seq("1.2.840.113554.1.2.2"),
              "negotiate": gssapi.OID.from_int_seq("1.3.6.1.5.5.2"),
              "ntlm": gssapi.OID.from_int_seq("1.3.6.1.4.1.311.2.2.10")}
NO_IMPLIED_FLAGS = gssapi.OID.from_int_seq("1.2.752.43.13.29")  # GSS_KRB5_CRED_NO_CI_FLAGS_X
SESSION_KEY = gssapi.OID.from_int_seq("1.2.840.113554.1.2.2.5.5")  # GSS_C_INQ_SSPI_SESSION_KEY
Flag = gssapi.RequirementFlag


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read().rstrip("\n")


def write_accounts(options):
    """The account that NTLM of an acceptor knows, in any domain and in its own."""
    with open(ACCOUNTS, "w", encoding="utf-8") as accounts:
        if "user" in options:
            domain, _, user = options["user"].rpartition("\\")
            for known in {domain, ""}:
                accounts.write(f"{known}:{user}:{read(options['password-file'])}\n")


class Gssapi:
    """A context of MIT's GSSAPI."""

    def __init__(self, context):
        self.context = context

    @classmethod
    def initiator(cls, mechanism, spn, level, options):
        name = gssapi.Name(spn, gssapi.NameType.kerberos_principal) if "@" in spn else \
            gssapi.Name(spn.replace("/", "@", 1), gssapi.NameType.hostbased_service)
        return cls(gssapi.SecurityContext(
            name=name, mech=MECHANISMS[mechanism], flags=cls._flags(level, options), usage="initiate",
            creds=cls._initiator_credentials(mechanism, options)))

    @staticmethod
    def _flags(level, options):
        """What Windows asks for at this level, and by default nothing that MIT adds by itself."""
        flags = Flag.integrity
        if options.get("mutual") != "no":
            flags |= Flag.mutual_authentication
        if options.get("dce") != "no":
            flags |= Flag.dce_style
        if options.get("delegate") == "yes":
            flags |= Flag.delegate_to_peer
        if level > 2:
            flags |= Flag.replay_detection
        if level == PRIVACY:
            flags |= Flag.out_of_sequence_detection | Flag.confidentiality
        return flags

    @classmethod
    def _initiator_credentials(cls, mechanism, options):
        user = gssapi.Name(options["user"], gssapi.NameType.user) if "user" in options else None
        mechanisms = [MECHANISMS[mechanism]]
        if "password-file" in options:
            password = read(options["password-file"]).encode()
            base = gssapi.raw.acquire_cred_with_password(user, password, mechs=mechanisms, usage="initiate").creds
            credentials = gssapi.Credentials(base)
        elif "keytab" in options:
            credentials = gssapi.Credentials(
                name=user, mechs=mechanisms, usage="initiate",
                store={"client_keytab": options["keytab"], "ccache": f"MEMORY:{os.urandom(8).hex()}"})
        else:
            credentials = gssapi.Credentials(
                name=user, mechs=mechanisms, usage="initiate", store={"ccache": "FILE:" + options["ccache"]})
        with contextlib.suppress(gssapi.raw.OperationUnavailableError):  # of gss-ntlmssp
            gssapi.raw.set_cred_option(NO_IMPLIED_FLAGS, credentials)
        cls._offer(mechanism, credentials, kerberos=True, ntlm="password-file" in options)
        return credentials

    @staticmethod
    def _offer(mechanism, credentials, **offered):
        """What SPNEGO may come to."""
        if mechanism == "negotiate":
            gssapi.raw.set_neg_mechs(credentials, [MECHANISMS[name] for name, offer in offered.items() if offer])

    @classmethod
    def acceptor(cls, mechanism, options):
        write_accounts(options)
        name = gssapi.Name(options["principal"], gssapi.NameType.kerberos_principal) if "principal" in options else None
        store = {"keytab": options["keytab"]} if "keytab" in options else None
        credentials = gssapi.Credentials(name=name, mechs=[MECHANISMS[mechanism]], usage="accept", store=store)
        cls._offer(mechanism, credentials, kerberos="keytab" in options, ntlm="user" in options)
        return cls(gssapi.SecurityContext(creds=credentials, usage="accept"))

    def step(self, token):
        return self.context.step(token or None) or b""

    @property
    def complete(self):
        return self.context.complete

    @property
    def identity(self):
        context = self.context
        # gss-ntlmssp gives a closing NUL away.
        return str(context.target_name if context.locally_initiated else context.initiator_name).rstrip("\0")

    def sign(self, data):
        return gssapi.raw.get_mic(self.context, data)

    def verify(self, data, mic):
        gssapi.raw.verify_mic(self.context, data, mic)

    @staticmethod
    def _buffers(header, body, trailer, token):
        kind = IOVBufferType
        return IOV((kind.sign_only, header), (kind.data, body), (kind.sign_only, trailer), token, std_layout=False)

    def seal(self, header, body, trailer):
        buffers = self._buffers(header, body, trailer, IOVBufferType.header)
        if not gssapi.raw.wrap_iov(self.context, buffers):
            raise ValueError("nothing was encrypted")
        return buffers[1].value or b"", buffers[3].value

    def open(self, header, body, trailer, token):
        buffers = self._buffers(header, body, trailer, (IOVBufferType.header, False, token))
        if not gssapi.raw.unwrap_iov(self.context, buffers).encrypted:
            raise ValueError("nothing was encrypted")
        return buffers[1].value or b""

    def wrap(self, data, sealed):
        return gssapi.raw.wrap(self.context, data, confidential=sealed).message

    def unwrap(self, token):
        unwrapped = gssapi.raw.unwrap(self.context, token)
        return unwrapped.message, unwrapped.encrypted

    @property
    def session_key(self):
        return gssapi.raw.inquire_sec_context_by_oid(self.context, SESSION_KEY)[0]

    def inquire(self):
        context = self.context
        facts = {"peer": self.identity, "flags": f"{int(context.actual_flags):#x}",
                 "mechanism": context.mech.dotted_form}
        if context.mech == MECHANISMS["kerberos"]:
            delegated = None if context.locally_initiated else context.delegated_creds
            facts |= {"lifetime": context.lifetime, "delegated": delegated.name if delegated else "-"}
        return facts

    def sids(self):
        """The SIDs of the PAC, taken apart by impacket. MIT has checked its signatures by then."""
        from impacket.krb5.pac import VALIDATION_INFO
        raw = gssapi.raw.get_name_attribute(self.context.initiator_name, b"urn:mspac:logon-info").values[0]
        logon = VALIDATION_INFO(raw)
        logon.fromStringReferents(raw[len(logon):])
        info = logon["Data"]
        domain = info["LogonDomainId"].formatCanonical()
        yield f"{domain}-{info['UserId']}"
        yield from (f"{domain}-{group['RelativeId']}" for group in info["GroupIds"])
        yield from (extra["Sid"].formatCanonical() for extra in info["ExtraSids"] or [])
        if info["ResourceGroupCount"]:
            domain = info["ResourceGroupDomainSid"].formatCanonical()
            yield from (f"{domain}-{group['RelativeId']}" for group in info["ResourceGroupIds"])


class Pyspnego:
    """A context of pyspnego: its own SPNEGO and NTLM, around MIT's Kerberos."""

    def __init__(self, context):
        self.context = context

    @classmethod
    def initiator(cls, mechanism, spn, level, options):
        service, host = spn.split("/")
        requested = spnego.ContextReq.integrity | spnego.ContextReq.mutual_auth | spnego.ContextReq.dce_style
        if level > 2:
            requested |= spnego.ContextReq.replay_detect
        if level == PRIVACY:
            requested |= spnego.ContextReq.sequence_detect | spnego.ContextReq.confidentiality
        user, password = options.get("user"), None
        if "password-file" in options:
            password = read(options["password-file"])
        elif "keytab" in options:
            user = spnego.KerberosKeytab(options["keytab"], user)
        else:
            user = spnego.KerberosCCache("FILE:" + options["ccache"], user)
        return cls(spnego.client(user, password, hostname=host, service=service, protocol=mechanism,
                                 context_req=requested))

    @classmethod
    def acceptor(cls, mechanism, options):
        write_accounts(options)
        os.environ["KRB5_KTNAME"] = options.get("keytab", "/dev/null")
        return cls(spnego.server(protocol=mechanism, context_req=spnego.ContextReq.dce_style))

    def step(self, token):
        return self.context.step(token or None) or b""

    @property
    def complete(self):
        return self.context.complete

    @property
    def identity(self):
        return self.context.client_principal or "-"

    def sign(self, data):
        return self.context.sign(data)

    def verify(self, data, mic):
        self.context.verify(data, mic)

    @staticmethod
    def _buffers(header, body, trailer, token):
        return [(BufferType.sign_only, header), (BufferType.data, body), (BufferType.sign_only, trailer), token]

    def seal(self, header, body, trailer):
        buffers = self.context.wrap_iov(self._buffers(header, body, trailer, BufferType.header)).buffers
        return buffers[1].data or b"", buffers[3].data

    def open(self, header, body, trailer, token):
        return self.context.unwrap_iov(self._buffers(header, body, trailer, (BufferType.header, token))).buffers[1].data

    def wrap(self, data, sealed):
        return self.context.wrap(data, encrypt=sealed).data

    def unwrap(self, token):
        unwrapped = self.context.unwrap(token)
        return unwrapped.data, unwrapped.encrypted

    @property
    def session_key(self):
        return self.context.session_key

    def inquire(self):
        return {"peer": self.identity, "flags": f"{int(self.context.context_attr):#x}",
                "mechanism": self.context.negotiated_protocol}


LIBRARIES = {"gssapi": Gssapi, "pyspnego": Pyspnego}


class Peer:
    """A side and its context, told what to do in words."""

    def __init__(self):
        self._side = None

    def obey(self, command, *words):
        """The words of the answer after `ok` or `token`; any exception is an `error`."""
        if command == "initiator":
            mechanism, spn, level, *options = words
            library, options = self._prepare(options)
            self._side = library.initiator(mechanism, spn, int(level), options)
            return ["ok"]
        if command == "acceptor":
            mechanism, _, *options = words
            library, options = self._prepare(options)
            self._side = library.acceptor(mechanism, options)
            return ["ok"]
        if command == "step":
            token = self._side.step(from_hex(*words))
            return ["token", to_hex(token), *([self._side.identity] if self._side.complete else [])]
        if not self._side.complete:
            raise ValueError("the exchange is not over")
        return ["ok", *getattr(self, command.replace("-", "_"))(*words)]

    @staticmethod
    def _prepare(options):
        options = dict(option.split("=", 1) for option in options)
        if "config" in options:
            os.environ["KRB5_CONFIG"] = options["config"]
        return LIBRARIES[options.get("library", "gssapi")], options

    def protect(self, level, *parts):
        header, body, trailer = map(from_hex, parts)
        if int(level) == PRIVACY:
            return map(to_hex, self._side.seal(header, body, trailer))
        return [to_hex(body), to_hex(self._side.sign(header + body + trailer))]

    def unprotect(self, level, *parts):
        header, body, trailer, token = map(from_hex, parts)
        if int(level) == PRIVACY:
            return [to_hex(self._side.open(header, body, trailer, token))]
        self._side.verify(header + body + trailer, token)
        return [to_hex(body)]

    def sign_mechanisms(self, listed):
        return self.sign(listed)

    def verify_mechanisms(self, listed, mic):
        return self.verify(listed, mic)

    def sign(self, data):
        return [to_hex(self._side.sign(from_hex(data)))]

    def verify(self, data, mic):
        self._side.verify(from_hex(data), from_hex(mic))
        return []

    def wrap(self, data, how):
        return [to_hex(self._side.wrap(from_hex(data), how == "sealed"))]

    def unwrap(self, token):
        data, sealed = self._side.unwrap(from_hex(token))
        return [to_hex(data), "sealed" if sealed else "clear"]

    def inquire(self):
        return [f"{key}={value}" for key, value in self._side.inquire().items()]

    def session_key(self):
        return [to_hex(self._side.session_key)]

    def sids(self):
        return self._side.sids()


def from_hex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def to_hex(data):
    return data.hex() or "-"


def serve():
    peer = Peer()
    for line in sys.stdin:
        try:
            answer = " ".join(peer.obey(*line.split()))
        except Exception as error:  # whatever the libraries raise is an answer
            answer = f"error {type(error).__name__}: " + " ".join(str(error).split())
        print(answer, flush=True)


def exchange(initiator, acceptor):
    """Steps two sides until both are done; the tokens, and the identity that each side gives of the other."""
    tokens, identities = [], [None, None]
    token = b""
    while len(tokens) < 10:
        turn = len(tokens) % 2
        _, answer, *identity = (initiator, acceptor)[turn].obey("step", to_hex(token))
        identities[turn] = identity[0] if identity else identities[turn]
        token = from_hex(answer)
        if not token:
            if None in identities:
                raise AssertionError("a side is not done, but has nothing to say")
            return tokens, identities
        tokens.append(token)
    raise AssertionError("the exchange has no end")


# --- this program against itself --------------------------------------------------------------------------------------

# What MIT makes in DCE style: the lengths of a MIC, of the token beside a sealed body, and of the session key, and the
# header of the latter token up to its number.
SIZES = {
    "aes256": (28, 76, 32, "050406ff0010001c"),
    "aes128": (28, 76, 16, "050406ff0010001c"),
    "aes256-sha2": (40, 88, 32, "050406ff00100028"),
    "aes128-sha2": (32, 80, 16, "050406ff00100020"),
    "rc4": (37, 45, 16, "602b06092a864886"),
}
PARTS = [data.hex() for data in (b"the header", b"the body of a PDU", b"trailer!")]


def of_ok(peer, *words):
    return peer.obey(*words)[1:]


def self_test_sizes(folder, mechanism, etype):
    initiator, acceptor = Peer(), Peer()
    config = f"config={folder}/krb5-{etype}.conf"
    of_ok(initiator, "initiator", mechanism, f"RPCSS/{etype}.mit.test", "6", "user=alice",
          f"password-file={folder}/alice.password", config)
    of_ok(acceptor, "acceptor", mechanism, "6", f"keytab={folder}/{etype}.keytab", config)
    tokens, identities = exchange(initiator, acceptor)
    assert len(tokens) == (3 if mechanism == "kerberos" else 4), len(tokens)
    assert identities == [f"RPCSS/{etype}.mit.test@MIT.TEST", "alice@MIT.TEST"], identities

    mic_length, token_length, key_length, start = SIZES[etype]
    key, = of_ok(initiator, "session-key")
    assert [key] == of_ok(acceptor, "session-key") and len(from_hex(key)) == key_length, key
    for one, other in ((initiator, acceptor), (acceptor, initiator)):
        body, token = of_ok(one, "protect", "6", *PARTS)
        assert len(body) == len(PARTS[1]) and len(from_hex(token)) == token_length, token
        assert one is acceptor or token.startswith(start), token
        assert of_ok(other, "unprotect", "6", PARTS[0], body, PARTS[2], token) == [PARTS[1]]
        body, token = of_ok(one, "protect", "5", *PARTS)
        assert body == PARTS[1] and len(from_hex(token)) == mic_length, token
        assert of_ok(other, "unprotect", "5", *PARTS, token) == [body]
        mic, = of_ok(one, "sign", PARTS[0])
        of_ok(other, "verify", PARTS[0], mic)
        refused(other, "verify", PARTS[0], mic)
        for how in ("clear", "sealed"):
            token, = of_ok(one, "wrap", PARTS[1], how)
            assert of_ok(other, "unwrap", token) == [PARTS[1], how]
        body, token = of_ok(one, "protect", "6", *PARTS)
        refused(other, "unprotect", "6", PARTS[0], body, PARTS[1], token)


def refused(peer, *words):
    try:
        peer.obey(*words)
    except (gssapi.raw.GSSError, spnego.exceptions.SpnegoError):
        return
    raise AssertionError("it was taken")


def self_test_delegation(folder):
    """In DCE style MIT checks the delegated ticket and says so in the flags, but drops it before the third leg."""
    for style, flag, name in (("dce=yes", 0x1001, "-"), ("dce=no", 0x1, "alice@MIT.TEST")):
        initiator, acceptor = Peer(), Peer()
        of_ok(initiator, "initiator", "kerberos", "host/server.mit.test", "6", "user=alice", style, "delegate=yes",
              f"keytab={folder}/alice.keytab", f"config={folder}/krb5.conf")
        of_ok(acceptor, "acceptor", "kerberos", "6", f"keytab={folder}/server.keytab")
        exchange(initiator, acceptor)
        facts = dict(fact.split("=", 1) for fact in of_ok(acceptor, "inquire"))
        assert int(facts["flags"], 16) & 0x1001 == flag and facts["delegated"] == name, facts


def self_test_pyspnego(folder):
    """Each library with the other; the list of mechanisms is signed then."""
    for library, other in (("pyspnego", "gssapi"), ("gssapi", "pyspnego"), ("pyspnego", "pyspnego")):
        initiator, acceptor = Peer(), Peer()
        of_ok(initiator, "initiator", "negotiate", "host/aes256.mit.test", "6", "user=alice", f"library={library}",
              f"password-file={folder}/alice.password", f"config={folder}/krb5.conf")
        of_ok(acceptor, "acceptor", "negotiate", "6", f"library={other}", f"keytab={folder}/aes256.keytab")
        tokens, _ = exchange(initiator, acceptor)
        assert len(tokens) == (5 if library == "gssapi" else 4), len(tokens)
        body, token = of_ok(initiator, "protect", "6", *PARTS)
        assert from_hex(token)[15] == from_hex(of_ok(initiator, "sign", "00")[0])[15] - 1
        assert of_ok(acceptor, "unprotect", "6", PARTS[0], body, PARTS[2], token) == [PARTS[1]]


def self_test_ntlm(folder):
    """The first guess of SPNEGO is refused: six legs."""
    initiator, acceptor = Peer(), Peer()
    account = ["user=alice", f"password-file={folder}/alice.password"]
    of_ok(initiator, "initiator", "negotiate", "host/aes256.mit.test", "5", *account,
          f"config={folder}/krb5.conf")
    of_ok(acceptor, "acceptor", "negotiate", "5", *account)
    tokens, identities = exchange(initiator, acceptor)
    assert len(tokens) == 6 and identities[1] == "alice", (len(tokens), identities)
    for one, other in ((initiator, acceptor), (acceptor, initiator)):
        body, token = of_ok(one, "protect", "5", *PARTS)
        assert from_hex(token)[-4:] == b"\1\0\0\0", token  # number 0 signed the list of mechanisms
        assert of_ok(other, "unprotect", "5", *PARTS, token) == [body]


def self_test(folder):
    checks = {f"{mechanism}, {etype}": functools.partial(self_test_sizes, folder, mechanism, etype)
              for mechanism in ("kerberos", "negotiate") for etype in SIZES}
    for check in (self_test_delegation, self_test_pyspnego, self_test_ntlm):
        checks[check.__name__.removeprefix("self_test_")] = functools.partial(check, folder)
    failed = 0
    for what, check in checks.items():
        try:
            check()
            print(f"passed: {what}")
        except Exception as error:  # a failed check must not hide the others
            failed += 1
            print(f"FAILED: {what}: {type(error).__name__}: {error}")
    return 1 if failed else 0


def main():
    match sys.argv[1:]:
        case []:
            serve()
        case ["selftest", folder]:
            return self_test(folder)
        case _:
            print("usage: gss_peer.py [selftest DIR]", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
