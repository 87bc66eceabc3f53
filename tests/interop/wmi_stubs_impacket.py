#!/usr/bin/env python3
"""impacket reads the WMI stubs that we write, and we read those that its client sends.

Usage: wmi_stubs_impacket.py STUBS, where STUBS is the example `wmi_stubs` of winreach-wmi-proto (or a command for it).
No network: the stubs pass through files. Exit status 0 when all of it holds.

Not read here, because impacket's definitions are not those of [MS-WMI]: Backup, Restore and SetEvent (it takes their
texts for unique pointers), PutClass (a parameter too many), IWbemWCOSmartEnum::Next (it takes the GUID for a pointer),
StopRefreshing and the rest of the refreshers. What its client sends for GetObject and for what is put or deleted has
stray bytes at the end.
"""

import contextlib
import io
import os
import shlex
import subprocess
import sys
import tempfile

from impacket.dcerpc.v5.dcom import wmi
from impacket.dcerpc.v5.dcomrt import INTERFACE, OBJREF, OBJREF_CUSTOM, OBJREF_STANDARD, ORPCTHIS
from impacket.dcerpc.v5.dtypes import NULL
from impacket.dcerpc.v5.ndr import NDRPOINTERNULL
from impacket.uuid import bin_to_string, string_to_bin

IPID = "00009001-0A1C-0000-AAAA-BBBBCCCCDDDD"
CHAIN = "11111111-2222-4333-8444-555555555555"
PROXY = "99999999-8888-4777-8666-555555555555"
QUERY = "SELECT * FROM Test_Thing WHERE Name='x'"
PATH = "Test_Thing.Name='x'"

failures = []


def check(found, expected, what):
    ok = found == expected
    print(("ok      " if ok else "FAILED  ") + what + ("" if ok else f": {found!r}, not {expected!r}"), flush=True)
    if not ok:
        failures.append(what)


# Reading what impacket has read.

def is_null(field):
    return field is NULL or isinstance(field, NDRPOINTERNULL) or (isinstance(field, bytes) and not field)


def text(field):
    return field["asData"].rstrip("\0")


def reference(field):
    """The bytes of an object reference."""
    return b"".join(field["abData"])


def remote(field):
    """A remote object, as the values that the examples give one."""
    data = reference(field)
    standard = OBJREF_STANDARD(data)
    std = standard["std"]
    numbers = (standard["flags"], std["flags"], std["cPublicRefs"], std["oxid"], std["oid"])
    check(numbers, (1, 0, 5, 0x0123456789ABCDEF, 0xFEDCBA9876543210), "  the numbers of a reference")
    check(bin_to_string(std["ipid"]), IPID, "  the IPID of a reference")
    return bin_to_string(OBJREF(data)["iid"]).lower()


def load(field_or_bytes):
    """An object by value, with impacket's own class for it."""
    data = field_or_bytes if isinstance(field_or_bytes, bytes) else reference(field_or_bytes)
    custom = OBJREF_CUSTOM(data)
    check(bin_to_string(custom["clsid"]).lower(), "4590f812-1d3a-11d0-891f-00aa004b2e24", "  the class of an object")
    check(custom["ObjectReferenceSize"], len(data) - 48, "  the size of an object")
    return wmi.IWbemClassObject(INTERFACE(None, data, None, target="nowhere"))


def thing(found, name, what):
    """An instance of Test_Thing with this name."""
    check(found.getClassName(), "Test_Thing", f"{what}: the class")
    values = {key: value["value"] for key, value in found.getProperties().items()}
    expected = {"Name": name, "Size": 7, "Ready": "True", "Total": 1 << 40, "Tags": ["one", "two"], "Codes": [1, 2, 3],
                "Nothing": None}
    check(values, expected, f"{what}: the values")


def thing_class(found, what):
    check(found.getClassName(), "Test_Thing", f"{what}: the class")
    types = {name: value["stype"] for name, value in found.getProperties().items()}
    check(types, {"Name": "string", "Size": "uint32", "Ready": "bool", "Total": "uint64", "Tags": "string",
                  "Codes": "uint16", "Nothing": "uint32"}, f"{what}: the types")
    check("key" in found.getProperties()["Name"]["qualifiers"], True, f"{what}: the key")
    resize = found.getMethods()["Resize"]
    check((list(resize["InParams"]), list(resize["OutParams"])), (["Size", "Note"], ["Message", "ReturnValue"]),
          f"{what}: the parameters of the method")


