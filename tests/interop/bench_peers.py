#!/usr/bin/env python3
"""How fast three clients read the same rows from `winreach serve`: our own, aiowmi and impacket.

Run by hand, not in CI, with a release build and the virtual environment that setup.sh makes:

    cargo build --release -p winreach
    tests/interop/setup.sh target/interop-venv
    target/interop-venv/bin/python tests/interop/bench_peers.py target/release/winreach

Each round logs on anew, asks QUERY and reads every value of every row; the clients take turns. Printed are medians of
the rounds and their ratios to ours, twice: for the time that passes, most of which the server may take to gather the
rows, and for the processor time of the client alone. Ours includes the start of its process and the printing of the
rows. The peers sign their packets, ours are sealed. Needs port 135 on 127.0.0.13, so root.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import wmi_peers as peers

peers.HOST = "127.0.0.13"
QUERY = "SELECT * FROM Win32_Process"
ROUNDS = 5
# Processes beside those that run anyway, so that there are a few hundred rows.
SLEEPERS = 200


def winreach(binary):
    done = peers.ours(binary, QUERY)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return len(done.stdout.splitlines())


def aiowmi(optimized):
    return len(asyncio.run(peers.aiowmi_rows(QUERY, optimized=optimized)))


def impacket():
    connection, services = peers.impacket_services(peers.USER, peers.PASSWORD)
    try:
        return len(peers.impacket_rows(services, QUERY))
    finally:
        services.RemRelease()
        connection.disconnect()


def processor_time():
    """Seconds of this process and of the children that have ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def measure(clients):
    """For each client and round: rows, and microseconds a row that passed and that the client worked."""
    rounds = {name: [] for name in clients}
    for _ in range(ROUNDS):
        for name, client in clients.items():
            begun, idle = time.perf_counter(), processor_time()
            rows = client()
            passed, worked = time.perf_counter() - begun, processor_time() - idle
            rounds[name].append((rows, passed * 1e6 / rows, worked * 1e6 / rows))
    return rounds


def report(rounds):
    medians = {name: [statistics.median(column) for column in zip(*each)] for name, each in rounds.items()}
    _, our_passed, our_worked = medians["winreach"]
    print(f"{QUERY}: {ROUNDS} rounds")
    print(f"{'client':<14} {'rows':>5} {'rows/s':>8} {'us/row':>10} {'ratio':>8} {'client us/row':>14} {'ratio':>8}")
    for name, (rows, passed, worked) in medians.items():
        print(f"{name:<14} {rows:>5.0f} {1e6 / passed:>8.0f} {passed:>10.1f} {passed / our_passed:>8.1f} "
              f"{worked:>14.1f} {worked / our_worked:>8.1f}")


def main():
    binary = sys.argv[1]
    clients = {
        "winreach": lambda: winreach(binary),
        "aiowmi, smart": lambda: aiowmi(True),
        "aiowmi, plain": lambda: aiowmi(False),
        "impacket": impacket,
    }
    sleepers = [subprocess.Popen(["sleep", "600"]) for _ in range(SLEEPERS)]
    with tempfile.TemporaryDirectory() as folder:
        accounts = os.path.join(folder, "accounts")
        subprocess.run([binary, "account", "add", peers.USER, "--password-stdin", "--accounts", accounts],
                       input=peers.PASSWORD + "\n", text=True, check=True, timeout=30)
        server = subprocess.Popen(
            [binary, "serve", "--listen", peers.HOST, "--port", "135", "--exporter-port", "0", "--accounts", accounts],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            print(server.stdout.readline().strip())
            rounds = measure(clients)
        finally:
            server.terminate()
            server.wait(timeout=20)
            for sleeper in sleepers:
                sleeper.kill()
                sleeper.wait()
    report(rounds)


if __name__ == "__main__":
    main()
