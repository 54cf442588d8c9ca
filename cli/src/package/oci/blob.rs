//! What an image is made of: bytes that are known by their digest.

use std::io::Write;

use serde_json::{Value, json};

use crate::package::{bytes, digest};

/// Bytes of one media type.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    /// What they are. (OCI image specification, "OCI Image Media Types".)
    media_type: &'static str,
    /// The bytes.
    pub(super) bytes: Vec<u8>,
    /// Their SHA-256, in hexadecimal.
    pub(super) hash: String,
}

impl Blob {
    /// Makes a blob of bytes.
    pub(super) fn new(media_type: &'static str, bytes: Vec<u8>) -> Self {
        Self {
            hash: digest(&bytes),
            media_type,
            bytes,
        }
    }

    /// Makes a blob of a document.
    pub(super) fn json(media_type: &'static str, document: &Value) -> Self {
        Self::new(media_type, document.to_string().into_bytes())
    }

    /// The digest, as registries write it.
    pub(super) fn digest(&self) -> String {
        sha256(&self.hash)
    }

    /// Its size, in bytes.
    pub(super) fn size(&self) -> u64 {
        bytes(self.bytes.len())
    }

    /// What another document says of it. (OCI image specification, "OCI Content Descriptors".)
    pub(super) fn descriptor(&self) -> Value {
        json!({"mediaType": self.media_type, "digest": self.digest(), "size": self.size()})
    }
}

/// Writes a SHA-256 as registries do. (OCI image specification, "Digests".)
pub(super) fn sha256(hash: &str) -> String {
    format!("sha256:{hash}")
}

/// Packs bytes by gzip. The header has no name and no time, so that the same bytes become the same.
///
/// # Errors
///
/// None but what a writer into memory can have.
pub(super) fn gzip(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_known_by_its_digest_and_size() {
        // FIPS 180-2, appendix B.1
        let wanted = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let blob = Blob::new("text/plain", b"abc".to_vec());
        let descriptor = json!({"mediaType": "text/plain", "digest": wanted, "size": 3});
        assert_eq!(blob.descriptor(), descriptor);
    }

    #[test]
    fn what_is_packed_tells_no_time() {
        let packed = gzip(b"abc").expect("packed");
        // RFC 1952, 2.3: no flags, no time, the best compression, of no known system
        assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    }
}