def context(field, what):
    custom = OBJREF_CUSTOM(reference(field))
    check(bin_to_string(custom["clsid"]).lower(), "674b6698-ee92-11d0-ad71-00c04fd8fdff", f"{what}: a context")
    name = "__ProviderArchitecture"
    expected = (b"\1\0\0\0" + string_to_bin(CHAIN) + b"\1\0\0\0" + len(name).to_bytes(4, "little")
                + name.encode("utf-16le") + b"\0\0\0\0" + b"\3\0" + (64).to_bytes(8, "little"))
    check(custom["pObjectData"], expected, f"{what}: its value")


SINK = "7c857801-7381-11cf-884d-00aa004b2e24"
ENUM = "027947e1-d731-11ce-a357-000000000001"
CALL = "44aca675-e8fc-11d0-a07c-00c04fb68820"
SERVICES = "9556dc99-828c-11cf-a37e-00aa003240c7"


def sink(field):
    check(remote(field), SINK, "  the sink")


def with_context(field):
    context(field, "  pCtx")


def nothing(field):
    check(is_null(field), True, "  a null pointer")


def call(field):
    check(remote(field), CALL, "  the call result")


def enumerator(field):
    check(remote(field), ENUM, "  the enumerator")


def services(field):
    check(remote(field), SERVICES, "  the namespace")


def instance(name):
    return lambda field: thing(load(field), name, "  an instance")


def a_class(field):
    thing_class(load(field), "  a class")


def method_input(field):
    found = load(field)
    values = {key: value["value"] for key, value in found.getProperties().items()}
    check((found.getClassName(), values), ("__PARAMETERS", {"Size": 9, "Note": "bigger"}), "  the parameters")


def method_output(field):
    values = {key: value["value"] for key, value in load(field).getProperties().items()}
    check(values, {"Message": "done", "ReturnValue": 0}, "  the results")


def event(found):
    check(found.getClassName(), "__InstanceCreationEvent", "  an event")
    check(found.TIME_CREATED, 132450000000000000, "  its time")
    thing(found.TargetInstance, "new", "  the instance within it")


def indicated(field):
    check(len(field), 2, "  two objects")
    event(load(field[0]))
    thing(load(field[1]), "second", "  an instance")


def rows(field):
    check(len(field), 2, "  two rows")
    for row, name in zip(field, ("first", "second")):
        thing(load(row), name, "  a row")


def error(found):
    values = {key: value["value"] for key, value in found.getProperties().items()}
    check((found.getClassName(), values),
          ("__ExtendedStatus", {"StatusCode": 0x80041002, "Description": None, "Operation": "GetObject",
                                "ParameterInfo": "Test_Nothing", "ProviderName": "WinMgmt"}), "  the error")


def refresher(field):
    check((field["m_szMachineName"].rstrip("\0"), field["m_dwProcessId"], bin_to_string(field["m_guidRefresherId"])),
          ("CLIENT", 4242, PROXY), "  the refresher")


def refresh_info(field):
    check((field["m_lType"], field["m_lCancelId"]), (3, 77), "  how to refresh")


def guid(field):
    check(bin_to_string(field), PROXY, "  the GUID")


