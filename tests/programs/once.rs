//! Handles each message once, and stands still at the step that `HALT_AT` names, once for each file
//! `HALTED`: so that it can be killed there.
//!
//! Its effects are rows of a table of SQLite, so that none is hidden by another. With `KEY=1` each is
//! written in one transaction with the event's key, as README has it; else alone.

use std::future::pending;
use std::io::Write;
use std::time::Duration;

use axum::extract::State;
use isobar::{App, Handler, Message, Result, async_trait};
use isobar_state::{Key, Record, Sql, Store, StoreError, Version, idempotent};
use sqlx::AnyPool;
use sqlx::any::{AnyPoolOptions, install_default_drivers};

const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS effects (what TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS handled (key TEXT PRIMARY KEY)",
];

/// Stands still for ever, if this is the step that is named and nobody has before.
async fn step(name: &str) {
    let is_named = std::env::var("HALT_AT").is_ok_and(|wanted| wanted == name);
    let halted = std::env::var_os("HALTED").unwrap_or_default();
    if is_named && std::fs::File::create_new(halted).is_ok() {
        let _nobody_listens = writeln!(std::io::stderr(), "halted {name}");
        pending::<()>().await;
    }
}

/// A store that can stand still before and behind its writes.
#[derive(Clone)]
struct Halting(Sql);

#[async_trait]
impl Store for Halting {
    async fn get(&self, key: &Key) -> Result<Option<(Record, Version)>, StoreError> {
        self.0.get(key).await
    }

    async fn create(&self, key: &Key, record: &Record) -> Result<Option<Version>, StoreError> {
        step("before the claim").await;
        let created = self.0.create(key, record).await;
        step("after the claim").await;
        created
    }

    async fn update(
        &self,
        key: &Key,
        record: &Record,
        version: &Version,
    ) -> Result<Option<Version>, StoreError> {
        step("before the record").await;
        let updated = self.0.update(key, record, version).await;
        step("after the record").await;
        updated
    }

    async fn delete(&self, key: &Key) -> Result<(), StoreError> {
        self.0.delete(key).await
    }
}

async fn handle(State(pool): State<AnyPool>, message: Message<String>) -> Result<()> {
    step("before the effect").await;
    let key = message.event().dedup_key();
    let mut transaction = pool.begin().await?;
    if std::env::var_os("KEY").is_some() {
        let insert = "INSERT INTO handled (key) VALUES ($1) ON CONFLICT (key) DO NOTHING";
        let inserted = sqlx::query(insert).bind(&*key);
        let inserted = inserted.execute(&mut *transaction).await?;
        if inserted.rows_affected() == 0 {
            return Ok(());
        }
    }
    let effect = sqlx::query("INSERT INTO effects (what) VALUES ($1)").bind(message.body());
    effect.execute(&mut *transaction).await?;
    step("within the effect").await;
    transaction.commit().await?;
    step("after the effect").await;
    Ok(())
}

async fn init() -> Result<impl Handler> {
    install_default_drivers();
    let url = std::env::var("DATABASE_URL")?;
    let pool = AnyPoolOptions::new()
        .max_connections(4)
        .connect(&url)
        .await?;
    for table in TABLES {
        sqlx::query(table).execute(&pool).await?;
    }
    let store = Halting(Sql::with_pool(pool.clone()).await?);
    let app = App::with_state(pool).on_message("orders", handle);
    Ok(idempotent(store, app).lease(Duration::from_secs(1)))
}

fn main() -> isobar::Exit {
    isobar::start_with(init)
}
