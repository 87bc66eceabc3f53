//! What tests of several files need.

use std::fs;
use std::path::{Path, PathBuf};

/// The bytes of hexadecimal digits, spaces between them passed over.
pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// A folder that is gone once the test is over.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder; no two tests have the same name.
    pub(super) fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("winreach-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// A file in the folder.
    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
