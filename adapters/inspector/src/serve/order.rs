//! What the page orders.

use http_body_util::{BodyExt, Limited};
use isobar_core::Body;
use serde::Deserialize;

use crate::{Fixture, Native, Order, Request, Sample, Store, What};

/// The longest order.
const LONGEST: usize = 4 << 20;

/// Its form in JSON: a host, and one of the others.
#[derive(Deserialize)]
struct Form {
    host: String,
    replay: Option<String>,
    native: Option<Native>,
    request: Option<Request>,
    sample: Option<Sample>,
}

/// Reads an order; why it is none, in words for the page.
pub(super) async fn read(body: Body, store: &Store) -> Result<Order, String> {
    let body = Limited::new(body, LONGEST).collect().await;
    let body = body.map_err(|error| error.to_string())?.to_bytes();
    let form: Form = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let what = match form {
        Form {
            replay: Some(id), ..
        } => {
            let record = store.get(&id).ok_or("this invocation is no longer kept")?;
            // what was cut cannot be sent again
            Fixture::of(&record).map_err(|error| error.to_string())?;
            What::Again(Box::new(record))
        }
        Form {
            native: Some(native),
            ..
        } => What::Native(native),
        Form {
            request: Some(request),
            ..
        } => What::Request(request),
        Form {
            sample: Some(sample),
            ..
        } => What::Sample(sample),
        _ => return Err("nothing is to be sent".to_owned()),
    };
    Ok(Order {
        host: form.host,
        what,
    })
}
