#!/usr/bin/env python3
"""NTLM of winreach-auth against three implementations that nobody here wrote: pyspnego on both sides, impacket and
aiowmi as clients. Usage: ntlm_pyspnego.py [PEER]; PEER is the built example ntlm_peer. Ends with 1 if a check fails."""

import os
import pathlib
import subprocess
import sys
import tempfile

USER, PASSWORD, SPN = "Alice", "öpen-sésame", "HOST/server.example.com"
CONNECT, PACKET, INTEGRITY, PRIVACY = 2, 4, 5, 6
LEVELS = (CONNECT, PACKET, INTEGRITY, PRIVACY)
HEADER, TRAILER = b"the header of a PDU", b"trailer!"
BODIES = [b"first", b"", b"x" * 5000, bytes(range(256)), b"last"]

# pyspnego's acceptor reads its accounts from here, and looks for the variable when it is imported.
_accounts = tempfile.NamedTemporaryFile("w", suffix=".ntlm", encoding="utf-8")
_accounts.write(f":{USER}:{PASSWORD}\nEXAMPLE:{USER}:{PASSWORD}\n")
_accounts.flush()
os.environ["NTLM_USER_FILE"] = _accounts.name

import spnego  # noqa: E402
from aiowmi.ntlm.auth_authenticate import NTLMAuthAuthenticate  # noqa: E402
from aiowmi.ntlm.auth_challange import NTLMAuthChallenge  # noqa: E402
from aiowmi.ntlm.auth_negotiate import NTLMAuthNegotiate  # noqa: E402
from aiowmi.tools import encrypted_session_key, get_random_bytes  # noqa: E402
from Cryptodome.Cipher import ARC4  # noqa: E402
from impacket import ntlm  # noqa: E402
from spnego.exceptions import SpnegoError  # noqa: E402
from spnego.iov import BufferType  # noqa: E402


class Refused(Exception):
    """Our side answered with an error."""


class Peer:
    """Our side: the example program, a command a line."""

    def __init__(self, binary):
        self._process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def _do(self, *words):
        line = " ".join(w if isinstance(w, str) else (w.hex() or "-") if isinstance(w, bytes) else str(w) for w in words)
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        status, *answer = self._process.stdout.readline().rstrip("\n").split(" ")
        if status == "error":
            raise Refused(" ".join(answer))
        return answer

    @staticmethod
    def _bytes(text):
        return b"" if text == "-" else bytes.fromhex(text)

    def initiate(self, level, password=PASSWORD, account=USER):
        self._do("initiator", account, password, SPN, level)
        return self.step(b"")[0]

    def initiate_anonymously(self, level):
        self._do("anonymous", SPN, level)
        return self.step(b"")[0]

    def accept(self, level):
        self._do("acceptor", USER, PASSWORD, level)

    def step(self, token):
        token, *identity = self._do("step", token)
        return self._bytes(token), " ".join(identity) or None

    def protect(self, level, body):
        body, token = self._do("protect", level, HEADER, body, TRAILER)
        return self._bytes(body), self._bytes(token)

    def unprotect(self, level, body, token):
        return self._bytes(self._do("unprotect", level, HEADER, body, TRAILER, token)[0])

    def sign_mechanisms(self, mechanisms):
        return self._bytes(self._do("sign-mechanisms", mechanisms)[0])

    def verify_mechanisms(self, mechanisms, mic):
        self._do("verify-mechanisms", mechanisms, mic)


class Spnego:
    """Messages by a finished context of pyspnego."""

    def __init__(self, context):
        self.context = context

    def protect(self, level, body):
        if level != PRIVACY:
            return body, self.context.sign(HEADER + body + TRAILER)
        parts = [(BufferType.sign_only, HEADER), (BufferType.data, body), (BufferType.sign_only, TRAILER)]
        buffers = self.context.wrap_iov([*parts, BufferType.header]).buffers
        return buffers[1].data, buffers[3].data

    def unprotect(self, level, body, token):
        if level != PRIVACY:
            self.context.verify(HEADER + body + TRAILER, token)
            return body
        parts = [(BufferType.sign_only, HEADER), (BufferType.data, body), (BufferType.sign_only, TRAILER)]
        return self.context.unwrap_iov([*parts, (BufferType.header, token)]).buffers[1].data


