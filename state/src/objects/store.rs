use std::sync::Arc;

use isobar_core::async_trait;
use object_store::path::Path;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, ObjectStoreScheme, PutMode, PutOptions, PutPayload,
    PutResult, UpdateVersion, parse_url_opts,
};
use url::Url;

use super::files::Folder;
use crate::{Key, Record, Store, StoreError, Version, json};

/// Records as objects: in S3, Azure Blob Storage, Cloud Storage, or files of this machine.
///
/// A record is one small object of JSON, under a prefix. Conditional writes are the service's own
/// (`If-None-Match`, `If-Match`, a generation); files are written under a lock of the folder, which
/// ends with the process that holds it. Two writes for each event, a read more for each repeat.
///
/// Nothing deletes what has expired: give the prefix a rule of the bucket's life cycle, of some days
/// more than records are kept. A clone is the same store.
#[derive(Clone, Debug)]
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// The folder, where the objects are files.
    folder: Option<Folder>,
}

impl Objects {
    /// Opens a store by its URL.
    ///
    /// | URL | feature | who it is |
    /// | --- | --- | --- |
    /// | `file:///var/lib/shop/state` | `files` | a folder, which is made if it is not there |
    /// | `s3://bucket/prefix` | `s3` | the role of the function, as AWS' own variables say |
    /// | `az://container/prefix` | `azure` | the managed identity; `AZURE_STORAGE_ACCOUNT_NAME` names the account |
    /// | `gs://bucket/prefix` | `gcs` | the service account |
    ///
    /// Whatever else `object_store` reads of the environment is taken too: `AWS_ENDPOINT_URL`,
    /// `AZURE_STORAGE_ACCOUNT_KEY`, `GOOGLE_APPLICATION_CREDENTIALS`.
    ///
    /// # Errors
    ///
    /// When the URL is none, when what it names is not compiled in, or lacks a setting.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        // Of what is in a URL an error tells nothing: it may be a password.
        let not_known = || StoreError::new("it is no URL of a store that is known");
        let parsed = Url::parse(url).map_err(|e| not_known().with_source(e))?;
        let folder = match ObjectStoreScheme::parse(&parsed) {
            Ok((ObjectStoreScheme::Local, _)) => Some(Folder::open(&parsed)?),
            Ok(_) => None,
            Err(_it_has_the_url) => return Err(not_known()),
        };
        let failed = |e| StoreError::new("the objects cannot be opened").with_source(e);
        let (store, prefix) = parse_url_opts(&parsed, settings()).map_err(failed)?;
        Ok(Self {
            store: store.into(),
            prefix,
            folder,
        })
    }

    /// Wraps a store that has conditional writes; `LocalFileSystem` has not, see [`open`](Self::open).
    pub fn new(store: Arc<dyn ObjectStore>, prefix: Path) -> Self {
        Self {
            store,
            prefix,
            folder: None,
        }
    }

    fn path(&self, key: &Key) -> Path {
        self.prefix.clone().join(format!("{key}.json"))
    }

    pub(super) async fn read(&self, path: &Path) -> Result<Option<(String, Version)>, StoreError> {
        let failed = |e| StoreError::new(format!("{path} cannot be read")).with_source(e);
        let found = match self.store.get(path).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let (tag, number) = (found.meta.e_tag.clone(), found.meta.version.clone());
        let bytes = found.bytes().await.map_err(failed)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let version = match self.folder {
            Some(_) => super::files::version(&text),
            None => version(tag, number)?,
        };
        Ok(Some((text, version)))
    }

    /// Writes; `None` where the condition does not hold.
    pub(super) async fn write(
        &self,
        path: &Path,
        text: String,
        mode: PutMode,
    ) -> Result<Option<Version>, StoreError> {
        let of_file = self.folder.as_ref().map(|_| super::files::version(&text));
        let options = PutOptions::from(mode);
        let written = self.store.put_opts(path, PutPayload::from(text), options);
        match written.await {
            Ok(PutResult { e_tag, version: no }) => match of_file {
                Some(version) => Ok(Some(version)),
                None => version(e_tag, no).map(Some),
            },
            Err(
                Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. },
            ) => Ok(None),
            Err(e) => Err(StoreError::new(format!("{path} cannot be written")).with_source(e)),
        }
    }

    pub(super) async fn remove(&self, path: &Path) -> Result<(), StoreError> {
        match self.store.delete(path).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(StoreError::new(format!("{path} cannot be deleted")).with_source(e)),
        }
    }
}

/// What the environment says to `object_store`; of other names it would take some by mistake.
fn settings() -> impl Iterator<Item = (String, String)> {
    let is_ours = |name: &str| {
        let prefixes = ["AWS_", "AZURE_", "GOOGLE_"];
        name == "IDENTITY_ENDPOINT" || prefixes.iter().any(|it| name.starts_with(it))
    };
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(move |(name, _)| is_ours(name))
}

/// The entity tag and the number of a version, in one text.
fn version(tag: Option<String>, number: Option<String>) -> Result<Version, StoreError> {
    if tag.is_none() && number.is_none() {
        return Err(StoreError::new("it gives its objects no version"));
    }
    let (tag, number) = (tag.unwrap_or_default(), number.unwrap_or_default());
    Ok(Version::new(format!("{tag}\n{number}")))
}

/// `None` for what is no version of ours.
fn condition(version: &Version) -> Option<UpdateVersion> {
    let (tag, number) = version.as_str().split_once('\n')?;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Some(UpdateVersion {
        e_tag: some(tag),
        version: some(number),
    })
}

#[async_trait]
impl Store for Objects {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        match self.read(&self.path(key)).await? {
            Some((text, version)) => Ok(Some((json::read(text.as_bytes())?, version))),
            None => Ok(None),
        }
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        let text = json::write(record)?;
        self.write(&self.path(key), text, PutMode::Create).await
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        let (path, text) = (self.path(key), json::write(record)?);
        if let Some(folder) = &self.folder {
            let (store, version) = (self.clone(), version.clone());
            return folder.update(store, path, text, version).await;
        }
        match condition(version) {
            Some(wanted) => self.write(&path, text, PutMode::Update(wanted)).await,
            None => Ok(None),
        }
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let path = self.path(key);
        match &self.folder {
            Some(folder) => folder.remove(self.clone(), path).await,
            None => self.remove(&path).await,
        }
    }
}
