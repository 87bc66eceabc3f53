//! Connection-oriented DCE/RPC: a sans-I/O association, client and server half, and its tokio driver
