//! Names from ARNs: `arn:partition:service:region:account:resource`.

/// Returns the resource's part, which may hold colons itself.
fn resource(arn: &str) -> Option<&str> {
    arn.splitn(6, ':')
        .nth(5)
        .filter(|_| arn.starts_with("arn:"))
}

/// Returns the name of a queue or topic, which holds no colon; of what is no ARN, itself.
pub(super) fn name(arn: &str) -> &str {
    match arn.rsplit_once(':') {
        Some((_, name)) if arn.starts_with("arn:") => name,
        _ => arn,
    }
}

/// Returns the part of a resource that follows its kind: `customers` of
/// `table/customers/stream/2015`, where the kind is `table`.
pub(super) fn part<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let rest = resource(arn)?.strip_prefix(kind)?.strip_prefix('/')?;
    rest.split('/').next().filter(|name| !name.is_empty())
}

/// Returns the last part of a resource: `nightly` of `rule/bus/nightly`.
pub(super) fn last(arn: &str) -> &str {
    let resource = name(arn);
    resource.rsplit('/').next().unwrap_or(resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_the_resource() {
        assert_eq!(name("arn:aws:sqs:us-east-2:1:orders.fifo"), "orders.fifo");
        assert_eq!(name("orders"), "orders");
        let stream = "arn:aws:dynamodb:us-east-1:1:table/customers/stream/2015-05-11T21:21:33.291";
        assert_eq!(part(stream, "table"), Some("customers"));
        assert_eq!(part(stream, "stream"), None);
        assert_eq!(part("table/customers", "table"), None);
        assert_eq!(
            last("arn:aws:events:us-east-1:1:rule/bus/nightly"),
            "nightly"
        );
    }
}
