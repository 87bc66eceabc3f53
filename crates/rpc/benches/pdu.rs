//! Speed of the hot path.

fn main() {
    divan::main();
}
