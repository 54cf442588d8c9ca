//! The theatre's books. They are kept in memory: a real one writes them to a database, the key of
//! the message and the sale in one transaction.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

/// What somebody wants.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Order {
    id: String,
    seats: u32,
}

/// What was sold so far.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Sale {
    seats_left: u32,
    orders: Vec<Order>,
    uploads: Vec<String>,
    /// Messages that came once more, and changed nothing.
    repeats: u32,
}

/// The books; a clone is the same books.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    sale: Sale,
    /// Who was served, by the key of the message.
    served: HashSet<String>,
}

impl Books {
    pub(crate) fn sale(&self) -> Sale {
        self.open().sale.clone()
    }

    pub(crate) fn stock(&self, seats: u32) {
        self.open().sale.seats_left = seats;
    }

    pub(crate) fn add(&self, seats: u32) {
        let sale = &mut self.open().sale;
        sale.seats_left = sale.seats_left.saturating_add(seats);
    }

    pub(crate) fn note(&self, upload: &str) {
        self.open().sale.uploads.push(upload.to_owned());
    }

    /// Sells seats to one order, once.
    pub(crate) fn sell(&self, key: &str, order: Order) -> Result<(), String> {
        let Inner { sale, served } = &mut *self.open();
        if served.contains(key) {
            sale.repeats += 1;
            return Ok(());
        }
        let left = sale.seats_left.checked_sub(order.seats);
        sale.seats_left = left.ok_or_else(|| format!("{} seats are not left", order.seats))?;
        sale.orders.push(order);
        served.insert(key.to_owned());
        Ok(())
    }

    fn open(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