# Each stub, and what stands in it. A plain value is compared with the field; a function is given the field.
OK = {"ErrorCode": 0}
ASYNC = {"pCtx": nothing, "pResponseHandler": sink}
SYNC = {"pCtx": nothing, "ppCallResult": nothing}
STUBS = {
    "IWbemLevel1Login.EstablishPosition.in": {"reserved1": nothing, "reserved2": 0},
    "IWbemLevel1Login.EstablishPosition.out": {"LocaleVersion": 1} | OK,
    "IWbemLevel1Login.RequestChallenge.in": {"reserved1": nothing, "reserved2": nothing},
    "IWbemLevel1Login.NTLMLogin.in": {"wszNetworkResource": "\\\\DC1\\root\\test\0", "wszPreferredLocale": "en-US,en\0",
                                      "lFlags": 0, "pCtx": with_context},
    "IWbemLevel1Login.NTLMLogin.out": {"ppNamespace": services} | OK,
    "IWbemLoginClientID.SetClientInfo.in": {"wszClientMachine": "CLIENT\0", "lClientProcId": 4242, "lReserved": 0},
    "IWbemServices.OpenNamespace.in": {"strNamespace": "child", "lFlags": 0x10, "pCtx": nothing,
                                       "ppWorkingNamespace": nothing, "ppResult": nothing},
    "IWbemServices.OpenNamespace.out": {"ppWorkingNamespace": nothing, "ppResult": call} | OK,
    "IWbemServices.CancelAsyncCall.in": {"IWbemObjectSink": sink},
    "IWbemServices.QueryObjectSink.in": {"lFlags": 0},
    "IWbemServices.QueryObjectSink.out": {"ppResponseHandler": sink} | OK,
    "IWbemServices.GetObject.in": {"strObjectPath": PATH, "lFlags": 0x20000, "pCtx": with_context, "ppObject": nothing,
                                   "ppCallResult": nothing},
    "IWbemServices.GetObject.out": {"ppObject": a_class, "ppCallResult": nothing} | OK,
    "IWbemServices.GetObjectAsync.in": {"strObjectPath": PATH, "lFlags": 0x200} | ASYNC,
    "IWbemServices.PutClass.out": {"ppCallResult": call} | OK,
    "IWbemServices.PutClassAsync.in": {"pObject": a_class, "lFlags": 1} | ASYNC,
    "IWbemServices.DeleteClass.in": {"strClass": "Test_Thing", "lFlags": 0x10} | SYNC,
    "IWbemServices.DeleteClass.out": {"ppCallResult": call} | OK,
    "IWbemServices.DeleteClassAsync.in": {"strClass": "Test_Thing", "lFlags": 0x80} | ASYNC,
    "IWbemServices.CreateClassEnum.in": {"strSuperClass": "", "lFlags": 1, "pCtx": with_context},
    "IWbemServices.CreateClassEnum.out": {"ppEnum": enumerator} | OK,
    "IWbemServices.CreateClassEnumAsync.in": {"strSuperClass": "Test_Thing", "lFlags": 1} | ASYNC,
    "IWbemServices.PutInstance.in": {"pInst": instance("put"), "lFlags": 2, "pCtx": with_context,
                                     "ppCallResult": nothing},
    "IWbemServices.PutInstance.out": {"ppCallResult": call} | OK,
    "IWbemServices.PutInstanceAsync.in": {"pInst": instance("put"), "lFlags": 0} | ASYNC,
    "IWbemServices.DeleteInstance.in": {"strObjectPath": PATH, "lFlags": 0x10} | SYNC,
    "IWbemServices.DeleteInstance.out": {"ppCallResult": nothing, "ErrorCode": 0x80041002},
    "IWbemServices.DeleteInstanceAsync.in": {"strObjectPath": PATH, "lFlags": 0} | ASYNC,
    "IWbemServices.CreateInstanceEnum.in": {"strSuperClass": "Test_Thing", "lFlags": 0x30, "pCtx": nothing},
    "IWbemServices.CreateInstanceEnum.out": {"ppEnum": enumerator} | OK,
    "IWbemServices.CreateInstanceEnumAsync.in": {"strSuperClass": "Test_Thing", "lFlags": 1} | ASYNC,
    "IWbemServices.ExecQuery.in": {"strQueryLanguage": "WQL", "strQuery": QUERY, "lFlags": 0x20, "pCtx": with_context},
    "IWbemServices.ExecQuery.out": {"ppEnum": enumerator} | OK,
    "IWbemServices.ExecQueryAsync.in": {"strQueryLanguage": "WQL", "strQuery": QUERY, "lFlags": 2} | ASYNC,
    "IWbemServices.ExecNotificationQuery.in": {"strQueryLanguage": "WQL", "strQuery": QUERY, "lFlags": 0x30,
                                               "pCtx": with_context},
    "IWbemServices.ExecNotificationQuery.out": {"ppEnum": enumerator} | OK,
    "IWbemServices.ExecNotificationQueryAsync.in": {"strQueryLanguage": "WQL", "strQuery": QUERY, "lFlags": 0x80}
    | ASYNC,
    "IWbemServices.ExecMethod.in": {"strObjectPath": PATH, "strMethodName": "Resize", "lFlags": 0, "pCtx": with_context,
                                    "pInParams": method_input, "ppOutParams": nothing, "ppCallResult": nothing},
    "IWbemServices.ExecMethod.out": {"ppOutParams": method_output, "ppCallResult": nothing} | OK,
    "IWbemServices.ExecMethodAsync.in": {"strObjectPath": PATH, "strMethodName": "Resize", "lFlags": 0,
                                         "pInParams": method_input} | ASYNC,
    "IEnumWbemClassObject.Reset.in": {},
    "IEnumWbemClassObject.Reset.out": OK,
    "IEnumWbemClassObject.Next.in": {"lTimeout": 0xFFFFFFFF, "uCount": 10},
    "IEnumWbemClassObject.Next.out": {"apObjects": rows, "puReturned": 2, "ErrorCode": 1},
    # impacket calls the count a time.
    "IEnumWbemClassObject.NextAsync.in": {"lTimeout": 3, "pSink": sink},
    "IEnumWbemClassObject.Clone.in": {},
    "IEnumWbemClassObject.Clone.out": {"ppEnum": enumerator} | OK,
    "IEnumWbemClassObject.Skip.in": {"lTimeout": 1000, "uCount": 5},
    "IWbemFetchSmartEnum.GetSmartEnum.in": {},
    "IWbemFetchSmartEnum.GetSmartEnum.out":
        {"ppSmartEnum": lambda field: check(remote(field), "423ec01e-2e35-11d2-b604-00104b703efd", "  the smart form")}
        | OK,
    "IWbemCallResult.GetResultObject.in": {"lTimeout": 1000},
    "IWbemCallResult.GetResultObject.out": {"ppResultObject": instance("result")} | OK,
    "IWbemCallResult.GetResultString.in": {"lTimeout": -1},
    "IWbemCallResult.GetResultString.out": {"pstrResultString": PATH} | OK,
    "IWbemCallResult.GetResultServices.in": {"lTimeout": 1000},
    "IWbemCallResult.GetResultServices.out": {"ppServices": services} | OK,
    "IWbemCallResult.GetCallStatus.in": {"lTimeout": 1000},
    "IWbemCallResult.GetCallStatus.out": {"plStatus": 0x80041002 - (1 << 32)} | OK,
    "IWbemObjectSink.Indicate.in": {"lObjectCount": 2, "apObjArray": indicated},
    "IWbemObjectSink.SetStatus.in": {"lFlags": 0, "hResult": 0x80041002 - (1 << 32), "strParam": PATH,
                                     "pObjParam": lambda field: error(load(field))},
    "IWbemBackupRestoreEx.Pause.in": {},
    "IWbemBackupRestoreEx.Resume.in": {},
    "IWbemRefreshingServices.AddObjectToRefresherByTemplate.in":
        {"pRefresherId": refresher, "pTemplate": instance("template"), "lFlags": 0, "pContext": with_context,
         "dwClientRefrVersion": 2},
    "IWbemRefreshingServices.AddObjectToRefresherByTemplate.out":
        {"pInfo": refresh_info, "pdwSvrRefrVersion": 1} | OK,
    "IWbemRefreshingServices.RemoveObjectFromRefresher.in":
        {"pRefresherId": refresher, "lId": 77, "lFlags": 0, "dwClientRefrVersion": 2},
    "IWbemRefreshingServices.GetRemoteRefresher.in":
        {"pRefresherId": refresher, "lFlags": 0, "dwClientRefrVersion": 2},
    "IWbemRefreshingServices.GetRemoteRefresher.out":
        {"ppRemRefresher": lambda field: check(remote(field), "f1e9c5b2-f59b-11d2-b362-00105a1f8177", "  the refresher"),
         "pGuid": guid, "pdwSvrRefrVersion": 1} | OK,
}


