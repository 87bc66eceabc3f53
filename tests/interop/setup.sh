#!/usr/bin/env bash
# Installs the independent programs that the interop suite talks to: Samba and its test tools and MIT Kerberos from
# Debian, Wine, impacket, aiowmi, pyspnego and gssapi from PyPI. Needs root for apt. Usage: setup.sh VENV
set -euo pipefail
venv=${1:?usage: setup.sh VENV}

packages=(samba samba-ad-dc samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind smbclient samba-common-bin
  samba-testsuite python3-samba attr ldb-tools krb5-user krb5-kdc krb5-admin-server gss-ntlmssp python3-venv
  libkrb5-dev gcc python3-dev wine wine64)
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
# gssapi and krb5 are compiled; they need not be fast.
CFLAGS="-O0 -g0" "$venv/bin/pip" install -q --disable-pip-version-check \
  impacket==0.13.1 aiowmi==1.1.3 pyspnego==0.12.4 gssapi==1.12.0 krb5==0.10.0
