//! SQL databases, by the crate `sqlx`.

use std::time::Duration;

use isobar_core::async_trait;
use sqlx::any::{AnyPoolOptions, install_default_drivers};
use sqlx::{AnyConnection, AnyPool, Connection};
use tokio::time::timeout;

use crate::{Key, Record, Store, StoreError, Time, Version, json};

/// How many connections one process holds at most: many processes share a database.
const CONNECTIONS: u32 = 4;
/// How long one is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that was idle may take to say that it lives.
const PONG: Duration = Duration::from_secs(1);

/// The table, in words that both databases know.
const TABLE: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS isobar_state (key VARCHAR(64) PRIMARY KEY, \
     version BIGINT NOT NULL, expires BIGINT NOT NULL, record TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS isobar_state_expires ON isobar_state (expires)",
];
const GET: &str = "SELECT version, record FROM isobar_state WHERE key = $1";
const CREATE: &str = "INSERT INTO isobar_state (key, version, expires, record) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING";
const UPDATE: &str = "UPDATE isobar_state SET version = version + 1, expires = $1, record = $2 \
     WHERE key = $3 AND version = $4";
const DELETE: &str = "DELETE FROM isobar_state WHERE key = $1";
const PURGE: &str = "DELETE FROM isobar_state WHERE expires < $1";

/// Records in a table of a SQL database: PostgreSQL, or SQLite embedded.
///
/// The table is `isobar_state`, made where it is not there. Two statements for each event, one more
/// for each repeat, over a small pool of connections; one that died while the host had frozen the
/// process is replaced when it is wanted. Call [`purge`](Self::purge) once a day, or what has expired
/// stays in the table. A clone is the same store.
#[derive(Clone, Debug)]
pub struct Sql {
    pool: AnyPool,
}

impl Sql {
    /// Opens a database by its URL, and makes the table.
    ///
    /// `sqlite:///folder/state.db` is a file, made if it is not there; `postgres://..` takes the
    /// parameters that `sqlx` has, such as `sslmode` and `sslrootcert`.
    ///
    /// # Errors
    ///
    /// When the URL is none, the database is not compiled in, cannot be reached, or does not let
    /// the table be made.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        install_default_drivers();
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, _| Box::pin(lives(connection)))
            .connect(&with_mode(url))
            .await
            .map_err(failed)?;
        Self::with_pool(pool).await
    }

    /// Takes a pool that the application has already, and makes the table in its database.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or does not let the table be made.
    ///
    /// # Example: one pool for everything
    ///
    /// ```
    /// # async fn init() -> Result<(), Box<dyn std::error::Error>> {
    /// sqlx::any::install_default_drivers();
    /// let pool = sqlx::AnyPool::connect("postgres://me@localhost/shop").await?;
    /// let store = isobar_state::Sql::with_pool(pool.clone()).await?;
    /// # Ok(()) }
    /// ```
    pub async fn with_pool(pool: AnyPool) -> Result<Self, StoreError> {
        for statement in TABLE {
            // Of several that make it at once PostgreSQL refuses some: then it is there.
            if sqlx::query(statement).execute(&pool).await.is_err() {
                sqlx::query(statement)
                    .execute(&pool)
                    .await
                    .map_err(failed)?;
            }
        }
        Ok(Self { pool })
    }

    /// Deletes what has expired, and returns how many records that were.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached.
    pub async fn purge(&self) -> Result<u64, StoreError> {
        let purged = sqlx::query(PURGE)
            .bind(number(Time::now().as_millis()))
            .execute(&self.pool)
            .await;
        purged
            .map(|done| done.rows_affected())
            .map_err(|e| StoreError::new("what has expired was not deleted").with_source(e))
    }
}

fn failed(error: sqlx::Error) -> StoreError {
    StoreError::new("the database cannot be opened").with_source(error)
}

/// Returns true if a connection answers. sqlx asks the same, and waits without end: one whose other
/// side is gone without a word, as after a long freeze, would take all the time that there is.
async fn lives(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let pong = timeout(PONG, connection.ping()).await;
    Ok(matches!(pong, Ok(Ok(()))))
}

/// SQLite makes no file unasked.
fn with_mode(url: &str) -> String {
    if url.starts_with("sqlite:") && !url.contains("mode=") && !url.contains(":memory:") {
        let separator = if url.contains('?') { '&' } else { '?' };
        return format!("{url}{separator}mode=rwc");
    }
    url.to_owned()
}

