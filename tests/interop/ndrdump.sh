#!/usr/bin/env bash
# Samba's ndrdump reads the stubs that we write: activation, resolver, ORPC headers, references, and those of WMI.
# Usage: ndrdump.sh; ndrdump comes with Debian's samba-testsuite.
#
# Of WMI it reads every answer without a BSTR and the requests named below. Left out, since its definitions know neither
# what a BSTR holds nor that an interface pointer as a parameter has a referent: requests with a BSTR, an object or a
# sink, SetStatus, GetResultString; since they have parameters of their own: IWbemWCOSmartEnum. impacket reads those.
#
# Left out of DCOM, since Samba's interface definitions differ from [MS-DCOM] there: the request of ComplexPing (it takes an OID
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
mkdir "$work/stubs" "$work/wmi"
cd "$root"
cargo run -q -p winreach-dcom --example stubs -- "$work/stubs"
cargo run -q -p winreach-wmi-proto --example wmi_stubs -- write "$work/wmi"

failed=0
read_stub() { # a file, and how ndrdump is to read it
  local name=${1##*/}; shift
  if ndrdump "$@" >"$work/$name.txt" 2>&1 && grep -q '^dump OK' "$work/$name.txt" &&
      ! grep -q 'unread bytes' "$work/$name.txt"; then
    echo "read: $name"
  else
    echo "FAILED: $name"; cat "$work/$name.txt"; failed=1
  fi
}

for file in "$work/stubs"/*; do
  IFS=. read -r interface what format <<<"${file##*/}"
  context=()
  # An answer is read knowing its request, where both are there.
  [ "$format" = out ] && [ -f "$work/stubs/$interface.$what.in" ] && context=(-c "$work/stubs/$interface.$what.in")
  read_stub "$file" "${context[@]}" "$interface" "$what" "$format" "$file"
done

for file in "$work/wmi"/IWbem{Services,CallResult,FetchSmartEnum,Level1Login,ObjectSink}.* "$work/wmi"/IEnum*; do
  IFS=. read -r interface what format <<<"${file##*/}"
  context=() function=$what
  case $interface.$what.$format in
    IWbemServices.QueryObjectSink.in) ;;
    IWbemServices.*.in|*.SetStatus.in|*.NextAsync.in|*.GetResultString.out) continue;;
    *.failed) format=out;;
    IWbemFetchSmartEnum.*) function=Fetch;;
    IEnumWbemClassObject.Next.out) context=(-c "$work/wmi/IEnumWbemClassObject.Next.in");;&
    IEnumWbemClassObject.Next.*|IEnumWbemClassObject.Clone.*) function=${interface}_$what;;
  esac
  read_stub "$file" "${context[@]}" "$interface" "$function" "$format" "$file"
done

# Not only read: read as what was meant.
expect() { # a stub, and a line that must be in what was read
  # Not through a pipe, which grep leaves before the end of a long text.
  if ! grep -qF -- "$2" <(tr -s ' ' <"$work/$1.txt"); then echo "FAILED: $1 lacks: $2"; failed=1; fi
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
expect IWbemLevel1Login.NTLMLogin.in "wszPreferredLocale : 'en-US,en'"
expect IEnumWbemClassObject.Next.in "lTimeout : -1"
expect IEnumWbemClassObject.Skip.in "nCount : 0x00000005 (5)"
expect IWbemCallResult.GetCallStatus.out "plStatus : -2147217406"
expect IWbemServices.GetObject.out "iid : dc12a681-737f-11cf-884d-00aa004b2e24"
expect IWbemServices.PutInstance.out "iid : 44aca675-e8fc-11d0-a07c-00c04fb68820"
expect IWbemServices.PutInstance.out "oid : 0xfedcba9876543210"
expect IWbemServices.OpenNamespace.out "iid : 44aca675-e8fc-11d0-a07c-00c04fb68820"
expect IWbemServices.DeleteInstance.out "result : DOS code 0x80041002"
expect IWbemServices.CreateInstanceEnum.failed "id : 0000031c-0000-0000-c000-000000000046"
expect IWbemObjectSink.Indicate.in "lObjectCount : 2"
exit $failed
