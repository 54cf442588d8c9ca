use http::StatusCode;

/// How a sender reads answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retry {
    /// Pub/Sub, and Eventarc which is built on it: five statuses acknowledge, all others mean
    /// "again" (<https://cloud.google.com/pubsub/docs/push#receive_push>).
    PubSub,
    /// Cloud Scheduler and Cloud Tasks: a 2xx acknowledges, all others mean "again".
    Any,
    /// A broker of Knative's: most of the 4xx are final (`pkg/kncloudevents/retries.go` of
    /// <https://github.com/knative/eventing>).
    Knative,
}

impl Retry {
    pub(super) fn acknowledges(self, status: StatusCode) -> bool {
        match self {
            Self::PubSub => matches!(status.as_u16(), 102 | 200 | 201 | 202 | 204),
            Self::Any | Self::Knative => status.is_success(),
        }
    }

    pub(super) fn tries_again(self, status: StatusCode) -> bool {
        match self {
            Self::PubSub | Self::Any => true,
            Self::Knative => {
                matches!(status.as_u16(), 404 | 408 | 409 | 429) || status.is_server_error()
            }
        }
    }
}
