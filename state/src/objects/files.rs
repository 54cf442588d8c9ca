//! What `object_store`'s files lack: a conditional update, by a lock of the folder.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use fs4::FileExt;
use object_store::PutMode;
use object_store::path::Path;
use url::Url;

use super::Objects;
use crate::{Fingerprint, StoreError, Version};

/// A folder whose lock is a file in it, which the system frees when its holder ends.
#[derive(Clone, Debug)]
pub(super) struct Folder(Arc<PathBuf>);

/// The version of a file: of its content, since an inode and its time may come again.
pub(super) fn version(text: &str) -> Version {
    Version::new(Fingerprint::of([text.as_bytes()]).as_str().to_owned())
}

impl Folder {
    pub(super) fn open(url: &Url) -> Result<Self, StoreError> {
        let no_folder = || StoreError::new(format!("{url} names no folder"));
        let path = url.to_file_path().map_err(|()| no_folder())?;
        std::fs::create_dir_all(&path).map_err(|e| no_folder().with_source(e))?;
        Ok(Self(Arc::new(path.join(".lock"))))
    }

    /// Replaces a file of this version.
    pub(super) async fn update(
        &self,
        objects: Objects,
        path: Path,
        text: String,
        wanted: Version,
    ) -> Result<Option<Version>, StoreError> {
        self.locked(async move {
            match objects.read(&path).await? {
                Some((_, found)) if found == wanted => {
                    objects.write(&path, text, PutMode::Overwrite).await
                }
                _ => Ok(None),
            }
        })
        .await
    }

    pub(super) async fn remove(&self, objects: Objects, path: Path) -> Result<(), StoreError> {
        self.locked(async move { objects.remove(&path).await })
            .await
    }

    /// Runs work under the lock. It is a task of its own, so that it ends before the lock does also
    /// where nobody waits for it any longer.
    async fn locked<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
    ) -> Result<T, StoreError> {
        let path = Arc::clone(&self.0);
        let task = tokio::spawn(async move {
            let locking = tokio::task::spawn_blocking(move || lock(&path));
            let failed = |e| StoreError::new("the folder cannot be locked").with_source(e);
            let locked = locking.await.map_err(io::Error::from);
            let file = locked.and_then(|file| file).map_err(failed)?;
            let result = work.await;
            drop(file);
            result
        });
        task.await
            .map_err(|e| StoreError::new("the work under the lock").with_source(e))?
    }
}

fn lock(path: &std::path::Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    FileExt::lock(&file)?;
    Ok(file)
}
