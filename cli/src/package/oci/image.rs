//! An image: its layers, its configuration and its manifest.

use std::collections::BTreeMap;
use std::io;

use serde_json::{Value, json};

use super::blob::{Blob, sha256};
use super::files::{CERTIFICATES, NOBODY, certificates, entries};
use super::layer::{Entry, Layer};
use crate::manifest::Architecture;
use crate::package::Form;
use crate::project::Project;

/// When every image says that it was made: its bytes tell the program and nothing else.
const CREATED: &str = "1970-01-01T00:00:00Z";

/// An image of one program.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// The packed files: those that are the same in every image come first, and are sent once.
    layers: [Layer; 2],
    config: Blob,
    manifest: Blob,
    platform: Value,
    /// The files, by their paths, with their sizes.
    pub(super) holds: Vec<(String, usize)>,
}

/// What is said of an image.
#[derive(Clone, Debug)]
pub(super) struct About {
    /// The processor, by Go's word for it, as images have it.
    pub(super) architecture: &'static str,
    /// Its labels.
    pub(super) labels: BTreeMap<&'static str, String>,
}

impl About {
    /// What the project's manifest says.
    pub(super) fn new(project: &Project) -> Self {
        let about = &project.about;
        let cloud = Form::Image.cloud();
        let known = [
            ("title", Some(project.name())),
            ("version", Some(about.version.as_str())),
            ("description", about.description.as_deref()),
            ("licenses", about.license.as_deref()),
            ("source", about.repository.as_deref()),
            ("url", about.homepage.as_deref()),
            ("documentation", about.documentation.as_deref()),
        ];
        let labels = known.into_iter().filter_map(|(name, value)| {
            let value = value.map(str::trim).filter(|value| !value.is_empty())?;
            Some((name, value.to_owned()))
        });
        Self {
            architecture: match project.manifest.on(Some(cloud)).architecture {
                None | Some(Architecture::X86) => "amd64",
                Some(Architecture::Arm) => "arm64",
            },
            labels: labels.collect(),
        }
    }

    /// The labels by their full names. (OCI image specification, "Annotations".)
    fn labels(&self) -> Value {
        let labels = self.labels.iter();
        labels
            .map(|(name, value)| (format!("org.opencontainers.image.{name}"), value.as_str()))
            .collect()
    }
}

