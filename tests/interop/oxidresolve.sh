#!/usr/bin/env bash
# Samba's smbtorture (rpc.oxidresolve) and impacket's DCOM client against our resolver and exporter, over NTLM.
# Usage: oxidresolve.sh; smbtorture comes with Debian's samba-testsuite, impacket is taken from WINREACH_INTEROP_VENV.
#
# Of the six tests in smbtorture 4.17's rpc.oxidresolve, two can pass with any server: ServerAlive and ServerAlive2.
#  - SimplePing pings a set that it never made; the right answer is OR_INVALID_SET, and that is what is demanded here.
#  - ComplexPing, ResolveOxid and ResolveOxid2 begin with a RemoteActivation for whose results they give no room (r.out is
#    not set), so that smbtorture aborts as soon as a server answers it. impacket asks the same of our resolver.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

if ! command -v smbtorture >/dev/null; then
  if [ "${WINREACH_REQUIRE_PEERS:-0}" = 1 ]; then echo "FAILED: smbtorture is not installed"; exit 1; fi
  echo "SKIPPED: smbtorture is not installed"; exit 0
fi

work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

cd "$root"
cargo build -q -p winreach-dcom --example resolver

# The password is made here and never an argument of a program.
password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
(umask 077; echo "tester:$password" >"$work/account"
 printf 'username = tester\npassword = %s\ndomain = RESOLVER\n' "$password" >"$work/credentials")

"$root/target/debug/examples/resolver" 127.0.0.1:0 "$work/account" >"$work/ready" 2>"$work/server.log" &
server=$!
for _ in $(seq 100); do
  [ -s "$work/ready" ] && break
  sleep 0.1
done
port=$(sed -n 's/^ready: resolver \([0-9]*\),.*/\1/p' "$work/ready")
[ -n "$port" ] || { echo "the server did not start"; cat "$work/server.log"; exit 1; }

: >"$work/smb.conf"
torture() { # the protection, the test, and a line that must be in the output
  local log=$work/torture.log
  smbtorture --basedir="$work" -s "$work/smb.conf" -A "$work/credentials" "ncacn_ip_tcp:127.0.0.1[$port,ntlm,$1]" \
    "rpc.oxidresolve.oxidresolver.$2" >"$log" 2>&1 || true
  if grep -q -- "$3" "$log"; then echo "smbtorture $2, $1: $3"; else cat "$log" "$work/server.log"; exit 1; fi
}
for protection in sign seal; do
  torture "$protection" ServerAlive '^success: oxidresolver.ServerAlive'
  torture "$protection" ServerAlive2 '^success: oxidresolver.ServerAlive2'
  torture "$protection" SimplePing 'WERR_OR_INVALID_SET, expected WERR_OK'
done

python=${WINREACH_INTEROP_VENV:-$root/target/interop-venv}/bin/python
if [ -x "$python" ]; then
  "$python" "$here/dcom_impacket.py" "$port" "$work/credentials" || { cat "$work/server.log"; exit 1; }
elif [ "${WINREACH_REQUIRE_PEERS:-0}" = 1 ]; then
  echo "FAILED: impacket is not installed"; exit 1
else
  echo "SKIPPED: impacket is not installed"
fi
