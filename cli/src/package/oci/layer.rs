//! A layer: files as a tar archive, packed by gzip.

use std::io;

use tar::{Builder, EntryType, Header};

use super::blob::{Blob, gzip};
use crate::package::{bytes, digest};

/// A file or a folder of an image.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    /// Its path from the image's root; a folder's ends with `/`.
    pub(super) path: &'a str,
    /// Who may read, write and run it.
    pub(super) mode: u32,
    /// Whose it is: a user, and the group of the same number.
    pub(super) owner: u64,
    /// What is in it; nothing in a folder.
    pub(super) bytes: &'a [u8],
}

/// A layer, and what it was before it was packed.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// The packed layer.
    pub(super) blob: Blob,
    /// The SHA-256 of the archive that is packed, in hexadecimal.
    pub(super) diff: String,
}

impl Layer {
    /// Makes a layer of these entries.
    ///
    /// # Errors
    ///
    /// When a tar archive has no room for one.
    pub(super) fn new(entries: &[Entry<'_>]) -> io::Result<Self> {
        let archive = archive(entries)?;
        Ok(Self {
            blob: Blob::new(
                "application/vnd.oci.image.layer.v1.tar+gzip",
                gzip(&archive)?,
            ),
            diff: digest(&archive),
        })
    }
}

/// Makes a tar archive of entries, all of 1970's first second: the bytes tell the entries and nothing else.
///
/// # Errors
///
/// When the format has no room for one.
pub(super) fn archive(entries: &[Entry<'_>]) -> io::Result<Vec<u8>> {
    let mut archive = Builder::new(Vec::new());
    for entry in entries {
        let mut header = Header::new_ustar();
        header.set_entry_type(if entry.path.ends_with('/') {
            EntryType::Directory
        } else {
            EntryType::Regular
        });
        header.set_mode(entry.mode);
        header.set_uid(entry.owner);
        header.set_gid(entry.owner);
        header.set_mtime(0);
        header.set_size(bytes(entry.bytes.len()));
        archive.append_data(&mut header, entry.path, entry.bytes)?;
    }
    archive.into_inner()
}
