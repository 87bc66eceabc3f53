#!/usr/bin/env bash
# Credential caches, keytabs and krb5.conf of MIT Kerberos and Samba against our readers and writers: what `show` prints
# of a file must be what MIT's klist prints, copies that we write must be read by klist and be good for tickets, and
# what krb5.conf says must be what libkrb5 says.
# Usage: kerberos_files.sh; takes krb5-user, krb5-kdc, krb5-admin-server and samba of Debian. Needs no root, but for Samba.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/sbin:/sbin

missing() {
  if [ "${WINREACH_REQUIRE_PEERS:-0}" = 1 ]; then echo "FAILED: $1 is not installed"; exit 1; fi
  echo "SKIPPED: $1 is not installed"; exit 0
}
for program in krb5kdc kdb5_util kadmin.local kinit kvno klist kswitch ktutil python3; do
  command -v "$program" >/dev/null || missing "$program"
done

work=$(mktemp -d)
kdc=
cleanup() {
  if [ -n "$kdc" ]; then kill "$kdc" 2>/dev/null || true; wait "$kdc" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

cd "$root"
cargo build -q -p winreach-kerberos --example show
show=${CARGO_TARGET_DIR:-$root/target}/debug/examples/show

# klist prints times as the locale and the time zone want them.
export LC_ALL=C TZ=UTC
export KRB5_CONFIG=$work/krb5.conf KRB5_KDC_PROFILE=$work/kdc.conf TMPDIR=$work
failed=0
same() { # what is compared, a file of a peer, and ours
  if diff "$2" "$3" >"$work/diff"; then echo "the same: $1"; else echo "FAILED: $1"; cat "$work/diff"; failed=1; fi
}
works() { # what must be done, and the command
  local name=$1; shift
  if "$@"; then echo "$name"; else echo "FAILED: $name"; failed=1; fi
}

# A realm with a KDC on a port that is free.
start_kdc() {
  local port=$((20000 + RANDOM % 20000))
  cat >"$work/krb5.conf" <<CONF
[libdefaults]
  default_realm = TEST.EXAMPLE
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  qualify_shortname = ""
  default_ccache_name = FILE:%{TEMP}/default_%{uid}_%{euid}_%{username}%{null}
  default_keytab_name = $work/service_%{uid}.keytab
[realms]
  TEST.EXAMPLE = {
    kdc = 127.0.0.1:$port
  }
[domain_realm]
  .example.com = TEST.EXAMPLE
  www.example.com = WWW.EXAMPLE
  example.net = NET.EXAMPLE
  sub.example.net = SUB.EXAMPLE
CONF
  cat >"$work/kdc.conf" <<CONF
[kdcdefaults]
  kdc_listen = 127.0.0.1:$port
  kdc_tcp_listen = 127.0.0.1:$port
[realms]
  TEST.EXAMPLE = {
    database_name = $work/principal
    key_stash_file = $work/stash
    acl_file = $work/acl
    max_renewable_life = 7d
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal aes256-cts-hmac-sha384-192:normal arcfour-hmac:normal
  }
[logging]
  kdc = FILE:$work/kdc.log
CONF
  if [ ! -e "$work/principal" ]; then make_realm; fi
  krb5kdc -n >"$work/kdc.out" 2>&1 &
  kdc=$!
  for _ in $(seq 50); do
    if grep -q 'starting' "$work/kdc.out"; then return 0; fi
    kill -0 "$kdc" 2>/dev/null || break
    sleep 0.1
  done
  kdc=
  return 1
}

# The passwords are made here and never arguments of a program.
make_realm() {
  local password
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  (umask 077; echo "$password" >"$work/password")
  printf '%s\n%s\n' "$password" "$password" | kdb5_util create -s >"$work/kdb5.log" 2>&1
  kadmin.local >"$work/kadmin.log" 2>&1 <<ADMIN
addprinc -pw $password alice
addprinc -pw $password bob/admin
addprinc -pw $password "o\\/d\\@d\\\\ n\\ame"
addprinc -randkey host/server.example.com
addprinc -randkey HTTP/www.example.com
addprinc -randkey ftp/a.b
modprinc -maxrenewlife "7 days" krbtgt/TEST.EXAMPLE
modprinc -maxrenewlife "7 days" alice
modprinc -maxrenewlife "7 days" host/server.example.com
ADMIN
}
for _ in 1 2 3 4 5; do start_kdc && break; done
[ -n "$kdc" ] || { echo "FAILED: the KDC did not start"; cat "$work"/kdb5.log "$work"/kdc.out; exit 1; }

get() { kinit "$@" <"$work/password" >>"$work/kinit.log"; }
ask() { kvno "$@" >>"$work/kvno.log"; }
caches() { # what is compared, and the cache, or none for the default one
  klist -efan "${@:2}" >"$work/theirs"
  "$show" ccache "${@:2}" >"$work/ours" || true
  same "$1" "$work/theirs" "$work/ours"
}
keytabs() {
  klist -ket "${@:2}" >"$work/theirs"
  "$show" keytab "${@:2}" >"$work/ours" || true
  same "$1" "$work/theirs" "$work/ours"
}
administer() { kadmin.local >>"$work/kadmin.log" 2>&1; }

# Each version of the format of caches; 1 and 2 have the byte order of this machine.
for version in 4 3 2 1; do
  sed "s/^\\[libdefaults\\]/&\n  ccache_type = $version/" "$work/krb5.conf" >"$work/krb5.$version"
  cache=FILE:$work/cache$version
  KRB5_CONFIG=$work/krb5.$version get -c "$cache" -f -p -r 7d alice
  KRB5_CONFIG=$work/krb5.$version ask -c "$cache" host/server.example.com HTTP/www.example.com
  [ "$(od -An -j1 -N1 -tu1 "$work/cache$version" | tr -d ' ')" = $version ] || { echo "no version $version"; exit 1; }
  caches "cache of version $version" "$cache"
done
get -c "FILE:$work/addresses" -a -l 1h alice
caches "cache with addresses" "FILE:$work/addresses"
get -c "FILE:$work/odd" 'o\/d\@d\\ n\ame'
caches "cache of an odd name" "FILE:$work/odd"
get -c "FILE:$work/user" bob/admin
ask -c "FILE:$work/user" --u2u "FILE:$work/cache4" alice
caches "cache with a ticket for a user" "FILE:$work/user"

# A collection, of which one is chosen.
mkdir -m 700 "$work/collection"
get -c "DIR:$work/collection" alice
get -c "DIR::$work/collection/tktbob" bob/admin
KRB5CCNAME=DIR:$work/collection kswitch -p bob/admin
caches "primary cache of a directory" "DIR:$work/collection"
KRB5CCNAME=DIR:$work/collection kswitch -p alice
caches "another primary cache" "DIR:$work/collection"
caches "cache of a directory" "DIR::$work/collection/tktbob"

# Names out of the configuration and the environment.
get alice
caches "default cache of the configuration"
export KRB5CCNAME=$work/user
caches "default cache of the environment"
unset KRB5CCNAME

# Copies: byte by byte what MIT Kerberos wrote, and good for another ticket.
"$show" ccache "FILE:$work/cache4" "$work/copy4" >/dev/null
works "the same: bytes of a cache" cmp "$work/cache4" "$work/copy4"
for version in 3 2 1; do
  "$show" ccache "FILE:$work/cache$version" "$work/copy$version" >/dev/null
  klist -efan "FILE:$work/cache$version" | tail -n +2 >"$work/theirs"
  klist -efan "FILE:$work/copy$version" | tail -n +2 >"$work/ours"
  same "copy of version $version, read by klist" "$work/theirs" "$work/ours"
done
for version in 4 3 2 1; do
  works "a ticket by the copy of version $version" ask -c "FILE:$work/copy$version" ftp/a.b
done

# Keytabs: several versions of keys, one beyond eight bits, holes, and keys that took their place.
keytab=$work/service_$(id -u).keytab
administer <<ADMIN
ktadd -k $keytab host/server.example.com
ktadd -k $keytab HTTP/www.example.com
ktadd -k $keytab host/server.example.com
modprinc -kvno 300 HTTP/www.example.com
ktadd -k $keytab HTTP/www.example.com
ADMIN
keytabs "keytab" "FILE:$keytab"
"$show" keytab "$keytab" "$work/copy.keytab" >/dev/null
works "the same: bytes of a keytab" cmp "$keytab" "$work/copy.keytab"
administer <<ADMIN
ktremove -k $keytab host/server.example.com old
ktadd -k $keytab ftp/a.b
ADMIN
keytabs "keytab with holes" "FILE:$keytab"
keytabs "default keytab of the configuration"
rm "$work/copy.keytab"
"$show" keytab "$keytab" "$work/copy.keytab" >/dev/null
klist -ketK "$keytab" | tail -n +2 >"$work/theirs"; klist -ketK "$work/copy.keytab" | tail -n +2 >"$work/ours"
same "copy of a keytab with holes, read by klist with its keys" "$work/theirs" "$work/ours"
works "a ticket by the copy of a keytab" kinit -c "FILE:$work/service" -k -t "$work/copy.keytab" host/server.example.com
python3 - "$keytab" "$work/old.keytab" <<'PYTHON'
# The same in version 1 of the format: byte order of this machine, realms counted, no types of names.
import struct, sys
source = open(sys.argv[1], "rb").read()
out, at = b"\x05\x01", 2
while at < len(source):
    size, = struct.unpack_from(">i", source, at)
    at += 4
    record, at = source[at:at + abs(size)], at + abs(size)
    if size < 0:
        out += struct.pack("=i", size) + record
        continue
    count, = struct.unpack_from(">H", record)
    new, where = struct.pack("=H", count + 1), 2
    for _ in range(count + 1):
        length, = struct.unpack_from(">H", record, where)
        new += struct.pack("=H", length) + record[where + 2:where + 2 + length]
        where += 2 + length
    timestamp, kvno, etype, length = struct.unpack_from(">IBHH", record, where + 4)
    where += 4 + 9
    new += struct.pack("=IBHH", timestamp, kvno, etype, length) + record[where:where + length]
    new += struct.pack("=I", *struct.unpack_from(">I", record, where + length))
    out += struct.pack("=i", len(new)) + new
open(sys.argv[2], "wb").write(out)
PYTHON
keytabs "keytab of version 1" "FILE:$work/old.keytab"

# What Samba exports, written by Heimdal.
if command -v samba-tool >/dev/null && [ "$(id -u)" = 0 ]; then
  : >"$work/empty.conf"
  if env -u KRB5_CONFIG samba-tool domain provision -s "$work/empty.conf" --targetdir="$work/domain" --realm=TEST.LAN \
      --domain=TEST --server-role=dc --dns-backend=SAMBA_INTERNAL --host-name=dc1 --host-ip=127.0.0.10 >"$work/samba.log" 2>&1 &&
    env -u KRB5_CONFIG samba-tool domain exportkeytab "$work/samba.keytab" -s "$work/domain/etc/smb.conf" >>"$work/samba.log" 2>&1
  then
    keytabs "keytab of Samba" "FILE:$work/samba.keytab"
  else
    echo "FAILED: Samba exported no keytab"; grep -v -i password "$work/samba.log" | tail -n 20; failed=1
  fi
elif [ "${WINREACH_REQUIRE_PEERS:-0}" = 1 ]; then
  echo "FAILED: samba is not installed, or this is not root"; failed=1
else
  echo "SKIPPED: Samba, which is not installed or wants root"
fi

python3 "$here/kerberos_config.py" "$show" "$work" || failed=1
exit $failed
