"""impacket's DCOM client against our resolver and exporter.

Usage: dcom_impacket.py PORT CREDENTIALS-FILE

The file is the one of smbtorture: lines "username = ...", "password = ...", "domain = ...".
"""

import sys

from impacket.dcerpc.v5 import transport
from impacket.dcerpc.v5.dcomrt import (
    IID_IObjectExporter,
    DCOMConnection,
    IActivation,
    IObjectExporter,
    IRemoteSCMActivator,
)
from impacket.dcerpc.v5.rpcrt import (
    RPC_C_AUTHN_LEVEL_CONNECT,
    RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
    RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
    DCERPCException,
)
from impacket.uuid import string_to_bin

HOST = "127.0.0.1"
CLASS = string_to_bin("02B01C80-E03D-101A-B294-00DD010F2BF9")
UNKNOWN_CLASS = string_to_bin("02B01C80-E03D-101A-B294-00DD010F2BFA")
IUNKNOWN = string_to_bin("00000000-0000-0000-C000-000000000046")
ABSENT = string_to_bin("00000001-0000-0000-C000-000000000046")


def read_credentials(path):
    with open(path, encoding="utf-8") as lines:
        fields = dict(line.split(" = ", 1) for line in lines.read().splitlines())
    return fields["username"], fields["password"], fields["domain"]


class Server:
    def __init__(self, port, credentials):
        self.port = port
        self.credentials = credentials

    def connect(self, level=RPC_C_AUTHN_LEVEL_PKT_PRIVACY, password=None):
        user, right, domain = self.credentials
        to = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{HOST}[{self.port}]")
        to.set_credentials(user, password or right, domain)
        dce = to.get_dce_rpc()
        dce.set_auth_level(level)
        dce.connect()
        return dce

    def anonymous(self):
        dce = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{HOST}[{self.port}]").get_dce_rpc()
        dce.connect()
        return dce


def refused(call, *names):
    try:
        call()
    except DCERPCException as error:
        text = str(error)
        assert any(name in text for name in names), text
    else:
        raise AssertionError("was not refused")


def main():
    server = Server(int(sys.argv[1]), read_credentials(sys.argv[2]))

    # Anybody may ask whether somebody is there.
    assert IObjectExporter(server.anonymous()).ServerAlive()["ErrorCode"] == 0
    bindings = IObjectExporter(server.anonymous()).ServerAlive2()
    assert bindings[0]["aNetworkAddr"].startswith(HOST), bindings[0]["aNetworkAddr"]

    for level in (RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, RPC_C_AUTHN_LEVEL_PKT_PRIVACY):
        portmap = server.connect(level)
        portmap.bind(IID_IObjectExporter)
        DCOMConnection.PORTMAPS[HOST] = portmap
        for activator in (IActivation, IRemoteSCMActivator):
            dce = server.connect(level)
            if activator is IActivation:
                thing = IActivation(dce).RemoteActivation(CLASS, IUNKNOWN)
                thing.get_cinstance().set_auth_level(level)
            else:
                thing = IRemoteSCMActivator(dce).RemoteCreateInstance(CLASS, IUNKNOWN)
            oxid, oid = thing.get_oxid(), thing.get_oid()

            again = thing.RemQueryInterface(1, (IUNKNOWN,))
            assert again.get_iPid() == thing.get_iPid()
            refused(lambda: thing.RemQueryInterface(1, (ABSENT,)), "E_NOINTERFACE", "80004002")
            added = thing.RemAddRef()
            assert added["pResults"][0] == 0 or added["pResults"][0]["Data"] == 0

            for resolve in ("ResolveOxid", "ResolveOxid2"):
                resolver = IObjectExporter(server.connect(level))
                found = getattr(resolver, resolve)(oxid, (7,))
                assert found[0]["aNetworkAddr"].startswith(HOST + "["), found[0]["aNetworkAddr"]
                resolver = IObjectExporter(server.connect(level))
                refused(lambda: getattr(resolver, resolve)(b"\0" * 8, (7,)), "OR_INVALID_OXID", "776")

            made = IObjectExporter(server.connect(level)).ComplexPing(0, 0, [oid], [])
            assert made["ErrorCode"] == 0 and made["pSetId"] != 0
            kept = IObjectExporter(server.connect(level)).SimplePing(made["pSetId"])
            assert kept["ErrorCode"] == 0
            resolver = IObjectExporter(server.connect(level))
            refused(lambda: resolver.SimplePing(1), "OR_INVALID_SET", "778")

            thing.RemRelease()
            thing.disconnect()
            type(thing).CONNECTIONS.clear()

    dce = server.connect()
    refused(
        lambda: IRemoteSCMActivator(dce).RemoteCreateInstance(UNKNOWN_CLASS, IUNKNOWN),
        "REGDB_E_CLASSNOTREG",
        "80040154",
    )
    dce = server.connect()
    refused(
        lambda: IRemoteSCMActivator(dce).RemoteGetClassObject(CLASS, ABSENT),
        "CLASS_E_CLASSNOTAVAILABLE",
        "80040111",
    )
    for dce in (
        server.connect(password="not the password"),
        server.connect(level=RPC_C_AUTHN_LEVEL_CONNECT),
    ):
        refused(
            lambda: IRemoteSCMActivator(dce).RemoteCreateInstance(CLASS, IUNKNOWN),
            "access_denied",
            "ACCESS_DENIED",
        )
    print("impacket: ServerAlive, ServerAlive2, RemoteActivation, RemoteCreateInstance, ResolveOxid,")
    print("ResolveOxid2, ComplexPing, SimplePing and IRemUnknown answered; what must be refused was")


main()
