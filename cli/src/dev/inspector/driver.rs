//! What the page has sent: through the host that serves, or one that is started beside it.

use std::sync::Arc;

use async_trait::async_trait;
use isobar::testing::Source;
use isobar_inspector::{Driver, Host as Shown, Order as Wanted, Record, Sample, Trigger, What};

use super::Sides;
use crate::dev::Order;
use crate::dev::deliver;
use crate::dev::host::Host;
use crate::dev::switch::Switch;
use crate::explain;
use crate::fail::Result;
use crate::invoke::{self, KINDS, Parts, Sent};
use crate::manifest::Cloud;
use crate::project::Project;

/// All hosts that are played.
#[derive(Debug)]
pub(super) struct Hosts {
    /// As it was at the start.
    project: Project,
    switch: Arc<Switch>,
    sides: Arc<Sides>,
}

const LOCAL: &str = "local";

impl Hosts {
    pub(super) fn new(project: &Project, switch: Arc<Switch>, sides: Arc<Sides>) -> Self {
        Self {
            project: project.clone(),
            switch,
            sides,
        }
    }

    fn project(&self) -> Project {
        self.sides.project().unwrap_or_else(|| self.project.clone())
    }

    /// What is to be sent, as `invoke` would send it.
    fn orders(&self, wanted: &Wanted) -> Result<Vec<Sent>> {
        let (project, host) = (self.project(), wanted.host.as_str());
        Ok(match &wanted.what {
            What::Again(record) => invoke::replayed(&project, host, record)?,
            What::Request(request) => vec![invoke::of_request(request)],
            What::Native(native) => {
                let path = native.target().map_or("/", |(_, target)| target);
                let headers = native.headers.clone();
                let body = native.body.bytes();
                vec![invoke::of_native(native.line.clone(), path, headers, body)]
            }
            What::Sample(sample) => {
                let source = source(host, sample)?;
                vec![invoke::of_sample(&project, host, source, &parts(sample))?]
            }
        })
    }

    async fn deliver(&self, host: &Host, sent: Sent) -> std::result::Result<(), String> {
        match sent.order {
            Order::Http(order) => deliver::http(host.front().as_ref(), order).await?,
            Order::Event(order) => deliver::event(host, order).await?,
            Order::Status => return Ok(()),
        };
        Ok(())
    }
}

fn source(host: &str, sample: &Sample) -> Result<Source> {
    let named = |source: &Source| invoke::word(*source) == Some(&*sample.trigger);
    let found = Source::ALL.iter().copied().find(named);
    let found = found.or_else(|| invoke::source(host, &sample.trigger));
    found.ok_or_else(|| {
        let message = format!("there is no trigger {}", sample.trigger);
        crate::fail::Failure::new(crate::fail::Kind::Usage, message)
    })
}

fn parts(sample: &Sample) -> Parts {
    let said = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Parts {
        source: said(&sample.name),
        body: sample.bodies.clone(),
        key: said(&sample.key),
        ty: said(&sample.key),
        ..Parts::default()
    }
}

#[async_trait]
impl Driver for Hosts {
    fn hosts(&self) -> Vec<Shown> {
        let project = self.project();
        let clouds = Cloud::ALL.map(|cloud| (cloud.word(), cloud.host()));
        let mut hosts: Vec<_> = { clouds.into_iter().chain([(LOCAL, "This machine")]) }
            .map(|(word, title)| Shown {
                word: word.to_owned(),
                title: title.to_owned(),
                triggers: triggers(&project, word),
            })
            .collect();
        let now = self.switch.now().map(|served| served.host.inner().word());
        hosts.sort_by_key(|host| Some(host.word.as_str()) != now);
        hosts
    }

    async fn send(&self, wanted: Wanted) -> std::result::Result<(), String> {
        let orders = self
            .orders(&wanted)
            .map_err(|failure| failure.to_string())?;
        let now = self.switch.now();
        let now = now.filter(|served| served.host.inner().word() == wanted.host);
        let beside;
        let host = if let Some(served) = &now {
            &served.host
        } else {
            let started = self.sides.host(&wanted.host).await;
            beside = started.map_err(|failure| failure.to_string())?;
            &*beside
        };
        for sent in orders {
            self.deliver(host, sent).await?;
        }
        Ok(())
    }

    fn effect(&self, record: &Record) -> Option<String> {
        explain::effect(record).map(str::to_owned)
    }
}

/// A machine that is no cloud takes each kind, as a `CloudEvent`.
fn triggers(project: &Project, host: &str) -> Vec<Trigger> {
    let of = |source: Source, word: &str, title: String| Trigger {
        word: word.to_owned(),
        title,
        kind: source.kind().as_str().to_owned(),
        name: invoke::wanted_name(project, source.kind()),
        batches: source.takes_batches() && host != LOCAL,
    };
    if host == LOCAL {
        let kinds = KINDS.into_iter();
        let all = kinds.filter_map(|kind| Some((kind, invoke::source(host, kind.as_str())?)));
        return { all }
            .map(|(kind, source)| of(source, kind.as_str(), format!("{kind} by POST")))
            .collect();
    }
    let own = Source::ALL
        .iter()
        .filter(|source| source.provider().to_string() == host);
    own.filter_map(|source| {
        Some(of(
            *source,
            invoke::word(*source)?,
            source.title().to_owned(),
        ))
    })
    .collect()
}
