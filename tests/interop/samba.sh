#!/usr/bin/env bash
# A Samba domain controller on loopback, to test against.
#
#   samba.sh start DIR   provisions the domain TEST (test.lan) in DIR, unless it is there, and starts it
#   samba.sh stop DIR    stops it
#
# It listens on 127.0.0.10 alone. Ports below 1024 need root, or CAP_NET_BIND_SERVICE.
# The password of TEST\Administrator is chosen by Samba and kept in DIR/password (mode 0600); it is
# never printed and never an argument of a program.
set -euo pipefail

address=127.0.0.10

usage() {
    echo "usage: $0 start|stop DIR" >&2
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
    sed -n 's/.*Admin password: *//p' "$dir/provision.log" | tr -d '\n' >"$dir/password"
    sed -i '/Admin password/d' "$dir/provision.log"
    test -s "$dir/password"
    # Provisioning copies the name server of the machine; the domain must not ask it.
    sed -i -e '/dns forwarder/d' -e "/^\[global\]/a\\
\\tinterfaces = $address/8\\
\\tbind interfaces only = yes\\
\\tserver services = rpc, ldap, cldap, kdc, dns, s3fs\\
\\tdns forwarder =\\
\\trpc server port = 49152" "$dir/domain/etc/smb.conf"
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

[[ $# -eq 2 ]] || usage
dir=$(realpath -m "$2")
case $1 in
    start) start ;;
    stop) stop ;;
    *) usage ;;
esac
