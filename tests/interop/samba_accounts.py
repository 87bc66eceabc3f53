#!/usr/bin/python3
"""Accounts for the tests in a freshly provisioned Samba domain that is not running. Usage: samba_accounts.py DIR

Makes in DIR, for the owner alone: NAME.password of each account, NAME.keytab of the services and of alice, and
facts.txt with a line `NAME SID` for each account and group. What the accounts are for is told in samba.sh.
Debian's own python3 has Samba's modules; another may not."""

import os
import secrets
import sys

import samba.dckeytab  # noqa: F401  gives Net its export_keytab
from samba.auth import system_session
from samba.dsdb import GTYPE_SECURITY_DOMAIN_LOCAL_GROUP
from samba.ndr import ndr_unpack
from samba.dcerpc import security
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

REALM = "TEST.LAN"
RC4, AES128, AES256 = 4, 8, 16
# The service principals and the encryption types (msDS-SupportedEncryptionTypes) of a service account.
SERVICES = {
    "svc-host": (["host/winreach.test.lan", "RPCSS/winreach.test.lan", "HOST/winreach"], AES128 | AES256),
    "svc-aes128": (["host/aes128.test.lan", "RPCSS/aes128.test.lan"], AES128),
    "svc-rc4": (["host/rc4.test.lan", "RPCSS/rc4.test.lan"], RC4),
    "svc-default": (["host/default.test.lan", "RPCSS/default.test.lan"], None),
}
USERS = ["alice", "bob", "jürgen", "disabled", "expired", "protected"]


def main():
    folder = sys.argv[1]
    os.umask(0o077)
    settings = LoadParm(os.path.join(folder, "domain/etc/smb.conf"))
    database = SamDB(lp=settings, session_info=system_session())
    net = Net(None, settings)

    def entry(name):
        return f"(sAMAccountName={name})"

    def modify(name, attribute, value):
        distinguished = database.search(expression=entry(name), attrs=[])[0].dn
        database.modify_ldif(f"dn: {distinguished}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n")

    def add_user(name, beginning=""):
        password = f"{beginning}Aa1-{secrets.token_hex(12)}"
        with open(os.path.join(folder, f"{name}.password"), "w", encoding="utf-8") as file:
            file.write(password)
        database.newuser(name, password)

    def keytab(name, principals):
        for principal in principals:
            net.export_keytab(keytab=os.path.join(folder, f"{name}.keytab"), principal=f"{principal}@{REALM}")

    for name in USERS:
        add_user(name, "pässwörd-" if name == "jürgen" else "")
    modify("bob", "userPrincipalName", f"robert@{REALM.lower()}")
    database.disable_account(entry("disabled"))
    modify("expired", "pwdLastSet", 0)

    database.newgroup("wmi readers")
    database.newgroup("wmi local", grouptype=GTYPE_SECURITY_DOMAIN_LOCAL_GROUP)
    for group, member in (("wmi readers", "alice"), ("wmi local", "wmi readers"), ("Protected Users", "protected")):
        database.add_remove_group_members(group, [member])

    for name, (principals, types) in SERVICES.items():
        add_user(name)
        for principal in principals:
            modify_spn = f"changetype: modify\nadd: servicePrincipalName\nservicePrincipalName: {principal}\n"
            distinguished = database.search(expression=entry(name), attrs=[])[0].dn
            database.modify_ldif(f"dn: {distinguished}\n{modify_spn}")
        if types is not None:
            modify(name, "msDS-SupportedEncryptionTypes", types)
        keytab(name, principals)
    keytab("alice", ["alice"])

    with open(os.path.join(folder, "facts.txt"), "w", encoding="utf-8") as facts:
        facts.write(f"domain {database.get_domain_sid()}\n")
        for name in [*USERS, *SERVICES, "wmi readers", "wmi local", "Domain Users"]:
            found = database.search(expression=entry(name), attrs=["objectSid"])[0]
            sid = ndr_unpack(security.dom_sid, found["objectSid"][0])
            facts.write(f"{name.replace(' ', '-')} {sid}\n")


if __name__ == "__main__":
    main()
