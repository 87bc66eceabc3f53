#!/usr/bin/env bash
# An MIT KDC on loopback, to test against: the realms MIT.TEST and OTHER.TEST, which trust each other.
#
#   mit_kdc.sh start DIR   makes the realms in DIR, unless they are there, and starts the KDC
#   mit_kdc.sh stop DIR    stops it
#   mit_kdc.sh check DIR   shows with kinit and kvno that the running KDC gives what is written below
#
# It listens on 127.0.0.11:18088 alone, UDP and TCP, and needs no privilege. DIR is for the owner alone. It holds:
#
#   krb5.conf             for clients; the realm of server.other.test is only known to the KDC (a referral)
#   krb5-ETYPE.conf       the same, but permits one encryption type; ETYPE as in `etypes` below
#   USER.password         alice        no preauthentication
#                         bob          preauthentication by timestamp
#                         carol        lives in OTHER.TEST
#                         user-ETYPE   has a key of this type alone
#                         jürgen       neither the name nor the password is ASCII
#                         renamed      was named before, which is still its salt
#                         salted       has a random salt, and no preauthentication
#                         brief        tickets live a minute
#                         expired, password-expired, locked, hardware   are refused; hardware wants a token
#   alice.keytab          her keys; user-ETYPE.keytab too
#   server.keytab         host, RPCSS and HTTP/server.mit.test, with keys of two versions
#   stale.keytab          the same without the current version
#   ETYPE.keytab          host and RPCSS/ETYPE.mit.test, with keys of this type alone
#   mixed.keytab          host/mixed.mit.test: an AES-256 ticket, whose session key is for RC4
#   other.keytab          host and RPCSS/server.other.test in OTHER.TEST
set -euo pipefail

address=127.0.0.11
port=18088

declare -A etypes=(
    [aes256]=aes256-cts-hmac-sha1-96 [aes128]=aes128-cts-hmac-sha1-96
    [aes256-sha2]=aes256-cts-hmac-sha384-192 [aes128-sha2]=aes128-cts-hmac-sha256-128
    [rc4]=arcfour-hmac
)
# In the order in which they are preferred.
order=(aes256 aes128 aes256-sha2 aes128-sha2 rc4)

usage() {
    echo "usage: $0 start|stop|check DIR" >&2
    exit 2
}

# names of encryption types, as the configuration wants them
list() {
    local name names=()
    for name in "$@"; do names+=("${etypes[$name]}"); done
    echo "${names[*]}"
}

# a file name, the permitted encryption types, and lines for [domain_realm]
client_configuration() {
    cat >"$1" <<END
[libdefaults]
    default_realm = MIT.TEST
    permitted_enctypes = $2
    allow_weak_crypto = true
    allow_rc4 = true
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    qualify_shortname = ""
    forwardable = true
    default_ccache_name = FILE:$dir/ccache
[realms]
    MIT.TEST = {
        kdc = $address:$port
    }
    OTHER.TEST = {
        kdc = $address:$port
    }
[domain_realm]
    .mit.test = MIT.TEST
$3
END
}

kdc_configuration() {
    local realm
    echo "[kdcdefaults]
    kdc_listen = $address:$port
    kdc_tcp_listen = $address:$port
[logging]
    kdc = FILE:$dir/kdc.log
    admin_server = FILE:$dir/kdc.log
[realms]"
    for realm in MIT.TEST OTHER.TEST; do
        echo "    $realm = {
        database_name = $dir/$realm.db
        key_stash_file = $dir/$realm.stash
        acl_file = $dir/empty
        master_key_type = aes256-cts-hmac-sha1-96
        supported_enctypes = $(list "${order[@]}")
        max_renewable_life = 7d
        host_based_services = *
    }"
    done
}

# 24 letters and digits
random_word() {
    od -An -v -tx1 -N12 /dev/urandom | tr -d ' \n'
}

# Makes a password for a user, keeps it and prints it for a command of kadmin.
password() { # the user, the beginning of the password
    local word=${2-}$(random_word)
    printf '%s' "$word" >"$dir/$1.password"
    printf '%s' "$word"
}

