//! The trace context of AWS X-Ray.

use isobar_core::TraceContext;

/// Reads `Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled=0|1`, in any order, with more parts.
///
/// Source: <https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader>.
pub(super) fn context(header: &str) -> Option<TraceContext> {
    let (mut root, mut parent, mut sampled) = (None, None, false);
    for part in header.split(';') {
        match part.trim().split_once('=') {
            Some(("Root", id)) => root = id.strip_prefix("1-"),
            Some(("Parent", id)) => parent = Some(id),
            Some(("Sampled", flag)) => sampled = flag == "1",
            _ => {}
        }
    }
    let (seconds, random) = root?.split_once('-')?;
    let mut id = [0; 32];
    let (first, second) = id.split_at_mut_checked(8)?;
    copy(first, seconds)?;
    copy(second, random)?;
    TraceContext::from_parts(std::str::from_utf8(&id).ok()?, parent?, sampled)
}

fn copy(to: &mut [u8], from: &str) -> Option<()> {
    (to.len() == from.len()).then(|| to.copy_from_slice(from.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::context;

    #[test]
    fn an_xray_header_is_a_traceparent_in_another_form() {
        let header = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1;Lineage=a:b";
        assert_eq!(
            context(header).unwrap().traceparent(),
            "00-5bef4de7ad49b0e87f6ef6c87fc2e700-9a9197af755a6419-01"
        );
    }

    #[test]
    fn what_is_not_of_that_form_is_no_trace() {
        for wrong in [
            "",
            "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
            "Root=1-5bef4de7-ad49;Parent=9a9197af755a6419",
            "Root=2-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
            "Root=1-5bef4de7-é49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1",
        ] {
            assert!(context(wrong).is_none(), "{wrong}");
        }
    }
}
