//! The folder that the Functions host wants: the project's own, or what is packaged.

use std::fs;
use std::io;

use isobar_hosts::functions::App;

use crate::fail::{Kind, Result, cause};
use crate::manifest::{Auth, Manifest, Mode};
use crate::package::azure;
use crate::project::Project;

/// The project's folder where it has a host.json, else one that is made.
///
/// # Errors
///
/// When the manifest cannot be one of Azure, or the folder cannot be written.
pub(super) fn app(project: &Project, mode: Mode) -> Result<App> {
    if project.folder.join("host.json").exists() {
        return Ok(App::at(&project.folder));
    }
    let fault = "cannot make the folder of the Functions host";
    let app = App::new().map_err(cause(Kind::Run, fault))?;
    for (name, text) in azure::files(project.name(), &here(&project.manifest, mode))? {
        write(&app, &name, &text).map_err(cause(Kind::Run, fault))?;
    }
    Ok(app)
}

/// The manifest as it holds here: in this mode, and with no key, since nobody has one.
fn here(manifest: &Manifest, mode: Mode) -> Manifest {
    let mut manifest = manifest.clone();
    manifest.azure.mode = Some(mode);
    if let Some(http) = &mut manifest.http {
        http.auth = Auth::Anonymous;
    }
    manifest
}

fn write(app: &App, name: &str, text: &str) -> io::Result<()> {
    let path = app.path().join(name);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}
