#!/usr/bin/env bash
# Builds every fuzz target and runs each for so many seconds, from the seeds and, where the recordings are at hand, from
# what they hold. A finding ends with its status. Usage: fuzz/run.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?usage: fuzz/run.sh SECONDS [TARGET…]}
shift
command -v cargo-fuzz >/dev/null || cargo install --locked -q cargo-fuzz
# libFuzzer's instrumentation is unstable; without a nightly toolchain the stable compiler is asked for it all the same.
if rustup toolchain list 2>/dev/null | grep -q '^nightly'; then
  fuzz() { cargo +nightly fuzz "$@"; }
else
  fuzz() { RUSTC_BOOTSTRAP=1 cargo fuzz "$@"; }
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(sed -n 's/^name = "\([a-z0-9_]*\)"$/\1/p' fuzz/Cargo.toml)
fuzz build
for target in "${targets[@]}"; do
  corpus=fuzz/corpus/$target
  mkdir -p "$corpus" "fuzz/seeds/$target"
  python3 fuzz/seed.py "$target" "$corpus"
  echo "== $target, $seconds s"
  fuzz run "$target" "$corpus" "fuzz/seeds/$target" -- -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=65536 -print_final_stats=1 >"fuzz/corpus/$target.log" 2>&1 || { tail -n 40 "fuzz/corpus/$target.log"; exit 1; }
  grep -E '^stat::(number_of_executed|peak_rss)|^Done' "fuzz/corpus/$target.log"
done
