#!/usr/bin/env bash
# The interop suite: our client and our server against programs that nobody here wrote, on loopback addresses.
# A peer that cannot be installed is a failure where WINREACH_REQUIRE_PEERS=1 (as in CI), else a visible skip.
# Usage: tests/interop/run.sh [BINARY]; needs root, for the ports that the peers insist on and for installing them.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
require=${WINREACH_REQUIRE_PEERS:-0}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

export WINREACH_INTEROP_VENV=${WINREACH_INTEROP_VENV:-$root/target/interop-venv}
venv=$WINREACH_INTEROP_VENV
mkdir -p "$(dirname "$venv")"
if ! "$here/setup.sh" "$venv" >"$work/setup.log" 2>&1; then
  tail -n 20 "$work/setup.log"
  if [ "$require" = 1 ]; then echo "FAILED: the peers could not be installed"; exit 1; fi
  echo "SKIPPED: the peers could not be installed"; exit 0
fi

cd "$root"
binary=${1:-}
if [ -z "$binary" ]; then
  cargo build -q -p winreach || exit 1
  binary=$root/target/debug/winreach
fi

failed=0
step() { # a name, then the command
  local name=$1; shift
  echo "== $name"
  if "$@"; then echo "== $name: passed"; else echo "== $name: FAILED"; failed=1; fi
}

samba() {
  "$here/samba.sh" start "$work/samba" || return 1
  WINREACH_TEST_SAMBA=127.0.0.10 WINREACH_TEST_SAMBA_PASSWORD_FILE=$work/samba/password \
    WINREACH_TEST_SAMBA_DIR=$work/samba \
    cargo test -q -p winreach-rpc --test samba --test samba_levels --test samba_kerberos
  local status=$?
  "$here/samba.sh" stop "$work/samba"
  return $status
}

wql() {
  cargo build -q -p winreach-cim --example wql || return 1
  "$venv/bin/python" "$here/wql_wine.py" "${CARGO_TARGET_DIR:-$root/target}/debug/examples/wql"
}

kerberos() {
  "$here/mit_kdc.sh" start "$work/mit" || return 1
  "$here/mit_kdc.sh" check "$work/mit" && "$venv/bin/python" "$here/gss_peer.py" selftest "$work/mit"
  local status=$?
  "$here/mit_kdc.sh" stop "$work/mit"
  return $status
}

gssapi() {
  "$here/mit_kdc.sh" start "$work/mit" || return 1
  local status=1
  if "$here/samba.sh" start "$work/samba"; then
    "$venv/bin/python" "$here/kerberos_gssapi.py" "$work/mit" --samba "$work/samba"
    status=$?
    "$here/samba.sh" stop "$work/samba"
  fi
  "$here/mit_kdc.sh" stop "$work/mit"
  return $status
}

domain() {
  "$here/samba.sh" start "$work/samba" || return 1
  "$here/samba.sh" check "$work/samba"
  local status=$?
  "$here/samba.sh" stop "$work/samba"
  return $status
}

served_kerberos() {
  "$here/mit_kdc.sh" start "$work/mit" && "$here/samba.sh" start "$work/samba" &&
    "$venv/bin/python" "$here/server_kerberos.py" "$binary" "$work/mit" "$work/samba"
  local status=$?
  "$here/samba.sh" stop "$work/samba"
  "$here/mit_kdc.sh" stop "$work/mit"
  return $status
}

step "NTLM with pyspnego and impacket" "$venv/bin/python" "$here/ntlm_pyspnego.py"
step "WMI clients: impacket, wmiquery.py, aiowmi" "$venv/bin/python" "$here/wmi_peers.py" "$binary"
step "methods with impacket" "$venv/bin/python" "$here/methods_impacket.py" "$binary"
step "the registry file with Wine" "$venv/bin/python" "$here/registry_wine.py" "$binary"
step "Files of Kerberos: MIT, Samba" "$here/kerberos_files.sh"
step "WQL with Wine" wql
step "DCE/RPC with Samba" samba
step "smbtorture rpc.oxidresolve" "$here/oxidresolve.sh"
step "ndrdump reads our stubs" "$here/ndrdump.sh"
step "WMI stubs with impacket" "$venv/bin/python" "$here/wmi_stubs_impacket.py" \
  "cargo run -q -p winreach-wmi-proto --example wmi_stubs --"
step "an MIT KDC and GSSAPI peers" kerberos
step "Kerberos accounts in Samba" domain
step "Kerberos callers of our server" served_kerberos
step "Kerberos and SPNEGO with MIT's GSSAPI and pyspnego" gssapi
exit $failed