def read_ours(folder):
    for name, fields in STUBS.items():
        interface, method, direction = name.split(".")
        structure = getattr(wmi, f"{interface}_{method}" + ("Response" if direction == "out" else ""))
        with open(os.path.join(folder, name), "rb") as file:
            stub = file.read()
        found = structure(stub)
        check(len(found.getData()), len(stub), f"{name}: nothing left over")
        if direction == "in":
            check(found.opnum, OPNUMS.get(name, found.opnum), f"{name}: the number")
            check(bin_to_string(found["ORPCthis"]["cid"]), CHAIN, f"{name}: the header")
        for field, expected in fields.items():
            value = found[field]
            if callable(expected):
                print(f"        {name}: {field}")
                expected(value)
            else:
                if not isinstance(value, (str, int)):
                    value = text(value)
                check(value, expected, f"{name}: {field}")


# Of the methods that must be seen; impacket has the numbers too.
OPNUMS = {
    "IWbemServices.GetObject.in": 6, "IWbemServices.CreateClassEnum.in": 12, "IWbemServices.PutInstance.in": 14,
    "IWbemServices.DeleteInstance.in": 16, "IWbemServices.ExecNotificationQuery.in": 22,
    "IWbemServices.ExecMethod.in": 24, "IEnumWbemClassObject.Next.in": 4,
}


