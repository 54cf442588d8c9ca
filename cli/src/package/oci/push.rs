//! Pushing an image by a tool that is installed: logging in to registries is what they know.

use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr;

use crate::doctor::on_path;
use crate::fail::{Failure, Kind, Result, cause};
use crate::say;

/// A tool that pushes images; the first that is found is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Crane,
    Skopeo,
    Docker,
}

/// Where an image goes, and by what.
#[derive(Clone, Debug)]
pub(crate) struct Push {
    tool: Tool,
    reference: Reference,
    insecure: bool,
}

/// A name in a registry: `REGISTRY/PATH:TAG`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference(String);

impl FromStr for Reference {
    type Err = String;

    /// Takes what is surely no reference for a mistake; all else is the registry's to judge.
    fn from_str(text: &str) -> Result<Self, String> {
        let good = |c: char| c.is_ascii_alphanumeric() || "./:_-[]".contains(c);
        if text.contains("://") {
            return Err("it is written without a scheme, as REGISTRY/PATH:TAG".to_owned());
        }
        if text.contains('@') {
            return Err(
                "the digest is known when the image is made: give a tag, or none".to_owned(),
            );
        }
        if !text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            || !text.chars().all(good)
        {
            return Err("it is written as REGISTRY/PATH:TAG".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl Reference {
    /// The name without a tag.
    fn repository(&self) -> &str {
        match self.0.rsplit_once(':') {
            // a port is followed by a path
            Some((repository, tag)) if !tag.contains('/') => repository,
            _ => &self.0,
        }
    }
}

impl Tool {
    const ALL: [Self; 3] = [Self::Crane, Self::Skopeo, Self::Docker];

    fn program(self) -> &'static str {
        match self {
            Self::Crane => "crane",
            Self::Skopeo => "skopeo",
            Self::Docker => "docker",
        }
    }

    /// Whether it can talk to a registry without TLS because it is told so. Docker's daemon has that
    /// in its own settings.
    fn takes_insecure(self) -> bool {
        self != Self::Docker
    }

    /// The commands that push an image, of its folder, its archive and the name that it has there.
    fn commands(self, image: &Lying<'_>, push: &Push) -> Vec<Command> {
        let reference = push.reference.0.as_str();
        let command = |arguments: &[&str]| {
            let mut command = Command::new(self.program());
            command.args(arguments);
            command
        };
        match self {
            Self::Crane => {
                let mut push_it = command(if push.insecure {
                    &["push", "--insecure"]
                } else {
                    &["push"]
                });
                push_it.arg(image.folder).arg(reference);
                vec![push_it]
            }
            Self::Skopeo => {
                let mut copy = command(&["copy"]);
                if push.insecure {
                    copy.arg("--dest-tls-verify=false");
                }
                // a colon in the folder's own path would begin a tag
                copy.current_dir(image.folder)
                    .arg("oci:.")
                    .arg(format!("docker://{reference}"));
                vec![copy]
            }
            Self::Docker => {
                let mut load = command(&["load", "--input"]);
                load.arg(image.archive);
                vec![
                    load,
                    command(&["tag", image.name, reference]),
                    command(&["push", reference]),
                ]
            }
        }
    }
}

/// An image as it lies on disk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lying<'a> {
    /// The folder of its OCI layout.
    pub(crate) folder: &'a Path,
    /// Its archive for `docker load`.
    pub(crate) archive: &'a Path,
    /// Its name and tag in the archive.
    pub(crate) name: &'a str,
    /// Its digest.
    pub(crate) digest: &'a str,
}

impl Push {
    /// Looks for a tool that can push to this name.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub(crate) fn new(reference: Reference, insecure: bool) -> Result<Self> {
        let found = Tool::ALL.into_iter().filter(|tool| on_path(tool.program()));
        let tool = choose(found, insecure)?;
        Ok(Self {
            tool,
            reference,
            insecure,
        })
    }

    /// Pushes, and returns the name by which exactly this image is found there.
    ///
    /// # Errors
    ///
    /// When the tool cannot be run, or fails.
    pub(crate) fn run(&self, image: &Lying<'_>) -> Result<String> {
        let tool = self.tool.program();
        say::status("Pushing", format_args!("to {} by {tool}", self.reference.0));
        for mut command in self.tool.commands(image, self) {
            // what it prints is for people: our standard output is for scripts
            let status = command
                .stdin(Stdio::null())
                .stdout(std::io::stderr())
                .status()
                .map_err(cause(Kind::Run, format!("{tool} cannot be run")))?;
            if !status.success() {
                let message = format!("{tool} did not push {}", self.reference.0);
                return Err(Failure::new(Kind::Run, message).help(self.help()));
            }
        }
        Ok(match self.tool {
            Tool::Crane | Tool::Skopeo => {
                format!("{}@{}", self.reference.repository(), image.digest)
            }
            // docker packs the layers anew, so that the digest there is another
            Tool::Docker => self.reference.0.clone(),
        })
    }

    fn help(&self) -> String {
        let registry = self
            .reference
            .0
            .split_once('/')
            .map_or("", |(registry, _)| registry);
        let login = match self.tool {
            Tool::Crane => format!("crane auth login {registry}"),
            Tool::Skopeo => format!("skopeo login {registry}"),
            Tool::Docker => format!("docker login {registry}"),
        };
        let login = login.trim_end();
        format!(
            "log in where the registry wants it: {login}; a registry without TLS wants --insecure"
        )
    }
}

/// The first tool that will do.
fn choose(found: impl Iterator<Item = Tool>, insecure: bool) -> Result<Tool> {
    let found: Vec<_> = found.collect();
    let fits = |tool: &&Tool| !insecure || tool.takes_insecure();
    if let Some(tool) = found.iter().find(fits) {
        return Ok(*tool);
    }
    let message = if found.is_empty() {
        "nothing that pushes images is found: neither crane nor skopeo nor docker"
    } else {
        "docker takes --insecure by its daemon's settings alone (insecure-registries)"
    };
    Err(Failure::new(Kind::Build, message).help(
        "sudo apt-get install skopeo, or go install github.com/google/go-containerregistry/cmd/crane@latest",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn push(tool: Tool, insecure: bool) -> Push {
        let reference = "127.0.0.1:5000/a/demo:1".parse().expect("a reference");
        Push {
            tool,
            reference,
            insecure,
        }
    }

    fn lines(push: &Push) -> Vec<String> {
        let image = Lying {
            folder: Path::new("/t/image"),
            archive: Path::new("/t/image.tar"),
            name: "demo:latest",
            digest: "sha256:00",
        };
        let line = |command: Command| {
            let words = std::iter::once(command.get_program()).chain(command.get_args());
            let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
            words.join(" ")
        };
        push.tool
            .commands(&image, push)
            .into_iter()
            .map(line)
            .collect()
    }

    #[test]
    fn each_tool_is_called_in_its_own_way() {
        assert_eq!(
            lines(&push(Tool::Crane, false)),
            ["crane push /t/image 127.0.0.1:5000/a/demo:1"]
        );
        assert_eq!(
            lines(&push(Tool::Skopeo, true)),
            ["skopeo copy --dest-tls-verify=false oci:. docker://127.0.0.1:5000/a/demo:1"]
        );
        assert_eq!(
            lines(&push(Tool::Docker, false)),
            [
                "docker load --input /t/image.tar",
                "docker tag demo:latest 127.0.0.1:5000/a/demo:1",
                "docker push 127.0.0.1:5000/a/demo:1",
            ]
        );
    }

    #[test]
    fn the_first_tool_that_will_do_is_taken() {
        let chosen = |found: &[Tool], insecure| choose(found.iter().copied(), insecure);
        assert_eq!(chosen(&Tool::ALL, true).expect("a tool"), Tool::Crane);
        assert_eq!(
            chosen(&[Tool::Docker], false).expect("a tool"),
            Tool::Docker
        );
        let none = chosen(&[], false).expect_err("none").to_string();
        assert!(
            none.contains("neither crane") && none.contains("apt-get install skopeo"),
            "{none}"
        );
        let docker = chosen(&[Tool::Docker], true).expect_err("none").to_string();
        assert!(docker.contains("insecure-registries"), "{docker}");
    }

    #[test]
    fn what_is_surely_no_reference_is_refused() {
        let parsed = |text: &str| text.parse::<Reference>();
        for text in [
            "demo",
            "demo:1",
            "localhost:5000/demo",
            "eu.pkg.dev/p/r/n:v1.0_a-b",
            "[::1]:5000/a",
        ] {
            assert!(parsed(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "--insecure",
            "https://a/b",
            "a/b@sha256:00",
            "a b",
            "/a",
        ] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_port_is_no_tag() {
        let repository = |text: &str| text.parse::<Reference>().map(|r| r.repository().to_owned());
        assert_eq!(
            repository("localhost:5000/demo"),
            Ok("localhost:5000/demo".to_owned())
        );
        assert_eq!(
            repository("localhost:5000/demo:1"),
            Ok("localhost:5000/demo".to_owned())
        );
    }
}
