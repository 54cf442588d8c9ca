//! Events of every source.