mit_principals() { # commands of kadmin.local; the argument is the password of the trust
    local name service
    echo "addprinc -pw $1 krbtgt/OTHER.TEST"
    echo "addprinc -pw $1 krbtgt/MIT.TEST@OTHER.TEST"

    echo "addprinc -pw $(password alice) alice"
    for name in bob jürgen before brief expired password-expired locked hardware; do
        echo "addprinc +requires_preauth -pw $(password "$name" "$([[ $name != jürgen ]] || echo pässwörd-)") $name"
    done
    echo "addprinc -e $(list aes256):special -pw $(password salted) salted"
    echo "renprinc -force before renamed"
    echo "modprinc -maxlife 1minute brief"
    echo "modprinc -expire 2020-01-01 expired"
    echo "modprinc -pwexpire 2020-01-01 password-expired"
    echo "modprinc -allow_tix locked"
    echo "modprinc +requires_hwauth hardware"
    echo "ktadd -norandkey -k $dir/alice.keytab alice"

    for name in "${order[@]}"; do
        echo "addprinc +requires_preauth -e ${etypes[$name]}:normal -pw $(password "user-$name") user-$name"
        echo "ktadd -norandkey -k $dir/user-$name.keytab user-$name"
        for service in host RPCSS; do
            echo "addprinc -randkey -e ${etypes[$name]}:normal $service/$name.mit.test"
            # Else the KDC takes it for granted that every service knows AES-256 with SHA-1.
            echo "setstr $service/$name.mit.test session_enctypes ${etypes[$name]}"
            echo "ktadd -norandkey -k $dir/$name.keytab $service/$name.mit.test"
        done
    done

    for service in host RPCSS HTTP; do
        echo "addprinc -randkey $service/server.mit.test"
        echo "ktadd -norandkey -k $dir/stale.keytab $service/server.mit.test"
        echo "cpw -randkey -keepold $service/server.mit.test"
        echo "ktadd -norandkey -k $dir/server.keytab $service/server.mit.test"
        echo "modprinc +ok_as_delegate $service/server.mit.test"
    done
    echo "addprinc -randkey -e ${etypes[aes256]}:normal host/mixed.mit.test"
    echo "setstr host/mixed.mit.test session_enctypes ${etypes[rc4]}"
    echo "ktadd -norandkey -k $dir/mixed.keytab host/mixed.mit.test"
}

other_principals() { # commands of kadmin.local; the argument is the password of the trust
    local service
    echo "addprinc -pw $1 krbtgt/MIT.TEST"
    echo "addprinc -pw $1 krbtgt/OTHER.TEST@MIT.TEST"
    echo "addprinc +requires_preauth -pw $(password carol) carol"
    for service in host RPCSS; do
        echo "addprinc -randkey $service/server.other.test"
        echo "ktadd -norandkey -k $dir/other.keytab $service/server.other.test"
    done
}

# Secrets go to kadmin.local by its standard input; it repeats each line of it, which must not stay.
administer() { # the realm
    KRB5_CONFIG=$dir/kdc-krb5.conf kadmin.local -r "$1" 2>&1 | grep -v '^kadmin.local:' >>"$dir/kadmin.log"
}

create() {
    local name realm trust word
    : >"$dir/empty"
    client_configuration "$dir/krb5.conf" "$(list "${order[@]}")" ""
    for name in "${order[@]}"; do
        client_configuration "$dir/krb5-$name.conf" "${etypes[$name]}" ""
    done
    client_configuration "$dir/kdc-krb5.conf" "$(list "${order[@]}")" "    .other.test = OTHER.TEST"
    kdc_configuration >"$dir/kdc.conf"

    for realm in MIT.TEST OTHER.TEST; do
        word=$(random_word)
        printf '%s\n%s\n' "$word" "$word" |
            KRB5_CONFIG=$dir/kdc-krb5.conf kdb5_util create -r "$realm" -s -W >>"$dir/kadmin.log" 2>&1
    done
    trust=$(random_word)
    mit_principals "$trust" | administer MIT.TEST
    other_principals "$trust" | administer OTHER.TEST
    mv "$dir/before.password" "$dir/renamed.password"
    # kadmin.local goes on after a command that failed, and says so.
    if grep -n -iE 'error|while|usage|unknown|not found' "$dir/kadmin.log" >&2; then
        echo "the realms could not be made" >&2
        exit 1
    fi
    : >"$dir/made"
}

is_running() {
    [[ -s $dir/pid ]] && kill -0 "$(<"$dir/pid")" 2>/dev/null
}

