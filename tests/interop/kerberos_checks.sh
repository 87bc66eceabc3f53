# Checks of a KDC with MIT's programs, for mit_kdc.sh and samba.sh: to be sourced after `dir` is set, which holds
# krb5.conf and the password of each user.

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export KRB5CCNAME=FILE:$scratch/ccache KRB5_CONFIG=$dir/krb5.conf LC_ALL=C.UTF-8
failures=0

expect() { # what must hold, then the command
    local what=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        echo "ok      $what"
    else
        echo "FAILED  $what"
        sed 's/^/        /' "$scratch/output"
        failures=$((failures + 1))
    fi
}

# Logs in by password.
log_in() { # the user, options of kinit
    local user=$1
    shift
    kinit "$@" "$user" <"$dir/${user%@*}.password"
}

log_in_as() { # whose password it is, arguments of kinit
    local file=$dir/$1.password
    shift
    kinit "$@" <"$file"
}

owner() { # the principal that the cache must be of
    klist
    klist | grep -q "^Default principal: $1\$"
}

refused() { # a part of the message that must come, then the command
    local message=$1
    shift
    if "$@" >"$scratch/refusal" 2>&1; then return 1; fi
    grep -F "$message" "$scratch/refusal" || { cat "$scratch/refusal"; return 1; }
}

without() { # a pattern, a file
    [[ -s $2 ]] && ! grep "$1" "$2"
}

wrong_password() { # the user
    echo wrong | kinit "$1"
}

# The ticket in the cache has these encryption types.
ticket() { # the principal, the type of the session key, the type of the ticket
    klist -e
    klist -e | grep -F -A 9 " $1" | grep -m 1 -F "Etype (skey, tkt): " |
        sed 's/DEPRECATED://g; s/ *$//' | grep -q "(skey, tkt): $2, $3\$"
}

# The ticket is over within the minute.
ends_soon() {
    local until
    until=$(klist | sed -n 's/^[^ ]* [^ ]*  \([^ ]* [^ ]*\)  krbtgt.*/\1/p')
    (($(date -d "$until" +%s) - $(date +%s) <= 60))
}

verdict() {
    echo "$failures failure(s)"
    [[ $failures -eq 0 ]]
}
