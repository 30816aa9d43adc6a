//! What every room that touches files does the same way: who else can read one.

use std::path::Path;

/// Returns `true` if a file can be read by its group or by everybody.
#[cfg(unix)]
pub fn is_readable_by_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0)
}

/// Returns `true` if a file can be read by others; where rights are lists, the user's own
/// directory keeps them out.
#[cfg(not(unix))]
pub fn is_readable_by_others(_path: &Path) -> bool {
    false
}
