//! Cold starts: from the program's spawn to its being ready, and to its first answer.

use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use super::cloud_run;
use crate::http::Client;
use crate::lambda::Api;
use crate::process::Launch;
use crate::stats::{self, Problem};

/// Microseconds, the middle of many starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Start {
    /// Until the first poll, or until it listens.
    pub ready: f64,
    pub answered: f64,
}

#[derive(Debug, Default)]
struct Starts {
    ready: Vec<f64>,
    answered: Vec<f64>,
}

impl Starts {
    fn add(&mut self, at: Instant, ready: Instant) {
        self.ready.push(stats::micros(ready - at));
        self.answered.push(stats::micros(at.elapsed()));
    }

    fn middle(&self) -> Start {
        Start {
            ready: stats::median(&self.ready),
            answered: stats::median(&self.answered),
        }
    }
}

/// Starts of two programs in turns, by the Runtime API.
pub(crate) async fn lambda(
    programs: [&Path; 2],
    event: &Rc<[u8]>,
    starts: usize,
) -> Result<[Start; 2], Problem> {
    let mut all = [Starts::default(), Starts::default()];
    for _ in 0..starts {
        for (program, taken) in programs.into_iter().zip(&mut all) {
            let mut api = Api::listen().await?;
            let mut running = api.around(Launch::new(program)).start()?;
            let ready = api.first_poll(&mut running).await?;
            api.invoke(event, 1).await?;
            taken.add(running.at, ready);
            running.end()?;
        }
    }
    Ok(all.map(|starts| starts.middle()))
}

/// Starts of two servers in turns.
pub(crate) async fn server(
    programs: [&Path; 2],
    request: &Rc<[u8]>,
    starts: usize,
) -> Result<[Start; 2], Problem> {
    let mut all = [Starts::default(), Starts::default()];
    for _ in 0..starts {
        for (program, taken) in programs.into_iter().zip(&mut all) {
            let (launch, port) = cloud_run::server(program)?;
            let mut running = launch.start()?;
            let mut client = Client::connect(port, &mut running).await?;
            let ready = Instant::now();
            client.send(request, 1, 1).await?;
            taken.add(running.at, ready);
            drop(client);
            running.end()?;
        }
    }
    Ok(all.map(|starts| starts.middle()))
}
