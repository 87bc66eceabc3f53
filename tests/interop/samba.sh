#!/usr/bin/env bash
# A Samba domain controller on loopback, to test against.
#
#   samba.sh start DIR   provisions the domain TEST (test.lan) in DIR, unless it is there, and starts it
#   samba.sh stop DIR    stops it
#   samba.sh check DIR   shows with kinit and kvno that its KDC gives what is written below
#
# It listens on 127.0.0.10 alone. Ports below 1024 need root, or CAP_NET_BIND_SERVICE.
# The password of TEST\Administrator is chosen by Samba and kept in DIR/password (mode 0600); it is
# never printed and never an argument of a program. DIR is for the owner alone. It also holds:
#
#   krb5.conf         for Kerberos clients; krb5-rc4.conf for one that knows RC4 alone
#   facts.txt         `NAME SID` of the accounts and groups (a space in a name is a dash)
#   NAME.password     alice         member of `wmi readers`, which is in the domain local group `wmi local`
#                     bob           has the user principal name robert@test.lan
#                     jürgen        neither the name nor the password is ASCII
#                     disabled, expired   are refused; expired must change the password
#                     protected     in Protected Users: no RC4, no NTLM
#                     and those of the services below
#   alice.keytab      her keys
#   svc-host.keytab   host and RPCSS/winreach.test.lan, HOST/winreach: AES
#   svc-aes128.keytab host and RPCSS/aes128.test.lan: AES-128
#   svc-rc4.keytab    host and RPCSS/rc4.test.lan: RC4
#   svc-default.keytab host and RPCSS/default.test.lan: no types are set, so the ticket is RC4 and the session key AES
set -euo pipefail

address=127.0.0.10

usage() {
    echo "usage: $0 start|stop|check DIR" >&2
    exit 2
}

provision() {
    : >"$dir/empty.conf"
    if ! samba-tool domain provision -s "$dir/empty.conf" --targetdir="$dir/domain" \
        --realm=TEST.LAN --domain=TEST --server-role=dc --dns-backend=SAMBA_INTERNAL \
        --host-name=dc1 --host-ip="$address" --use-rfc2307 >"$dir/provision.log" 2>&1; then
        grep -v 'Admin password' "$dir/provision.log" >&2
        exit 1
    fi
    sed -n 's/.*Admin password: *//p' "$dir/provision.log" | tr -d '\n' >"$dir/password.new"
    sed -i '/Admin password/d' "$dir/provision.log"
    test -s "$dir/password.new"
    # Provisioning copies the name server of the machine; the domain must not ask it.
    sed -i -e '/dns forwarder/d' -e "/^\[global\]/a\\
\\tinterfaces = $address/8\\
\\tbind interfaces only = yes\\
\\tserver services = rpc, ldap, cldap, kdc, dns, s3fs\\
\\tdns forwarder =\\
\\trpc server port = 49152" "$dir/domain/etc/smb.conf"
    if ! "$(dirname "$0")/samba_accounts.py" "$dir" >>"$dir/provision.log" 2>&1; then
        tail -n 20 "$dir/provision.log" >&2
        exit 1
    fi
    cat >"$dir/krb5.conf" <<END
[libdefaults]
    default_realm = TEST.LAN
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    qualify_shortname = ""
    forwardable = true
    allow_rc4 = true
    default_ccache_name = FILE:$dir/ccache
[realms]
    TEST.LAN = {
        kdc = $address
    }
[domain_realm]
    .test.lan = TEST.LAN
END
    sed '/^\[realms\]/i\    permitted_enctypes = arcfour-hmac' "$dir/krb5.conf" >"$dir/krb5-rc4.conf"
    mv "$dir/password.new" "$dir/password"
}

is_running() {
    [[ -s $dir/pid ]] && kill -0 "$(<"$dir/pid")" 2>/dev/null
}

answers() {
    (exec 3<>"/dev/tcp/$address/$1") 2>/dev/null
}

start() {
    umask 077
    mkdir -p "$dir"
    if is_running; then return; fi
    if [[ ! -s $dir/password ]]; then provision; fi
    setsid samba -s "$dir/domain/etc/smb.conf" -i -M prefork -d1 \
        </dev/null >"$dir/samba.log" 2>&1 &
    echo $! >"$dir/pid"
    for _ in $(seq 100); do
        if answers 135 && answers 49152; then return; fi
        is_running || break
        sleep 0.2
    done
    tail -n 20 "$dir/samba.log" >&2
    echo "samba does not answer on $address" >&2
    exit 1
}

stop() {
    is_running || return 0
    local pid
    pid=$(<"$dir/pid")
    kill -TERM "$pid"
    for _ in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    rm -f "$dir/pid"
}

service() { # a principal, the types of the session key and of the ticket, a keytab
    kvno "$1" && ticket "$1" "$2" "$3" && kvno -k "$dir/$4.keytab" "$1"
}

flags() { # of the ticket-granting ticket
    klist -f
    klist -f | grep -q "Flags: $1\$"
}

check() {
    local name aes256=aes256-cts-hmac-sha1-96 aes128=aes128-cts-hmac-sha1-96 rc4=arcfour-hmac
    # shellcheck source=kerberos_checks.sh
    source "$(dirname "$0")/kerberos_checks.sh"

    for name in bob jürgen protected svc-host alice; do
        expect "kinit $name" log_in "$name"
    done
    expect "kinit by user principal name" log_in_as bob -E robert@test.lan
    expect "the canonical name is taken" log_in_as bob -C -E robert@test.lan
    expect "the ticket is for bob" owner bob@TEST.LAN
    expect "kinit with a keytab" kinit -k -t "$dir/alice.keytab" alice
    expect "alice, another password" refused "Password incorrect" wrong_password alice
    expect "nobody" refused "not found in Kerberos database" wrong_password nobody
    expect "disabled" refused "credentials have been revoked" log_in disabled
    expect "expired" refused "Password expired" log_in expired

    expect "alice, RC4 alone" env KRB5_CONFIG="$dir/krb5-rc4.conf" kinit -k -t "$dir/alice.keytab" alice
    expect "kinit protected" log_in protected
    expect "a ticket of protected cannot be forwarded" flags RIA
    KRB5_CONFIG=$dir/krb5-rc4.conf expect "protected, RC4 alone" \
        refused "KDC has no support for encryption type" log_in protected

    expect "kinit alice" log_in alice
    for name in host/winreach.test.lan RPCSS/winreach.test.lan HOST/winreach; do
        expect "$name" service $name $aes256 $aes256 svc-host
    done
    expect "host/aes128.test.lan" service host/aes128.test.lan $aes128 $aes128 svc-aes128
    expect "host/rc4.test.lan" service host/rc4.test.lan $rc4 $rc4 svc-rc4
    expect "RPCSS/rc4.test.lan" service RPCSS/rc4.test.lan $rc4 $rc4 svc-rc4
    expect "host/default.test.lan" service host/default.test.lan $aes256 $rc4 svc-default
    expect "the domain controller" kvno RPCSS/dc1.test.lan host/dc1.test.lan
    expect "no such service" refused "not found in Kerberos database" kvno host/nothing.test.lan

    verdict
}

[[ $# -eq 2 ]] || usage
dir=$(realpath -m "$2")
case $1 in
    start) start ;;
    stop) stop ;;
    check) check ;;
    *) usage ;;
esac