answers() {
    (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null
}

start() {
    umask 077
    mkdir -p "$dir"
    if is_running; then return; fi
    if [[ ! -e $dir/made ]]; then
        if [[ -n $(ls -A "$dir") ]]; then
            echo "$dir is not empty, and not the folder of a KDC" >&2
            exit 1
        fi
        create
    fi
    KRB5_CONFIG=$dir/kdc-krb5.conf setsid krb5kdc -n -r MIT.TEST -r OTHER.TEST \
        </dev/null >"$dir/krb5kdc.log" 2>&1 &
    echo $! >"$dir/pid"
    for _ in $(seq 100); do
        if answers; then return; fi
        is_running || break
        sleep 0.05
    done
    tail -n 20 "$dir/krb5kdc.log" "$dir/kdc.log" >&2
    echo "the KDC does not answer on $address:$port" >&2
    exit 1
}

stop() {
    is_running || return 0
    local pid
    pid=$(<"$dir/pid")
    kill -TERM "$pid"
    for _ in $(seq 50); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    rm -f "$dir/pid"
}

service() { # the keytab, the service, the types as for `ticket`
    kvno -k "$dir/$1.keytab" "$2" && ticket "$2" "$3" "$4"
}

check() {
    local name type timestamp='Preauth module encrypted_timestamp (2) (real) returned: 0'
    # shellcheck source=kerberos_checks.sh
    source "$(dirname "$0")/kerberos_checks.sh"

    for name in alice bob jürgen renamed salted carol@OTHER.TEST brief "${order[@]/#/user-}"; do
        : >"$scratch/trace"
        KRB5_TRACE=$scratch/trace expect "kinit $name" log_in "$name"
        case $name in
            alice | salted) expect "$name needs no preauthentication" without "$timestamp" "$scratch/trace" ;;
            *) expect "$name needs preauthentication" grep "$timestamp" "$scratch/trace" ;;
        esac
        case $name in
            salted) expect "the salt is random" without 'salt "MIT.TESTsalted"' "$scratch/trace" ;;
            renamed) expect "the salt is of the name before" grep 'salt "MIT.TESTbefore"' "$scratch/trace" ;;
        esac
    done
    expect "kinit brief" log_in brief
    expect "a ticket of user brief ends soon" ends_soon
    expect "kinit -l" log_in alice -l 30s
    expect "the ticket ends soon" ends_soon
    expect "kinit with a keytab" kinit -k -t "$dir/alice.keytab" alice
    for name in "${order[@]}"; do
        expect "kinit with a keytab of one type: $name" kinit -k -t "$dir/user-$name.keytab" "user-$name"
    done

    expect "bob, another password" refused "Password incorrect" wrong_password bob
    expect "alice, another password" refused "Password incorrect" wrong_password alice
    expect "nobody" refused "not found in Kerberos database" wrong_password nobody
    expect "expired" refused "Client's entry in database has expired" log_in expired
    expect "password-expired" refused "Password expired" log_in password-expired
    expect "locked" refused "credentials have been revoked" log_in locked
    expect "hardware" refused "Generic preauthentication failure" log_in hardware

    expect "kinit alice" log_in alice
    for name in "${order[@]}"; do
        type=${etypes[$name]}
        expect "host/$name.mit.test: $type" service "$name" "host/$name.mit.test" "$type" "$type"
        expect "RPCSS/$name.mit.test" service "$name" "RPCSS/$name.mit.test" "$type" "$type"
    done
    expect "host/mixed.mit.test" service mixed host/mixed.mit.test "${etypes[rc4]}" "${etypes[aes256]}"
    for name in host RPCSS HTTP; do
        expect "$name/server.mit.test" service server "$name/server.mit.test" "${etypes[aes256]}" "${etypes[aes256]}"
    done
    expect "an old key" refused "keytab entry invalid" kvno -k "$dir/stale.keytab" host/server.mit.test
    expect "no such service" refused "not found in Kerberos database" kvno host/nothing.mit.test
    expect "a referral to OTHER.TEST" service other host/server.other.test@ "${etypes[aes256]}" "${etypes[aes256]}"
    for name in "${order[@]}"; do
        type=${etypes[$name]}
        expect "a client that permits $type alone" env KRB5_CONFIG="$dir/krb5-$name.conf" \
            bash -c 'kinit alice <"$0/alice.password" && kvno host/server.mit.test' "$dir"
        expect "has such a session key" ticket host/server.mit.test "$type" "${etypes[aes256]}"
    done
    expect "kinit carol" log_in carol@OTHER.TEST
    expect "from OTHER.TEST to MIT.TEST" service server host/server.mit.test "${etypes[aes256]}" "${etypes[aes256]}"

    verdict
}

[[ $# -eq 2 ]] || usage
dir=$(realpath -m "$2")
export KRB5_KDC_PROFILE=$dir/kdc.conf
case $1 in
    start) start ;;
    stop) stop ;;
    check) check ;;
    *) usage ;;
esac
