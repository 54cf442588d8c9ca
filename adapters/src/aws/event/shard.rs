//! What streams have in common: a batch comes of one shard, whose order is that of the whole.

use isobar_core::Text;

use super::gather::{Content, Gathered, Id};
use super::malformed::Malformed;

/// Reads a batch whose records follow each other.
pub(super) fn read<'a>(
    records: &[&'a str],
    read: impl Fn(&'a str) -> (Id, Result<Content, Malformed>),
) -> Gathered {
    let mut gathered = Gathered::of(records.len());
    for &raw in records {
        let (id, content) = read(raw);
        gathered.add_after(&Text::new(), id, content);
    }
    gathered
}
