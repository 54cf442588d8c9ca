//! How an image lies on disk: as an OCI layout, and as an archive for `docker load`.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::json;

use super::image::Image;
use super::layer::{Entry, archive};

/// The tag of the image in its folder and its archive. A registry's is said when it is pushed.
const TAG: &str = "latest";

/// The files of an OCI layout, by their paths. (OCI image specification, "OCI Image Layout".)
fn layout(image: &Image, name: &str) -> BTreeMap<String, Vec<u8>> {
    let mut descriptor = image.descriptor();
    if let Some(descriptor) = descriptor.as_object_mut() {
        let annotations = json!({
            "org.opencontainers.image.ref.name": TAG,
            // containerd's, by which `ctr images import` and docker name it
            "io.containerd.image.name": format!("docker.io/library/{name}"),
        });
        let _none = descriptor.insert("annotations".to_owned(), annotations);
    }
    let index = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [descriptor],
    });
    let version = json!({"imageLayoutVersion": "1.0.0"});
    let blobs = image.blobs();
    let mut files: BTreeMap<_, _> = blobs
        .map(|blob| (path(&blob.hash), blob.bytes.clone()))
        .collect();
    files.insert("index.json".to_owned(), index.to_string().into_bytes());
    files.insert("oci-layout".to_owned(), version.to_string().into_bytes());
    files
}

fn path(hash: &str) -> String {
    format!("blobs/sha256/{hash}")
}

/// Writes an OCI layout into a folder that is not there yet.
///
/// # Errors
///
/// When it cannot be written.
pub(super) fn folder(image: &Image, name: &str, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder.join("blobs/sha256"))?;
    for (path, bytes) in layout(image, name) {
        fs::write(folder.join(path), bytes)?;
    }
    Ok(())
}

/// An archive for `docker load`: an OCI layout with docker's own `manifest.json` beside it, as
/// `docker save` makes them, so that tools of either kind read it.
/// github.com/moby/moby, `image/tarexport/save.go`
///
/// # Errors
///
/// When a tar archive has no room for it.
pub(super) fn docker(image: &Image, name: &str) -> io::Result<Vec<u8>> {
    let mut files = layout(image, name);
    let (config, layers) = image.parts();
    let manifest = json!([{
        "Config": path(config),
        "RepoTags": [name],
        "Layers": layers.map(path),
    }]);
    files.insert(
        "manifest.json".to_owned(),
        manifest.to_string().into_bytes(),
    );
    let entries = files.iter().map(|(path, bytes)| Entry {
        path,
        mode: 0o644,
        owner: 0,
        bytes,
    });
    archive(&entries.collect::<Vec<_>>())
}

/// The name and tag of an image, of the name of a function: lower case letters and digits, with single
/// separators between them. (OCI distribution specification, "Pulling manifests".)
pub(super) fn name(function: &str) -> String {
    let lower = function.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    let name = words.join("-");
    if name.is_empty() {
        format!("function:{TAG}")
    } else {
        format!("{name}:{TAG}")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use serde_json::Value;

    use super::super::image::About;
    use super::*;

    fn image() -> Image {
        let about = About {
            architecture: "arm64",
            labels: BTreeMap::new(),
        };
        Image::new(&about, b"\x7fELF").expect("an image")
    }

    #[test]
    fn the_index_leads_to_everything() {
        let temporary = tempfile::tempdir().expect("a folder");
        let made = temporary.path().join("image");
        folder(&image(), "demo:latest", &made).expect("a layout");
        let read = |path: &str| -> Value {
            let bytes = fs::read(made.join(path)).expect("a file");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let of = |descriptor: &Value| {
            let digest = descriptor["digest"].as_str().expect("a digest");
            path(digest.strip_prefix("sha256:").expect("SHA-256"))
        };
        assert_eq!(read("oci-layout")["imageLayoutVersion"], "1.0.0");
        let first = read("index.json")["manifests"][0].clone();
        assert_eq!(first["platform"]["architecture"], "arm64");
        let manifest = read(&of(&first));
        assert_eq!(read(&of(&manifest["config"]))["architecture"], "arm64");
        for layer in manifest["layers"].as_array().expect("layers") {
            let size = fs::metadata(made.join(of(layer))).expect("a layer").len();
            assert_eq!(layer["size"], size);
        }
    }

    #[test]
    fn the_archive_has_all_that_dockers_manifest_names() {
        let bytes = docker(&image(), "demo:latest").expect("an archive");
        let mut archive = tar::Archive::new(bytes.as_slice());
        let files = archive.entries().expect("an archive").map(|entry| {
            let mut entry = entry.expect("an entry");
            let mut bytes = Vec::new();
            let _length = entry.read_to_end(&mut bytes).expect("bytes");
            (entry.path().expect("a path").display().to_string(), bytes)
        });
        let files: BTreeMap<_, _> = files.collect();
        let manifest: Value = serde_json::from_slice(&files["manifest.json"]).expect("JSON");
        assert_eq!(manifest[0]["RepoTags"], json!(["demo:latest"]));
        let layers = manifest[0]["Layers"].as_array().expect("layers").iter();
        for path in layers.chain([&manifest[0]["Config"]]) {
            assert!(files.contains_key(path.as_str().expect("a path")), "{path}");
        }
        assert!(files.contains_key("index.json"));
    }

    #[test]
    fn names_become_names_of_images() {
        for (function, wanted) in [
            ("demo", "demo:latest"),
            ("My_Shop.v2", "my-shop-v2:latest"),
            ("--a--b", "a-b:latest"),
            ("é", "function:latest"),
        ] {
            assert_eq!(name(function), wanted);
        }
    }
}