class Impacket:
    """Messages by impacket's functions, as its RPC client calls them, or as its server would."""

    def __init__(self, flags, session_key, sends="Client", receives="Server"):
        self._sends, self._receives = sends, receives
        self._flags = flags
        self._sign = {mode: ntlm.SIGNKEY(flags, session_key, mode) for mode in ("Client", "Server")}
        self._cipher = {
            mode: ARC4.new(ntlm.SEALKEY(flags, session_key, mode)).encrypt for mode in ("Client", "Server")
        }
        self._number = {"Client": 0, "Server": 0}

    def _token(self, mode, body):
        token = ntlm.SIGN(self._flags, self._sign[mode], HEADER + body + TRAILER, self._number[mode], self._cipher[mode])
        self._number[mode] += 1
        return token.getData()

    def protect(self, level, body):
        sealed = self._cipher[self._sends](body) if level == PRIVACY else body
        return sealed, self._token(self._sends, body)

    def unprotect(self, level, body, token):
        clear = self._cipher[self._receives](body) if level == PRIVACY else body
        if self._token(self._receives, clear) != token:
            raise AssertionError("impacket computes another signature")
        return clear


def talk(ours, theirs, level):
    """Messages both ways; nothing is protected at the connect level."""
    if level == CONNECT:
        return
    for body in BODIES:
        assert theirs.unprotect(level, *ours.protect(level, body)) == body
        assert ours.unprotect(level, *theirs.protect(level, body)) == body
    sealed, token = theirs.protect(level, b"body")
    refused(lambda: ours.unprotect(level, sealed, token[:-1] + bytes([token[-1] ^ 1])))


def refused(action, *kinds):
    try:
        action()
    except kinds or Refused:
        return
    raise AssertionError("it was taken")


def mechanisms(ours, context):
    """mechListMIC both ways; what pyspnego's SPNEGO does around it is done here by hand."""
    listed = bytes.fromhex("300c060a2b06010401823702020a")
    ours.verify_mechanisms(listed, context.sign(listed))
    context._reset_ntlm_crypto_state(outgoing=True)
    context.verify(listed, ours.sign_mechanisms(listed))
    context._reset_ntlm_crypto_state(outgoing=False)


def our_client_and_pyspnego(ours):
    for level in LEVELS:
        for account in (USER, f"EXAMPLE\\{USER}", USER.lower()):
            server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            challenge = server.step(ours.initiate(level, account=account))
            assert server.step(ours.step(challenge)[0]) is None and server.complete
            assert server.client_principal.lower() == account.lower(), server.client_principal
            talk(ours, Spnego(server), level)
        server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        answer = ours.step(server.step(ours.initiate(level, password="wrong")))[0]
        refused(lambda: server.step(answer), SpnegoError)


