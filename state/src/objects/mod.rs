//! Object stores, by the crate `object_store`.

mod files;
mod store;
#[cfg(test)]
mod tests;

pub use store::Objects;
