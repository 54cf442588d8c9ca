//! The services before a function: HTTP in, an event to the function, its answer back to HTTP.

mod alb;
mod arrival;
mod capabilities;
mod envelope;
mod front;
mod http_api;
mod lattice;
mod rest;
mod stream;
pub mod websocket;

use std::net::IpAddr;

use serde_json::Value;

pub use front::LambdaFront;

/// A service that invokes a function for HTTP requests, and its settings.
///
/// Each makes the event as its AWS service does, and is as strict with the answer. The client's
/// address is 203.0.113.7 unless set.
#[derive(Debug, Clone)]
pub struct Door {
    shape: Shape,
    client: IpAddr,
    authorizer: Option<Value>,
}

#[derive(Debug, Clone)]
enum Shape {
    Rest(rest::Rest),
    HttpApi { stage: String },
    Url { streams: bool },
    Alb { multi: bool },
    Lattice { version: lattice::Version },
}

impl Door {
    /// A REST API (payload 1.0) with `binaryMediaTypes` of `*/*`, at this stage.
    pub fn rest_api(stage: &str) -> Self {
        Self::new(Shape::Rest(rest::Rest::new(stage)))
    }

    /// A REST API whose response transfer mode is `STREAM`.
    pub fn rest_api_stream(stage: &str) -> Self {
        Self::new(Shape::Rest(rest::Rest::new(stage).streaming()))
    }

    /// An HTTP API with payload 2.0, at a named stage or at `$default`.
    pub fn http_api(stage: &str) -> Self {
        let stage = stage.to_owned();
        Self::new(Shape::HttpApi { stage })
    }

    /// A function URL whose invoke mode is `BUFFERED`.
    pub fn function_url() -> Self {
        Self::new(Shape::Url { streams: false })
    }

    /// A function URL whose invoke mode is `RESPONSE_STREAM`.
    pub fn function_url_stream() -> Self {
        Self::new(Shape::Url { streams: true })
    }

    /// An Application Load Balancer, one value a header.
    pub fn load_balancer() -> Self {
        Self::new(Shape::Alb { multi: false })
    }

    /// An Application Load Balancer with multi-value headers.
    pub fn load_balancer_multi() -> Self {
        Self::new(Shape::Alb { multi: true })
    }

    /// VPC Lattice with event structure 2.0.
    pub fn lattice() -> Self {
        let version = lattice::Version::Two;
        Self::new(Shape::Lattice { version })
    }

    /// VPC Lattice with event structure 1.0.
    pub fn lattice_v1() -> Self {
        let version = lattice::Version::One;
        Self::new(Shape::Lattice { version })
    }

    fn new(shape: Shape) -> Self {
        Self {
            shape,
            client: IpAddr::from([203, 0, 113, 7]),
            authorizer: None,
        }
    }

    /// Sets the address that requests come from.
    #[must_use]
    pub fn client_ip(mut self, client: IpAddr) -> Self {
        self.client = client;
        self
    }

    /// Sets `requestContext.authorizer`, as an authorizer or IAM would.
    #[must_use]
    pub fn authorizer(mut self, authorizer: Value) -> Self {
        self.authorizer = Some(authorizer);
        self
    }

    /// Takes `binaryMediaTypes` off a REST API: bodies are text both ways then. Others ignore it.
    #[must_use]
    pub fn without_binary(mut self) -> Self {
        if let Shape::Rest(rest) = &mut self.shape {
            rest.binary = false;
        }
        self
    }

    /// Puts a REST API behind a custom domain with this base path mapping: paths begin with it.
    #[must_use]
    pub fn base_path(mut self, base: &str) -> Self {
        if let Shape::Rest(rest) = &mut self.shape {
            base.clone_into(&mut rest.base_path);
        }
        self
    }
}

#[cfg(test)]
mod tests;
