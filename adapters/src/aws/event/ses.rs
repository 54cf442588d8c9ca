//! SES: a mail that a receipt rule hands on.
//!
//! Source: <https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html>.

use std::borrow::Cow;

use isobar_core::{Event, Text};

use super::gather::{Content, Gathered, Id};
use super::malformed::{Malformed, Trigger};
use super::scope::{JSON, Scope};
use crate::aws::json::object;

pub(super) const TRIGGER: Trigger = Trigger {
    name: "SES",
    form: "https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda-event.html",
};

type Str<'a> = Option<Cow<'a, str>>;

object! {
    Record {
        source: Str<'a> = "eventSource",
        ses: Ses<'a> = "ses",
    }
}

object! {
    Ses {
        mail: Mail<'a> = "mail",
    }
}

object! {
    Mail {
        id: Str<'a> = "messageId",
        time: Str<'a> = "timestamp",
        headers: Common<'a> = "commonHeaders",
    }
}

object! {
    Common {
        subject: Str<'a> = "subject",
    }
}

/// Reads a delivery: one record, as the service has it.
pub(super) fn read<'a>(scope: Scope<'a>, records: &[&'a str]) -> Gathered {
    let mut gathered = Gathered::of(records.len());
    for &raw in records {
        gathered.add(Id::None, event(scope, raw).map(Content::One));
    }
    gathered
}

fn event<'a>(scope: Scope<'a>, raw: &'a str) -> Result<Event, Malformed> {
    const NAME: Text = Text::from_static("ses");
    let record = scope.read::<Record<'_>>(TRIGGER, raw)?;
    if record.source.as_deref() != Some("aws:ses") {
        return Err(TRIGGER.wrong("eventSource", "is not aws:ses as that of the first record"));
    }
    let mail = record.ses.mail;
    let id = TRIGGER.named(mail.id, "ses.mail.messageId")?;
    let ty = "com.amazonaws.ses.mail";
    let event = Event::builder(scope.name(&NAME), scope.text(id), "aws:ses", ty)
        .subject(mail.headers.subject.map(|subject| scope.text(subject)))
        .time(mail.time.map(|time| scope.text(time)))
        .data(JSON, scope.bytes(raw))
        .native(scope.bytes(raw));
    Ok(event.build())
}
