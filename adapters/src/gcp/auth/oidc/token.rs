//! A token, and what it has to say.

use base64_simd::URL_SAFE_NO_PAD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

use crate::cloudevents::json::Members;

/// What stands in place of a signature that Google's front end has checked and taken off: on a
/// service that is public, where it checks nothing, only a client can have written it.
const REMOVED: &str = "SIGNATURE_REMOVED_BY_GOOGLE";

/// Both spellings of Google's own name.
const ISSUERS: [&str; 2] = ["https://accounts.google.com", "accounts.google.com"];

/// How far two clocks may be apart, in seconds.
const SKEW: i64 = 60;

/// Why a token is not accepted: for the log alone.
pub(super) type Reason = &'static str;

/// A token whose signature is not checked yet.
#[derive(Debug)]
pub(super) struct Token<'t> {
    /// Header and payload, as they were signed.
    signed: &'t str,
    claims: Vec<u8>,
    signature: Vec<u8>,
    pub(super) key_id: String,
}

impl<'t> Token<'t> {
    /// Reads a token; its algorithm is the one that is wanted, or it is refused.
    pub(super) fn parse(text: &'t str) -> Result<Self, Reason> {
        let (signed, signature) = text.rsplit_once('.').ok_or("it has not three parts")?;
        if signature == REMOVED {
            return Err(
                "its signature was removed, which only happens on a service that IAM checks",
            );
        }
        let (header, claims) = signed.split_once('.').ok_or("it has not three parts")?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part).ok();
        let header = decode(header).ok_or("its header is not base64")?;
        let header = std::str::from_utf8(&header).ok().and_then(Members::of);
        let header = header.ok_or("its header is no JSON object")?;
        if header.get("alg") != Some("\"RS256\"") {
            return Err("its algorithm is not RS256");
        }
        if header.value("crit").is_some() {
            return Err("it has critical extensions");
        }
        let key_id = header.text("kid").ok_or("it names no key")?.into_owned();
        Ok(Self {
            signed,
            key_id,
            claims: decode(claims).ok_or("its claims are not base64")?,
            signature: decode(signature).ok_or("its signature is not base64")?,
        })
    }

    /// Checks the signature, then the claims.
    pub(super) fn check(&self, key: &Key, wanted: &Wanted, now: i64) -> Result<(), Reason> {
        let components = RsaPublicKeyComponents {
            n: &key.n,
            e: &key.e,
        };
        components
            .verify(
                &RSA_PKCS1_2048_8192_SHA256,
                self.signed.as_bytes(),
                &self.signature,
            )
            .map_err(|_unspecified| "its signature is wrong")?;
        let claims = std::str::from_utf8(&self.claims).ok().and_then(Members::of);
        wanted.check(&claims.ok_or("its claims are no JSON object")?, now)
    }
}

/// A key of Google's: modulus and exponent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
}

/// What a token has to say.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) audiences: Vec<String>,
    pub(super) senders: Vec<String>,
}

impl Wanted {
    fn check(&self, claims: &Members<'_>, now: i64) -> Result<(), Reason> {
        // A number or a list has no place where a text is wanted.
        let text = |name| {
            let value = claims.get(name).filter(|value| value.starts_with('"'));
            value
                .and_then(crate::cloudevents::json::text)
                .unwrap_or_default()
        };
        let is_in = |all: &[String], one: &str| all.iter().any(|own| own == one);
        if !ISSUERS.contains(&&*text("iss")) {
            return Err("it is not issued by Google");
        }
        if !is_in(&self.audiences, &text("aud")) {
            return Err("it is for another audience");
        }
        let moment = |name| {
            claims
                .number::<f64>(name)
                .ok_or("it does not say when it holds")
        };
        let (from, until) = (moment("iat")?, moment("exp")?);
        #[expect(clippy::cast_precision_loss, reason = "seconds of this age are exact")]
        let (now, skew) = (now as f64, SKEW as f64);
        if until.is_nan() || until + skew <= now {
            return Err("it has expired");
        }
        if from.is_nan() || from - skew > now {
            return Err("it is of the future");
        }
        if claims.get("email_verified") != Some("true") {
            return Err("its e-mail address is not verified");
        }
        if !is_in(&self.senders, &text("email")) {
            return Err("its service account is not among ISOBAR_EVENTS_SENDERS");
        }
        Ok(())
    }
}