def pyspnego_and_our_server(ours):
    for level in LEVELS:
        for user in (USER, f"EXAMPLE\\{USER}", f"{USER}@example.com", USER.upper()):
            client = spnego.client(user, PASSWORD, hostname="server", service="host", protocol="ntlm",
                                   options=spnego.NegotiateOptions.use_ntlm)
            ours.accept(level)
            identity = ours.step(client.step(ours.step(client.step())[0]))[1]
            assert identity.split("\\")[-1].lower() == USER.lower(), identity
            talk(ours, Spnego(client), level)
        for user, password in ((USER, "wrong"), ("mallory", PASSWORD)):
            client = spnego.client(user, password, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
            ours.accept(level)
            answer = client.step(ours.step(client.step())[0])
            refused(lambda: ours.step(answer))


def mechanism_lists(ours):
    server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    server.step(ours.step(server.step(ours.initiate(PRIVACY)))[0])
    mechanisms(ours, server)
    talk(ours, Spnego(server), PRIVACY)

    client = spnego.client(USER, PASSWORD, protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
    ours.accept(INTEGRITY)
    ours.step(client.step(ours.step(client.step())[0]))
    mechanisms(ours, client)
    talk(ours, Spnego(client), INTEGRITY)


def impacket_and_our_server(ours):
    def answer(level, user, password):
        ours.accept(level)
        negotiate = ntlm.getNTLMSSPType1("", "", signingRequired=level != CONNECT, use_ntlmv2=True)
        challenge = ours.step(negotiate.getData())[0]
        message, key = ntlm.getNTLMSSPType3(negotiate, challenge, user, password, "EXAMPLE", use_ntlmv2=True)
        return message, key

    for level in LEVELS:
        message, key = answer(level, USER, PASSWORD)
        assert ours.step(message.getData())[1] == f"EXAMPLE\\{USER}"
        talk(ours, Impacket(message["flags"], key), level)
        for user, password in ((USER, "wrong"), ("mallory", PASSWORD), (USER, "")):
            message, _ = answer(level, user, password)
            refused(lambda: ours.step(message.getData()))


def impacket_v1_and_our_server(ours):
    ours.accept(CONNECT)
    negotiate = ntlm.getNTLMSSPType1("", "", signingRequired=True, use_ntlmv2=False)
    challenge = ours.step(negotiate.getData())[0]
    message, _ = ntlm.getNTLMSSPType3(negotiate, challenge, USER, PASSWORD, "EXAMPLE", use_ntlmv2=False)
    refused(lambda: ours.step(message.getData()))


def aiowmi_and_our_server(ours):
    def answer(level, user, password):
        ours.accept(level)
        negotiate = NTLMAuthNegotiate()
        challenge = NTLMAuthChallenge(ours.step(negotiate.get_data())[0])
        message = NTLMAuthAuthenticate(negotiate.get_negotiate_flags())
        base = message.set_credentials(user, password, challenge.target_info, challenge.server_challenge, "EXAMPLE")
        key = get_random_bytes(16)
        message.set_encr_random_session_key(encrypted_session_key(base, key))
        message.set_workstation_name("probe")
        return message.get_data(), negotiate.get_negotiate_flags(), key

    for level in LEVELS:
        message, flags, key = answer(level, USER, PASSWORD)
        assert ours.step(message)[1] == f"EXAMPLE\\{USER}"
        talk(ours, Impacket(flags, key), level)
        message, _, _ = answer(level, USER, "wrong")
        refused(lambda: ours.step(message))


def our_anonymous_client(ours):
    """pyspnego sees that nobody is there, and lets nobody in; the keys are those that impacket computes."""
    for level in LEVELS:
        server = spnego.server(protocol="ntlm", options=spnego.NegotiateOptions.use_ntlm)
        token, identity = ours.step(server.step(ours.initiate_anonymously(level)))
        assert identity == "anonymous", identity
        try:
            server.step(token)
            raise AssertionError("pyspnego let nobody in")
        except SpnegoError as refusal:
            assert "Anonymous" in str(refusal), refusal
        message = ntlm.NTLMAuthChallengeResponse()
        message.fromString(token)
        assert (message["user_name"], message["domain_name"], message["ntlm"]) == (b"", b"", b"")
        assert message["lanman"] == b"\0" and message["flags"] & ntlm.NTLMSSP_NEGOTIATE_ANONYMOUS
        if level != CONNECT:
            # RC4 is its own inverse.
            key = ntlm.generateEncryptedSessionKey(b"\0" * 16, message["session_key"])
            talk(ours, Impacket(message["flags"], key, "Server", "Client"), level)


def anonymous_impacket_and_our_server(ours):
    for level in LEVELS:
        ours.accept(level)
        negotiate = ntlm.getNTLMSSPType1("", "", signingRequired=level != CONNECT, use_ntlmv2=True)
        message, _ = ntlm.getNTLMSSPType3(negotiate, ours.step(negotiate.getData())[0], "", "", "", use_ntlmv2=True)
        refused(lambda: ours.step(message.getData()))


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    if len(sys.argv) > 1:
        binary = sys.argv[1]
    else:
        build = ["cargo", "build", "-q", "-p", "winreach-auth", "--example", "ntlm_peer"]
        subprocess.run(build, cwd=root, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", root / "target")
        binary = str(pathlib.Path(target) / "debug" / "examples" / "ntlm_peer")

    failed = 0
    for check in (our_client_and_pyspnego, pyspnego_and_our_server, mechanism_lists, impacket_and_our_server,
                  impacket_v1_and_our_server, aiowmi_and_our_server, our_anonymous_client,
                  anonymous_impacket_and_our_server):
        name = check.__name__.replace("_", " ")
        try:
            check(Peer(binary))
            print(f"passed: {name}")
        except Exception as error:  # a failed check must not hide the others
            failed += 1
            print(f"FAILED: {name}: {type(error).__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
