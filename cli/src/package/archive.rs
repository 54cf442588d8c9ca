//! Files that a program goes in, of which the same program makes the same bytes.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::io::{self, Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::fail::{Kind, Result, cause};

/// Anyone may run it: a host's user is not the one who packs.
const RUN: u32 = 0o755;
const READ: u32 = 0o644;

/// A zip archive of a program, which may be run, and the files beside it. Entries say that Unix made them.
/// All are of 1980-01-01, the first day that the format knows.
///
/// # Errors
///
/// When one is larger than the format has room for.
pub(super) fn zip(program: (&str, &[u8]), files: &BTreeMap<String, String>) -> Result<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_level(Some(9));
    let beside = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes(), READ));
    let (name, bytes) = program;
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, mode) in beside.chain([(name, bytes, RUN)]) {
        archive
            .start_file(name, options.unix_permissions(mode))
            .map_err(cause(Kind::Build, format!("cannot pack {name}")))?;
        archive
            .write_all(bytes)
            .map_err(cause(Kind::Build, format!("cannot pack {name}")))?;
    }
    let done = archive.finish();
    Ok(done
        .map_err(cause(Kind::Build, "cannot pack"))?
        .into_inner())
}

/// Writes a program that may be run.
///
/// # Errors
///
/// When the file cannot be written.
pub(super) fn program(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)?;
    fs::set_permissions(path, Permissions::from_mode(RUN))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use zip::ZipArchive;

    use super::*;

    #[test]
    fn an_archive_holds_a_program_that_may_be_run() {
        let bytes = zip(("bootstrap", b"\x7fELF"), &BTreeMap::new()).expect("an archive");
        let mut archive = ZipArchive::new(Cursor::new(bytes)).expect("a zip archive");
        let mut file = archive.by_name("bootstrap").expect("a bootstrap");
        assert_eq!(file.unix_mode(), Some(0o100_755));
        let mut held = Vec::new();
        let _length = file.read_to_end(&mut held).expect("a file");
        assert_eq!(held, b"\x7fELF");
    }

    #[test]
    fn the_same_program_makes_the_same_bytes() {
        let pack = || zip(("bootstrap", &[7; 4096]), &BTreeMap::new()).expect("an archive");
        assert_eq!(pack(), pack());
    }
}
