//! An event's members that are read, of all shapes at once: one pass tells them apart and has read
//! them.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::aws::event::Records;
use crate::aws::json::{Long, Raw, Read, object, value};
use crate::json::{Malformed, Reader};

type Text<'a> = Option<Cow<'a, str>>;

object! {
    /// The event as a whole.
    Event {
        version: Text<'a> = "version",
        http_method: Text<'a> = "httpMethod",
        method: Text<'a> = "method",
        path: Text<'a> = "path",
        raw_path: Text<'a> = "rawPath",
        lattice_path: Text<'a> = "raw_path",
        raw_query: Text<'a> = "rawQueryString",
        query: Fields<'a> = "queryStringParameters" | "query_string_parameters",
        multi_query: Fields<'a> = "multiValueQueryStringParameters",
        headers: Fields<'a> = "headers",
        multi_headers: Fields<'a> = "multiValueHeaders",
        cookies: Vec<Cow<'a, str>> = "cookies",
        body: Long<'a> = "body",
        is_base64: bool = "isBase64Encoded" | "is_base64_encoded",
        context: RequestContext<'a> = "requestContext",
        records: Records<'a> = "Records",
        kind: Text<'a> = "type",
        method_arn: Text<'a> = "methodArn" | "routeArn",
        detail_type: Text<'a> = "detail-type",
        origin: Text<'a> = "source",
        source: Text<'a> = "eventSource",
        service: Text<'a> = "Service",
        tested: Text<'a> = "Event",
        logs: Signs = "awslogs",
        window: Signs = "window",
        trigger: Text<'a> = "triggerSource",
        user_pool: Text<'a> = "userPoolId",
        user: Text<'a> = "userName",
        region: Text<'a> = "region",
        request: Signs = "request",
        response: Signs = "response",
    }
}

object! {
    /// `requestContext`, in which the front door speaks for itself.
    RequestContext {
        path: Text<'a> = "path",
        stage: Text<'a> = "stage",
        domain: Text<'a> = "domainName",
        http: Http<'a> = "http",
        elb: Signs = "elb",
        identity: Identity<'a> = "identity",
        authorizer: Raw<'a> = "authorizer",
        authentication: Authentication<'a> = "authentication",
        connection_id: Text<'a> = "connectionId",
        event_type: Text<'a> = "eventType",
        service_arn: Text<'a> = "serviceArn" | "serviceNetworkArn",
    }
}

object! {
    /// `requestContext.http` of payload 2.0.
    Http {
        method: Text<'a> = "method",
        source_ip: Text<'a> = "sourceIp",
    }
}

object! {
    /// `requestContext.identity`, of payload 1.0 and of VPC Lattice.
    Identity {
        source_ip: Text<'a> = "sourceIp",
        user_arn: Text<'a> = "userArn",
        caller: Text<'a> = "caller",
        user: Text<'a> = "user",
        cognito_id: Text<'a> = "cognitoIdentityId",
        cognito_pool: Text<'a> = "cognitoIdentityPoolId",
        client_certificate: Certificate<'a> = "clientCert",
        kind: Text<'a> = "type",
        principal: Text<'a> = "principal",
    }
}

object! {
    /// `requestContext.authentication` of payload 2.0.
    Authentication {
        client_certificate: Certificate<'a> = "clientCert",
    }
}

object! {
    /// A client's certificate, which the front door has verified.
    Certificate {
        subject: Text<'a> = "subjectDN",
        issuer: Text<'a> = "issuerDN",
    }
}

/// Whether a member is an object; what is in it is read elsewhere, if at all.
#[derive(Debug, Default)]
pub(in crate::aws) struct Signs {
    pub(in crate::aws) is_there: bool,
}

impl<'a> Read<'a> for Signs {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), Malformed> {
        self.is_there = true;
        object.object(|value, _name| value.pass())
    }
}

/// A map of headers or of a query: names and values in the order in which they stand, whether a
/// value is a text or a list of texts.
#[derive(Debug, Default)]
pub(in crate::aws) struct Fields<'a> {
    /// False for null, and for what is no map.
    pub(in crate::aws) is_there: bool,
    pub(in crate::aws) pairs: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

/// Whether names differ that only their case tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Case {
    /// As of headers: they are the same.
    Ignored,
    /// As of a query's parameters: they differ.
    Kept,
}

impl Case {
    fn are_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Ignored => one == other || one.eq_ignore_ascii_case(other),
            Self::Kept => one == other,
        }
    }

    /// The same for all that are the same.
    fn key(self, name: &str) -> String {
        match self {
            Self::Ignored => name.to_ascii_lowercase(),
            Self::Kept => name.to_owned(),
        }
    }
}

/// So many names are looked through one by one, which costs less than a set of them.
const FEW: usize = 64;

impl Fields<'_> {
    /// Adds the pairs of `other` whose names these have not: nothing is doubled (trap 2).
    pub(in crate::aws) fn or(mut self, other: Self, case: Case) -> Self {
        if self.pairs.is_empty() {
            return other;
        }
        let known = self.pairs.len();
        let keys = self.pairs.iter().map(|(name, _)| case.key(name));
        let set: Option<HashSet<String>> = (known > FEW).then(|| keys.collect());
        // Most often both have the same names in the same order.
        let mut next = 0;
        for (name, value) in other.pairs {
            let is_same = |own: &(Cow<'_, str>, _)| case.are_same(&own.0, &name);
            if next < known && self.pairs.get(next).is_some_and(is_same) {
                next += 1;
                continue;
            }
            let is_known = match &set {
                Some(set) => set.contains(&case.key(&name)),
                None => self.pairs.iter().take(known).any(is_same),
            };
            if !is_known {
                self.pairs.push((name, value));
            }
        }
        self
    }
}

impl<'a> Read<'a> for Fields<'a> {
    fn object(&mut self, object: &mut Reader<'a>) -> Result<(), Malformed> {
        self.is_there = true;
        self.pairs.reserve(16);
        object.object(|values, name| {
            if values.is_next(b'[') {
                return values.list(|one| {
                    let one: Text<'a> = value(one)?;
                    self.pairs.extend(one.map(|one| (name.clone(), one)));
                    Ok(())
                });
            }
            let one: Text<'a> = value(values)?;
            self.pairs.extend(one.map(|one| (name, one)));
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_known_by_their_names_in_whatever_order_they_are() {
        let fields = |names: &str| Fields {
            is_there: true,
            pairs: { names.split(' ') }
                .map(|name| (name.to_owned().into(), names.to_owned().into()))
                .collect(),
        };
        for (own, other, case, wanted) in [
            ("a b c", "a b c", Case::Kept, "a b c"),
            ("a b c", "c b a", Case::Kept, "a b c"),
            ("a a b", "a b", Case::Kept, "a a b"),
            ("a b", "a x B b", Case::Kept, "a b x B"),
            ("a b", "A x B b", Case::Ignored, "a b x"),
            ("a b", "a b x x", Case::Kept, "a b x x"),
        ] {
            let all = fields(own).or(fields(other), case);
            let names: Vec<_> = all.pairs.iter().map(|(name, _)| &**name).collect();
            assert_eq!(names.join(" "), wanted, "{own} and {other}");
        }
    }
}