def read_failure(folder):
    """The error beside the results."""
    with open(os.path.join(folder, "IWbemServices.CreateInstanceEnum.failed"), "rb") as file:
        found = wmi.IWbemServices_CreateInstanceEnumResponse(file.read())
    check((is_null(found["ppEnum"]), found["ErrorCode"]), (True, 0x80041002), "a failure")
    extents = found["ORPCthat"]["extensions"]["extent"]
    check((found["ORPCthat"]["extensions"]["size"], len(extents)), (1, 2), "a failure: one extent, and room for two")
    check(bin_to_string(extents[0]["id"]).lower(), "0000031c-0000-0000-c000-000000000046", "a failure: the extension")
    error(load(b"".join(extents[0]["data"])[:extents[0]["size"]]))


# Writing with impacket.

class Sent(BaseException):
    """A request would have gone out. Not an Exception: impacket's methods swallow those."""


def recorder(kind, folder):
    """A client of impacket's without a connection: what it sends goes into a folder."""

    def record(self, request, iid=None, uuid=None):
        request["ORPCthis"] = ORPCTHIS()
        request["ORPCthis"]["version"]["MajorVersion"] = 5
        request["ORPCthis"]["version"]["MinorVersion"] = 7
        request["ORPCthis"]["cid"] = string_to_bin(CHAIN)
        request["ORPCthis"]["extensions"] = NULL
        request["ORPCthis"]["flags"] = 0
        name = type(request).__name__.replace("_", ".", 1)
        with open(os.path.join(folder, f"{name}.in"), "wb") as file:
            file.write(request.getData())
        raise Sent

    proxy = type(kind.__name__, (kind,), {"request": record})
    return proxy(INTERFACE(None, None, None, target="nowhere"))


def send(call, *arguments, **named):
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            call(*arguments, **named)
    except Sent:
        return
    raise AssertionError(f"{call} sent nothing")


def spawned(ours):
    """An instance that impacket makes of our class."""
    with open(os.path.join(ours, "IWbemServices.GetObject.out"), "rb") as file:
        field = wmi.IWbemServices_GetObjectResponse(file.read())["ppObject"]
    made = load(field).SpawnInstance()
    made.Name, made.Size, made.Ready, made.Total = "from impacket", 4242, True, 1 << 33
    made.Codes = [7, 8]
    # impacket writes no arrays of strings into properties.
    made.Tags = None
    made.Nothing = None
    return field, made


def write_with_impacket(ours, folder):
    namespace, result = recorder(wmi.IWbemServices, folder), recorder(wmi.IEnumWbemClassObject, folder)
    field, made = spawned(ours)
    with contextlib.redirect_stdout(io.StringIO()):
        marshalled = made.marshalMe()
    send(namespace.OpenNamespace, "child\0")
    send(namespace.QueryObjectSink)
    send(namespace.GetObject, "Win32_Thing.Name='y'\0", 0x20000)
    send(namespace.PutClass, OBJREF_CUSTOM(reference(field)))
    send(namespace.DeleteClass, "Win32_Thing", 0x10)
    send(namespace.CreateClassEnum, "Win32_Thing", 1)
    send(namespace.PutInstance, marshalled, 2)
    send(namespace.DeleteInstance, "Win32_Thing.Name='y'")
    send(namespace.CreateInstanceEnum, "Win32_Thing", 0x30)
    send(namespace.ExecQuery, "SELECT * FROM Win32_Thing", 0x30)
    send(namespace.ExecNotificationQuery, "SELECT * FROM __Event", 0x30)
    send(result.Reset)
    send(result.Next, 1000, 25)
    send(result.Clone)
    send(result.Skip, 1000, 5)

    # A method, called as a method of the class.
    send(wmi.IWbemClassObject(INTERFACE(None, reference(field), None, target="nowhere"), namespace).Resize,
         77, "from impacket")

    with open(os.path.join(folder, "put.unit"), "wb") as file:
        file.write(marshalled["pObjectData"].getData())
    with open(os.path.join(folder, "class.unit"), "wb") as file:
        file.write(OBJREF_CUSTOM(reference(field))["pObjectData"])
    with open(os.path.join(folder, "IWbemServices.ExecMethod.in"), "rb") as file:
        sent = wmi.IWbemServices_ExecMethod(file.read())
    with open(os.path.join(folder, "input.unit"), "wb") as file:
        file.write(OBJREF_CUSTOM(reference(sent["pInParams"]))["pObjectData"])


