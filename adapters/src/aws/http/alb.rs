//! Application Load Balancers.
//!
//! Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>.

use http::uri::Scheme;

use super::answer::Door;
use super::event::{Case, Event};
use super::query;
use super::wire::Wire;

/// Reads a load balancer's request. It does not decode the query (trap 4). It vouches for nobody:
/// its `x-amzn-oidc-` headers a client can send too where a rule does not authenticate.
pub(super) fn read(event: Event<'_>) -> Wire<'_> {
    // A target group has one of two settings, and its answer must be in the same form.
    let multi = event.multi_headers.is_there;
    Wire {
        door: if multi {
            Door::AlbMulti
        } else {
            Door::AlbSingle
        },
        method: event.http_method.unwrap_or_default(),
        path: event.path.unwrap_or_default(),
        query: query::of_encoded(&event.multi_query.or(event.query, Case::Kept)).into(),
        fields: event.multi_headers.or(event.headers, Case::Ignored).pairs,
        cookies: Vec::new(),
        body: event.body,
        is_base64: event.is_base64,
        scheme: Scheme::HTTP,
        domain: None,
        stage: None,
        root_path: "".into(),
        source_ip: None,
        identity: None,
    }
}
