//! An app's folder, and what the host reads in it.

mod folder;
mod lookup;
mod route;
mod settings;

pub use folder::App;
pub(super) use settings::{Binding, Function, Mode, Settings};