SHOWN = {
    "IWbemServices.OpenNamespace": ['namespace: Bstr(Some("child"))', "flags: Flags(0x0)", "context: None"],
    "IWbemServices.QueryObjectSink": ["QueryObjectSink { flags: Flags(0x0) }"],
    "IWbemServices.GetObject": ['''path: Bstr(Some("Win32_Thing.Name='y'"))''', "flags: Flags(USE_AMENDED_QUALIFIERS)",
                                "context: None", "object: Empty"],
    "IWbemServices.PutClass": ["object: Some(ClassObject(", "flags: PutFlags(0x0)", "context: None"],
    "IWbemServices.DeleteClass": ['class: Bstr(Some("Win32_Thing"))', "flags: Flags(RETURN_IMMEDIATELY)"],
    "IWbemServices.CreateClassEnum": ['superclass: Bstr(Some("Win32_Thing"))', "flags: Flags(SHALLOW)"],
    "IWbemServices.PutInstance": ["object: Some(ClassObject(", "flags: PutFlags(CREATE_ONLY)", "context: None"],
    "IWbemServices.DeleteInstance": ['''path: Bstr(Some("Win32_Thing.Name='y'"))''', "flags: Flags(0x0)"],
    "IWbemServices.CreateInstanceEnum": ['class: Bstr(Some("Win32_Thing"))',
                                         "flags: Flags(RETURN_IMMEDIATELY | FORWARD_ONLY)"],
    "IWbemServices.ExecQuery": ['language: Bstr(Some("WQL"))', 'query: Bstr(Some("SELECT * FROM Win32_Thing"))'],
    "IWbemServices.ExecNotificationQuery": ['language: Bstr(Some("WQL"))', 'query: Bstr(Some("SELECT * FROM __Event"))',
                                            "flags: Flags(RETURN_IMMEDIATELY | FORWARD_ONLY)"],
    "IWbemServices.ExecMethod": ['path: Bstr(Some("Test_Thing"))', 'method: Bstr(Some("Resize"))',
                                 "input: Some(ClassObject(", "output: Empty"],
    "IEnumWbemClassObject.Reset": ["Reset"],
    "IEnumWbemClassObject.Next": ["Next { timeout: Timeout(1000), count: 25 }"],
    "IEnumWbemClassObject.Clone": ["Clone"],
    "IEnumWbemClassObject.Skip": ["Skip { timeout: Timeout(1000), count: 5 }"],
}


def main():
    command = shlex.split(sys.argv[1])

    def stubs(*arguments):
        return subprocess.run([*command, *arguments], check=True, capture_output=True, text=True).stdout

    with tempfile.TemporaryDirectory() as work:
        ours, theirs = os.path.join(work, "ours"), os.path.join(work, "theirs")
        os.mkdir(ours)
        os.mkdir(theirs)
        stubs("write", ours)
        print("== impacket reads our stubs")
        read_ours(ours)
        read_failure(ours)

        print("== we read impacket's stubs")
        write_with_impacket(ours, theirs)
        units = {name: os.path.join(work, name) for name in ("put.unit", "class.unit", "input.unit")}
        for name, path in units.items():
            os.rename(os.path.join(theirs, name), path)
        shown = dict(line.split(".in: ", 1) for line in stubs("show", theirs).splitlines())
        check(sorted(shown), sorted(SHOWN), "every request of impacket is read")
        for name, parts in SHOWN.items():
            missing = [part for part in parts if part not in shown.get(name, "")]
            check(missing, [], name)
        put = stubs("unit", units["put.unit"]).splitlines()
        check(put, ["Test_Thing", 'Name = String("from impacket")', "Size = Uint32(4242)", "Ready = Boolean(true)",
                    "Total = Uint64(8589934592)", "Tags = Null", "Codes = Array(Uint16([7, 8]))", "Nothing = Null"],
              "an instance that impacket made of our class")
        values = stubs("input", units["class.unit"], "Resize", units["input.unit"]).splitlines()
        check(values, ["__PARAMETERS", "Size = Uint32(77)", 'Note = String("from impacket")'],
              "the parameters that impacket made of our signature")

    print(f"{len(failures)} failures" if failures else "all of it holds")
    sys.exit(1 if failures else 0)


main()
