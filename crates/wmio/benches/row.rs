//! Rows of a Win32_Process-shaped class.

fn main() {
    divan::main();
}
