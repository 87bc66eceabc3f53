//! What other programs left in files: credential caches, keytabs, `krb5.conf`.
