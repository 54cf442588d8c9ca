//! What a store promises, one operation at a time and many at once.

use std::sync::Arc;
use std::time::Duration;

use crate::{Fingerprint, Kept, Key, Owner, Record, State, Store, Time, Version};

pub(crate) fn record(about: &str) -> Record {
    Record {
        about: about.to_owned().into(),
        owner: Owner::random(),
        state: State::Done(Arc::new(Kept::TooLarge)),
        fingerprint: Some(Arc::new(Fingerprint::of([&b"body"[..]]))),
        expires: Time::now().after(Duration::from_secs(3600)),
    }
}

/// A key that nobody has, also where a store outlives the test.
fn fresh() -> Key {
    Key::of([&*Owner::random().as_u64().to_string()])
}

/// Holds a store to its contract.
pub(crate) async fn keeps_its_contract<S: Store + Clone>(store: &S) {
    let key = fresh();
    assert_eq!(store.get(&key).await.unwrap(), None);
    let unknown = Version::new("1");
    let none = store.update(&key, &record("no"), &unknown).await;
    assert_eq!(none.unwrap(), None, "an update of nothing");

    let first = record("first");
    let one = store.create(&key, &first).await.unwrap().unwrap();
    assert_eq!(
        store.get(&key).await.unwrap(),
        Some((first.clone(), one.clone()))
    );
    let again = store.create(&key, &record("no")).await.unwrap();
    assert_eq!(again, None, "a second create");

    let second = record("second");
    let two = store.update(&key, &second, &one).await.unwrap().unwrap();
    assert_ne!(one, two);
    assert_eq!(store.get(&key).await.unwrap(), Some((second, two.clone())));
    let stale = store.update(&key, &record("no"), &one).await.unwrap();
    assert_eq!(stale, None, "an update of an old version");

    store.delete(&key).await.unwrap();
    store.delete(&key).await.unwrap();
    assert_eq!(store.get(&key).await.unwrap(), None);
    let gone = store.update(&key, &record("no"), &two).await.unwrap();
    assert_eq!(gone, None, "an update of what is gone");
    let anew = store.create(&key, &first).await.unwrap().unwrap();
    assert_eq!(store.get(&key).await.unwrap(), Some((first, anew)));
    one_of_many_wins(store).await;
}

async fn one_of_many_wins<S: Store + Clone>(store: &S) {
    const MANY: usize = 16;
    let key = fresh();
    let mut version = None;
    for _round in 0..4 {
        let tries: Vec<_> = (0..MANY)
            .map(|n| {
                let (store, key, version) = (store.clone(), key.clone(), version.clone());
                tokio::spawn(async move {
                    let mine = record(&n.to_string());
                    match &version {
                        None => store.create(&key, &mine).await.unwrap(),
                        Some(version) => store.update(&key, &mine, version).await.unwrap(),
                    }
                })
            })
            .collect();
        let mut won = Vec::new();
        for one in tries {
            won.extend(one.await.unwrap());
        }
        assert_eq!(won.len(), 1, "{won:?}");
        version = won.pop();
    }
}
