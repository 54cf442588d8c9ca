//! Databases of a test's own.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::any::install_default_drivers;
use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

/// An empty database, which no other test has.
pub(super) struct Database {
    url: String,
    /// What a file is in.
    _folder: Option<TempDir>,
}

impl Database {
    /// A file of SQLite.
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: format!("sqlite://{}/todo.db?mode=rwc", folder.path().display()),
            _folder: Some(folder),
        }
    }

    /// A database of the PostgreSQL that the environment names.
    pub(super) async fn postgres() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("TODO_DATABASE_URL").expect("TODO_DATABASE_URL");
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let name = format!("todo_{process}_{count}");
        let mut connection = connect(&server).await;
        let create = format!("CREATE DATABASE {name}");
        sqlx::query(&create).execute(&mut connection).await.unwrap();
        let (host, _database) = server.rsplit_once('/').unwrap();
        Self {
            url: format!("{host}/{name}"),
            _folder: None,
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// A connection of the test's own.
    pub(super) async fn connect(&self) -> AnyConnection {
        connect(&self.url).await
    }

    /// The texts of all todos, in their order.
    pub(super) async fn texts(&self) -> Vec<String> {
        let texts = sqlx::query_scalar("SELECT text FROM todos ORDER BY id");
        texts.fetch_all(&mut self.connect().await).await.unwrap()
    }
}

async fn connect(url: &str) -> AnyConnection {
    install_default_drivers();
    AnyConnection::connect(url).await.unwrap()
}
