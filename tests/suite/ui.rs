//! The mistakes that users meet first, and what the compiler says of them.
//!
//! Each file in `ui/` is such a mistake; the phrases after `//~` must stand in the compiler's
//! message. Whole messages are not compared: they change with every compiler.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Returns the mistakes' names and sources.
fn mistakes() -> BTreeMap<String, String> {
    let files = std::fs::read_dir(root().join("tests/ui")).unwrap();
    let paths = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"));
    paths
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Writes a package with a binary a mistake, which uses what the workspace has built.
fn package(mistakes: &BTreeMap<String, String>) -> PathBuf {
    let root = root();
    let folder = root.join("target/ui");
    std::fs::create_dir_all(&folder).unwrap();
    let workspace = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let profile = workspace.split("[profile.dev.package").nth(1).unwrap();
    let mut manifest = format!(
        "[package]\nname = \"ui\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         isobar = {{ path = \"{}\" }}\naxum = {{ version = \"0.8\", default-features = false, features = [\"json\"] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n[profile.dev.package{profile}",
        root.join("adapters").display()
    );
    for name in mistakes.keys() {
        let path = root.join(format!("tests/ui/{name}.rs"));
        write!(
            manifest,
            "\n[[bin]]\nname = {name:?}\npath = \"{}\"\n",
            path.display()
        )
        .unwrap();
    }
    std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    std::fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    folder
}

/// Compiles the package, and returns what the compiler said of each binary.
fn messages(folder: &Path) -> BTreeMap<String, String> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args([
            "check",
            "--keep-going",
            "--message-format=json",
            "--target-dir",
        ])
        .arg(root().join("target"))
        .current_dir(folder)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        if let Some(text) = message["message"]["rendered"].as_str() {
            let name = message["target"]["name"].as_str().unwrap_or_default();
            *all.entry(name.to_owned()).or_default() += text;
        }
    }
    all
}

#[test]
fn the_compiler_says_what_is_wrong() {
    let mistakes = mistakes();
    assert!(mistakes.len() >= 14, "{}", mistakes.len());
    let said = messages(&package(&mistakes));
    let mut wrong = String::new();
    for (name, source) in &mistakes {
        let text = said
            .get(name)
            .map_or("nothing: it compiled", String::as_str);
        let phrases: Vec<_> = { source.lines() }
            .filter_map(|line| line.trim().strip_prefix("//~ "))
            .collect();
        assert!(!phrases.is_empty(), "{name} says nothing of its mistake");
        let missing: Vec<_> = { phrases.into_iter() }
            .filter(|phrase| !text.contains(phrase))
            .collect();
        if !missing.is_empty() || !said.contains_key(name) {
            write!(
                wrong,
                "\n{name}: the compiler does not say {missing:?}, but:\n{text}"
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
