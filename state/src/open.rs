//! The store that a deployment chooses, by its URL.

use std::sync::Arc;

#[cfg(not(feature = "objects"))]
use crate::absent::objects;
#[cfg(not(feature = "sql"))]
use crate::absent::sql;
#[cfg(feature = "objects")]
use crate::objects;
#[cfg(feature = "sql")]
use crate::sql;
use crate::{Memory, Store, StoreError};

/// The variable that names the store.
const VARIABLE: &str = "ISOBAR_STATE_URL";

/// What a cloud sets, where a process's own memory is no memory of the function.
const CLOUDS: [&str; 3] = [
    "AWS_LAMBDA_RUNTIME_API",
    "FUNCTIONS_CUSTOMHANDLER_PORT",
    "K_SERVICE",
];

/// Opens the store that `ISOBAR_STATE_URL` names; [`Memory`] where it is not set, with a warning in
/// a cloud.
///
/// Call it in the `init` of `isobar::start_with`: a store that cannot be opened is then the host's
/// own init error. [`open_url`] has the URLs.
///
/// # Errors
///
/// When the URL is none, is of a store that is not compiled in, or the store cannot be opened.
///
/// # Example: an application whose store the deployment chooses
///
/// ```
/// use isobar_core::{App, Handler, Result};
/// use isobar_state::{idempotent, open};
///
/// async fn charge() {}
///
/// async fn init() -> Result<impl Handler> {
///     let store = open().await?;
///     Ok(idempotent(store, App::new().on_message("orders", charge)))
/// }
/// ```
pub async fn open() -> Result<Arc<dyn Store>, StoreError> {
    let url = match std::env::var(VARIABLE) {
        Ok(url) => url,
        Err(std::env::VarError::NotPresent) => String::new(),
        Err(e) => return Err(StoreError::new(VARIABLE).with_source(e)),
    };
    if !url.is_empty() {
        let named = |e| StoreError::new(format!("{VARIABLE} names none that opens")).with_source(e);
        return open_url(&url).await.map_err(named);
    }
    if CLOUDS.iter().any(|name| std::env::var_os(name).is_some()) {
        tracing::warn!(
            "{VARIABLE} is not set: what was handled is remembered by this instance alone, \
             until it ends"
        );
    }
    Ok(Arc::new(Memory::new()))
}

/// Opens a store by its URL.
///
/// | URL | store | feature |
/// | --- | --- | --- |
/// | `memory:` | [`Memory`] | |
/// | `file:///folder` | `Objects`: files | `files` (a default) |
/// | `s3://bucket/prefix` | `Objects`: S3 | `s3` |
/// | `az://container/prefix` | `Objects`: Azure Blob Storage | `azure` |
/// | `gs://bucket/prefix` | `Objects`: Cloud Storage | `gcs` |
/// | `sqlite:///folder/state.db` | `Sql`: a file, made if it is not there | `sqlite` |
/// | `postgres://user:password@host/database` | `Sql` | `postgres` |
///
/// # Errors
///
/// When the URL is none, is of a store that is not compiled in, or the store cannot be opened. The
/// error does not tell the URL, which may hold a password.
pub async fn open_url(url: &str) -> Result<Arc<dyn Store>, StoreError> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme);
    let missing = |feature| {
        let problem = format!("build isobar-state with the feature `{feature}` for it");
        Err(StoreError::new(problem))
    };
    Ok(match scheme {
        Some("memory") => Arc::new(Memory::new()),
        Some("sqlite" | "postgres" | "postgresql") => Arc::new(sql::Sql::open(url).await?),
        Some("file") if !cfg!(feature = "files") => return missing("files"),
        Some("s3") if !cfg!(feature = "s3") => return missing("s3"),
        Some("az") if !cfg!(feature = "azure") => return missing("azure"),
        Some("gs") if !cfg!(feature = "gcs") => return missing("gcs"),
        Some("file" | "s3" | "az" | "gs") => Arc::new(objects::Objects::open(url)?),
        _ => return Err(StoreError::new(format!("it is none of {STORES}"))),
    })
}

const STORES: &str = "memory:, file:///folder, sqlite:///file, postgres://host/database, s3://bucket, \
                      az://container and gs://bucket";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proof::{every_interleaving, keeps_its_contract};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "of the store that ISOBAR_STATE_URL names: .ci/state"]
    async fn the_store_of_the_environment_keeps_the_contract() {
        let store = open().await.unwrap();
        keeps_its_contract(&store).await;
        let plays = every_interleaving(&store, 1).await;
        println!("{plays} plays");
    }

    #[tokio::test]
    async fn what_can_not_be_opened_is_an_error_without_the_url() {
        for url in [
            "",
            "x",
            "/folder",
            "mysql://me:hunter2@host/db",
            "s3:hunter2",
        ] {
            let Err(error) = open_url(url).await.map(drop) else {
                panic!("{url} was opened");
            };
            let text = isobar_core::chain(&error);
            assert!(!text.contains("hunter2"), "{text}");
        }
        assert!(open_url("memory:").await.is_ok());
    }
}
