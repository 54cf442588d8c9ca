//! The client's address and identity, as each front door says them.

use std::borrow::Cow;
use std::net::IpAddr;

use bytes::Bytes;
use isobar_core::{HeaderMap, Identity};

use super::http::event::{Certificate, Event, RequestContext};
use super::json::{Raw, document, object};
use crate::config::Environment;
use crate::{RunError, forwarded};

/// Where the client's address stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rules {
    proxies: usize,
}

impl Rules {
    pub(super) fn new(environment: &Environment) -> Result<Self, RunError> {
        let wanted = "a number of proxies is wanted, such as 1 behind CloudFront";
        Ok(Self {
            proxies: environment.value("ISOBAR_PROXIES", wanted)?.unwrap_or(0),
        })
    }

    /// Returns the client's address: the front door's own word, else the last entry of
    /// `X-Forwarded-For`, which is the load balancer's own. Behind proxies it stands as many
    /// entries further left.
    pub(super) fn client_ip(self, headers: &HeaderMap, source: Option<&str>) -> Option<IpAddr> {
        let Some(source) = source.and_then(|text| forwarded::parse_ip(text.trim())) else {
            return forwarded::client_ip(headers, self.proxies);
        };
        if self.proxies == 0 {
            return Some(source);
        }
        let own = forwarded::entries(headers)
            .position(|entry| entry == Some(source))
            .map_or(0, |at| at + 1);
        let further = forwarded::client_ip(headers, (own + self.proxies).saturating_sub(1));
        Some(further.unwrap_or(source))
    }
}

type Text<'a> = Option<Cow<'a, str>>;

object! {
    /// `requestContext.authorizer`: what stands in it depends on the authorizer.
    Authorizer {
        jwt: Jwt<'a> = "jwt",
        iam: Iam<'a> = "iam",
        lambda: Raw<'a> = "lambda",
        claims: Raw<'a> = "claims",
        principal: Text<'a> = "principalId",
        subject: Text<'a> = "sub",
    }
}

object! {
    /// A token's claims, as payload 2.0 has them.
    Jwt {
        claims: Raw<'a> = "claims",
    }
}

object! {
    /// An IAM caller, as payload 2.0 has it.
    Iam {
        user_arn: Text<'a> = "userArn",
        caller: Text<'a> = "callerId",
        user: Text<'a> = "userId",
        cognito: CognitoIdentity<'a> = "cognitoIdentity",
    }
}

object! {
    /// A user of a Cognito identity pool.
    CognitoIdentity {
        id: Text<'a> = "identityId",
        pool: Text<'a> = "identityPoolId",
    }
}

object! {
    /// The claims that name a caller.
    Claims {
        subject: Text<'a> = "sub",
        client: Text<'a> = "client_id",
        issuer: Text<'a> = "iss",
    }
}

/// Who called, of payload 1.0 and WebSocket APIs: a Cognito user or a token's subject, a Lambda
/// authorizer's principal, an IAM caller, a client certificate.
pub(super) fn of_rest(context: &RequestContext<'_>) -> Option<Identity> {
    let caller = &context.identity;
    let authorized = || {
        let raw = context.authorizer;
        let authorizer = authorizer(raw)?;
        of_claims(authorizer.claims).or_else(|| of_principal(&authorizer.principal, raw))
    };
    authorized()
        .or_else(|| issued(&caller.cognito_id, &caller.cognito_pool))
        .or_else(|| of_iam([&caller.user_arn, &caller.caller, &caller.user]))
        .or_else(|| of_certificate(&caller.client_certificate))
}

/// Who called, of payload 2.0: a token's subject, an IAM caller, a Lambda authorizer's principal, a
/// client certificate.
pub(super) fn of_http_api(context: &RequestContext<'_>) -> Option<Identity> {
    let authorized = || {
        let authorizer = authorizer(context.authorizer)?;
        let iam = &authorizer.iam;
        of_claims(authorizer.jwt.claims)
            .or_else(|| issued(&iam.cognito.id, &iam.cognito.pool))
            .or_else(|| of_iam([&iam.user_arn, &iam.caller, &iam.user]))
            .or_else(|| of_lambda(authorizer.lambda))
    };
    authorized().or_else(|| of_certificate(&context.authentication.client_certificate))
}

/// Who called, of VPC Lattice. Structure 1.0 alone has it in a header, which Lattice takes off incoming
/// requests: <https://docs.aws.amazon.com/vpc-lattice/latest/ug/http-targets.html>.
pub(super) fn of_lattice(event: &Event<'_>) -> Option<Identity> {
    let header = || {
        let mut fields = event.headers.pairs.iter();
        let (_, value) = fields.find(|f| f.0.eq_ignore_ascii_case("x-amzn-lattice-identity"))?;
        value
            .split(';')
            .find_map(|part| part.trim().strip_prefix("Principal="))
    };
    let principal = match &event.lattice_path {
        Some(_first) => header()?,
        None => event.context.identity.principal.as_deref()?,
    };
    named(principal).map(|identity| identity.with_issuer(IAM))
}

/// Who vouches for an IAM caller.
const IAM: &str = "AWS_IAM";

fn authorizer(raw: Raw<'_>) -> Option<Authorizer<'_>> {
    document(raw.0?).ok()
}

/// A client's own token has a client for its subject.
fn of_claims(raw: Raw<'_>) -> Option<Identity> {
    let json = raw.0?;
    let claims: Claims<'_> = document(json).ok()?;
    let identity = issued(&claims.subject.or(claims.client), &claims.issuer)?;
    Some(identity.with_claims(Bytes::copy_from_slice(json.as_bytes())))
}

fn of_lambda(raw: Raw<'_>) -> Option<Identity> {
    let said = authorizer(raw)?;
    of_principal(&said.principal.or(said.subject), raw)
}

fn of_principal(principal: &Text<'_>, raw: Raw<'_>) -> Option<Identity> {
    let json = raw.0?;
    let identity = named(principal.as_deref()?)?;
    Some(identity.with_claims(Bytes::copy_from_slice(json.as_bytes())))
}

fn of_iam(names: [&Text<'_>; 3]) -> Option<Identity> {
    let identity = names.into_iter().find_map(|name| named(name.as_deref()?))?;
    Some(identity.with_issuer(IAM))
}

fn of_certificate(certificate: &Certificate<'_>) -> Option<Identity> {
    issued(&certificate.subject, &certificate.issuer)
}

fn issued(subject: &Text<'_>, issuer: &Text<'_>) -> Option<Identity> {
    let identity = named(subject.as_deref()?)?;
    Some(match issuer.as_deref() {
        Some(issuer) => identity.with_issuer(issuer),
        None => identity,
    })
}

fn named(subject: &str) -> Option<Identity> {
    (!subject.is_empty()).then(|| Identity::new(subject))
}