impl Image {
    /// Makes an image of a program.
    ///
    /// # Errors
    ///
    /// When a tar archive has no room for it.
    pub(super) fn new(about: &About, program: &[u8]) -> io::Result<Self> {
        let certificates = certificates();
        let base = entries(&certificates);
        let program = [Entry {
            path: Form::Image.program(),
            mode: 0o755,
            owner: 0,
            bytes: program,
        }];
        let files = base.iter().chain(&program);
        let files = files.filter(|entry| !entry.path.ends_with('/'));
        let holds = files
            .map(|entry| (entry.path.to_owned(), entry.bytes.len()))
            .collect();
        let layers = [Layer::new(&base)?, Layer::new(&program)?];
        let config = Blob::json(
            "application/vnd.oci.image.config.v1+json",
            &config(about, &layers),
        );
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config.descriptor(),
            "layers": layers.each_ref().map(|layer| layer.blob.descriptor()),
            "annotations": about.labels(),
        });
        Ok(Self {
            manifest: Blob::json(MANIFEST, &manifest),
            platform: json!({"architecture": about.architecture, "os": "linux"}),
            layers,
            config,
            holds,
        })
    }

    /// The digest by which a registry knows it.
    pub(super) fn digest(&self) -> String {
        self.manifest.digest()
    }

    /// What a registry takes, in bytes.
    pub(super) fn size(&self) -> u64 {
        self.blobs().map(Blob::size).sum()
    }

    /// Everything that it is made of.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Blob> {
        let layers = self.layers.iter().map(|layer| &layer.blob);
        layers.chain([&self.config, &self.manifest])
    }

    /// The digest of its configuration, and those of its layers, in hexadecimal.
    pub(super) fn parts(&self) -> (&str, [&str; 2]) {
        let layers = self.layers.each_ref().map(|layer| layer.blob.hash.as_str());
        (&self.config.hash, layers)
    }

    /// What an index says of it.
    pub(super) fn descriptor(&self) -> Value {
        let mut descriptor = self.manifest.descriptor();
        if let Some(descriptor) = descriptor.as_object_mut() {
            let _none = descriptor.insert("platform".to_owned(), self.platform.clone());
        }
        descriptor
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// How the program is run. (OCI image specification, "OCI Image Configuration".)
fn config(about: &About, layers: &[Layer]) -> Value {
    let history = ["what every image has", "the program"];
    let history = history.map(|comment| {
        json!({"created": CREATED, "created_by": "cargo isobar build --image", "comment": comment})
    });
    let diffs = layers.iter().map(|layer| sha256(&layer.diff));
    json!({
        "created": CREATED,
        "architecture": about.architecture,
        "os": "linux",
        "config": {
            "User": format!("{NOBODY}:{NOBODY}"),
            "ExposedPorts": {"8080/tcp": {}},
            "Env": [format!("SSL_CERT_FILE={CERTIFICATES}")],
            "Entrypoint": [format!("/{}", Form::Image.program())],
            "WorkingDir": "/",
            "Labels": about.labels(),
        },
        "rootfs": {"type": "layers", "diff_ids": diffs.collect::<Vec<_>>()},
        "history": history,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    const ELF: &[u8] = b"\x7fELF";

    fn image(program: &[u8]) -> Image {
        let about = About {
            architecture: "amd64",
            labels: [("title", "demo".to_owned())].into(),
        };
        Image::new(&about, program).expect("an image")
    }

    fn read(blob: &Blob) -> Value {
        serde_json::from_slice(&blob.bytes).expect("JSON")
    }

    /// The headers of a layer, and its files' contents.
    fn unpacked(layer: &Layer) -> Vec<(String, u32, u64, u64, Vec<u8>)> {
        let plain = flate2::read::GzDecoder::new(layer.blob.bytes.as_slice());
        let mut archive = tar::Archive::new(plain);
        let entries = archive.entries().expect("an archive");
        entries
            .map(|entry| {
                let mut entry = entry.expect("an entry");
                let mut bytes = Vec::new();
                let _length = entry.read_to_end(&mut bytes).expect("bytes");
                let header = entry.header();
                (
                    entry.path().expect("a path").display().to_string(),
                    header.mode().expect("a mode"),
                    header.uid().expect("an owner"),
                    header.mtime().expect("a time"),
                    bytes,
                )
            })
            .collect()
    }

    #[test]
    fn the_program_may_be_run_by_anyone_and_changed_by_none_but_root() {
        let files = unpacked(&image(ELF).layers[1]);
        let wanted = ("server".to_owned(), 0o755, 0, 0, ELF.to_vec());
        assert_eq!(files, [wanted]);
    }

    #[test]
    fn the_first_layer_has_what_programs_expect_of_a_machine() {
        let files = unpacked(&image(ELF).layers[0]);
        let find = |path: &str| files.iter().find(|file| file.0 == path).expect("a file");
        assert!(
            find("etc/ssl/certs/ca-certificates.crt")
                .4
                .starts_with(b"-----BEGIN")
        );
        assert_eq!(find("tmp/").1, 0o1777);
        assert_eq!(find("home/nonroot/").2, 65_532);
    }

    #[test]
    fn the_same_program_makes_the_same_image_and_another_another() {
        assert_eq!(image(ELF).digest(), image(ELF).digest());
        assert_ne!(image(ELF).digest(), image(b"\x7fELF, another").digest());
    }

    #[test]
    fn the_first_layer_is_the_same_in_every_image() {
        let [one, other] =
            [image(ELF), image(b"\x7fELF, another")].map(|image| image.layers[0].blob.hash.clone());
        assert_eq!(one, other);
    }

    #[test]
    fn the_program_runs_as_a_user_without_rights() {
        let config = read(&image(ELF).config);
        let of = |pointer: &str| config.pointer(pointer).cloned().unwrap_or_default();
        assert_eq!(of("/config/User"), "65532:65532");
        assert_eq!(of("/config/Entrypoint"), json!(["/server"]));
        assert_eq!(of("/created"), "1970-01-01T00:00:00Z");
        assert_eq!(of("/architecture"), "amd64");
        let title = of("/config/Labels/org.opencontainers.image.title");
        assert_eq!(title, "demo");
    }

    #[test]
    fn the_configuration_names_the_layers_as_they_were_before_they_were_packed() {
        let image = image(ELF);
        let diffs = read(&image.config)["rootfs"]["diff_ids"].clone();
        let plain = image.layers.each_ref().map(|layer| {
            let mut plain = Vec::new();
            let mut packed = flate2::read::GzDecoder::new(layer.blob.bytes.as_slice());
            let _length = packed.read_to_end(&mut plain).expect("a layer");
            sha256(&crate::package::digest(&plain))
        });
        assert_eq!(diffs, json!(plain));
    }

    #[test]
    fn the_manifest_names_what_the_image_is_made_of() {
        let image = image(ELF);
        let manifest = read(&image.manifest);
        let descriptors = manifest["layers"].as_array().expect("layers").iter();
        let named: Vec<_> = descriptors.chain([&manifest["config"]]).cloned().collect();
        let made: Vec<_> = image.blobs().map(Blob::descriptor).collect();
        assert_eq!(named, made[..3]);
        assert_eq!(image.descriptor()["digest"], made[3]["digest"]);
        assert_eq!(
            image.size(),
            made.iter().filter_map(|d| d["size"].as_u64()).sum::<u64>()
        );
    }
}
