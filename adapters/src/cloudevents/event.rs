use bytes::Bytes;
use isobar_core::{Event, EventBuilder, Text};

use crate::media_type::is_json;

/// The attributes and the data of one CloudEvent, before it is known what it is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CloudEvent {
    /// `id`, never empty.
    pub(crate) id: Text,
    /// `source`, never empty.
    pub(crate) source: Text,
    /// `type`, never empty.
    pub(crate) ty: Text,
    /// `subject`.
    pub(crate) subject: Option<Text>,
    /// `time`, as it was written.
    pub(crate) time: Option<Text>,
    /// `datacontenttype`.
    pub(crate) data_content_type: Option<Text>,
    /// `dataschema`.
    pub(crate) data_schema: Option<Text>,
    /// All other attributes.
    pub(crate) extensions: Vec<(Text, Text)>,
    /// The data; `None` where there is none, which differs from empty data.
    pub(crate) data: Option<Bytes>,
    /// What was delivered.
    pub(crate) native: Bytes,
}

impl CloudEvent {
    /// Takes the attributes and the data of a portable event.
    #[cfg(all(feature = "translate", feature = "gcp"))]
    pub(crate) fn of(event: &Event) -> Self {
        let pairs = event.extensions();
        Self {
            id: event.id().into(),
            source: event.source().into(),
            ty: event.ty().into(),
            subject: event.subject().map(Text::from),
            time: event.time().map(Text::from),
            data_content_type: event.data_content_type().map(Text::from),
            data_schema: event.data_schema().map(Text::from),
            extensions: pairs.map(|(n, v)| (n.into(), v.into())).collect(),
            data: event.data().cloned(),
            native: event.native().clone(),
        }
    }

    /// Returns an extension by its name.
    pub(crate) fn extension(&self, name: &str) -> Option<&Text> {
        let mut from_the_end = self.extensions.iter().rev();
        let found = from_the_end.find(|(known, _)| &**known == name);
        found.map(|(_, value)| value)
    }

    /// Begins a portable event with all attributes and no data.
    pub(crate) fn builder(&self, name: Text) -> EventBuilder {
        let (id, source, ty) = (self.id.clone(), self.source.clone(), self.ty.clone());
        let builder = Event::builder(name, id, source, ty)
            .subject(self.subject.clone())
            .time(self.time.clone())
            .data_schema(self.data_schema.clone())
            .native(self.native.clone());
        self.extensions
            .iter()
            .fold(builder, |builder, (name, value)| {
                builder.extension(name.clone(), value.clone())
            })
    }

    /// Begins a portable event with all attributes and the data as it came.
    pub(crate) fn whole(&self, name: Text) -> EventBuilder {
        let builder = self.builder(name);
        match (&self.data, &self.data_content_type) {
            (Some(data), Some(ty)) => builder.data(ty.clone(), data.clone()),
            (Some(data), None) => builder.untyped_data(data.clone()),
            (None, _) => builder,
        }
    }

    /// Makes an event of no portable kind; the last segment of its source names it.
    pub(crate) fn other(&self, logical: impl FnOnce(&Text) -> Text) -> Event {
        let name = last_segment(&self.source);
        self.whole(logical(&name)).build()
    }

    /// Returns true if the data is JSON, or does not say otherwise.
    pub(crate) fn is_json(&self) -> bool {
        self.data_content_type.as_deref().is_none_or(is_json)
    }
}

/// Returns what stands behind the last slash that something stands behind.
pub(crate) fn last_segment(path: &Text) -> Text {
    let name = path.trim_end_matches('/').rsplit('/').next();
    path.slice_ref(name.unwrap_or_default())
}

/// The attributes that are no extensions, and the data.
pub(super) fn is_context(name: &str) -> bool {
    matches!(
        name,
        "" | "specversion"
            | "id"
            | "source"
            | "type"
            | "subject"
            | "time"
            | "datacontenttype"
            | "dataschema"
            | "data"
            | "data_base64"
    )
}