/// SQL's integers have a sign; what is beyond is the end of time.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The first version of a record: by the time, so that one made anew has none of an older's.
fn first_version() -> i64 {
    number(Time::now().as_millis().saturating_mul(1 << 16))
}

#[async_trait]
impl Store for Sql {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        let found: Option<(i64, String)> = sqlx::query_as(GET)
            .bind(key.as_str())
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| StoreError::new("a record cannot be read").with_source(e))?;
        let Some((version, text)) = found else {
            return Ok(None);
        };
        let version = Version::new(version.to_string());
        Ok(Some((json::read(text.as_bytes())?, version)))
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        let version = first_version();
        let created = sqlx::query(CREATE)
            .bind(key.as_str())
            .bind(version)
            .bind(number(record.expires.as_millis()))
            .bind(json::write(record)?)
            .execute(&self.pool)
            .await
            .map_err(|e| StoreError::new("a record cannot be made").with_source(e))?;
        Ok((created.rows_affected() == 1).then(|| Version::new(version.to_string())))
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        let Ok(known) = version.as_str().parse::<i64>() else {
            return Ok(None);
        };
        let updated = sqlx::query(UPDATE)
            .bind(number(record.expires.as_millis()))
            .bind(json::write(record)?)
            .bind(key.as_str())
            .bind(known)
            .execute(&self.pool)
            .await
            .map_err(|e| StoreError::new("a record cannot be replaced").with_source(e))?;
        let next = Version::new(known.saturating_add(1).to_string());
        Ok((updated.rows_affected() == 1).then_some(next))
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        let deleted = sqlx::query(DELETE).bind(key.as_str());
        let deleted = deleted.execute(&self.pool).await;
        deleted
            .map(drop)
            .map_err(|e| StoreError::new("a record cannot be deleted").with_source(e))
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::proof::{every_interleaving, keeps_its_contract, record};

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/state.db", folder.path().display());
        let store = Sql::open(&url).await.unwrap();
        // what another process would see
        let again = Sql::open(&url).await.unwrap();
        keeps_its_contract(&store).await;
        every_interleaving(&again, 0).await;
    }

    #[tokio::test]
    async fn what_has_expired_is_purged() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/state.db?mode=rwc", folder.path().display());
        let store = Sql::open(&url).await.unwrap();
        let mut old = record("old");
        old.expires = Time::from_millis(1);
        store.create(&Key::of(["old"]), &old).await.unwrap();
        store
            .create(&Key::of(["new"]), &record("new"))
            .await
            .unwrap();
        assert_eq!(store.purge().await.unwrap(), 1);
        assert!(store.get(&Key::of(["old"])).await.unwrap().is_none());
        assert!(store.get(&Key::of(["new"])).await.unwrap().is_some());
    }
}

#[cfg(test)]
#[cfg(feature = "postgres")]
mod silent {
    use std::process::Command;

    use super::*;

    /// The processes of the server that serve this test's store.
    const BACKENDS: &str = "SELECT pid FROM pg_stat_activity WHERE application_name = 'silent'";

    fn send(signal: &str, process: i32) {
        let process = process.to_string();
        let sent = Command::new("kill").args([signal, &process]).status();
        assert!(sent.unwrap().success(), "{signal} {process}");
    }

    /// As where a network forgets a connection: nothing comes back, not even a refusal.
    #[tokio::test]
    #[ignore = "of the PostgreSQL that ISOBAR_STATE_URL names: .ci/state"]
    async fn a_connection_of_postgresql_that_is_silent_is_replaced() {
        let url = std::env::var("ISOBAR_STATE_URL").unwrap();
        let named = format!("{url}?application_name=silent");
        let store = Sql::open(&named).await.unwrap();
        let mut server = AnyConnection::connect(&url).await.unwrap();
        let silent = sqlx::query_scalar(BACKENDS).fetch_all(&mut server).await;
        let silent: Vec<i32> = silent.unwrap();
        assert!(!silent.is_empty());
        for process in &silent {
            send("-STOP", *process);
        }
        let found = store.get(&Key::of(["nobody"])).await;
        for process in silent {
            send("-CONT", process);
        }
        assert_eq!(found.unwrap(), None);
    }
}
