#!/usr/bin/env bash
# Samba's ndrdump reads the stubs that we write: activation, resolver, ORPC headers, references.
# Usage: ndrdump.sh; ndrdump comes with Debian's samba-testsuite.
#
# Left out, since Samba's interface definitions differ from [MS-DCOM] there: the request of ComplexPing (it takes an OID
# for a GUID and arrays for inline), the answer of ServerAlive2 (it has a pointer too many) and ISystemActivator (a guess
# from before the specification was published). Recorded Windows 10 traffic and impacket check those.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

if ! command -v ndrdump >/dev/null; then
  if [ "${WINREACH_REQUIRE_PEERS:-0}" = 1 ]; then echo "FAILED: ndrdump is not installed"; exit 1; fi
  echo "SKIPPED: ndrdump is not installed"; exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/stubs"
cd "$root"
cargo run -q -p winreach-dcom --example stubs -- "$work/stubs"

failed=0
for file in "$work/stubs"/*; do
  name=${file##*/}
  IFS=. read -r interface what format <<<"$name"
  context=()
  # An answer is read knowing its request, where both are there.
  [ "$format" = out ] && [ -f "$work/stubs/$interface.$what.in" ] && context=(-c "$work/stubs/$interface.$what.in")
  if ndrdump "${context[@]}" "$interface" "$what" "$format" "$file" >"$work/$name.txt" 2>&1 &&
      grep -q '^dump OK' "$work/$name.txt" && ! grep -q 'unread bytes' "$work/$name.txt"; then
    echo "read: $name"
  else
    echo "FAILED: $name"; cat "$work/$name.txt"; failed=1
  fi
done

# Not only read: read as what was meant.
expect() { # a stub, and a line that must be in what was read
  if ! tr -s ' ' <"$work/$1.txt" | grep -qF -- "$2"; then echo "FAILED: $1 lacks: $2"; failed=1; fi
}
expect IOXIDResolver.ResolveOxid2.out "NetworkAddr : '192.0.2.7[49666]'"
expect IOXIDResolver.ResolveOxid2.out "wAuthnSvc : 0x000a (10)"
expect IOXIDResolver.ResolveOxid2.out "ipidRemUnknown : 00009001-0a1c-0000-aaaa-bbbbccccdddd"
expect IOXIDResolver.ResolveOxid2.in "pOxid : 0x0123456789abcdef"
expect IRemoteActivation.RemoteActivation.in "Clsid : 8bc3f05e-d86b-11d0-a075-00c04fb68820"
expect IRemoteActivation.RemoteActivation.out "iid : f309ad18-d86a-11d0-a075-00c04fb68820"
expect IRemoteActivation.RemoteActivation.out "oid : 0xfedcba9876543210"
expect ObjectRpcBaseTypes.ORPCTHIS.struct "cid : 11111111-2222-4333-8444-555555555555"
expect ObjectRpcBaseTypes.ORPCTHAT.struct "size : 0x0000000b (11)"
exit $failed
