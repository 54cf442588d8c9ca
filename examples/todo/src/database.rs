//! The connections to the database, which outlive every invocation.

use std::env::VarError;
use std::time::Duration;

use isobar::{Error, Result, StatusCode};
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection};
use tokio::time::timeout;

use crate::migrations;

const VARIABLE: &str = "DATABASE_URL";

/// The database where none is named: a file in the folder where the program runs.
#[cfg(feature = "sqlite")]
const FILE: Option<&str> = Some("todo.db");
#[cfg(not(feature = "sqlite"))]
const FILE: Option<&str> = None;

/// How many connections an instance holds at most. A host starts many instances, each of which has
/// as many, and PostgreSQL takes 100 in all unless told otherwise.
const CONNECTIONS: u32 = 4;
/// How long a request waits for one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one that was idle may take to say that it lives.
const PONG: Duration = Duration::from_secs(1);

/// Opens the database that the environment names, and makes its tables what the code wants.
///
/// What fails here fails the start, with its cause. The URL is a secret, and is not told.
pub(crate) async fn open() -> Result<AnyPool> {
    let url = url()?;
    install_default_drivers();
    let pool = AnyPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(lives(connection)))
        .connect(&url)
        .await
        .map_err(|e| failed("the database cannot be opened").with_source(e))?;
    migrations::run(&pool).await?;
    Ok(pool)
}

fn url() -> Result<String> {
    match (std::env::var(VARIABLE), FILE) {
        (Ok(url), _) => {
            tracing::info!("the todos are in the database that {VARIABLE} names");
            Ok(url)
        }
        (Err(VarError::NotPresent), Some(file)) => {
            let path = std::env::current_dir()?.join(file);
            tracing::info!(
                "the todos are in {}; {VARIABLE}=postgres://user:password@host/database has them \
                 in PostgreSQL",
                path.display()
            );
            Ok(format!("sqlite://{file}?mode=rwc"))
        }
        (Err(VarError::NotPresent), None) => Err(failed(
            "it is not set: postgres://user:password@host/database is wanted",
        )),
        (Err(wrong), _) => Err(failed("it is no text").with_source(wrong)),
    }
}

fn failed(what: &str) -> Error {
    Error::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        format!("{VARIABLE}: {what}"),
    )
}

/// Returns true if a connection answers. It may have died while the host had frozen the process: it is
/// then replaced, and the request knows nothing of it.
///
/// sqlx asks too, unless told otherwise, but waits without end: where the other side is gone without
/// a word, that would take all of the request's time.
async fn lives(connection: &mut AnyConnection) -> sqlx::Result<bool> {
    let pong = timeout(PONG, connection.ping()).await;
    Ok(matches!(pong, Ok(Ok(()))))
}
