//! A container image of the program alone, written without a container engine.

mod blob;
mod files;
mod image;
mod layer;
mod layout;
mod push;

use std::fs;
use std::io;

pub(super) use push::{Lying, Push, Reference};

use super::artefact::{Artefact, Held, Known};
use super::form::Form;
use super::{emptied, unwritten};
use crate::fail::{Kind, Result, cause};
use crate::project::Project;
use image::{About, Image};

/// Writes an image of a program: a folder, and the same as an archive beside it.
///
/// # Errors
///
/// When a file cannot be written.
pub(super) fn write(project: &Project, program: &[u8]) -> Result<Artefact> {
    let folder = emptied(project, Form::Image)?;
    let archive = folder.with_extension("tar");
    let name = layout::name(project.name());
    let image = Image::new(&About::new(project), program);
    let image = image.map_err(cause(Kind::Build, "cannot pack the image"))?;
    let write = || -> io::Result<()> {
        layout::folder(&image, &name, &folder)?;
        fs::write(&archive, layout::docker(&image, &name)?)
    };
    write().map_err(unwritten(&folder))?;
    let held = |(name, len): &(String, usize)| Held::new(name, *len);
    Ok(Artefact {
        form: Form::Image,
        cloud: Form::Image.cloud(),
        path: folder,
        size: image.size(),
        holds: image.holds.iter().map(held).collect(),
        image: Some(Known {
            digest: image.digest(),
            archive,
            name,
            pushed: None,
        }),
    })
}
