use super::*;
use crate::Store;
use crate::proof::{every_interleaving, keeps_its_contract};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_of_object_store_keeps_the_contract() {
    let memory = std::sync::Arc::new(object_store::memory::InMemory::new());
    let store = Objects::new(memory, "a/b".into());
    keeps_its_contract(&store).await;
    every_interleaving(&store, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}/to/be/made", folder.path().display());
    let store = Objects::open(&url).unwrap();
    keeps_its_contract(&store).await;
    // another process would open it so
    let other = Objects::open(&url).unwrap();
    let key = crate::Key::of(["seen"]);
    assert_eq!(other.get(&key).await.unwrap(), None);
    // with faults: .ci/state, since they are a hundred times as many
    every_interleaving(&store, 0).await;
}
