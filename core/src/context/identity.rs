use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{DecodeError, Text};

/// Who the host vouched for: a caller whom the host itself has authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    subject: Text,
    issuer: Option<Text>,
    claims: Bytes,
}

impl Identity {
    /// Names a caller: a user's id, a role's ARN, a service account's address.
    pub fn new(subject: impl Into<Text>) -> Self {
        Self {
            subject: subject.into(),
            issuer: None,
            claims: Bytes::new(),
        }
    }

    /// Adds who vouched for the caller: a token's issuer, or the host's own word for it.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<Text>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Adds all that the host says of the caller, as JSON in the host's own form.
    #[must_use]
    pub fn with_claims(mut self, json: Bytes) -> Self {
        self.claims = json;
        self
    }

    /// Returns the caller: a user's id, a role's ARN, a service account's address.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns who vouched for the caller; `None` where the host does not say.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Reads all that the host says of the caller, in the host's own form: not portable.
    ///
    /// # Errors
    ///
    /// When the host said nothing more, or something of another form.
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        serde_json::from_slice(&self.claims)
            .map_err(|e| DecodeError::new("the identity's claims", e))
    }
}
