//! How the tables become what the code wants: each change a file, run once, in order.

use std::future::ready;
use std::pin::Pin;

use isobar::{BoxError, Result};
use sqlx::AnyPool;
use sqlx::migrate::{Migration, MigrationSource, MigrationType, Migrator};

/// The changes so far, a name and SQL each. What stands here is never changed, since databases have
/// it: what is new is a new line at the end.
const POSTGRES: &[(&str, &str)] = &[("todos", include_str!("../migrations/postgres/1_todos.sql"))];
const SQLITE: &[(&str, &str)] = &[("todos", include_str!("../migrations/sqlite/1_todos.sql"))];

/// Runs what the database has not had yet. Of several instances that start at once PostgreSQL lets
/// one do it, and the others wait.
pub(crate) async fn run(pool: &AnyPool) -> Result<()> {
    let mut connection = pool.acquire().await?;
    let changes = match connection.backend_name() {
        "SQLite" => SQLITE,
        _ => POSTGRES,
    };
    let migrator = Migrator::new(Embedded(changes)).await?;
    Ok(migrator.run(&mut *connection).await?)
}

/// Changes that are in the program. The macro `sqlx::migrate!` makes the same of a folder, and has
/// every database's driver compiled once more, for itself.
#[derive(Debug)]
struct Embedded(&'static [(&'static str, &'static str)]);

type Resolved = std::result::Result<Vec<Migration>, BoxError>;

impl MigrationSource<'static> for Embedded {
    fn resolve(self) -> Pin<Box<dyn Future<Output = Resolved> + Send>> {
        let migrations = (1..).zip(self.0).map(|(version, (name, sql))| {
            let (name, sql) = ((*name).into(), (*sql).into());
            Migration::new(version, name, MigrationType::Simple, sql, false)
        });
        Box::pin(ready(Ok(migrations.collect())))
    }
}
