#!/usr/bin/env python3
"""Fills a corpus folder from the recordings of real Windows machines, where they lie beside the repository.

Usage: seed.py TARGET FOLDER. Nothing of the recordings is kept in the repository; without them the fuzzers start from
the small seeds in fuzz/seeds alone.
"""

import glob
import hashlib
import json
import os
import sys

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "shared", "captures")
ACTIVATOR = "000001a0-0000-0000-c000-000000000046"


def stubs():
    with open(os.path.join(CAPTURES, "windows10_wmi_session.json")) as file:
        for pdu in json.load(file)["pdus"]:
            yield pdu, bytes.fromhex(pdu["stub"])


def packets():
    """TCP payloads of the packet recordings, cut at the DCE/RPC header's own length."""
    for path in glob.glob(os.path.join(CAPTURES, "*.pcap*")):
        with open(path, "rb") as file:
            data = file.read()
        at = 0
        while (at := data.find(b"\x05\x00", at)) >= 0:
            header = data[at:at + 16]
            if len(header) == 16 and header[2] in (0, 2, 3, 11, 12, 13, 14, 15, 16) and header[4] == 0x10:
                length = int.from_bytes(header[8:10], "little")
                if 16 <= length <= len(data) - at:
                    yield data[at:at + length]
            at += 2


def tokens():
    for packet in packets():
        at = packet.find(b"NTLMSSP\0")
        if at >= 0:
            yield packet[at:]


def negotiations():
    """SPNEGO tokens: behind the trailers of PDUs that name the provider 9."""
    for packet in packets():
        length = int.from_bytes(packet[10:12], "little")
        if length and packet[2] in (11, 12, 14, 15) and packet[len(packet) - length - 8] == 9:
            yield packet[-length:]


def marked(mark):
    for _, stub in stubs():
        at = -1
        while (at := stub.find(mark, at + 1)) >= 0:
            yield stub[at:]


def smart_packets():
    for path in glob.glob(os.path.join(CAPTURES, "wmio", "smartenum_*.bin")):
        with open(path, "rb") as file:
            stub = file.read()
        at = stub.find(b"WBEMDATA")
        yield stub[at - 4:] if at >= 4 else stub


def units():
    yield from marked(b"\x78\x56\x34\x12")
    for path in glob.glob(os.path.join(CAPTURES, "wmio", "*.bin")):
        with open(path, "rb") as file:
            yield file.read()


# The interfaces of WMI, in the order in which the target has them.
WMI = [
    "f309ad18-d86a-11d0-a075-00c04fb68820", "d4781cd6-e5d3-44df-ad94-930efe48a887",
    "9f6c78ef-fce5-42fa-abea-3e7df91921dc", "541679ab-2e5f-11d3-b34e-00104bcc4b4a",
    "9556dc99-828c-11cf-a37e-00aa003240c7", "027947e1-d731-11ce-a357-000000000001",
    "1c1c45ee-4395-11d2-b60b-00104b703efd", "423ec01e-2e35-11d2-b604-00104b703efd",
    "44aca675-e8fc-11d0-a07c-00c04fb68820", "7c857801-7381-11cf-884d-00aa004b2e24",
]


def wmi_stubs():
    for pdu, stub in stubs():
        if pdu["interface"] in WMI:
            yield bytes([WMI.index(pdu["interface"]), pdu["opnum"], pdu["dir"] == "response"]) + stub


SOURCES = {
    "pdu": packets,
    "ndr": lambda: (stub for _, stub in stubs()),
    "activation": lambda: (stub for pdu, stub in stubs() if pdu["interface"] == ACTIVATOR),
    "objref": lambda: marked(b"MEOW"),
    "ntlm": tokens,
    "spnego": negotiations,
    "wmio": units,
    "smart_enum": smart_packets,
    "wmi_stub": wmi_stubs,
}


def main():
    target, folder = sys.argv[1:]
    if target not in SOURCES or not os.path.isdir(CAPTURES):
        return
    for seed in SOURCES[target]():
        with open(os.path.join(folder, hashlib.sha1(seed).hexdigest()), "wb") as file:
            file.write(seed)


if __name__ == "__main__":
    main()
