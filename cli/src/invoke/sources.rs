//! The triggers that samples are there for, and the options that name them.

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use isobar::testing::Source;

/// The word for a trigger, as an option has it. Triggers that have none yet are not offered.
pub(crate) fn word(source: Source) -> Option<&'static str> {
    Some(match source {
        Source::Sqs => "sqs",
        Source::SqsFifo => "sqs-fifo",
        Source::Sns => "sns",
        Source::SnsInSqs => "sns-in-sqs",
        Source::Kinesis => "kinesis",
        Source::Kafka => "msk",
        Source::ActiveMq => "activemq",
        Source::RabbitMq => "rabbitmq",
        Source::S3 => "s3",
        Source::S3EventBridge => "s3-eventbridge",
        Source::S3InSqs => "s3-in-sqs",
        Source::EventBridgeSchedule => "eventbridge-schedule",
        Source::EventBridge => "eventbridge",
        Source::DynamoDb => "dynamodb",
        Source::LambdaInvoke => "lambda-invoke",
        Source::StorageQueue => "storage-queue",
        Source::ServiceBus => "service-bus",
        Source::EventHub => "event-hub",
        Source::AzureKafka => "azure-kafka",
        Source::Blob => "blob",
        Source::EventGridBlob => "event-grid-blob",
        Source::Timer => "timer",
        Source::CosmosDb => "cosmos-db",
        Source::AzureSql => "azure-sql",
        Source::EventGrid => "event-grid",
        Source::PubSubPush => "pubsub",
        Source::PubSubEventarc => "pubsub-eventarc",
        Source::CloudTasks => "cloud-tasks",
        Source::CloudStorage => "cloud-storage",
        Source::CloudStorageNotification => "cloud-storage-notification",
        Source::CloudScheduler => "cloud-scheduler",
        Source::Firestore => "firestore",
        Source::Eventarc => "eventarc",
        Source::TypedFunction => "typed-function",
        Source::CloudEvent => "cloudevent",
        _ => return None,
    })
}

/// Options that name a trigger and an object in one.
const PUTS: [(&str, Source); 3] = [
    ("s3-put", Source::S3),
    ("blob-put", Source::Blob),
    ("gcs-put", Source::CloudStorage),
];

/// Which trigger an option names, and the object where it names one too.
#[derive(Clone, Debug, Default)]
pub(super) struct Trigger {
    /// The trigger, none where no option names one.
    pub(super) source: Option<Source>,
    /// The bucket and the key.
    pub(super) object: Option<(String, String)>,
}

impl clap::Args for Trigger {
    fn augment_args(command: Command) -> Command {
        let named = Source::ALL
            .iter()
            .filter_map(|source| Some((*source, word(*source)?)));
        let command = named.fold(command, |command, (source, word)| {
            let help = format!("A sample of {source} ({})", source.kind());
            let flag = Arg::new(word).long(word).action(ArgAction::SetTrue);
            command.arg(flag.help(help).help_heading("Triggers").group("trigger"))
        });
        PUTS.iter().fold(command, |command, (word, source)| {
            let help = format!("A sample of {source}: an object that was made");
            let option = Arg::new(*word).long(*word).value_name("BUCKET/KEY");
            command.arg(option.help(help).help_heading("Triggers").group("trigger"))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Trigger {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut trigger = Self::default();
        for source in Source::ALL {
            if word(*source).is_some_and(|word| matches.get_flag(word)) {
                trigger.source = Some(*source);
            }
        }
        for (word, source) in PUTS {
            let Some(place) = matches.get_one::<String>(word) else {
                continue;
            };
            let parts = place
                .split_once('/')
                .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty());
            let (bucket, key) = parts.ok_or_else(|| {
                let message = format!("--{word}: BUCKET/KEY is wanted, not {place}\n");
                clap::Error::raw(clap::error::ErrorKind::ValueValidation, message)
            })?;
            trigger.source = Some(source);
            trigger.object = Some((bucket.to_owned(), key.to_owned()));
        }
        Ok(trigger)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_trigger_has_a_word_of_its_own() {
        let words: HashSet<_> = Source::ALL
            .iter()
            .filter_map(|source| word(*source))
            .collect();
        assert_eq!(words.len(), Source::ALL.len());
    }
}
